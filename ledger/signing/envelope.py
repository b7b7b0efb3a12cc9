"""DSSE v1 envelopes: signatures over the exact bytes of a statement (docs/spec, section 3).

PAE = "DSSEv1" SP len(type) SP type SP len(body) SP body. Several signers sign the same bytes. The algorithm
comes from the registered key, never from the message. The envelope itself is canonical JSON, so that one
envelope has one byte form and can be compared and hashed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from ledger import canonical
from ledger.errors import MalformedError, SignatureRefusedError
from ledger.identifiers import parse_digest
from ledger.sentences import sentence
from ledger.signing.suites import AnyPrivateKey, AnyPublicKey

PAYLOAD_TYPE = "application/vnd.rongjian.statement+json"

#: Originator, countersigner, an overriding authority and a little room.
SIGNATURES_MAX = 8

#: An entry holds at most 65,535 bytes (16-bit length in bundles); its frame takes 57 (ledger/entry.py).
ENVELOPE_LENGTH_MAX = 65_535 - 57


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: ``keyid`` is hex SHA-256 of the DER SubjectPublicKeyInfo."""

    keyid: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A statement's bytes and the signatures over them."""

    body: bytes
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Canonical JSON; signatures are in the order of their key ids."""
        return canonical.encode(
            {
                "payload": base64.b64encode(self.body).decode("ascii"),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [
                    {"keyid": s.keyid, "sig": base64.b64encode(s.signature).decode("ascii")}
                    for s in sorted(self.signatures, key=lambda s: s.keyid)
                ],
            }
        )


def pre_authentication_encoding(body: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """PAE of DSSE v1; lengths are decimal ASCII of byte lengths."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def sign(body: bytes, *keys: AnyPrivateKey) -> Envelope:
    """An envelope signed by each key over the same bytes."""
    message = pre_authentication_encoding(body)
    return _in_order(body, (Signature(key.public.keyid, key.sign(message)) for key in keys))


def countersign(envelope: Envelope, key: AnyPrivateKey) -> Envelope:
    """The envelope with one more signature over the same bytes."""
    added = sign(envelope.body, key).signatures
    return _in_order(envelope.body, envelope.signatures + added)


def _in_order(body: bytes, signatures: Iterable[Signature]) -> Envelope:
    """As it will be parsed from its bytes."""
    return Envelope(body, tuple(sorted(signatures, key=lambda s: s.keyid)))


def parse(data: bytes) -> Envelope:
    """Strict parse of an envelope: canonical bytes, known members, one signature per key."""
    if len(data) > ENVELOPE_LENGTH_MAX:
        raise MalformedError(
            "envelope_too_large",
            sentence(
                "the envelope has {data} bytes; the limit is {envelope_length_max}",
                data=len(data),
                envelope_length_max=ENVELOPE_LENGTH_MAX,
            ),
        )
    value = canonical.parse_canonical(data, "envelope")
    if value.keys() != {"payload", "payloadType", "signatures"} or value["payloadType"] != PAYLOAD_TYPE:
        raise _malformed("members must be payload, payloadType and signatures, with our payload type")
    signatures = value["signatures"]
    if not isinstance(signatures, list) or not 1 <= len(signatures) <= SIGNATURES_MAX:
        raise SignatureRefusedError(
            "unsigned",
            sentence(
                "an envelope has 1 to {signatures_max} signatures; sign the statement first",
                signatures_max=SIGNATURES_MAX,
            ),
        )
    parsed = tuple(_signature(item) for item in signatures)
    keyids = [s.keyid for s in parsed]
    if keyids != sorted(set(keyids)):
        raise _malformed("signatures must be in the order of their key ids, one per key")
    return Envelope(_base64(value["payload"]), parsed)


class _Signed(msgspec.Struct):
    keyid: str
    sig: bytes


class _Recorded(msgspec.Struct):
    payload: bytes
    signatures: list[_Signed]


_RECORDED = msgspec.json.Decoder(_Recorded)


def parse_again(data: bytes) -> Envelope:
    """The envelope of bytes that :func:`parse` has accepted before and that are known to be the same since."""
    recorded = _RECORDED.decode(data)
    return Envelope(recorded.payload, tuple(Signature(s.keyid, s.sig) for s in recorded.signatures))


def verify(envelope: Envelope, signature: Signature, key: AnyPublicKey) -> None:
    """Raise SignatureRefusedError unless ``key`` made ``signature`` over the body."""
    if key.keyid != signature.keyid:
        raise SignatureRefusedError("wrong_key", sentence("the key id names another key"))
    key.verify(signature.signature, pre_authentication_encoding(envelope.body))


def _signature(item: object) -> Signature:
    if not isinstance(item, dict) or item.keys() != {"keyid", "sig"} or not isinstance(item["keyid"], str):
        raise _malformed("each signature has keyid and sig")
    return Signature(parse_digest(item["keyid"], "keyid"), _base64(item["sig"]))


def _base64(text: object) -> bytes:
    if isinstance(text, str):
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if data and base64.b64encode(data).decode("ascii") == text:
            return data
    raise _malformed("payload and sig are base64 with padding, not empty")


def _malformed(why: str) -> MalformedError:
    return MalformedError("malformed_envelope", sentence("envelope: {why}", why=why))
