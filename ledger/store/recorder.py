"""Our DCBRecorder for PostgreSQL: one dense total order, idempotent, with the Merkle tree in the same transaction.

What holds under the lock of the one ``log_head`` row, in this order:

1. idempotency: an id that is already recorded with the same bytes returns its first position; with other
   bytes it is an error;
2. the decision, which sees everything recorded and the batch so far (or the command's append condition, of whoever
   decided before), and that no id comes into being that looks like another; one that is refused does not fail its
   neighbours;
3. position, ``recorded_at``, entry bytes, leaf hash, frontier, tile nodes, tags, sealed openings: one insert
   for the batch, one commit; NOTIFY after it.

A crash anywhere leaves either the whole batch or nothing. Positions are committed in order, because the lock
is held until commit: a reader never sees n+1 before n.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

import psycopg
from eventsourcing.dcb import api as library
from eventsourcing.dcb.api import DCBEvent, DCBReadResponse, DCBRecorder, DCBSequencedEvent
from eventsourcing.dcb.persistence import DCBListenNotifySubscription
from eventsourcing.persistence import IntegrityError, ProgrammingError
from psycopg import Connection, sql

from ledger.clock import Clock, system_clock
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import unframe
from ledger.errors import AppendConflictError, InvariantError, RongjianError
from ledger.store.batch import Batch, envelopes_of, head_of, locked_head, other_of_shape, replay
from ledger.store.database import Database, Row
from ledger.store.queries import ReadResponse, condition_of, query_of, select
from ledger.store.records import (
    Answering,
    AppendCommand,
    Appended,
    Head,
    NewEvent,
    Proven,
    Request,
    RestoredEntry,
    StoredEntry,
    spoilt_row,
    stored_entry,
)
from ledger.store.timekeeping import Timekeeper, check_not_behind
from ledger.store.vault import Vault


class _Notified(Protocol):
    def set(self) -> None: ...


#: Hashes of several ranges of tile levels, each row with the number of its range.
_RANGES = """
WITH wanted AS (
    SELECT * FROM unnest(%s::int[], %s::int8[], %s::int8[]) WITH ORDINALITY AS w (level, first, last, number)
)
SELECT number, hash FROM (
    SELECT number, position AS at, leaf_hash AS hash
    FROM wanted JOIN entry ON level = 0 AND position > first AND position <= last
    UNION ALL
    SELECT number, index, hash
    FROM wanted w JOIN tile_node t ON w.level > 0 AND t.level = w.level AND index >= first AND index < last
) found ORDER BY number, at
"""


class PostgresRecorder(DCBRecorder):
    """The recorder of one log."""

    def __init__(self, database: Database, clock: Clock = system_clock, vault: Vault | None = None) -> None:
        self.database = database
        self._vault = vault
        self._clock = clock
        self._listeners: set[_Notified] = set()
        #: The size that nobody has been told of yet; 0 where there is none.
        self._unannounced = 0
        #: Set once the log is proven (:mod:`ledger.proven_log`). Without it rows are believed.
        self.proven: Proven | None = None
        #: Asked under the lock, before anything is decided: why nothing may be recorded but a declaration of loss, if
        #: so.
        self.permit: Callable[[Answering], RongjianError | None] = lambda _answering: None

    # Writing

    def append(self, events: Sequence[DCBEvent], condition: library.DCBAppendCondition | None = None) -> int:
        """Append without caller-chosen ids (the library's contract); returns the last position."""
        if not events:
            raise ProgrammingError("append needs at least one event")
        new = tuple(NewEvent(str(uuid.uuid4()), e.type, e.data, tuple(e.tags)) for e in events)
        outcome = self.append_commands([AppendCommand(new, condition_of(condition))])[0]
        if isinstance(outcome, AppendConflictError):
            raise IntegrityError(condition) from outcome
        if isinstance(outcome, RongjianError):
            raise outcome
        return outcome.positions[-1]

    def append_commands(self, commands: Sequence[AppendCommand]) -> list[Appended | RongjianError]:
        """Record a batch in one transaction; each command gets its own outcome, in the order given.

        Raises UnavailableError if the transaction failed; then nothing of the batch is recorded, or, after an
        unknown outcome of the commit itself, asking again with the same ids tells.
        """
        requests = [Request(command) for command in commands]
        outcomes = self.record(requests)
        while len(outcomes) < len(commands):
            outcomes += self.record(requests[len(outcomes) :])
        self.announce()
        return outcomes

    def record(self, requests: Sequence[Request]) -> list[Appended | RongjianError]:
        """Decide on requests under the lock of the head, one after the other, and record what may be in one
        transaction: the outcomes of the first of them, in order, of all but those that have to wait for the next batch.

        Nobody else records meanwhile, so that what a decision has read still holds when it is recorded.
        """
        outcomes: list[Appended | RongjianError] = []
        with self.database.transaction() as connection:
            about = [item for request in requests for item in request.reads]
            batch = self._batch(connection, self._now_agreed(connection), about)
            for request in requests:
                outcomes.append(batch.decide(request))
                if batch.closed:
                    break
            batch.write()
        if batch.rows:
            if self.proven is not None:
                self.proven.take([StoredEntry(*row) for row in batch.rows], batch.ahead)
            self.database.note_written()
            self._unannounced = batch.frontier.size
            for listener in list(self._listeners):
                listener.set()
        return outcomes

    def announce(self) -> None:
        """Wake those who follow the log in other processes, where something was recorded since."""
        size, self._unannounced = self._unannounced, 0
        if size:
            self._notify(size)

    def _batch(self, connection: Connection[Row], now: datetime | None, about: Sequence[DCBQueryItem]) -> Batch:
        """A batch under the lock of the head, once what is under the head is proven and recording is allowed."""
        head, answering = locked_head(connection)
        if self.proven is not None:
            self.proven.agreed(head)
        return Batch(connection, head, now, self.proven, self.permit(answering), self._vault, about)

    def replayed(self, command: AppendCommand) -> Appended | None:
        """Where a command was recorded, bytes and all; None where it was not.

        Raises IdentifierReusedError as appending does.
        """
        with self.database.connection() as connection:
            return replay(command, envelopes_of(connection, [event.id for event in command.events]))

    def restore(self, entries: Sequence[RestoredEntry]) -> int:
        """Append entries as they were recorded once, bytes and all, after those that are here; returns the size.

        For a lost log that is rebuilt from a mirror: nothing is decided and nothing is stamped anew.
        """
        with self.database.transaction() as connection:
            batch = Batch(connection, locked_head(connection)[0], None, None, None, None)
            for entry in entries:
                batch.place(entry)
            batch.write()
        return batch.frontier.size

    def _now_agreed(self, connection: Connection[Row]) -> datetime:
        """Now, by our clock; where it keeps watch and the database is another machine, their clocks agree."""
        now = self._clock().astimezone(UTC)
        if self.database.remote and isinstance(self._clock, Timekeeper):
            self._clock.compare(_clock_of(connection), self._clock())
        return now

    def check_clock(self) -> None:
        """Raise UnavailableError (``clock_wrong``) where nothing would be recorded now, for what the clocks say."""
        with self.database.connection() as connection:
            now = self._now_agreed(connection)
        check_not_behind(now, self.head().last_recorded_at)

    def _notify(self, size: int) -> None:
        # After commit: NOTIFY inside the transaction would take a database-wide lock at commit.
        # Nothing that has to last: it waits for no standby. One way there and back.
        told = sql.SQL("BEGIN; SET LOCAL synchronous_commit = local; SELECT pg_notify({}, {}); COMMIT").format(
            sql.Literal(self.database.schema), sql.Literal(str(size))
        )
        with self.database.connection() as connection:
            connection.execute(told)

    # Reading

    def read(
        self, query: library.DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> DCBReadResponse:
        """Events that match, in order (see the library's contract for ``head``)."""
        size = self.head().size
        rows = self.entries(query_of(query), after=after or 0, until=size, limit=limit)
        positions = [row.position for row in rows]
        tags = self.tags_of(positions)
        events = [
            DCBSequencedEvent(DCBEvent(row.type, unframe(row.entry)[0], tags[row.position]), row.position)
            for row in rows
        ]
        head = (size or None) if limit is None else (positions[-1] if positions else None)
        return ReadResponse(iter(events), head)

    def entries(
        self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> list[StoredEntry]:
        """Rows that match, with ``after < position <= until``, in order."""
        text, arguments = select(query, after, until, limit)
        with self.database.connection() as connection:
            rows = connection.execute(text.encode(), arguments).fetchall()
        return [stored_entry(row) for row in rows]

    def at(self, positions: Sequence[int]) -> list[StoredEntry]:
        """The rows of some positions, in order; of those that there are."""
        with self.database.connection() as connection:
            rows = connection.execute(
                "SELECT position, id, type, recorded_at, entry, leaf_hash FROM entry WHERE position = ANY(%s) "
                "ORDER BY position",
                (list(positions),),
            ).fetchall()
        return [stored_entry(row) for row in rows]

    def entries_at(self, positions: Sequence[int]) -> dict[int, bytes]:
        """The bytes of entries at some positions; of those that there are, and hold any."""
        with self.database.connection() as connection, connection.cursor(binary=True) as cursor:
            rows = cursor.execute(
                "SELECT position, entry FROM entry WHERE position = ANY(%s)", (list(positions),)
            ).fetchall()
        return {position: entry for position, entry in rows if isinstance(entry, bytes)}

    def by_id(self, event_id: str) -> StoredEntry | None:
        """The row of an id, or None."""
        with self.database.connection() as connection:
            row = connection.execute(
                "SELECT position, id, type, recorded_at, entry, leaf_hash FROM entry WHERE id = %s", (event_id,)
            ).fetchone()
        return stored_entry(row) if row else None

    def last_of(self, type_: str, until: int) -> StoredEntry | None:
        """The newest row of a type at or before a position, or None."""
        with self.database.connection() as connection:
            row = connection.execute(
                "SELECT position, id, type, recorded_at, entry, leaf_hash FROM entry WHERE type = %s AND position <= %s"
                " ORDER BY position DESC LIMIT 1",
                (type_, until),
            ).fetchone()
        return stored_entry(row) if row else None

    def tags_of(self, positions: Sequence[int]) -> dict[int, list[str]]:
        """Tags of each position, sorted."""
        result: dict[int, list[str]] = {position: [] for position in positions}
        with self.database.connection() as connection:
            rows = connection.execute(
                'SELECT position, tag FROM entry_tag WHERE position = ANY(%s) ORDER BY tag COLLATE "C"',
                (list(positions),),
            ).fetchall()
        for position, tag in rows:
            if not isinstance(tag, str):
                raise spoilt_row(position, "tag")
            result[position].append(tag)
        return result

    def indexed(self, size: int) -> Iterator[tuple[int, bytes, str, list[str]]]:
        """Position, leaf hash, type and tags of every entry up to a size, in order."""
        with self.database.connection() as connection, connection.transaction(), connection.cursor("indexed") as cursor:
            cursor.execute(
                "SELECT e.position, e.leaf_hash, e.type, coalesce(array_agg(t.tag) FILTER (WHERE t.tag IS NOT "
                "NULL), '{}')"
                " FROM entry e LEFT JOIN entry_tag t USING (position) WHERE e.position <= %s GROUP BY e.position"
                " ORDER BY e.position",
                (size,),
            )
            for position, leaf, type_, tags in cursor:
                yield int(position), bytes(leaf), str(type_), list(tags)

    def taken_for(self, tag: str) -> str | None:
        """The tag of an id that looks like this one and is another; None where there is none, or where this one is
        there too.
        """
        with self.database.connection() as connection:
            return other_of_shape(connection, tag)

    def head(self) -> Head:
        """The committed head."""
        with self.database.connection() as connection:
            row = connection.execute(
                "SELECT size, frontier, nullif(last_recorded_at, '-infinity') FROM log_head"
            ).fetchone()
        return head_of(row)

    def recorded_at(self, position: int) -> datetime | None:
        """The instant of a position as its row has it; None where there is no such position."""
        with self.database.connection() as connection:
            row = connection.execute("SELECT recorded_at FROM entry WHERE position = %s", (position,)).fetchone()
        return row[0].astimezone(UTC) if row is not None else None

    def position_at(self, instant: datetime, doubted: Sequence[tuple[int, int]] = ()) -> int:
        """K of a wall-clock instant: the last position recorded at or before it, 0 if none.

        ``doubted`` are ranges of positions whose time is not to be believed; they are passed over.
        """
        believed = "".join(" AND position NOT BETWEEN %s AND %s" for _ in doubted)
        text = f"SELECT coalesce(max(position), 0) FROM entry WHERE recorded_at <= %s{believed}"
        with self.database.connection() as connection:
            row = connection.execute(text.encode(), [instant, *(p for pair in doubted for p in pair)]).fetchone()
        if row is None:
            raise InvariantError("a query that gives one row gave none")
        return int(row[0])

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """Hashes [start, end) of a tile level (level 0: leaf hashes)."""
        if start >= end:
            return []
        if level == 0:
            query = "SELECT leaf_hash FROM entry WHERE position > %s AND position <= %s ORDER BY position"
            arguments: tuple[int, ...] = (start, end)
        else:
            query = "SELECT hash FROM tile_node WHERE level = %s AND index >= %s AND index < %s ORDER BY index"
            arguments = (level, start, end)
        with self.database.connection() as connection:
            return [bytes(row[0]) for row in connection.execute(query, arguments).fetchall()]

    def ranges(self, wanted: Sequence[tuple[int, int, int]]) -> list[list[bytes]]:
        """Several such ranges (level, start, end), read at once."""
        if not wanted:
            return []
        levels, starts, ends = (list(column) for column in zip(*wanted, strict=True))
        found: list[list[bytes]] = [[] for _ in wanted]
        with self.database.connection() as connection:
            rows = connection.execute(_RANGES, (levels, starts, ends)).fetchall()
        for number, hash_ in rows:
            found[number - 1].append(bytes(hash_))
        return found

    # Following

    def subscribe(self, query: library.DCBQuery | None = None, *, after: int | None = None) -> PostgresSubscription:
        """Events from ``after`` on, blocking for new ones."""
        return PostgresSubscription(self, query=query, after=after)

    def listen(self, event: _Notified) -> None:
        self._listeners.add(event)

    def unlisten(self, event: _Notified) -> None:
        self._listeners.discard(event)


def _clock_of(connection: Connection[Row]) -> datetime:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    if row is None:
        raise InvariantError("a query that gives one row gave none")
    instant: datetime = row[0]
    return instant.astimezone(UTC)


class PostgresSubscription(DCBListenNotifySubscription[PostgresRecorder]):
    """Follows the log: woken by writers of this process at once, by others through NOTIFY or a short poll."""

    #: Seconds between looks at the head when no notification came.
    POLL = 0.5

    def __init__(
        self, recorder: PostgresRecorder, query: library.DCBQuery | None = None, after: int | None = None
    ) -> None:
        super().__init__(recorder=recorder, query=query, after=after)
        recorder.listen(self._has_been_notified)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        super().stop()
        self._recorder.unlisten(self._has_been_notified)

    def _watch(self) -> None:
        database = self._recorder.database
        try:
            with psycopg.connect(database.url, autocommit=True) as connection:
                connection.execute(f'LISTEN "{database.schema}"'.encode())
                while not self._has_been_stopped:
                    for _ in connection.notifies(timeout=self.POLL, stop_after=1):
                        break
                    self._has_been_notified.set()
        except psycopg.Error as error:
            self._thread_error = error
            self.stop()
