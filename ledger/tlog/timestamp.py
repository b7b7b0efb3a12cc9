"""RFC 3161 time-stamps over checkpoints: an authority outside says that a tree head existed at its time.

The imprint is the SHA-256 of the checkpoint's text (origin, size, root), so that a token stays good when cosignatures
are added. Every entry of the tree is then no younger than the token. Signatures and certificates are checked by
``rfc3161-client``; whom to believe, the reader says by root certificates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response

from ledger.errors import EvidenceError, MalformedError
from ledger.sentences import Pair, sentence

#: A response holds one signature and a few certificates.
RESPONSE_LENGTH_MAX = 65_536

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a verified token says: the authority's time (UTC) and the subject of the certificate that signed."""

    at: datetime
    authority: str


def parse_roots(data: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file that the reader trusts to end a chain."""
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise MalformedError("bad_certificate", sentence("the file holds no PEM certificates")) from error


def read(response: bytes, text: str) -> datetime:
    """The time (UTC) that a time-stamp response over a checkpoint's text states; whose signature it has is not looked
    at.

    Raises EvidenceError where it is out of form or over something else.
    """
    decoded = _decoded(response)
    try:
        imprint = decoded.tst_info.message_imprint
        if imprint.hash_algorithm != _SHA256:
            raise _bad(sentence("does not use SHA-256"))
        if imprint.message != hashlib.sha256(text.encode()).digest():
            raise _bad(sentence("is over another checkpoint"))
        return _utc(decoded.tst_info.gen_time)
    except (ValueError, TypeError) as error:
        raise _bad(sentence("cannot be read: {error}", error=error)) from error


def verify(response: bytes, text: str, roots: Sequence[x509.Certificate]) -> Stamp:
    """The stamp of a time-stamp response over a checkpoint's text. Raises EvidenceError that says what is wrong."""
    at = read(response, text)
    try:
        decoded = _decoded(response)
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(decoded, text.encode())
        signer = next(iter(decoded.signed_data.signer_infos))
        authority = signer.issuer.rfc4514_string()
    except VerificationError as error:
        raise _bad(sentence("does not verify: {error}", error=error)) from error
    except (ValueError, TypeError, StopIteration) as error:
        raise _bad(sentence("cannot be read: {error}", error=error)) from error
    return Stamp(at, authority)


def _decoded(response: bytes) -> TimeStampResponse:
    if len(response) > RESPONSE_LENGTH_MAX:
        raise _bad(sentence("has more than {response_length_max} bytes", response_length_max=RESPONSE_LENGTH_MAX))
    try:
        decoded = decode_timestamp_response(response)
        same = decoded.as_bytes() == response
    except (ValueError, TypeError) as error:
        raise _bad(sentence("cannot be read: {error}", error=error)) from error
    if not same:
        raise _bad(sentence("is not in DER, or has bytes left over"))
    return decoded


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _bad(told: Pair) -> EvidenceError:
    return EvidenceError("bad_timestamp", sentence("the time-stamp {told}", told=told))
