"""Arithmetic of periods, once for all regulations (readings B-1 to B-17 in docs/spec/readings.md).

The start day is not counted; a period of years or months ends on the corresponding day, or on the month's last
day where there is none (Civil Code arts 201, 202 by analogy: the five texts give no counting rule). Ends are
inclusive days. Working days come from a calendar; a year nobody has published is an error that folds turn
into ``undetermined``, never an extrapolation.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from ledger.errors import InvariantError

#: No legal period here is longer; a loop over days stops there.
DAYS_MAX = 3660

Unit = Literal["year", "month", "day", "working_day"]

_SATURDAY = 5


class UnknownCalendarYearError(Exception):
    """The working-day calendar of ``year`` has not been published (as far as is known at K)."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no calendar published for {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """One year's arrangement: rest days beside weekends, and weekend days that are worked.

    From ``until`` on it was annulled; what was published before it holds for these days again.
    """

    holidays: frozenset[date]
    makeup_workdays: frozenset[date]
    event_id: str
    until: date | None = None
    before: YearCalendar | None = None

    def reaching(self, day: date) -> YearCalendar | None:
        """The arrangement that holds for a day of the year."""
        if self.until is None or day < self.until:
            return self
        return self.before.reaching(day) if self.before is not None else None


@dataclass(frozen=True, slots=True)
class WorkdayCalendar:
    """Published years (B-3). Empty means that no year is known."""

    years: Mapping[int, YearCalendar] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Raises UnknownCalendarYearError where the year has not been published."""
        published = self.years.get(day.year)
        year = published.reaching(day) if published is not None else None
        if year is None:
            raise UnknownCalendarYearError(day.year)
        return day in year.makeup_workdays or (day.weekday() < _SATURDAY and day not in year.holidays)

    def sources(self, first: date, last: date) -> tuple[str, ...]:
        """Ids of the calendar events that a computation from first to last rests on."""
        return tuple(self.years[y].event_id for y in range(first.year, last.year + 1) if y in self.years)


def add_months(day: date, months: int) -> date:
    """The corresponding day ``months`` later, or the month's last day (B-10)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def months_between(first: date, last: date) -> int:
    """Whole months from ``first`` to ``last``: the most n with ``first`` + n months not after ``last``."""
    months = (last.year - first.year) * 12 + last.month - first.month
    while months > 0 and add_months(first, months) > last:
        months -= 1
    return max(0, months)


def add_years(day: date, years: int) -> date:
    """Same month and day ``years`` later; 29 February becomes 28 February (B-10)."""
    return add_months(day, 12 * years)


def add_workdays(day: date, count: int, workdays: WorkdayCalendar) -> date:
    """The ``count``-th working day after ``day``; the start day is not counted (B-1)."""
    current = day
    for _ in range(DAYS_MAX):
        if count == 0:
            return current
        current += timedelta(days=1)
        if workdays.is_workday(current):
            count -= 1
    raise InvariantError("a period longer than ten years of days")


def roll_over(day: date, workdays: WorkdayCalendar) -> date:
    """A last day that is no working day moves to the next one (B-2; Civil Code art. 203 by analogy)."""
    current = day
    for _ in range(DAYS_MAX):
        if workdays.is_workday(current):
            return current
        current += timedelta(days=1)
    raise InvariantError("ten years without a working day")


def period_end(start: date, amount: int, unit: Unit, workdays: WorkdayCalendar) -> date:
    """Last day, inclusive, of a period that starts on ``start`` (not counted). No roll-over."""
    match unit:
        case "year":
            return add_years(start, amount)
        case "month":
            return add_months(start, amount)
        case "day":
            return start + timedelta(days=amount)
        case "working_day":
            return add_workdays(start, amount, workdays)


def ends_by_counting(start: date, length: int, unit: str, calendar: WorkdayCalendar) -> dict[str, date]:
    """The last day of a notice by each way of counting that Chinese practice knows; ``unit`` is ``working_day`` or
    ``day``.

    With the first day counted or not; plain days as working days, as calendar days, or these moved on from a rest day.
    """
    ends: dict[str, date] = {}
    for first_counted in (False, True):
        n = length - 1 if first_counted else length
        days = {"working_days": add_workdays(start, n, calendar)}
        if unit == "day":
            plain = start + timedelta(days=n)
            days |= {"calendar_days": plain, "calendar_days_moved_on": roll_over(plain, calendar)}
        ends |= {f"{name}{',first_day_counted' if first_counted else ''}": day for name, day in days.items()}
    return ends
