"""What pages show, kept until something is recorded that they may rest on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass, fields, is_dataclass
from sys import getsizeof
from typing import Final, Generic, TypeVar, cast

from ledger.application import Ledger
from ledger.dcb import DCBQuery
from ledger.room import SHARED, Room, Share
from projections.noted import Kind, NotedSource
from projections.slices import Source

#: What an object takes that is neither text nor a collection, about; it may be shared with others.
_OBJECT: Final = 200

#: What a type or a tag that was asked for takes, about.
_TEXT: Final = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    made: T
    known: int
    asked: DCBQuery
    size: int


class KeptUntilTouched(Generic[T]):
    """What was made of logs, each by its key, until an entry is recorded that it may rest on."""

    def __init__(self, room: Room = SHARED) -> None:
        self._kept: Share[Hashable, _Kept[T]] = room.share()

    def get(self, key: Hashable, ledger: Ledger, known: int, make: Callable[[NotedSource], T]) -> T:
        """What stands under a key as known at a position of a log, made where it is not there."""
        return self._entry(key, ledger, known, make).made

    def source(self, ledger: Ledger) -> NotedSource:
        """A log to make things of, which shares with all others what they make alike."""
        # Each key stands for things of one kind, whoever makes them.
        return NotedSource(ledger, _Sharing(cast("KeptUntilTouched[object]", self), ledger))

    def _entry(self, key: Hashable, ledger: Ledger, known: int, make: Callable[[NotedSource], T]) -> _Kept[T]:
        kept = self._kept.get(key)
        if kept is not None and kept.known == known:
            return kept
        if kept is None or kept.known > known or ledger.touched(kept.asked, kept.known, known):
            noted = self.source(ledger)
            made, asked = make(noted), noted.asked()
            size = bytes_of(made) + sum(_OBJECT + _TEXT * (len(i.types) + len(i.tags)) for i in asked.items)
            now = _Kept(made, known, asked, size)
        else:
            now = _Kept(kept.made, known, kept.asked, kept.size)
        # Whoever looks at an earlier state takes nothing from those who look at the newest.
        if kept is None or kept.known < known:
            self._kept.put(key, now, now.size)
        return now


class _Sharing:
    """Keeps for several pages what they make alike."""

    def __init__(self, kept: KeptUntilTouched[object], ledger: Ledger) -> None:
        self._kept = kept
        self._ledger = ledger

    def made(self, kind: Kind[T], key: Hashable, known: int, make: Callable[[Source], T]) -> tuple[T, DCBQuery]:
        entry = self._kept._entry((self._ledger.origin, kind.name, key), self._ledger, known, make)
        return cast("T", entry.made), entry.asked


def bytes_of(value: object) -> int:
    """What a value takes, about, with the texts and collections in it; of another object only that it is there."""
    total, left = 0, [value]
    while left:
        one = left.pop()
        # Other mappings look things up, and hold nothing.
        if isinstance(one, dict):
            total += getsizeof(one)
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | Set):
            total += getsizeof(one)
            left += one
        elif isinstance(one, str | bytes):
            total += getsizeof(one)
        elif one is value and is_dataclass(one):
            total += _OBJECT
            left += [getattr(one, field.name) for field in fields(one)]
        else:
            total += _OBJECT
    return total
