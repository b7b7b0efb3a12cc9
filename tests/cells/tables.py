"""Tables as people write them, read: what a cell is, and what is wrong with a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.cells.columns import column_named, members_of
from api.cells.reading import read_file
from api.cells.table import Cell
from api.cells.values import CATALOGUE, Reader
from ledger.errors import MalformedError, RefusedError
from ledger.events.vocabulary import EVENTS

NAME, USCC = "郑州甲乙（集团）有限公司", "91410102DEM300017M"
REGISTERED = f"principal_id,kind,org_name,uscc\r\nT1,organisation,{NAME},{USCC}\r\n"
PAID = "拨付编号,组织,种类,金额,拨付日期,渠道,期次,期数,凭证号,奖项编号"


def read(topic: str, text: str | bytes, encoding: str = "utf-8") -> dict[str, Any]:
    return read_file(text.encode(encoding) if isinstance(text, str) else text, EVENTS[topic]).to_json()


def values(topic: str, head: str, cell: Cell) -> Any:
    """What one cell under a head is."""
    return Reader(topic, CATALOGUE).value(column_named(0, head, members_of(EVENTS[topic])), cell)


def refusal(topic: str, head: str, cell: Cell) -> str:
    with pytest.raises(MalformedError) as refused:
        values(topic, head, cell)
    return refused.value.code


def errors(told: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    return [(row["row"], e["column"], e["code"]) for row in told["rows"] for e in row.get("errors", ())]


def refused(act: Callable[[], object]) -> RefusedError | None:
    """The refusal of an act that may be refused, which says in both languages why."""
    try:
        act()
    except RefusedError as error:
        return error
    return None
