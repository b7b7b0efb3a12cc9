"""Values of answers as a clerk reads them, where no log gives names."""

from __future__ import annotations

from typing import Any

import pytest

from api.cli.names import Names
from api.cli.reading import Reader
from ledger.derivation.answer import Why
from ledger.sentences import Pair

EVENT = "019ac7fb-3340-7368-88c5-30484442d36c"


class SomeNames(Names):
    """Two organisations, a case of the first, and one entry."""

    def principal(self, name: str, role: str | None = None) -> Pair:
        named = {"A": "甲公司", "B": "乙公司"}.get(name, f"{role} {name}" if role else name)
        return named, named

    def case(self, name: str) -> Pair:
        return f"甲公司 {name}", f"甲公司 {name}"

    def position(self, event: str) -> int | None:
        return 213 if event == EVENT else None

    def in_sentence(self, text: str) -> str:
        return text.replace("GZ/1", "甲公司 GZ/1")


READER = Reader("zh", SomeNames())


@pytest.mark.parametrize(
    ("value", "name", "of", "said"),
    [
        ({"median": "584.6666666666666666666666667"}, "", "case.scores", ["中位数：584.67"]),
        (
            {"fields": {"/tax_per_mu": 1_234_50}},
            "",
            "ApplicationSupplemented",
            ["补正字段：", "  亩均税收：1,234.50 元"],
        ),
        ({"open_cases": {"GZ/1": "returned"}}, "", "edition.course", ["在办案件：", "  甲公司 GZ/1：退回补正"]),
        ([{"kind": "cup"}, {"kind": "plaque"}], "", "certificate.register", ["- 种类：奖杯", "- 种类：奖牌"]),
        (
            {"flag": "RF12", "zh": "甲 得分 599.9966，低于分数线 600", "en": "x"},
            "",
            "",
            ["甲 得分 599.99，低于分数线 600"],
        ),
        (
            {"zh": "材料评审", "en": "review", "step": "material_review", "signed_by": ["LEAD"]},
            "",
            "case.next",
            ["材料评审", "签署岗位：评审组长"],
        ),
        ({"zh": "条文未见", "en": "not seen", "gap": "B-45", "parameter": "validity"}, "", "", ["条文未见"]),
        (
            {"award_id": "X", "state": "value", "value": {"status": "revoked"}},
            "",
            "award.status",
            ["奖项编号：X", "状态：已撤销"],
        ),
        ({"state": "not_applicable", "not_applicable": {"zh": "没有下一步", "en": "nothing"}}, "", "", ["没有下一步"]),
        ({"org": "A", "events": [EVENT]}, "", "", ["组织：甲公司", "事件：第 213 条"]),
        ({"counted": ["A"], "not_counted": ["B"]}, "", "edition.quota", ["计入：甲公司", "不计入：乙公司"]),
        (
            {"duty": "return", "due": None, "state": "due"},
            "",
            "award.duties",
            ["义务：交回证书、奖牌", "到期日：—", "状态：应履行"],
        ),
        ({"sectors": ["medical", "service"]}, "", "", ["行业：医疗卫生、服务业"]),
        ([], "", "", ["—"]),
        (None, "", "", ["—"]),
        (True, "", "", ["是"]),
        ("癸\u000b", "", "", ["癸⟨U+000B⟩"]),
    ],
)
def test_a_value_is_told_in_lines(value: Any, name: str, of: str, said: list[str]) -> None:
    assert list(READER.lines(value, name, of)) == said


def test_rows_that_hold_nothing_nested_are_a_table_where_there_is_room_for_one() -> None:
    rows = {"duties": [{"duty": "annual_report", "due": "2024-07-06"}, {"duty": "return", "due": None}]}
    assert list(READER.lines(rows, of="award.duties", room=60)) == [
        "义务：",
        "  义务            到期日",
        "  年度报告        2024-07-06",
        "  交回证书、奖牌",
    ]
    assert list(READER.lines(rows, of="award.duties", room=20)) == [
        "义务：",
        "  1. 义务：年度报告",
        "     到期日：",
        "       2024-07-06",
        "  2. 义务：交回证",
        "       书、奖牌",
    ]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("/value/items/0/state", "x", "明细 › 第 1 项 › 状态"),
        ("/value/open_cases/GZ/1", "x", "在办案件 › 甲公司 GZ/1"),
        ("/value/duties/return/state", "x", "义务 › 交回证书、奖牌 › 状态"),
        (f"/value/{EVENT}", "x", "第 213 条"),
        ("/value", 1, "—"),
    ],
)
def test_a_place_in_an_answer_is_told_in_words(path: str, value: object, said: str) -> None:
    assert READER.place(path, value) == said


def test_a_member_that_is_an_amount_here_is_named_as_one() -> None:
    assert READER.place("/value/due", 100) != READER.place("/value/due", "2024-07-06")
    assert (READER.at_path(100, "/value/due", "award.money"), READER.at_path(None, "/value/due", "x")) == (
        "1.00 元",
        "",
    )


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("ZY:24(1)", "article", "第二十四条第（一）项"),
        ("AUD", "article", "账本规则"),
        ("B-10:default", "reading", "有效期届满日为相应日，含当日；无相应日的为月末"),
        ("AwardGranted", "type", "授奖"),
        ("RF35", "flag", "倒签补录（RF35）"),
        ("OPR", "signed_by", "账本运营"),
        ("role:FIN", "person", "财政"),
        ("public", "person", "公众"),
        ("B", "org", "乙公司"),
        ("2025-11-28T01:02:00.000000Z", "at", "2025-11-28 09:02"),
        ("9" * 64, "pack_hash", "999999999999…"),
        ("/value/status", "path", "状态"),
        ("validity", "param_path", "有效期"),
        ("019ac7fb-3340-7368-88c5-000000000000", "event", "…00000000"),
    ],
)
def test_one_value_is_told_by_what_its_member_holds(text: str, name: str, said: str) -> None:
    assert READER.text(text, name) == said


def test_a_sentence_of_a_flag_names_whom_it_is_about() -> None:
    told = READER.flagged("RF02", ("A 参与办理 GZ/1 之前没有登记利害关系申明", "A acted"), "A")
    assert told == "甲公司 参与办理 甲公司 GZ/1 之前没有登记利害关系申明"


def test_the_reasons_of_an_answer_are_articles_readings_and_entries() -> None:
    why = Why(events=(EVENT,), articles=("ZY:27", "ZY:24(1)", "AUD"), readings=(f"B-9/G17@{EVENT}", "B-10:default"))
    assert list(READER.why(why)) == [
        "条款：ZY第二十七条、第二十四条第（一）项；账本规则",
        "口径：有效期自批准决定之日起算（第 213 条确定）",
        "口径：有效期届满日为相应日，含当日；无相应日的为月末（默认）",
        "据账本第 213 条",
    ]
