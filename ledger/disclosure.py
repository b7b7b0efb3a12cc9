"""Commitments of restricted fields and their openings (docs/spec, section 5).

A commitment is the SD-JWT digest function (RFC 9901) with a label: D = b64url(JCS([b64url(salt), pointer,
value])), digest = b64url(SHA-256(ASCII(D))). ``pointer`` is an RFC 6901 JSON Pointer into the statement's
payload. The salt is 32 random bytes drawn by the signer, one per field: many restricted values have low
entropy, and a shared salt would let one opening unlock guesses about the others.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from ledger import canonical
from ledger.errors import EvidenceError, MalformedError
from ledger.sentences import enumeration, sentence

SALT_LENGTH = 32

DISCLOSURE_KIND = "rongjian/disclosure@v1"

_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment: the salt and the value at ``pointer``."""

    pointer: str
    salt: bytes
    value: object

    def commitment(self) -> str:
        """The digest that stands in the statement's ``sd`` under ``pointer``."""
        disclosed = _b64url(canonical.encode([_b64url(self.salt), self.pointer, self.value]))
        return _b64url(hashlib.sha256(disclosed.encode("ascii")).digest())

    def to_json(self) -> dict[str, object]:
        """The member of ``openings`` that travels beside an envelope."""
        return {"salt": _b64url(self.salt), "value": self.value}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One opened field of one event, as a file that anyone can check against the event's entry."""

    log: str
    event: str
    opening: Opening

    def to_json(self) -> dict[str, object]:
        return {
            "kind": DISCLOSURE_KIND,
            "log": self.log,
            "event": self.event,
            "pointer": self.opening.pointer,
            "commitment": self.opening.commitment(),
            **self.opening.to_json(),
        }


def parse_disclosure(value: object) -> Disclosure:
    """Parse one disclosure; its commitment must be that of its own salt and value."""
    members = {"kind", "log", "event", "pointer", "commitment", "salt", "value"}
    if not isinstance(value, dict) or value.keys() != members or value["kind"] != DISCLOSURE_KIND:
        raise MalformedError(
            "malformed_disclosure",
            sentence(
                "a disclosure has kind {disclosure_kind} and {members}",
                disclosure_kind=DISCLOSURE_KIND,
                members=enumeration(sorted(members - {"kind"})),
            ),
        )
    pointer = str(value["pointer"])
    opening = parse_opening(pointer, {"salt": value["salt"], "value": value["value"]})
    check(opening, parse_commitment(value["commitment"], pointer))
    return Disclosure(str(value["log"]), str(value["event"]), opening)


def parse_commitment(text: object, pointer: str) -> str:
    """A commitment is 43 characters of base64url (32 bytes, no padding)."""
    if isinstance(text, str) and _DIGEST.fullmatch(text):
        return text
    raise MalformedError(
        "malformed_commitment",
        sentence("sd {pointer}: a commitment is 43 characters of base64url", pointer=pointer),
        field=pointer,
    )


def parse_opening(pointer: str, data: object) -> Opening:
    """An opening as submitted: ``{"salt": b64url of 32 bytes, "value": ...}`` and nothing else."""
    if isinstance(data, dict) and data.keys() == {"salt", "value"} and isinstance(data["salt"], str):
        try:
            salt = base64.b64decode(data["salt"] + "=", altchars=b"-_", validate=True)
        except ValueError:  # not base64, or not even ASCII
            salt = b""
        if len(salt) == SALT_LENGTH and _b64url(salt) == data["salt"]:
            return Opening(pointer, salt, data["value"])
    raise MalformedError(
        "malformed_opening",
        sentence(
            "opening of {pointer}: expected a salt of {salt_length} bytes in base64url and a value",
            pointer=pointer,
            salt_length=SALT_LENGTH,
        ),
        field=pointer,
    )


def check(opening: Opening, commitment: str) -> None:
    """Raise EvidenceError unless the opening is the one that was committed to."""
    if opening.commitment() != commitment:
        raise EvidenceError(
            "opening_mismatch",
            sentence("the opening of {pointer} does not match its commitment", pointer=opening.pointer),
            field=opening.pointer,
        )


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
