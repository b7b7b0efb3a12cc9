"""Queries over the log and conditions of appending, as a dynamic consistency boundary (DCB) has them.

Terms and meaning are those of https://dcb.events/specification/: an event matches a query if it matches one of its
items, and an item if its type is among the item's types (any, if there are none) and it has all of the item's tags. A
query without items matches every event. The recorder speaks the same contract to the library ``eventsourcing``
(``ledger/store/recorder.py``); reading files needs no library for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import msgspec


class DCBQueryItem(msgspec.Struct, frozen=True):
    """Events of any of some types that have every one of some tags."""

    types: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DCBQuery:
    """Events that match at least one item; every event where there is no item."""

    items: Sequence[DCBQueryItem] = ()


@dataclass(frozen=True, slots=True)
class DCBAppendCondition:
    """Nothing that matches may stand after a position; None is the beginning of the log."""

    fail_if_events_match: DCBQuery = field(default_factory=DCBQuery)
    after: int | None = None


def matches(query: DCBQuery, type_: str, tags: Collection[str]) -> bool:
    """Does an event of a type and with some tags match the query?"""
    return not query.items or any(
        (not item.types or type_ in item.types) and set(item.tags) <= set(tags) for item in query.items
    )
