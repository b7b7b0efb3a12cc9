"""The log's own signatures under its checkpoints: Ed25519 always, ML-DSA-44 and SM2 beside it where the log has such
keys.

C2SP tlog-checkpoint asks a public log for at least one Ed25519 line and recommends an ML-DSA-44 one, which stays good
when elliptic curves no longer are; by form it is a cosignature (type 0x06) under the log's name. An SM2 line is of type
0xff with an identifier of our own: readers of C2SP pass over it, readers bound to national cryptography have it.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.errors import RongjianError
from ledger.signing.sm2 import SM2PrivateKey, parse_point
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import MLDSA44Cosigner, cosign_mldsa44
from ledger.tlog.note import Ed25519Signer, NoteKey, VerifierKey
from ledger.tlog.note import sign as sign_note
from ledger.tlog.tag_index import IndexHead


class SM2NoteKey(NoteKey):
    """SM2 with SM3 over the note's text (type 0xff): a point of 65 bytes, a signature in DER."""

    __slots__ = ()
    type_byte = 0xFF
    long_id = b"rongjian/sm2-sm3"
    key_length = 65

    def verify(self, text: str, signature: bytes) -> None:
        """GB/T 32918.2 under the default identity."""
        try:
            parse_point(self.public_key).verify(signature, text.encode())
        except RongjianError as error:
            raise InvalidSignature from error


#: Kinds of keys by which a reader may know a log of ours. The SM2 one stands in no C2SP policy, and in a reader's own
#: where he likes.
LOG_KEYS: tuple[type[NoteKey], ...] = (VerifierKey, MLDSA44Cosigner, SM2NoteKey)


class LogSigner:
    """The private keys of one log. The name of each key is the origin."""

    def __init__(
        self,
        origin: str,
        ed25519: Ed25519Signer,
        mldsa44: MLDSA44PrivateKey | None = None,
        sm2: SM2PrivateKey | None = None,
    ) -> None:
        self.origin = origin
        self._ed25519 = ed25519
        self._mldsa44 = mldsa44
        self._sm2 = sm2
        self.verifier_key = VerifierKey(origin, ed25519.public_key().public_bytes_raw())
        second = [MLDSA44Cosigner(origin, mldsa44.public_key().public_bytes_raw())] if mldsa44 is not None else []
        #: The keys that a C2SP policy can list, the Ed25519 one first.
        self.keys: tuple[NoteKey, ...] = (self.verifier_key, *second)
        #: Every key that signs here.
        self.all_keys: tuple[NoteKey, ...] = (
            *self.keys,
            *([SM2NoteKey(origin, sm2.public.raw)] if sm2 is not None else []),
        )

    def named(self, origin: str) -> LogSigner:
        """The same keys, signing for another origin."""
        return LogSigner(origin, self._ed25519, self._mldsa44, self._sm2)

    def sign_index(self, head: IndexHead) -> str:
        """The signed note of a tag index."""
        return sign_note(head.text, self.origin, self._ed25519)

    def sign(self, head: Checkpoint, timestamp: int) -> str:
        """The signed note; ``timestamp`` (POSIX seconds) stands in the ML-DSA-44 line only.

        Both other lines are randomised.
        """
        note = head.signed(self._ed25519)
        if self._mldsa44 is not None:
            note += cosign_mldsa44(head.text, self.origin, self._mldsa44, timestamp)
        if self._sm2 is not None:
            note += SM2NoteKey(self.origin, self._sm2.public.raw).line(self._sm2.sign(head.text.encode()))
        return note
