"""A slice of the log that grows by further entries: what they change is told, and nothing is folded anew for them.

Answers the same as :class:`ledger.derivation.history.History` made of the same entries. What is live is kept in folding
order, by class, and by the members that somebody has asked for, so that a question costs what it finds, and an entry
what it changes. Days between two days from which on something is annulled have the same live events (an era); nearly
always there is one.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import cast

from ledger.derivation.history import (
    A,
    Annulments,
    Happened,
    History,
    Live,
    LiveEvent,
    Question,
    Reads,
    T,
    as_corrected,
    first_day,
    has_members,
    is_annulled,
    values_of,
)
from ledger.derivation.noted_day import plain_day
from ledger.entry import RecordedEvent
from ledger.events.oversight import EventAnnulled, EventCorrected
from ledger.events.registry import Payload
from ledger.statement import Statement

_Key = tuple[date, int]
_Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An event of a slice that is otherwise than before: it came, or an annulment or a correction of it.

    ``corrected`` says that its members may have been others before, or are now.
    """

    id: str
    payload: Payload
    on: date
    corrected: bool


class Asked:
    """What was asked of live events while an answer was made: :class:`Reads`, once it is known."""

    __slots__ = ("_acts", "_ahead", "_hash", "_ids", "_of_acts", "_of_ahead")

    def __init__(self, reads: Reads) -> None:
        self._acts, self._ahead, self._ids = frozenset(reads.acts), frozenset(reads.ahead), frozenset(reads.ids)
        self._hash = hash((self._acts, self._ahead, self._ids))
        self._of_acts, self._of_ahead = _forms(self._acts), _forms(self._ahead)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and (self._acts, self._ahead, self._ids) == (
            other._acts,
            other._ahead,
            other._ids,
        )

    def asks_for(self, kinds: Collection[type[Payload]]) -> bool:
        """Was any of some classes asked for? Payload stands for all."""
        return not self._of_acts.keys().isdisjoint(kinds) or not self._of_ahead.keys().isdisjoint(kinds)

    def about(self, kinds: Collection[type[Payload]]) -> set[Question]:
        """What was asked for of some classes; Payload stands for all."""
        return {question for question in (*self._acts, *self._ahead) if question[0] in kinds}

    @property
    def classes(self) -> frozenset[type[Payload]]:
        """The classes that were asked for; Payload stands for all."""
        return frozenset((*self._of_acts, *self._of_ahead))

    @property
    def ids(self) -> frozenset[str]:
        """The entries that were asked for by their ids."""
        return self._ids

    def finds(self, events: Iterable[LiveEvent]) -> bool:
        """Is any of some events among what was asked for up to the day?"""
        return any(e.id in self._ids or _asks(self._acts, self._of_acts, e.payload) for e in events)

    def touched_from(self, changes: Iterable[Change]) -> date | None:
        """The first day from which on what was asked may be answered otherwise; None where all is the same."""
        first: date | None = None
        for change in changes:
            act, other = change.payload, change.corrected
            if change.id in self._ids or _asks(self._ahead, self._of_ahead, act, any_members=other):
                return date.min
            if (first is None or change.on < first) and _asks(self._acts, self._of_acts, act, any_members=other):
                first = change.on
        return first


def asks(asked: frozenset[Question], act: Payload) -> bool:
    """Is an act among what was asked for?"""
    return _asks(asked, _forms(asked), act)


def _forms(asked: Iterable[Question]) -> dict[type[Payload], set[_Names]]:
    """By which members acts of each class were asked for."""
    forms: dict[type[Payload], set[_Names]] = {}
    for kind, names, _ in asked:
        forms.setdefault(kind, set()).add(names)
    return forms


def _asks(
    asked: frozenset[Question],
    forms: Mapping[type[Payload], set[_Names]],
    act: Payload,
    *,
    any_members: bool = False,
) -> bool:
    """Is an act among what was asked for; or may it be, whatever its members?"""
    if Payload in forms:
        return True
    kind = type(act)
    of_kind = forms.get(kind)
    if of_kind is None:
        return False
    return any_members or any(
        (kind, names, values) in asked for names in of_kind if (values := values_of(act, names)) is not None
    )


class _Ordered:
    """Live events in folding order."""

    __slots__ = ("events", "keys")

    def __init__(self) -> None:
        self.events: list[LiveEvent] = []
        self.keys: list[_Key] = []

    def add(self, event: LiveEvent) -> None:
        key = event.on, event.position
        at = len(self.keys) if not self.keys or key > self.keys[-1] else bisect_left(self.keys, key)
        self.keys.insert(at, key)
        self.events.insert(at, event)

    def remove(self, event: LiveEvent) -> None:
        at = bisect_left(self.keys, (event.on, event.position))
        del self.keys[at], self.events[at]

    def between(self, after: date, until: date) -> Sequence[LiveEvent]:
        """Those of the days after one, up to another."""
        return self.events[
            bisect_right(self.keys, (after, sys.maxsize)) : bisect_right(self.keys, (until, sys.maxsize))
        ]

    def until(self, on: date) -> Sequence[LiveEvent]:
        """Those of the days up to this one; not to be written to."""
        if not self.keys or self.keys[-1][0] <= on:
            return self.events
        return self.events[: bisect_right(self.keys, (on, sys.maxsize))]


_NONE = _Ordered()


class _Era:
    """What is live on the days of one era, found by class, members, id and day."""

    __slots__ = ("_apart", "_by_members", "all", "by_id", "by_kind", "days")

    def __init__(self, apart: frozenset[type[Payload]] = frozenset()) -> None:
        self.all = _Ordered()
        self.by_id: dict[str, LiveEvent] = {}
        self.by_kind: dict[type[Payload], _Ordered] = {}
        #: How many of its events each effective day has.
        self.days: dict[date, int] = {}
        self._apart = apart
        self._by_members: dict[type[Payload], dict[_Names, dict[tuple[object, ...], _Ordered]]] = {}

    def add(self, event: LiveEvent) -> None:
        self.by_id[event.id] = event
        if type(event.payload) not in self._apart:
            self.days[event.on] = self.days.get(event.on, 0) + 1
        for ordered in self._lists(event):
            ordered.add(event)

    def remove(self, event: LiveEvent) -> None:
        del self.by_id[event.id]
        if type(event.payload) not in self._apart:
            self.days[event.on] -= 1
            if not self.days[event.on]:
                del self.days[event.on]
        for ordered in self._lists(event):
            ordered.remove(event)

    def _lists(self, event: LiveEvent) -> list[_Ordered]:
        kind = type(event.payload)
        lists = [self.all, self.by_kind.setdefault(kind, _Ordered())]
        for names, by_values in self._by_members.get(kind, {}).items():
            values = values_of(event.payload, names)
            if values is not None:
                lists.append(by_values.setdefault(values, _Ordered()))
        return lists

    def of(self, kind: type[Payload], members: Mapping[str, object]) -> _Ordered | None:
        """Acts of a class with these members; None where they are not found by them."""
        of_kind = self.by_kind.get(kind, _NONE)
        if not members or not of_kind.events:
            return of_kind
        names, values = tuple(members), tuple(members.values())
        by_names = self._by_members.setdefault(kind, {})
        if names not in by_names:
            by_names[names] = {}
            for event in of_kind.events:
                if (of_event := values_of(event.payload, names)) is not None:
                    by_names[names].setdefault(of_event, _Ordered()).add(event)
        try:
            return by_names[names].get(values, _NONE)
        except TypeError:
            return None


class _Cut(Happened):
    """An era up to a day."""

    __slots__ = ("_era", "_on")

    def __init__(self, era: _Era, on: date) -> None:
        self._era = era
        self._on = on

    @property
    def events(self) -> Sequence[LiveEvent]:
        return self._era.all.until(self._on)

    def once(self, make: Callable[[Live], T], live: Live) -> T:
        # It grows under those who ask.
        return make(live)

    @property
    def kinds(self) -> frozenset[type[Payload]]:
        return frozenset(kind for kind, acts in self._era.by_kind.items() if acts.until(self._on))

    def of(self, kinds: Sequence[type[Payload]], members: Mapping[str, object]) -> list[LiveEvent]:
        if len(kinds) == 1:
            return list(self._of(kinds[0], members))
        found = [event for kind in kinds for event in self._of(kind, members)]
        found.sort(key=lambda e: (e.on, e.position))
        return found

    def _of(self, kind: type[Payload], members: Mapping[str, object]) -> Sequence[LiveEvent]:
        found = self._era.of(kind, members)
        if found is not None:
            return found.until(self._on)
        of_kind = self._era.by_kind.get(kind, _NONE).until(self._on)
        return [e for e in of_kind if has_members(e.payload, members)]

    def known_of(self, kind: type[A], members: Mapping[str, object]) -> list[LiveEvent[A]]:
        found = self._era.of(kind, members)
        events = found.events if found is not None else self._era.by_kind.get(kind, _NONE).events
        return [cast("LiveEvent[A]", e) for e in events if found is not None or has_members(e.payload, members)]

    def by_id(self, event_id: str) -> LiveEvent | None:
        found = self._era.by_id.get(event_id)
        return found if found is not None and found.on <= self._on else None

    def days(self) -> set[date]:
        return {e.on for e in self._era.all.events}


class GrowingHistory(History):
    """A slice that grows. At the newest position it answers from what is kept, at earlier ones as any other."""

    def __init__(self, apart: frozenset[type[Payload]] = frozenset()) -> None:
        """``apart`` are classes of acts whose days are told of nobody."""
        super().__init__(())
        self._apart = apart
        self._in_order: list[RecordedEvent] = []
        self.events = self._in_order
        self._recorded: dict[str, RecordedEvent] = {}
        self._void: dict[str, list[tuple[Statement, EventAnnulled]]] = {}
        self._corrections: dict[str, list[tuple[int, Statement, EventCorrected]]] = {}
        self._days_cut: list[date] = []
        self._eras = [_Era(apart)]
        self._plain: History | None = None
        #: Another number each time that the days are others.
        self.revision = 0

    def grow(self, events: Iterable[RecordedEvent]) -> list[Change]:
        """Take further entries in, whatever their positions; what they change, those included that they annul or
        correct, through however many.
        """
        touched: dict[str, RecordedEvent] = {}
        for event in sorted(events, key=attrgetter("position")):
            if event.statement.id not in self._recorded:
                self._plain = self._ended = None
                self._take(event)
                self._touch(event, touched)
        return [
            Change(event_id, e.statement.payload, e.statement.effective_on, event_id in self._corrections)
            for event_id, e in touched.items()
        ]

    def _take(self, event: RecordedEvent) -> None:
        statement, act = event.statement, event.statement.payload
        insort(self._in_order, event, key=attrgetter("position"))
        self._recorded[statement.id] = event
        if not isinstance(act, EventAnnulled | EventCorrected):
            self._place(event)
            return
        if isinstance(act, EventAnnulled):
            self._void.setdefault(act.target, []).append((statement, act))
        else:
            insort(self._corrections.setdefault(act.target, []), (event.position, statement, act), key=lambda c: c[0])
        target = self._recorded.get(act.target)
        of_the_record = target is not None and isinstance(target.statement.payload, EventAnnulled | EventCorrected)
        if (
            of_the_record
            or statement.id in self._void
            or (isinstance(act, EventAnnulled) and act.effect == "from_date")
        ):
            self._place_all()
            return
        self._place(event)
        if target is not None:
            self._place(target)

    def _touch(self, event: RecordedEvent, touched: dict[str, RecordedEvent]) -> None:
        pending: list[RecordedEvent | None] = [event]
        while pending:
            one = pending.pop()
            if one is None or one.statement.id in touched:
                continue
            touched[one.statement.id] = one
            act = one.statement.payload
            if isinstance(act, EventAnnulled | EventCorrected):
                pending.append(self._recorded.get(act.target))

    def _place_all(self) -> None:
        """Place everything anew: what annuls or corrects is itself annulled, or from some day on."""
        made = (one for made in self._void.values() for one in made)
        self._days_cut = sorted({first_day(statement, act) for statement, act in made if act.effect == "from_date"})
        self._eras = [_Era(self._apart) for _ in range(len(self._days_cut) + 1)]
        self.revision += 1
        for event in self._in_order:
            self._place(event)

    def _place(self, event: RecordedEvent) -> None:
        """Put an event where it is live, as it is corrected there."""
        event_id = event.statement.id
        for era, on in zip(self._eras, (date.min, *self._days_cut), strict=True):
            held, days = era.by_id.get(event_id), len(era.days)
            if held is not None:
                era.remove(held)
            if event_id not in self._void or not is_annulled(self._void, event_id, on):
                made = self._corrections.get(event_id, ())
                era.add(as_corrected(event, [(s, c) for _, s, c in made if not is_annulled(self._void, s.id, on)]))
            self.revision += len(era.days) != days

    def live(self, on: date, known: int, reads: Reads | None = None, *, ahead: bool = False) -> Live:
        if self._in_order and known < self._in_order[-1].position:
            if self._plain is None:
                self._plain = History(self._in_order)
            return self._plain.live(on, known, reads, ahead=ahead)
        day = plain_day(on)
        return Live(_Cut(self._eras[bisect_right(self._days_cut, day)], day), on, known, self, reads, ahead=ahead)

    def asked_between(self, asked: Asked, after: date, until: date) -> bool:
        """May somebody who stands on a day be answered otherwise than on an earlier one, by what is known now?"""
        first, last = bisect_right(self._days_cut, after), bisect_right(self._days_cut, until)
        return first != last or asked.finds(self._eras[last].all.between(after, until))

    def own_days(self) -> set[date]:
        """Every day on which something takes effect, but for what is of the classes apart."""
        return set[date]().union(*(era.days for era in self._eras))

    def cuts(self) -> Sequence[date]:
        """The days from which on something is annulled, in order."""
        return self._days_cut

    def _annulling(self, known: int) -> Annulments:
        if self._in_order and known < self._in_order[-1].position:
            return super()._annulling(known)
        return self._void

    def recorded(self, event_id: str) -> RecordedEvent | None:
        return self._recorded.get(event_id)
