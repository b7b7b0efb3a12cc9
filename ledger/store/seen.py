"""Who outside has attested a log's heads, as rows say: cosignatures of witnesses, and time-stamps of authorities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.store.database import Database


@dataclass(frozen=True, slots=True)
class Cosigned:
    """One cosignature: the vkey of who cosigned, the size of the head, and the signature line."""

    key: str
    size: int
    line: str


@dataclass(frozen=True, slots=True)
class Stamped:
    """One time-stamp: of which authority, over the head of which size, and the time that it states."""

    authority: str
    size: int
    at: datetime


def newest_cosignatures(database: Database) -> list[Cosigned]:
    """Of each key, the cosignature of the largest head."""
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (key) key, size, line FROM cosignature ORDER BY key, size DESC"
        ).fetchall()
    return [Cosigned(*row) for row in rows]


def first_cosignatures(database: Database, size: int) -> dict[str, Cosigned]:
    """Of each key, the cosignature of the first head that holds ``size`` entries."""
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (key) key, size, line FROM cosignature WHERE size >= %s ORDER BY key, size", (size,)
        ).fetchall()
    return {str(row[0]): Cosigned(*row) for row in rows}


def newest_stamps(database: Database) -> list[Stamped]:
    """Of each authority, the time-stamp with the latest time."""
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (authority) authority, size, stamped_at FROM timestamp_token"
            " ORDER BY authority, stamped_at DESC, size DESC"
        ).fetchall()
    return [Stamped(*row) for row in rows]


def newest_index_cosignatures(database: Database) -> list[Cosigned]:
    """The same of the log of index heads."""
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (key) key, size, line FROM index_cosignature ORDER BY key, size DESC"
        ).fetchall()
    return [Cosigned(*row) for row in rows]
