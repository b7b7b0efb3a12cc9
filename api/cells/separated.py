"""Text with separated values as a table (RFC 4180), with what spreadsheets add: other separators, ``sep=;``,
``="007"``.

A quote that is never closed leaves nothing to rely on, and the file is refused; any other fault is one of its own row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from api.cells.table import ROWS_MAX, Fault, Row, Table, table_of
from api.cells.writing import unguarded
from api.sentences import sentence
from ledger.errors import MalformedError, TooLargeError

#: Separator -> its name.
SEPARATORS = {",": sentence("comma"), ";": sentence("semicolon"), "\t": sentence("tab")}

#: Rows without content that are passed over before the file is taken for something else.
_RECORDS_MAX = ROWS_MAX + 100_000

_STATED = re.compile(r"sep=([,;\t])\n")
#: A text that a spreadsheet was told to keep as text: ="00123".
_KEPT = re.compile(r'="([^"\n]*)"')


@dataclass(frozen=True, slots=True)
class _Field:
    text: str
    #: The first place after it.
    end: int
    error: MalformedError | None = None


def separated(text: str) -> tuple[Table, str]:
    """The table, and the separator that its line of heads has.

    Raises MalformedError or TooLargeError where there is none.
    """
    text = text.replace("\r\n", "\n")
    if "\n" not in text:
        # Every line ends in a lone CR, as old programs write them.
        text = text.replace("\r", "\n")
    stated = _STATED.match(text)
    start, first = (stated.end(), 2) if stated else (0, 1)
    separator = stated[1] if stated else _separator(text)
    return table_of(list(_records(text, separator, start, first))), separator


def _separator(text: str) -> str:
    """The separator that stands most often in the first line with content, outside quotes."""
    head = next((line for line in text.split("\n") if line.strip(" \t,;\u3000")), "")
    bare = re.sub(r'"[^"]*"', "", head)
    return max(SEPARATORS, key=lambda s: (bare.count(s), s == ","))


def _records(text: str, separator: str, start: int, number: int) -> Iterator[Row]:
    at = start
    while at < len(text):
        cells: list[str] = []
        faults: list[Fault] = []
        while True:
            field = _quoted(text, separator, at) if text.startswith('"', at) else _bare(text, separator, at)
            if field.error is not None:
                faults.append(Fault(len(cells), field.error))
            cells.append(field.text)
            at = field.end
            if at >= len(text) or text[at] == "\n":
                break
            at += 1
        at += 1
        yield Row(number, tuple(cells), tuple(faults))
        number += 1
        if number > _RECORDS_MAX:
            raise TooLargeError("too_many_rows", sentence("at most {rows_max} rows", rows_max=ROWS_MAX))


def _end(text: str, separator: str, at: int) -> int:
    """Where a field without quotes ends: at a separator, a line's end, or the end of the text."""
    line = text.find("\n", at)
    line = len(text) if line < 0 else line
    found = text.find(separator, at, line)
    return line if found < 0 else found


def _bare(text: str, separator: str, at: int) -> _Field:
    end = _end(text, separator, at)
    field = text[at:end]
    kept = _KEPT.fullmatch(field.strip(" "))
    if kept:
        return _Field(kept[1], end)
    if '"' in field:
        return _Field(field, end, _quote_inside())
    return _Field(unguarded(field), end)


def _quoted(text: str, separator: str, at: int) -> _Field:
    parts, place = [], at + 1
    while True:
        close = text.find('"', place)
        if close < 0:
            line = text.count("\n", 0, at) + 1
            raise MalformedError(
                "quote_not_closed",
                sentence("line {line}: a quote is opened and never closed; close it, or take it out", line=line),
                line=line,
            )
        parts.append(text[place:close])
        place = close + 2
        if not text.startswith('"', close + 1):
            break
    field, end = '"'.join(parts), close + 1
    if end < len(text) and text[end] not in (separator, "\n"):
        return _Field(field, _end(text, separator, end), _quote_inside())
    kept = _KEPT.fullmatch(field)
    return _Field(kept[1] if kept else unguarded(field), end)


def _quote_inside() -> MalformedError:
    return MalformedError(
        "quote_inside",
        sentence(
            'a quote stands inside the cell; put the whole cell into quotes and write each quote inside it twice (""), '
            "or use “ ”"
        ),
    )
