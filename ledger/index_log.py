"""The log of a log's index heads: each signed tag index is an entry, so that no two readers can be given two roots.

A small log beside the log (docs/spec, section 14): own origin, the same keys under that name, the same witnesses and
quorum. Its entries are the notes of the tag index, in the order in which they were signed; its tree is kept in memory
and built from these notes alone. A fault here stops the signing of its own heads, and never that of the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice

from ledger.clock import Clock
from ledger.errors import EvidenceError, NotFoundError, RongjianError, SigningStoppedError, SpoiltError
from ledger.log_signer import LogSigner
from ledger.sentences import sentence
from ledger.store import index_entries
from ledger.store.database import Database
from ledger.store.sealed_file import SealedFile, whole
from ledger.store.signed_notes import SignedNotes
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.index_origin import index_origin, index_policy
from ledger.tlog.merkle import Frontier, consistency_proof, leaf_hash
from ledger.tlog.note import NoteKey, verified
from ledger.tlog.policy import Policy
from ledger.tlog.tag_index import parse_head
from ledger.tlog.tiles import WIDTH, Tile, TileLevels, bundle, subtree_from

#: Heads that are looked at, newest first, for one that the quorum has cosigned.
_NEWEST = 50


class IndexLog:
    """Collects, signs, keeps and publishes; safe for several threads and several processes."""

    def __init__(
        self,
        database: Database,
        signer: LogSigner,
        clock: Clock,
        policy: Callable[[], Policy | None],
        check_signing: Callable[[], None],
        newest: SealedFile | None = None,
        losses: Callable[[], int] = lambda: 0,
    ) -> None:
        """``policy`` is that of the log now, ``check_signing`` raises where the log itself signs nothing.

        ``newest`` holds the newest head of this log beside the key; ``losses`` counts what founders declared lost of
        the log, after which this one may have become shorter too.
        """
        self.origin = index_origin(signer.origin)
        self.signer = signer.named(self.origin)
        self._of = signer
        self._database = database
        self._clock = clock
        self._policy = policy
        self._check_signing = check_signing
        self._newest = newest
        self._losses = losses
        self._stopped: SigningStoppedError | None = None
        self._heads = SignedNotes(database, self.signer, "index_checkpoint", "index_cosignature")
        self._reading = threading.Lock()
        self._notes: list[bytes] = []
        self._leaves: list[bytes] = []
        self._levels = TileLevels()

    # Writing

    def collect(self) -> None:
        """Make an entry of every index head that is none yet."""
        with self._database.transaction() as connection:
            index_entries.lock(connection)
            ours = [size for size, note in index_entries.not_collected(connection) if self._signed_here(note, size)]
            if ours:
                index_entries.collect(connection, ours)

    def _signed_here(self, note: str, size: int) -> bool:
        """Is a row of the tag index one that this log has signed? Any other is none of its entries."""
        try:
            return parse_head(note.encode(), self._of.keys, self._of.origin).size == size
        except RongjianError:
            return False

    def restore(self, notes: Sequence[bytes], signed: bytes) -> None:
        """Take in the entries and the head of a mirror, once its caller has verified them, after those that are here.

        Nothing where those that are here are as many, or not the beginning of the mirror's: that stops no restore of
        the log.
        """
        heads = [parse_head(note, self._of.keys, self._of.origin) for note in notes]
        with self._database.transaction() as connection:
            index_entries.lock(connection)
            here = [note for _, note in index_entries.notes_after(connection, 0)]
            if len(here) >= len(notes) or here != list(notes[: len(here)]):
                return
            missing = list(zip(heads, notes, strict=True))[len(here) :]
            for number, (head, note) in enumerate(missing, len(here) + 1):
                index_entries.restore(connection, number, head.size, head.root, note.decode())
        policy = self._policy()
        witnesses = list(policy.witnesses.values()) if policy is not None else []
        text, lines = verified(signed, [*self.signer.all_keys, *witnesses])
        own = "".join(key.line(signature) for key, signature in lines if key in self.signer.all_keys)
        restored = Checkpoint(self.origin, len(notes), self._frontier().root())
        if text != restored.text:
            raise EvidenceError("restored_wrong", sentence("index heads that are here differ from the mirror's"))
        self._heads.once(restored, lambda: f"{text}\n{own}")
        self.add_cosignatures(restored.size, [(key, signature) for key, signature in lines if key in witnesses])

    def stop(self, reason: EvidenceError) -> None:
        """From now on no head of this log is signed; SigningStoppedError says ``reason`` instead."""
        self._stopped = SigningStoppedError(reason.code, reason.told, **reason.details)

    def sign(self) -> tuple[int, str]:
        """Size and signed note of the head now; stored before it is returned, one per size.

        NotFoundError where it is empty.
        """
        self._check_signing()
        if self._stopped is not None:
            raise self._stopped
        frontier = self._frontier()
        if frontier.size == 0:
            raise NotFoundError("no_index_heads", sentence("no index head was signed yet"))
        head = Checkpoint(self.origin, frontier.size, frontier.root())
        self._keep(head)
        return head.size, self._heads.once(head, lambda: self.signer.sign(head, int(self._clock().timestamp())))

    def _keep(self, head: Checkpoint) -> None:
        """Before a head is signed: it follows from the newest that was, and is the newest on disk.

        Raises EvidenceError.
        """
        if self._newest is None:
            return
        losses = self._losses()
        # What others of this home have signed meanwhile is newer than what was read before.
        with self._newest.held():
            self._advance(self._newest, head, losses)

    def _advance(self, newest: SealedFile, head: Checkpoint, losses: int) -> None:
        with suppress(FileNotFoundError):
            there = newest.read()
            lost = losses > whole(there["losses"])
            size = whole(there["size"])
            # Another process of this home may have come further than the head that is asked for here.
            reached = head.size if size <= head.size else self._frontier().size
            follows = size <= reached and subtree_from(self._hashes)(0, size).hex() == there["root"]
            if not follows and not lost:
                raise SpoiltError(
                    "index_log_spoilt",
                    sentence(
                        "the index heads that are stored do not lead to the {size} that were signed; no head over "
                        "them is signed. Run rongjian verify",
                        size=size,
                    ),
                )
            if size >= head.size and not lost:
                return
        newest.write({"size": head.size, "root": head.root.hex(), "losses": losses})

    def add_cosignatures(self, size: int, lines: Iterable[tuple[NoteKey, bytes]]) -> None:
        """Keep verified cosignatures of the head of a size; the first of a key stays."""
        self._heads.add_cosignatures(size, lines, self._clock())

    # Reading

    def size(self) -> int:
        """Index heads that are entries so far."""
        return self._frontier().size

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Consistency proof between two sizes."""
        self._frontier()
        return consistency_proof(old, new, subtree_from(self._hashes))

    def cosigned_by(self, key: NoteKey) -> int:
        """The largest size that there is and that a key has cosigned, as rows say, 0 if none: a witness names a larger
        one itself.
        """
        size = self.size()
        with self._database.connection() as connection:
            return index_entries.largest_cosigned(connection, str(key), size)

    def published(self) -> str:
        """The newest head that the log's quorum has cosigned; where none is asked for, the newest.

        NotFoundError: none yet.
        """
        policy = self._policy()
        if self._stopped is None and (policy is None or not policy.waits):
            self.collect()
            size, note = self.sign()
            return note + self._cosigned(self._head_of(size))
        for head in islice(self._heads.newest_first(), _NEWEST):
            if head.size <= self.size() and head == self._head_of(head.size):
                note = self._heads.of(head) or ""
                signed = note + self._cosigned(head)
                if policy is None or index_policy(policy).accepts(signed.encode()):
                    return signed
        raise NotFoundError(
            "not_published",
            sentence("no head over index heads has been cosigned by the witnesses' quorum yet"),
        )

    def _head_of(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, subtree_from(self._hashes)(0, size))

    def _cosigned(self, head: Checkpoint) -> str:
        policy = self._policy()
        return self._heads.cosignatures(head, list(policy.witnesses.values()) if policy is not None else [])

    def tile(self, tile: Tile) -> bytes:
        """Bytes of a hash tile, or of a bundle of entries."""
        if tile.leaves_end > self.size():
            raise NotFoundError("beyond_head", sentence("there are {size} index heads", size=self.size()))
        start, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
        if tile.level is None:
            return bundle(self._notes[start:end])
        return b"".join(self._hashes(tile.level, start, end))

    def _hashes(self, level: int, start: int, end: int) -> list[bytes]:
        return (self._levels.nodes.get(level, []) if level else self._leaves)[start:end]

    def _frontier(self) -> Frontier:
        """The tree as the database has it now: entries only come, so what is in memory stays."""
        with self._reading, self._database.connection() as connection:
            for number, note in index_entries.notes_after(connection, len(self._leaves)):
                if number != len(self._leaves) + 1:
                    raise SpoiltError(
                        "index_log_gap",
                        sentence("index head {leaves} is missing; run rongjian verify", leaves=len(self._leaves) + 1),
                    )
                self._notes.append(self._own(note, number))
                self._leaves.append(leaf_hash(self._notes[-1]))
                self._levels.add(self._leaves[-1])
            return self._levels.frontier

    def _own(self, note: bytes, number: int) -> bytes:
        """A stored index head, once it is seen that this log has signed it. Raises EvidenceError."""
        try:
            parse_head(note, self._of.keys, self._of.origin)
        except RongjianError as error:
            raise SpoiltError(
                "index_log_spoilt",
                sentence(
                    "index head {number} was not signed by this log: {error}; run rongjian verify",
                    number=number,
                    error=error.told,
                ),
            ) from error
        return note
