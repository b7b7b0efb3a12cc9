"""A list as CSV: the rows of the answer, each with log, question, D, K and tree head, so that a sheet alone can be
checked.

Money is in yuan here, with the unit in the head (``paid_yuan``), and scores have two decimals; JSON keeps fen and exact
scores. Rows about places in answers or about parameters hold amounts beside other values: their column ``unit`` says
which.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeGuard

from api.cells.writing import Cell, cell_of, written
from api.inspector.answers import Row, rows_of
from api.inspector.labels import is_money, member_at
from ledger.errors import InvariantError
from ledger.regulation.parameters import is_amount
from ledger.yuan import plain
from projections.figures import flag_sentence, score
from projections.kinds import SCORES

#: Columns that hold a value of what the row's path names.
_AT_PATH = ("before", "after", "value")


def to_csv(value: Mapping[str, object]) -> bytes:
    """The file of an answer with ``rows``; nested values are JSON in their cell."""
    told = rows_of(value)
    money = {k for row in told for k, v in row.items() if _is_amount(v, k)}
    rows = [_flat(row, money) for row in told]
    match value["checkpoint"]:
        case {"tree_size": size, "root_hash": root}:
            pass
        case _:
            raise InvariantError("an answer without the head that it was made under")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    asked: dict[str, Cell] = {
        "asked_log": cell_of(value["log"]),
        "asked_inquiry": cell_of(value["inquiry"]),
        "asked_query": json.dumps(value["query"], ensure_ascii=False),
        "asked_as_of": cell_of(value["as_of"]),
        "asked_known_at": cell_of(value["known_at"]),
        "tree_size": cell_of(size),
        "root_hash": cell_of(root),
    }
    return written([*columns, *asked], [[*(row.get(c) for c in columns), *asked.values()] for row in rows or [{}]])


def _is_amount(value: object, name: str) -> TypeGuard[int]:
    return is_money(name) and isinstance(value, int) and not isinstance(value, bool)


def _flat(row: Row, money: set[str]) -> dict[str, Cell]:
    """A row as cells. ``money``: columns that hold amounts, in this row or in others."""
    path, flat = str(row.get("path", "")), dict[str, Cell]()
    for name, value in row.items():
        if name in _AT_PATH and path:
            flat[name], amount = _at_path(path, str(row.get("fact", "")), value)
            if amount:
                flat["unit"] = "yuan"
        elif name in money and value is None:
            flat[f"{name}_yuan"] = None
        elif name in money and _is_amount(value, name):
            flat[f"{name}_yuan"] = Decimal(plain(value))
        elif name in ("zh", "en") and isinstance(flag := row.get("flag"), str):
            flat[name] = flag_sentence(flag, str(value))
        else:
            flat[name] = cell_of(_read(value, name))
    return flat


def _at_path(path: str, fact: str, value: object) -> tuple[Cell, bool]:
    """A value at a place in an answer, or of a parameter, and whether it is an amount."""
    name = member_at(path, fact) if path.startswith("/") else ""
    if isinstance(value, int) and not isinstance(value, bool) and (is_money(name) if name else is_amount(path)):
        return Decimal(plain(value)), True
    return cell_of(_read(value, name, "" if name else path)), False


def _read(value: object, name: str, parameter: str = "") -> object:
    """A value as people read it, whatever is inside: amounts in yuan under ``…_yuan``, scores with two decimals."""
    match value:
        case {"flag": str(flag), "zh": str(zh), "en": str(en), **others}:
            said = {"flag": flag, "zh": flag_sentence(flag, zh), "en": flag_sentence(flag, en)}
            return {**said, **dict(_member(str(k), v, name, "") for k, v in others.items())}
        case Mapping():
            return _members(value, name, parameter)
        case list() | tuple():
            return [_read(v, name, parameter) for v in value]
        case str() if name in SCORES:
            return score(value)
        case _:
            return value


def _members(value: Row, over: str, parameter: str) -> dict[str, object]:
    return dict(_member(k, v, over, parameter) for k, v in value.items())


def _member(member: str, value: object, over: str, parameter: str) -> tuple[str, object]:
    if _is_amount(value, member) or (parameter and isinstance(value, int) and is_amount(parameter, member)):
        return f"{member}_yuan", plain(value)
    # What stands under an id is what the member over it holds: a score under the name of a reviewer.
    return member, _read(value, over if over in SCORES else member, parameter)
