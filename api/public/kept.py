"""What pages show, kept until something is recorded that they may rest on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ledger.application import Ledger
from ledger.dcb import DCBQuery
from projections.noted import NotedSource

T = TypeVar("T")


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
