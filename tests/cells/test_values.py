"""Values of cells as spreadsheets and people write them: taken as they are meant, or refused in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cells.columns import column_named, members_of
from api.cells.table import Cell
from api.cells.values import Reader
from ledger.errors import MalformedError
from ledger.events.vocabulary import EVENTS
from tests.cells.tables import read, refusal, refused, values


@pytest.mark.parametrize("cell", ["TRUE", "true", "是", "有", "1", "Y", "yes", "√", "✓", "１", " ＹＥＳ "])
def test_what_people_write_for_yes_is_true(cell: str) -> None:
    assert values("ObjectionRaised", "identified", cell) is True


@pytest.mark.parametrize("cell", ["FALSE", "false", "否", "无", "0", "N", "no", "×", "✗", "ｎｏ"])
def test_what_people_write_for_no_is_false(cell: str) -> None:
    assert values("ObjectionRaised", "on_behalf", cell) is False


@pytest.mark.parametrize("cell", ["x", "X", "2", "是的", "tru", "-", "/", "对", "01", "是 否"])
def test_anything_else_is_neither_and_never_a_silent_no(cell: str) -> None:
    assert refusal("ObjectionRaised", "实名", cell) == "cell_not_a_truth"


@pytest.mark.parametrize(
    "cell",
    [
        "2001-03-05",
        "2001/3/5",
        "2001.3.5",
        "2001年3月5日",
        "20010305",
        "2001-3-05",
        "２００１／３／５",
        " 2001/03/05 ",
        "2001/3/5 0:00",
        "2001-03-05 00:00:00",
    ],
)
def test_a_day_is_taken_however_it_is_written(cell: str) -> None:
    assert values("PrincipalRegistered", "established_on", cell) == "2001-03-05"


@pytest.mark.parametrize(
    "cell",
    [
        "2001-02-30",
        "2001/13/1",
        "3/5/2001",
        "01-3-5",
        "36955",
        "2001-3/5",
        "2001年3月",
        "2001-03-05 10:00",
        "20011305",
        "0001-01-01",
        "3000-01-01",
        "三月五日",
        "2001-3-5-",
        "2001 - 3 - 5",
        "-2001-3-5",
    ],
)
def test_a_day_that_does_not_exist_or_is_none_is_refused(cell: str) -> None:
    assert refusal("PrincipalRegistered", "成立日期", cell) == "cell_not_a_day"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("2023-05-05 14:30", "2023-05-05T14:30:00+08:00"),
        ("2023/5/5 9:05:07", "2023-05-05T09:05:07+08:00"),
        ("2023年5月5日14时30分", "2023-05-05T14:30:00+08:00"),
        ("2023-05-05T14:30:00+08:00", "2023-05-05T14:30:00+08:00"),
        ("2023-05-05T06:30:00Z", "2023-05-05T06:30:00Z"),
        ("2023-05-05", None),
        ("2023-05-05 25:00", None),
        ("2023-05-05 14:60", None),
        ("2023-05-05T14:30:00+09:00", None),
        ("14:30", None),
        ("2023-02-29 10:00", None),
    ],
)
def test_an_instant_has_its_time_and_is_of_shanghai_unless_it_says_so(cell: str, wanted: str | None) -> None:
    if wanted is None:
        assert refusal("KeyRevoked", "compromised_since", cell) in ("cell_not_an_instant", "cell_not_a_day")
    else:
        assert values("KeyRevoked", "compromised_since", cell) == wanted


@pytest.mark.parametrize(
    ("topic", "head", "cell", "wanted"),
    [
        ("PrincipalRegistered", "种类", "组织", "organisation"),
        ("PrincipalRegistered", "kind", "Organisation", "organisation"),
        ("PrincipalRegistered", "kind", "public body", "public_body"),
        ("PrincipalRegistered", "行业", "制造业", "manufacturing"),
        ("ObjectionInvestigated", "结论", "部分属实", "partly"),
        ("ObjectionResolved", "结论", "部分成立", "partly"),
        ("EligibilityDecided", "结论", "退回补正", "returned"),
        ("RoleGranted", "岗位", "秘书处负责人", "SECH"),
        ("RoleGranted", "岗位", "sec", "SEC"),
        ("InterestDeclared", "关系", "亲属关系", "kinship"),
    ],
)
def test_an_enumeration_is_given_by_code_or_by_word(topic: str, head: str, cell: str, wanted: str) -> None:
    assert values(topic, head, cell) == wanted


def test_a_word_that_stands_for_several_codes_is_refused() -> None:
    column = column_named(0, "award", members_of(EVENTS["ApplicationFiled"]))
    reader = Reader(
        "ApplicationFiled",
        {"award": {"quality": ("市长质量奖", "quality award"), "mayor": ("市长质量奖", "mayor's award")}},
    )
    assert reader.value(column, "mayor's award") == "mayor"
    with pytest.raises(MalformedError) as refused:
        reader.value(column, "市长质量奖")
    assert (refused.value.code, refused.value.zh) == ("word_ambiguous", "“市长质量奖”可以是 quality、mayor；请写代码")


@pytest.mark.parametrize(
    ("head", "cell", "wanted"),
    [
        ("凭证号", "0012", "0012"),
        ("凭证号", " 0012\t", "0012"),
        ("凭证号", "1,234", "1,234"),
        ("凭证号", "2023-1", "2023-1"),
        ("凭证号", "TRUE", "TRUE"),
        ("凭证号", "１２号", "１２号"),
        ("org", "Ａ１", "A1"),
        ("经费来源", "市级财政（专项）", "市级财政（专项）"),
    ],
)
def test_a_text_stays_a_text(head: str, cell: str, wanted: str) -> None:
    assert values("PrizePaid", head, cell) == wanted


@pytest.mark.parametrize(
    ("cell", "code", "in_words"),
    [
        ("癸\u000b公司", "text_not_allowed", "U+000B"),
        ("甲\0", "text_not_allowed", "U+0000"),
        ("甲\u202e乙", "text_not_allowed", "U+202E"),
        ("甲\u200b乙", "text_not_allowed", "U+200B"),
        ("甲\u00a0乙", "text_not_allowed", "U+00A0"),
        ("甲\ufffd", "text_not_allowed", "U+FFFD"),
        ("甲\ue000", "text_not_allowed", "U+E000"),
        ("甲\n乙", "text_not_allowed", "U+000A"),
        ("甲\r乙", "text_not_allowed", "U+000D"),
        ("\uf900公司", "text_not_normalised", "U+F900"),
        ("甲" * 501, "text_too_long", "500"),
    ],
)
def test_characters_that_no_text_may_hold_are_named_by_their_code_point(cell: str, code: str, in_words: str) -> None:
    with pytest.raises(MalformedError) as refused:
        values("PrincipalRegistered", "组织名称", cell)
    assert (refused.value.code, in_words in refused.value.zh and in_words in refused.value.en) == (code, True)


def test_a_text_is_put_into_nfc_and_the_row_says_so() -> None:
    told = read(
        "PrincipalRegistered",
        "principal_id,kind,org_name\nT1,organisation,Cafe\u0301（甲）\nT2,organisation,Caf\u00e9（甲）\n",
    )
    assert [(r["payload"]["org_name"], r["normalised"]) for r in told["rows"]] == [
        ("Caf\u00e9（甲）", ["C"]),
        ("Caf\u00e9（甲）", []),
    ]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("G/2、G/3", ["G/2", "G/3"]),
        ("G/2;G/3；", ["G/2", "G/3"]),
        ("G/2\nG/3\n", ["G/2", "G/3"]),
        ("G/2", ["G/2"]),
        ('["G/2","G/3"]', ["G/2", "G/3"]),
        ("G/2、、G/3", "list_with_a_gap"),
        ("、G/2", "list_with_a_gap"),
        ("G/2、x", "text_out_of_form"),
        ('["G/2",]', "cell_not_json"),
    ],
)
def test_lists_of_plain_values_are_separated(cell: str, wanted: list[str] | str) -> None:
    assert (refusal if isinstance(wanted, str) else values)("CandidateListProposed", "未列入", cell) == wanted


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('[{"case":"G/1","award":"q","rank":1}]', None),
        ('[{"case":"G/1","award":"q"}]', "cell_out_of_form"),
        ("G/1", "cell_not_json"),
        ('[{"case":"G/1","award":"q","rank":1,"rank":2}]', "cell_not_json"),
        ('[{"case":"G/1","award":"q","rank":1.5}]', "cell_not_json"),
    ],
)
def test_records_are_json(cell: str, code: str | None) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    told = read("CandidateListProposed", f"list_id,rows,summary_report_hash\nL1,{quoted},{'a' * 64}\n")
    assert [e["code"] for e in told["rows"][0].get("errors", ())] == ([code] if code else [])


@pytest.mark.parametrize(
    ("topic", "member", "cell", "wanted"),
    [
        ("PrizePaid", "amount", Decimal("200000.5"), 20_000_050),
        ("PrizePaid", "amount", 200_000, 20_000_000),
        ("PrizePaid", "paid_on", date(2023, 8, 1), "2023-08-01"),
        ("PrizePaid", "paid_on", datetime(2023, 8, 1), "2023-08-01"),  # noqa: DTZ001
        ("PrizePaid", "voucher_no", 12, "12"),
        ("PrizePaid", "voucher_no", 914_101_020_000_000_000, "digits_lost"),
        ("PrizePaid", "voucher_no", Decimal("1.5"), "digits_lost"),
        ("PrizePaid", "voucher_no", date(2023, 8, 1), "cell_not_a_text"),
        ("PrizePaid", "voucher_no", True, "cell_not_a_text"),
        ("PrizePaid", "amount", True, "cell_not_a_number"),
        ("ObjectionRaised", "identified", True, True),
        ("ObjectionRaised", "identified", 1, True),
        ("ScoreSubmitted", "total", Decimal("84.50"), "84.50"),
        ("KeyRevoked", "compromised_since", datetime(2023, 5, 5, 6, 30, tzinfo=UTC), "2023-05-05T06:30:00.000000Z"),
    ],
)
def test_cells_that_have_a_type_of_their_own_are_taken_by_it(topic: str, member: str, cell: Cell, wanted: Any) -> None:
    refused = isinstance(wanted, str) and wanted.startswith(("cell_", "digits_"))
    assert (refusal if refused else values)(topic, member, cell) == wanted


@given(st.text(max_size=60))
def test_whatever_stands_in_a_cell_is_a_value_or_refused_in_words(cell: str) -> None:
    for topic in (
        "PrizePaid",
        "KeyRevoked",
        "ObjectionRaised",
        "CandidateListProposed",
        "RegulationInterpreted",
        "ScoreSubmitted",
    ):
        for member in members_of(EVENTS[topic]):
            error = refused(lambda topic=topic, member=member: values(topic, member, cell))  # type: ignore[misc]
            assert error is None or (error.zh and error.en)


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#VALUE!", "######"])
def test_what_a_spreadsheet_could_not_work_out_is_no_text(cell: str) -> None:
    assert refusal("PrizePaid", "凭证号", cell) == "cell_is_a_fault"
