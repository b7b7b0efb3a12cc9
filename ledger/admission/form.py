"""The form of a statement, judged from its bytes and the time alone: its texts and its id.

Admission refuses the first fault; ``verify`` names every fault of entries that were admitted before, as notes
(:mod:`ledger.audit.notes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson

from ledger import text
from ledger.errors import MalformedError
from ledger.events.application import ApplicationSupplemented
from ledger.events.kinds import LongText
from ledger.events.registry import EventSpec, Payload
from ledger.events.rules import RegulationInterpreted
from ledger.sentences import sentence
from ledger.statement import Statement

#: How far the clock of a signer may be ahead of ours: the time in an id decides nothing, but it must not say that
#: something was drawn up on a day that has not come.
ID_AHEAD = timedelta(days=1)

#: Members of any form, in which people write several paragraphs; every other clear text is one line, and so is what
#: corrects one: these are not corrected.
_FREE: dict[type[Payload], str] = {
    ApplicationSupplemented: "/payload/fields",
    RegulationInterpreted: "/payload/value",
}


def problems(statement: Statement, instant: datetime) -> Iterator[MalformedError]:
    """Everything about the statement alone that is refused today, for a statement recorded at ``instant``."""
    free = _FREE.get(type(statement.payload))
    plain = text.unremarkable(statement.body.decode())
    for at, value in () if plain else _texts(orjson.loads(statement.body), ""):
        pointer = at.removeprefix("/payload")
        problem = _problem(value, pointer, lines=free is not None and at.startswith(free))
        if problem is not None:
            yield problem
    drawn_up = id_instant(statement.id)
    if drawn_up is None or drawn_up > instant + ID_AHEAD:
        yield MalformedError(
            "id_of_the_future",
            sentence(
                "id {id} says that it was drawn up after today; set the clock of the machine that signs right",
                id=statement.id,
            ),
            field="id",
        )


def opening_problems(spec: EventSpec, pointer: str, value: object) -> Iterator[MalformedError]:
    """The same of a value that is committed to; several paragraphs are for members that are written in them."""
    lines = spec.restricted[pointer].kind is LongText
    for at, written in _texts(value, pointer):
        problem = _problem(written, at, lines=lines)
        if problem is not None:
            yield problem


def id_instant(statement_id: str) -> datetime | None:
    """The instant in a UUIDv7 (RFC 9562 section 5.7), in UTC; None where it lies beyond the calendar."""
    try:
        return datetime.fromtimestamp(int(statement_id.replace("-", "")[:12], 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _texts(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield pointer, value
        case dict():
            for name, item in value.items():
                yield from _texts(item, f"{pointer}/{name}")
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, f"{pointer}/{index}")
        case _:
            return


def _problem(value: str, pointer: str, *, lines: bool) -> MalformedError | None:
    try:
        text.check(value, pointer, lines=lines)
    except MalformedError as problem:
        return problem
    return None
