"""The table of the log of index heads: which size of the tag index is its entry of which number."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import Connection

from ledger.store.database import Row


def lock(connection: Connection[Row]) -> None:
    """One collector at a time, in whatever process."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('index heads of ' || current_schema(), 0))")


def not_collected(connection: Connection[Row]) -> list[tuple[int, str]]:
    """Size and note of the tag indexes that are no entry yet, in order of size."""
    rows = connection.execute(
        "SELECT size, note FROM tag_index t WHERE NOT EXISTS (SELECT FROM index_entry e WHERE e.size = t.size)"
        " ORDER BY size"
    ).fetchall()
    return [(int(size), str(note)) for size, note in rows]


def collect(connection: Connection[Row], sizes: Sequence[int]) -> None:
    """Make entries of these sizes, numbered on from those that are there."""
    connection.execute(
        "INSERT INTO index_entry (number, size) SELECT (SELECT coalesce(max(number), 0) FROM index_entry)"
        " + row_number() OVER (ORDER BY size), size FROM unnest(%s::bigint[]) AS size",
        (list(sizes),),
    )


def notes_after(connection: Connection[Row], number: int) -> list[tuple[int, bytes]]:
    """Number and note of every entry after one, in order."""
    rows = connection.execute(
        "SELECT e.number, t.note FROM index_entry e JOIN tag_index t USING (size) WHERE e.number > %s ORDER BY "
        "e.number",
        (number,),
    ).fetchall()
    return [(number, str(note).encode()) for number, note in rows]


def restore(connection: Connection[Row], number: int, size: int, root: bytes, note: str) -> None:
    """Take in an entry of a mirror, with its tag index."""
    connection.execute(
        "INSERT INTO tag_index (size, root, note) VALUES (%s, %s, %s) ON CONFLICT (size) DO NOTHING", (size, root, note)
    )
    connection.execute("INSERT INTO index_entry (number, size) VALUES (%s, %s)", (number, size))


def largest_cosigned(connection: Connection[Row], key: str, size: int) -> int:
    """The largest size up to ``size`` with a row of a key's cosignature, 0 where there is none."""
    row = connection.execute(
        "SELECT max(size) FROM index_cosignature WHERE key = %s AND size BETWEEN 1 AND %s", (key, size)
    ).fetchone()
    return int(row[0] or 0) if row else 0
