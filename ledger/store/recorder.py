"""Our DCBRecorder for PostgreSQL: one dense total order, idempotent, with the Merkle tree in the same transaction.

What holds under the lock of the one ``log_head`` row, in this order:

1. idempotency: an id that is already recorded with the same bytes returns its first position; with other
   bytes it is an error;
2. the command's append condition, against everything recorded and against the batch so far, and that no id comes into
   being that looks like another; one conflicting command does not fail its neighbours;
3. position, ``recorded_at``, entry bytes, leaf hash, frontier, tile nodes, tags, sealed openings: one insert
   for the batch, one commit; NOTIFY after it.

A crash anywhere leaves either the whole batch or nothing. Positions are committed in order, because the lock
is held until commit: a reader never sees n+1 before n.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import psycopg
from eventsourcing.dcb import api as library
from eventsourcing.dcb.api import DCBEvent, DCBReadResponse, DCBRecorder, DCBSequencedEvent
from eventsourcing.dcb.persistence import DCBListenNotifySubscription
from eventsourcing.persistence import IntegrityError, ProgrammingError
from psycopg import Connection, Cursor

from ledger.clock import Clock, system_clock
from ledger.dcb import DCBAppendCondition, DCBQuery, matches
from ledger.entry import frame, unframe
from ledger.errors import AppendConflictError, IdentifierReusedError, InvariantError, RongjianError, UnavailableError
from ledger.identifiers import shapes
from ledger.sentences import sentence
from ledger.statement import introduced
from ledger.store.database import Database, Row
from ledger.store.pending import forget_recorded
from ledger.store.queries import ReadResponse, condition_of, query_of, select
from ledger.store.records import (
    AppendCommand,
    Appended,
    Beside,
    Head,
    NewEvent,
    Proven,
    RestoredEntry,
    StoredEntry,
    not_kept,
    spoilt_row,
    stored_entry,
)
from ledger.store.timekeeping import Timekeeper, check_not_behind
from ledger.store.vault import Vault
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.tiles import HEIGHT


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
        #: Set once the log is proven (:mod:`ledger.proven_log`). Without it rows are believed.
        self.proven: Proven | None = None
        #: Asked under the lock, before anything is decided: why nothing may be recorded but a declaration of loss, if
        #: so.
        self.permit: Callable[[Connection[Row]], RongjianError | None] = lambda _connection: None

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
        with self.database.transaction() as connection:
            batch = self._batch(connection, self._now_agreed(connection))
            outcomes = [batch.decide(command) for command in commands]
            batch.write()
        if self.proven is not None:
            self.proven.take([StoredEntry(*row) for row in batch.rows])
        if batch.rows:
            self.database.note_written()
            self._notify(batch.frontier.size)
        return outcomes

    def _batch(self, connection: Connection[Row], now: datetime | None) -> _Batch:
        """A batch under the lock of the head, once what is under the head is proven and recording is allowed."""
        head = _locked_head(connection)
        if self.proven is not None:
            self.proven.agreed(head)
        return _Batch(connection, head, now, self.proven, self.permit(connection), self._vault)

    def replayed(self, command: AppendCommand) -> Appended | None:
        """Where a command was recorded, bytes and all; None where it was not.

        Raises IdentifierReusedError as appending does.
        """
        with self.database.connection() as connection:
            return _replay(command, _recorded(connection, [event.id for event in command.events]))

    def restore(self, entries: Sequence[RestoredEntry]) -> int:
        """Append entries as they were recorded once, bytes and all, after those that are here; returns the size.

        For a lost log that is rebuilt from a mirror: nothing is decided and nothing is stamped anew.
        """
        with self.database.transaction() as connection:
            batch = _Batch(connection, _locked_head(connection), None, None, None, None)
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
        with self.database.connection() as connection, connection.transaction():
            # Nothing that has to last: it waits for no standby.
            connection.execute("SET LOCAL synchronous_commit = local")
            connection.execute("SELECT pg_notify(%s, %s)", (self.database.schema, str(size)))
        for listener in list(self._listeners):
            listener.set()

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
            return _other_of_shape(connection, tag)

    def head(self) -> Head:
        """The committed head."""
        with self.database.connection() as connection:
            row = connection.execute(
                "SELECT size, frontier, nullif(last_recorded_at, '-infinity') FROM log_head"
            ).fetchone()
        return _head(row)

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


class _Batch:
    """One transaction's worth of commands, decided under the lock."""

    def __init__(
        self,
        connection: Connection[Row],
        head: Head,
        now: datetime | None,
        proven: Proven | None,
        lost: RongjianError | None,
        vault: Vault | None,
    ) -> None:
        self._connection = connection
        self._vault = vault
        self._proven = proven
        self._lost = lost
        self.frontier = head.frontier
        self._first = head.size
        self._now = now
        self._recorded_at = head.last_recorded_at
        self.rows: list[tuple[int, str, str, datetime, bytes, bytes]] = []
        self._tags: list[tuple[str, int, str]] = []
        self._nodes: list[tuple[int, int, bytes]] = []
        self._pending: dict[str, tuple[int, NewEvent]] = {}
        self._introduced: dict[str, None] = {}

    def decide(self, command: AppendCommand) -> Appended | RongjianError:
        """Record the command in the batch, or say why not."""
        if self._lost is not None and not command.declares_loss:
            return self._lost
        try:
            replayed = self._recorded_before(command)
            if replayed is not None:
                return replayed
            self._check_condition(command.condition)
            self._check_lookalikes(command)
            recorded_at = self._instant(command)
        except (IdentifierReusedError, AppendConflictError, UnavailableError) as error:
            return error
        return Appended(tuple(self._add(event, recorded_at) for event in command.events))

    def _instant(self, command: AppendCommand) -> datetime:
        """When the command is recorded: now, and never before the last entry, except where the clock is corrected."""
        if self._now is None:
            raise InvariantError("the batch has no instant")
        if self._recorded_at is None or command.doubts_until == self.frontier.size:
            return self._now
        check_not_behind(self._now, self._recorded_at)
        return max(self._now, self._recorded_at)

    def _recorded_before(self, command: AppendCommand) -> Appended | None:
        ids = [event.id for event in command.events]
        found = self._recorded(ids)
        found |= {i: (position, e.data) for i, (position, e) in self._pending.items() if i in ids}
        return _replay(command, found)

    def _check_condition(self, condition: DCBAppendCondition | None) -> None:
        if condition is None:
            return
        after = condition.after or 0
        query = condition.fail_if_events_match
        conflict = any(position > after and matches(query, e.type, e.tags) for position, e in self._pending.values())
        if not conflict and after < self._first and self._proven is not None:
            conflict = self._proven.any_matching(query, after)
        elif not conflict and after < self._first:
            text, arguments = select(query, after, self._first, 1)
            conflict = self._connection.execute(text.encode(), arguments).fetchone() is not None
        if conflict:
            raise _conflict()

    def _check_lookalikes(self, command: AppendCommand) -> None:
        """The decision asked as well, but before the lock: two that look alike may have been decided at once."""
        new = [tag for event in command.events for tag in introduced(event.type, event.tags)]
        for tag in new:
            beside = [t for t in self._introduced if t != tag and shapes(t) & shapes(tag)]
            if beside or self._taken_for(tag) is not None:
                raise _conflict()

    def _recorded(self, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        if self._proven is None:
            return _recorded(self._connection, ids)
        return {i: found for i in ids if (found := self._proven.envelope_of(i)) is not None}

    def _taken_for(self, tag: str) -> str | None:
        return _other_of_shape(self._connection, tag) if self._proven is None else self._proven.taken_for(tag)

    def _add(self, event: NewEvent, recorded_at: datetime) -> int:
        entry = frame(event.data, recorded_at)
        position = self.place(RestoredEntry(event.id, event.type, event.tags, recorded_at, entry))
        self._pending[event.id] = (position, event)
        return position

    def place(self, entry: RestoredEntry) -> int:
        """Take an entry into the batch; returns its position."""
        self._recorded_at = entry.recorded_at
        leaf = leaf_hash(entry.entry)
        self.frontier, completed = self.frontier.extended(leaf)
        position = self.frontier.size
        self.rows.append((position, entry.id, entry.type, entry.recorded_at, entry.entry, leaf))
        self._tags += [(tag, position, entry.type) for tag in sorted(set(entry.tags))]
        self._introduced |= dict.fromkeys(introduced(entry.type, entry.tags))
        self._nodes += [(n.level // HEIGHT, n.index, n.hash) for n in completed if n.level % HEIGHT == 0]
        return position

    def write(self) -> None:
        if not self.rows:
            return
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO entry (position, id, type, recorded_at, entry, leaf_hash) VALUES (%s, %s, %s, %s, %s, %s)",
                self.rows,
            )
            cursor.execute(
                "INSERT INTO entry_tag SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[])",
                [list(column) for column in zip(*self._tags, strict=True)] if self._tags else [[], [], []],
            )
            if self._introduced:
                cursor.executemany(
                    "INSERT INTO lookalike VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    [(shape, tag) for tag in self._introduced for shape in shapes(tag)],
                )
            if self._nodes:
                cursor.executemany("INSERT INTO tile_node (level, index, hash) VALUES (%s, %s, %s)", self._nodes)
            cursor.execute(
                "UPDATE log_head SET size = %s, frontier = %s, last_recorded_at = %s",
                (self.frontier.size, list(self.frontier.hashes), self._recorded_at),
            )
            self._check_kept(cursor)
        for _, event in self._pending.values():
            if event.beside is not None:
                self._keep(event.id, event.beside)

    def _keep(self, entry_id: str, beside: Beside) -> None:
        """What was waiting under this id is forgotten: erasing reaches no other place than the log's own."""
        if self._vault is None:
            raise InvariantError("a recorder without a vault keeps nothing beside an entry")
        forget_recorded(self._connection, entry_id)
        self._vault.seal(self._connection, entry_id, beside.openings)
        if beside.linked is not None:
            principal, hashes = beside.linked
            self._vault.links.write(self._connection, principal, hashes, normal=True)
        if beside.erases is not None:
            target, pointers = beside.erases
            forget_recorded(self._connection, target)
            self._vault.erase(self._connection, target, pointers, entry_id)

    def _check_kept(self, cursor: Cursor[Row]) -> None:
        """Before anything is committed: what was written is there as it was sent. A trigger or a rule that
        the owner of the database made may have dropped or changed it, and a receipt would be given for nothing.
        """
        first, leaves = self.rows[0][0], [row[5] for row in self.rows]
        cursor.execute(
            "SELECT array_agg(position ORDER BY position), array_agg(leaf_hash ORDER BY position),"
            " array_agg(sha256('\\x00'::bytea || entry) ORDER BY position),"
            " (SELECT count(*) FROM entry_tag WHERE position >= %s), (SELECT size FROM log_head), (SELECT "
            "frontier FROM log_head)"
            " FROM entry WHERE position >= %s",
            (first, first),
        )
        kept = (
            [row[0] for row in self.rows],
            leaves,
            leaves,
            len(self._tags),
            self.frontier.size,
            list(self.frontier.hashes),
        )
        found = cursor.fetchone()
        if found != kept or not all(type(position) is int for position in found[0]):
            raise not_kept()


def _locked_head(connection: Connection[Row]) -> Head:
    row = connection.execute(
        "SELECT size, frontier, nullif(last_recorded_at, '-infinity') FROM log_head FOR UPDATE"
    ).fetchone()
    return _head(row)


def _head(row: Row | None) -> Head:
    size, hashes, recorded_at = row if row is not None else (None, None, None)
    if not isinstance(size, int) or not isinstance(hashes, list) or not all(isinstance(h, bytes) for h in hashes):
        raise spoilt_row(0, "size and frontier")
    if not isinstance(recorded_at, datetime) and (size or recorded_at is not None):
        raise spoilt_row(0, "last_recorded_at")
    return Head(Frontier(size, tuple(hashes)), recorded_at.astimezone(UTC) if recorded_at is not None else None)


def _recorded(connection: Connection[Row], ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Position and envelope by id, of those that are recorded."""
    rows = connection.execute("SELECT id, position, entry FROM entry WHERE id = ANY(%s)", (list(ids),)).fetchall()
    return {event_id: (position, unframe(bytes(entry))[0]) for event_id, position, entry in rows}


def _replay(command: AppendCommand, found: Mapping[str, tuple[int, bytes]]) -> Appended | None:
    """Where a command's events were recorded before; None where none of its ids is.

    Raises IdentifierReusedError where an id stands for other bytes: what is recorded is somebody else's, or another
    act.
    """
    if not found:
        return None
    for event in command.events:
        if event.id not in found or found[event.id][1] != event.data:
            raise IdentifierReusedError(
                "id_reused",
                sentence("id {id} is already recorded with other bytes; a new statement needs a new id", id=event.id),
                id=event.id,
            )
    return Appended(tuple(found[e.id][0] for e in command.events), replayed=True)


def _other_of_shape(connection: Connection[Row], tag: str) -> str | None:
    row = connection.execute(
        "SELECT tag FROM lookalike WHERE shape = ANY(%s) AND tag <> %s AND NOT EXISTS"
        " (SELECT FROM lookalike own WHERE own.shape = ANY(%s) AND own.tag = %s) ORDER BY tag LIMIT 1",
        (list(shapes(tag)), tag, list(shapes(tag)), tag),
    ).fetchone()
    return str(row[0]) if row is not None else None


def _clock_of(connection: Connection[Row]) -> datetime:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    if row is None:
        raise InvariantError("a query that gives one row gave none")
    instant: datetime = row[0]
    return instant.astimezone(UTC)


def _conflict() -> AppendConflictError:
    return AppendConflictError(
        "append_conflict",
        sentence("events that this decision rests on were recorded meanwhile; read again and decide anew"),
        retry_after=1,
    )


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
