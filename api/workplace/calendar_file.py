"""Deadlines as an iCalendar file (RFC 5545): all-day events, in UTF-8, lines folded at 75 octets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta


def calendar_file(name: str, rows: Iterable[tuple[date, str, str]], stamp: str) -> bytes:
    """``rows`` are day, summary and description; ``stamp`` is the instant of the answer as ``YYYYMMDDTHHMMSSZ``."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rongjian//Deadlines//ZH", f"X-WR-CALNAME:{_text(name)}"]
    for day, summary, description in rows:
        uid = hashlib.sha256(f"{name}\n{day}\n{summary}\n{description}".encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT", f"UID:{uid}@rongjian", f"DTSTAMP:{stamp}", f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}", f"SUMMARY:{_text(summary)}", f"DESCRIPTION:{_text(description)}", "END:VEVENT",
        ]  # fmt: skip
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _text(value: str) -> str:
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


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
