"""The rows of one log as they are stored: nothing in them is believed, and no value makes reading stop.

Times are read as microseconds since 1970: a row may say an instant that no calendar of ours has, or infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.audit.entries import Finding
from ledger.errors import RongjianError, UnavailableError
from ledger.store.database import Database, Row
from ledger.store.odd_rows import ODD

#: Rows read at once; bounds memory on a log of any size.
PAGE = 1000

_FIRST = -(2**63)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of ``entry`` with its tags.

    ``recorded`` are microseconds since 1970, ``tags`` each with the type beside it.
    """

    position: int
    id: str
    type: str
    recorded: Decimal
    entry: bytes
    leaf_hash: bytes
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The row of ``log_head``; ``recorded`` in microseconds since 1970, infinite in an empty log."""

    size: int
    frontier: tuple[bytes, ...]
    recorded: Decimal


class Rows:
    """Reads the tables of one log's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def select(self, query: str, arguments: Sequence[object] = ()) -> list[Row]:
        """The rows of a query."""
        with self._database.connection() as connection:
            return connection.execute(query.encode(), arguments).fetchall()

    def count(self) -> int:
        """How many entries there are, whatever the head says."""
        return int(self.select("SELECT count(*) FROM entry")[0][0])

    def head(self) -> HeadRow | None:
        """What the log says of itself; None where it says nothing."""
        rows = self.select(f"SELECT size, frontier, {micros('last_recorded_at')} FROM log_head")
        if not rows:
            return None
        size, frontier, recorded = rows[0]
        return HeadRow(int(size), tuple(octets(h) for h in frontier), Decimal(recorded))

    def pages(self) -> Iterator[list[EntryRow]]:
        """Every entry, in order of position."""
        after = _FIRST
        while found := self.select(
            f"SELECT position, id, type, {micros('recorded_at')}, entry, leaf_hash FROM entry WHERE position > %s"
            " ORDER BY position LIMIT %s",
            (after, PAGE),
        ):
            tags: dict[int, list[tuple[str, str]]] = {}
            positions = [row[0] for row in found]
            for position, tag, type_ in self.select(
                'SELECT position, tag, type FROM entry_tag WHERE position = ANY(%s) ORDER BY tag COLLATE "C"',
                (positions,),
            ):
                tags.setdefault(position, []).append((str(tag), str(type_)))
            yield [
                EntryRow(int(p), str(i), str(t), Decimal(r), octets(e), octets(h), tuple(tags.get(p, ())))
                for p, i, t, r, e, h in found
            ]
            after = positions[-1]


def micros(column: str) -> str:
    """SQL for an instant in microseconds since 1970, as text: infinite where it is."""
    return f"coalesce((extract(epoch FROM {column}) * 1000000)::text, 'NaN')"


def octets(value: object) -> bytes:
    """Bytes of a column, none of one that is null; of one that is of another type, its text."""
    if value is None:
        return b""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


def told(look: Callable[[], Iterable[Finding]], field: str) -> list[Finding]:
    """What a look finds. Rows that it cannot even read are a finding about ``field``, and no end of verification."""
    findings: list[Finding] = []
    try:
        findings.extend(look())
    except UnavailableError as error:
        # The database answers with an error of its own about a value that it cannot hand out; one that is gone is no
        # finding.
        if error.code != "database_error":
            raise
        findings.append(Finding(0, field, "rows that can be read", error.en))
    except ODD as error:
        said = error.en if isinstance(error, RongjianError) else f"{type(error).__name__}: {error}"
        findings.append(Finding(0, field, "rows that can be read", said))
    return findings
