"""A history: everything that happens under one regulation over the years, in the order in which it is recorded.

Editions, and what comes after each award, go on beside one another. Each is told by itself, act after act
(``lines.py``); the one that goes on earliest is asked for its next act, which is signed and handed out. What is over is
forgotten: a history of a thousand editions takes as much memory as one of ten.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from api.generate.afterwards import Afterwards
from api.generate.applying import Applying
from api.generate.case import Setting
from api.generate.chances import Chances, seed_bytes
from api.generate.days import LAST_DAY, beginnings, calendars, workday
from api.generate.deciding import Deciding
from api.generate.field import Field
from api.generate.lines import Mending, Told, act
from api.generate.names import Organisations, person_name, phrase
from api.generate.reviewing import Reviewing
from api.generate.terms import REGULATIONS, Terms
from api.scenario.cast import Cast
from api.scenario.defaults import Filler, Memory
from api.scenario.document import Act, Scenario
from api.scenario.founding import Founding, Implied
from api.scenario.play import SimulatedClock
from api.scenario.signing import Hand
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.events.vocabulary import EVENTS
from ledger.submission import Submission

#: People sign one thing after the other; an office with several rooms records one in so many seconds.
PACE = timedelta(seconds=20)
#: Most applicants of one edition: a list of them is one statement.
APPLICANTS_MAX = 400
#: Reviewers in the pool of whom each edition has a panel, and how many of them may lead one.
_POOL = tuple(f"R{n}" for n in range(1, 16))
_LEADERS, _PANEL = 5, 5
_COMMITTEE = 4
#: From the founding of the log, and the enactment of its text, to the first edition.
_BEFORE, _ISSUED_BEFORE = timedelta(days=40), timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A signed statement, and the instant at which it is to be recorded, or soon after."""

    submission: Submission
    instant: datetime
    act: Act


@dataclass(slots=True)
class _Thread:
    """Something under way: who tells it, by which memory its acts are filled in, and how many there were."""

    name: str
    told: Told[None]
    hand: Hand
    memory: Memory
    acts: int = 0


@dataclass(order=True, slots=True)
class _Next:
    """The next act of something under way; the earliest goes first, of one day the one that is older."""

    day: date
    order: int
    act: Act = field(compare=False)
    thread: _Thread = field(compare=False)


class History:
    """One history, the same again for the same log, regulation, size and seed."""

    def __init__(self, origin: str, terms: Terms, *, editions: int, applicants: int, seed: int) -> None:
        """Raises MalformedError where it would be longer than a log of this kind may be."""
        if not 1 <= applicants <= APPLICANTS_MAX:
            raise MalformedError(
                "malformed_field",
                sentence("applicants: from 1 to {most} in one edition", most=APPLICANTS_MAX),
            )
        self._origin = origin
        self._terms = terms
        self._seed = seed_bytes(seed)
        self._begins = beginnings(editions, terms.cycle)
        self.starts = workday(self._begins[0] - _BEFORE)
        organisations = Organisations(
            self._seed, terms.pack.jurisdiction_code, terms.pack.jurisdiction, self._begins[0].year
        )
        self.cast = Cast(self._seed, _scenario(terms, self.starts, organisations))
        self._field = Field(terms, organisations, self._chances("field"), applicants)
        self._founding = Founding(
            self.cast, terms.pack, called=lambda p: person_name(self._seed, p), calendars=calendars
        )
        self._rare = self._chances("rare")
        self._mending = Mending(self._chances("mending"))
        self._counters: dict[str, int] = {}
        self._queue: list[_Next] = []
        self._threads = 0

    def _chances(self, part: str) -> Chances:
        return Chances(self._seed, f"{self._terms.name}/{part}")

    def drafted(self) -> Iterator[Drafted]:
        """Every statement in its order, each signed when it is asked for."""
        clock = SimulatedClock(self.starts, PACE)
        self._begin("log", self._founded())
        self._begin("calendars", self._calendars())
        pending = iter(enumerate(self._begins, 1))
        upcoming = next(pending, None)
        while self._queue:
            while upcoming is not None and upcoming[1] <= self._queue[0].day:
                self._begin(f"edition/{upcoming[0]}", self._edition(*upcoming))
                upcoming = next(pending, None)
            item = heapq.heappop(self._queue)
            if item.day > LAST_DAY:
                break
            clock.advance(item.day)
            thread = item.thread
            thread.acts += 1
            key, instant = f"{thread.name}/{thread.acts}", clock()
            event = self.cast.statement_id(key, instant)
            submission, members = thread.hand.submission(item.act, EVENTS[item.act.do], key, event)
            thread.memory.remember(item.act.do, members, None, event)
            yield Drafted(submission, instant, item.act)
            self._go_on(item, event)

    def _begin(self, name: str, told: Told[None]) -> None:
        """Take up something that goes on beside all else."""
        memory = Memory({self._terms.name: self._terms.pack}, self._counters)
        filler = Filler(self.cast, self._terms.pack, memory)
        hand = Hand(self._origin, self.cast, self._terms.pack, memory, filler)
        first = next(told, None)
        if first is not None:
            self._threads += 1
            thread = _Thread(name, told, hand, memory)
            heapq.heappush(self._queue, _Next(first.recorded, self._threads, first, thread))

    def _go_on(self, item: _Next, event: str) -> None:
        with suppress(StopIteration):
            following = item.thread.told.send(event)
            heapq.heappush(self._queue, _Next(following.recorded, item.order, following, item.thread))

    # What there is to tell

    def _founded(self) -> Told[None]:
        """The log, its text with what it is taken to say, the pool and the committee."""
        for implied in self._founding.log():
            yield _implied(implied, self.starts)
        issued = self.starts - _ISSUED_BEFORE
        yield act(
            "RegulationEnacted",
            self.starts,
            issued_on=issued,
            adopted_on=issued,
            doc_no=phrase("doc_no", code=self._terms.code, year=issued.year, number=9),
            status="in_force",
        )
        for path, value in self._terms.readings.items():
            yield act("RegulationInterpreted", self.starts, pack_id=self._terms.code, param_path=path, value=value)
        for implied in self._founding.reviewers():
            yield _implied(implied, self.starts)
        yield _implied(self._founding.committee(), self.starts)

    def _calendars(self) -> Told[None]:
        """Every year's calendar, as it becomes known."""
        for year in range(self.starts.year, LAST_DAY.year + 1):
            for implied in self._founding.calendars(max(self.starts, date(year, 12, 1))):
                yield _implied(implied, self.starts)

    def _edition(self, number: int, begins: date) -> Told[None]:
        """An edition from its call to its closing; then each award begins a story of its own."""
        chances = self._chances(f"edition/{number}")
        leader = chances.one_of(_POOL[:_LEADERS])
        others = chances.some_of([r for r in _POOL if r != leader], _PANEL - 1)
        committee = ("chr", *self.cast.scenario.committee)
        panel = (leader, *others)
        setting = Setting(self._terms, number, begins, panel, leader, committee, chances, self._mending, self._rare)
        applicants = self._field.of_an_edition(number, begins)
        cases, day = yield from Applying(setting, applicants, self._enrolled).told()
        before = frozenset(a.organisation.id for a in applicants if a.won is not None)
        chosen = [c for c in cases if not c.out]
        if chosen:
            chosen, day = yield from Reviewing(setting, chosen).told(day)
        winners = yield from Deciding(setting, chosen, granted_before=before).told(day)
        won = {w.organisation.id for w in winners}
        for case in cases:
            if case.org not in won:
                self._field.did_not_win(case.organisation)
        for winner in winners:
            self._field.won(winner.organisation, winner.kind, winner.granted_on, number)
            for part, told in enumerate(Afterwards(setting, winner).several()):
                self._begin(f"award/{winner.award_id}/{part}", told)

    def _enrolled(self, org: str, on: date) -> Told[None]:
        for implied in self._founding.enrolled(org, "organisation", self.cast.scenario.organisations[org], on):
            yield _implied(implied, self.starts)


def _implied(implied: Implied, starts: date) -> Act:
    return act(implied.do, implied.on or starts, by=implied.by, with_=implied.with_, also=implied.members)


def _scenario(terms: Terms, starts: date, organisations: Organisations) -> Scenario:
    """The cast's scenario: it has people and organisations, and no act."""
    return Scenario(
        name=f"history-{terms.name}",
        file="",
        title=terms.pack.title,
        title_en=terms.pack.title_en,
        pack=REGULATIONS[terms.name],
        origin=None,
        mode="simulation",
        complete=True,
        starts=starts,
        organisations=organisations,
        reviewers={r: {"leader": r in _POOL[:_LEADERS]} for r in _POOL},
        committee=tuple(f"C{n}" for n in range(1, _COMMITTEE + 1)),
        acts=(),
        expectations=(),
        folder=Path(),
    )
