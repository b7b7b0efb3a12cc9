"""The days of a history: working days by the calendars that it publishes, and on which days its editions begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TypeVar

from api.generate.names import phrase
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.regulation.shipped import SeedCalendar, seed_calendars

T = TypeVar("T")

#: Nothing is told of later days: a history ends before anybody reads it.
LAST_DAY = date(2025, 12, 31)
#: The newest edition begins by this day, so that there is something to tell of what came after it.
_NEWEST = date(2024, 3, 1)
#: As far back as the calendars of the State Council that are shipped, with a year before the first edition.
_OLDEST = date(2006, 1, 5)
_ONE_DAY = timedelta(days=1)
#: Editions of a long history overlap, and begin so many days apart at the least.
_APART = 40
#: Most editions of one history: the first of more would lie before the years in which an award can be.
EDITIONS_MAX = 480

_FIRST_YEAR = 1948
_FIXED_HOLIDAYS = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


@cache
def calendars() -> Mapping[int, SeedCalendar]:
    """Shipped calendars by year; of earlier years one with the fixed holidays only, which says that it is made up."""
    seeds = seed_calendars()
    invented = {
        year: SeedCalendar(year, tuple(date(year, m, d) for m, d in _FIXED_HOLIDAYS), (), phrase("calendar"))
        for year in range(_FIRST_YEAR, min(seeds))
    }
    return invented | seeds


@cache
def _rest_days(year: int) -> tuple[frozenset[date], frozenset[date]]:
    known = calendars().get(year)
    if known is None:
        return frozenset(), frozenset()
    return frozenset(known.holidays), frozenset(known.makeup_workdays)


def _is_worked(day: date) -> bool:
    holidays, made_up = _rest_days(day.year)
    return day in made_up or (day.weekday() < 5 and day not in holidays)


def workday(day: date) -> date:
    """The day, or the first after it on which people work."""
    while not _is_worked(day):
        day += _ONE_DAY
    return day


@lru_cache(maxsize=4_096)
def workdays_after(day: date, number: int) -> date:
    """So many working days later, or earlier where the number is below zero."""
    step = _ONE_DAY if number > 0 else -_ONE_DAY
    for _ in range(abs(number)):
        day += step
        while not _is_worked(day):
            day += step
    return workday(day)


def spread(several: Iterable[T], first: date, a_day: int) -> Iterator[tuple[date, T]]:
    """Each with the working day that it falls on: from the first on, so many a day."""
    for number, one in enumerate(several):
        yield workdays_after(first, number // a_day), one


def beginnings(editions: int, cycle: int) -> list[date]:
    """On which days so many editions begin, every ``cycle`` years; closer where the years would not suffice."""
    if not 1 <= editions <= EDITIONS_MAX:
        raise MalformedError(
            "malformed_field",
            sentence("editions: from 1 to {most}; more entries are made by more applicants", most=EDITIONS_MAX),
        )
    gaps = editions - 1
    apart = 365.25 * cycle
    if gaps * apart > (_NEWEST - _OLDEST).days:
        apart = max(_APART, (_NEWEST - _OLDEST).days / gaps)
    return [workday(_NEWEST - timedelta(days=round((gaps - number) * apart))) for number in range(editions)]
