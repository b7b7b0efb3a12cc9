"""What a piece of work asks of the database: statements, rows and bytes, and entries that the log hands out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from ledger.application import Ledger


@dataclass
class Counted:
    """So many statements; rows and bytes of their answers that were fetched; entries read."""

    sql: int = 0
    rows: int = 0
    size: int = 0
    entries: int = 0

    def to_json(self, count: int = 1) -> dict[str, float]:
        """The same for one of so many."""
        of = {"sql": self.sql, "rows": self.rows, "bytes": self.size, "entries": self.entries}
        return {name: round(value / count, 3) for name, value in of.items()}


@contextmanager
def counting(ledger: Ledger) -> Iterator[Counted]:
    """Count for the length of a block, in all threads of this process."""
    counted = Counted()
    cursor, log = psycopg.Cursor, ledger.log
    execute = cursor.execute

    def executed(self: Any, query: Any, *arguments: Any, **more: Any) -> Any:
        # An empty one asks whether a connection that has rested is still there.
        counted.sql += bool(query)
        done = execute(self, query, *arguments, **more)
        result = self.pgresult
        if result is not None and result.ntuples:
            counted.rows += result.ntuples
            counted.size += sum(
                len(result.get_value(row, column) or b"")
                for row in range(result.ntuples)
                for column in range(result.nfields)
            )
        return done

    def read(name: str) -> Any:
        given = getattr(log, name)

        def reading(*arguments: Any, **more: Any) -> Any:
            found = given(*arguments, **more)
            counted.entries += len(found)
            return found

        return reading

    ways = ("events", "at", "rows_at")
    try:
        cursor.execute = executed  # type: ignore[method-assign]
        for name in ways:
            setattr(log, name, read(name))
        yield counted
    finally:
        cursor.execute = execute  # type: ignore[method-assign]
        for name in ways:
            delattr(log, name)
