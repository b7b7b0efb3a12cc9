"""The log's own signatures under its checkpoints: Ed25519 always, ML-DSA-44 beside it where the log has that key.

C2SP tlog-checkpoint asks a public log for at least one Ed25519 line and recommends an ML-DSA-44 one, which stays
good when elliptic curves no longer are. The second is a cosignature by form (type 0x06) under the log's name.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import MLDSA44Cosigner, cosign_mldsa44
from ledger.tlog.note import NoteKey, VerifierKey
from ledger.tlog.note import sign as sign_note
from ledger.tlog.tag_index import IndexHead


class LogSigner:
    """The private keys of one log. The name of each key is the origin."""

    def __init__(self, origin: str, ed25519: Ed25519PrivateKey, mldsa44: MLDSA44PrivateKey | None = None) -> None:
        self.origin = origin
        self._ed25519 = ed25519
        self._mldsa44 = mldsa44
        self.verifier_key = VerifierKey(origin, ed25519.public_key().public_bytes_raw())
        second = [MLDSA44Cosigner(origin, mldsa44.public_key().public_bytes_raw())] if mldsa44 is not None else []
        #: Every key that signs here, the Ed25519 one first.
        self.keys: tuple[NoteKey, ...] = (self.verifier_key, *second)

    def sign_index(self, head: IndexHead) -> str:
        """The signed note of a tag index."""
        return sign_note(head.text, self.origin, self._ed25519)

    def sign(self, head: Checkpoint, timestamp: int) -> str:
        """The signed note; ``timestamp`` (POSIX seconds) stands in the ML-DSA-44 line only, which is randomised."""
        note = head.signed(self._ed25519)
        if self._mldsa44 is not None:
            note += cosign_mldsa44(head.text, self.origin, self._mldsa44, timestamp)
        return note
