"""The day on which a fold stands, as it looks at it: up to which later day would it have seen the same?

Most folds look at the day only to compare it: with the end of a ban, or with the day of a ruling. What they compare it
with is noted, so that the answer is known to hold for later days too, up to the first with which it would have compared
otherwise. Whatever else is done with the day, such as counting from it or writing it, holds for this day alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Protocol, overload

_ONE_DAY = timedelta(days=1)


class Lasting(Protocol):
    """Where it is noted up to which day what was seen of the day is the same."""

    last: date


class NotedDay(date):
    """A day that notes how it is looked at. ``plain`` is the day for whoever keeps it."""

    __slots__ = ("_noted", "plain")

    plain: date
    _noted: Lasting

    def __new__(cls, day: date, noted: Lasting) -> NotedDay:
        self = super().__new__(cls, day.year, day.month, day.day)
        self.plain, self._noted = day, noted
        return self

    def _until(self, last: date) -> None:
        if last < self._noted.last:
            self._noted.last = last

    def _taken(self) -> date:
        """The day itself, for what holds of it alone."""
        self._until(self.plain)
        return self.plain

    # Comparisons: what they say holds up to a day.

    def __lt__(self, other: date) -> bool:
        other = plain_day(other)
        if self.plain < other:
            self._until(other - _ONE_DAY)
            return True
        return False

    def __ge__(self, other: date) -> bool:
        return not self < other

    def __le__(self, other: date) -> bool:
        other = plain_day(other)
        if self.plain <= other:
            self._until(other)
            return True
        return False

    def __gt__(self, other: date) -> bool:
        return not self <= other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, date):
            return False
        compared: date = plain_day(other)
        if self.plain <= compared:
            self._until(self.plain if self.plain == compared else compared - _ONE_DAY)
        return self.plain == compared

    def __ne__(self, other: object) -> bool:
        return not self == other

    # Whatever else: it holds of this day alone.

    def __hash__(self) -> int:
        return hash(self._taken())

    def __add__(self, other: timedelta) -> date:  # type: ignore[override]
        return self._taken() + other

    def __radd__(self, other: timedelta) -> date:  # type: ignore[override]
        return other + self._taken()

    @overload  # type: ignore[override]
    def __sub__(self, other: date, /) -> timedelta: ...
    @overload
    def __sub__(self, other: timedelta, /) -> date: ...
    def __sub__(self, other: date | timedelta, /) -> date | timedelta:
        day = self._taken()
        return day - plain_day(other) if isinstance(other, date) else day - other

    def __rsub__(self, other: date) -> timedelta:
        return other - self._taken()

    @property
    def year(self) -> int:
        return self._taken().year

    @property
    def month(self) -> int:
        return self._taken().month

    @property
    def day(self) -> int:
        return self._taken().day

    def __format__(self, form: str) -> str:
        return format(self._taken(), form)

    def __str__(self) -> str:
        return str(self._taken())

    def __repr__(self) -> str:
        return repr(self._taken())

    def __reduce__(self) -> tuple[type[date], tuple[int, int, int]]:
        day = self._taken()
        return date, (day.year, day.month, day.day)

    def __reduce_ex__(self, _protocol: object) -> tuple[type[date], tuple[int, int, int]]:
        return self.__reduce__()


def _alone(name: str) -> Callable[..., object]:
    def method(self: NotedDay, *given: object, **named: object) -> object:
        own: Callable[..., object] = getattr(self._taken(), name)
        return own(*given, **named)

    return method


for _name in (
    "ctime",
    "isocalendar",
    "isoformat",
    "isoweekday",
    "replace",
    "strftime",
    "timetuple",
    "toordinal",
    "weekday",
):
    setattr(NotedDay, _name, _alone(_name))


def plain_day(day: date) -> date:
    """A day as it is kept: one that notes how it is looked at may not outlive the fold."""
    return day.plain if isinstance(day, NotedDay) else day
