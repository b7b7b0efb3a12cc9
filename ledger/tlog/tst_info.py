"""What a time-stamp token states (TSTInfo, RFC 3161, 2.4.2): of which digest, and when. No signature is looked at.

The token lies in a response as CMS SignedData (RFC 5652). Only what leads to its statement is read, by the rules of
DER: one byte of tag, a definite length in as few bytes as it takes, and nothing left over around the whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

#: Object identifiers in DER: pkcs7-signedData, id-ct-TSTInfo, SHA-256.
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
SHA256 = bytes.fromhex("608648016503040201")

_INTEGER, _OCTETS, _OID, _TIME, _SEQUENCE, _SET, _CONTENT = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xA0

#: RFC 3161: seconds, then a fraction without a last zero, in UTC.
_GENERALIZED_TIME = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.[0-9]{0,8}[1-9])?Z")


@dataclass(frozen=True, slots=True)
class TstInfo:
    """The statement of a token: the digest with its algorithm (an object identifier in DER), and the time in UTC, whole
    seconds.
    """

    algorithm: bytes
    digest: bytes
    at: datetime


def parse_response(response: bytes) -> TstInfo:
    """The statement of the token in a time-stamp response. Raises ValueError where it is out of form."""
    [whole] = _read(response, _SEQUENCE)
    _status, token = _read(whole, _SEQUENCE, _SEQUENCE)
    [signed] = _read(_content(token, _SIGNED_DATA), _SEQUENCE)
    _version, _digests, content = _read(signed, _INTEGER, _SET, _SEQUENCE, more=True)
    [octets] = _read(_content(content, _TST_INFO), _OCTETS)
    [info] = _read(octets, _SEQUENCE)
    _version, _policy, imprint, _serial, at = _read(info, _INTEGER, _OID, _SEQUENCE, _INTEGER, _TIME, more=True)
    algorithm, digest = _read(imprint, _SEQUENCE, _OCTETS)
    [name] = _read(algorithm, _OID, more=True)
    return TstInfo(name, digest, _utc(at))


def _content(data: bytes, type_: bytes) -> bytes:
    """What stands in content of a type: ``contentType, [0] EXPLICIT content`` (RFC 5652, 3 and 5.2)."""
    name, content = _read(data, _OID, _CONTENT)
    if name != type_:
        raise ValueError("the content is of another type")
    return content


def _read(data: bytes, *tags: int, more: bool = False) -> list[bytes]:
    """The contents of elements that have these tags in this order; ``more`` may follow."""
    found = _elements(data)
    if tuple(tag for tag, _ in found[: len(tags)]) != tags or (len(found) > len(tags) and not more):
        raise ValueError("the elements are not those of RFC 3161")
    return [content for _, content in found[: len(tags)]]


def _elements(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of each element, one after the other."""
    found, at = [], 0
    while at < len(data):
        tag, length, start = data[at], *_length(data, at + 1)
        if tag & 0x1F == 0x1F or start + length > len(data):
            raise ValueError("an element is cut off, or has a long tag")
        found.append((tag, data[start : start + length]))
        at = start + length
    return found


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The length that stands at a place, and where the content begins."""
    if at >= len(data):
        raise ValueError("an element has no length")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    octets = data[at + 1 : at + 1 + size]
    length = int.from_bytes(octets)
    if not 1 <= size <= 4 or len(octets) < size or octets[0] == 0 or length < 0x80:
        raise ValueError("a length is not in DER")
    return length, at + 1 + size


def _utc(text: bytes) -> datetime:
    found = _GENERALIZED_TIME.fullmatch(text)
    if found is None:
        raise ValueError("the time is no GeneralizedTime in UTC")
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
