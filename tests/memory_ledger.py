"""A log in memory for what needs no database: statements go through the same door, and folds and flags read the same.

No signature, guard or fold is left out; what is left out is PostgreSQL, the tree and signed heads. Courses that are
played here are played on PostgreSQL too, by ``make test``.
"""

from __future__ import annotations

import copy
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from api.scenario.document import read_scenario
from api.scenario.play import SimulatedClock
from api.scenario.run import Report, packs_for, play
from ledger.ahead import Ahead
from ledger.clock import Clock
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.disclosure import Opening
from ledger.enacted import EnactedPacks
from ledger.entry import RecordedEvent, frame, parse, unframe
from ledger.errors import IdentifierReusedError, NotFoundError, RongjianError
from ledger.identifiers import shapes
from ledger.regulation.pack import Pack
from ledger.room import SHARED
from ledger.statement import introduced
from ledger.store.identity_links import spellings
from ledger.store.records import AppendCommand, Appended, Judge, NewEvent, Request, StoredEntry
from ledger.submitting import Submitting


class MemoryLog:
    """Entries in order, and what a decision asks of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: list[StoredEntry] = []
        self._events: list[RecordedEvent] = []
        self._by_id: dict[str, int] = {}
        self._by_key: dict[tuple[str, str], set[int]] = {}
        self._shapes: dict[str, str] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> MemoryLog:
        """Another log that begins with the same entries: what was recorded never changes."""
        other = MemoryLog(copy.deepcopy(self._clock, memo))
        memo[id(self)] = other
        other._rows, other._events = [*self._rows], [*self._events]
        other._by_id, other._shapes = {**self._by_id}, {**self._shapes}
        other._by_key = {key: {*positions} for key, positions in self._by_key.items()}
        return other

    def head(self) -> MemoryLog:
        return self

    @property
    def size(self) -> int:
        return len(self._events)

    known_size = size

    @property
    def last_recorded_at(self) -> datetime | None:
        return self._rows[-1].recorded_at if self._rows else None

    def by_id(self, event_id: str) -> StoredEntry | None:
        position = self._by_id.get(event_id)
        return self._rows[position - 1] if position is not None else None

    def event(self, event_id: str) -> RecordedEvent | None:
        position = self._by_id.get(event_id)
        return self._events[position - 1] if position is not None else None

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        last = self.size if until is None else until
        if query is None or not query.items:
            return self._events[after:last]
        found = {position for item in query.items for position in self._matching(item)}
        return [self._events[position - 1] for position in sorted(found) if after < position <= last]

    def _matching(self, item: DCBQueryItem) -> set[int]:
        of_tags = [self._by_key.get(("tag", tag), set()) for tag in item.tags]
        of_types = set().union(*(self._by_key.get(("type", t), set()) for t in item.types))
        return set.intersection(*of_tags, *([of_types] if item.types else []))

    #: Everything is recorded at once, and nothing is ahead.
    last_taken = None
    room = SHARED

    def has_tag(self, tag: str) -> bool:
        return ("tag", tag) in self._by_key

    def recorded_at(self, position: int) -> datetime | None:
        return self._rows[position - 1].recorded_at if 1 <= position <= self.size else None

    @property
    def about(self) -> tuple[()]:
        """Nothing is fetched beforehand."""
        return ()

    @property
    def linked(self) -> dict[str, frozenset[bytes]]:
        """Nobody: numbers are no concern of a log in memory."""
        return {}

    def taken_for(self, tag: str) -> str | None:
        found = {self._shapes[shape] for shape in shapes(tag) if shape in self._shapes} - {tag}
        return min(found, default=None)

    @property
    def ahead(self) -> Ahead:
        """Nothing is decided in batches here."""
        return Ahead()

    def submit(self, command: AppendCommand, judge: Judge | None) -> Future[Appended]:
        """What the sequencer does, for one command at a time."""
        done = Future[Appended]()
        try:
            done.set_result(self._decided(command.events[0], judge))
        except RongjianError as error:
            done.set_exception(error)
        return done

    def submit_all(self, requests: Sequence[Request]) -> list[Future[Appended]]:
        return [self.submit(request.command, request.judge) for request in requests]

    def _decided(self, new: NewEvent, judge: Judge | None) -> Appended:
        before = self.by_id(new.id)
        if before is not None:
            if unframe(before.entry)[0] != new.data:
                raise IdentifierReusedError("id_reused", (new.id, new.id), id=new.id)
            return Appended((before.position,), replayed=True)
        if judge is not None:
            judge(self)
        now, last = self._clock(), self.last_recorded_at
        instant = now if last is None or now > last else last + timedelta(microseconds=1)
        entry = frame(new.data, instant)
        event = parse(self.size + 1, entry)
        self._rows.append(StoredEntry(event.position, new.id, new.type, event.recorded_at, entry, b""))
        self._events.append(event)
        self._by_id[new.id] = event.position
        for key in (("type", new.type), *(("tag", tag) for tag in new.tags)):
            self._by_key.setdefault(key, set()).add(event.position)
        self._shapes |= {shape: tag for tag in introduced(new.type, new.tags) for shape in shapes(tag)}
        return Appended((event.position,))


class _Signing:
    """Heads that nobody signs."""

    def check_signing(self, *, declaring_loss: bool = False) -> None: ...
    def lost(self) -> None: ...
    def sign(self, head: object) -> None: ...


class _Persons:
    """Identity numbers by their spellings, in the clear."""

    def __init__(self) -> None:
        self._numbers: dict[str, frozenset[bytes]] = {}

    def hashes(self, number: Opening) -> frozenset[bytes]:
        return frozenset(s.encode() for s in spellings(str(number.value)))

    def same_person(self, _principals: list[str], ahead: Mapping[str, frozenset[bytes]] | None = None) -> bool:
        return False


class _Documents:
    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, bytes]] = {}

    def store(self, content: bytes, media_type: str) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self._kept[digest] = media_type, content
        return digest

    def read(self, sha256: str) -> tuple[str, bytes]:
        if sha256 not in self._kept:
            raise NotFoundError("document_unknown", (f"没有文件 {sha256[:16]}", f"no document {sha256[:16]}"))
        return self._kept[sha256]


class MemoryLedger:
    """What a play and its judge ask of a ledger."""

    def __init__(self, clock: SimulatedClock, origin: str = "memory.rongjian.example") -> None:
        self.origin = origin
        self.log: Any = MemoryLog(clock)
        self.heads: Any = _Signing()
        self.documents = _Documents()
        packs = EnactedPacks(lambda digest: self.documents.read(digest)[1])
        persons: Any = _Persons()
        self.submitting = Submitting(origin, self.log, self.heads, self.log, persons, packs, clock, lambda: None)

    def size(self) -> int:
        return int(self.log.size)

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        found: list[RecordedEvent] = self.log.events(query, after=after, until=until)
        return found

    def event(self, event_id: str) -> RecordedEvent:
        found: RecordedEvent | None = self.log.event(event_id)
        if found is None:
            raise NotFoundError("event_unknown", (f"账本中没有事件 {event_id}", f"{event_id} is not in the log"))
        return found

    def packs(self) -> dict[str, Pack]:
        return self.submitting.packs()

    def known_at(self, instant: datetime) -> tuple[int, None]:
        """The last position recorded at or before an instant; no clock is corrected here."""
        return sum(e.recorded_at <= instant for e in self.events()), None


def in_memory(path: Path) -> tuple[Report, MemoryLedger]:
    """What a scenario shows, and the log that it leaves."""
    scenario = read_scenario(path)
    clock = SimulatedClock(scenario.starts)
    ledger: Any = MemoryLedger(clock)
    return play(scenario, packs_for(scenario), ledger, secrets.token_bytes(32), clock), ledger
