"""SM2 lines of a checkpoint that come out the same each time: the library draws a number for each signature, a vector
must not.
"""

from __future__ import annotations

import hashlib

from ledger.log_signer import SM2NoteKey

# sm2p256v1 (GB/T 32918.5).
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

_Point = tuple[int, int] | None


def _plus(p: _Point, q: _Point) -> _Point:
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % _P == 0:
        return None
    slope = (3 * p[0] ** 2 + _A) * pow(2 * p[1], -1, _P) if p == q else (q[1] - p[1]) * pow(q[0] - p[0], -1, _P)
    x = (slope**2 - p[0] - q[0]) % _P
    return x, (slope * (p[0] - x) - p[1]) % _P


def _times(k: int) -> tuple[int, int]:
    result, step = None, _G
    while k:
        result, step = (_plus(result, step) if k & 1 else result), _plus(step, step)  # type: ignore[assignment]
        k >>= 1
    assert result is not None
    return result


def _bytes(*numbers: int) -> bytes:
    return b"".join(n.to_bytes(32, "big") for n in numbers)


def _sm3(data: bytes) -> int:
    return int.from_bytes(hashlib.new("sm3", data).digest(), "big")


def _der(*numbers: int) -> bytes:
    body = b""
    for n in numbers:
        content = n.to_bytes(n.bit_length() // 8 + 1, "big")
        body += bytes([2, len(content)]) + content
    return bytes([0x30, len(body)]) + body


class SM2Line:
    """A key that follows from its name, and its line under a text."""

    def __init__(self, origin: str, name: str) -> None:
        self._secret = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % (_N - 1) + 1
        self._point = _times(self._secret)
        self.key = SM2NoteKey(origin, b"\x04" + _bytes(*self._point))

    def under(self, text: str) -> str:
        """The line, with a number drawn from key and text."""
        identity = b"1234567812345678"
        z = hashlib.new("sm3", b"\x00\x80" + identity + _bytes(_A, _B, *_G, *self._point)).digest()
        e = _sm3(z + text.encode())
        k = int.from_bytes(hashlib.sha256(_bytes(self._secret) + text.encode()).digest(), "big") % (_N - 1) + 1
        r = (e + _times(k)[0]) % _N
        s = pow(1 + self._secret, -1, _N) * (k - r * self._secret) % _N
        return self.key.line(_der(r, s))
