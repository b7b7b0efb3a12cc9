"""What the decisions of a log have read, kept by the parts that they ask for, and carried on as the log grows.

The one writer of a log decides one statement after the other, and most of them are about what those before were about:
the same law, the same persons, the same case. Each part of a boundary (a type, a tag) is read once; from then on every
entry that belongs to it is added where it stands. What is kept has its share of the room that a process has
(``room.py``): any part may be given up at any time, and is read anew when it is asked for again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from itertools import islice
from typing import Final

from ledger.ahead import Ahead
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import History
from ledger.entry import RecordedEvent
from ledger.room import Share
from ledger.stored_log import StoredLog, size_of

#: Entries of others that are followed one by one; after more than these all is read anew.
FOLLOWED_MAX: Final = 1_000

#: Ids of which it is remembered that nothing points at them; after so many it is asked anew.
UNTOUCHED_MAX: Final = 50_000

#: What a part or a slice takes by itself, about; it counts what it holds, also where others hold it too.
_PART: Final = 500

_Part = tuple[tuple[str, ...], tuple[str, ...]]


class KeptSlices:
    """Parts of one log at its end: of what is recorded, and of the batch that is decided now. For one thread."""

    def __init__(self, log: StoredLog) -> None:
        self._log = log
        self._parts: Share[_Part, list[RecordedEvent]] = log.room.share(told=True)
        #: Which parts an entry may belong to: by one of its tags, or where a part asks for no tag by its type.
        self._by_tag: defaultdict[str, set[_Part]] = defaultdict(set)
        self._by_type: defaultdict[str, set[_Part]] = defaultdict(set)
        #: Entries at which nothing points that is recorded or ahead: nearly all of those that decisions look at.
        self._untouched: set[str] = set()
        #: Up to which position the parts hold what is recorded.
        self._reached = 0
        self._ahead = Ahead()
        #: Slices by the events that they are of.
        self._histories: Share[tuple[int, ...], History] = log.room.share()
        #: How many of those ahead the parts hold.
        self._added = 0

    def at(self, size: int, ahead: Ahead, about: Sequence[DCBQueryItem] = ()) -> KeptSlices:
        """The parts as of a size, and of the events of a batch that follow it. ``about`` is what the decisions of that
        batch read first: what is not kept of it is fetched at once, and not by each of them.
        """
        self._follow_given_up()
        if ahead is not self._ahead:
            self._settle()
            self._ahead, self._added = ahead, 0
            self._fetch(about, size)
        if size - self._reached > FOLLOWED_MAX:
            self._forget()
        if size > self._reached and (self._parts or self._untouched):
            for event in self._log.events(after=self._reached, until=size):
                self._add(event)
        self._reached = max(self._reached, size)
        for event in islice(ahead, self._added, None):
            self._add(event)
        self._added = len(ahead)
        return self

    def events(self, query: DCBQuery) -> list[RecordedEvent]:
        """Events that match, in order."""
        if not query.items:
            return [*self._log.events(until=self._reached), *self._ahead]
        found = {event.position: event for item in query.items for event in self._part(item)}
        return [found[position] for position in sorted(found)]

    def history_of(self, events: Sequence[RecordedEvent]) -> History:
        """A slice of events in order; of the same events the same one, with what was made of it."""
        # The slice holds them, so that their places in memory are theirs as long as it is kept.
        key = tuple(map(id, events))
        history = self._histories.get(key)
        if history is None:
            history = History(events)
            self._histories.put(key, history, _PART + sum(map(size_of, events)))
        return history

    def touched(self, ids: Set[str]) -> Set[str]:
        """Those of some ids at which an entry points, to annul it, to correct it or for another reason."""
        unknown = ids - self._untouched
        if not unknown:
            return unknown
        tags = {event_id: f"x:{event_id}" for event_id in unknown}
        found = {i for i, tag in tags.items() if self._log.has_tag(tag) or self._ahead.has_tag(tag)}
        if len(self._untouched) > UNTOUCHED_MAX:
            self._untouched.clear()
        self._untouched |= unknown - found
        return found

    def _settle(self) -> None:
        """The batch before is over: it was recorded, or nothing of it was."""
        if not self._added:
            return
        if self._ahead is self._log.last_taken:
            self._reached += self._added
        else:
            self._forget()

    def _forget(self) -> None:
        self._parts.clear()
        self._histories.clear()
        self._by_tag.clear()
        self._by_type.clear()
        self._untouched.clear()
        self._reached = self._added = 0

    def _fetch(self, items: Sequence[DCBQueryItem], size: int) -> None:
        wanted = {_part_of(item): item for item in items}
        missing = [i for p, i in wanted.items() if p not in self._parts and (not p[1] or self._log.has_tag(p[1][0]))]
        if len(missing) > 1:
            # The log keeps what it has parsed; the parts are made of that when they are asked for.
            self._log.events(DCBQuery(missing), until=size)

    def _part(self, item: DCBQueryItem) -> Iterable[RecordedEvent]:
        part = _part_of(item)
        kept = self._parts.get(part)
        if kept is not None:
            return kept
        if part[1] and not (self._log.has_tag(part[1][0]) or self._ahead.has_tag(part[1][0])):
            # Nearly every entry may be annulled, and is not: nothing is kept of what is not there.
            return ()
        query = DCBQuery([item])
        kept = [*self._log.events(query, until=self._reached), *self._ahead.matching(query)]
        if not part[0] and not part[1]:
            return kept
        for index, key in self._places(part):
            index[key].add(part)
        self._parts.put(part, kept, _PART + sum(map(size_of, kept)))
        return kept

    def _places(self, part: _Part) -> Iterable[tuple[defaultdict[str, set[_Part]], str]]:
        types, tags = part
        return [(self._by_tag, tags[0])] if tags else [(self._by_type, type_) for type_ in types]

    def _follow_given_up(self) -> None:
        for part in self._parts.given_up():
            if part in self._parts:
                continue
            for index, key in self._places(part):
                index[key].discard(part)
                if not index[key]:
                    del index[key]

    def _add(self, event: RecordedEvent) -> None:
        s = event.statement
        self._untouched.difference_update(tag[2:] for tag in s.tags if tag.startswith("x:"))
        parts = [*self._by_type.get(s.type, ()), *(p for tag in s.tags for p in self._by_tag.get(tag, ()))]
        for part in parts:
            types, tags = part
            if (not types or s.type in types) and (len(tags) < 2 or set(tags) <= set(s.tags)):
                kept = self._parts.get(part)
                if kept is not None:
                    kept.append(event)
                    self._parts.grow(part, size_of(event))


def _part_of(item: DCBQueryItem) -> _Part:
    return tuple(item.types), tuple(item.tags)
