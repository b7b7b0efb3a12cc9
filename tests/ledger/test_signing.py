"""Envelopes, keys and commitments: vectors, and every way to spoil them."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical, disclosure
from ledger.errors import EvidenceError, MalformedError, SignatureRefusedError, UnavailableError
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey, PublicKey, from_pem, parse_public_key, to_pem

KEY = PrivateKey(bytes(range(32)))
OTHER = PrivateKey(bytes(range(32, 64)))


def test_pre_authentication_encoding_is_the_dsse_example() -> None:
    encoded = dsse.pre_authentication_encoding(b"hello world", "http://example.com/HelloWorld")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_key_id_is_the_hash_of_the_der_public_key() -> None:
    assert KEY.public.raw.hex() == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    # Origin: openssl pkey -pubout -outform DER | sha256sum, for the seed 00..1f.
    assert KEY.public.keyid == "a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5"


@given(st.binary(min_size=1, max_size=200))
def test_envelope_round_trips_and_verifies(body: bytes) -> None:
    envelope = dsse.sign(body, KEY, OTHER)
    parsed = dsse.parse(envelope.to_bytes())
    assert parsed.body == body
    for signature in parsed.signatures:
        dsse.verify(parsed, signature, KEY.public if signature.keyid == KEY.public.keyid else OTHER.public)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 63), st.integers(0, 7))
def test_no_flipped_bit_of_a_signature_verifies(body: bytes, at: int, bit: int) -> None:
    signature = bytearray(dsse.sign(body, KEY).signatures[0].signature)
    signature[at] ^= 1 << bit
    with pytest.raises(SignatureRefusedError):
        KEY.public.verify(bytes(signature), dsse.pre_authentication_encoding(body))


def _spoil(**changes: object) -> bytes:
    value = json.loads(dsse.sign(b"{}", KEY).to_bytes())
    return canonical.encode(value | changes)


@pytest.mark.parametrize(
    ("desc", "data"),
    [
        ("another payload type", _spoil(payloadType="text/plain")),
        ("unknown member", _spoil(extra=1)),
        ("payload with a space", _spoil(payload="e30= ")),
        ("payload without padding", _spoil(payload="e30")),
        ("empty payload", _spoil(payload="")),
        ("signature without keyid", _spoil(signatures=[{"sig": "AA=="}])),
        ("keyid in upper case", _spoil(signatures=[{"keyid": "A" * 64, "sig": "AA=="}])),
        ("pretty printed", json.dumps(json.loads(_spoil()), indent=1).encode()),
    ],
)
def test_spoilt_envelope_is_refused(desc: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        dsse.parse(data)


def test_unsigned_envelope_is_refused() -> None:
    with pytest.raises(SignatureRefusedError):
        dsse.parse(_spoil(signatures=[]))


def test_one_key_signs_once() -> None:
    envelope = dsse.sign(b"{}", KEY, KEY)
    with pytest.raises(MalformedError):
        dsse.parse(envelope.to_bytes())


def test_oversized_envelope_is_refused_by_its_limit() -> None:
    with pytest.raises(MalformedError) as refusal:
        dsse.parse(dsse.sign(b"x" * 60_000, KEY).to_bytes())
    assert refusal.value.code == "envelope_too_large"


@pytest.mark.parametrize(
    "raw",
    [
        bytes(32),
        bytes([1]) + bytes(31),
        bytes.fromhex("ec" + "ff" * 30 + "7f"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    ],
)
def test_public_keys_of_small_order_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_public_key(raw.hex())


def test_signature_with_s_above_the_group_order_is_refused() -> None:
    message = b"message"
    signature = KEY.sign(message)
    order = 2**252 + 27742317777372353535851937790883648493
    malleated = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    KEY.public.verify(signature, message)
    with pytest.raises(SignatureRefusedError):
        KEY.public.verify(malleated, message)


def test_small_order_key_does_not_verify_everything() -> None:
    with pytest.raises(SignatureRefusedError):
        PublicKey(bytes([1]) + bytes(31)).verify(bytes([1]) + bytes(63), b"anything")


def test_key_file_needs_its_password() -> None:
    pem = to_pem(KEY, b"secret")
    assert from_pem(pem, b"secret") == KEY
    with pytest.raises(UnavailableError):
        from_pem(pem, b"wrong")


def test_private_key_does_not_show_itself() -> None:
    assert KEY.seed.hex() not in repr(KEY)


# Origin: salt = HKDF-SHA256(subject key 60..7f, info "rongjian/sd-salt/v1\nevt-1\n/nominee/name").
SALT = bytes.fromhex("421898f41821b052023c0d0b4c97ef159c98e18c6f9d49d684be36280602ecd7")


def test_commitment_vector() -> None:
    opening = disclosure.Opening("/nominee/name", SALT, "王小明")
    assert opening.commitment() == "QmGW9bjy087JGk6IKRl72ckD_QI9F_X2QAvlSRc1RLk"


@pytest.mark.parametrize(
    "opening",
    [
        disclosure.Opening("/nominee/name", SALT, "王小明 "),
        disclosure.Opening("/nominee/nam", SALT, "王小明"),
        disclosure.Opening("/nominee/name", bytes(32), "王小明"),
    ],
)
def test_another_opening_does_not_match(opening: disclosure.Opening) -> None:
    with pytest.raises(EvidenceError):
        disclosure.check(opening, "QmGW9bjy087JGk6IKRl72ckD_QI9F_X2QAvlSRc1RLk")


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"salt": "AA", "value": 1},
        {"salt": base64.b64encode(SALT).decode(), "value": 1},
        {"salt": "A" * 43, "value": 1, "x": 1},
        {"salt": "盐" * 43, "value": 1},
    ],
)
def test_malformed_opening_is_refused(data: object) -> None:
    with pytest.raises(MalformedError):
        disclosure.parse_opening("/x", data)


def test_opening_round_trips() -> None:
    opening = disclosure.Opening("/x", SALT, {"a": ["1"]})
    assert disclosure.parse_opening("/x", opening.to_json()) == opening
