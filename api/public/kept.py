"""What pages show, kept until something is recorded that they may rest on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from sys import getsizeof
from typing import Final, Generic, TypeVar

from ledger.application import Ledger
from ledger.dcb import DCBQuery
from ledger.room import SHARED, Room, Share
from projections.noted import NotedSource

#: What an object takes that is neither text nor a collection, about; it may be shared with others.
_OBJECT: Final = 200

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
        kept = self._kept.get(key)
        if kept is None or kept.known > known or (kept.known < known and ledger.touched(kept.asked, kept.known, known)):
            noted = NotedSource(ledger)
            made, asked = make(noted), noted.asked()
            size = bytes_of(made) + sum(bytes_of([*item.types, *item.tags]) + _OBJECT for item in asked.items)
            kept = _Kept(made, known, asked, size)
            self._kept.put(key, kept, size)
        elif kept.known < known:
            self._kept.put(key, _Kept(kept.made, known, kept.asked, kept.size), kept.size)
        return kept.made


def bytes_of(value: object) -> int:
    """What a value takes, about, with the texts and collections in it; of another object only that it is there."""
    total, left = 0, [value]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
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
