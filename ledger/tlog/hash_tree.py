"""The Merkle tree of a log in memory: every perfect subtree's hash is kept, so that a proof computes next to nothing.

Two hashes an entry are kept, 64 bytes, one behind the other without an object for each.
"""

from __future__ import annotations

import hashlib

from ledger.tlog.merkle import Frontier, node_hash, split
from ledger.tlog.tiles import HEIGHT

#: Bytes of a hash.
_WIDTH = 32


class HashTree:
    """A tree that leaves are added to. One thread adds; others may read what had been added before they asked."""

    def __init__(self) -> None:
        #: Level l: the hashes of the perfect subtrees of 2^l leaves, in order.
        self._levels = [bytearray()]
        #: How many leaves there are.
        self.size = 0

    def add(self, leaf: bytes) -> None:
        """One more leaf hash."""
        hashed, index, level = leaf, self.size, 0
        self._levels[0] += leaf
        while index & 1:
            hashed = hashlib.sha256(b"\x01" + self._levels[level][-2 * _WIDTH :]).digest()
            level, index = level + 1, index >> 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += hashed
        # Last: what is counted is there.
        self.size += 1

    def leaf(self, index: int) -> bytes:
        """The hash of a leaf that is there."""
        return self._node(0, index)

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
        held = self._levels[level] if level < len(self._levels) else b""
        return [bytes(held[at : at + _WIDTH]) for at in range(start * _WIDTH, min(end * _WIDTH, len(held)), _WIDTH)]

    def _node(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index * _WIDTH : (index + 1) * _WIDTH])
