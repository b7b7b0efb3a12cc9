"""Who of those with a seat read what: an append-only table beside the log, read by those who are watched as well.

Each row continues a hash chain over all rows before it, so that none can be cut out or rewritten below a head of the
chain that somebody logged in (``AccessRecordAttested``). What is hashed stands in docs/spec, section 13.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from ledger import canonical
from ledger.clock import format_instant
from ledger.errors import SpoiltError
from ledger.sentences import sentence
from ledger.store.database import Database, Row

#: The chain before the first row.
CHAIN_START = bytes(32)

#: A token's reading of one kind of page is recorded once within so long: a mirror asks every few seconds.
TOKEN_READ_ONCE_IN = timedelta(hours=1)

#: Before the name of a reader token, which is no principal: no principal's id holds a colon.
TOKEN_PREFIX = "token:"

#: No record of visits comes to this many rows.
_PLACE_END = 2**62

#: Rows read at once; bounds memory over years of reading.
_PAGE = 5_000

_COLUMNS = "at, principal, key_id, roles, page, purpose"


@dataclass(frozen=True, slots=True)
class Visit:
    """One page read: by whom, with which key, holding which roles, and what for."""

    at: datetime
    principal: str
    key_id: str
    roles: str
    page: str
    purpose: str

    def to_json(self) -> dict[str, object]:
        return {
            "at": format_instant(self.at),
            "person": self.principal,
            "key_id": self.key_id,
            "roles": self.roles,
            "page": self.page,
            "purpose": self.purpose,
        }


@dataclass(frozen=True, slots=True)
class ChainHead:
    """``visits`` rows, and the chain over them."""

    visits: int
    chain: bytes

    def continued(self, visit: Visit) -> ChainHead:
        """After one more row: SHA-256(chain || u64 place || canonical JSON of the row)."""
        place = self.visits + 1
        row = canonical.encode(visit.to_json())
        return ChainHead(place, hashlib.sha256(self.chain + place.to_bytes(8, "big") + row).digest())


@dataclass(frozen=True, slots=True)
class ChainedVisit:
    """A row as it is stored: its place, and the chain that stands beside it.

    ``place`` None is a row of before the chain.
    """

    place: int | None
    chain: bytes
    visit: Visit


def record_visit(database: Database, visit: Visit) -> None:
    """Write a row down, and continue the chain by it."""
    with database.transaction() as connection:
        _append(connection, visit)


def record_token_read(database: Database, name: str, page: str, at: datetime) -> bool:
    """Write down that pages of a kind were read with the reader token of that name; once an hour.

    True if it was written.
    """
    with database.transaction() as connection:
        _lock(connection)
        known = connection.execute(
            "SELECT 1 FROM visit WHERE principal = %s AND page = %s AND at > %s LIMIT 1",
            (TOKEN_PREFIX + name, page, at - TOKEN_READ_ONCE_IN),
        ).fetchone()
        if known is None:
            _append(connection, Visit(at, TOKEN_PREFIX + name, "", "", page, ""))
    return known is None


def chain_head(database: Database) -> ChainHead:
    """The head of the chain now, rows of before the chain included from here on."""
    with database.transaction() as connection:
        _lock(connection)
        return _chained(connection)


def chained_visits(database: Database) -> Iterator[ChainedVisit]:
    """Every row, by place; those without one last, in the order in which they were written."""
    # A cursor in the server: of one moment, whatever is written meanwhile.
    with database.connection() as connection, connection.transaction(), connection.cursor("chained_visits") as cursor:
        cursor.itersize = _PAGE
        cursor.execute(f"SELECT place, chain, {_COLUMNS} FROM visit ORDER BY place NULLS LAST, number".encode())
        for place, chain, *columns in cursor:
            yield ChainedVisit(place, bytes(chain or b""), Visit(*columns))


def visits(database: Database, principal: str | None, limit: int) -> list[Visit]:
    """The newest visits, of one principal or of all."""
    with database.connection() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM visit WHERE %s::text IS NULL OR principal = %s "
            "ORDER BY number DESC LIMIT %s".encode(),
            (principal, principal, limit),
        ).fetchall()
    return [Visit(*row) for row in rows]


def _append(connection: Connection[Row], visit: Visit) -> None:
    _lock(connection)
    head = _chained(connection).continued(visit)
    connection.execute(
        f"INSERT INTO visit ({_COLUMNS}, place, chain) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)".encode(),
        (visit.at, visit.principal, visit.key_id, visit.roles, visit.page, visit.purpose, head.visits, head.chain),
    )


def _lock(connection: Connection[Row]) -> None:
    """One writer of this log's chain at a time, in whatever process: two would each continue the same head."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('visits of ' || current_schema(), 0))")


def _chained(connection: Connection[Row]) -> ChainHead:
    """The head, once rows that have no place yet were given theirs. The lock is held."""
    row = connection.execute(
        "SELECT place, chain FROM visit WHERE place IS NOT NULL ORDER BY place DESC LIMIT 1"
    ).fetchone()
    head = _stored_head(*row) if row else ChainHead(0, CHAIN_START)
    waiting = connection.execute(
        f"SELECT number, {_COLUMNS} FROM visit WHERE place IS NULL ORDER BY number".encode()
    ).fetchall()
    for number, *columns in waiting:
        head = head.continued(Visit(*columns))
        connection.execute(
            "UPDATE visit SET place = %s, chain = %s WHERE number = %s", (head.visits, head.chain, number)
        )
    return head


def _stored_head(place: object, chain: object) -> ChainHead:
    """The newest row's head. Raises EvidenceError where no chain of ours can have come to it."""
    if (
        not isinstance(place, int)
        or not 1 <= place < _PLACE_END
        or not isinstance(chain, bytes)
        or len(chain) != len(CHAIN_START)
    ):
        raise SpoiltError(
            "visits_spoilt",
            sentence(
                "the newest row of the record of visits is none that was written here; nobody reads what must be "
                "recorded before it is looked at. Run rongjian verify"
            ),
        )
    return ChainHead(place, chain)
