"""Signed notes (c2sp.org/signed-note): the text form in which checkpoints are signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import EvidenceError

#: Signature types of c2sp.org/signed-note.
ED25519 = 0x01

#: A verifier must accept at least 16 signatures; x/mod refuses more than 100.
SIGNATURES_MAX = 100

_EM_DASH = "\u2014"
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(rf"{_EM_DASH} ([^\s+]+) ([A-Za-z0-9+/]+={{0,2}})")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Name and Ed25519 public key (32 bytes) of one signer of notes."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || 0x0A || type || key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public_key).digest()[:4]

    def __str__(self) -> str:
        """The vkey text ``<name>+<key id hex>+<base64(type || key)>``."""
        encoded = base64.b64encode(bytes([ED25519]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


def parse_verifier_key(text: str) -> VerifierKey:
    """Parse a vkey from the left: base64 may contain ``+``, the name may not."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise _bad_note("vkey is not name+id+key")
    encoded = _decode(parts[2])
    if len(encoded) != 33 or encoded[0] != ED25519:
        raise _bad_note("vkey does not hold an Ed25519 key")
    key = VerifierKey(parts[0], encoded[1:])
    if key.key_id.hex() != parts[1]:
        raise _bad_note("vkey has a key id that does not belong to its key")
    return key


def sign(text: str, name: str, private_key: Ed25519PrivateKey) -> str:
    """The signed note of ``text`` (which ends with a newline) with one Ed25519 signature line."""
    key = VerifierKey(name, private_key.public_key().public_bytes_raw())
    encoded = base64.b64encode(key.key_id + private_key.sign(text.encode())).decode()
    return f"{text}\n{_EM_DASH} {name} {encoded}\n"


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
        raise _bad_note("note is not UTF-8") from error
    if any(ord(c) < 0x20 and c != "\n" for c in decoded):
        raise _bad_note("note holds a control character")
    at = decoded.rfind("\n\n")
    if at < 0 or not decoded.endswith("\n"):
        raise _bad_note("note has no signature block")
    lines = decoded[at + 2 :].splitlines()
    if not lines or len(lines) > SIGNATURES_MAX:
        raise _bad_note(f"note has {len(lines)} signature lines")
    return decoded[: at + 1], [_signature_line(line) for line in lines]


def verify(note: bytes, keys: Sequence[VerifierKey]) -> str:
    """The text of a note that at least one of ``keys`` signed.

    Unknown (name, key id) pairs are ignored; a known pair that fails rejects the whole note.
    """
    text, signatures = split(note)
    known = {(key.name, key.key_id): key for key in keys}
    verified = False
    for line in signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(line.signature, text.encode())
        except InvalidSignature as error:
            raise _bad_note(f"signature of {line.name} does not verify") from error
        verified = True
    if not verified:
        raise _bad_note("no known key signed the note")
    return text


def _signature_line(line: str) -> NoteSignature:
    match = _LINE.fullmatch(line)
    decoded = _decode(match[2]) if match else b""
    if match is None or len(decoded) < 5:
        raise _bad_note("signature line is malformed")
    return NoteSignature(match[1], decoded[:4], decoded[4:])


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise _bad_note("base64 is malformed") from error


def _bad_note(why: str) -> EvidenceError:
    return EvidenceError("bad_note", why, f"签名注记无效（{why}）")
