"""RFC 3161 time-stamps over checkpoints: an authority outside says that a tree head existed at its time.

The imprint is the SHA-256 of the checkpoint's text (origin, size, root), so that a token stays good when cosignatures
are added. Every entry of the tree is then no younger than the token. What a token states is read here; its signature
and certificates are checked by ``rfc3161-client``, which the verifier alone does not bring. Whom to believe, the reader
says by root certificates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ledger.errors import EvidenceError, MalformedError, not_installed
from ledger.sentences import Pair, sentence
from ledger.tlog.tst_info import SHA256, parse_response

#: A response holds one signature and a few certificates.
RESPONSE_LENGTH_MAX = 65_536


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
    if len(response) > RESPONSE_LENGTH_MAX:
        raise _bad(sentence("has more than {response_length_max} bytes", response_length_max=RESPONSE_LENGTH_MAX))
    try:
        said = parse_response(response)
    except ValueError as error:
        raise _bad(sentence("cannot be read: {error}", error=error)) from error
    if said.algorithm != SHA256:
        raise _bad(sentence("does not use SHA-256"))
    if said.digest != hashlib.sha256(text.encode()).digest():
        raise _bad(sentence("is over another checkpoint"))
    return said.at


def verify(response: bytes, text: str, roots: Sequence[x509.Certificate]) -> Stamp:
    """The stamp of a time-stamp response over a checkpoint's text.

    Raises EvidenceError that says what is wrong, and NotInstalledError where the library that checks signatures is
    missing.
    """
    try:
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
    except ModuleNotFoundError as error:
        raise not_installed("rfc3161-client") from error
    at = read(response, text)
    try:
        decoded = decode_timestamp_response(response)
        if decoded.as_bytes() != response:
            raise _bad(sentence("is not in DER, or has bytes left over"))
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


def _bad(told: Pair) -> EvidenceError:
    return EvidenceError("bad_timestamp", sentence("the time-stamp {told}", told=told))
