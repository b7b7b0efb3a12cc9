"""The signed heads of one log: what may be signed, what is stored before it leaves, what the world may see.

The internal head is whatever is committed; every receipt shows it, signed, and carries it away, so that few of these
are stored (docs/adr/0040). The published head is the newest one that the log's own witnesses have cosigned to their
quorum; where no quorum is asked for the two are one. Two heads of one size are never signed, and nothing is signed once
a witness has seen more of this log than there is (a restored backup): signing on would show the world two histories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from ledger.clock import Clock
from ledger.continuity import Continuity, rolled_back
from ledger.derivation.losses import LostRange
from ledger.errors import EvidenceError, NotFoundError, SigningStoppedError, SpoiltError
from ledger.log_signer import LogSigner
from ledger.sentences import sentence
from ledger.store.database import Database
from ledger.store.records import Answering, Head
from ledger.store.seen import add_timestamp
from ledger.store.signed_notes import SignedNotes
from ledger.stored_log import StoredLog
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import Ed25519Cosigner
from ledger.tlog.note import NoteKey, verified
from ledger.tlog.policy import Policy
from ledger.tlog.tag_index import IndexHead

#: Heads that are looked at, newest first, for one that the quorum has cosigned.
_NEWEST = 50


class Heads:
    """Signs, keeps and publishes the heads of one log. ``policy`` names its witnesses; None asks for none."""

    def __init__(
        self, database: Database, log: StoredLog, signer: LogSigner, clock: Clock, policy: Policy | None
    ) -> None:
        self.signer = signer
        self.policy = policy
        #: Compares with the newest head beside the log's key; None where nobody keeps one.
        self.continuity: Continuity | None = None
        self._database = database
        self._log = log
        self._clock = clock
        self._stopped: SigningStoppedError | None = None
        self._notes = SignedNotes(database, signer, "checkpoint", "cosignature")
        self._index_notes = SignedNotes(database, signer, "tag_index")

    def stop(self, reason: EvidenceError) -> None:
        """From now on nothing is signed; SigningStoppedError says ``reason`` instead. The first reason stays."""
        self._stopped = self._stopped or SigningStoppedError(reason.code, reason.told, **reason.details)

    def own_policy(self) -> str:
        """A trust policy to start from: this log's keys, and no witness asked for (c2sp.org/tlog-policy)."""
        return "".join([*(f"log {key}\n" for key in self.signer.keys), "quorum none\n"])

    def witness_keys(self) -> str:
        """Verifier keys of the witnesses that this log asks, those with Ed25519 cosignatures, a line each."""
        witnesses = self.policy.witnesses.values() if self.policy else ()
        return "".join(f"{key}\n" for key in witnesses if isinstance(key, Ed25519Cosigner))

    def check_signing(self, *, declaring_loss: bool = False) -> None:
        """Raises SigningStoppedError where nothing may be signed any more; what was lost does not stand in the way of
        declaring it.
        """
        if self._stopped is not None:
            raise self._stopped
        if self.continuity is not None and not declaring_loss:
            self.continuity.check()

    def lost(self) -> LostRange | None:
        """What was signed here and the database does not have, as long as nobody has declared it."""
        return self.continuity.lost() if self.continuity is not None else None

    def permit(self, answering: Answering) -> SigningStoppedError | None:
        """Why nothing may be recorded now but a declaration of what was lost; None where everything may.

        Raises EvidenceError where another server or another history answers, UnavailableError where another home signs
        now.
        """
        if self.continuity is None:
            return None
        self.continuity.seen_in(answering.server)
        self.continuity.check_keeper(answering.retired)
        lost = self.continuity.lost()
        return rolled_back(lost, self.continuity.log) if lost is not None else None

    def sign(self, head: Head) -> str:
        """The signed note of a committed head; the newest beside the key and stored before it is returned, one per
        size.
        """
        return self._notes.once(*self._to_sign(head))

    def sign_for_receipt(self, head: Head) -> str:
        """The signed note of a committed head for receipts, many of which share it; the newest beside the key before it
        is returned.
        """
        return self._notes.given(*self._to_sign(head))

    def _to_sign(self, head: Head) -> tuple[Checkpoint, Callable[[], str]]:
        self.check_signing()
        if self.continuity is not None:
            self.continuity.keep(head)
        told = Checkpoint(self.signer.origin, head.size, head.frontier.root())
        return told, lambda: self.signer.sign(told, int(self._clock().timestamp()))

    def check_last(self) -> None:
        """Before anything is signed: the last head that this log signed must follow from the stored hashes."""
        last = next(self._notes.newest_first(), None)
        if last is None or last.size == 0:
            return
        if self._log.head().size < last.size or self._proven(last.size) != last:
            raise SpoiltError(
                "last_head_wrong",
                sentence(
                    "the stored log does not lead to its last published head (size {size}); run rongjian verify",
                    size=last.size,
                ),
            )

    def keep(self, head: Checkpoint, signed: bytes) -> None:
        """Keep a head that was signed before the log was lost, so that no other of its size is ever signed.

        The log's own lines are its note; lines of the policy's witnesses are kept where cosignatures are.
        """
        witnesses = self._witnesses()
        text, lines = verified(signed, [*self.signer.all_keys, *witnesses])
        own = "".join(key.line(signature) for key, signature in lines if key in self.signer.all_keys)
        self._notes.keep(head, f"{text}\n{own}")
        self.add_cosignatures(head.size, [(key, signature) for key, signature in lines if key in witnesses])

    def sign_index(self, head: IndexHead) -> str:
        """The signed tag index of a size; stored before it is returned, one per size."""
        self.check_signing()
        return self._index_notes.once(head, lambda: self.signer.sign_index(head))

    def add_cosignatures(self, size: int, lines: Iterable[tuple[NoteKey, bytes]]) -> None:
        """Keep verified cosignatures of the head of a size; the first of a key stays."""
        self._notes.add_cosignatures(size, lines, self._clock())

    def add_timestamp(self, size: int, authority: str, response: bytes, at: datetime) -> None:
        """Keep a verified RFC 3161 response over the head of a size; the first of an authority stays."""
        with self._database.transaction() as connection:
            add_timestamp(connection, size, authority, response, at)

    def cosigned(self, size: int) -> str:
        """The stored note of a size with every cosignature of the witnesses that this log asks."""
        head = self._proven(size)
        note = self._notes.of(head)
        if note is None:
            raise NotFoundError("no_head", sentence("no head of size {size} was signed", size=size))
        return note + self._notes.cosignatures(head, self._witnesses())

    def published(self) -> tuple[int, str]:
        """Size and note of the head that the world may see.

        Raises NotFoundError while the witnesses' quorum has not cosigned any. A quorum of none waits for nobody: the
        newest head, with the cosignatures that there are.
        """
        if self.policy is None or not self.policy.waits:
            head = self._log.head()
            told = Checkpoint(self.signer.origin, head.size, head.frontier.root())
            return head.size, self.sign(head) + self._notes.cosignatures(told, self._witnesses())
        for cosigned in self._notes.cosigned_sizes(self._log.head().size, _NEWEST):
            with suppress(NotFoundError):
                note = self.cosigned(cosigned)
                if self.policy.accepts(note.encode()):
                    return cosigned, note
        raise NotFoundError(
            "not_published",
            sentence("no head has been cosigned by the witnesses' quorum yet; try again in a moment"),
        )

    def _proven(self, size: int) -> Checkpoint:
        """The head of a size as this process has proven it."""
        return Checkpoint(self.signer.origin, size, self._log.proved(lambda subtree: subtree(0, size)))

    def _witnesses(self) -> list[NoteKey]:
        return list(self.policy.witnesses.values()) if self.policy is not None else []
