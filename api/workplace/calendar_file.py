"""Deadlines as an iCalendar file (RFC 5545): all-day events, in UTF-8, lines folded at 75 octets.

A deadline has one UID for ever, whatever its state, its day and the reader's language, so that a calendar which takes a
later file changes the event that it has. SEQUENCE says which of two files is the later one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal, NamedTuple

from ledger.text import visible

Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


class Entry(NamedTuple):
    """One deadline.

    ``identity`` is what it is, apart from its state and day; without one its summary within the calendar.
    """

    day: date
    summary: str
    description: str
    identity: str = ""
    status: Status = "CONFIRMED"


def sequence_of(as_of: date, known_at: int) -> int:
    """The revision of a file made at (D, K): it grows with either, and fits 31 bits for as long as there are logs."""
    return (as_of - date(1970, 1, 1)).days + known_at


def calendar_file(name: str, entries: Iterable[tuple[date, str, str] | Entry], stamp: str, sequence: int = 0) -> bytes:
    """``stamp`` is the instant of the answer as ``YYYYMMDDTHHMMSSZ``."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rongjian//Deadlines//ZH", f"X-WR-CALNAME:{_text(name)}"]
    for given in entries:
        e = Entry(*given)
        identity = e.identity or f"{name}\n{e.summary}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(identity.encode()).hexdigest()[:32]}@rongjian",
            f"DTSTAMP:{stamp}",
            f"SEQUENCE:{max(0, sequence)}",
            f"DTSTART;VALUE=DATE:{e.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{e.day + timedelta(days=1):%Y%m%d}",
            f"STATUS:{e.status}",
            f"SUMMARY:{_text(e.summary)}",
            f"DESCRIPTION:{_text(e.description)}",
            "END:VEVENT",
        ]
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _text(value: str) -> str:
    """A value of type TEXT (3.3.11): one line, with whatever the file must not hold as its code point."""
    text = visible(value.replace("\r\n", "\n").replace("\r", "\n"))
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """No line longer than 75 octets, and no character cut in two."""
    parts: list[bytes] = []
    current = b""
    for character in line:
        octets = character.encode()
        if len(current) + len(octets) > (75 if not parts else 74):
            parts.append(current)
            current = b""
        current += octets
    return b"\r\n ".join([*parts, current]) + b"\r\n"
