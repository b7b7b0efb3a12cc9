"""Calendars and JSON of whatever a record may hold."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.json_text import json_text
from api.workplace.calendar_file import Entry, calendar_file
from ledger import text

STAMP = "20240101T000000Z"


def _unseen(written: str) -> set[str]:
    return {c for c in written if c not in "\n\r\t" and not text.allowed(c)}


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
