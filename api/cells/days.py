"""Days and instants as people write them in cells: 2001-03-05, 2001/3/5, 2001.3.5, 2001年3月5日, 20010305.

The year comes first and has four digits; a day that does not exist is refused, and so is a spreadsheet's own count of
days. An instant without a zone is one of Shanghai.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NoReturn

from api.cells.columns import folded
from api.cells.figures import quoted
from api.cells.table import BLANKS, Cell
from api.sentences import sentence
from ledger.clock import SHANGHAI, format_instant
from ledger.errors import MalformedError
from ledger.identifiers import YEAR_MAX, YEAR_MIN

_DAY = (
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
)
#: A spreadsheet writes midnight behind a day that it was told to show with the time.
_ONLY_DAY = re.compile(rf"{_DAY}(?: 0{{1,2}}:00(?::00)?)?", re.ASCII)
_TIME = r"(\d{1,2})(?:[:时](\d{2}))(?:(?:[:分](\d{2})秒?)|分)?(\.\d{1,6})?"
_INSTANT = re.compile(rf"{_DAY}[t ]?{_TIME} ?(z|\+08:?00)?", re.ASCII)


def day(cell: Cell) -> str:
    """``YYYY-MM-DD``. Raises MalformedError."""
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    found = _ONLY_DAY.fullmatch(_text(cell))
    if found is None:
        _refuse(cell)
    return _date(cell, found).isoformat()


def instant(cell: Cell) -> str:
    """RFC 3339 with the offset of Shanghai, or in UTC where the cell says so. Raises MalformedError."""
    if isinstance(cell, datetime):
        return format_instant(cell if cell.tzinfo else cell.replace(tzinfo=SHANGHAI))
    found = _INSTANT.fullmatch(_text(cell))
    if found is None:
        raise MalformedError(
            "cell_not_an_instant",
            sentence("{cell} is not a day with its time, as 2001-03-05 14:30", cell=quoted(cell)),
        )
    on = _date(cell, found)
    hour, minute, second, fraction, zone = found.groups()[-5:]
    try:
        at = datetime(on.year, on.month, on.day, int(hour), int(minute), int(second or 0), tzinfo=SHANGHAI)
    except ValueError as error:
        raise MalformedError(
            "cell_not_an_instant", sentence("{cell}: there is no such time", cell=quoted(cell))
        ) from error
    if zone == "z":
        return f"{at:%Y-%m-%dT%H:%M:%S}{fraction or ''}Z"
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction or ''}+08:00"


def day_or_instant(cell: Cell) -> str:
    """A day, or an instant where the cell has a time of the day. Raises MalformedError."""
    if isinstance(cell, datetime):
        return day(cell) if cell.time() == datetime.min.time() else instant(cell)
    text = _text(cell)
    return instant(cell) if _INSTANT.fullmatch(text) and not _ONLY_DAY.fullmatch(text) else day(cell)


def _text(cell: Cell) -> str:
    return folded(cell.strip(BLANKS)) if isinstance(cell, str) else ""


def _date(cell: Cell, found: re.Match[str]) -> date:
    year, month, of_month = [int(n) for n in found.groups()[:11] if n is not None][:3]
    try:
        if YEAR_MIN <= year <= YEAR_MAX:
            return date(year, month, of_month)
    except ValueError:
        pass
    raise MalformedError("cell_not_a_day", sentence("{cell}: there is no such day", cell=quoted(cell)))


def _refuse(cell: Cell) -> NoReturn:
    raise MalformedError(
        "cell_not_a_day",
        sentence("{cell} is no day with the year first, as 2001-03-05 or 2001/3/5", cell=quoted(cell)),
    )
