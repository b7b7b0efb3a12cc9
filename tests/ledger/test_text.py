"""The text policy: what a text may hold, and how one that holds more is shown."""

from __future__ import annotations

import json
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import text
from ledger.errors import MalformedError


@pytest.mark.parametrize(
    "good",
    [
        "甲乙（南通）有限公司",
        "𬭎㵲䶮𠮷水泥",
        "\U0002ebf0厂",
        "\U000323b0",
        "Müller & Söhne",
        "ＡＢＣ１２３",
        "赣市府字〔2023〕9901号",
        "a b　c",
        "α-β Ⅳ ① ㎡ …—“”",
        "한국",
        "😀",
    ],
)
def test_what_people_write_is_allowed(good: str) -> None:
    text.check(good, "name")
    assert text.visible(good) == good


@pytest.mark.parametrize(
    ("spoilt", "code", "shown"),
    [
        ("癸\u000b公司", "text_not_allowed", "癸⟨U+000B⟩公司"),
        ("子\u0000公司", "text_not_allowed", "子⟨U+0000⟩公司"),
        ("丑\ufffd公司", "text_not_allowed", "丑⟨U+FFFD⟩公司"),
        ("寅\u202e司公\u202c", "text_not_allowed", "寅⟨U+202E⟩司公⟨U+202C⟩"),
        ("卯\u200b公司", "text_not_allowed", "卯⟨U+200B⟩公司"),
        ("辰\U000e0041公司", "text_not_allowed", "辰⟨U+E0041⟩公司"),
        ("葛\U000e0100城", "text_not_allowed", "葛⟨U+E0100⟩城"),
        ("巳\ue000公司", "text_not_allowed", "巳⟨U+E000⟩公司"),
        ("午\U000e9999公司", "text_not_allowed", "午⟨U+E9999⟩公司"),
        ("未\u2028公司", "text_not_allowed", "未⟨U+2028⟩公司"),
        ("\u3164", "text_not_allowed", "⟨U+3164⟩"),
        ("a\u00a0b", "text_not_allowed", "a⟨U+00A0⟩b"),
        ("e\u0301", "text_not_normalised", "e\u0301"),
        ("　 ", "text_blank", "　 "),
        ("\u0301", "text_not_allowed", "⟨U+0301⟩"),
        ("\u20dd甲", "text_not_allowed", "⟨U+20DD⟩甲"),
        ("　\u302a甲", "text_not_allowed", "　⟨U+302A⟩甲"),
        ("\u2800", "text_not_allowed", "⟨U+2800⟩"),
        ("甲\u2800乙", "text_not_allowed", "甲⟨U+2800⟩乙"),
    ],
)
def test_what_cannot_be_read_is_refused_by_code_point_and_shown_as_one(spoilt: str, code: str, shown: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        text.check(spoilt, "org_name")
    assert (refusal.value.code, refusal.value.details["field"]) == (code, "org_name")
    assert "org_name" in refusal.value.en
    assert "org_name" in refusal.value.zh
    assert text.visible(spoilt) == shown


def test_marks_stand_on_letters() -> None:
    for good in ("甲\u20dd", "བོད་", "ئۇيغۇر", "a\u0334", "第一段\n第二段"):
        text.check(good, "name", lines=True)
        assert text.visible(good) == good
    with pytest.raises(MalformedError) as refusal:
        text.check("第一段\n\u0301二", "grounds", lines=True)
    assert (refusal.value.code, refusal.value.details["code_point"]) == ("text_not_allowed", "U+0301")


def test_a_newline_is_a_matter_of_the_field() -> None:
    text.check("第一段\n第二段", "grounds", lines=True)
    with pytest.raises(MalformedError):
        text.check("甲\n乙", "org_name")
    assert text.visible("第一段\n第二段") == "第一段\n第二段"


@given(st.text())
def test_whatever_is_written_is_shown_as_what_every_document_can_hold(written: str) -> None:
    shown = text.visible(written)
    assert ET.fromstring(f"<x>{shown.replace('&', '&amp;').replace('<', '&lt;')}</x>").text in (shown, None)
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") for c in shown if c != "\n")
    assert text.visible(shown) == shown


@given(st.recursive(st.text() | st.none() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_json_keeps_every_character_and_shows_none_that_cannot_be_seen(value: object) -> None:
    for indent in (None, 1):
        written = text.escaped(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(written) == value
        assert text.visible(written) == written


def test_a_page_is_told_line_by_line() -> None:
    assert text.visible("甲\r\n乙\u200b\n丙\r丁") == "甲\n乙⟨U+200B⟩\n丙⟨U+000D⟩丁"
    assert text.escaped('{\n "a": "\u202e𬭎\U000e0041"\n}') == '{\n "a": "\\u202e𬭎\\udb40\\udc41"\n}'


_WRITTEN = st.text(st.sampled_from('A"\\ ，。《》〔〕“”·—…甲乙，Ｂ\u3000\u0301\u302a\u200b\ufffd\u00a0é龘\U00020bb7'))


@given(st.recursive(_WRITTEN | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text("abc"), x)))
def test_a_quick_look_at_json_calls_unremarkable_only_what_is_allowed(value: object) -> None:
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.unremarkable(written):
        for one in _strings(value):
            text.check(one, "field")


def test_an_ordinary_statement_is_unremarkable() -> None:
    assert text.unremarkable('{"org_name":"赣州市某某有限公司（集团）","n":[1,"2020-01-01",true]}')
    assert not text.unremarkable('{"a":" "}')


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [one for member in value.values() for one in _strings(member)]
    if isinstance(value, list):
        return [one for member in value for one in _strings(member)]
    return [value] if isinstance(value, str) else []
