"""A notice is over by its own days, whether or not somebody has recorded its end."""

from __future__ import annotations

from datetime import date

import pytest

from projections import public_pages
from projections.notice_state import NoticeDays, notice_on
from projections.public_pages import Corner
from tests.builders import Town

OPENED, PROMISED = date(2023, 6, 20), date(2023, 6, 30)


def _days(lawful_end: date | None = None, *, closed: bool = False) -> NoticeDays:
    return NoticeDays(OPENED, PROMISED, lawful_end, closed)


@pytest.mark.parametrize(
    ("days", "on", "state"),
    [
        (_days(), date(2023, 6, 19), "not_begun"),
        (_days(), OPENED, "running"),
        (_days(), PROMISED, "running"),
        (_days(), date(2023, 7, 1), "over_not_closed"),
        # The days that the rules give it count where they are more than it promises, and never less.
        (_days(date(2023, 7, 3)), date(2023, 7, 3), "running"),
        (_days(date(2023, 7, 3)), date(2023, 7, 4), "over_not_closed"),
        (_days(date(2023, 6, 25)), PROMISED, "running"),
        (_days(closed=True), date(2023, 6, 25), "closed"),
        (_days(closed=True), date(2024, 1, 1), "closed"),
    ],
)
def test_what_a_notice_is_follows_its_days_and_whether_it_was_closed(days: NoticeDays, on: date, state: str) -> None:
    assert days.state(on) == state


def test_a_notice_that_nobody_closed_runs_no_longer_than_its_days(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 8, 1))
    opened = next(e.statement.payload for e in town.ledger.events() if e.statement.type == "PublicNoticeOpened")
    override = {"override": {"reason": "补办（演示）", "instrument_no": "演〔2023〕3号（演示）", "by": "sup"}}
    town.must(
        "PublicNoticeOpened",
        date(2023, 8, 2),
        cases=["A"],
        notice_id="N-open",
        promised_end=date(2023, 8, 20),
        **override,
    )
    size = town.ledger.size()

    def states(on: date) -> dict[str, tuple[str, bool]]:
        rows = public_pages.notices(public_pages.editions(town.ledger, Corner(on, size)))
        return {n["notice_id"]: (n["state"], n["running"]) for n in rows}

    assert states(date(2023, 8, 20)) == {opened.notice_id: ("closed", False), "N-open": ("running", True)}
    assert states(date(2026, 11, 1)) == {opened.notice_id: ("closed", False), "N-open": ("over_not_closed", False)}
    # Asked for by itself it is told the same; before it was opened, not at all.
    alone = notice_on(town.ledger, "N-open", date(2026, 11, 1), size)
    assert alone is not None
    assert (alone["notice_state"], alone["running"], alone["promised_end"]) == ("over_not_closed", False, "2023-08-20")
    assert notice_on(town.ledger, "N-open", date(2023, 8, 1), size) is None
