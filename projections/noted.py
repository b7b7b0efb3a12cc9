"""Reading that is noted: the questions that were asked of a log while something was made of it."""

from __future__ import annotations

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.regulation.pack import Pack
from projections.slices import Source


class NotedSource:
    """A source that remembers what it was asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._items: dict[tuple[tuple[str, ...], tuple[str, ...]], DCBQueryItem] = {}

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """As the source has it."""
        for item in query.items if query is not None and query.items else [DCBQueryItem()]:
            self._items[tuple(item.types), tuple(item.tags)] = item
        return self._source.events(query, after=after, until=until)

    def event(self, event_id: str) -> RecordedEvent:
        """As the source has it: an entry never becomes another."""
        return self._source.event(event_id)

    def packs(self) -> dict[str, Pack]:
        """As the source has them: a pack comes with the entry that enacts it, which whoever asks for texts asks for."""
        return self._source.packs()

    def asked(self) -> DCBQuery:
        """All that was asked for; what none of it finds changes nothing."""
        return DCBQuery(list(self._items.values()))
