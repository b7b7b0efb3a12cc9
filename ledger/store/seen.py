"""What rows say of those outside who attested a log's heads: cosignatures of witnesses, and time-stamps of authorities.

Anybody who can write rows can write any of these; :mod:`ledger.outside` tells which are proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from psycopg import Connection

from ledger.store.database import Database, Row

#: Rows of one key or authority that are looked at for one that holds.
LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Cosigned:
    """One cosignature: of the head of which size, and the signature line."""

    size: int
    line: str


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """An RFC 3161 response over the head of a size, by which authority, and the time it states."""

    size: int
    authority: str
    response: bytes
    at: datetime


class SeenRows:
    """The rows of one log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cosignatures(self, key: str, until: int) -> list[Cosigned]:
        """Of a key, those over heads of at most ``until`` entries, the largest first."""
        return self._cosigned(
            "SELECT size, line FROM cosignature WHERE key = %s AND size <= %s ORDER BY size DESC LIMIT %s", key, until
        )

    def first_cosignatures(self, key: str, size: int) -> list[Cosigned]:
        """Of a key, those over heads of at least ``size`` entries, the smallest first."""
        return self._cosigned(
            "SELECT size, line FROM cosignature WHERE key = %s AND size >= %s ORDER BY size LIMIT %s", key, size
        )

    def index_cosignatures(self, key: str) -> list[tuple[Cosigned, str]]:
        """Of a key, those over heads of the log of index heads, the largest first, each with the note that is
        stored.
        """
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT size, line, note FROM index_cosignature JOIN index_checkpoint USING (size) WHERE key = "
                "%s ORDER BY size DESC LIMIT %s",
                (key, LOOKED_AT),
            ).fetchall()
        return [(Cosigned(size, line), note) for size, line, note in rows]

    def timestamps(self, size: int) -> list[TimestampToken]:
        """Responses over the head of exactly this size, for readers who check them by authorities of their own."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT size, authority, response, stamped_at FROM timestamp_token WHERE size = %s ORDER BY authority",
                (size,),
            ).fetchall()
        return [TimestampToken(int(s), str(a), bytes(r), t) for s, a, r, t in rows]

    def stamps(self, authority: str, first: int, until: int, *, newest: bool) -> list[TimestampToken]:
        """Of an authority, those over heads of a range of sizes, by the time that rows say: the newest first, or the
        earliest.
        """
        order: LiteralString = "stamped_at DESC, size DESC" if newest else "stamped_at, size"
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT size, authority, response, stamped_at FROM timestamp_token WHERE authority = %s AND size "
                "BETWEEN %s AND %s"
                " ORDER BY " + order + " LIMIT %s",
                (authority, first, until, LOOKED_AT),
            ).fetchall()
        return [TimestampToken(int(s), str(a), bytes(r), t) for s, a, r, t in rows]

    def _cosigned(self, query: LiteralString, key: str, size: int) -> list[Cosigned]:
        with self._database.connection() as connection:
            return [Cosigned(s, line) for s, line in connection.execute(query, (key, size, LOOKED_AT)).fetchall()]


def add_timestamp(connection: Connection[Row], size: int, authority: str, response: bytes, at: datetime) -> None:
    """Keep a response over the head of a size; the first of an authority stays."""
    connection.execute(
        "INSERT INTO timestamp_token VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", (size, authority, response, at)
    )
