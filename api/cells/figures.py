"""Numbers, decimals and amounts as people write them in cells.

Nothing is guessed: no hexadecimal, no exponent, no blank inside.

Thousands may be separated by commas, digits may be full-width, and a spreadsheet may have written ``5.00`` for 5.
Amounts are in the unit that the head names, or that the cell itself names; more than two decimals of a yuan are
refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NoReturn

from api.cells.columns import UNIT_NAMES, Unit, folded
from api.cells.table import BLANKS, Cell
from api.sentences import sentence, term
from ledger.errors import MalformedError
from ledger.sentences import Pair
from ledger.yuan import FEN_PER_YUAN

_DIGITS = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)"
_WHOLE = re.compile(rf"-?{_DIGITS}(?:\.0+)?", re.ASCII)
_DECIMAL = re.compile(rf"-?{_DIGITS}(?:\.[0-9]+)?", re.ASCII)
_AMOUNT = re.compile(
    rf"(?:(?:人民币|¥|cny|rmb) ?)?(-?{_DIGITS}(?:\.[0-9]+)?) ?(万元|亿元|万|亿|元整|元|分|yuan|fen|cny)?", re.ASCII
)

#: How many yuan a word stands for, where the cell names a unit itself, and the words for fen.
_WAN_YUAN = "万元"
_YUAN = {
    _WAN_YUAN: 10_000,
    "万": 10_000,
    "亿元": 100_000_000,
    "亿": 100_000_000,
    "元整": 1,
    "元": 1,
    "yuan": 1,
    "cny": 1,
}
_FEN = ("分", "fen")
_FEN_OF: dict[Unit, int] = {"fen": 1, "yuan": FEN_PER_YUAN, "wan_yuan": 10_000 * FEN_PER_YUAN}

#: A longer number is none that a person wrote.
_LENGTH_MAX = 40


def whole_number(cell: Cell) -> int:
    """``1,234`` and ``12``; ``5.00`` is 5. Raises MalformedError."""
    text = _plain(cell)
    if not _WHOLE.fullmatch(text):
        _refuse(cell, term("is not", "a whole number, as 12 or 1,200"))
    return int(text.replace(",", "").partition(".")[0])


def decimal(cell: Cell) -> str:
    """``84.5`` as its canonical text. Raises MalformedError."""
    text = _plain(cell)
    if not _DECIMAL.fullmatch(text):
        _refuse(cell, term("is not", "a decimal, as 84.5 or 1,200"))
    return text.replace(",", "")


def fen(cell: Cell, unit: Unit) -> int:
    """An amount in fen, of a cell in the unit of its head: 元, 分, 万元, or the unit it names itself.

    Raises MalformedError.
    """
    found = _AMOUNT.fullmatch(_plain(cell))
    if found is None:
        _refuse(
            cell,
            term("is not", "an amount, as 200000, 200,000.00, ¥200,000 or {example}", example=f"20{_WAN_YUAN}"),
        )
    number, named = Decimal(found[1].replace(",", "")), found[2]
    if named in _FEN:
        _check_same(cell, unit, "fen")
        per = 1
    elif named:
        if unit == "fen":
            _check_same(cell, unit, "yuan")
        per = _YUAN[named] * FEN_PER_YUAN
    else:
        per = _FEN_OF[unit]
    amount = number * per
    if amount != amount.to_integral_value():
        wanted = sentence("whole fen") if per == 1 else sentence("at most two decimals of a yuan")
        raise MalformedError("amount_too_fine", sentence("“{cell}”: {wanted}", cell=shown(cell), wanted=wanted))
    return int(amount)


def _check_same(cell: Cell, unit: Unit, named: Unit) -> None:
    """A head in fen and a cell in yuan, or the other way round: one of them is wrong."""
    if unit != named:
        called = UNIT_NAMES[unit]
        raise MalformedError(
            "unit_differs",
            sentence(
                "{cell}: the head says {name}; write the amount in {name}, or change the head",
                cell=shown(cell),
                name=called,
            ),
        )


def _plain(cell: Cell) -> str:
    """A cell as text in one width; a number of a spreadsheet as its digits."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | Decimal):
        _refuse(cell, term("is not", "a number"))
    text = cell if isinstance(cell, str) else format(Decimal(cell), "f")
    if len(text) > _LENGTH_MAX:
        _refuse(cell, term("is not", "a number"))
    return folded(text.strip(BLANKS))


def shown(cell: Cell) -> str:
    """A cell as a refusal quotes it."""
    text = str(cell)
    return text if len(text) <= 40 else f"{text[:39]}…"


def quoted(cell: Cell) -> Pair:
    """A cell as a member of a refusal: Chinese quotes it in its template."""
    return shown(cell), repr(shown(cell))


def _refuse(cell: Cell, wanted: Pair) -> NoReturn:
    raise MalformedError("cell_not_a_number", sentence("{cell} is not {name}", cell=quoted(cell), name=wanted))
