"""Which axis cuts which input of an answer at (D, K).

Everything known is cut by K, and by nothing else. How far it reaches is another matter, and each input says it itself:

=========  =======================  ======================================================================
input      known                    reaches
=========  =======================  ======================================================================
an event   recorded by K            what it does: the days from its own effective day on (``Live.of``)
a text     enacted by K             the days on which it is in force
a reading  recorded by K            the days from ``applies_from`` on; all days if ``retroactive``
a calendar recorded by K            the days of its year
=========  =======================  ======================================================================

So a reading, a text or a calendar that was recorded late, or takes effect as an act after D, still counts at D for the
days that it is about: the law is the same at every D of one K. Only the day for which a rule is asked picks from it.

What was annulled from the start reaches no day. What was annulled from a day on reaches the days before, at every D.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ledger.derivation.history import A, Live, LiveEvent
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.regulation.periods import YearCalendar


def known(live: Live, kind: type[A]) -> list[tuple[LiveEvent[A], date | None]]:
    """Statements of the law by K, whatever their day, each with the day from which it is annulled."""
    ended = live.ended()
    # Before every day there is nothing that an annulment from a day on has ended yet.
    whole = live.at(date.min) if ended else live
    return [(event, ended.get(event.id)) for event in whole.known_of(kind)]


def text_reaches(from_on: date | None, lapses: Iterable[tuple[date, date | None]], day: date) -> bool:
    """Is a text in force on a day: from its first one on, and not repealed, or not any more?"""
    out = any(first <= day and (again is None or day < again) for first, again in lapses)
    return from_on is not None and from_on <= day and not out


def reading_reaches(reading: RegulationInterpreted, ended: date | None, day: date) -> bool:
    """Does a reading hold for an act on a day?"""
    return (reading.retroactive or reading.applies_from <= day) and (ended is None or day < ended)


def calendars(live: Live) -> dict[int, YearCalendar]:
    """The arrangement of each year; one that replaces another is known later, whatever days the two bear."""
    years: dict[int, YearCalendar] = {}
    for event, ended in sorted(known(live, CalendarPublished), key=lambda one: one[0].position):
        p = event.payload
        days = frozenset(p.holidays), frozenset(p.makeup_workdays)
        years[p.year] = YearCalendar(*days, event.id, ended, years.get(p.year))
    return years


def turns_of_law(live: Live) -> Iterator[date]:
    """The days on which what the law says of a day may change, though nothing happens on them."""
    for reading, ended in known(live, RegulationInterpreted):
        yield from (day for day in (reading.payload.applies_from, ended) if day is not None)
    for text, ended in known(live, RegulationEnacted):
        yield from (day for day in (text.payload.in_force_on, ended) if day is not None)
    for repeal, ended in known(live, RegulationRepealed):
        yield from (day for day in (repeal.payload.repealed_on, ended) if day is not None)
