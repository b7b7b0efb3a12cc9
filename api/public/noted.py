"""What a page rests on: the questions that were asked of the log while it was made."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ledger.application import Ledger
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.regulation.pack import Pack
from projections.slices import Source

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    made: T
    known: int
    asked: DCBQuery


class KeptUntilTouched(Generic[T]):
    """What was made of logs, each by its key, until an entry is recorded that it may rest on."""

    def __init__(self, most: int = 2_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept[T]] = OrderedDict()

    def get(self, key: Hashable, ledger: Ledger, known: int, make: Callable[[NotedSource], T]) -> T:
        """What stands under a key as known at a position of a log, made where it is not there."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or kept.known > known or (kept.known < known and ledger.touched(kept.asked, kept.known, known)):
            noted = NotedSource(ledger)
            kept = _Kept(make(noted), known, noted.asked())
        with self._lock:
            self._kept[key] = _Kept(kept.made, known, kept.asked)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept.made
