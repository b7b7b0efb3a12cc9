"""The Merkle tree of a log in memory, so that a proof computes next to nothing.

Kept are the leaves and the perfect subtrees of eight leaves and more, one hash behind the other without an object for
each: 40 bytes an entry. Smaller subtrees are computed when they are asked for, with at most three hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ledger.tlog.merkle import Frontier, node_hash, split
from ledger.tlog.tiles import HEIGHT

#: Bytes of a hash.
_WIDTH = 32
#: The lowest level above the leaves that is kept.
_KEPT = 3


class HashTree:
    """A tree that leaves are added to. One thread adds; others may read what had been added before they asked."""

    def __init__(self) -> None:
        self._leaves = bytearray()
        #: From level 3 on: the hashes of the perfect subtrees of 2^level leaves, in order.
        self._levels = [bytearray()]
        #: How many leaves there are.
        self.size = 0

    def parts(self) -> dict[str, bytearray]:
        """What it is made of, by name."""
        return {"leaves": self._leaves, **{f"level {n}": held for n, held in enumerate(self._levels)}}

    @classmethod
    def from_parts(cls, parts: Mapping[str, bytes]) -> HashTree:
        """The same from the bytes of the parts. Raises KeyError or ValueError where these are no tree's."""
        tree = cls()
        tree._leaves = bytearray(parts["leaves"])
        size = len(tree._leaves) // _WIDTH
        levels = max(1, size.bit_length() - _KEPT)
        tree._levels = [bytearray(parts[f"level {n}"]) for n in range(levels)]
        if [len(held) // _WIDTH for held in tree._levels] != [size >> _KEPT + n for n in range(levels)]:
            raise ValueError("levels of another tree")
        tree.size = size
        return tree

    def add(self, leaf: bytes) -> None:
        """One more leaf hash."""
        self._leaves += leaf
        size = self.size + 1
        if size & (1 << _KEPT) - 1 == 0:
            index, above = (size >> _KEPT) - 1, 0
            hashed = self._computed(_KEPT, index)
            self._levels[0] += hashed
            while index & 1:
                hashed = hashlib.sha256(b"\x01" + self._levels[above][-2 * _WIDTH :]).digest()
                above, index = above + 1, index >> 1
                if above == len(self._levels):
                    self._levels.append(bytearray())
                self._levels[above] += hashed
        # Last: what is counted is there.
        self.size = size

    def leaf(self, index: int) -> bytes:
        """The hash of a leaf that is there."""
        return bytes(self._leaves[index * _WIDTH : (index + 1) * _WIDTH])

    @property
    def frontier(self) -> Frontier:
        """The right edge, by which appending goes on."""
        size = self.size
        levels = (level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1)
        return Frontier(size, tuple(self._node(level, (size >> level) - 1) for level in levels))

    def subtree(self, start: int, end: int) -> bytes:
        """The hash of [start, end), which is a subtree of what is there (:data:`ledger.tlog.merkle.Subtree`)."""
        width = end - start
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self._node(level, start >> level)
        middle = start + split(width)
        return node_hash(self.subtree(start, middle), self.subtree(middle, end))

    def hashes(self, tile_level: int, start: int, end: int) -> list[bytes]:
        """Hashes [start, end) of a level of tiles, as many of them as there are (level 0: leaf hashes)."""
        level = tile_level * HEIGHT
        above = level - _KEPT
        held = self._leaves if level == 0 else self._levels[above] if above < len(self._levels) else b""
        return [bytes(held[at : at + _WIDTH]) for at in range(start * _WIDTH, min(end * _WIDTH, len(held)), _WIDTH)]

    def _node(self, level: int, index: int) -> bytes:
        if level < _KEPT:
            return self._computed(level, index)
        return bytes(self._levels[level - _KEPT][index * _WIDTH : (index + 1) * _WIDTH])

    def _computed(self, level: int, index: int) -> bytes:
        held = bytes(self._leaves[index * _WIDTH << level : (index + 1) * _WIDTH << level])
        while len(held) > _WIDTH:
            pairs = range(0, len(held), 2 * _WIDTH)
            held = b"".join(hashlib.sha256(b"\x01" + held[at : at + 2 * _WIDTH]).digest() for at in pairs)
        return held
