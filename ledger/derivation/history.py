"""What is live at (D, K): annulments and corrections applied, in the order of folding (D01, D06).

K is a position: an event is known at K if its position is <= K. D is a day in Asia/Shanghai that has fully
happened. The order of folding is (effective day, position).

An annulment is an act about the record, not about the world: once recorded by K (and not itself annulled) a
``void_ab_initio`` annulment removes its target at every D, a ``from_date`` one at every D from that date on.
A correction replaces the payload member at every D once it is recorded by K.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, TypeVar, cast, overload

import msgspec

from ledger.clock import shanghai_day
from ledger.derivation.noted_day import plain_day
from ledger.entry import RecordedEvent, acts
from ledger.errors import EvidenceError
from ledger.events.oversight import EventAnnulled, EventCorrected, Patch
from ledger.events.registry import Payload
from ledger.sentences import sentence
from ledger.statement import Statement

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    #: What an event is; without it said, any of them.
    P = TypeVarWithDefault("P", bound=Payload, covariant=True, default=Payload)
else:
    P = TypeVar("P", bound=Payload, covariant=True)
A = TypeVar("A", bound=Payload)
B = TypeVar("B", bound=Payload)
C = TypeVar("C", bound=Payload)
T = TypeVar("T")

#: Later than any day the ledger is asked about; ``live(EVER, K)`` is "everything known".
EVER = date(9999, 12, 31)

#: The effective day of a live event, and the order of folding: that day, and within it the position.
_EFFECTIVE = attrgetter("recorded.statement.effective_on")
FOLDING = attrgetter("recorded.statement.effective_on", "recorded.position")

#: Target -> what annuls it.
Annulments = Mapping[str, Sequence[tuple[Statement, EventAnnulled]]]

#: Corrections and annulments refer to events by id; more links than this in one chain is a broken log.
CHAIN_MAX = 100

#: States of one slice that are kept: whoever looks back at an earlier K comes to the newest again.
STATES_MAX = 4


class LiveEvent(msgspec.Struct, Generic[P], frozen=True):
    """A recorded event with the payload as corrected by what is known.

    ``isinstance(event.payload, AwardGranted)`` says which act it is; the type checker then knows its members.
    """

    recorded: RecordedEvent
    payload: P
    corrected_by: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.recorded.statement.id

    @property
    def type(self) -> str:
        return self.recorded.statement.type

    @property
    def position(self) -> int:
        return self.recorded.position

    @property
    def on(self) -> date:
        """The effective day."""
        return self.recorded.statement.effective_on

    @property
    def actor(self) -> str:
        return self.recorded.statement.actor

    @property
    def lag_days(self) -> int:
        """Days between the effective day and the day of recording (D06)."""
        return (shanghai_day(self.recorded.recorded_at) - self.on).days


def only(kind: type[A], events: Iterable[LiveEvent]) -> list[LiveEvent[A]]:
    """Those of some events that are of a class."""
    return [cast("LiveEvent[A]", e) for e in events if isinstance(e.payload, kind)]


def has_members(payload: Payload, members: Mapping[str, object]) -> bool:
    """Does each of these members equal what is asked for?"""
    return all(getattr(payload, name) == value for name, value in members.items())


def values_of(payload: Payload, names: Iterable[str]) -> tuple[object, ...] | None:
    """A payload's members; None where one is a list, for which nobody asks."""
    values = tuple(getattr(payload, name) for name in names)
    try:
        hash(values)
    except TypeError:
        return None
    return values


class ByMembers:
    """Events by class, and of a class by the members that somebody has asked for, each in the order given."""

    __slots__ = ("_by_kind", "_by_members")

    def __init__(self, events: Iterable[LiveEvent]) -> None:
        self._by_kind: dict[type[Payload], list[LiveEvent]] = {}
        self._by_members: dict[tuple[type[Payload], tuple[str, ...]], dict[tuple[object, ...], list[LiveEvent]]] = {}
        for event in events:
            self._by_kind.setdefault(type(event.payload), []).append(event)

    @property
    def kinds(self) -> frozenset[type[Payload]]:
        """The classes that there are."""
        return frozenset(self._by_kind)

    def of(self, kind: type[Payload], members: Mapping[str, object]) -> Sequence[LiveEvent]:
        """Those of a class that have these members; not to be written to."""
        of_kind = self._by_kind.get(kind, ())
        if not members or not of_kind:
            return of_kind
        names = tuple(members)
        by_values = self._by_members.get((kind, names))
        if by_values is None:
            by_values = {}
            for event in of_kind:
                if (values := values_of(event.payload, names)) is not None:
                    by_values.setdefault(values, []).append(event)
            # Last: whoever asks meanwhile finds all of it.
            self._by_members[kind, names] = by_values
        try:
            return by_values.get(tuple(members.values()), ())
        except TypeError:
            return [e for e in of_kind if has_members(e.payload, members)]


#: What is asked for of acts: their class, and members by name that have these values.
Question = tuple[type[Payload], tuple[str, ...], tuple[object, ...]]


def question(kind: type[Payload], members: Mapping[str, object]) -> Question:
    """What somebody asks for who wants acts of a class that have these members."""
    values = tuple(members.values())
    try:
        hash(values)
    except TypeError:
        # A list among them: whoever asks for it is taken to have asked for the whole class.
        return kind, (), ()
    return kind, tuple(members), values


@dataclass(slots=True)
class Reads:
    """What somebody has asked of live events: acts up to the day, or whatever their day; entries by id.

    ``ahead`` is what was asked for whatever its day; a question for Payload stands for every act. ``last`` is the last
    day on which the day would have been seen as the same (:mod:`ledger.derivation.noted_day`).
    """

    acts: set[Question] = field(default_factory=set)
    ahead: set[Question] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    last: date = EVER


class Happened:
    """What is known by K in folding order, and of it what has happened by D."""

    __slots__ = ("_by_id", "_events", "_found", "_known", "_known_found", "_made")

    def __init__(self, known: Sequence[LiveEvent], on: date) -> None:
        self._made: dict[Callable[[Live], object], object] = {}
        self._known = known
        self._known_found: ByMembers | None = None
        self._events = known[: bisect_right(known, on, key=attrgetter("on"))]
        self._found = ByMembers(self._events)
        self._by_id: dict[str, LiveEvent] | None = None

    @property
    def events(self) -> Sequence[LiveEvent]:
        """Whatever has happened by D, in folding order."""
        return self._events

    def of(self, kinds: Sequence[type[Payload]], members: Mapping[str, object]) -> list[LiveEvent]:
        """Acts of some classes with these members by D, in folding order."""
        if len(kinds) == 1:
            return list(self._found.of(kinds[0], members))
        return sorted((e for kind in kinds for e in self._found.of(kind, members)), key=FOLDING)

    def once(self, make: Callable[[Live], T], live: Live) -> T:
        """What is made of all that has happened, made once."""
        if make not in self._made:
            self._made[make] = make(live)
        return cast("T", self._made[make])

    @property
    def kinds(self) -> frozenset[type[Payload]]:
        """The classes of what has happened by D."""
        return self._found.kinds

    def known_of(self, kind: type[A], members: Mapping[str, object]) -> list[LiveEvent[A]]:
        """Acts of a class with these members, also those of days after D."""
        if self._known_found is None:
            self._known_found = ByMembers(self._known)
        return cast("list[LiveEvent[A]]", list(self._known_found.of(kind, members)))

    def by_id(self, event_id: str) -> LiveEvent | None:
        """The live event of an id, if it has happened by D."""
        if self._by_id is None:
            self._by_id = {e.id: e for e in self._events}
        return self._by_id.get(event_id)

    def days(self) -> set[date]:
        """The effective days of all that is known."""
        return {e.on for e in self._known}


class Live:
    """The live events at one (D, K), indexed by class, in folding order."""

    def __init__(
        self,
        happened: Happened,
        on: date,
        known: int,
        history: History,
        reads: Reads | None = None,
        *,
        ahead: bool = False,
    ) -> None:
        """``reads`` notes what is asked; ``ahead`` says that whoever asks stands on an earlier day."""
        self._history = history
        self._reads = reads
        self._ahead = ahead
        self.on = on
        self.known = known
        self._happened = happened

    def __iter__(self) -> Iterator[LiveEvent]:
        self._note(Payload, {})
        return iter(self._happened.events)

    def _note(self, kind: type[Payload], members: Mapping[str, object]) -> None:
        if self._reads is not None:
            (self._reads.ahead if self._ahead else self._reads.acts).add(question(kind, members))

    def _note_ahead(self, kind: type[Payload], members: Mapping[str, object]) -> None:
        if self._reads is not None:
            self._reads.ahead.add(question(kind, members))

    def _note_id(self, event_id: str) -> None:
        if self._reads is not None:
            self._reads.ids.add(event_id)

    @property
    def kinds(self) -> frozenset[type[Payload]]:
        """The classes of the acts that have happened."""
        self._note(Payload, {})
        return self._happened.kinds

    @overload
    def of(self, kind: type[A], /, **members: object) -> list[LiveEvent[A]]: ...
    @overload
    def of(self, kind: type[A], second: type[B], /, **members: object) -> list[LiveEvent[A | B]]: ...
    @overload
    def of(
        self, kind: type[A], second: type[B], third: type[C], /, **members: object
    ) -> list[LiveEvent[A | B | C]]: ...
    @overload
    def of(self, kind: type[A], /, *more: type[A], **members: object) -> list[LiveEvent[A]]: ...

    def of(self, kind: type[Payload], /, *more: type[Payload], **members: object) -> Sequence[LiveEvent[Payload]]:
        """Events of these classes whose payload members equal ``members``, in folding order."""
        if self._reads is not None:
            for one in (kind, *more):
                self._note(one, members)
        return self._happened.of((kind, *more), members)

    @overload
    def last(self, kind: type[A], /, **members: object) -> LiveEvent[A] | None: ...
    @overload
    def last(self, kind: type[A], second: type[B], /, **members: object) -> LiveEvent[A | B] | None: ...
    @overload
    def last(
        self, kind: type[A], second: type[B], third: type[C], /, **members: object
    ) -> LiveEvent[A | B | C] | None: ...

    def last(self, kind: type[Payload], /, *more: type[Payload], **members: object) -> LiveEvent[Payload] | None:
        """The last such event in folding order."""
        found = self.of(kind, *more, **members)
        return found[-1] if found else None

    def known_of(self, kind: type[A], /, **members: object) -> list[LiveEvent[A]]:
        """Like :meth:`of`, but also events that take effect after D (what is known, not what has happened)."""
        self._note_ahead(kind, members)
        return self._happened.known_of(kind, members)

    def by_id(self, event_id: str) -> LiveEvent | None:
        """The live event with this id, if it has happened by D."""
        self._note_id(event_id)
        return self._happened.by_id(event_id)

    def at(self, on: date, known: int | None = None) -> Live:
        """The same slice at another day, and as it was known earlier if ``known`` is given."""
        ahead = self._ahead or plain_day(on) > plain_day(self.on)
        return self._history.live(on, self.known if known is None else known, self._reads, ahead=ahead)

    def once(self, make: Callable[[Live], T]) -> T:
        """What ``make`` makes of what has happened and of nothing else; asked for again it is the same object."""
        return self._happened.once(make, self)

    def ended(self) -> Mapping[str, date]:
        """Ids of what is annulled from some day on by what is known at K, with the first such day."""
        self._note_ahead(EventAnnulled, {})
        return self._history.ended(self.known)

    def recorded(self, event_id: str) -> RecordedEvent | None:
        """What was recorded under an id by K, live or annulled, whatever its day."""
        self._note_id(event_id)
        found = self._history.recorded(event_id)
        return found if found is not None and found.position <= self.known else None

    def days(self) -> set[date]:
        """Every effective day known, including those after D: where an answer may change."""
        self._note_ahead(Payload, {})
        return self._happened.days()


class History:
    """A slice of the log: events in order of position. The same slice answers for every (D, K) within it."""

    def __init__(self, events: Iterable[RecordedEvent]) -> None:
        self.events: Sequence[RecordedEvent] = tuple(
            sorted({e.position: e for e in events}.values(), key=lambda e: e.position)
        )
        self._by_id: dict[str, RecordedEvent] | None = None
        #: What was known when that much was seen and that annulled, of the last few, and by each day asked for what
        #: has happened of it.
        self._states: dict[tuple[int, frozenset[str]], tuple[tuple[LiveEvent, ...], dict[date, Happened]]] = {}
        self._annulments: tuple[int, Annulments] | None = None
        self._ended: tuple[int, Mapping[str, date]] | None = None

    def live(self, on: date, known: int, reads: Reads | None = None, *, ahead: bool = False) -> Live:
        """The live events at (D, K); ``reads`` notes what is asked of them."""
        seen, day = self.seen(known), plain_day(on)
        annulled = _annulled(self._annulling(known), day)
        # One K is asked about on many days, and what is known then differs by day only where an annulment does.
        state = self._states.get((seen, annulled))
        if state is None:
            while len(self._states) >= STATES_MAX:
                # At once: others may ask meanwhile.
                self._states.pop([*self._states][0], None)  # noqa: RUF015
            state = self._states[seen, annulled] = _known(self.events[:seen], annulled), {}
        known_then, by_day = state
        happened = by_day.get(day)
        if happened is None:
            happened = by_day[day] = Happened(known_then, day)
        return Live(happened, on, known, self, reads, ahead=ahead)

    def _annulling(self, known: int) -> Annulments:
        """What annuls what, of all that is known at K."""
        seen = self.seen(known)
        if self._annulments is None or self._annulments[0] != seen:
            by_target: dict[str, list[tuple[Statement, EventAnnulled]]] = {}
            for event, act in acts(EventAnnulled, self.events[:seen]):
                by_target.setdefault(act.target, []).append((event.statement, act))
            self._annulments = seen, by_target
        return self._annulments[1]

    def ended(self, known: int) -> Mapping[str, date]:
        """What is annulled from some day on by what is known at K, with the first such day."""
        seen = self.seen(known)
        if self._ended is None or self._ended[0] != seen:
            annulments = self._annulling(known)
            ended: dict[str, date] = {}
            for day in sorted(self._cuts(known), reverse=True):
                ended |= dict.fromkeys(_annulled(annulments, day), day)
            self._ended = seen, ended
        return self._ended[1]

    def _cuts(self, known: int) -> set[date]:
        """The days from which on something is annulled."""
        made = (one for made in self._annulling(known).values() for one in made)
        return {first_day(statement, act) for statement, act in made if act.effect == "from_date"}

    def turning_days(self, known: int) -> set[date]:
        """Every day on which something that is known at K takes effect, or ends by an annulment after it has."""
        cuts = self._cuts(known)
        days = set[date]().union(*(self.live(day, known).days() for day in (date.min, *cuts)))
        first = min(days, default=EVER)
        return days | {day for day in cuts if day >= first}

    def seen(self, known: int) -> int:
        """How many of its events are known at K: two K that see as many have the same answers on every day."""
        events = self.events
        if not events or events[-1].position <= known:
            return len(events)
        return bisect_right(events, known, key=attrgetter("position"))

    def recorded(self, event_id: str) -> RecordedEvent | None:
        """The event of the slice with this id."""
        if self._by_id is None:
            self._by_id = {e.statement.id: e for e in self.events}
        return self._by_id.get(event_id)

    def positions(self) -> list[int]:
        """Positions at which this slice changed."""
        return [e.position for e in self.events]


def _known(seen: Sequence[RecordedEvent], annulled: frozenset[str]) -> tuple[LiveEvent, ...]:
    """What is not annulled, as corrected, in folding order."""
    patches = _patches(seen, annulled)
    known = (as_corrected(e, patches.get(e.statement.id, [])) for e in seen if e.statement.id not in annulled)
    # They come in the order of their positions, and sorting keeps it within a day.
    return tuple(sorted(known, key=_EFFECTIVE))


def is_annulled(by_target: Annulments, event_id: str, on: date, depth: int = 0) -> bool:
    """Is an id annulled at D? An annulment that is itself annulled has no effect, so targets are restored."""
    if depth > CHAIN_MAX:
        raise EvidenceError("annulment_cycle", sentence("annulments refer to each other in a circle"))
    return any(
        (act.effect == "void_ab_initio" or first_day(statement, act) <= on)
        and not is_annulled(by_target, statement.id, on, depth + 1)
        for statement, act in by_target.get(event_id, ())
    )


def first_day(statement: Statement, act: EventAnnulled) -> date:
    """From when on an annulment from a day has its effect."""
    return act.from_on or statement.effective_on


def _annulled(by_target: Annulments, on: date) -> frozenset[str]:
    """Ids annulled at D."""
    return frozenset(target for target in by_target if is_annulled(by_target, target, on))


def _patches(
    seen: Sequence[RecordedEvent], annulled: frozenset[str]
) -> dict[str, list[tuple[Statement, EventCorrected]]]:
    result: dict[str, list[tuple[Statement, EventCorrected]]] = {}
    for event in seen:
        change = event.statement.payload
        if isinstance(change, EventCorrected) and event.statement.id not in annulled:
            result.setdefault(change.target, []).append((event.statement, change))
    return result


def as_corrected(event: RecordedEvent, corrections: Sequence[tuple[Statement, EventCorrected]]) -> LiveEvent:
    """An event with what corrections in their order make of it."""
    payload, applied = event.statement.payload, list[str]()
    for statement, change in corrections:
        corrected = _patched(payload, change.patch)
        if corrected is not None:
            payload = corrected
            applied.append(statement.id)
    return LiveEvent(event, payload, tuple(applied))


def _patched(payload: Payload, patch: Mapping[str, Patch]) -> Payload | None:
    """The payload with members replaced; None where the correction does not fit it, which corrects nothing.

    Corrections were once recorded by override, whatever they said; what is corrected stays readable all the same.
    """
    members = msgspec.to_builtins(payload)
    try:
        for pointer, change in patch.items():
            replace_at(members, pointer, change.new)
        return msgspec.convert(members, type(payload), strict=True)
    except (KeyError, IndexError, ValueError, TypeError, msgspec.ValidationError):
        return None


def replace_at(members: object, pointer: str, value: object) -> None:
    """Replace an existing member at a JSON Pointer in place; KeyError, IndexError or ValueError where there is none."""
    *path, name = pointer.split("/")[1:]
    for step in path:
        members = _at(members, step)
    if isinstance(members, list):
        members[int(name)] = value
    elif isinstance(members, dict) and name in members:
        members[name] = value
    else:
        raise KeyError(pointer)


def value_at(members: object, pointer: str) -> object:
    """The member at a JSON Pointer; KeyError, IndexError or ValueError where there is none."""
    for step in pointer.split("/")[1:]:
        members = _at(members, step)
    return members


def _at(members: object, step: str) -> object:
    if isinstance(members, list):
        return members[int(step)]
    if isinstance(members, dict):
        return members[step]
    raise KeyError(step)


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
