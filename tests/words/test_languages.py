"""Which language a reader is told: by ``Accept-Language`` (RFC 9110, 12.5.4), each range looked up (RFC 4647, 3.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.languages import FALLBACK, day_written, languages, money_written, own_name, preferred, tag_of
from ledger.sentences import languages_of


@pytest.mark.parametrize(
    ("accepted", "told"),
    [
        ("", "zh"),
        ("en", "en"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("zh-Hant-HK", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("fr, en;q=0.5", "en"),
        ("fr", "zh"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("en;q=0.5, zh;q=0.5", "en"),
        ("*", "zh"),
        ("fr, *;q=0.1", "zh"),
        ("*, zh;q=0.5", "en"),
        ("zh;q=0.5, *;q=0.8, en;q=0.7", "en"),
        ("zh;q=0, *", "en"),
        ("zh;q=0", "zh"),
        ("en;q=0, en-GB", "zh"),
        ("en-GB;q=0, en", "en"),
        ("*;q=0", "zh"),
        ("en;q=0.001", "en"),
        ("en ; q=0.5\t, fr", "en"),
        ("en-x-whisper-a", "en"),
        ("zh-x-en", "zh"),
        (",,en,,", "en"),
        ("en;q=1.000", "en"),
    ],
)
def test_the_range_of_the_highest_weight_that_there_is_is_told(accepted: str, told: str) -> None:
    assert preferred(accepted) == told


@pytest.mark.parametrize(
    "malformed",
    [
        "en;q=2",
        "en;q=0.1234",
        "en;q=-1",
        "en;q=",
        "en;q=1.5",
        "e n",
        "en;level=1",
        "en_GB",
        "q=1",
        "ｅｎ",
        "\0en",
        "en;q=nan",
        ";",
        "-en",
    ],
)
def test_what_is_malformed_asks_for_nothing(malformed: str) -> None:
    assert (preferred(malformed), preferred(f"{malformed}, en;q=0.1")) == (FALLBACK, "en")


def test_of_a_huge_header_the_first_hundred_ranges_are_looked_at() -> None:
    assert preferred(",".join(["fr"] * 99 + ["en"] * 100_000)) == "en"
    assert preferred(",".join(["fr"] * 100 + ["en"])) == FALLBACK
    assert preferred("en-" * 100_000) == FALLBACK


_TAGS = st.sampled_from(["zh", "en", "zh-Hant-HK", "en-GB", "fr", "de-CH-1996", "*", "x-zh", "i-klingon"])
_WEIGHTS = st.integers(0, 1000).map(lambda n: f"{Decimal(n) / 1000:f}")
_RANGES = st.lists(st.tuples(_TAGS, _WEIGHTS), min_size=1, max_size=8)


@given(st.one_of(st.text(max_size=200), st.text("enzh-*;q=01., \tfrx", max_size=60)))
def test_whatever_is_sent_some_language_that_there_is_is_told(accepted: str) -> None:
    assert preferred(accepted) in languages()


@given(_RANGES)
def test_no_other_language_is_asked_for_by_a_higher_weight(ranges: list[tuple[str, str]]) -> None:
    told = preferred(", ".join(f"{tag};q={weight}" for tag, weight in ranges))
    refused = {tag for tag, weight in ranges if Decimal(weight) == 0}
    weights = {
        ours: max(
            (Decimal(w) for tag, w in ranges if tag.lower().split("-")[0] == ours and ours not in refused),
            default=Decimal(-1),
        )
        for ours in ("zh", "en")
    }
    if max(weights.values()) > 0 and "*" not in dict(ranges):
        assert weights[told] == max(weights.values())


@given(_RANGES, st.text("enfr", min_size=1, max_size=5).filter(lambda t: t != "en"))
def test_a_range_that_there_is_nothing_for_changes_nothing(ranges: list[tuple[str, str]], other: str) -> None:
    sent = ", ".join(f"{tag};q={weight}" for tag, weight in ranges)
    assert preferred(f"{other}, {sent}") == preferred(sent)


def test_a_language_is_there_by_its_catalogues() -> None:
    assert languages() == ("zh", "en") == languages_of(["ledger", "tests.words"])


def test_days_and_amounts_are_ours_in_chinese_and_english_and_babels_in_others() -> None:
    on, ours = date(2026, 11, 21), ("2026年11月21日", "21 November 2026")
    days = {language: day_written(language, on, ours) for language in ("zh", "en", "fr", "qps", "x?")}
    assert days == {
        "zh": "2026年11月21日",
        "en": "21 November 2026",
        "fr": "21 novembre 2026",
        "qps": "21 November 2026",
        "x?": "21 November 2026",
    }
    amounts = {language: money_written(language, 123_450) for language in ("zh", "en", "fr", "qps")}
    assert amounts == {
        "zh": "1,234.50 元",
        "en": "CNY 1,234.50",
        "fr": "1\N{NARROW NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}CNY",
        "qps": "CNY 1,234.50",
    }


def test_a_language_says_its_own_name() -> None:
    names = {language: (tag_of(language), own_name(language)) for language in ("zh", "en", "fr", "qps")}
    assert names == {
        "zh": ("zh-CN", "中文"),
        "en": ("en", "English"),
        "fr": ("fr", "français"),
        "qps": ("qps", "qps"),
    }
