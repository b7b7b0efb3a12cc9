"""Subjects whose timelines are kept: a further entry makes anew the answers that may rest on it, and no others.

An answer is a fold of what it reads. Whatever a fold asks, of events and of the law, is noted; so that an answer is
made anew where what is asked would be found otherwise, on the days from the entry's own on. What is kept costs an entry
what it changes, not what was recorded of the subject before. Both ways give the same register
(``tests/projections/test_timelines.py``).
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush
from weakref import WeakKeyDictionary

from ledger.derivation.growing import Asked, Change, GrowingHistory
from ledger.derivation.history import EVER, Reads
from ledger.derivation.law import Consulted, LawQuestion
from ledger.derivation.noted_day import NotedDay, plain_day
from ledger.derivation.setting_aside import turns_of_rulings
from ledger.entry import RecordedEvent
from ledger.errors import InvariantError
from ledger.events.after_award import AwardSetAside
from ledger.events.application import ApplicationFiled
from ledger.events.registry import Payload
from ledger.regulation.pack import Pack
from projections.deriving import FAULTS
from projections.facts import Fact, facts_about
from projections.kept_law import STATEMENTS_OF_LAW, KeptLaw, RestsOnLaw
from projections.reach import Reach, about_entries
from projections.resting import Resting, RestsOn
from projections.slices import GLOBAL_TYPES, Source, org_of, reach_of
from projections.timelines import Segment, Timelines, answered, limited, merged, of_a_fault, too_many

#: Entries that another process may have gone on by before what is kept is given up.
BEHIND_MAX = 2_000

#: The share of the room that subjects may take that are kept no more and rest.
RESTING_SHARE = 4

#: What an entry that is kept counts for, and a day on which a fact is answered, in characters of answers.
ENTRY_COUNTS_FOR = 1_000
DAY_COUNTS_FOR = 300

#: What kinds of acts everybody's answers turn on, if only one asks for them.
_OF_LAW = STATEMENTS_OF_LAW | {Payload}
#: Classes of what concerns everybody, for which some answers ask.
_OF_ALL = frozenset({Payload, *GLOBAL_TYPES})


class Slice:
    """The entries on which subjects' answers rest, and what each further one of them has changed."""

    def __init__(self, reach: Reach, law: KeptLaw) -> None:
        self.reach = reach
        self.history = GrowingHistory(STATEMENTS_OF_LAW)
        self.changes: list[Change] = []
        self._law = law
        self._new: list[RecordedEvent] = list(reach.found.values())
        self._of_all = 0

    def take(self, event: RecordedEvent) -> list[RecordedEvent]:
        """Take in a further entry of the log, and whatever it leads to: the entries that are new here."""
        new = self.reach.offer(event)
        self._new += new
        return new

    def events(self) -> list[RecordedEvent]:
        """All the entries that are known."""
        return [*self.reach.found.values(), *self._law.events]

    def grown(self) -> int:
        """How many changes there have been; those of entries taken in since are told from now on."""
        if self._new or self._of_all < len(self._law.events):
            self._new += self._law.events[self._of_all :]
            self._of_all = len(self._law.events)
            new, self._new = self._new, []
            try:
                self.changes += self.history.grow(new)
            except FAULTS:
                # Annulments in a circle: no answer can be had, now or at the next entry.
                self.history = GrowingHistory(STATEMENTS_OF_LAW)
                self._new, self._of_all, self.changes = list(self.reach.found.values()), 0, []
                raise
        return len(self.changes)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer of a day, the days on which it turns, what it rests on, and the days whose text it asked for.

    ``last`` is the last day that the fold would have seen as it saw its own; ``today`` says that it asked the law about
    its own.
    """

    stored: str
    turns_on: frozenset[date]
    rests_on: _RestsOn
    in_force: frozenset[date]
    last: date
    today: bool

    def lasts(self, own: date, until: date, history: GrowingHistory, turns: Sequence[date]) -> bool:
        """Is it the answer of a later day too? Nothing that was asked for has happened in between, the fold would look
        at the day in the same way, and the law does not turn, where it was asked.
        """
        if until > self.last:
            return False
        if self.today and bisect_right(turns, until) != bisect_right(turns, own):
            return False
        return not history.asked_between(self.rests_on[0], own, until)


#: What was asked of events and of the law. Most days of a fact ask the same.
_RestsOn = tuple[Asked, frozenset[LawQuestion]]


class _FactKept:
    """The answers of one fact by day, and the days by what their answers rest on."""

    def __init__(self) -> None:
        self.by_day: dict[date, _Answer] = {}
        #: Of how many days an answer is, by its place in memory: it is held as long.
        self._days_of: dict[int, int] = {}
        #: Characters of the answers, and what days count for.
        self.size = 0
        self._by_rest: dict[_RestsOn, tuple[_RestsOn, list[date]]] = {}

    def rest_on(self) -> Collection[_RestsOn]:
        """What the answers that are kept rest on."""
        return self._by_rest.keys()

    def keep(self, day: date, kept: _Answer) -> None:
        self.by_day[day] = kept
        days = self._days_of.get(id(kept), 0)
        self._days_of[id(kept)] = days + 1
        self.size += DAY_COUNTS_FOR + (0 if days else len(kept.stored))
        insort(self._by_rest[kept.rests_on][1], day)

    def once(self, rests_on: _RestsOn) -> _RestsOn:
        """The same, kept once."""
        return self._by_rest.setdefault(rests_on, (rests_on, []))[0]

    def drop(self, day: date) -> _Answer:
        kept = self.by_day.pop(day)
        self._days_of[id(kept)] -= 1
        self.size -= DAY_COUNTS_FOR
        if not self._days_of[id(kept)]:
            del self._days_of[id(kept)]
            self.size -= len(kept.stored)
        days = self._by_rest[kept.rests_on][1]
        del days[bisect_left(days, day)]
        if not days:
            del self._by_rest[kept.rests_on]
        return kept

    def touched(self, changes: list[Change], questions: frozenset[LawQuestion], in_force: frozenset[date]) -> set[date]:
        """The days whose answers may be others now."""
        found = set[date]()
        if not changes and not questions and not in_force:
            return found
        for (asked, of_law), days in self._by_rest.values():
            first = date.min if not questions.isdisjoint(of_law) else asked.touched_from(changes)
            if first is not None:
                found.update(days[bisect_left(days, first) :])
        if in_force:
            found.update(
                day
                for day, kept in self.by_day.items()
                if (kept.today and day in in_force) or not in_force.isdisjoint(kept.in_force)
            )
        return found


class FollowedTimelines:
    """The timelines of one subject, kept from one position to the next."""

    def __init__(self, kind: str, subject: str) -> None:
        self._named = f"{kind}:{subject}"
        self._facts = facts_about(kind, listed_only=True)
        self._forget()

    def _forget(self) -> None:
        self._kept = {fact.name: _FactKept() for fact in self._facts}
        # The days on which it is answered, in order; those that entries and the law give, and the first of them.
        self._days: list[date] = []
        self._given: set[date] = set()
        self._first = EVER
        self._rulings: set[date] = set()
        self._asks_for_law = False
        self._changes = self._revision = self._law = -1

    @property
    def size(self) -> int:
        """What is kept, in characters of answers."""
        return sum(kept.size for kept in self._kept.values())

    @property
    def derived(self) -> bool:
        """Could they be derived, when they were asked for last? What could not is tried again."""
        return self._changes >= 0

    @property
    def rests_on_law(self) -> RestsOnLaw:
        """What the answers that are kept rest on of the law and of what else concerns everybody."""
        rest = [one for kept in self._kept.values() for one in kept.rest_on()]
        acts = {question for asked, _ in rest for question in asked.about(_OF_ALL)}
        return RestsOnLaw(self._law, frozenset(q for _, of_law in rest for q in of_law), frozenset(acts))

    @property
    def rests_on(self) -> RestsOn:
        """What the answers that are kept rest on."""
        asked = [one for kept in self._kept.values() for one, _ in kept.rest_on()]
        classes = frozenset[type[Payload]]().union(*(one.classes for one in asked))
        return RestsOn(self.rests_on_law, classes, frozenset[str]().union(*(one.ids for one in asked)), self._first)

    def at(self, rests: Slice, law: KeptLaw, known: int) -> Timelines:
        """The timelines of the facts of which some answer is another since the position before; all of them at first.

        ``rests`` and ``law`` are as they stand at K.
        """
        try:
            return self._at(rests, law, known)
        except FAULTS as error:
            self._forget()
            return of_a_fault(self._facts, self._named, rests.events(), error)

    def _at(self, rests: Slice, law: KeptLaw, known: int) -> Timelines:
        grown = rests.grown()
        if (grown, law.version) == (self._changes, self._law):
            return {}
        changes = rests.changes[max(self._changes, 0) :]
        if self._changes < 0 or any(isinstance(c.payload, AwardSetAside) for c in changes):
            self._rulings, self._revision = turns_of_rulings(rests.history.live(EVER, known)), -1
        stale = self._touched(changes, law)
        self._changes = grown
        work = _Work(rests.history, law, known)
        if (self._revision, self._law) != (rests.history.revision, law.version):
            self._revision, self._law = rests.history.revision, law.version
            self._give(rests.history, law, work)
        self._make_anew(stale, work)
        self._make(work)
        if work.asks_for_law and not self._asks_for_law:
            self._asks_for_law = True
            self._give(rests.history, law, work)
            self._make(work)
        if work.fewer:
            self._drop_unreached(work)
        self._compare(work)
        return {name: self._merged(name) for name in work.others}

    def _touched(self, changes: list[Change], law: KeptLaw) -> dict[str, set[date]]:
        """Per fact the days whose answers may be others now."""
        questions, in_force = law.changed_since(max(self._law, 0))
        return {name: kept.touched(changes, questions, in_force) for name, kept in self._kept.items()}

    def _give(self, history: GrowingHistory, law: KeptLaw, work: _Work) -> None:
        """The days on which something takes effect, ends or turns, whatever is answered."""
        own, before = history.own_days(), (self._given, self._first)
        self._first = min(min(own, default=EVER), min(law.days, default=EVER))
        days = {self._first, *own, *history.cuts(), *law.turns, *self._rulings}
        if self._asks_for_law:
            days |= law.days
        self._given = {day for day in days if day >= self._first}
        for day in self._given - before[0]:
            heappush(work.pending, day)
        work.fewer |= self._first != before[1] or not before[0] <= self._given

    def _make_anew(self, stale: Mapping[str, set[date]], work: _Work) -> None:
        """Answers that may be others; where one turns on fewer days, some may not be asked about any more."""
        for fact in self._facts:
            kept = self._kept[fact.name]
            before = {day: kept.drop(day) for day in stale[fact.name]}
            # In order, so that an answer that lasts is made once.
            for day in sorted(before):
                after = self._keep(fact, day, work)
                work.fewer |= not before[day].turns_on <= after.turns_on
                if before[day].stored != after.stored:
                    work.others.add(fact.name)

    def _make(self, work: _Work) -> None:
        """Answers of further days, and of those on which these turn."""
        while work.pending:
            # The earliest first: its answers may last.
            day = heappop(work.pending)
            at = bisect_left(self._days, day)
            if day < self._first or (at < len(self._days) and self._days[at] == day):
                continue
            self._days.insert(at, day)
            work.further.append(day)
            for fact in self._facts:
                self._keep(fact, day, work)
            if work.fewer and too_many(len(self._days)):
                # Days on which nothing turns any more do not count.
                self._drop_unreached(work)
            limited(len(self._days), self._named)

    def _keep(self, fact: Fact[object], day: date, work: _Work) -> _Answer:
        kept, at = self._kept[fact.name], bisect_left(self._days, day)
        answer = kept.by_day.get(self._days[at - 1]) if at else None
        if answer is None or not answer.lasts(self._days[at - 1], day, work.history, work.law.turns):
            answer = self._made(fact, kept, day, work)
            for turn in answer.turns_on:
                heappush(work.pending, turn)
        elif answer.today:
            work.law.note_day(day)
        kept.keep(day, answer)
        return answer

    def _made(self, fact: Fact[object], kept: _FactKept, day: date, work: _Work) -> _Answer:
        reads, consulted = Reads(), Consulted()
        live = work.history.live(NotedDay(day, reads), work.known, reads)
        told, turns = answered(fact, live, work.law.law.noting(consulted), self._named, day)
        asked = Asked(reads)
        rests_on = kept.once((asked, work.law.noted(consulted)))
        work.asks_for_law |= asked.asks_for(_OF_LAW)
        in_force, turns_on = frozenset(consulted.days), frozenset(plain_day(turn) for turn in turns)
        return _Answer(told, turns_on, rests_on, in_force, reads.last, consulted.today)

    def _drop_unreached(self, work: _Work) -> None:
        """Of the days on which it is answered, keep those that are given and those on which an answer of such a day
        turns, through however many.
        """
        reached, pending = set[date](), [*self._given, *work.pending]
        while pending:
            day = pending.pop()
            if day not in reached and day >= self._first:
                reached.add(day)
                answers = (kept.by_day.get(day) for kept in self._kept.values())
                pending += [turn for answer in answers if answer is not None for turn in answer.turns_on]
        gone = [day for day in self._days if day not in reached]
        self._compare(work)
        self._compare(_Work(work.history, work.law, work.known, others=work.others, further=gone))
        for day in gone:
            for kept in self._kept.values():
                kept.drop(day)
        self._days = [day for day in self._days if day in reached]
        work.fewer = False

    def _compare(self, work: _Work) -> None:
        """Further days change a timeline where the answer is not that of the day before."""
        for day in work.further:
            at = bisect_left(self._days, day)
            for name, kept in self._kept.items():
                before = kept.by_day[self._days[at - 1]] if at else None
                if before is None or before.stored != kept.by_day[day].stored:
                    work.others.add(name)
        work.further.clear()

    def _merged(self, name: str) -> list[Segment]:
        by_day = self._kept[name].by_day
        return merged(self._days, (by_day[day].stored for day in self._days))


@dataclass(slots=True)
class _Work:
    """What is done for one position: days to be answered, those that were answered first, facts that became others.

    ``fewer`` says that it may turn on fewer days than before.
    """

    history: GrowingHistory
    law: KeptLaw
    known: int
    pending: list[date] = field(default_factory=list)
    further: list[date] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    fewer: bool = False
    asks_for_law: bool = False


class FollowedRoom:
    """So many characters of answers for the subjects of all logs of a process: a log may fill what others leave, and
    gives up what is more than its share once the room is full. Safe to use from several threads.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._held: WeakKeyDictionary[Followed, int] = WeakKeyDictionary()

    def has_room_for(self, followed: Followed, held: int) -> bool:
        """May one log hold so much, by what the others hold?"""
        with self._lock:
            self._held[followed] = held
            return held <= self.most // len(self._held) or sum(self._held.values()) <= self.most


class Followed:
    """Subjects whose timelines are kept, those that were asked for last; no more of them than there is room for."""

    def __init__(self, room: FollowedRoom) -> None:
        """An entry on which answers rest counts for some characters in ``room``."""
        self._room = room
        self._clear()

    def _clear(self) -> None:
        self._held = 0
        self._law: KeptLaw | None = None
        self._packs: Mapping[str, Pack] = {}
        self._reached: int | None = None
        self._subjects: OrderedDict[str, _Subject] = OrderedDict()
        self._slices: dict[str, _Shared] = {}
        #: Of the subjects that are kept, those whose entries or law are others than when they were asked for last.
        self._due: set[str] = set()
        self._resting = Resting(self._room.most // RESTING_SHARE)
        #: Tag and type (of any type: "") -> slices that look there; id of an entry -> slices that hold it.
        self._looking: dict[tuple[str, str], dict[_Shared, None]] = {}
        self._holding: dict[str, list[_Shared]] = {}

    def begin(self, source: Source, packs: Mapping[str, Pack], after: int) -> None:
        """Whoever goes on from a position tells it; what is kept of another position is brought there, or given up."""
        reached, self._reached, self._packs = self._reached, None, packs
        if reached is None or not reached <= after <= reached + BEHIND_MAX:
            self._clear()
            self._packs = packs
        elif reached < after:
            for event in source.events(after=reached, until=after):
                self.offer(source, event)
        if self._law is None:
            self._law = KeptLaw(source, packs, after)

    def done(self, position: int) -> None:
        """Everything up to a position was offered, and what was made of it is used."""
        self._reached = position

    def offer(self, source: Source, event: RecordedEvent) -> None:
        """The next entry of the log."""
        statement, act = event.statement, event.statement.payload
        if isinstance(act, ApplicationFiled):
            # A case that was known by its award alone is the applicant's from now on.
            kept = self._subjects.get(f"case:{act.case_id}")
            if kept is not None and kept.shared.org != act.org:
                self._give_up(f"case:{act.case_id}")
                self._resting.wake(f"case:{act.case_id}")
        law = self._of_law()
        version = law.version
        law.offer(event, self._packs)
        if law.version != version:
            others = self._subjects.keys() - self._due
            self._due |= {name for name in others if law.reaches(self._subjects[name].timelines.rests_on_law)}
        self._resting.wake_reached(event, source)
        found = dict[_Shared, None]()
        for tag in statement.tags:
            for kind in ("", statement.type):
                found |= self._looking.get((tag, kind), {})
        for event_id in about_entries(event):
            found |= dict.fromkeys(self._holding.get(event_id, ()))
        for shared in found:
            new = shared.slice.take(event)
            self._listen(shared, new)
            if new:
                self._due |= shared.subjects

    def stands(self, subject: str) -> bool:
        """Is all of a subject as it was when it was asked for last?"""
        if subject in self._subjects:
            return subject not in self._due
        return self._resting.stands(subject, self._of_law())

    def timelines(self, source: Source, subject: str, known: int) -> Timelines:
        """The timelines of those facts of a subject that are others since it was asked for last; all of them of one
        that is not kept. Everything up to K was offered, and nothing after it.
        """
        kept = self._subjects.pop(subject, None)
        if kept is None:
            self._resting.wake(subject)
            kept = self._new(source, subject, known)
        self._subjects[subject] = kept
        found = kept.timelines.at(kept.shared.slice, self._of_law(), known)
        if kept.timelines.derived:
            self._due.discard(subject)
        self._held += kept.timelines.size - kept.size
        kept.size = kept.timelines.size
        while not self._room.has_room_for(self, self._held + self._resting.held):
            if len(self._subjects) > 1:
                self._give_up(next(iter(self._subjects)))
            elif not self._resting.wake_oldest():
                break
        return found

    def _of_law(self) -> KeptLaw:
        if self._law is None:
            raise InvariantError("nobody has begun")
        return self._law

    def _new(self, source: Source, subject: str, known: int) -> _Subject:
        kind, _, name = subject.partition(":")
        org = org_of(source, kind, name, known) if kind in ("case", "award") else name
        # An award rests on what its organisation does.
        key = f"org:{org}" if kind == "award" else subject
        shared = self._slices.get(key)
        if shared is None:
            slice_ = Slice(reach_of(source, kind, name, known), self._of_law())
            shared = self._slices[key] = _Shared(key, org, slice_)
            self._listen(shared, slice_.reach.found.values())
        shared.subjects.add(subject)
        self._due.add(subject)
        return _Subject(FollowedTimelines(kind, name), shared)

    def _listen(self, shared: _Shared, new: Collection[RecordedEvent]) -> None:
        """A slice has got further entries, and looks where they lead."""
        for lead in shared.slice.reach.fresh():
            for kind in lead.types or ("",):
                self._looking.setdefault((lead.tag, kind), {})[shared] = None
        for event in new:
            self._holding.setdefault(event.statement.id, []).append(shared)
        self._held += len(new) * ENTRY_COUNTS_FOR

    def _give_up(self, subject: str) -> None:
        kept = self._subjects.pop(subject)
        self._held -= kept.size
        shared = kept.shared
        if subject not in self._due:
            self._resting.put(subject, shared.slice.reach.looks(), kept.timelines.rests_on)
        self._due.discard(subject)
        shared.subjects.remove(subject)
        if shared.subjects:
            return
        del self._slices[shared.key]
        reach = shared.slice.reach
        for lead in (lead for leads in reach.leads.values() for lead in leads):
            for kind in lead.types or ("",):
                looking = self._looking.get((lead.tag, kind), {})
                looking.pop(shared, None)
                if not looking:
                    self._looking.pop((lead.tag, kind), None)
        for event_id in reach.ids:
            holding = self._holding[event_id]
            holding.remove(shared)
            if not holding:
                del self._holding[event_id]
        self._held -= len(reach.ids) * ENTRY_COUNTS_FOR


@dataclass(eq=False, slots=True)
class _Shared:
    """A slice, and which subjects rest on it; the organisation of a case's."""

    key: str
    org: str
    slice: Slice
    subjects: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Subject:
    timelines: FollowedTimelines
    shared: _Shared
    size: int = 0
