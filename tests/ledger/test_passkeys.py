"""The suite of passkeys: an assertion that a browser made, dishonest ones, and a log in which a person signs with
one.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import date

import pytest

from ledger.errors import MalformedError, RongjianError, SignatureRefusedError
from ledger.fsck.database import check_database
from ledger.signing import envelope as dsse
from ledger.signing import webauthn
from ledger.signing.suites import parse_public_key
from ledger.submission import Submission
from tests.builders import Town
from tests.passkeys import Passkey, dishonest

# Made by Chromium 156 and its virtual authenticator, user verification required, over "message digest".
POINT = (
    "0475ac917bf967075eb6d04ee863d07eb8e7079da6e076de332984d8a381cb4fb802418662a28726f9ca7e9deee4ff86a10d0783"
    "8b450d6d42fb8b112c5d234945"
)
KEY = hashlib.sha256(b"localhost").hexdigest() + POINT
DATA = base64.b64decode("SZYN5YgOjGh0NBcPZHZgW4/krrmihjLHmVzzuoMdl2MFAAAAAg==")
CLIENT = (
    b'{"type":"webauthn.get","challenge":"94RvVc8j4U7r6rW04VUMrVtQnjNI-8Tvo6FBPTk8tlA","origin":"http://'
    b'localhost:8799","crossOrigin":false}'
)
SIGNED = base64.b64decode(
    "MEUCICI8+Nz21Z2uUI8Kc6PQhxcegNbcfgRz1o5AnqU/H8QSAiEA3UbX3uX2NoOnj24t+s+GMEPVGCcgw27aiPqUppIx2j8="
)
GOOD = webauthn.assertion(DATA, CLIENT, SIGNED)


def test_a_browsers_assertion_verifies() -> None:
    parse_public_key(KEY).verify(GOOD, b"message digest")


def test_every_changed_byte_of_it_is_refused() -> None:
    key = parse_public_key(KEY)
    for at in range(len(GOOD)):
        with pytest.raises(SignatureRefusedError):
            key.verify(GOOD[:at] + bytes([GOOD[at] ^ 1]) + GOOD[at + 1 :], b"message digest")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\0",
        GOOD[:-1],
        GOOD + b"\0",
        GOOD[:40],
        SIGNED,
        bytes(3000),
        b"\xff" * 3000,
        webauthn.assertion(DATA, CLIENT * 20, SIGNED),
    ],
)
def test_another_form_is_refused(signature: bytes) -> None:
    with pytest.raises(SignatureRefusedError):
        parse_public_key(KEY).verify(signature, b"message digest")


HONEST = Passkey()


@pytest.mark.parametrize("name", list(dishonest(HONEST)))
def test_an_assertion_that_says_something_else_is_refused(name: str) -> None:
    with pytest.raises(SignatureRefusedError):
        HONEST.public.verify(dishonest(HONEST)[name].sign(b"message"), b"message")


@pytest.mark.parametrize(
    "honest",
    [
        HONEST,
        replace(HONEST, page="https://awards.example.gov:8443"),
        replace(HONEST, more=""),
        replace(HONEST, more=',"crossOrigin":false,"other_keys_can_be_added_here":"do not compare"'),
        replace(HONEST, flags=0x1D),
    ],
)
def test_what_browsers_write_differently_is_accepted(honest: Passkey) -> None:
    honest.public.verify(honest.sign(b"message"), b"message")
    with pytest.raises(SignatureRefusedError):
        honest.public.verify(honest.sign(b"message"), b"messagf")


@pytest.mark.parametrize("text", [KEY.upper(), KEY[:-1] + "4", "00" * 97, KEY[:64] + "05" + KEY[66:], "zz" * 97])
def test_what_is_no_point_of_the_curve_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_public_key(text)


def test_a_person_signs_statements_with_a_passkey(town: Town) -> None:
    town.edition()
    passkey = Passkey()
    town.ledger.submit(town.registration(passkey))
    town.award("A", date(2023, 6, 20))
    town.must("AnnouncementPublished", date(2023, 6, 25), kind="circular", awards=["GZ-2023-A"])
    paid = town.signed("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000, payee_account="6222")
    others = tuple(s for s in paid.envelope.signatures if s.keyid != town.cast.key("fin1").public.keyid)
    assert len(others) < len(paid.envelope.signatures)

    def by(signer: Passkey) -> Submission:
        own = dsse.sign(paid.envelope.body, signer).signatures
        envelope = dsse.Envelope(paid.envelope.body, (*others, *own))
        return Submission(envelope, envelope.to_bytes(), paid.openings)

    size = town.ledger.size()
    for other in (replace(passkey, flags=0x01), replace(passkey, page="https://evil.example"), Passkey()):
        with pytest.raises(RongjianError):
            town.ledger.submit(by(other))
    assert town.ledger.size() == size
    receipt = town.ledger.submit(by(passkey))
    assert passkey.public.keyid in {s.keyid for s in town.ledger.event(receipt.id).envelope.signatures}
    assert check_database(town.ledger) == []
