"""What flags say over time: as known earlier, after a correction, with findings; and from a slice as from the whole
log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from ledger.derivation.answer import plain
from ledger.derivation.history import History
from projections.as_of import state, tell
from projections.facts import EDITION_FLAGS
from projections.flags.inspection import edition_flags
from projections.flags.register import FLAGS
from projections.inquiry.flag_queue import Wanted, flag_queue
from tests.flags.course import Course
from tests.flags.fault import SUMMER, WINTER
from tests.flags.faults_of_awards import accident, settled
from tests.flags.faults_of_reviews import rf08, rf14
from tests.flags.playing import PacedClock, Played, perform, played

Schema = Callable[[], tuple[str, str]]


@pytest.fixture
def faulty(database_url: str, new_schema: Schema) -> Iterator[Played]:
    """An accident before the filing that was ignored, a score changed after the report, a clawback that is late."""
    course = Course("ZY", applicants=6, second=False, force=True)
    rf14(course)
    settled(course)
    with played(course, database_url, *new_schema()) as town:
        yield town


def _flags(town: Played, on: date, known: int | None = None, edition: str = "ZY-2023") -> dict[str, Any]:
    told = tell(town.ledger, EDITION_FLAGS, edition, on, town.ledger.size() if known is None else known)
    return {row["flag"]: row for row in told.answer.to_json()["value"]["flags"]}


def test_an_inspection_of_the_slice_says_what_one_of_the_whole_log_says(faulty: Played) -> None:
    ledger = faulty.ledger
    for known in (ledger.size(), ledger.size() // 2):
        live, law = state(History(ledger.events(until=known)), ledger.packs(), WINTER, known)
        whole = edition_flags(live, law, "ZY-2023")
        assert plain(whole.value()) == plain(tell(ledger, EDITION_FLAGS, "ZY-2023", WINTER, known).answer.value())


def test_a_flag_appears_with_the_entry_that_proves_it_and_says_since_when(faulty: Played) -> None:
    [hit] = _flags(faulty, WINTER)["RF14"]["hits"]
    assert (hit["since"], hit["known_since"]) == ("2023-05-09", "2023-05-09")
    assert _flags(faulty, WINTER, hit["known_at"])["RF14"]["outcome"] == "raised"
    assert _flags(faulty, WINTER, hit["known_at"] - 1)["RF14"]["outcome"] == "clear"
    assert _flags(faulty, date(2023, 5, 8))["RF14"]["outcome"] == "clear"
    [late] = _flags(faulty, WINTER)["RF33"]["hits"]
    assert (late["since"], late["thresholds"]) == ("2023-12-01", {"due_on": "2023-11-30"})
    assert _flags(faulty, date(2023, 11, 30))["RF33"]["outcome"] == "clear"


def _more(town: Played, do: str, on: date, **members: Any) -> str:
    clock = town.player._clock
    assert isinstance(clock, PacedClock)
    return perform(
        town.player,
        clock,
        {"do": do, "on": on, "edition": "ZY-2023", **members},
        f"{do}/{on}/{members.get('label', '')}",
    )


def test_a_correction_of_the_record_clears_a_flag_from_its_own_position_on(
    database_url: str, new_schema: Schema
) -> None:
    course = Course("GZ", applicants=6, second=False, force=True)
    rf08(course)
    for line in course.find("IncidentRecorded"):
        line["label"] = "incident"
    with played(course, database_url, *new_schema()) as town:
        before = town.ledger.size()
        assert _flags(town, SUMMER, edition="GZ-2023")["RF08"]["outcome"] == "raised"
        _more(town, "EventAnnulled", date(2023, 8, 1), target="incident", reason="overturned", by="dis", as_="DIS")
        assert _flags(town, SUMMER, edition="GZ-2023")["RF08"]["outcome"] == "clear"
        assert _flags(town, SUMMER, before, edition="GZ-2023")["RF08"]["outcome"] == "raised"


@pytest.mark.parametrize(
    ("demand", "steps", "expected"),
    [
        ("explain", (), "questioned"),
        ("explain", ("answer",), "explained"),
        ("explain", ("answer", "accept"), "dismissed"),
        ("explain", ("answer", "reject"), "confirmed"),
        ("correct", (), "confirmed"),
        ("correct", ("answer", "accept"), "settled"),
    ],
)
def test_findings_give_a_flag_its_state_and_change_no_fact(
    demand: str, steps: tuple[str, ...], expected: str, database_url: str, new_schema: Schema
) -> None:
    course = Course("GZ", applicants=4, winners=1, second=False, force=True)
    accident(course)
    with played(course, database_url, *new_schema()) as town:
        before = _flags(town, WINTER, edition="GZ-2023")["RF31"]
        assert before["hits"][0]["state"] == "open"
        day = date(2023, 12, 11)
        _more(
            town,
            "OversightFindingIssued",
            day,
            finding_id="F1",
            flag_ids=["RF31"],
            targets=["accident"],
            severity="high",
            demand=demand,
            answer_due=date(2023, 12, 29),
            by="dis",
            as_="DIS",
        )
        for step in steps:
            by, role = ("sec", "SEC") if step == "answer" else ("dis", "DIS")
            _more(town, "OversightFindingAnswered", day, finding_id="F1", step=step, by=by, as_=role)
        after = _flags(town, WINTER, edition="GZ-2023")["RF31"]
        assert (after["hits"][0]["state"], after["hits"][0]["findings"]) == (expected, ["F1"])
        handled = ("state", "findings")
        assert [{k: v for k, v in h.items() if k not in handled} for h in after["hits"]] == [
            {k: v for k, v in h.items() if k not in handled} for h in before["hits"]
        ]


def test_the_queue_filters_by_everything_it_names(faulty: Played) -> None:
    known = faulty.ledger.size()

    def rows(**wanted: Any) -> set[str]:
        return {r["flag"] for r in flag_queue(faulty.ledger, WINTER, known, Wanted(**wanted))["rows"]}

    everything = rows()
    assert {"RF10", "RF14", "RF33"} <= everything
    assert rows(flags=("RF33",)) == {"RF33"}
    assert rows(severity="C") <= {f for f in everything if "C" in FLAGS[f].texts.severities}
    assert "RF33" in rows(award="ZY-2023-A")
    assert rows(award="ZY-2023-B") == set()
    assert rows(person="R2") == {"RF14"}
    assert rows(state="confirmed") == set()
    assert rows(pack="GZ") == set()
    assert "RF33" not in rows(older_than=100)
    assert "RF14" in rows(older_than=100)


def test_every_flag_says_an_outcome_under_every_text_and_why_it_is_off(database_url: str, new_schema: Schema) -> None:
    with played(Course("GZ", applicants=4, winners=1, second=False), database_url, *new_schema()) as town:
        rows = _flags(town, SUMMER, edition="GZ-2023")
    assert sorted(rows) == sorted(FLAGS)
    off = {f: row["not_applicable"] for f, row in rows.items() if row["outcome"] == "not_applicable"}
    assert {"RF04", "RF05", "RF12", "RF15"} <= off.keys()
    assert all(off.values())
