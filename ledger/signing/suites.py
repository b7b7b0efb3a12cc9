"""Signature suites of signers: ``ed25519`` and ``sm2-sm3``. The registered key says which; a message never does."""

from __future__ import annotations

from ledger.errors import MalformedError
from ledger.signing import keys, sm2
from ledger.signing.keys import PrivateKey, PublicKey
from ledger.signing.sm2 import SM2PrivateKey, SM2PublicKey

AnyPublicKey = PublicKey | SM2PublicKey
AnyPrivateKey = PrivateKey | SM2PrivateKey


def parse_public_key(text: str) -> AnyPublicKey:
    """A public key as it stands in events: lower-case hexadecimal of 32 bytes (Ed25519) or of a point (SM2, 65 bytes)."""
    if len(text) != 130:
        return keys.parse_public_key(text)
    try:
        raw = bytes.fromhex(text) if text == text.lower() else b""
    except ValueError:
        raw = b""
    if not raw:
        raise MalformedError(
            "malformed_public_key",
            "public_key must be lower-case hexadecimal",
            "public_key 应为小写十六进制",
            field="public_key",
        )
    return sm2.parse_point(raw)


def to_pem(key: AnyPrivateKey, password: bytes | None) -> bytes:
    """PKCS 8 PEM, encrypted when a password is given."""
    return keys.to_pem(key, password) if isinstance(key, PrivateKey) else sm2.to_pem(key, password)


def from_pem(data: bytes, password: bytes | None) -> AnyPrivateKey:
    """Read a PKCS 8 PEM key file of either suite; raises UnavailableError where it cannot be read."""
    private = keys.load_pem(data, password)
    return private if private is not None else sm2.from_pem(data, password)
