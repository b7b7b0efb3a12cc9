"""Where folds read from while a package is made, and while it is checked.

Making one records under which keys of the tag index the folds looked; checking one answers only what is proven to be
complete, so that an answer recomputed from a package has seen everything it would have seen in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from api.sentences import sentence
from ledger.dcb import DCBQuery, DCBQueryItem, matches
from ledger.entry import RecordedEvent
from ledger.errors import EvidenceError, NotFoundError
from ledger.events.registry import all_events, topics
from ledger.regulation.pack import Pack
from projections.noted import NotedSource
from projections.reach import RECORD_TYPES
from projections.slices import LOOKED_UNDER_SINCE, Source


def keys_of_item(item: DCBQueryItem) -> list[str]:
    """Keys of the tag index that together hold every event an item can match.

    What changes the record is proven complete by its type: a key for each event that might be changed
    would be far more.
    """
    if item.types and {*item.types} <= {*topics(*RECORD_TYPES)}:
        return list(item.types)
    if item.tags:
        tag = item.tags[0]
        return [f"{type_} {tag}" for type_ in item.types] if item.types else [tag]
    return list(item.types)


class NotProvenError(EvidenceError):
    """A fold asked under a key of which nothing proves that it is complete."""


class WatchedSource(NotedSource):
    """A source up to a position that remembers under which keys it was read."""

    def __init__(self, source: Source, known: int) -> None:
        super().__init__(source)
        self._known = known

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """As the source has it, up to the position that is known."""
        return super().events(query, after=after, until=self._known if until is None else min(until, self._known))

    @property
    def keys(self) -> dict[str, None]:
        """The keys of the tag index under which was read, each once."""
        return dict.fromkeys(key for item in self.asked().items for key in keys_of_item(item))


class ProvenSource:
    """The events of a package, given out only under keys that are proven complete."""

    def __init__(
        self,
        events: Iterable[RecordedEvent],
        keys: Iterable[str],
        packs: Callable[[], Mapping[str, Pack]],
        derivation: int,
    ) -> None:
        """``derivation`` is the version of the folds that made the package."""
        self._events = sorted(events, key=lambda e: e.position)
        self._keys = frozenset(keys)
        self._packs = packs
        self._derivation = derivation
        #: Keys under which the package's version did not look: of event types that it did not know, so that a log that
        #: it read held none of them, and of those where slices go further today.
        self.later: dict[str, None] = {}

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Raises NotProvenError where a key is asked for that nothing proves complete."""
        if query is None or not query.items:
            raise NotProvenError("not_proven", sentence("the whole log was asked for"))
        for item in query.items:
            missing = [key for key in keys_of_item(item) if key not in self._keys and not self._came_later(key)]
            if missing:
                raise NotProvenError(
                    "not_proven",
                    sentence("nothing proves that the events under {key!r} are complete", key=missing[0]),
                )
        return [
            e
            for e in self._events
            if after < e.position
            and (until is None or e.position <= until)
            and matches(query, e.statement.type, e.statement.tags)
        ]

    def _came_later(self, key: str) -> bool:
        topic, _, tag = key.partition(" ")
        cls = all_events().get(topic)
        since = LOOKED_UNDER_SINCE.get((topic, tag.partition(":")[0]), 0)
        later = cls is not None and max(cls.SPEC.since, since) > self._derivation
        if later:
            self.later[key] = None
        return later

    def event(self, event_id: str) -> RecordedEvent:
        """One of the package's events."""
        for event in self._events:
            if event.statement.id == event_id:
                return event
        raise NotFoundError("event_unknown", sentence("{event_id} is not in the package", event_id=event_id))

    def packs(self) -> dict[str, Pack]:
        """The package's packs."""
        return dict(self._packs())
