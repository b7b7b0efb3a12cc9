"""Text on a terminal: lines that are as wide as they look, and tables that can be read in any width.

A Chinese character takes two cells of a terminal. A table that does not fit is told row by row, one member a line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

#: Blanks between two columns.
GAP = 2
#: A column is not made narrower than this, in cells, to make a table fit.
NARROW = 18

#: Marks that may not begin a line, and such that may not end one.
_NOT_FIRST = frozenset(",.;:!?)]}%>”’\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\uff09\u300b\u3011\u300d\u2026")
_WITHIN = "._/-="
_NOT_LAST = frozenset("([{<“‘\uff08\u300a\u3010\u300c")


def width_of(text: str) -> int:
    """Cells that a text takes: two for a wide character, none for a mark on another (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


@cache
def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells, broken at blanks or beside a wide character; at least one line.

    A word that is longer than a line is broken where the line ends.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        lines += _wrapped_line(line, max(width, 2))
    return lines


def _wrapped_line(text: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _pieces(text):
        if width_of(line) + width_of(piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            yield line.rstrip()
            piece = piece.lstrip()
        *whole, line = _broken(piece, width)
        yield from whole
    yield line.rstrip()


def _broken(word: str, width: int) -> Iterator[str]:
    """A word in parts that fit: behind a mark within it, else where the line ends."""
    part = ""
    for character in word:
        if width_of(part) + width_of(character) > width:
            at = max(part.rfind(mark) for mark in _WITHIN) + 1
            at = at if at > len(part) // 2 else len(part)
            yield part[:at]
            part = part[at:]
        part += character
    yield part


def _pieces(text: str) -> Iterator[str]:
    """What stays together: a word with the blanks after it, a wide character with the marks that cling to it."""
    piece = ""
    for before, character in zip([None, *text], text, strict=False):
        apart = before is not None and (
            (before == " " and character != " ")
            or (before != " " and character != " " and (width_of(before) > 1 or width_of(character) > 1))
        )
        if apart and character not in _NOT_FIRST and before not in _NOT_LAST:
            yield piece
            piece = ""
        piece += character
    yield piece


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    right: Sequence[bool] = (),
    colon: str = ": ",
) -> list[str]:
    """Rows under their heads in lines of at most ``width`` cells; columns that hold nothing are left out.

    ``right`` says which columns stand to the right, as amounts do; where the first does, it numbers the rows. Where
    the columns do not fit, the widest are wrapped; where that makes them too narrow, each row is told one member a
    line, with ``colon`` behind its head.
    """
    kept = [i for i in range(len(heads)) if any(row[i] for row in rows)]
    if not kept:
        return []
    heads, rows = [heads[i] for i in kept], [[row[i] for i in kept] for row in rows]
    ends = [i < len(right) and right[i] for i in kept]
    natural = [max(map(width_of, (head, *(row[i] for row in rows)))) for i, head in enumerate(heads)]
    widths = _fitted(natural, width - GAP * (len(natural) - 1))
    if widths is None:
        return list(_one_by_one(heads, rows, width, colon, numbered=ends[0]))
    lines = list(_row(heads, widths, ends))
    for row in rows:
        lines += _row(row, widths, ends)
    return lines


def _fitted(natural: Sequence[int], room: int) -> list[int] | None:
    """Widths of columns that fit, the widest made narrower; None where they would become too narrow."""
    widths = list(natural)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] <= NARROW:
            return None
        widths[widest] -= 1
    return widths


def _row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    told = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for n in range(max(map(len, told))):
        parts = [_padded(c[n] if n < len(c) else "", w, r) for c, w, r in zip(told, widths, right, strict=True)]
        yield (" " * GAP).join(parts).rstrip()


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks


def _one_by_one(
    heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, colon: str, *, numbered: bool
) -> Iterator[str]:
    """Each row as a block under its number, a member a line behind its head; ``numbered`` rows bring their number."""
    numbers = [row[0] for row in rows] if numbered else [str(n) for n in range(1, len(rows) + 1)]
    digits = max(map(len, numbers))
    first_member = 1 if numbered else 0
    for number, row in zip(numbers, rows, strict=True):
        mark = f"{number:>{digits}}. "
        indent = " " * len(mark)
        for head, cell in zip(heads[first_member:], row[first_member:], strict=True):
            if cell:
                told = f"{head}{colon}{cell}" if head else cell
                first, *more = wrapped(told, width - len(indent))
                yield mark + first
                rest = wrapped(told[len(first) :].lstrip(), width - len(indent) - GAP) if more else ()
                yield from (indent + " " * GAP + line for line in rest)
                mark = indent
