"""Passkeys as signers: WebAuthn assertions with ES256 over the hash of a statement (W3C Web Authentication Level 2).

A passkey cannot sign bytes of our choice: it signs what its authenticator says, together with the hash of what the
browser says, and in that stands a challenge. The challenge is the SHA-256 of the DSSE encoding, so that the assertion
is a signature over the statement that anybody can check offline, years later, without the site at which it was made.

The registered public key is SHA-256 of the relying party's id (32 bytes) and an uncompressed point on P-256 (65 bytes):
an assertion made for another site is then no signature of this key. The signature is three parts: authenticator data
and client data, each after its length (uint16, big-endian), then the DER signature.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.errors import MalformedError, SignatureRefusedError
from ledger.sentences import Pair, sentence

#: Algorithm name in events.
WEBAUTHN_ES256: Final = "WebAuthn-ES256"

#: Bytes of a public key as registered: hash of the relying party's id, and the point.
KEY_LENGTH: Final = 32 + 65

#: Authenticator data begin with the relying party's hash, flags and a counter (section 6.1); extensions may follow.
_DATA_LENGTH_MIN: Final = 37
_PART_LENGTH_MAX: Final = 2_048

#: Flags of section 6.1: the person was present and was verified (PIN, fingerprint, face).
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40

#: DER SubjectPublicKeyInfo of an uncompressed point on P-256 is this prefix and 65 bytes (RFC 5480).
_SPKI_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")

#: The serialisation of client data that section 5.8.1.1 prescribes, after type and challenge. Safari leaves out
#: ``crossOrigin`` where it is false.
_AFTER_CHALLENGE: Final = re.compile(
    rb'","origin":"(https?)://([a-z0-9.-]{1,253})(:[0-9]{1,5})?"(,"crossOrigin":false(,.*)?)?\}', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class PasskeyPublicKey:
    """SHA-256 of the relying party's id and a point on P-256: 97 bytes."""

    raw: bytes

    algorithm = WEBAUTHN_ES256

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the DER SubjectPublicKeyInfo of the point."""
        return hashlib.sha256(_SPKI_PREFIX + self.raw[32:]).hexdigest()

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise SignatureRefusedError unless ``signature`` is an assertion of this key over ``message`` (section 7.2).

        1. The parts have their lengths. 2. The authenticator names the site that the key was registered for.
        3. The person was present and verified. 4. The browser says: an assertion, over this challenge, in a page of
        that
        site. 5. The signature is the key's over both.
        """
        data, client = self._parts(signature)
        if data[:32] != self.raw[:32]:
            self._refuse(sentence("was made for another site"))
        if data[32] & (_PRESENT | _VERIFIED | _ATTESTED) != _PRESENT | _VERIFIED:
            self._refuse(sentence("was made without verifying the person"))
        prefix = b'{"type":"webauthn.get","challenge":"' + challenge(message).encode()
        after = _AFTER_CHALLENGE.fullmatch(client, len(prefix))
        if not client.startswith(prefix) or after is None:
            self._refuse(sentence("is over other bytes"))
        if not self._is_of_site(after[1], after[2].decode("ascii")):
            self._refuse(sentence("was made in a page of another site"))
        signed = data + hashlib.sha256(client).digest()
        try:
            _point(self.raw[32:]).verify(signature[4 + len(data) + len(client) :], signed, ec.ECDSA(SHA256()))
        except InvalidSignature:
            self._refuse(sentence("does not verify"))

    def _parts(self, signature: bytes) -> tuple[bytes, bytes]:
        length = int.from_bytes(signature[:2])
        data = signature[2 : 2 + length]
        rest = signature[2 + length :]
        client_length = int.from_bytes(rest[:2])
        client = rest[2 : 2 + client_length]
        fits = len(data) == length and len(client) == client_length
        if not fits or not _DATA_LENGTH_MIN <= length <= _PART_LENGTH_MAX or client_length > _PART_LENGTH_MAX:
            self._refuse(sentence("is not in its form"))
        return data, client

    def _is_of_site(self, scheme: bytes, host: str) -> bool:
        """The page's host is the relying party's id or below it; without TLS only on the machine itself."""
        if scheme == b"http" and host != "localhost":
            return False
        return self._site_above(host) is not None

    def _site_above(self, host: str) -> str | None:
        """The id whose hash is registered, among a host and what it lies under."""
        labels = host.split(".")
        sites = (".".join(labels[i:]) for i in range(len(labels)))
        return next((site for site in sites if hashlib.sha256(site.encode()).digest() == self.raw[:32]), None)

    def site(self, signature: bytes) -> str:
        """The relying party's id, as the page names it in which an assertion of this key was made.

        ``signature`` has verified.
        """
        _, client = self._parts(signature)
        after = _AFTER_CHALLENGE.search(client)
        site = self._site_above(after[2].decode("ascii")) if after is not None else None
        if site is None:
            self._refuse(sentence("is not in its form"))
        return site

    def _refuse(self, told: Pair) -> NoReturn:
        raise SignatureRefusedError(
            "signature_invalid",
            sentence("the assertion of passkey {keyid} {told}", keyid=self.keyid[:16], told=told),
            keyid=self.keyid,
        )


def challenge(message: bytes) -> str:
    """What the browser is to be given as challenge, as it stands in client data: base64url of SHA-256, unpadded."""
    return base64.urlsafe_b64encode(hashlib.sha256(message).digest()).rstrip(b"=").decode("ascii")


def assertion(authenticator_data: bytes, client_data: bytes, signature: bytes) -> bytes:
    """The signature as it stands in an envelope, from what ``navigator.credentials.get`` gave."""
    parts = b"".join(len(part).to_bytes(2) + part for part in (authenticator_data, client_data))
    return parts + signature


def parse_raw(raw: bytes) -> PasskeyPublicKey:
    """A registered public key; raises MalformedError where the point is not on the curve."""
    try:
        _point(raw[32:])
    except ValueError as error:
        raise MalformedError(
            "malformed_public_key",
            sentence(
                "public_key of a passkey must be SHA-256 of the site's id (32 bytes) and an uncompressed point on "
                "P-256 (65 bytes, 04…)"
            ),
            field="public_key",
        ) from error
    return PasskeyPublicKey(raw)


def _point(encoded: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encoded)
