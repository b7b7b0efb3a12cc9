"""A software authenticator: signs as a browser and a passkey together would, or as a dishonest pair of them might."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.signing import webauthn
from ledger.signing.webauthn import PasskeyPublicKey


@dataclass
class Passkey:
    """A passkey of a site. ``flags`` and ``page`` are what authenticator and browser say of the moment of signing."""

    site: str = "awards.example.gov"
    page: str = "https://desk.awards.example.gov"
    flags: int = 0x05
    kind: str = "webauthn.get"
    more: str = ',"crossOrigin":false'
    signs_for: str | None = None
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> PasskeyPublicKey:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return PasskeyPublicKey(hashlib.sha256(self.site.encode()).digest() + point)

    def sign(self, message: bytes) -> bytes:
        """An assertion whose challenge is the hash of ``message``."""
        site = self.signs_for or self.site
        data = hashlib.sha256(site.encode()).digest() + bytes([self.flags, 0, 0, 0, 7])
        client = (
            f'{{"type":"{self.kind}","challenge":"{webauthn.challenge(message)}","origin":"{self.page}"{self.more}}}'
        )
        signed = data + hashlib.sha256(client.encode()).digest()
        return webauthn.assertion(data, client.encode(), self.key.sign(signed, ec.ECDSA(SHA256())))


def dishonest(honest: Passkey) -> dict[str, Passkey]:
    """The same key at work where it must not count: each says one thing that a good assertion does not."""
    return {
        "nobody was verified": replace(honest, flags=0x01),
        "nobody was present": replace(honest, flags=0x04),
        "a registration": replace(honest, kind="webauthn.create"),
        "a payment": replace(honest, kind="payment.get"),
        "attested data are in it": replace(honest, flags=0x45),
        "another site": replace(honest, signs_for="awards.example.org"),
        "a page of another site": replace(honest, page="https://awards.example.org"),
        "a page whose name ends alike": replace(honest, page="https://evil-awards.example.gov"),
        "a page above the site": replace(honest, page="https://example.gov"),
        "a page without TLS": replace(honest, page="http://awards.example.gov"),
        "a frame in another page": replace(honest, more=',"crossOrigin":true'),
        "an origin with a quote": replace(honest, page='https://a","origin":"https://awards.example.gov'),
        "a newline after the end": replace(honest, more="}\n"),
        "another key": Passkey(),
    }
