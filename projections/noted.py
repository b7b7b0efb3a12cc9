"""Reading that is noted: the questions that were asked of a log while something was made of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.regulation.pack import Pack
from projections.slices import Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of things that several make alike: its name, and the type of one as a decoder reads it from JSON."""

    name: str
    type: object


class Keeper(Protocol):
    """Who keeps what was made of a log, for those who make it alike."""

    def made(self, kind: Kind[T], key: Hashable, known: int, make: Callable[[Source], T]) -> tuple[T, DCBQuery]:
        """What stands under a key as known at a position, and what was asked for while it was made."""


class NotedSource:
    """A source that remembers what it was asked for."""

    def __init__(self, source: Source, keeper: Keeper | None = None) -> None:
        self._source = source
        self._keeper = keeper
        self._items: dict[tuple[tuple[str, ...], tuple[str, ...]], DCBQueryItem] = {}

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """As the source has it."""
        self._note(query.items if query is not None and query.items else [DCBQueryItem()])
        return self._source.events(query, after=after, until=until)

    def shared(self, kind: Kind[T], key: Hashable, known: int, make: Callable[[Source], T]) -> T:
        """What others make alike, by whoever keeps it; what it was made of has been asked for here too."""
        if self._keeper is None:
            return make(self)
        made, asked = self._keeper.made(kind, key, known, make)
        self._note(asked.items)
        return made

    def _note(self, items: Iterable[DCBQueryItem]) -> None:
        for item in items:
            self._items[tuple(item.types), tuple(item.tags)] = item

    def event(self, event_id: str) -> RecordedEvent:
        """As the source has it: an entry never becomes another."""
        return self._source.event(event_id)

    def packs(self) -> dict[str, Pack]:
        """As the source has them: a pack comes with the entry that enacts it, which whoever asks for texts asks for."""
        return self._source.packs()

    def asked(self) -> DCBQuery:
        """All that was asked for; what none of it finds changes nothing."""
        return DCBQuery(list(self._items.values()))


def shared(source: Source, kind: Kind[T], key: Hashable, known: int, make: Callable[[Source], T]) -> T:
    """What is made of a source as known at a position, made once for all who make it, where somebody keeps it. What is
    kept is not to be written to, and holds no source.
    """
    return source.shared(kind, key, known, make) if isinstance(source, NotedSource) else make(source)
