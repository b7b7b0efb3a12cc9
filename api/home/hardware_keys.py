"""Keys that never leave a hardware token, by PKCS#11: named by a URI (RFC 7512), used for signing, made in the token.

``pkcs11:token=gov;object=seal?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/secrets/pin``. Without
``pin-source`` the PIN is RONGJIAN_KEY_PASSWORD. A PIN in the URI itself is refused: other processes could read it
there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

import pkcs11
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11.exceptions import PinIncorrect, PinInvalid, PinLenRange, PinLocked, PKCS11Error, UserAlreadyLoggedIn
from pkcs11.types import SignMixin
from pkcs11.util.ec import encode_named_curve_parameters

from api.files import read_file
from api.sentences import sentence
from ledger.errors import MalformedError, SignatureRefusedError, UnavailableError
from ledger.signing.keys import PublicKey

SCHEME: Final = "pkcs11:"

#: Object identifier of Ed25519 (RFC 8410).
_ED25519: Final = "1.3.101.112"

#: Forms in which tokens give a point: bare, in an OCTET STRING, in a BIT STRING.
_POINT_PREFIXES: Final = (b"", b"\x04\x20", b"\x03\x21\x00")

_PATH_ATTRIBUTES: Final = frozenset({"token", "serial", "object", "id", "type"})
_QUERY_ATTRIBUTES: Final = frozenset({"module-path", "pin-source"})


@dataclass(frozen=True, slots=True)
class TokenKeyName:
    """Where a key is: the module's path, the token, the object; ``pin`` opens the token."""

    module: str
    token: str | None
    serial: bytes | None
    label: str | None
    id: bytes | None
    pin: str

    def __repr__(self) -> str:
        return f"TokenKeyName(token={self.token!r}, object={self.label!r})"

    @property
    def template(self) -> dict[pkcs11.Attribute, str | bytes]:
        """What to search the token for."""
        given = {pkcs11.Attribute.LABEL: self.label, pkcs11.Attribute.ID: self.id}
        return {attribute: value for attribute, value in given.items() if value is not None}


class TokenKey:
    """An Ed25519 key in a token. The private half stays there; every signature is checked before it is given out."""

    def __init__(self, session: pkcs11.Session, private: SignMixin, public: PublicKey) -> None:
        self._session = session
        self._private = private
        self._lock = threading.Lock()
        self.public = public

    def public_key(self) -> Ed25519PublicKey:
        """The public half as ``cryptography`` has it."""
        return Ed25519PublicKey.from_public_bytes(self.public.raw)

    def sign(self, data: bytes) -> bytes:
        """64 bytes, RFC 8032. Raises UnavailableError where the token fails or signs with another key."""
        with self._lock, _translated():
            signature = self._private.sign(data, mechanism=pkcs11.Mechanism.EDDSA)
        try:
            self.public.verify(signature, data)
        except SignatureRefusedError as error:
            raise UnavailableError(
                "token_failed",
                sentence("the token's signature does not verify under its own public key"),
            ) from error
        return signature


def parse_uri(text: str, password: bytes | None) -> TokenKeyName:
    """A key's URI; raises MalformedError that names the attribute."""
    path, _, query = text.removeprefix(SCHEME).partition("?")
    where = _attributes(path, ";", _PATH_ATTRIBUTES) | _attributes(query, "&", _QUERY_ATTRIBUTES)
    if "module-path" not in where:
        raise _malformed("module-path", "names the PKCS#11 module: ?module-path=/path/to/module.so")
    if not where.keys() & {"object", "id"} or where.get("type", b"private") != b"private":
        raise _malformed("object", "or id names the private key")
    source = where.get("pin-source")
    try:
        pin = read_file(Path(source.decode().removeprefix("file:"))).strip() if source is not None else password
        if pin is None:
            raise _malformed("pin-source", "says where the PIN is (file:/path), or RONGJIAN_KEY_PASSWORD holds it")
        token, label = (where[name].decode() if name in where else None for name in ("token", "object"))
        return TokenKeyName(
            where["module-path"].decode(), token, where.get("serial"), label, where.get("id"), pin.decode()
        )
    except UnicodeDecodeError as error:
        raise _malformed("token", "object, module-path and the PIN are UTF-8") from error


def open_key(name: TokenKeyName) -> TokenKey:
    """Log in to the token and find the key. Raises UnavailableError that says what is missing."""
    session = _session(name, writing=False)
    with _translated():
        private = list(session.get_objects({**name.template, pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}))
        public = list(session.get_objects({**name.template, pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PUBLIC_KEY}))
        if len(private) != 1 or len(public) != 1:
            raise UnavailableError(
                "token_key_unknown",
                sentence(
                    "the token has {private} private and {public} public keys of this name, not one of each",
                    private=len(private),
                    public=len(public),
                ),
            )
        return TokenKey(session, _signing(private[0]), PublicKey(_point(public[0])))


def create_key(name: TokenKeyName) -> TokenKey:
    """Make a key pair in the token: not extractable, never outside it."""
    if name.label is None:
        raise _malformed("object", "names the key to be made")
    session = _session(name, writing=True)
    with _translated():
        if list(session.get_objects(name.template)):
            raise MalformedError("token_key_exists", sentence("the token has a key of this name"))
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC_EDWARDS, {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(_ED25519)}, local=True
        )
        secret = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
        public, private = parameters.generate_keypair(
            mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            store=True,
            label=name.label,
            id=name.id,
            private_template=secret,
        )
        return TokenKey(session, _signing(private), PublicKey(_point(public)))


def _session(name: TokenKeyName, *, writing: bool) -> pkcs11.Session:
    try:
        library = pkcs11.lib(name.module)
    except (RuntimeError, PKCS11Error) as error:
        raise UnavailableError(
            "token_module_unusable",
            sentence("{module} cannot be used as a PKCS#11 module", module=name.module),
        ) from error
    try:
        token = library.get_token(token_label=name.token, token_serial=name.serial)
        try:
            return token.open(rw=writing, user_pin=name.pin)
        except UserAlreadyLoggedIn:
            # A login is one of the whole process: another key of this token has been opened before.
            return token.open(rw=writing)
    except (PinIncorrect, PinInvalid, PinLenRange, PinLocked) as error:
        raise UnavailableError(
            "token_pin_refused",
            sentence("the token refuses the PIN; a token locks itself after some wrong ones"),
        ) from error
    except PKCS11Error as error:
        raise UnavailableError(
            "token_not_found", sentence("no such token, or more than one: {name}", name=type(error).__name__)
        ) from error


def _signing(private: pkcs11.Object) -> SignMixin:
    """The private key, if the token lets it sign."""
    if not isinstance(private, SignMixin):
        raise UnavailableError("token_failed", sentence("the token's key does not sign"))
    return private


def _point(public: pkcs11.Object) -> bytes:
    encoded = bytes(public[pkcs11.Attribute.EC_POINT])
    for prefix in _POINT_PREFIXES:
        if encoded.startswith(prefix) and len(encoded) == len(prefix) + 32:
            return encoded[len(prefix) :]
    raise UnavailableError("token_failed", sentence("the token's key is no Ed25519 key"))


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name not in known or name in found or not equals:
            raise _malformed(name, f"is not one of {', '.join(sorted(known))}, or stands there twice")
        found[name] = unquote_to_bytes(value)
    return found


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PKCS11Error as error:
        raise UnavailableError(
            "token_failed", sentence("the token failed: {name}", name=type(error).__name__)
        ) from error


def _malformed(attribute: str, wrong: str) -> MalformedError:
    return MalformedError(
        "malformed_token_uri",
        sentence("pkcs11: {attribute} {wrong}", attribute=attribute, wrong=wrong),
        field=attribute,
    )
