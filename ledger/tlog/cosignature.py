"""Cosignatures (c2sp.org/tlog-cosignature): what a witness, a mirror or a log itself says of a checkpoint.

A cosignature says: as of ``timestamp`` the largest consistent tree that I have seen for this origin has this
root. Two types: Ed25519 (0x04) over a text that holds the checkpoint, and ML-DSA-44 (0x06, FIPS 204 pure mode,
empty context) over a binary message that also binds the name of the cosigner.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.errors import EvidenceError, UnavailableError
from ledger.sentences import sentence
from ledger.tlog import checkpoint, note

#: Seconds since 1970 in the eight bytes before a signature.
TIMESTAMP_MAX = 2**63 - 1


class Ed25519Cosigner(note.NoteKey):
    """An Ed25519 cosigner (0x04): 8 bytes of timestamp and 64 of signature. One key serves one name only."""

    __slots__ = ()
    type_byte = 0x04
    key_length = 32

    def verify(self, text: str, signature: bytes) -> None:
        """Over the whole checkpoint text under its header and time."""
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        key.verify(signature[8:], ed25519_message(text, _timestamp(signature)))


class MLDSA44Cosigner(note.NoteKey):
    """An ML-DSA-44 cosigner (0x06): 8 bytes of timestamp and 2,420 of signature."""

    __slots__ = ()
    type_byte = 0x06
    key_length = 1312

    def verify(self, text: str, signature: bytes) -> None:
        """Over origin, range and root of the checkpoint, and this cosigner's name.

        Raises UnavailableError where ``cryptography`` is built on a library without ML-DSA: a line under a key that the
        reader lists is checked or said to be unchecked, and never passed over.
        """
        try:
            key = MLDSA44PublicKey.from_public_bytes(self.public_key)
        except UnsupportedAlgorithm as error:
            raise UnavailableError(
                "mldsa_unsupported",
                sentence(
                    "the installed library cryptography cannot check ML-DSA-44 signatures; "
                    "pip install --upgrade cryptography brings one that can"
                ),
            ) from error
        key.verify(signature[8:], mldsa44_message(text, self.name, _timestamp(signature)))


#: Types of keys that cosign.
COSIGNERS = (Ed25519Cosigner, MLDSA44Cosigner)


def timestamp_of(signature: bytes) -> int:
    """The POSIX seconds of a verified cosignature (without the key id)."""
    return int.from_bytes(signature[:8], "big")


def ed25519_message(text: str, timestamp: int) -> bytes:
    """The signed bytes of type 0x04."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def mldsa44_message(text: str, cosigner: str, timestamp: int) -> bytes:
    """The signed bytes of type 0x06 for a whole tree (start 0). Raises EvidenceError for text that is no checkpoint."""
    head = checkpoint.parse(text)
    return b"".join(
        [
            b"subtree/v1\n\0",
            _short(cosigner),
            timestamp.to_bytes(8, "big"),
            _short(head.origin),
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        ]
    )


def cosign_ed25519(text: str, name: str, key: Ed25519PrivateKey, timestamp: int) -> str:
    """The signature line of type 0x04 for a checkpoint's text."""
    signature = key.sign(ed25519_message(text, timestamp))
    return Ed25519Cosigner(name, key.public_key().public_bytes_raw()).line(timestamp.to_bytes(8, "big") + signature)


def cosign_mldsa44(text: str, name: str, key: MLDSA44PrivateKey, timestamp: int) -> str:
    """The signature line of type 0x06 for a checkpoint's text. ML-DSA is randomised: no two lines are alike."""
    signature = key.sign(mldsa44_message(text, name, timestamp))
    return MLDSA44Cosigner(name, key.public_key().public_bytes_raw()).line(timestamp.to_bytes(8, "big") + signature)


def _timestamp(signature: bytes) -> int:
    timestamp = timestamp_of(signature)
    if len(signature) <= 8 or timestamp > TIMESTAMP_MAX:
        raise InvalidSignature
    return timestamp


def _short(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > 255:
        raise EvidenceError("name_too_long", sentence("“{text}”… is longer than 255 bytes", text=text[:40]))
    return bytes([len(encoded)]) + encoded
