"""The RFC 6962 Merkle tree: hashes, inclusion and consistency proofs, and their verification.

Sources: RFC 6962 section 2.1 (= RFC 9162 section 2.1); verification follows RFC 9162 sections 2.1.3.2 and
2.1.4.2. All functions are pure. Trees are read through ``Subtree``: a function from (start, end) to the hash
of D[start:end], so that the same proof code runs on leaves in memory and on stored tiles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ledger.errors import EvidenceError
from ledger.sentences import sentence

#: MTH({}) of RFC 6962 section 2.1.
EMPTY_ROOT = hashlib.sha256(b"").digest()

#: A proof has at most 64 hashes; 63 are accepted on the wire by witnesses (tlog-witness).
PROOF_LENGTH_MAX = 63

#: Hash of the subtree D[start:end]; ``start`` is a multiple of the smallest power of two >= end - start.
Subtree = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """Largest power of two strictly less than ``size`` (size >= 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.extended(leaf)[0]
    return frontier.root()


def subtree_of(leaves: Sequence[bytes]) -> Subtree:
    """The ``Subtree`` function of a list of leaf hashes."""
    return lambda start, end: root_of(leaves[start:end])


@dataclass(frozen=True, slots=True)
class CompleteNode:
    """A perfect subtree that has just become complete: 2^level leaves ending at (index+1) * 2^level."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: one hash per set bit of ``size``, largest subtree first.

    It is all that appending needs; the log head row stores it.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def extended(self, leaf: bytes) -> tuple[Frontier, list[CompleteNode]]:
        """The frontier after one more leaf, and the perfect subtrees (level >= 1) this leaf completes."""
        hashes, completed = list(self.hashes), []
        carried, level, size = leaf, 0, self.size
        while size >> level & 1:
            carried = node_hash(hashes.pop(), carried)
            level += 1
            completed.append(CompleteNode(level, size >> level, carried))
        hashes.append(carried)
        return Frontier(self.size + 1, tuple(hashes)), completed

    def root(self) -> bytes:
        """MTH of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        result = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            result = node_hash(left, result)
        return result


class LeafTree:
    """A tree whose leaves change, and between whose leaves others are put: each node is kept, so that only what is over
    something else than before is hashed again.

    A leaf that is put in moves all behind it, and with them every node to its right.
    """

    def __init__(self, levels: list[list[bytes]] | None = None) -> None:
        #: Nodes over 2^level leaves each, of those that are full.
        self._levels = levels or [[]]

    def __len__(self) -> int:
        return len(self._levels[0])

    def leaves(self, first: int) -> list[bytes]:
        """Leaf hashes from an index on."""
        return self._levels[0][first:]

    def copy(self) -> LeafTree:
        """The tree as it is, whatever becomes of this one."""
        return LeafTree([list(level) for level in self._levels])

    def change(self, leaves: dict[int, bytes]) -> None:
        """Put other leaf hashes in the place of some."""
        level = self._levels[0]
        for index, leaf in leaves.items():
            level[index] = leaf
        indexes = set(leaves)
        for below, above in zip(self._levels, self._levels[1:], strict=False):
            indexes = {index // 2 for index in indexes if index // 2 < len(above)}
            for index in indexes:
                above[index] = node_hash(below[2 * index], below[2 * index + 1])

    def follow(self, first: int, leaves: Sequence[bytes]) -> None:
        """From an index on the leaves are these."""
        del self._levels[0][first:]
        self._levels[0] += leaves
        for level in range(1, len(self._levels[0]).bit_length()):
            below, first = self._levels[level - 1], first // 2
            if level == len(self._levels):
                self._levels.append([])
            above = self._levels[level]
            del above[first:]
            above += [node_hash(below[n], below[n + 1]) for n in range(2 * first, len(below) - 1, 2)]

    def root(self) -> bytes:
        """MTH of the whole tree."""
        return self.subtree(0, len(self)) if len(self) else EMPTY_ROOT

    def subtree(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) of one of its subtrees, or of its right edge."""
        width = end - start
        level = width.bit_length() - 1
        if width == 1 << level and start % width == 0:
            return self._levels[level][start >> level]
        middle = start + split(width)
        return node_hash(self.subtree(start, middle), self.subtree(middle, end))


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]), leaf sibling first. Requires 0 <= index < size."""
    if not 0 <= index < size:
        raise EvidenceError(
            "proof_out_of_range",
            sentence("no leaf {index} in a tree of {size}", index=index, size=size),
        )
    start, end, proof = 0, size, []
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            proof.append(subtree(middle, end))
            end = middle
        else:
            proof.append(subtree(start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """PROOF(old, D[new]) for 0 <= old <= new; empty for old 0 or old = new."""
    if not 0 <= old <= new:
        raise EvidenceError(
            "proof_out_of_range",
            sentence("no consistency from {old} to {new}", old=old, new=new),
        )
    if old in (0, new):
        return []
    start, end, proof, whole = 0, new, [], True
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            proof.append(subtree(middle, end))
            end = middle
        else:
            proof.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(subtree(start, end))
    return proof[::-1]


def is_subtree(start: int, end: int) -> bool:
    """Is [start, end) a subtree: is ``start`` a multiple of the smallest power of two >= end - start?"""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def subtree_proof(start: int, end: int, size: int, subtree: Subtree) -> list[bytes]:
    """SPROOF(start, end, D[size]): that [start, end) is part of the tree of ``size``.

    Source: draft-ietf-plants-merkle-tree-certs section 4. With ``start`` 0 it is the consistency proof.
    """
    if not is_subtree(start, end) or end > size:
        raise EvidenceError(
            "proof_out_of_range",
            sentence("[{start}, {end}) is no subtree of a tree of {size}", start=start, end=end, size=size),
        )
    low, high, proof, whole = 0, size, [], True
    while (low, high) != (start, end):
        middle = low + split(high - low)
        if end <= middle:
            proof.append(subtree(middle, high))
            high = middle
        else:
            proof.append(subtree(low, middle))
            # A subtree that spans the middle begins where this tree does; what is left of it ends this one.
            whole = whole and start >= middle
            low, start = middle, max(start, middle)
    if not whole:
        proof.append(subtree(low, high))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2. Raises EvidenceError unless the leaf hash is at ``index`` under ``root``."""
    if not 0 <= index < size:
        raise _bad_proof("inclusion", "index is not below the size")
    if len(proof) > PROOF_LENGTH_MAX:
        raise _bad_proof("inclusion", "has too many hashes")
    fn, sn, result = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise _bad_proof("inclusion", "has too many hashes")
        if fn & 1 or fn == sn:
            result = node_hash(sibling, result)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise _bad_proof("inclusion", "has too few hashes")
    if result != root:
        raise _bad_proof("inclusion", "does not lead to the root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 section 2.1.4.2. Raises EvidenceError unless the older tree is a prefix of the newer."""
    if not 0 <= old <= new:
        raise _bad_proof("consistency", "sizes are out of order")
    if len(proof) > PROOF_LENGTH_MAX:
        raise _bad_proof("consistency", "has too many hashes")
    if old == new:
        if proof or old_root != new_root:
            raise _bad_proof("consistency", "two roots for one size, or hashes where none belong")
        return
    if old == 0:
        if proof or old_root != EMPTY_ROOT:
            raise _bad_proof("consistency", "the empty tree has the empty root and an empty proof")
        return
    if not proof:
        raise _bad_proof("consistency", "is empty")
    path: Iterable[bytes] = proof
    if old & (old - 1) == 0:
        path = [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    hashes = iter(path)
    fr = sr = next(hashes)
    for sibling in hashes:
        if sn == 0:
            raise _bad_proof("consistency", "has too many hashes")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(sibling, fr), node_hash(sibling, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or fr != old_root or sr != new_root:
        raise _bad_proof("consistency", "does not lead to both roots")


def verify_subtree(start: int, end: int, size: int, node: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Raises EvidenceError unless ``node`` is the hash of [start, end) in the tree of ``size`` under ``root``.

    Source: draft-ietf-plants-merkle-tree-certs section 4.
    """
    if not is_subtree(start, end) or end > size:
        raise _bad_proof("subtree", "is of a range that is no subtree")
    if len(proof) > PROOF_LENGTH_MAX:
        raise _bad_proof("subtree", "has too many hashes")
    fn, sn, tn = start, end - 1, size - 1
    at_the_edge = sn == tn
    while fn != sn and (at_the_edge or sn & 1):
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    hashes = iter(proof)
    fr = sr = node
    if fn != sn:
        if not proof:
            raise _bad_proof("subtree", "is empty")
        fr = sr = next(hashes)
    for sibling in hashes:
        if tn == 0:
            raise _bad_proof("subtree", "has too many hashes")
        if sn & 1 or sn == tn:
            if fn < sn:
                fr = node_hash(sibling, fr)
            sr = node_hash(sibling, sr)
            while not sn & 1:
                fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
        else:
            sr = node_hash(sr, sibling)
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    if tn != 0 or fr != node or sr != root:
        raise _bad_proof("subtree", "does not lead from the subtree to the root")


def _bad_proof(kind: str, why: str) -> EvidenceError:
    kinds = {
        "inclusion": sentence("inclusion proof"),
        "consistency": sentence("consistency proof"),
        "subtree": sentence("subtree proof"),
    }
    return EvidenceError(f"bad_{kind}_proof", sentence("{proof} {why}", proof=kinds[kind], why=why))
