"""The table of documents: bytes by their SHA-256."""

from __future__ import annotations

from psycopg import Connection

from ledger.store.database import Row


def deposit(connection: Connection[Row], sha256: bytes, media_type: str, content: bytes) -> None:
    """Keep the bytes of a hash; what is there already stays."""
    connection.execute(
        "INSERT INTO document (sha256, media_type, content) VALUES (%s, %s, %s) ON CONFLICT (sha256) DO NOTHING",
        (sha256, media_type, content),
    )


def deposited(connection: Connection[Row], sha256: bytes) -> tuple[str, bytes] | None:
    """Media type and bytes that are kept of a hash; None where there are none."""
    row = connection.execute("SELECT media_type, content FROM document WHERE sha256 = %s", (sha256,)).fetchone()
    return (str(row[0]), bytes(row[1])) if row is not None else None
