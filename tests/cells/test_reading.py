"""Cells as spreadsheets and people write them: taken as they are meant, or refused in words with row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cells.columns import EFFECTIVE_AT, column_named, columns_of, heads_of, members_of
from api.cells.decoding import decoded
from api.cells.reading import read_file
from api.cells.separated import separated
from api.cells.table import CELL_MAX, COLUMNS_MAX, FILE_MAX, ROWS_MAX, Cell, column_name
from api.cells.values import CATALOGUE, Reader
from api.cells.writing import written
from ledger.errors import MalformedError, RefusedError, TooLargeError
from ledger.events.vocabulary import EVENTS
from ledger.identifiers import parse_uscc
from ledger.text import visible

NAME, USCC = "郑州甲乙（集团）有限公司", "91410102DEM300017M"
REGISTERED = f"principal_id,kind,org_name,uscc\r\nT1,organisation,{NAME},{USCC}\r\n"
PAID = "拨付编号,组织,种类,金额,拨付日期,渠道,期次,期数,凭证号,奖项编号"


def read(topic: str, text: str | bytes, encoding: str = "utf-8") -> dict[str, Any]:
    return read_file(text.encode(encoding) if isinstance(text, str) else text, EVENTS[topic]).to_json()


def values(topic: str, head: str, cell: Cell) -> Any:
    """What one cell under a head is."""
    return Reader(topic, CATALOGUE).value(column_named(0, head, members_of(EVENTS[topic])), cell)


def refusal(topic: str, head: str, cell: Cell) -> str:
    with pytest.raises(MalformedError) as refused:
        values(topic, head, cell)
    return refused.value.code


def errors(told: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    return [(row["row"], e["column"], e["code"]) for row in told["rows"] for e in row.get("errors", ())]


def refused(act: Callable[[], object]) -> RefusedError | None:
    """The refusal of an act that may be refused, which says in both languages why."""
    try:
        act()
    except RefusedError as error:
        return error
    return None


# Encodings


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (REGISTERED.encode("gb18030"), "gb18030"),
        (REGISTERED.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + REGISTERED.encode(), "utf-8"),
        (b"\xff\xfe" + REGISTERED.encode("utf-16-le"), "utf-16"),
        (b"\xfe\xff" + REGISTERED.encode("utf-16-be"), "utf-16"),
    ],
)
def test_each_encoding_gives_the_same_names_and_is_named(data: bytes, encoding: str) -> None:
    told = read("PrincipalRegistered", data)
    assert told["encoding"]["name"] == encoding
    assert [r["payload"] for r in told["rows"]] == [
        {"principal_id": "T1", "kind": "organisation", "org_name": NAME, "uscc": parse_uscc(USCC)}
    ]


@pytest.mark.parametrize(
    ("data", "offset", "line"),
    [
        (REGISTERED.encode("gb18030") + b"T2,\xff", len(REGISTERED.encode("gb18030")) + 3, 3),
        # One wrong byte in UTF-8 is no reason to read all of it as something else.
        (REGISTERED.encode().replace("乙".encode(), b"\xe4\xb9"), REGISTERED.encode().index("乙".encode()), 2),
        (b"\xef\xbb\xbfa,b\n1,\xb2\xe2", 9, 2),
        (b"\xff\xfea\0\n\0\x00\xd8", 6, 2),
        # 上 is U+4E0A: its byte 0x0A ends no line.
        (b"\xff\xfe\x0a\x4ea\0\x00\xd8", 6, 1),
        (REGISTERED.encode("utf-16-le"), 1, 1),
        (b"\xff\xfe\x00\x00a\0\0\0", 0, 1),
        (b"a,b\n\x80,1", 4, 2),
        (b"a,b\n1,\xa1", 6, 2),
    ],
)
def test_a_file_in_no_known_encoding_is_refused_with_its_first_wrong_byte(data: bytes, offset: int, line: int) -> None:
    with pytest.raises(MalformedError) as refused:
        decoded(data)
    assert (refused.value.code, refused.value.details["offset"], refused.value.details["line"]) == (
        "encoding_unknown",
        offset,
        line,
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # Two bytes that are a letter in both: only somebody can say which.
        ("a\n通".encode("gb18030"), None),
        ("a\nжук".encode(), None),
        ("a\nÜnal".encode(), None),
        ("a\n×,¥5,35°".encode(), "a\n×,¥5,35°"),
        ("a\n甲·ж".encode(), "a\n甲·ж"),
        (b"a,b", "a,b"),
    ],
)
def test_bytes_that_may_be_either_are_not_guessed(data: bytes, text: str | None) -> None:
    if text is None:
        with pytest.raises(MalformedError) as refused:
            decoded(data)
        assert refused.value.code == "encoding_ambiguous"
    else:
        assert decoded(data)[0] == text


def test_positions_that_gb_18030_has_moved_out_of_private_use_are_read_as_the_standard_has_them() -> None:
    text, _ = decoded("一二三四五六".encode("gb18030") + b"\xfe\x59\xfe\xa0\xa6\xd9\xa8\xbc")
    assert text == "一二三四五六\u9fb4\u9fbb\ufe10\u1e3f"


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=4, max_size=40))
def test_gb_18030_is_read_right_or_refused(name: str) -> None:
    data = f"编号,名称\n1,{name}\n".encode("gb18030")
    error = refused(lambda: decoded(data))
    if error is None:
        assert decoded(data)[0] == f"编号,名称\n1,{name}\n"
    else:
        assert error.code in ("encoding_unknown", "encoding_ambiguous")


# Lines, separators, quotes


@pytest.mark.parametrize(
    ("text", "separator", "rows"),
    [
        ("a,b\r\n1,2\r\n", ",", [["1", "2"]]),
        ("a;b\n1;2", ";", [["1", "2"]]),
        ("a\tb\n1,5\t2\n", "\t", [["1,5", "2"]]),
        ("sep=;\na;b\n1;2", ";", [["1", "2"]]),
        ("a,b\r1,2\r", ",", [["1", "2"]]),
        ('"a,x";b\n1;2', ";", [["1", "2"]]),
        ('a,b\n"1,2","3""4"\n', ",", [["1,2", '3"4']]),
        ('a,b\n"1\r\n2",3\n', ",", [["1\n2", "3"]]),
        ('a,b\n="007","=""008"""\n', ",", [["007", "008"]]),
        ("a\n1\n\n2\n", ",", [["1"], ["2"]]),
        ("\n,\na,b\n1,2", ",", [["1", "2"]]),
        ("a,b\n1\n", ",", [["1", None]]),
        ("a,b,,\n1,2,,\n", ",", [["1", "2"]]),
    ],
)
def test_lines_and_separators_are_read_as_spreadsheets_write_them(
    text: str, separator: str, rows: list[list[str]]
) -> None:
    table, found = separated(text)
    assert (found, [list(r.cells) for r in table.rows]) == (separator, rows)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('a,b\n1,"2\n3,4\n', "quote_not_closed"),
        ("", "table_empty"),
        (",,\n", "table_empty"),
        ("a,b\n,\n", "table_empty"),
    ],
)
def test_a_file_that_cannot_be_relied_on_is_refused_whole(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        separated(text)
    assert refused.value.code == code


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    text = 'principal_id,kind,org_name\n\n"T1",person,"x\ny"\n,,\nT2,nobody,\n  ,　,\nT3,person\n'
    told = read("PrincipalRegistered", text)
    assert ([r["row"] for r in told["rows"]], told["empty_rows"]) == ([3, 5, 7], 3)
    assert errors(told) == [(3, "C", "text_not_allowed"), (5, "B", "word_unknown")]
    assert told["rows"][2]["payload"] == {"principal_id": "T3", "kind": "person"}


def test_what_is_wrong_with_a_row_is_said_all_at_once_and_does_not_stop_the_others() -> None:
    text = (
        f"{PAID}\nP1,A,主奖金, ,2023-8-1,财政,1,1,V1,Z\nP2,A,主奖金,0x10,2023-02-30,现金,1,1,V2,Z\nP3,A,主奖金,200000,2023/8/"
        '1,财政,1,1,V3,Z\nP4,A"B,主奖金,1,2023/8/1,财政,1,1,V4,Z,多\n'
    )
    told = read("PrizePaid", text)
    assert errors(told) == [
        (2, "D", "cell_missing"),
        (3, "D", "cell_not_a_number"),
        (3, "E", "cell_not_a_day"),
        (3, "F", "word_unknown"),
        (5, "B", "quote_inside"),
        (5, "K", "cell_without_head"),
    ]
    assert [r.get("payload") for r in told["rows"]] == [
        None,
        None,
        {
            "payment_id": "P3",
            "org": "A",
            "kind": "main",
            "amount": 20_000_000,
            "paid_on": "2023-08-01",
            "channel": "treasury",
            "part_no": 1,
            "parts": 1,
            "voucher_no": "V3",
            "award_id": "Z",
        },
        None,
    ]
    assert told["rows"][1]["errors"][0] == {
        "column": "D",
        "code": "cell_not_a_number",
        "zh": "第 3 行 D 列“金额”：“0x10”不是金额（如 200000、200,000.00、¥200,000 或 20万元）",
        "en": "row 3, column D (金额): '0x10' is not an amount, as 200000, 200,000.00, ¥200,000 or 20万元",
    }


# Heads


def test_every_member_of_every_event_is_found_by_name_and_by_both_labels() -> None:
    for cls in EVENTS.values():
        required = [m.name for m in members_of(cls).values() if m.required]
        for chinese in (True, False):
            assert [c.member.name for c in columns_of(heads_of(cls, chinese=chinese), cls)] == list(members_of(cls))
        for member in members_of(cls).values():
            others = [n for n in required if n != member.name]
            for head in (member.name.upper(), f"{member.label[0]}（{member.name}）", f" {member.label[1].title()} "):
                assert columns_of([head, *others], cls)[0].member == member, (cls.SPEC.topic, head)


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("金额", "yuan"),
        ("金额（元）", "yuan"),
        ("金额(元)", "yuan"),
        ("金额 （分）", "fen"),
        ("amount_fen", "fen"),
        ("Amount (Yuan)", "yuan"),
        ("ＡＭＯＵＮＴ", "yuan"),
        ("金额（万元）", "wan_yuan"),
        ("金额\n（元）", "yuan"),
        ("amount_yuan", "yuan"),
        ("amount [CNY]", "yuan"),
    ],
)
def test_the_unit_of_money_is_yuan_unless_the_head_says_otherwise(head: str, unit: str) -> None:
    [column] = [
        c
        for c in columns_of([head, *PAID.split(",")[:3], *PAID.split(",")[4:]], EVENTS["PrizePaid"])
        if c.member.is_money
    ]
    assert (column.member.name, column.unit) == ("amount", unit)


@pytest.mark.parametrize(
    ("heads", "code"),
    [
        (["主体编号", "种类", "外号"], "head_unknown"),
        (["principal_id", "主体编号", "kind"], "head_twice"),
        (["种类"], "head_missing"),
        (["principal_id", "kind", "成立日期（元）"], "unit_unknown"),
        (["principal_id", "kind", "行业（分）"], "unit_unknown"),
        (["附件：登记表"], "head_unknown"),
        (["principal_id，kind"], "head_unknown"),
    ],
)
def test_heads_that_mean_nothing_or_the_same_are_refused(heads: list[str], code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        columns_of(heads, EVENTS["PrincipalRegistered"])
    assert refused.value.code == code


def test_columns_are_named_as_a_spreadsheet_names_them() -> None:
    assert [column_name(i) for i in (0, 25, 26, 51, 52, 63, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "BL",
        "ZZ",
        "AAA",
    ]


# Values


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
    ("cell", "wanted"),
    [
        ("200,000.00", 20_000_000),
        ("200000", 20_000_000),
        ("¥200,000", 20_000_000),
        ("￥２００，０００．５", 20_000_050),
        ("200000元", 20_000_000),
        ("20万元", 20_000_000),
        ("20万", 20_000_000),
        ("1.5万元", 1_500_000),
        ("0.01", 1),
        ("CNY 1,234.50", 123_450),
        ("200,000.00 元", 20_000_000),
        ("人民币200000元整", 20_000_000),
        ("1,000,000", 100_000_000),
        ("0", 0),
        ("90071992547409.91", 2**53 - 1),
        ("20.123456万元", 20_123_456),
    ],
)
def test_an_amount_is_in_yuan_however_it_is_written(cell: str, wanted: int) -> None:
    assert values("PrizePaid", "金额（元）", cell) == wanted


@pytest.mark.parametrize(
    "cell",
    [
        "0x10",
        "1e5",
        "2E+05",
        "200000.555",
        "20.12345678万元",
        "20,00",
        "2,00,000",
        "200 000",
        "１，２",
        "-5",
        "(5)",
        "贰拾万元",
        "200000元元",
        "$200",
        "007",
        "1.",
        ".5",
        "+5",
        "NaN",
        "90071992547409.92",
        "9" * 50,
        "=2+2",
        "200000美元",
        "5%",
        "²",
    ],
)
def test_what_is_no_amount_or_too_fine_is_refused(cell: str) -> None:
    assert refusal("PrizePaid", "amount", cell) in ("cell_not_a_number", "amount_too_fine", "number_out_of_range")


@pytest.mark.parametrize(
    ("head", "cell", "wanted"),
    [
        ("金额（分）", "20000000", 20_000_000),
        ("amount_fen", "20,000,000", 20_000_000),
        ("金额（万元）", "20", 20_000_000),
        ("金额（元）", "20万元", 20_000_000),
        ("金额（分）", "200元", "unit_differs"),
        ("金额（元）", "200分", "unit_differs"),
        ("金额（分）", "1.5", "amount_too_fine"),
        ("金额（分）", "20000000分", 20_000_000),
        ("金额（万元）", "0.0000001", "amount_too_fine"),
    ],
)
def test_the_unit_of_head_and_cell_have_to_fit(head: str, cell: str, wanted: int | str) -> None:
    assert (refusal if isinstance(wanted, str) else values)("PrizePaid", head, cell) == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("1,234", 1234),
        ("１２", 12),
        ("5.00", 5),
        ("0", 0),
        ("5.5", None),
        ("0x10", None),
        ("1e3", None),
        ("1 2", None),
        ("007", None),
        ("-1", None),
        ("²", None),
        ("٣", None),
        ("1_000", None),
        ("1000001", None),
    ],
)
def test_whole_numbers_are_digits_and_nothing_else(cell: str, wanted: int | None) -> None:
    if wanted is None:
        assert refusal("PrizePaid", "parts", cell) in ("cell_not_a_number", "number_out_of_range")
    else:
        assert values("PrizePaid", "parts", cell) == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("84.5", "84.5"),
        ("1,084.50", "1084.50"),
        ("８４．５", "84.5"),
        ("-3", "-3"),
        ("84.5分", None),
        ("1e2", None),
        ("084", None),
        ("1.2345678901", None),
    ],
)
def test_decimals_stay_decimals(cell: str, wanted: str | None) -> None:
    if wanted is None:
        assert refusal("ScoreSubmitted", "合计", cell) in ("cell_not_a_number", "text_out_of_form")
    else:
        assert values("ScoreSubmitted", "合计", cell) == wanted


@pytest.mark.parametrize(
    ("topic", "head", "cell", "wanted"),
    [
        ("PrincipalRegistered", "种类", "组织", "organisation"),
        ("PrincipalRegistered", "kind", "Organisation", "organisation"),
        ("PrincipalRegistered", "kind", "public body", "public_body"),
        ("PrincipalRegistered", "行业", "制造业", "manufacturing"),
        ("ObjectionInvestigated", "结果", "部分属实", "partly"),
        ("ObjectionResolved", "结果", "部分成立", "partly"),
        ("EligibilityDecided", "结果", "退回补正", "returned"),
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


@pytest.mark.parametrize("cell", ["9.14101E+17", "9.14101e+17", "１.2E+05", "1E+10", "4.1E+17 "])
def test_digits_that_a_spreadsheet_has_lost_are_refused_in_words(cell: str) -> None:
    assert refusal("PrincipalRegistered", "统一社会信用代码", cell) == "digits_lost"
    assert refusal("PrizePaid", "凭证号", cell) == "digits_lost"


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
    ("path", "cell", "wanted"),
    [
        ("prize.first.quality", "20万元", 20_000_000),
        ("prize.rewin.quality", "200000.50", 20_000_050),
        ("panel.size_min", "5", 5),
        ("validity", '"{""value"":3,""unit"":""year""}"', {"value": 3, "unit": "year"}),
        ("score.aggregation", "mean", "mean"),
        ("prize.first.quality", "很多", None),
    ],
)
def test_the_value_of_a_parameter_is_in_yuan_where_its_path_is_an_amount(path: str, cell: str, wanted: Any) -> None:
    text = f"value,规则包编号,参数路径,适用起日,溯及既往,说理文书哈希\n{cell},ZY,{path},2023/1/1,否,{'a' * 64}\n"
    [row] = read("RegulationInterpreted", text)["rows"]
    assert (row["payload"]["value"] if wanted is not None else row["errors"][0]["code"]) == (
        wanted or "cell_not_a_number"
    )


def test_restricted_members_and_the_day_of_the_act_have_columns_of_their_own() -> None:
    told = read(
        "PrincipalRegistered",
        "主体编号,种类,姓名,行为发生日\nT1,人员,张三,2023/5/5\nT2,人员,,2023-05-05 10:00\nT3,人员,,\n",
    )
    assert [(r["payload"], r["restricted"], r["effective_at"]) for r in told["rows"]] == [
        ({"principal_id": "T1", "kind": "person"}, {"/person_name": "张三"}, "2023-05-05"),
        ({"principal_id": "T2", "kind": "person"}, {}, "2023-05-05T10:00:00+08:00"),
        ({"principal_id": "T3", "kind": "person"}, {}, None),
    ]


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


# Limits


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("principal_id,kind\n" + "T,person\n" * (ROWS_MAX + 1), "too_many_rows"),
        (",".join(f"c{i}" for i in range(COLUMNS_MAX + 1)) + "\n1\n", "too_many_columns"),
        ("a\n" + "1" * FILE_MAX, "file_too_large"),
    ],
    ids=["rows", "columns", "bytes"],
)
def test_each_limit_is_named_where_it_is_exceeded(text: str, code: str) -> None:
    with pytest.raises(TooLargeError) as refused:
        read("PrincipalRegistered", text)
    assert refused.value.code == code


def test_a_cell_that_is_too_long_is_refused_in_its_row() -> None:
    told = read("PrincipalRegistered", f"principal_id,kind,org_name\nT1,person,{'x' * (CELL_MAX + 1)}\nT2,person,\n")
    assert errors(told) == [(2, "C", "cell_too_long")]


def test_a_row_of_many_cells_beyond_the_heads_has_one_fault_for_them_all() -> None:
    told = read("PrincipalRegistered", f"principal_id,kind\nT1,person{',x' * 100_000}\nT2,person\n")
    assert errors(told) == [(2, "C", "cell_without_head")]


def test_the_most_rows_there_may_be_are_read() -> None:
    told = read("PrincipalRegistered", "principal_id,kind\n" + "".join(f"T{i},person\n" for i in range(ROWS_MAX)))
    assert [r["payload"]["principal_id"] for r in told["rows"]] == [f"T{i}" for i in range(ROWS_MAX)]


# What we write we read


def test_an_empty_file_of_each_event_has_heads_that_are_read() -> None:
    for topic, cls in EVENTS.items():
        for chinese in (True, False):
            heads = next(csv.reader(io.StringIO(written(heads_of(cls, chinese=chinese), []).decode("utf-8-sig"))))
            assert {c.member.name for c in columns_of(heads, cls)} == {*members_of(cls)}, topic
            assert EFFECTIVE_AT in {c.member.name for c in columns_of(heads, cls)}


@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_is_read_back_as_the_same_table(rows: list[list[str]]) -> None:
    rows = [["x", *row] for row in rows]
    table, _ = separated(decoded(written(["a", "b", "c", "d"], rows))[0])
    assert [list(row.cells) for row in table.rows] == [[visible(cell) for cell in row] for row in rows]


@given(st.binary(max_size=300))
def test_whatever_the_bytes_they_are_read_or_refused_in_words(data: bytes) -> None:
    error = refused(lambda: read("PrincipalRegistered", data))
    assert error is None or (error.zh and error.en)


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


def test_amounts_within_records_are_in_yuan_as_everywhere() -> None:
    def read_items(cell: str) -> Any:
        quoted = '"' + cell.replace('"', '""') + '"'
        text = (
            f"奖项编号,组织,period_from,period_to,report_hash,明细\nGZ-2023-A,A,2023/1/1,2023/6/1,{'a' * 64},{quoted}\n"
        )
        [row] = read("FundUseReported", text)["rows"]
        return row["payload"]["items"] if "payload" in row and not row.get("errors") else row["errors"][0]

    wanted = [{"category": "training", "amount": 20_000_000}]
    for amount in ("200000", '"200,000.00"', '"20万元"'):
        assert read_items(f'[{{"category":"training","amount":{amount}}}]') == wanted, amount
    refused = read_items("培训：20万元")
    assert refused["code"] == "cell_not_json"
    assert '[{"category": "brand", "amount": "200000.00"}]' in refused["zh"]
    assert read_items('[{"category":"training","amount":"很多"}]')["code"] == "cell_not_a_number"


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#VALUE!", "######"])
def test_what_a_spreadsheet_could_not_work_out_is_no_text(cell: str) -> None:
    assert refusal("PrizePaid", "凭证号", cell) == "cell_is_a_fault"


@pytest.mark.parametrize(
    ("head", "cell", "wanted"),
    [
        ("金额（单位：元）", "200000", 20_000_000),
        ("金额(单位:万元)", "20", 20_000_000),
        ("Amount (unit: yuan)", "1", 100),
    ],
)
def test_a_unit_may_be_named_as_a_unit(head: str, cell: str, wanted: int) -> None:
    assert values("PrizePaid", head, cell) == wanted


def test_several_byte_order_marks_are_marks() -> None:
    told = read("PrincipalRegistered", b"\xef\xbb\xbf" * 3 + REGISTERED.encode())
    assert [c["head"] for c in told["columns"]] == ["principal_id", "kind", "org_name", "uscc"]
