"""The entries of a verified log in memory, found by position, id, type and tag as they say themselves.

What a database says of types and tags beside the bytes is not asked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.regulation.pack import Pack
from ledger.sentences import sentence


class Recorded:
    """Events in order of position; ``packs``, by the hash of their bytes, go with them and may come later."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self._events: dict[int, RecordedEvent] = {}
        self._positions: list[int] = []
        self._by_id: dict[str, RecordedEvent] = {}
        self._by_type: dict[str, list[int]] = {}
        self._by_tag: dict[str, list[int]] = {}
        self._packs = packs

    def add(self, event: RecordedEvent) -> None:
        """One more event, of a later position than all before."""
        statement, position = event.statement, event.position
        self._events[position] = event
        self._positions.append(position)
        self._by_id.setdefault(statement.id, event)
        self._by_type.setdefault(statement.type, []).append(position)
        for tag in statement.tags:
            self._by_tag.setdefault(tag, []).append(position)

    def packs(self) -> dict[str, Pack]:
        """Parsed packs by hash of their bytes."""
        return dict(self._packs)

    @property
    def size(self) -> int:
        """The last position."""
        return self._positions[-1] if self._positions else 0

    def event(self, event_id: str) -> RecordedEvent:
        """One event by id; NotFoundError if there is none."""
        found = self.find(event_id)
        if found is None:
            raise NotFoundError("event_unknown", sentence("{event_id} is not in the log", event_id=event_id))
        return found

    def find(self, event_id: str) -> RecordedEvent | None:
        """One event by id."""
        return self._by_id.get(event_id)

    def at(self, position: int) -> RecordedEvent | None:
        """The event of a position."""
        return self._events.get(position)

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Events that match at least one item of the query, with ``after < position <= until``, in order."""
        last = self.size if until is None else until
        if query is None or not query.items:
            found = self._positions[bisect_right(self._positions, after) : bisect_right(self._positions, last)]
        else:
            found = sorted({p for item in query.items for p in self._matching(item) if after < p <= last})
        return [self._events[position] for position in found]

    def _matching(self, item: DCBQueryItem) -> list[int]:
        if item.tags:
            first, *others = sorted((self._by_tag.get(tag, []) for tag in set(item.tags)), key=len)
            positions = [p for p in first if all(_holds(other, p) for other in others)]
            return [p for p in positions if not item.types or self._events[p].statement.type in item.types]
        if item.types:
            return [p for type_ in set(item.types) for p in self._by_type.get(type_, ())]
        return self._positions


def _holds(positions: list[int], position: int) -> bool:
    at = bisect_right(positions, position)
    return at > 0 and positions[at - 1] == position
