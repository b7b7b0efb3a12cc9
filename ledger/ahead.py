"""Events beyond the end of a log: decided in a batch that is not committed yet, or supposed by a preview.

A decision sees them as if they were recorded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent


class Ahead:
    """Events in the order of their positions, found by id, type and tag as the log finds its own."""

    def __init__(self, events: Iterable[RecordedEvent] = ()) -> None:
        self._events: list[RecordedEvent] = []
        self._by_id: dict[str, RecordedEvent] = {}
        self._by_key: defaultdict[tuple[str, str], list[RecordedEvent]] = defaultdict(list)
        for event in events:
            self.add(event)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[RecordedEvent]:
        return iter(self._events)

    def add(self, event: RecordedEvent) -> None:
        """One more, behind those there are."""
        s = event.statement
        self._events.append(event)
        self._by_id[s.id] = event
        self._by_key["type", s.type].append(event)
        for tag in s.tags:
            self._by_key["tag", tag].append(event)

    def find(self, event_id: str) -> RecordedEvent | None:
        """One of them by its id."""
        return self._by_id.get(event_id)

    def has_tag(self, tag: str) -> bool:
        """Does one of them bear a tag?"""
        return ("tag", tag) in self._by_key

    def recorded_at(self, position: int) -> datetime | None:
        """When the one of a position is recorded; None where it is none of these."""
        index = position - self._events[0].position if self._events else -1
        return self._events[index].recorded_at if 0 <= index < len(self._events) else None

    def matching(self, query: DCBQuery) -> list[RecordedEvent]:
        """Those that a query finds, in order."""
        if not self._events:
            return []
        if not query.items:
            return [*self._events]
        found = {event.position: event for item in query.items for event in self._of_item(item)}
        return [found[position] for position in sorted(found)]

    def _of_item(self, item: DCBQueryItem) -> Iterator[RecordedEvent]:
        if item.tags:
            near = min((self._by_key.get(("tag", tag), ()) for tag in item.tags), key=len)
        elif item.types:
            near = [e for type_ in item.types for e in self._by_key.get(("type", type_), ())]
        else:
            near = self._events
        wanted = set(item.tags)
        return (
            e for e in near if (not item.types or e.statement.type in item.types) and wanted <= set(e.statement.tags)
        )
