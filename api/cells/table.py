"""A table of cells, whatever file it came from: heads, rows with the numbers that a spreadsheet gives them, and
faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from api.sentences import sentence
from ledger.errors import MalformedError, TooLargeError

#: A cell is a text, or a value where the file has types of its own.
Cell = str | int | Decimal | bool | date | datetime | None

ROWS_MAX = 500
COLUMNS_MAX = 64
#: Characters of a cell; the longest member of a payload, a time-stamp token, has 32,000.
CELL_MAX = 32_000
#: Bytes of a file: 500 rows of 64 columns with a few words each.
FILE_MAX = 4_000_000

#: What stands at the ends of a cell and is none of its content; many programs write a tab to keep digits as text.
BLANKS = " \t\n\u00a0\u3000"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, or with its row where ``column`` is None. ``column`` counts from 0."""

    column: int | None
    error: MalformedError


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``number`` as a spreadsheet counts, the line of heads included."""

    number: int
    cells: Sequence[Cell]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows; rows without any content are counted and left out."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    empty_rows: int


def column_name(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA: as a spreadsheet names columns."""
    name, left = "", index + 1
    while left:
        left, letter = divmod(left - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def is_blank(cell: Cell) -> bool:
    """Nothing, or blanks only."""
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS))


def table_of(records: Sequence[Row]) -> Table:
    """The table of records that were read: the first that is not blank holds the heads.

    Raises where there is none, or too many.
    """
    filled = [r for r in records if r.faults or not all(is_blank(c) for c in r.cells)]
    if not filled:
        raise MalformedError("table_empty", sentence("the file holds no row"))
    head, *rows = filled
    if head.faults:
        raise head.faults[0].error
    heads = [str(c).strip(BLANKS) if c is not None else "" for c in head.cells]
    while heads and not heads[-1]:
        heads.pop()
    if len(heads) > COLUMNS_MAX:
        raise TooLargeError(
            "too_many_columns",
            sentence("at most {columns_max} columns, not {heads}", columns_max=COLUMNS_MAX, heads=len(heads)),
        )
    if not rows:
        raise MalformedError("table_empty", sentence("there is no row under the heads"))
    if len(rows) > ROWS_MAX:
        raise TooLargeError(
            "too_many_rows",
            sentence("at most {rows_max} rows, not {rows}; split the file", rows_max=ROWS_MAX, rows=len(rows)),
        )
    return Table(tuple(heads), tuple(_limited(r, len(heads)) for r in rows), len(records) - len(filled))


def _limited(row: Row, width: int) -> Row:
    """The row as wide as the heads; what stands beyond them, and cells that are too long, are faults of it."""
    beyond = next((c for c in range(width, len(row.cells)) if not is_blank(row.cells[c])), None)
    faults = [f for f in row.faults if f.column is None or f.column < width]
    for column, cell in enumerate(row.cells[:width]):
        if isinstance(cell, str) and len(cell) > CELL_MAX:
            told = sentence("a cell has at most {cell_max} characters", cell_max=CELL_MAX)
            faults.append(Fault(column, MalformedError("cell_too_long", told)))
    # One is said of all that stand beyond the heads: a line may hold millions.
    faults += [] if beyond is None else [Fault(beyond, headless())]
    cells = [*row.cells, *([None] * (width - len(row.cells)))][:width]
    return Row(row.number, tuple(cells), tuple(faults))


def headless() -> MalformedError:
    """A cell of a column that nothing names."""
    return MalformedError(
        "cell_without_head",
        sentence("the column has no head; name it in the first row, or empty the cell"),
    )
