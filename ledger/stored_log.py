"""The log as its rows say, for verification. What decides is read through :mod:`ledger.proven_log`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from ledger.dcb import DCBQuery
from ledger.entry import RecordedEvent
from ledger.entry import parse as parse_entry
from ledger.errors import NotFoundError
from ledger.events.registry import Payload
from ledger.room import SHARED, Room, Share
from ledger.sentences import sentence
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import Head, Placed, StoredEntry
from ledger.tlog.merkle import Subtree
from ledger.tlog.tiles import at_once

T = TypeVar("T")


def size_of(event: RecordedEvent) -> int:
    """What a parsed entry takes, about, in bytes: its statement, its signatures, and what they were parsed into."""
    return 1_250 + 3 * len(event.statement.body)


class StoredLog:
    """Reads a log's rows; believes them."""

    #: The events that this process recorded last, of one batch.
    last_taken: Iterable[RecordedEvent] | None = None

    #: Where what was parsed is kept, and what the decisions of this log have read.
    room: Room = SHARED

    def __init__(self, recorder: PostgresRecorder) -> None:
        self._recorder = recorder
        self._decoded: Share[int, tuple[bytes, RecordedEvent]] = self.room.share()

    def _decode(self, position: int, entry: bytes) -> RecordedEvent:
        kept = self._decoded.get(position)
        if kept is not None and kept[0] == entry:
            return kept[1]
        event = parse_entry(position, entry)
        self._decoded.put(position, (entry, event), len(entry) + size_of(event))
        return event

    def head(self) -> Head:
        """The committed head."""
        return self._recorder.head()

    def known_head(self) -> Head:
        """The newest head that need not be asked for."""
        return self.head()

    def placed(self, position: int) -> Placed:
        """Where an entry stands, without its bytes. NotFoundError where there is none."""
        return self.row(position)

    @property
    def known_size(self) -> int | None:
        """Entries that need not be asked for; None where every reading asks."""
        return None

    def rows(
        self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> list[StoredEntry]:
        """Rows that match, with ``after < position <= until``, in order."""
        return self._recorder.entries(query, after=after, until=until, limit=limit)

    def has_tag(self, tag: str) -> bool:
        """May there be entries that bear a tag? No, only where it is known."""
        return True

    def any_matching(self, query: DCBQuery, after: int, until: int | None = None) -> bool:
        """Is there an entry behind a position, up to another one, that a query finds?"""
        return bool(self.rows(query, after=after, until=until, limit=1))

    def last_matching(self, query: DCBQuery, until: int) -> int:
        """The last position up to another that a query finds; 0 where it finds none."""
        return max((row.position for row in self.rows(query, until=until)), default=0)

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Parsed entries that match, in order."""
        return [self._decode(row.position, row.entry) for row in self.rows(query, after=after, until=until)]

    def rows_at(self, positions: Sequence[int]) -> list[StoredEntry]:
        """The rows of positions that there are, in order."""
        return self._recorder.at(positions)

    def at(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """The parsed entries of positions that there are, in the order in which these are given."""
        rows = {row.position: row for row in self._recorder.at(positions)}
        return [self._decode(position, rows[position].entry) for position in positions]

    def event(self, event_id: str) -> RecordedEvent | None:
        """The parsed entry of an id, or None."""
        row = self._recorder.by_id(event_id)
        return self._decode(row.position, row.entry) if row is not None else None

    def row(self, position: int) -> StoredEntry:
        """The row of a position; NotFoundError where there is none."""
        known = 1 <= position <= self.head().size
        rows = self.rows(after=position - 1, until=position) if known else []
        if not rows:
            raise NotFoundError("position_unknown", sentence("the log has no position {position}", position=position))
        return rows[0]

    def by_id(self, event_id: str) -> StoredEntry | None:
        """The row of an id, or None."""
        return self._recorder.by_id(event_id)

    def last_of(self, kind: type[Payload], until: int) -> RecordedEvent | None:
        """The newest entry of a class at or before a position, or None."""
        row = self._recorder.last_of(kind.SPEC.topic, until)
        return self._decode(row.position, row.entry) if row is not None else None

    def recorded_at(self, position: int) -> datetime | None:
        """The instant of a position; None where there is no such position."""
        return self._recorder.recorded_at(position)

    def position_at(self, instant: datetime, doubted: Sequence[tuple[int, int]] = ()) -> int:
        """The last position recorded at or before an instant, 0 if none; doubted ranges of positions are passed
        over.
        """
        return self._recorder.position_at(instant, doubted)

    def taken_for(self, tag: str) -> str | None:
        """The tag of an id that looks like this one and is another; None where there is none, or where this one is
        there too.
        """
        return self._recorder.taken_for(tag)

    def indexed(self, size: int, after: int = 0) -> Iterator[tuple[int, bytes, str, Collection[str]]]:
        """Position, leaf hash, type and tags of every entry up to a size, in order, from after a position on."""
        yield from (row for row in self._recorder.indexed(size) if row[0] > after)

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """Hashes [start, end) of a tile level (level 0: leaf hashes)."""
        return self._recorder.hashes(level, start, end)

    def proved(self, prove: Callable[[Subtree], T]) -> T:
        """What ``prove`` makes of the tree's hashes."""
        return at_once(prove, self._recorder.ranges)
