"""The log as this process has proven it: nothing is believed because a row says so.

At first sight the whole log is read once: every entry's leaf hash, the tree over them, its signatures and what they
need of earlier entries, columns and tags beside it, the head. From then on this process knows by itself which positions
an id, a type or a tag has, when each was recorded, and every hash of the tree; rows are asked for bytes alone, which
must have the hash that is known. So a row that is altered, forged, cut out or hidden from a tag is named, and decides
nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from ledger.audit.entries import EntryChecker, Examined, Finding, micros_of
from ledger.audit.pool import Page, examined
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.identity import IDENTITY_TYPES
from ledger.entry import RecordedEvent, parse_again, unframe
from ledger.entry import parse as parse_entry
from ledger.entry_index import EntryIndex
from ledger.errors import EvidenceError, InvariantError, SpoiltError
from ledger.events.registry import Payload, topics
from ledger.kept_index import WORTH_KEEPING, Kept, KeptIndex
from ledger.room import Share
from ledger.sentences import sentence
from ledger.statement import introduced
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import Head, Placed, StoredEntry
from ledger.stored_log import StoredLog, size_of
from ledger.tlog.hash_tree import HashTree
from ledger.tlog.merkle import EMPTY_ROOT, Frontier, Subtree, leaf_hash

#: Rows read at once.
PAGE: Final = 1_000

#: Findings of an entry by which somebody wrote it who could not have signed it. Others make it no forgery.
FORGED: Final = frozenset(
    {"entry", "log", "id", "recorded_at", "signature", "actor", "role", "countersignature", "introduction"}
)

#: Entries done, entries in all.
Progress = Callable[[int, int], None]

T = TypeVar("T")

_EPOCH = datetime.fromtimestamp(0, UTC)


class ProvenLog(StoredLog):
    """One log, as far as this process has read and proven it. Safe to use from several threads.

    Raises EvidenceError (``log_spoilt``, with position and field) where what is stored is not what was recorded, and
    (``rolled_back``) where it has become less. ``stop`` is told the first such error.
    """

    def __init__(
        self,
        recorder: PostgresRecorder,
        origin: str,
        stop: Callable[[EvidenceError], None],
        keeping: KeptIndex | None = None,
    ) -> None:
        """``keeping`` holds what another process of this home has proven, and is given what this one has."""
        super().__init__(recorder)
        self._lock = threading.RLock()
        self._origin = origin
        self._stop = stop
        self._keeping = keeping
        self._proven = Head(Frontier(), None)
        self._begin(EntryIndex(), HashTree(), None)
        #: Whether it is being tried to go on from what was kept: nobody is told to stop where that does not lead on.
        self._trying = False
        #: Entries that another process has proven, which are passed again behind.
        self.taken_over = 0
        #: How many of them have been passed again.
        self.passed_again = 0
        self._known: Share[int, RecordedEvent] = self.room.share()
        self._spoilt: EvidenceError | None = None
        self.progress: Progress = lambda _done, _all: None

    # Proving

    def head(self) -> Head:
        """The committed head, proven."""
        return self.agreed(self._recorder.head())

    def agreed(self, head: Head) -> Head:
        """A head that is stored, once everything under it has been proven and leads to it."""
        if head == self._proven:
            return head
        try:
            with self._lock:
                if self._spoilt is not None:
                    raise self._spoilt
                if head.size < self.size:
                    # Read before somebody else in this process had come further, or the log has become less.
                    head = self._recorder.head()
                if head.size < self.size:
                    raise _less(self.size, head.size)
                if self.size or not self._resumed(head):
                    self._prove(head)
                self._proven = head
        except EvidenceError as error:
            self._stop(error)
            if error.code == "log_spoilt":
                self._spoilt = error
            raise
        return head

    def _prove(self, head: Head) -> None:
        if head.size > self.size:
            self._read(head.size)
        self._compare(head)

    def _begin(self, index: EntryIndex, tree: HashTree, last_recorded_at: datetime | None) -> None:
        self._index, self._tree = index, tree
        self._proven = Head(tree.frontier, last_recorded_at)
        #: Keys and roles as of the last entry; read from the entries once somebody asks.
        self._later_checker: EntryChecker | None = None if tree.size else EntryChecker(self._origin, earlier=index)

    def _resumed(self, head: Head) -> bool:
        """Has this process gone on from what another one had proven, to a head? What does not lead there is forgotten:
        whoever reads everything says what is wrong, and where.
        """
        if self._keeping is None or head.size < WORTH_KEEPING or (kept := self._keeping.read()) is None:
            return False
        size = kept.tree.size
        self._begin(kept.found_by, kept.tree, kept.last_recorded_at)
        self._trying = True
        try:
            if size > head.size:
                raise _less(size, head.size)
            self._prove(head)
        except BaseException as error:
            # Half of it is as good as none, also where the database only did not answer.
            self._begin(EntryIndex(), HashTree(), None)
            self._known.clear()
            if isinstance(error, EvidenceError):
                self._keeping.size = 0
                return False
            raise
        finally:
            self._trying = False
        # The same tree has grown since.
        self.taken_over = size
        return True

    def keep(self) -> None:
        """Leave what is proven to the next process of this home, where that is worth it."""
        with self._lock:
            if self._keeping is not None and self._spoilt is None and self.size - self._keeping.size >= WORTH_KEEPING:
                self._keeping.write(Kept(self._index, self._tree, self.last_recorded_at))

    def pass_again(self, stopped: Callable[[], bool]) -> None:
        """Read everything that was taken over as at a first start, beside whatever else is done.

        Raises EvidenceError, and tells whoever is to stop, where a row is not what was recorded.
        """
        checker, self.passed_again = EntryChecker(self._origin, earlier=self._index), 0
        beside: deque[tuple[StoredEntry, list[str]]] = deque()
        pages = self._pages(0, self.taken_over, beside)
        try:
            for page in examined(pages, self.taken_over, lambda: checker.keys, behind=True):
                for seen in page:
                    row, tags = beside.popleft()
                    self._same(seen)
                    self._checked(checker, seen, row, tags)
                self.passed_again += len(page)
                if stopped():
                    return
            if not self.passed:
                raise _spoilt(Finding(self.passed_again + 1, "entry", "an entry", "nothing"))
        except EvidenceError as error:
            # Where an older state answers, that is what is the matter, and it may pass.
            self.head()
            self._spoilt = error
            self._stop(error)
            raise
        self._index.settle()

    @property
    def passed(self) -> bool:
        """Has this process read everything itself by now?"""
        return self.passed_again >= self.taken_over

    def _same(self, seen: Examined) -> None:
        leaf = self._tree.leaf(seen.position - 1) if 1 <= seen.position <= self.size else b""
        if seen.leaf != leaf:
            raise _spoilt(Finding(seen.position, "entry", f"leaf hash {leaf.hex()}", seen.leaf.hex()))

    @property
    def _checker(self) -> EntryChecker:
        if self._later_checker is None:
            checker = EntryChecker(self._origin, earlier=self._index)
            types = topics(*IDENTITY_TYPES)
            for event in self._events(self._index.positions(DCBQuery([DCBQueryItem(types=types)]), 0, self.size)):
                checker.accept(event)
            checker.go_on_from(self._index.time_at(self.size))
            self._later_checker = checker
        return self._later_checker

    @property
    def size(self) -> int:
        """Entries proven so far."""
        return self._tree.size

    @property
    def known_size(self) -> int:
        return self.size

    def known_head(self) -> Head:
        return self._proven

    def placed(self, position: int) -> Placed:
        if not 1 <= position <= self.size:
            return self.row(position)
        event_id, type_ = self._index.id_at(position), self._index.type_at(position)
        return StoredEntry(position, event_id, type_, self._instant(position), b"", self._tree.leaf(position - 1))

    @property
    def last_recorded_at(self) -> datetime | None:
        return self._instant(self.size) if self.size else None

    def root_at(self, size: int) -> bytes:
        """Root of the tree over the first ``size`` entries, which are proven."""
        return self._tree.subtree(0, size) if size else EMPTY_ROOT

    def _read(self, until: int) -> None:
        """Prove the entries after those that are, up to a size."""
        beside: deque[tuple[StoredEntry, list[str]]] = deque()
        pages, checker = self._pages(self.size, until, beside), self._checker
        for page in examined(pages, until - self.size, lambda: checker.keys):
            for seen in page:
                row, tags = beside.popleft()
                self._take(self._checked(checker, seen, row, tags), seen.leaf)
            self.progress(self.size, until)
        if self.size < until:
            raise _spoilt(Finding(self.size + 1, "entry", f"an entry, of {until} that the head says", "nothing"))

    def _pages(self, position: int, until: int, beside: deque[tuple[StoredEntry, list[str]]]) -> Iterator[Page]:
        """The stored entries after a position, while the rows and tags that they came with are laid ``beside``."""
        while position < until:
            rows = self._recorder.entries(None, after=position, until=until, limit=PAGE)
            if not rows:
                return
            tags = self._recorder.tags_of([row.position for row in rows])
            beside += [(row, tags[row.position]) for row in rows]
            yield position + 1, [row.entry for row in rows]
            position += len(rows)

    @staticmethod
    def _checked(checker: EntryChecker, seen: Examined, row: StoredEntry, tags: list[str]) -> RecordedEvent:
        apart = columns(seen, row, tags)
        forged = (finding for finding in checker.follow(seen) if finding.field in FORGED)
        for finding in (*forged, *apart):
            raise _spoilt(finding)
        if seen.event is None:
            raise InvariantError("an event that was met is not there")
        return seen.event

    def _take(self, event: RecordedEvent, leaf: bytes) -> None:
        """Remember what an entry is found by, next in order."""
        if len(self._index) != self._tree.size:
            raise InvariantError("an entry was taken in half; start this process anew")
        s = event.statement
        self._index.add(s.id, s.type, s.tags, micros_of(event.recorded_at), introduced(s.type, s.tags))
        self._keep(event)
        # Last: what is counted is there.
        self._tree.add(leaf)

    def _compare(self, head: Head) -> None:
        expected = Head(self._tree.frontier, self.last_recorded_at)
        if head.frontier != expected.frontier:
            raise _spoilt(Finding(0, "log_head", _told(expected), _told(head)))
        if head.last_recorded_at != expected.last_recorded_at:
            at, found = expected.last_recorded_at, head.last_recorded_at
            raise _spoilt(Finding(0, "log_head", f"last recorded at {at}", f"last recorded at {found}"))

    # Following what this process records itself

    def take(self, entries: Sequence[StoredEntry], events: Iterable[RecordedEvent] = ()) -> None:
        """Entries that this process has just recorded: their statements were proven before they were admitted.

        ``events`` are those of them that it has parsed.
        """
        parsed = {event.position: event for event in events}
        with self._lock:
            for placed in entries:
                if placed.position != self.size + 1:
                    continue
                event = parsed.get(placed.position) or parse_entry(placed.position, placed.entry)
                if self._later_checker is not None:
                    self._later_checker.accept(event)
                self._take(event, placed.leaf_hash)
            self._proven = Head(self._tree.frontier, self.last_recorded_at)
            self.last_taken = events

    def envelope_of(self, event_id: str) -> tuple[int, bytes] | None:
        """Position and envelope bytes of an id under the head that was agreed last; None where it has none."""
        position = self._index.position(event_id)
        return (position, unframe(self._rows([position])[0].entry)[0]) if position is not None else None

    def has_tag(self, tag: str) -> bool:
        return self._index.has_tag(tag)

    def any_matching(self, query: DCBQuery, after: int, until: int | None = None) -> bool:
        return bool(self._index.positions(query, after, self.size if until is None else self._reached(until)))

    def last_matching(self, query: DCBQuery, until: int) -> int:
        """The last position up to another that a query finds; 0 where it finds none."""
        return max(self._index.positions(query, 0, self._reached(until)), default=0)

    # Reading

    def rows(
        self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> list[StoredEntry]:
        until = self._reached(until)
        return self._rows(self._index.positions(query, after, until)[:limit])

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        until = self._reached(until)
        return self._events(self._index.positions(query, after, until))

    def rows_at(self, positions: Sequence[int]) -> list[StoredEntry]:
        return self._rows(sorted(positions))

    def at(self, positions: Sequence[int]) -> list[RecordedEvent]:
        return self._events(positions)

    def event(self, event_id: str) -> RecordedEvent | None:
        position = self._position(event_id)
        return self._events([position])[0] if position is not None else None

    def by_id(self, event_id: str) -> StoredEntry | None:
        position = self._position(event_id)
        return self._rows([position])[0] if position is not None else None

    def last_of(self, kind: type[Payload], until: int) -> RecordedEvent | None:
        found = self._index.last_of(kind.SPEC.topic, self._reached(until))
        return self._events([found])[0] if found is not None else None

    def recorded_at(self, position: int) -> datetime | None:
        return self._instant(position) if 1 <= position <= self.size else None

    def position_at(self, instant: datetime, doubted: Sequence[tuple[int, int]] = ()) -> int:
        size, at = self.head().size, micros_of(instant)
        if not doubted:
            # Time goes back at a correction alone, and that doubts what is before it.
            return self._index.count_until(at, size)
        time_at = self._index.time_at
        return next((p for p in range(size, 0, -1) if time_at(p) <= at and not any(a <= p <= b for a, b in doubted)), 0)

    def taken_for(self, tag: str) -> str | None:
        return self._index.looks_like(tag)

    def indexed(self, size: int, after: int = 0) -> Iterator[tuple[int, bytes, str, Collection[str]]]:
        for position in range(after + 1, self._reached(size) + 1):
            yield position, self._tree.leaf(position - 1), self._index.type_at(position), self._index.tags_at(position)

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        return self._tree.hashes(level, start, end)

    def proved(self, prove: Callable[[Subtree], T]) -> T:
        return prove(self._tree.subtree)

    def _reached(self, until: int | None) -> int:
        if until is not None and until <= self.size:
            return until
        size = self.head().size
        return size if until is None else min(until, size)

    def _position(self, event_id: str) -> int | None:
        position = self._index.position(event_id)
        if position is None or position > self.size:
            # Not there, or being added at this moment.
            self.head()
            position = self._index.position(event_id)
        return position

    def _events(self, positions: Sequence[int]) -> list[RecordedEvent]:
        kept = self._known.get_all(positions)
        missing = [p for p in positions if p not in kept]
        for position, entry in self._entries(missing).items():
            kept[position] = self._keep(parse_again(position, entry))
        return [kept[p] for p in positions]

    def _entries(self, positions: Sequence[int]) -> dict[int, bytes]:
        """The stored bytes of positions, which have the hash that is known of each."""
        found = self._recorder.entries_at(positions) if positions else {}
        for position in positions:
            entry, leaf = found.get(position), self._tree.leaf(position - 1)
            if entry is None or leaf_hash(entry) != leaf:
                told = leaf_hash(entry).hex() if entry is not None else "nothing"
                error = _spoilt(Finding(position, "entry", f"leaf hash {leaf.hex()}", told))
                if not self._trying:
                    self._stop(error)
                raise error
        return found

    def _rows(self, positions: Sequence[int]) -> list[StoredEntry]:
        """The stored bytes of positions, each with the hash that is known of it."""
        entries, index = self._entries(positions), self._index
        return [
            StoredEntry(p, index.id_at(p), index.type_at(p), self._instant(p), entries[p], self._tree.leaf(p - 1))
            for p in positions
        ]

    def _instant(self, position: int) -> datetime:
        return _EPOCH + timedelta(microseconds=self._index.time_at(position))

    def _keep(self, event: RecordedEvent) -> RecordedEvent:
        self._known.put(event.position, event, size_of(event))
        return event


def columns(seen: Examined, row: StoredEntry, tags: Sequence[str]) -> Iterator[Finding]:
    """Where what is stored beside an entry is not what its bytes say."""
    if row.position != seen.position:
        yield Finding(seen.position, "position", str(seen.position), str(row.position))
    if row.leaf_hash != seen.leaf:
        yield Finding(seen.position, "leaf_hash", seen.leaf.hex(), row.leaf_hash.hex())
    if seen.event is None:
        return
    statement = seen.event.statement
    for field, expected, actual in (
        ("id", statement.id, row.id),
        ("type", statement.type, row.type),
        ("recorded_at", seen.event.recorded_at.isoformat(), row.recorded_at.astimezone(UTC).isoformat()),
        ("tags", " ".join(statement.tags), " ".join(sorted(tags))),
    ):
        if expected != actual:
            yield Finding(seen.position, f"column {field}", expected, actual)


def _told(head: Head) -> str:
    return f"size {head.size}, root {head.frontier.root().hex()}"


def _less(proven: int, found: int) -> EvidenceError:
    return SpoiltError(
        "rolled_back",
        sentence(
            "the database holds {found} entries, and this process has read {proven}: an older state, or another "
            "server, answers. Nothing is signed; fence that server, or restore the right one (docs/operations.md)",
            found=found,
            proven=proven,
        ),
    )


def _spoilt(finding: Finding) -> EvidenceError:
    place = sentence("entry {position}", position=finding.position) if finding.position else sentence("the log")
    return SpoiltError(
        "log_spoilt",
        sentence(
            "{place}: {field}: expected {expected}, found {actual}. What is stored is not what was recorded; nothing "
            "is "
            "signed or recorded. Run rongjian verify, then restore a backup or a mirror",
            place=place,
            field=finding.field,
            expected=finding.expected[:200],
            actual=finding.actual[:200],
        ),
        position=finding.position,
        field=finding.field,
    )
