"""The log as evidence: receipts, proofs under signed heads, tiles and the tag index."""

from __future__ import annotations

import threading
from binascii import b2a_base64
from collections.abc import Sequence
from functools import cache, partial
from typing import Final

from ledger.clock import format_instant
from ledger.errors import NotFoundError
from ledger.heads import Heads
from ledger.index_log import IndexLog
from ledger.sentences import sentence
from ledger.store.records import Head, Placed
from ledger.stored_log import StoredLog
from ledger.submission import Receipt
from ledger.tlog.merkle import Subtree, consistency_proof, inclusion_proof, subtree_proof
from ledger.tlog.note import VerifierKey
from ledger.tlog.proof import InclusionProof
from ledger.tlog.tag_index import IndexHead, SealedIndex, TagIndex
from ledger.tlog.tiles import Tile, bundle

#: Keys of a tag index up to which it is kept in memory, at some 600 bytes each; a larger one is made anew each time.
KEPT_KEYS: Final = 100_000

#: Notes of tag indexes that are kept, a few hundred bytes each.
_NOTES_KEPT: Final = 1_000


class Evidence:
    """What shows others that the log holds what it says."""

    def __init__(self, origin: str, log: StoredLog, heads: Heads, index_log: IndexLog) -> None:
        self._origin = origin
        self._log = log
        self._heads = heads
        self._index_log = index_log
        self._indexing = threading.Lock()
        #: The tag index of the first so many entries, on which later ones are built, and it sealed.
        self._index, self._indexed = TagIndex(), 0
        self._newest_sealed: tuple[int, SealedIndex] | None = None
        self._index_notes: dict[int, str] = {}

    @property
    def verifier_key(self) -> VerifierKey:
        """The log's Ed25519 key."""
        return self._heads.signer.verifier_key

    def checkpoint(self) -> str:
        """The published head (see :mod:`ledger.heads`)."""
        return self._heads.published()[1]

    def receipt(self, position: int) -> Receipt:
        """The receipt of a position under the current head, which is signed for it."""
        head = self._log.head()
        return self._receipts([self._log.row(position)], head)[0]

    def receipts_of_recorded(self, positions: Sequence[int]) -> list[Receipt]:
        """The receipts of what this process has just recorded, under the newest head that it knows: nothing is asked
        again that was seen in the transaction itself.
        """
        return self._receipts([self._log.placed(position) for position in positions], self._log.known_head())

    def _receipts(self, placed: Sequence[Placed], head: Head) -> list[Receipt]:
        """Receipts under one head, which is signed for them."""
        note = self._heads.sign_for_receipt(head)
        proofs = self._inclusions([one.position for one in placed], head.size)
        return [
            Receipt(
                self._origin,
                one.id,
                one.position,
                format_instant(one.recorded_at),
                _b64(one.leaf_hash),
                head.size,
                tuple([_b64(h) for h in hashes]),
                note,
            )
            for one, hashes in zip(placed, proofs, strict=True)
        ]

    def proof(self, position: int) -> InclusionProof:
        """The portable proof of a position under the published head."""
        self._log.row(position)
        size, checkpoint = self._heads.published()
        if position > size:
            raise NotFoundError(
                "not_published",
                sentence(
                    "position {position} is not under the published head yet, which has size {size}; try again in a "
                    "moment",
                    position=position,
                    size=size,
                ),
            )
        return self._proof(position, size, checkpoint)

    def _proof(self, position: int, size: int, checkpoint: str) -> InclusionProof:
        hashes = self._inclusions([position], size)[0]
        return InclusionProof(position - 1, tuple(hashes), checkpoint.encode())

    def _inclusions(self, positions: Sequence[int], size: int) -> list[list[bytes]]:
        """Inclusion proofs of positions in one tree."""

        def prove(subtree: Subtree) -> list[list[bytes]]:
            # Neighbours have most of their proofs in common.
            hashed = cache(subtree)
            return [inclusion_proof(position - 1, size, hashed) for position in positions]

        return self._log.proved(prove)

    def tag_index(self, size: int) -> tuple[SealedIndex, str]:
        """The tag index of the log of a size, and its signed note."""
        self._check_size(size)
        sealed = self._sealed_index(size)
        note = self._heads.sign_index(IndexHead(self._origin, size, sealed.keys, sealed.root))
        # An entry of the log of index heads before anybody is given it: no two readers are given two roots of one size.
        self._index_log.collect()
        self._index_notes[size] = note
        while len(self._index_notes) > _NOTES_KEPT:
            self._index_notes.pop(next(iter(self._index_notes)), None)
        return sealed, note

    def index_note(self, size: int) -> str:
        """The signed note of the tag index of a size, which this process may have made before."""
        return self._index_notes.get(size) or self.tag_index(size)[1]

    def _sealed_index(self, size: int) -> SealedIndex:
        """The tag index of a size: from the newest that was made here, and the entries since."""
        with self._indexing:
            if self._newest_sealed is not None and self._newest_sealed[0] == size:
                return self._newest_sealed[1]
            proven = self._log.known_size is not None
            built_on = proven and size > self._indexed
            index, after = (self._index, self._indexed) if built_on else (TagIndex(), 0)
            for position, leaf, type_, tags in self._log.indexed(size, after):
                index.add(position, leaf, type_, tags)
            sealed = index.sealed()
            if built_on:
                small = len(index) <= KEPT_KEYS
                self._index, self._indexed = (index, size) if small else (TagIndex(), 0)
                self._newest_sealed = (size, sealed) if small else None
            return sealed

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """Inclusion proof of a position in the tree of ``size``."""
        return self.inclusions([position], size)[0]

    def inclusions(self, positions: Sequence[int], size: int) -> list[list[bytes]]:
        """The same of several positions."""
        self._check_size(size)
        return self._inclusions(positions, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Consistency proof between two sizes."""
        self._check_size(new)
        return self._log.proved(partial(consistency_proof, old, new))

    def subtree(self, start: int, end: int, size: int) -> tuple[bytes, list[bytes]]:
        """Hash of the subtree [start, end), and the proof that it is part of the tree of ``size``."""
        self._check_size(size)

        def prove(stored: Subtree) -> tuple[bytes, list[bytes]]:
            # What is no subtree is refused before it is read.
            proof = subtree_proof(start, end, size, stored)
            return stored(start, end), proof

        return self._log.proved(prove)

    def tile(self, tile: Tile) -> bytes:
        """Bytes of a tile or entry bundle that lies wholly within the committed log."""
        self._check_size(tile.leaves_end)
        start, end = tile.index * 256, tile.index * 256 + tile.width
        if tile.level is None:
            return bundle([row.entry for row in self._log.rows(after=start, until=end)])
        return b"".join(self._log.hashes(tile.level, start, end))

    def _check_size(self, size: int) -> None:
        head = self._log.head().size
        if size > head:
            raise NotFoundError("beyond_head", sentence("the log has {head} entries, not {size}", head=head, size=size))


def _b64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")
