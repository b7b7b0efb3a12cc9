"""Queries of the DCB contract as SQL over the tag and type indexes, and the library's as ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eventsourcing.dcb import api as library
from eventsourcing.dcb.api import DCBReadResponse, DCBSequencedEvent

from ledger.dcb import DCBAppendCondition, DCBQuery, DCBQueryItem


def query_of(query: library.DCBQuery | None) -> DCBQuery | None:
    """The library's query as ours; both say the same."""
    return DCBQuery([DCBQueryItem(item.types, item.tags) for item in query.items]) if query is not None else None


def condition_of(condition: library.DCBAppendCondition | None) -> DCBAppendCondition | None:
    """The library's condition of appending as ours."""
    if condition is None:
        return None
    return DCBAppendCondition(query_of(condition.fail_if_events_match) or DCBQuery(), condition.after)


def select(query: DCBQuery | None, after: int, until: int | None, limit: int | None) -> tuple[str, list[object]]:
    """SQL over the tag and type indexes; one sub-select per query item, united."""
    arguments: list[object] = []
    columns = "SELECT e.position, e.id, e.type, e.recorded_at, e.entry, e.leaf_hash FROM entry e"
    if query is not None and query.items:
        parts = [_item(item, after, arguments) for item in query.items]
        columns = f"WITH m AS ({' UNION '.join(parts)}) {columns} JOIN m ON m.position = e.position"
    where = " WHERE e.position > %s"
    arguments.append(after)
    if until is not None:
        where += " AND e.position <= %s"
        arguments.append(until)
    text = columns + where + " ORDER BY e.position"
    if limit is not None:
        text += " LIMIT %s"
        arguments.append(limit)
    return text, arguments


def _item(item: DCBQueryItem, after: int, arguments: list[object]) -> str:
    tags, types = sorted(set(item.tags)), sorted(set(item.types))
    if not tags:
        arguments += [types, types, after]
        return "SELECT position FROM entry WHERE (%s::text[] = '{}' OR type = ANY(%s)) AND position > %s"
    arguments += [tags, after]
    text = "SELECT position FROM entry_tag WHERE tag = ANY(%s) AND position > %s"
    if types:
        text += " AND type = ANY(%s)"
        arguments.append(types)
    if len(tags) > 1:
        text += " GROUP BY position HAVING count(*) = %s"
        arguments.append(len(tags))
    return text


class ReadResponse(DCBReadResponse):
    """What a read of the library's contract gives: events one by one, and the head that they were read at."""

    def __init__(self, events: Iterator[DCBSequencedEvent], head: int | None) -> None:
        self._events = events
        self._head = head

    @property
    def head(self) -> int | None:
        return self._head

    def __next__(self) -> DCBSequencedEvent:
        return next(self._events)


def columns_of(rows: Iterable[Sequence[object]], width: int = 0) -> list[list[object]]:
    """Rows turned into columns, as unnest() takes them; of no rows so many empty ones."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
