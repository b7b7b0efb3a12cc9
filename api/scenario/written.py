"""What a scenario writes for a member, read as what the member has to be; every fault names its place.

A fault found while reading or playing is told with the file, the place in it, and what should stand there, in Chinese
and English (``wrong``). Where the fault is found the file is not always known; ``in_file`` names it then, once.

TOML gives values of any kind. Where one is only passed on into a statement it stays ``object``: the statement's own
type refuses what does not fit. Where it is read here, it is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from api.sentences import sentence
from ledger.errors import MalformedError, RongjianError
from ledger.identifiers import YEAR_MAX, YEAR_MIN
from ledger.sentences import Pair

#: The code of every fault of a scenario file.
INVALID = "invalid_scenario"


def text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise wrong(where, sentence("must be text"))
    return value


def text_or_none(value: object, where: str) -> str | None:
    return None if value is None else text(value, where)


def texts(value: object, where: str) -> list[str]:
    return [text(item, where) for item in items(value, where)]


def day(value: object, where: str) -> date:
    # An instant is a day to Python, and none here.
    if type(value) is not date:
        raise wrong(where, sentence("must be a day, such as 2023-05-08"))
    if not YEAR_MIN <= value.year <= YEAR_MAX:
        raise wrong(
            where,
            sentence(
                "{value} must lie in the years {year_min} to {year_max}",
                value=value,
                year_min=YEAR_MIN,
                year_max=YEAR_MAX,
            ),
        )
    return value


def items(value: object, where: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise wrong(where, sentence("must be a list"))
    return list(value)


def table(value: object, where: str) -> dict[str, object]:
    """The members of a table, to be changed without changing what was written."""
    if not isinstance(value, Mapping):
        raise wrong(where, sentence("must be a table"))
    return dict(value)


def tables(value: object, where: str) -> list[dict[str, object]]:
    return [table(item, where) for item in items(value, where)]


def wrong(where: str, told: Pair) -> MalformedError:
    return MalformedError(INVALID, sentence("{where}: {told}", where=where, told=told), key=where)


def in_file(error: RongjianError, file: str) -> MalformedError:
    """The same fault, with the file that it stands in."""
    return MalformedError(
        INVALID, sentence("{file}: {told}", file=file, told=error.told), **{**error.details, "file": file}
    )
