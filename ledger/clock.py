"""Time as an argument: the one place that reads a clock, and the day rule of the effective axis.

Instants are aware UTC with microseconds; days are days in Asia/Shanghai (the effective axis has day
granularity there; China has had one time zone without daylight saving since 1992).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

#: Asia/Shanghai as a fixed offset: the ledger covers 2004 onwards, when the zone had no other offset.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

Clock = Callable[[], datetime]

#: How far clocks may differ: more than any drift that NTP leaves, less than what anybody would rest a decision on.
TOLERANCE: Final = timedelta(seconds=5)

#: Length of ``2026-11-21T03:08:29.123456Z``; entries are framed with it (see ledger/store/recorder.py).
INSTANT_LENGTH = 27


def system_clock() -> datetime:
    """Now, aware UTC. Only edges pass this on; the domain receives instants as arguments."""
    return datetime.now(UTC)


def shanghai_day(instant: datetime) -> date:
    """The calendar day in Asia/Shanghai of an aware instant."""
    return instant.astimezone(SHANGHAI).date()


def format_instant(instant: datetime) -> str:
    """RFC 3339 UTC with exactly six decimals and ``Z``: the form of ``recorded_at`` in entries."""
    # "+00:00" at its end becomes "Z".
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"
