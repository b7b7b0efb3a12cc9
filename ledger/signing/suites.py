"""Signature suites of signers: ``Ed25519``, ``SM2`` and passkeys.

The registered key says which; a message never does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from ledger.errors import MalformedError
from ledger.sentences import sentence
from ledger.signing import keys, sm2, webauthn
from ledger.signing.keys import PrivateKey, PublicKey
from ledger.signing.sm2 import SM2PrivateKey, SM2PublicKey
from ledger.signing.webauthn import PasskeyPublicKey

AnyPublicKey = PublicKey | SM2PublicKey | PasskeyPublicKey


class AnyPrivateKey(Protocol):
    """Whatever signs for a principal: a key in a file, in a hardware token, behind an authenticator."""

    @property
    def public(self) -> AnyPublicKey: ...

    def sign(self, message: bytes) -> bytes:
        """The signature over ``message`` in the form of the key's suite."""
        ...


@lru_cache(1_000)
def parse_public_key(text: str) -> AnyPublicKey:
    """A public key as it stands in events, lower-case hexadecimal; its length says of which suite it is:
    32 bytes (Ed25519), a point of 65 bytes (SM2), or the hash of a site and a point, 97 bytes (passkey)."""
    if len(text) not in (130, 2 * webauthn.KEY_LENGTH):
        return keys.parse_public_key(text)
    try:
        raw = bytes.fromhex(text) if text == text.lower() else b""
    except ValueError:
        raw = b""
    if 2 * len(raw) != len(text):
        raise MalformedError(
            "malformed_public_key",
            sentence("public_key must be lower-case hexadecimal"),
            field="public_key",
        )
    return sm2.parse_point(raw) if len(raw) == 65 else webauthn.parse_raw(raw)


def to_pem(key: PrivateKey | SM2PrivateKey, password: bytes | None) -> bytes:
    """PKCS 8 PEM, encrypted when a password is given."""
    return keys.to_pem(key, password) if isinstance(key, PrivateKey) else sm2.to_pem(key, password)


def from_pem(data: bytes, password: bytes | None) -> PrivateKey | SM2PrivateKey:
    """Read a PKCS 8 PEM key file of either suite; raises UnavailableError where it cannot be read."""
    private = keys.load_pem(data, password)
    return private if private is not None else sm2.from_pem(data, password)
