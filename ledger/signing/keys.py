"""Key pairs of principals: Ed25519 (RFC 8032) with one acceptance rule, key ids and key files.

Key id = hex SHA-256 of the DER SubjectPublicKeyInfo. The equation is checked by libsodium where it is installed, which
takes half the time, and by OpenSSL through ``cryptography`` where it is not (files are verified with less). On
top of it the encodings that Ed25519 libraries disagree about are refused before: S not below the group
order, and public keys or R of small order (RFC 8032 section 5.1.7 leaves both open). Recording and audit use
this one rule. The other suites are in ``sm2.py`` and ``webauthn.py``; ``suites.py`` chooses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import MalformedError, SignatureRefusedError, UnavailableError
from ledger.sentences import sentence

#: DER SubjectPublicKeyInfo of an Ed25519 key is this prefix and 32 bytes (RFC 8410).
_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")

#: Order of the prime-order subgroup, RFC 8032 section 5.1.
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493

#: Canonical encodings of the eight points of small order, without the sign bit.
_SMALL_ORDER_Y = frozenset(
    bytes.fromhex(y)
    for y in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, 32 raw bytes."""

    raw: bytes

    algorithm = "Ed25519"

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the DER SubjectPublicKeyInfo."""
        return hashlib.sha256(_SPKI_PREFIX + self.raw).hexdigest()

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise SignatureRefusedError unless ``signature`` is this key's over ``message``."""
        try:
            if (
                len(signature) != 64
                or int.from_bytes(signature[32:], "little") >= _GROUP_ORDER
                or _is_small_order(signature[:32])
            ):
                raise InvalidSignature
            _check_equation()(self.raw, signature, message)
        except InvalidSignature as error:
            raise SignatureRefusedError(
                "signature_invalid",
                sentence("the signature of key {keyid} does not verify over these bytes", keyid=self.keyid[:16]),
                keyid=self.keyid,
            ) from error


def by_openssl(raw: bytes, signature: bytes, message: bytes) -> None:
    """Raise InvalidSignature unless the equation of RFC 8032 holds, without the cofactor."""
    _parsed(raw).verify(signature, message)


@lru_cache(1_000)
def _parsed(raw: bytes) -> Ed25519PublicKey:
    """Those who sign sign again."""
    return Ed25519PublicKey.from_public_bytes(raw)


@cache
def _check_equation() -> Callable[[bytes, bytes, bytes], None]:
    """Both say the same of every signature that is asked about here (tests/ledger/test_equations.py)."""
    try:
        from ledger.signing.libsodium import check_equation
    except ImportError:
        return by_openssl
    return check_equation


@dataclass(frozen=True)
class PrivateKey:
    """An Ed25519 private key, 32 bytes of seed. Never logged, never in errors."""

    seed: bytes

    @cached_property
    def public(self) -> PublicKey:
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes, RFC 8032."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"PrivateKey(keyid={self.public.keyid[:16]})"

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def parse_public_key(text: str) -> PublicKey:
    """A public key as it stands in events: 64 lower-case hexadecimal digits; small order is refused."""
    try:
        raw = bytes.fromhex(text) if text == text.lower() and len(text) == 64 else b""
    except ValueError:
        raw = b""
    if len(raw) != 32 or _is_small_order(raw):
        raise MalformedError(
            "malformed_public_key",
            sentence("public_key must be 32 bytes in lower-case hexadecimal and not of small order"),
            field="public_key",
        )
    return PublicKey(raw)


def to_pem(key: PrivateKey, password: bytes | None) -> bytes:
    """PKCS 8 PEM, encrypted when a password is given."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return Ed25519PrivateKey.from_private_bytes(key.seed).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def from_pem(data: bytes, password: bytes | None) -> PrivateKey:
    """Read a PKCS 8 PEM key file; raises UnavailableError for a wrong password or another kind of key."""
    key = load_pem(data, password)
    if key is None:
        raise UnavailableError("key_file_unreadable", sentence("the key file holds no Ed25519 key"))
    return key


def load_pem(data: bytes, password: bytes | None) -> PrivateKey | None:
    """Like :func:`from_pem`; None for a readable key of another kind."""
    try:
        key = serialization.load_pem_private_key(data, password or None)
    except UnsupportedAlgorithm:
        return None
    except (ValueError, TypeError) as error:
        raise UnavailableError(
            "key_file_unreadable",
            sentence("the key file cannot be read: wrong password, or not a PKCS 8 PEM file"),
        ) from error
    return PrivateKey(key.private_bytes_raw()) if isinstance(key, Ed25519PrivateKey) else None


def _is_small_order(encoded: bytes) -> bool:
    return encoded[:31] + bytes([encoded[31] & 0x7F]) in _SMALL_ORDER_Y
