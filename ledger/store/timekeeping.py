"""The clock of a machine that records: the wall clock, as long as the other clocks at hand agree with it.

One statement recorded under a clock that is ahead dates every later one, since time never goes back in a log. So an
instant is given only while wall clock and monotonic clock have gone on together since this process started, and the
database's clock, where it is another machine's, agrees. Being set while the process runs looks like being wrong, and is
answered by a restart once the time is right.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ledger.clock import TOLERANCE, format_instant, system_clock
from ledger.errors import UnavailableError
from ledger.sentences import Pair, sentence


def _monotonic() -> float:
    """Seconds since some moment, going on while the machine sleeps where the system has such a clock (Linux)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Timekeeper:
    """A clock that refuses to tell a time which another clock contradicts."""

    def __init__(
        self, wall: Callable[[], datetime] = system_clock, monotonic: Callable[[], float] = _monotonic
    ) -> None:
        self.wall = wall
        self._monotonic = monotonic
        self._began = (wall(), monotonic())

    def __call__(self) -> datetime:
        """Now, aware UTC.

        Raises UnavailableError (``clock_wrong``) where the wall clock was set while the process ran.
        """
        now = self.wall()
        began_at, began = self._began
        expected = began_at + timedelta(seconds=self._monotonic() - began)
        if abs(now - expected) > TOLERANCE:
            raise clock_wrong(
                sentence(
                    "this machine's clock says {now}, while {expected} is what has passed since the service started: "
                    "it was "
                    "set in between",
                    now=format_instant(now),
                    expected=format_instant(expected),
                ),
                sentence("make sure that it is right, then restart the service"),
            )
        return now

    def compare(self, database: datetime, ours: datetime) -> None:
        """Raise UnavailableError unless the clock of the database's machine, asked at ``ours``, agrees."""
        if abs(database - ours) > TOLERANCE:
            raise clock_wrong(
                sentence(
                    "this machine's clock says {ours}, the database's {theirs}",
                    ours=format_instant(ours),
                    theirs=format_instant(database),
                ),
                sentence("set both right"),
            )


def check_not_behind(now: datetime, last: datetime | None) -> None:
    """Raise UnavailableError where the last entry is of a time that has not come: then its clock was wrong, or ours
    is.
    """
    if last is not None and now < (last - TOLERANCE).astimezone(UTC):
        raise clock_wrong(
            sentence(
                "the last entry was recorded at {last}, and it is {now} here",
                last=format_instant(last),
                now=format_instant(now),
            ),
            sentence(
                "if our clock is behind, set it right; if that entry bears a wrong time, two founders record a "
                "correction "
                "of the clock, and nothing is recorded before that, or before that time has come"
            ),
            last_recorded_at=format_instant(last),
        )


def clock_wrong(told: Pair, remedy: Pair, **details: object) -> UnavailableError:
    """Nothing is recorded under a clock that others contradict."""
    return UnavailableError(
        "clock_wrong",
        sentence("{told}; nothing is recorded: {remedy}", told=told, remedy=remedy),
        **details,
    )
