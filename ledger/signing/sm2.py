"""SM2 with SM3 (GB/T 32918.2, GB/T 35276) by OpenSSL's libcrypto: the suite ``sm2-sm3`` of signers.

Signatures are DER SEQUENCE { r, s } under the default identity ``1234567812345678``, which OpenSSL does not take by
itself. Nothing of the arithmetic is ours, and nonces are libcrypto's, from the system's generator. Where the machine
has no OpenSSL 3, a log without SM2 keys works as before and one with such keys says what is missing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

from ledger.errors import MalformedError, SignatureRefusedError, UnavailableError
from ledger.sentences import sentence

#: Algorithm name in events.
SM2: Final = "SM2"

#: The identity that GB/T 35276 prescribes where parties agreed on none.
IDENTITY: Final = b"1234567812345678"

#: DER SubjectPublicKeyInfo of an uncompressed point (id-ecPublicKey, sm2p256v1) is this prefix and 65 bytes.
_SPKI_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")

#: DER of two integers of at most 33 bytes each.
_SIGNATURE_LENGTH_MAX: Final = 72


@dataclass(frozen=True, slots=True)
class SM2PublicKey:
    """A point on sm2p256v1, 65 bytes, uncompressed."""

    raw: bytes

    algorithm = SM2

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the DER SubjectPublicKeyInfo."""
        return hashlib.sha256(_SPKI_PREFIX + self.raw).hexdigest()

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise SignatureRefusedError unless ``signature`` is this key's over ``message``."""
        with _public(self.raw) as key, _digest_context(key) as context:
            lib = _library()
            good = (
                len(signature) <= _SIGNATURE_LENGTH_MAX
                and lib.EVP_DigestVerifyInit(context, None, lib.EVP_sm3(), None, key) == 1
                and lib.EVP_DigestVerify(context, signature, len(signature), message, len(message)) == 1
            )
            lib.ERR_clear_error()
        if not good:
            raise SignatureRefusedError(
                "signature_invalid",
                sentence("the SM2 signature of key {keyid} does not verify over these bytes", keyid=self.keyid[:16]),
                keyid=self.keyid,
            )


@dataclass(frozen=True, slots=True)
class SM2PrivateKey:
    """A private key as PKCS 8 DER. Never logged, never in errors."""

    pkcs8: bytes

    @property
    def public(self) -> SM2PublicKey:
        with _private(self.pkcs8) as key:
            der = _encoded(_library().i2d_PUBKEY, key)
        return SM2PublicKey(der[len(_SPKI_PREFIX) :])

    def sign(self, message: bytes) -> bytes:
        """DER signature over SM3(Z || message)."""
        lib = _library()
        with _private(self.pkcs8) as key, _digest_context(key) as context:
            length = ctypes.c_size_t(_SIGNATURE_LENGTH_MAX + 8)
            buffer = ctypes.create_string_buffer(length.value)
            if (
                lib.EVP_DigestSignInit(context, None, lib.EVP_sm3(), None, key) != 1
                or lib.EVP_DigestSign(context, buffer, ctypes.byref(length), message, len(message)) != 1
            ):
                raise _failed("sign")
            return buffer.raw[: length.value]

    def __repr__(self) -> str:
        return f"SM2PrivateKey(keyid={self.public.keyid[:16]})"


def generate() -> SM2PrivateKey:
    """A fresh key pair, drawn by libcrypto."""
    lib = _library()
    context = lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    if not context:
        raise _failed("generate a key")
    key = ctypes.c_void_p()
    try:
        if lib.EVP_PKEY_keygen_init(context) != 1 or lib.EVP_PKEY_generate(context, ctypes.byref(key)) != 1:
            raise _failed("generate a key")
        return SM2PrivateKey(_pkcs8(key))
    finally:
        lib.EVP_PKEY_free(key)
        lib.EVP_PKEY_CTX_free(context)


def parse_point(raw: bytes) -> SM2PublicKey:
    """A public key from an uncompressed point; raises MalformedError for one that is not on the curve."""
    if len(raw) == 65 and raw[0] == 4:
        try:
            with _public(raw):
                return SM2PublicKey(raw)
        except SignatureRefusedError:
            pass
    raise MalformedError(
        "malformed_public_key",
        sentence("public_key of SM2 must be an uncompressed point on sm2p256v1 (65 bytes, 04…)"),
        field="public_key",
    )


def to_pem(key: SM2PrivateKey, password: bytes | None) -> bytes:
    """PKCS 8 PEM, encrypted (AES-256) when a password is given."""
    lib = _library()
    out = lib.BIO_new(lib.BIO_s_mem())
    try:
        with _private(key.pkcs8) as loaded:
            cipher = lib.EVP_aes_256_cbc() if password else None
            if lib.PEM_write_bio_PKCS8PrivateKey(out, loaded, cipher, password, len(password or b""), None, None) != 1:
                raise _failed("write the key")
        buffer = ctypes.create_string_buffer(4096)
        length = lib.BIO_read(out, buffer, len(buffer))
        return buffer.raw[:length]
    finally:
        lib.BIO_free(out)


def from_pem(data: bytes, password: bytes | None) -> SM2PrivateKey:
    """Read a PKCS 8 PEM file. Raises UnavailableError for a wrong password or another kind of key."""
    lib = _library()
    source = lib.BIO_new_mem_buf(data, len(data))
    # Without a password an empty one is given: libcrypto would ask at the terminal.
    key = lib.PEM_read_bio_PrivateKey(source, None, None, password or b"")
    try:
        if not key or not _encoded(lib.i2d_PUBKEY, key).startswith(_SPKI_PREFIX):
            lib.ERR_clear_error()
            raise UnavailableError(
                "key_file_unreadable",
                sentence("the key file cannot be read: wrong password, or no Ed25519 or SM2 key in PKCS 8 PEM"),
            )
        return SM2PrivateKey(_pkcs8(key))
    finally:
        lib.EVP_PKEY_free(key)
        lib.BIO_free(source)


#: What the library points to: as a number, or as ctypes holds it.
_Pointer = int | ctypes.c_void_p
#: What ctypes takes for the types of arguments and results.
_CType = (
    type[ctypes.c_void_p] | type[ctypes.c_char_p] | type[ctypes.c_size_t] | type[ctypes.c_int] | type[ctypes.c_long]
)


@contextmanager
def _public(raw: bytes) -> Iterator[int]:
    lib, der = _library(), _SPKI_PREFIX + raw
    pointer = ctypes.cast(ctypes.create_string_buffer(der, len(der)), ctypes.c_void_p)
    key = lib.d2i_PUBKEY(None, ctypes.byref(pointer), len(der))
    if not key:
        lib.ERR_clear_error()
        raise SignatureRefusedError("bad_key", sentence("the public key is no point on sm2p256v1"))
    try:
        yield key
    finally:
        lib.EVP_PKEY_free(key)


@contextmanager
def _private(der: bytes) -> Iterator[int]:
    lib = _library()
    pointer = ctypes.cast(ctypes.create_string_buffer(der, len(der)), ctypes.c_void_p)
    key = lib.d2i_AutoPrivateKey(None, ctypes.byref(pointer), len(der))
    if not key:
        lib.ERR_clear_error()
        raise UnavailableError("key_file_unreadable", sentence("the key cannot be read"))
    try:
        yield key
    finally:
        lib.EVP_PKEY_free(key)


@contextmanager
def _digest_context(key: _Pointer) -> Iterator[int]:
    """A digest context whose identity is set before it is initialised: OpenSSL's default is an empty one."""
    lib = _library()
    context, inner = lib.EVP_MD_CTX_new(), lib.EVP_PKEY_CTX_new(key, None)
    try:
        if lib.EVP_PKEY_CTX_set1_id(inner, IDENTITY, len(IDENTITY)) != 1:
            raise _failed("set the identity")
        lib.EVP_MD_CTX_set_pkey_ctx(context, inner)
        yield context
    finally:
        lib.EVP_MD_CTX_free(context)
        lib.EVP_PKEY_CTX_free(inner)


def _pkcs8(key: _Pointer) -> bytes:
    lib = _library()
    info = lib.EVP_PKEY2PKCS8(key)
    if not info:
        raise _failed("write the key")
    try:
        return _encoded(lib.i2d_PKCS8_PRIV_KEY_INFO, info)
    finally:
        lib.PKCS8_PRIV_KEY_INFO_free(info)


def _encoded(encode: Callable[[_Pointer, object], int], thing: _Pointer) -> bytes:
    out = ctypes.c_void_p()
    length = encode(thing, ctypes.byref(out))
    if length <= 0 or not out.value:
        raise _failed("encode the key")
    try:
        return ctypes.string_at(out.value, length)
    finally:
        _library().CRYPTO_free(out, b"", 0)


def _failed(what: str) -> UnavailableError:
    return UnavailableError("sm2_failed", sentence("libcrypto could not {what}", what=what))


@cache
def _library() -> ctypes.CDLL:
    for name in ("libcrypto.so.3", "libcrypto.3.dylib", ctypes.util.find_library("crypto")):
        if name is None:
            continue
        try:
            lib = ctypes.CDLL(name)
            if lib.EVP_sm3 and lib.EVP_PKEY_CTX_set1_id and lib.EVP_PKEY_generate:
                return _typed(lib)
        except (OSError, AttributeError):
            continue
    raise UnavailableError(
        "sm2_unavailable",
        sentence("SM2 needs OpenSSL 3 (libcrypto.so.3) on this machine; install libssl3"),
    )


def _typed(lib: ctypes.CDLL) -> ctypes.CDLL:
    """Argument and result types: without them ctypes cuts pointers to 32 bits."""
    p, s, n = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
    signatures: dict[str, tuple[_CType | None, list[_CType]]] = {
        "EVP_sm3": (p, []),
        "EVP_MD_CTX_new": (p, []),
        "EVP_MD_CTX_free": (None, [p]),
        "EVP_MD_CTX_set_pkey_ctx": (None, [p, p]),
        "EVP_PKEY_CTX_new": (p, [p, p]),
        "EVP_PKEY_CTX_free": (None, [p]),
        "EVP_PKEY_CTX_new_from_name": (p, [p, s, s]),
        "EVP_PKEY_CTX_set1_id": (ctypes.c_int, [p, s, ctypes.c_int]),
        "EVP_PKEY_keygen_init": (ctypes.c_int, [p]),
        "EVP_PKEY_generate": (ctypes.c_int, [p, p]),
        "EVP_PKEY_free": (None, [p]),
        "EVP_DigestVerifyInit": (ctypes.c_int, [p, p, p, p, p]),
        "EVP_DigestVerify": (ctypes.c_int, [p, s, n, s, n]),
        "EVP_DigestSignInit": (ctypes.c_int, [p, p, p, p, p]),
        "EVP_DigestSign": (ctypes.c_int, [p, p, p, s, n]),
        "d2i_PUBKEY": (p, [p, p, ctypes.c_long]),
        "i2d_PUBKEY": (ctypes.c_int, [p, p]),
        "d2i_AutoPrivateKey": (p, [p, p, ctypes.c_long]),
        "EVP_PKEY2PKCS8": (p, [p]),
        "i2d_PKCS8_PRIV_KEY_INFO": (ctypes.c_int, [p, p]),
        "PKCS8_PRIV_KEY_INFO_free": (None, [p]),
        "BIO_s_mem": (p, []),
        "BIO_new": (p, [p]),
        "BIO_new_mem_buf": (p, [s, ctypes.c_int]),
        "BIO_free": (ctypes.c_int, [p]),
        "BIO_read": (ctypes.c_int, [p, s, ctypes.c_int]),
        "EVP_aes_256_cbc": (p, []),
        "PEM_write_bio_PKCS8PrivateKey": (ctypes.c_int, [p, p, p, s, ctypes.c_int, p, p]),
        "PEM_read_bio_PrivateKey": (p, [p, p, p, s]),
        "CRYPTO_free": (None, [p, s, ctypes.c_int]),
        "ERR_clear_error": (None, []),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
