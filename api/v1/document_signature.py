"""The signature under which a document is brought: over its hash, its media type, the log and the time.

    Rongjian-Signature: keyid="<hex>", signed_at="2026-11-28T08:00:00.000000Z", sig="<base64>"

What is signed is the DSSE encoding of canonical JSON under a payload type of its own, so that it is never a signature
over a statement or a login, nor the other way round.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.sentences import sentence
from ledger import canonical
from ledger.clock import format_instant
from ledger.errors import MalformedError, SignatureRefusedError
from ledger.signing import envelope as dsse
from ledger.signing.suites import AnyPrivateKey, AnyPublicKey

HEADER: Final = "Rongjian-Signature"
DOCUMENT_TYPE: Final = "application/vnd.rongjian.document+json"
#: How far the time that is signed may be from the service's.
DRIFT: Final = timedelta(minutes=5)

_FORM = re.compile(
    r'keyid="([0-9a-f]{64})", '
    r'signed_at="([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)", sig="([A-Za-z0-9+/=]{1,8000})"'
)


@dataclass(frozen=True, slots=True)
class DocumentSignature:
    """A signature as the header states it."""

    keyid: str
    signed_at: datetime
    signature: bytes

    def check(self, key: AnyPublicKey, origin: str, media_type: str, content: bytes, now: datetime) -> None:
        """Raise SignatureRefusedError unless the key has signed this document for this log, a moment ago."""
        if abs(now - self.signed_at) > DRIFT:
            raise SignatureRefusedError(
                "signature_too_old",
                sentence("the document was signed more than five minutes before or after now; sign it again"),
            )
        key.verify(self.signature, _message(origin, media_type, content, self.signed_at))


def signed(key: AnyPrivateKey, origin: str, media_type: str, content: bytes, now: datetime) -> str:
    """The header's value."""
    signature = base64.b64encode(key.sign(_message(origin, media_type, content, now))).decode("ascii")
    return f'keyid="{key.public.keyid}", signed_at="{format_instant(now)}", sig="{signature}"'


def parse(value: str) -> DocumentSignature:
    """The signature of a header's value."""
    found = _FORM.fullmatch(value)
    try:
        if found is not None:
            return DocumentSignature(
                found[1], datetime.fromisoformat(found[2]), base64.b64decode(found[3], validate=True)
            )
    except (binascii.Error, ValueError):
        pass
    raise MalformedError(
        "malformed_signature",
        sentence('{header}: keyid="…", signed_at="…", sig="…"', header=HEADER),
    )


def _message(origin: str, media_type: str, content: bytes, signed_at: datetime) -> bytes:
    body = canonical.encode(
        {
            "kind": "rongjian/document@v1",
            "log": origin,
            "media_type": media_type,
            "sha256": hashlib.sha256(content).hexdigest(),
            "signed_at": format_instant(signed_at),
        }
    )
    return dsse.pre_authentication_encoding(body, DOCUMENT_TYPE)
