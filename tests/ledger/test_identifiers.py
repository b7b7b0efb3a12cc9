"""Identifiers: good and systematically spoilt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import identifiers
from ledger.errors import MalformedError

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# Origin: registers of credit codes, and codes invented for demonstration; among them a remainder of 0 and
# codes whose first character is a letter.
GOOD_USCC = [
    "91350100M000100Y43",
    "91110000600037341L",
    "91512081MA62K0260E",
    "91410102DEM0090270",
    "G1610000713522976L",
    "G1330000MCW06863XQ",
    "G11100007178352756",
    "91410102DEM000014L",
    "91360700DEM0002254",
    "91430400DEM00009X5",
]


@pytest.mark.parametrize("code", GOOD_USCC)
def test_valid_credit_code_is_returned_unchanged(code: str) -> None:
    assert identifiers.parse_uscc(code) == code


@given(st.sampled_from(GOOD_USCC), st.integers(0, 17), st.sampled_from(_ALPHABET))
def test_any_single_changed_character_of_a_credit_code_is_refused(code: str, at: int, other: str) -> None:
    if code[at] == other:
        return
    with pytest.raises(MalformedError):
        identifiers.parse_uscc(code[:at] + other + code[at + 1 :])


@pytest.mark.parametrize(
    "code",
    ["", "91350100M000100Y4", "91350100m000100y43", "91350100M000100Y4Z", " 91350100M000100Y43", "９1350100M000100Y43"],
)
def test_spoilt_credit_code_is_refused(code: str) -> None:
    with pytest.raises(MalformedError):
        identifiers.parse_uscc(code)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("赣市府发〔2022〕15号", "赣市府发〔2022〕15号"),
        ("许政[2017]16号", "许政〔2017〕16号"),
        ("周政 〔 2015〕 37号", "周政〔2015〕37号"),
        ("中原政文【2020】46号", "中原政文〔2020〕46号"),
        ("金政（2017）60号", "金政〔2017〕60号"),
        ("中原政文〔2023〕9901号（演示）", "中原政文〔2023〕9901号"),
    ],
)
def test_document_number_keeps_raw_and_gives_canonical(raw: str, canonical: str) -> None:
    parsed = identifiers.parse_document_number(raw)
    assert (parsed.raw, parsed.canonical) == (raw, canonical)


@pytest.mark.parametrize(
    "raw",
    [
        "赣市府发〔2022〕015号",
        "赣市府发2022年15号",
        "第15号",
        "赣市府发〔22〕15号",
        "赣市府发〔2022〕第15号",
        "x〔2022〕15号",
    ],
)
def test_malformed_document_number_is_refused(raw: str) -> None:
    with pytest.raises(MalformedError):
        identifiers.parse_document_number(raw)


@pytest.mark.parametrize(
    "text", ["2023-02-29", "2023-1-1", "20230101", "2023-01-01T00:00", "２０２３-01-01", "2023-01-01 ", "2023-W01-1"]
)
def test_spoilt_date_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        identifiers.parse_date(text)


@pytest.mark.parametrize("text", ["1e3", "+1", "01", "1.", ".5", "1_000", " 1", "٤٢", "NaN", "", "0x1"])
def test_spoilt_decimal_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        identifiers.parse_decimal(text)


def test_decimal_is_exact() -> None:
    assert identifiers.parse_decimal("599.50") == Decimal("599.50")


def test_effective_instant_counts_as_its_day_in_shanghai() -> None:
    assert identifiers.parse_effective("2023-07-05T16:30:00Z")[0] == date(2023, 7, 6)
    assert identifiers.parse_effective("2023-07-05T23:59:59+08:00")[0] == date(2023, 7, 5)


@pytest.mark.parametrize(
    "text", ["2023-07-05T16:30:00", "2023-07-05T16:30:00+09:00", "2023-07-05 16:30:00Z", "2023-07-05T25:00:00Z"]
)
def test_instant_without_our_zone_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        identifiers.parse_effective(text)


@pytest.mark.parametrize(
    "text",
    [
        "01890a5d-ac96-4774-bcce-b302099a8057",
        "01890A5D-AC96-7774-BCCE-B302099A8057",
        "01890a5dac967774bcceb302099a8057",
    ],
)
def test_statement_id_is_a_lower_case_uuid7(text: str) -> None:
    with pytest.raises(MalformedError):
        identifiers.parse_statement_id(text)
