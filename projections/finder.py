"""Where a text, a number or a serial number stands in a log, without reading the log.

Rows (``search_text``, ``search_hash``) say where to look. They are filled from proven entries, in the transaction that
moves their cursor, and what is told is what the entries themselves say, read proven. What is recorded after the cursor
is read as it is: a search misses nothing because rows are behind.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString, Protocol

import structlog
from psycopg import Connection

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent, acts
from ledger.errors import RongjianError
from ledger.events.decision import CertificateIssued
from ledger.events.registry import topics
from ledger.store import database
from ledger.store.database import Database
from ledger.store.odd_rows import reading_rows
from ledger.store.queries import columns_of
from projections.inquiry import search
from projections.inquiry.search import ENTRY, FOUND_MAX, SERIAL, START, Found
from projections.slices import Source

#: Entries of one transaction, and entries behind the cursor up to which a search reads them rather than have them kept.
BATCH: Final = 500

#: Seconds between looks at the log.
POLL: Final = 5.0

#: Which rows an entry has: where this changes, they are made anew.
VERSION: Final = 1

#: Rows of subjects that are looked at: several may be of one.
_SUBJECT_ROWS: Final = 2 * FOUND_MAX

#: Characters of a text that are kept: a row of an index holds some 2,700 bytes.
_FOLDED_MAX: Final = 600

_POSITION: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_ID: Final = re.compile(r"[0-9a-f-]+", re.ASCII)

_log = structlog.get_logger(__name__)


class Log(Source, Protocol):
    """The log that is looked into."""

    def at(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """Parsed events of positions."""

    def size(self) -> int:
        """Entries recorded so far."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Where the rows have come to, which of those that entries give are not there, and which of those there none gives:
    text, kind (empty with the start of a hash) and position.
    """

    position: int
    missing: frozenset[tuple[str, str, int]]
    odd: frozenset[tuple[str, str, int]]


class Finder:
    """Keeps the rows of one log, and looks things up by them. Safe for several threads and several processes."""

    def __init__(self, log: Log, database: Database) -> None:
        self._log = log
        self._database = database
        self._stopped = threading.Event()
        self._reading = threading.Lock()
        #: Serial numbers that entries up to a size have given out, by the position that did so first.
        self._serials: tuple[int, dict[str, int]] = (0, {})

    # Finding

    def search(self, text: str, known: int) -> list[Found]:
        """What the entries known say of a text (:func:`projections.inquiry.search.search`)."""
        wanted = search.wanted_of(text)
        if not wanted:
            return []
        reached = self._kept_up(known)
        with self._database.connection() as connection:
            until = min(known, reached)
            places = {*_of_texts(connection, wanted, until), *_of_ids(connection, wanted, until)}
        if _POSITION.fullmatch(wanted):
            places.add(int(wanted))
        found = self._log.at(sorted(place for place in places if 0 < place <= until))
        behind = self._log.events(after=reached, until=known) if reached < known else []
        return search.search([*found, *behind], text)

    def certificate(self, serial: str, known: int) -> str | None:
        """The award that a certificate, plaque or cup of this serial number was issued for; None if there was none.

        That there is none is told by the entries, all of which have been looked at, not by rows.
        """
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT position FROM search_text WHERE folded = %s AND kind = %s AND position <= %s ORDER BY position"
                " LIMIT 1",
                (serial[:_FOLDED_MAX], SERIAL, known),
            ).fetchall()
        for (position,) in rows:
            if 0 < position <= min(known, self._log.size()):
                award = _award_of(self._log.at([int(position)]), serial)
                if award is not None:
                    return award
        position = self._issued(known).get(serial)
        return _award_of(self._log.at([position]), serial) if position is not None and position <= known else None

    def _issued(self, known: int) -> dict[str, int]:
        """Serial numbers by the position of the entry that gave them out, up to a size at least; read once."""
        with self._reading:
            reached, serials = self._serials
            if reached < known:
                query = DCBQuery([DCBQueryItem(types=topics(CertificateIssued))])
                for event, issued in acts(CertificateIssued, self._log.events(query, after=reached, until=known)):
                    for item in issued.items:
                        serials.setdefault(item.serial, event.position)
                self._serials = known, serials
            return serials

    # Keeping

    def catch_up(self) -> int:
        """Take in everything recorded so far; returns the position reached."""
        while True:
            size = self._log.size()
            reached = self._step(size)
            if reached >= size:
                return reached

    def rebuild(self) -> int:
        """Make every row anew; returns the position reached."""
        with self._database.transaction() as connection:
            _empty(connection)
        return self.catch_up()

    def compare(self, size: int, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Compared:
        """Hold the rows against those that the first ``size`` entries give, up to where the rows have come to."""
        with self._database.transaction() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor = connection.execute("SELECT position FROM search_cursor WHERE version = %s", (VERSION,)).fetchone()
            if cursor is None:
                return Compared(0, frozenset(), frozenset())
            until = min(int(cursor[0]), size)
            stored = {
                *connection.execute(
                    "SELECT folded, kind, position FROM search_text WHERE position <= %s", (until,)
                ).fetchall(),
                *connection.execute("SELECT start, '', position FROM search_hash WHERE position <= %s", (until,)),
            }
        given = self._given(until, progress)
        return Compared(int(cursor[0]), frozenset(given - stored), frozenset(stored - given))

    def _given(self, until: int, progress: Callable[[int, int], None]) -> set[tuple[str, str, int]]:
        """The rows of the first entries; one with the start of a hash is of no kind."""
        given: set[tuple[str, str, int]] = set()
        named: set[tuple[str, str]] = set()
        for after in range(0, until, BATCH):
            new = _Rows(self._log.events(after=after, until=min(after + BATCH, until)))
            before = {(text, kind): position for text, kind, position in sorted(new.each, reverse=True)}
            given |= new.each | {(start, "", position) for start, position in new.hashes}
            for key, position in new.first.items():
                if key not in named and before.get(key, position) >= position:
                    given.add((*key, position))
            named |= before.keys() | new.first.keys()
            progress(min(after + BATCH, until), until)
        return given

    def follow(self) -> None:
        """Keep up until :meth:`stop`; a failing database is waited out."""
        while not self._stopped.is_set():
            try:
                with reading_rows():
                    size = self._log.size()
                    behind = self._reached() < size and self._step(size) < size
                if not behind:
                    self._stopped.wait(POLL)
            except RongjianError as error:
                _log.error("search_step_failed", code=error.code)
                self._stopped.wait(4 * POLL)

    def stop(self) -> None:
        self._stopped.set()

    def _kept_up(self, known: int) -> int:
        """Up to where rows say what there is; far behind they are brought to the end first."""
        reached = self._reached()
        return reached if known - reached <= BATCH else self.catch_up()

    def _reached(self) -> int:
        with self._database.connection() as connection:
            row = connection.execute("SELECT position FROM search_cursor WHERE version = %s", (VERSION,)).fetchone()
        return int(row[0]) if row is not None else 0

    def _step(self, size: int) -> int:
        """Take in the next entries, up to a size; returns the position reached."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT position, version FROM search_cursor FOR UPDATE").fetchone()
            if row is None or row[1] != VERSION or row[0] > size:
                _empty(connection)
                reached = 0
            else:
                reached = int(row[0])
            until = min(reached + BATCH, size)
            if until > reached:
                _keep(connection, _Rows(self._log.events(after=reached, until=until)))
                connection.execute("UPDATE search_cursor SET position = %s", (until,))
        return until


def _empty(connection: Connection[database.Row]) -> None:
    for table in ("search_text", "search_hash", "search_cursor"):
        connection.execute(f"DELETE FROM {table}".encode())
    connection.execute("INSERT INTO search_cursor (position, version) VALUES (0, %s)", (VERSION,))


class _Rows:
    """The rows of entries that follow each other."""

    def __init__(self, events: Iterable[RecordedEvent]) -> None:
        #: Texts that the first entry alone is kept of.
        self.first: dict[tuple[str, str], int] = {}
        self.each: set[tuple[str, str, int]] = set()
        self.hashes: set[tuple[str, int]] = set()
        for event in events:
            self.hashes |= {(start, event.position) for start in search.hashes_of(event)}
            for row in search.rows_of(event):
                text = row.folded[:_FOLDED_MAX]
                if row.of_each:
                    self.each.add((text, row.kind, event.position))
                else:
                    self.first.setdefault((text, row.kind), event.position)


def _keep(connection: Connection[database.Row], new: _Rows) -> None:
    rows: LiteralString = "unnest(%s::text[], %s::text[], %s::bigint[]) AS u (folded, kind, position)"
    insert: LiteralString = "INSERT INTO search_text SELECT u.* FROM " + rows
    # Those of each first: where a batch names a subject and says its name, either row will do.
    connection.execute(insert + " ON CONFLICT DO NOTHING", columns_of(sorted(new.each), 3))
    connection.execute(
        insert + " WHERE NOT EXISTS (SELECT FROM search_text s WHERE s.folded = u.folded AND s.kind = u.kind"
        " AND s.position <= u.position) ON CONFLICT DO NOTHING",
        columns_of([(*key, position) for key, position in sorted(new.first.items())], 3),
    )
    connection.execute(
        "INSERT INTO search_hash SELECT * FROM unnest(%s::text[], %s::bigint[]) ON CONFLICT DO NOTHING",
        columns_of(sorted(new.hashes), 2),
    )


def _of_texts(connection: Connection[database.Row], wanted: str, until: int) -> list[int]:
    """Positions of entries by which a part of a text is found: of subjects, and of entries."""
    part = wanted[:_FOLDED_MAX]
    pieces = [part] if len(part) <= 3 else [part[n : n + 3] for n in range(len(part) - 2)]
    query: LiteralString = (
        "SELECT position FROM search_text WHERE search_pieces(folded) @> %s::text[] AND strpos(folded, %s) > 0"
        " AND position <= %s AND "
    )
    # Without an order: of a part that thousands hold some are told, as rows lie, and that is as they were recorded.
    of_subjects = query + "kind NOT IN (%s, %s) LIMIT %s"
    of_entries = query + "kind = %s LIMIT %s"
    found = [
        *connection.execute(of_subjects, (pieces, part, until, ENTRY, SERIAL, _SUBJECT_ROWS)).fetchall(),
        *connection.execute(of_entries, (pieces, part, until, ENTRY, FOUND_MAX)).fetchall(),
    ]
    return [int(position) for (position,) in found]


def _of_ids(connection: Connection[database.Row], wanted: str, until: int) -> list[int]:
    """Positions of entries whose id, or a hash that they name, begins so."""
    if len(wanted) < START:
        return []
    found = connection.execute(
        "SELECT position FROM search_hash WHERE start = %s AND position <= %s ORDER BY position LIMIT %s",
        (wanted[:START], until, FOUND_MAX),
    ).fetchall()
    if _ID.fullmatch(wanted):
        found += connection.execute(
            "SELECT position FROM entry WHERE id >= %s AND id < %s AND position <= %s ORDER BY position LIMIT %s",
            (wanted, f"{wanted}g", until, FOUND_MAX),
        ).fetchall()
    return [int(position) for (position,) in found]


def _award_of(events: Sequence[RecordedEvent], serial: str) -> str | None:
    """The award that entries gave out a serial number for."""
    issued = (p for _, p in acts(CertificateIssued, events))
    return next((p.award_id for p in issued for item in p.items if item.serial == serial), None)
