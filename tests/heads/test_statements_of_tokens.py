"""What a time-stamp token states, read without the library that checks its signature; that library is the referee."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from rfc3161_client import decode_timestamp_response

from api.evidence import archive
from ledger.tlog.tst_info import SHA256, parse_response

GIVEN = Path(__file__).parents[1] / "given_out" / "v0.1" / "story" / "award.zip"

TOKEN = archive.read(GIVEN.read_bytes())["timestamps/given-tsa.tsr"]

TIME = b"20261128013515Z"


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = (
        bytes([size])
        if size < 0x80
        else bytes([0x80 + -(-size.bit_length() // 8)]) + size.to_bytes(-(-size.bit_length() // 8))
    )
    return bytes([tag]) + length + content


def _elements(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        size, start = data[at + 1], at + 2
        if size >= 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[at + 2 : start])
        found.append((data[at], data[start : start + size]))
        at = start + size
    return found


def _with_time(data: bytes, time: bytes) -> bytes:
    """The same token, of another time: its lengths are right, its signature is not."""
    built = b""
    for tag, content in _elements(data):
        if TIME in content and tag in (0x30, 0xA0, 0x04):
            built += _element(tag, _with_time(content, time))
        else:
            built += _element(tag, time if content == TIME else content)
    return built


def _by_the_library(token: bytes) -> tuple[bytes, datetime]:
    said = decode_timestamp_response(token).tst_info
    return said.message_imprint.message, said.gen_time


def _refuses(read: Callable[[bytes], object], token: bytes) -> bool:
    try:
        read(token)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("time", [TIME, b"20261128013515.5Z", b"20261128013515.123456789Z", b"20000229235959Z"])
def test_a_statement_is_read_as_the_library_reads_it(time: bytes) -> None:
    token = _with_time(TOKEN, time)
    said = parse_response(token)
    assert (said.algorithm, said.digest, said.at) == (SHA256, *_by_the_library(token))


@pytest.mark.parametrize(
    "time", [b"20261128013515.50Z", b"20261128013515.Z", b"20261128013515+0800", b"20261128013560Z", b"20261328013515Z"]
)
def test_a_time_out_of_form_is_refused_by_both(time: bytes) -> None:
    token = _with_time(TOKEN, time)
    assert [_refuses(read, token) for read in (parse_response, _by_the_library)] == [True, True]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        TOKEN[:-1],
        TOKEN + b"\0",
        TOKEN[:1],
        b"\x30\x80" + TOKEN[4:] + b"\0\0",
        b"\x30\x83\0" + TOKEN[2:],
        _element(0x30, _element(0x30, b"\x02\x01\x02")),
        b"\x30" * 70_000,
        b"\x3f" + TOKEN[1:],
    ],
    ids=["empty", "cut", "bytes over", "one byte", "no length", "long length", "no token", "deep", "long tag"],
)
def test_bytes_that_are_no_response_in_der_are_refused_by_both(spoilt: bytes) -> None:
    assert [_refuses(read, spoilt) for read in (parse_response, _by_the_library)] == [True, True]


def test_no_flipped_bit_makes_it_read_what_the_library_reads_otherwise() -> None:
    for at in range(len(TOKEN) * 8):
        spoilt = bytearray(TOKEN)
        spoilt[at // 8] ^= 1 << at % 8
        try:
            theirs = _by_the_library(bytes(spoilt))
        except ValueError:
            continue
        said = parse_response(bytes(spoilt))
        assert (said.digest, said.at) == theirs
