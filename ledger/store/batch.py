"""One transaction's worth of requests: decided one after the other under the lock of the head, then written at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from psycopg import Connection

from ledger.ahead import Ahead
from ledger.dcb import DCBAppendCondition, DCBQueryItem, matches
from ledger.entry import RecordedEvent, frame, unframe
from ledger.errors import AppendConflictError, IdentifierReusedError, InvariantError, RongjianError
from ledger.identifiers import shapes
from ledger.sentences import sentence
from ledger.statement import introduced
from ledger.store.arrays import BlobArray, InstantArray, NumberArray, TextArray
from ledger.store.database import SERVER, Row, Server
from ledger.store.identity_links import IdentityLink
from ledger.store.pending import forget_recorded
from ledger.store.queries import select
from ledger.store.records import (
    Answering,
    AppendCommand,
    Appended,
    Beside,
    Deciding,
    Head,
    NewEvent,
    Proven,
    Request,
    RestoredEntry,
    not_kept,
    spoilt_row,
)
from ledger.store.timekeeping import check_not_behind
from ledger.store.vault import SealedOpening, Vault
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.tiles import HEIGHT

#: The head, locked; which server answers; whose signing has ended.
_LOCK: Final = f"""
SELECT size, frontier, nullif(last_recorded_at, '-infinity'), {SERVER},
    ARRAY(SELECT keeper FROM head_keeper WHERE retired_at IS NOT NULL)
FROM log_head, pg_control_system() FOR UPDATE OF log_head
""".encode()

#: All of a batch, in the order in which a reader of it would go. What stands beside an entry is deleted or written with
#: it.
_WRITE: Final = b"""
WITH tagged AS (INSERT INTO entry_tag SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[])),
looks AS (INSERT INTO lookalike SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING),
nodes AS (INSERT INTO tile_node (level, index, hash) SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])),
headed AS (UPDATE log_head SET size = %s, frontier = %s, last_recorded_at = %s),
waited AS (DELETE FROM pending_submission WHERE id = ANY(%s::text[])),
sealed AS (
    INSERT INTO opening (entry_id, pointer, subject, sealed, kek_id, wrapped)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::bytea[])
),
linked AS (
    INSERT INTO identity_link SELECT principal_id, keyed_hash, true, seal
    FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS u (principal_id, keyed_hash, seal)
    ON CONFLICT (principal_id, keyed_hash) DO UPDATE SET normal = EXCLUDED.normal, seal = EXCLUDED.seal
)
INSERT INTO entry (position, id, type, recorded_at, entry, leaf_hash)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::bytea[], %s::bytea[])
"""

_KEPT: Final = b"""
SELECT array_agg(position ORDER BY position), array_agg(leaf_hash ORDER BY position),
    array_agg(sha256('\\x00'::bytea || entry) ORDER BY position),
    (SELECT count(*) FROM entry_tag WHERE position >= %s), (SELECT size FROM log_head),
    (SELECT frontier FROM log_head),
    (SELECT array_agg(entry_id || chr(10) || pointer || chr(10) || subject || chr(10) || kek_id || chr(10)
        || encode(sealed, 'hex') || chr(10) || encode(wrapped, 'hex')) FROM opening WHERE entry_id = ANY(%s::text[]))
FROM entry WHERE position >= %s
"""


class Batch(Deciding):
    """Requests that share a transaction, decided under the lock."""

    def __init__(
        self,
        connection: Connection[Row],
        head: Head,
        now: datetime | None,
        proven: Proven | None,
        lost: RongjianError | None,
        vault: Vault | None,
        about: Sequence[DCBQueryItem] = (),
    ) -> None:
        """``about`` is what the decisions of the batch read first."""
        self._connection = connection
        self._vault = vault
        self._proven = proven
        self._lost = lost
        self._about = about
        self.frontier = head.frontier
        self._first = head.size
        self._now = now
        self._recorded_at = head.last_recorded_at
        self.rows: list[tuple[int, str, str, datetime, bytes, bytes]] = []
        self._tags: list[tuple[str, int, str]] = []
        self._nodes: list[tuple[int, int, bytes]] = []
        self._pending: dict[str, tuple[int, NewEvent]] = {}
        self._introduced: dict[str, None] = {}
        self._shaped: dict[str, dict[str, None]] = {}
        self._ahead = Ahead()
        self._linked: dict[str, frozenset[bytes]] = {}
        #: Is nothing more decided in this batch? What is destroyed beside an entry is read where it is kept, and is
        #: there until it is written.
        self.closed = False

    @property
    def size(self) -> int:
        return self._first

    @property
    def last_recorded_at(self) -> datetime | None:
        return self._recorded_at

    @property
    def ahead(self) -> Ahead:
        return self._ahead

    @property
    def about(self) -> Sequence[DCBQueryItem]:
        return self._about

    @property
    def linked(self) -> Mapping[str, frozenset[bytes]]:
        return self._linked

    def decide(self, request: Request) -> Appended | RongjianError:
        """Record the command in the batch, or say why not."""
        command = request.command
        if self._lost is not None and not command.declares_loss:
            return self._lost
        try:
            replayed = self._recorded_before(command)
            if replayed is not None:
                return replayed
            if request.judge is not None:
                request.judge(self)
            self._check_condition(command.condition)
            self._check_lookalikes(command)
            recorded_at = self._instant(command)
        except RongjianError as error:
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
        found |= {i: (waits[0], waits[1].data) for i in ids if (waits := self._pending.get(i)) is not None}
        return replay(command, found)

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
            if self.taken_for(tag) is not None:
                raise _conflict()

    def taken_for(self, tag: str) -> str | None:
        beside = (t for shape in shapes(tag) for t in self._shaped.get(shape, ()) if t != tag)
        return next(beside, None) or self._taken_for(tag)

    def _recorded(self, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        if self._proven is None:
            return envelopes_of(self._connection, ids)
        return {i: found for i in ids if (found := self._proven.envelope_of(i)) is not None}

    def _taken_for(self, tag: str) -> str | None:
        return other_of_shape(self._connection, tag) if self._proven is None else self._proven.taken_for(tag)

    def _add(self, event: NewEvent, recorded_at: datetime) -> int:
        entry = frame(event.data, recorded_at)
        position = self.place(RestoredEntry(event.id, event.type, event.tags, recorded_at, entry))
        self._pending[event.id] = (position, event)
        if event.signed is not None:
            self._ahead.add(RecordedEvent(position, recorded_at, *event.signed))
        if event.beside is not None:
            if event.beside.linked is not None:
                principal, hashes = event.beside.linked
                self._linked[principal] = hashes
            self.closed = self.closed or event.beside.erases is not None
        return position

    def place(self, entry: RestoredEntry) -> int:
        """Take an entry into the batch; returns its position."""
        self._recorded_at = entry.recorded_at
        leaf = leaf_hash(entry.entry)
        self.frontier, completed = self.frontier.extended(leaf)
        position = self.frontier.size
        self.rows.append((position, entry.id, entry.type, entry.recorded_at, entry.entry, leaf))
        self._tags += [(tag, position, entry.type) for tag in sorted(set(entry.tags))]
        for tag in introduced(entry.type, entry.tags):
            self._introduced[tag] = None
            for shape in shapes(tag):
                self._shaped.setdefault(shape, {})[tag] = None
        self._nodes += [(n.level // HEIGHT, n.index, n.hash) for n in completed if n.level % HEIGHT == 0]
        return position

    def write(self) -> None:
        """Write all of it with one statement, and look whether it is there as it was sent: one way there and back."""
        if not self.rows:
            return
        kept = [(event.id, event.beside) for _, event in self._pending.values() if event.beside is not None]
        openings, first = self._sealed(kept), self.rows[0][0]
        with self._connection.pipeline(), self._connection.cursor(binary=True) as cursor:
            cursor.execute(_WRITE, self._columns(openings, [entry_id for entry_id, _ in kept]))
            cursor.execute(_KEPT, (first, TextArray.of(dict.fromkeys(o[0] for o in openings)), first))
            self._check_kept(cursor.fetchone(), openings)
        for entry_id, beside in kept:
            if beside.erases is not None:
                self._erase(entry_id, *beside.erases)

    def _columns(self, openings: Sequence[SealedOpening], kept: Iterable[str]) -> tuple[object, ...]:
        """What the one statement writes; what waited under the ids that are ``kept`` beside is forgotten: erasing
        reaches no other place than the log's own.
        """
        rows, tags, nodes, links = self.rows, self._tags, self._nodes, self._links()
        looks = [(shape, tag) for tag in self._introduced for shape in shapes(tag)]
        return (
            TextArray.of(tag for tag, _, _ in tags),
            NumberArray.of(position for _, position, _ in tags),
            TextArray.of(kind for _, _, kind in tags),
            TextArray.of(shape for shape, _ in looks),
            TextArray.of(tag for _, tag in looks),
            NumberArray.of(level for level, _, _ in nodes),
            NumberArray.of(index for _, index, _ in nodes),
            BlobArray.of(hashed for _, _, hashed in nodes),
            self.frontier.size,
            BlobArray.of(self.frontier.hashes),
            self._recorded_at,
            TextArray.of(kept),
            TextArray.of(o[0] for o in openings),
            TextArray.of(o[1] for o in openings),
            TextArray.of(o[2] for o in openings),
            BlobArray.of(o[3] for o in openings),
            TextArray.of(o[4] for o in openings),
            BlobArray.of(o[5] for o in openings),
            TextArray.of(link[0] for link in links),
            BlobArray.of(link[1] for link in links),
            BlobArray.of(link[2] for link in links),
            NumberArray.of(row[0] for row in rows),
            TextArray.of(row[1] for row in rows),
            TextArray.of(row[2] for row in rows),
            InstantArray.of(row[3] for row in rows),
            BlobArray.of(row[4] for row in rows),
            BlobArray.of(row[5] for row in rows),
        )

    def _sealed(self, kept: Sequence[tuple[str, Beside]]) -> list[SealedOpening]:
        if not kept:
            return []
        if self._vault is None:
            raise InvariantError("a recorder without a vault keeps nothing beside an entry")
        return [row for entry_id, beside in kept for row in self._vault.sealed(entry_id, beside.openings)]

    def _erase(self, entry_id: str, target: str, pointers: Sequence[str]) -> None:
        """What is destroyed in the transaction that records an entry."""
        if self._vault is None:
            raise InvariantError("a recorder without a vault destroys nothing beside an entry")
        forget_recorded(self._connection, target)
        self._vault.erase(self._connection, target, pointers, entry_id)

    def _links(self) -> list[IdentityLink]:
        if not self._linked:
            return []
        if self._vault is None:
            raise InvariantError("a recorder without a vault keeps nothing beside an entry")
        links = self._vault.links
        return [row for principal, hashes in self._linked.items() for row in links.sealed(principal, hashes)]

    def _check_kept(self, found: Row | None, openings: Sequence[SealedOpening]) -> None:
        """Before anything is committed: what was written is there as it was sent. A trigger or a rule that
        the owner of the database made may have dropped or changed it, and a receipt would be given for nothing.
        """
        leaves = [row[5] for row in self.rows]
        kept = (
            [row[0] for row in self.rows],
            leaves,
            leaves,
            len(self._tags),
            self.frontier.size,
            list(self.frontier.hashes),
        )
        # Each opening by its own place; their order is the database's.
        sealed = sorted("\n".join((o[0], o[1], o[2], o[4], o[3].hex(), o[5].hex())) for o in openings)
        if found is None or found[:6] != kept or not all(type(position) is int for position in found[0]):
            raise not_kept()
        if sorted(map(str, found[6] or ())) != sealed:
            raise not_kept()


def locked_head(connection: Connection[Row]) -> tuple[Head, Answering]:
    """The head, locked until the transaction ends, and who answers: one way there and back."""
    row = connection.execute(_LOCK).fetchone()
    *head, identifier, timeline, retired = row or (None,) * 6
    return head_of(tuple(head)), Answering(Server(str(identifier), int(timeline)), frozenset(map(str, retired)))


def head_of(row: Row | None) -> Head:
    size, hashes, recorded_at = row if row is not None else (None, None, None)
    if not isinstance(size, int) or not isinstance(hashes, list) or not all(isinstance(h, bytes) for h in hashes):
        raise spoilt_row(0, "size and frontier")
    if not isinstance(recorded_at, datetime) and (size or recorded_at is not None):
        raise spoilt_row(0, "last_recorded_at")
    return Head(Frontier(size, tuple(hashes)), recorded_at.astimezone(UTC) if recorded_at is not None else None)


def envelopes_of(connection: Connection[Row], ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Position and envelope by id, of those that are recorded."""
    rows = connection.execute("SELECT id, position, entry FROM entry WHERE id = ANY(%s)", (list(ids),)).fetchall()
    return {event_id: (position, unframe(bytes(entry))[0]) for event_id, position, entry in rows}


def replay(command: AppendCommand, found: Mapping[str, tuple[int, bytes]]) -> Appended | None:
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


def other_of_shape(connection: Connection[Row], tag: str) -> str | None:
    row = connection.execute(
        "SELECT tag FROM lookalike WHERE shape = ANY(%s) AND tag <> %s AND NOT EXISTS"
        " (SELECT FROM lookalike own WHERE own.shape = ANY(%s) AND own.tag = %s) ORDER BY tag LIMIT 1",
        (list(shapes(tag)), tag, list(shapes(tag)), tag),
    ).fetchone()
    return str(row[0]) if row is not None else None


def _conflict() -> AppendConflictError:
    return AppendConflictError(
        "append_conflict",
        sentence("events that this decision rests on were recorded meanwhile; read again and decide anew"),
        retry_after=1,
    )
