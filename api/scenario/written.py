"""What a scenario writes for a member, read as what the member has to be; every fault names its place.

TOML gives values of any kind. Where one is only passed on into a statement it stays ``object``: the statement's own
type refuses what does not fit. Where it is read here, it is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ledger.errors import MalformedError


def text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "must be text", "应为文本")
    return value


def text_or_none(value: object, where: str) -> str | None:
    return None if value is None else text(value, where)


def texts(value: object, where: str) -> list[str]:
    return [text(item, where) for item in items(value, where)]


def day(value: object, where: str) -> date:
    if not isinstance(value, date):
        raise _wrong(where, "must be a day", "应为日期")
    return value


def items(value: object, where: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise _wrong(where, "must be a list", "应为列表")
    return list(value)


def table(value: object, where: str) -> dict[str, object]:
    """The members of a table, to be changed without changing what was written."""
    if not isinstance(value, Mapping):
        raise _wrong(where, "must be a table", "应为表")
    return dict(value)


def tables(value: object, where: str) -> list[dict[str, object]]:
    return [table(item, where) for item in items(value, where)]


def _wrong(where: str, en: str, zh: str) -> MalformedError:
    return MalformedError("invalid_scenario", f"{where}: {en}", f"{where}：{zh}", key=where)
