"""Calendars and JSON of whatever a record may hold; and a page asked by a time that is not to be believed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.json_text import json_text
from api.public.ribbon import sentences
from api.v1.asking import Axes
from api.workplace.calendar_file import Entry, calendar_file
from ledger import text
from ledger.derivation.doubts import Doubt
from projections.notice_state import notice_on
from tests.builders import Town

STAMP = "20240101T000000Z"


def _unseen(written: str) -> set[str]:
    return {c for c in written if c not in "\n\r\t" and text.visible(c) != c}


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text()), max_size=4))
def test_json_shows_nothing_unseen_and_keeps_it(value: dict[str, Any]) -> None:
    written = json_text(value)
    assert _unseen(written) == set()
    assert json.loads(written) == json.loads(json.dumps(value))


@given(st.lists(st.tuples(st.dates(date(1900, 1, 1), date(2999, 12, 30)), st.text(), st.text()), max_size=4), st.text())
def test_a_calendar_file_is_lines_of_75_octets_whatever_it_says(
    entries: list[tuple[date, str, str]], name: str
) -> None:
    written = calendar_file(name, entries, STAMP)
    assert max(len(line) for line in written.split(b"\r\n")) <= 75
    lines = written.replace(b"\r\n ", b"").decode("utf-8").split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(entries)
    assert [line for line in lines if _unseen(line) or (line and ":" not in line)] == []


def test_a_deadline_keeps_its_uid_whatever_its_state_day_and_words() -> None:
    def uid(entry: Entry) -> bytes:
        return calendar_file("x", [entry], STAMP).split(b"UID:")[1].split(b"\r\n")[0]

    one = Entry(date(2024, 1, 1), "报告 A", "到期", "log\naward\nA", "CONFIRMED")
    later = one._replace(day=date(2025, 1, 1), summary="report A", description="late", status="CANCELLED")
    assert uid(one) == uid(later)
    assert uid(one) != uid(one._replace(identity="log\naward\nB"))


def test_a_page_asked_by_a_time_that_is_not_to_be_believed_says_so(town: Town) -> None:
    class Log:
        ledger = town.ledger

    doubt = Doubt(100, 120, datetime(2024, 1, 1, tzinfo=UTC), 130, datetime(2024, 2, 1, tzinfo=UTC))
    at = Axes(date(2024, 6, 30), 110, doubt)
    said = sentences(Log, "zh", at, Axes(date(2026, 6, 1), 400))  # type: ignore[arg-type]
    assert said[-1].startswith("第 100 至 120 条的登记时间经时钟校正列为存疑")


def test_a_notice_that_nobody_closed_is_over_by_its_own_days(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    events = town.ledger.events()
    opened = next(e.statement.payload for e in events if e.statement.type == "PublicNoticeOpened")
    closing = next(e.statement.id for e in events if e.statement.type == "PublicNoticeClosed")
    annulled = {"target": closing, "reason": "error", "effect": "void_ab_initio"}
    town.must("EventAnnulled", date(2023, 6, 21), by="dis", as_="DIS", **annulled)
    days, size = (opened.opened_on, date(2026, 11, 1)), town.ledger.size()
    found = [notice_on(town.ledger, opened.notice_id, day, size) for day in days]
    assert [(n["notice_state"], n["running"]) for n in found if n] == [("running", True), ("over_not_closed", False)]
