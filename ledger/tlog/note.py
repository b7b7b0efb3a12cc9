"""Signed notes (c2sp.org/signed-note): the text form in which checkpoints are signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.errors import EvidenceError
from ledger.sentences import Pair, sentence, term

#: Signature types of c2sp.org/signed-note.
ED25519 = 0x01

#: A verifier must accept at least 16 signatures; x/mod refuses more than 100.
SIGNATURES_MAX = 100

_EM_DASH = "\u2014"
#: A key name: not empty, no space, no plus sign.
NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(rf"{_EM_DASH} ([^\s+]+) ([A-Za-z0-9+/]+={{0,2}})")


@dataclass(frozen=True, slots=True)
class NoteKey(ABC):
    """Name and raw public key of one signer of notes; the subclass is the signature type."""

    name: str
    public_key: bytes

    #: Signature type byte, the long identifier that follows it in type 0xff, and the length of a raw public key.
    type_byte: ClassVar[int]
    long_id: ClassVar[bytes] = b""
    key_length: ClassVar[int]

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || 0x0A || type || key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.typed).digest()[:4]

    @property
    def typed(self) -> bytes:
        """The public key behind its type."""
        return bytes([self.type_byte]) + self.long_id + self.public_key

    def __str__(self) -> str:
        """The vkey text ``<name>+<key id hex>+<base64(type || key)>``."""
        encoded = base64.b64encode(self.typed).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def line(self, signature: bytes) -> str:
        """The signature line that carries ``signature`` (without the key id), newline included."""
        return f"{_EM_DASH} {self.name} {base64.b64encode(self.key_id + signature).decode()}\n"

    @abstractmethod
    def verify(self, text: str, signature: bytes) -> None:
        """Raise ``InvalidSignature`` unless ``signature`` (without the key id) is this key's over the note's text."""


class VerifierKey(NoteKey):
    """An Ed25519 key (0x01): a plain RFC 8032 signature over the text."""

    __slots__ = ()
    type_byte = ED25519
    key_length = 32

    def verify(self, text: str, signature: bytes) -> None:
        """RFC 8032 over the UTF-8 text."""
        Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())


_Key = TypeVar("_Key", bound=NoteKey)


def parse_key(text: str, kinds: Sequence[type[_Key]]) -> _Key:
    """Parse a vkey of one of ``kinds``, from the left: base64 may contain ``+``, the name may not."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not NAME.fullmatch(parts[0]):
        raise _bad_note(sentence("vkey is not name+id+key"))
    encoded = _decode(parts[2])
    kind = next((k for k in kinds if encoded.startswith(bytes([k.type_byte]) + k.long_id)), None)
    if kind is None or len(encoded) != 1 + len(kind.long_id) + kind.key_length:
        raise _bad_note(sentence("vkey holds no key of a type that is allowed here"))
    key = kind(parts[0], encoded[1 + len(kind.long_id) :])
    if str(key) != text:
        raise _bad_note(sentence("vkey has a key id that does not belong to its key"))
    return key


def parse_verifier_key(text: str) -> VerifierKey:
    """Parse the vkey of an Ed25519 key."""
    return parse_key(text, [VerifierKey])


class Ed25519Signer(Protocol):
    """A private Ed25519 key: one of ``cryptography``, or one in a hardware token."""

    def public_key(self) -> Ed25519PublicKey: ...

    def sign(self, data: bytes, /) -> bytes: ...


def sign(text: str, name: str, private_key: Ed25519Signer) -> str:
    """The signed note of ``text`` (which ends with a newline) with one Ed25519 signature line."""
    key = VerifierKey(name, private_key.public_key().public_bytes_raw())
    return f"{text}\n{key.line(private_key.sign(text.encode()))}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: ``signature`` excludes the four bytes of the key id."""

    name: str
    key_id: bytes
    signature: bytes


def split(note: bytes) -> tuple[str, list[NoteSignature]]:
    """Text and signature lines of a note; the split is at the last empty line. Verifies nothing."""
    try:
        decoded = note.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise _bad_note(sentence("note is not UTF-8")) from error
    if _CONTROL.search(decoded) is not None:
        raise _bad_note(sentence("note holds a control character"))
    at = decoded.rfind("\n\n")
    if at < 0 or not decoded.endswith("\n"):
        raise _bad_note(sentence("note has no signature block"))
    # A line ends with a newline and nothing else: Unicode has more line separators, the format has not.
    lines = decoded[at + 2 : -1].split("\n")
    if lines == [""] or len(lines) > SIGNATURES_MAX:
        raise _bad_note(sentence("note has {lines} signature lines", lines=len(lines)))
    return decoded[: at + 1], [_signature_line(line) for line in lines]


def verify(note: bytes, keys: Sequence[NoteKey]) -> str:
    """The text of a note that at least one of ``keys`` signed."""
    text, signed = verified(note, keys)
    if not signed:
        raise _bad_note(sentence("no known key signed the note"))
    return text


def verified(note: bytes, keys: Sequence[NoteKey]) -> tuple[str, list[tuple[NoteKey, bytes]]]:
    """The text of a note, and each of ``keys`` that signed it with its signature, in the order of the lines.

    Unknown (name, key id) pairs are ignored; a known pair that fails rejects the whole note, and so does a
    second line of a known pair: two answers of one signer to one note are not evidence of either.
    """
    text, signatures = split(note)
    known = {(key.name, key.key_id): key for key in keys}
    signed: dict[NoteKey, bytes] = {}
    for line in signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if key in signed:
            raise _bad_note(sentence("{name} signed twice with one key", name=line.name))
        try:
            key.verify(text, line.signature)
        except InvalidSignature as error:
            raise _bad_note(sentence("signature of {name} does not verify", name=line.name)) from error
        signed[key] = line.signature
    return text, list(signed.items())


def _signature_line(line: str) -> NoteSignature:
    match = _LINE.fullmatch(line)
    decoded = _decode(match[2]) if match else b""
    if match is None or len(decoded) < 5:
        raise _bad_note(sentence("signature line is malformed"))
    return NoteSignature(match[1], decoded[:4], decoded[4:])


def decode_base64(text: str) -> bytes:
    """RFC 4648 section 4 in its one form: padding as it must be, unused bits zero. Raises ``binascii.Error``.

    Two spellings of one signature would be two files that both verify.
    """
    decoded = base64.b64decode(text.encode(), validate=True)
    if base64.b64encode(decoded) != text.encode():
        raise binascii.Error("not in its one form")
    return decoded


def _decode(text: str) -> bytes:
    try:
        return decode_base64(text)
    except binascii.Error as error:
        raise _bad_note(sentence("base64 is malformed")) from error


def _bad_note(told: Pair) -> EvidenceError:
    return EvidenceError("bad_note", term("signed note", "{told}", told=told))
