"""Chances of a history: whatever is left to chance is drawn from its seed, so that it falls the same way again."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def seed_bytes(seed: int) -> bytes:
    """The 32 bytes behind everything of a history: keys, salts, ids and chances."""
    return hashlib.sha256(b"rongjian/generate/v1\n%d" % seed).digest()


class Chances:
    """What happens, of one part of a history: parts that draw beside one another do not disturb each other."""

    def __init__(self, seed: bytes, part: str) -> None:
        # Nothing here is secret: a history has to be the same again.
        self._random = random.Random(hashlib.sha256(seed + part.encode()).digest())
        self._blocks: dict[str, tuple[int, int]] = {}

    def happens(self, share: float) -> bool:
        """True in about so large a share of all times."""
        return self._random.random() < share

    def once_in(self, times: int, what: str) -> bool:
        """True exactly once in every so many times that this is asked, at a place in them left to chance."""
        asked, chosen = self._blocks.get(what, (times, 0))
        if asked == times:
            asked, chosen = 0, self.between(0, times - 1)
        self._blocks[what] = (asked + 1, chosen)
        return asked == chosen

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self._random.random() * (most - least + 1))

    def around(self, middle: float, spread: float) -> float:
        """A number by the normal distribution."""
        return self._random.gauss(middle, spread)

    def one_of(self, several: Sequence[T]) -> T:
        return several[int(self._random.random() * len(several))]

    def some_of(self, several: Sequence[T], number: int) -> list[T]:
        """So many of them, in an order left to chance."""
        left = list(several)
        return [left.pop(int(self._random.random() * len(left))) for _ in range(min(number, len(left)))]
