"""The one writer of CSV files: what a spreadsheet opens by a double click, with every cell as it was meant.

UTF-8 with a byte order mark, without which spreadsheets take the bytes for the system's own encoding; lines end in CR
LF (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection"),
which :func:`unguarded` takes away again; so does a text that begins with such an apostrophe already, so that nothing is
lost. Numbers stay numbers. Characters that no text may hold are written as code points (ledger/text.py).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ledger.text import visible

#: What stands in a cell: a text, a number, true or false, or nothing.
Cell = str | int | Decimal | bool | None

MEDIA_TYPE = "text/csv; charset=utf-8"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

#: A sign of a formula after any blanks, at either width; a tab or carriage return is left of it as a code point.
_FORMULA = re.compile("'*[ \u00a0\u3000\n]*(?:[=+\\-@＝＋－＠]|⟨U\\+000[9D]⟩)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)


def cell_of(value: object) -> Cell:
    """A value of a row as a cell; what has values of its own inside is JSON there."""
    match value:
        case None | str() | int() | Decimal():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def written(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The file: a line of heads, a line per row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([as_text(h) for h in heads])
    writer.writerows([as_text(c) for c in row] for row in rows)
    return _BYTE_ORDER_MARK + out.getvalue().encode()


def as_text(cell: Cell) -> str:
    """A cell as it stands in the file."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int() | Decimal():
            return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
        case _:
            return guarded(visible(cell))


def guarded(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula. A number is none."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """What :func:`guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
