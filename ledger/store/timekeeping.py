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
                f"this machine's clock says {format_instant(now)}, while {format_instant(expected)} is what has "
                "passed since "
                "the service started: it was set in between",
                f"本机时钟为 {format_instant(now)}，按服务启动以来的时长应为 {format_instant(expected)}：运行中时钟被改动",
                "make sure that it is right, then restart the service",
                "请确认时间正确后重启服务",
            )
        return now

    def compare(self, database: datetime, ours: datetime) -> None:
        """Raise UnavailableError unless the clock of the database's machine, asked at ``ours``, agrees."""
        if abs(database - ours) > TOLERANCE:
            raise clock_wrong(
                f"this machine's clock says {format_instant(ours)}, the database's {format_instant(database)}",
                f"本机时钟为 {format_instant(ours)}，数据库所在机器为 {format_instant(database)}",
                "set both right",
                "请校正两者",
            )


def check_not_behind(now: datetime, last: datetime | None) -> None:
    """Raise UnavailableError where the last entry is of a time that has not come: then its clock was wrong, or ours
    is.
    """
    if last is not None and now < (last - TOLERANCE).astimezone(UTC):
        raise clock_wrong(
            f"the last entry was recorded at {format_instant(last)}, and it is {format_instant(now)} here",
            f"最后一条的登记时间为 {format_instant(last)}，而此处现在是 {format_instant(now)}",
            "if our clock is behind, set it right; if that entry bears a wrong time, two founders record a "
            "correction of the clock, "
            "and nothing is recorded before that, or before that time has come",
            "若本机时钟落后，请校正；若该条时间有误，须由两位创立人登记时钟校正，在此之前或该时间到来之前不登记任何内容",
            last_recorded_at=format_instant(last),
        )


def clock_wrong(en: str, zh: str, remedy: str, remedy_zh: str, **details: object) -> UnavailableError:
    """Nothing is recorded under a clock that others contradict."""
    return UnavailableError(
        "clock_wrong", f"{en}; nothing is recorded: {remedy}", f"{zh}；暂不登记任何内容：{remedy_zh}", **details
    )
