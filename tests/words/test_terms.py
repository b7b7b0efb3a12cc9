"""One word, one place: a term has one Chinese and one English name in a context, and the field's terms hold in
sentences.
"""

from __future__ import annotations

import pytest

from api.reference.glossary import read_glossary
from ledger.errors import MalformedError
from tests.words.catalogues import ROOT
from tests.words.terms import (
    Entry,
    Fixed,
    breaches,
    contradictions,
    entries,
    glossary,
    is_term,
    of_glossary,
    of_meanings,
    of_table,
)

NOTICE = Fixed(("public notice", "notice", "notices"), ("公示",), ("公告期",))


def test_no_term_has_two_renderings_in_one_context() -> None:
    assert contradictions([*entries(), *of_glossary()]) == []


def test_what_the_glossary_fixes_holds_in_every_sentence_and_name() -> None:
    assert breaches([*entries(), *of_glossary()], glossary()) == []


def test_terms_are_looked_for_everywhere() -> None:
    """A table that was left out would hide what contradicts the others."""
    places = {e.place.partition(",")[0] for e in entries() if is_term(e)}
    assert {
        "ledger/locale/zh.po",
        "projections/locale/zh.po",
        "api/locale/zh.po",
        "api/public/locale/zh.po",
        "ledger/events/labels.txt",
        "projections/member_names.txt",
        "ledger/derivation/word_names.txt",
        "ledger/derivation/meanings.txt",
        "ledger/derivation/roles.txt",
        "api/inspector/member_names.txt",
        "projections/flags/texts/RF01.toml",
        "ledger/regulation/packs/ganzhou/2022.toml",
    } <= places


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (
            of_table("labels.txt", "outcome|结果|outcomes"),
            "one term, two renderings: Outcome = 结论 (api/locale/zh.po); outcomes = 结果 (labels.txt, outcome). "
            "Say the same in each, or give a second meaning a context",
        ),
        (
            of_table("labels.txt", "finish|结论|The verdict:"),
            "one term, two renderings: Outcome = 结论 (api/locale/zh.po); The verdict = 结论 (labels.txt, finish). "
            "Say the same in each, or give a second meaning a context",
        ),
    ],
)
def test_a_planted_contradiction_is_found_with_both_its_places(planted: list[Entry], said: str) -> None:
    [known] = [e for e in entries() if (e.english, e.place) == ("Outcome", "api/locale/zh.po")]
    assert contradictions([known]) == []
    assert contradictions([known, *planted]) == [said]


def test_a_contradiction_planted_among_all_terms_is_the_only_one() -> None:
    planted = Entry("", "an award", "奖励", "somewhere")
    assert len(contradictions([*entries(), planted])) == 1


def test_a_second_meaning_has_a_context_of_its_own() -> None:
    said = [
        *of_table("labels.txt", "state|状态|state"),
        *of_meanings("meanings.txt", "disclosure|state|国家秘密|state"),
    ]
    assert contradictions(said) == []


@pytest.mark.parametrize(
    ("english", "chinese", "is_one"),
    [
        ("public notice", "公示", True),
        ("Articles:", "条款：", True),
        ("an award of the district government", "奖项", False),
        ("the award is revoked", "已撤销", False),
        ("award {award_id}", "奖项 {award_id}", False),
        ("award", "一个很长很长的中文名称", False),
        ("ledger.example.gov/awards", "例如", False),
    ],
)
def test_a_term_is_short_and_no_sentence(english: str, chinese: str, is_one: bool) -> None:
    assert is_term(Entry("", english, chinese, "")) is is_one


@pytest.mark.parametrize(
    ("english", "chinese", "said"),
    [
        ("open a public notice first", "请先公示", []),
        (
            "open a public notice first",
            "请先公告",
            ["x.po: “open a public notice first” says public notice, and “请先公告” not 公示. Say it"],
        ),
        (
            "the last day",
            "公告期最后一日",
            ["x.po: “公告期最后一日” says 公告期, which the glossary has as 公示. Say that"],
        ),
        ("take notice_id from the list", "请取编号", []),
        ("{notice} is over", "{notice} 已结束", []),
        ("run rongjian notice list, then sign", "请运行后签署", []),
        ("unnoticed", "未察觉", []),
    ],
)
def test_a_fixed_term_holds_inside_sentences(english: str, chinese: str, said: list[str]) -> None:
    assert breaches([Entry("", english, chinese, "x.po")], [NOTICE]) == said


def test_the_glossary_has_the_terms_that_officials_read_every_day() -> None:
    terms = {t.zh for t in read_glossary((ROOT / "docs/glossary.toml").read_text("utf-8"))}
    assert {"公示", "异议", "已回避", "复核评估", "已追回", "撤销", "会签", "跟踪管理期至", "截至登记所知"} <= terms


def test_a_term_that_nothing_calls_in_chinese_is_an_error_of_the_glossary() -> None:
    unknown = '[[part]]\ntitle = "x"\nterms = [{ en = "unheard of", meaning = "m", from = "f" }]\n'
    with pytest.raises(MalformedError) as error:
        read_glossary(unknown)
    assert error.value.en == "unheard of: the catalogues have no Chinese for it; write zh"
