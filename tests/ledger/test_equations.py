"""Both libraries accept the same signatures, also those that Ed25519 implementations disagree about.

Such signatures are made here with the curve's own arithmetic (RFC 8032, section 5.1): keys and points with a part of
small order, where an implementation that multiplies by the cofactor says yes and one that does not says no.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import SignatureRefusedError
from ledger.signing import libsodium
from ledger.signing.keys import PrivateKey, PublicKey, by_openssl

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
BASE: Point = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def _point(encoded: bytes) -> Point:
    """RFC 8032, section 5.1.3, for the point with the even x."""
    y = int.from_bytes(encoded, "little")
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    return min(x, P - x, key=lambda one: one & 1), y


def _add(p: Point, q: Point) -> Point:
    product = CURVE * p[0] * q[0] * p[1] * q[1] % P
    x = (p[0] * q[1] + p[1] * q[0]) * pow(1 + product, -1, P) % P
    return x, (p[1] * q[1] + p[0] * q[0]) * pow(1 - product, -1, P) % P


def _times(n: int, p: Point) -> Point:
    result: Point = (0, 1)
    while n:
        result, p, n = _add(result, p) if n & 1 else result, _add(p, p), n >> 1
    return result


#: A point of order eight.
EIGHTH = _point(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))


def _encoded(p: Point) -> bytes:
    return (p[1] | (p[0] & 1) << 255).to_bytes(32, "little")


def _signed(a: int, message: bytes, key_part: int, nonce_part: int) -> tuple[bytes, bytes]:
    """Public key and signature of a secret, each with so many eighths besides: right under the cofactor."""
    public = _encoded(_add(_times(a, BASE), _times(key_part, EIGHTH)))
    r = secrets.randbelow(ORDER)
    point = _encoded(_add(_times(r, BASE), _times(nonce_part, EIGHTH)))
    h = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % ORDER
    return public, point + ((r + h * a) % ORDER).to_bytes(32, "little")


def _accepts(check: Callable[[bytes, bytes, bytes], None], public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        check(public, signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_point_of_order_eight_is_one() -> None:
    assert _times(8, EIGHTH) == (0, 1) != _times(4, EIGHTH)


@given(st.integers(1, ORDER - 1), st.binary(max_size=80), st.integers(0, 7), st.integers(0, 7))
@settings(deadline=None, max_examples=60)
def test_both_libraries_say_the_same_of_keys_and_points_with_a_part_of_small_order(
    a: int, message: bytes, key_part: int, nonce_part: int
) -> None:
    public, signature = _signed(a, message, key_part, nonce_part)
    said = [_accepts(check, public, signature, message) for check in (by_openssl, libsodium.check_equation)]
    assert said[0] == said[1]
    assert said[0] or (key_part, nonce_part) != (0, 0)


def test_a_part_of_small_order_in_the_point_alone_is_refused() -> None:
    public, signature = _signed(5, b"message", 0, 3)
    assert not _accepts(libsodium.check_equation, public, signature, b"message")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511), st.booleans())
@settings(deadline=None, max_examples=100)
def test_both_libraries_say_the_same_of_what_was_signed_and_of_what_was_spoilt(
    seed: bytes, message: bytes, bit: int, spoil: bool
) -> None:
    key = PrivateKey(seed)
    signature = bytearray(key.sign(message))
    if spoil:
        signature[bit // 8] ^= 1 << bit % 8
    said = [_accepts(c, key.public.raw, bytes(signature), message) for c in (by_openssl, libsodium.check_equation)]
    assert said == [not spoil, not spoil]


@pytest.mark.parametrize("raw", [b"\x02" + bytes(31), b"\xff" * 32, b"\xee" + b"\xff" * 30 + b"\x7f"])
def test_what_is_no_key_verifies_nothing(raw: bytes) -> None:
    with pytest.raises((SignatureRefusedError, ValueError)):
        PublicKey(raw).verify(PrivateKey(bytes(32)).sign(b"x"), b"x")
