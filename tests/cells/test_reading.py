"""Files as spreadsheets and people write them: encodings, lines, heads, limits; refused with row and column."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cells.columns import EFFECTIVE_AT, columns_of, heads_of, members_of
from api.cells.decoding import decoded
from api.cells.separated import separated
from api.cells.table import CELL_MAX, COLUMNS_MAX, FILE_MAX, ROWS_MAX, column_name
from api.cells.writing import written
from ledger.errors import MalformedError, TooLargeError
from ledger.events.vocabulary import EVENTS
from ledger.identifiers import parse_uscc
from ledger.text import visible
from tests.cells.tables import NAME, PAID, REGISTERED, USCC, errors, read, refused


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
        for language in ("zh", "en"):
            assert [c.member.name for c in columns_of(heads_of(cls, language), cls)] == list(members_of(cls))
        for member in members_of(cls).values():
            others = [n for n in required if n != member.name]
            for head in (member.name.upper(), f"{member.label[0]}（{member.name}）", f" {member.label[1].title()} "):
                assert columns_of([head, *others], cls)[0].member == member, (cls.SPEC.topic, head)


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
        for language in ("zh", "en"):
            heads = next(csv.reader(io.StringIO(written(heads_of(cls, language), []).decode("utf-8-sig"))))
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


def test_several_byte_order_marks_are_marks() -> None:
    told = read("PrincipalRegistered", b"\xef\xbb\xbf" * 3 + REGISTERED.encode())
    assert [c["head"] for c in told["columns"]] == ["principal_id", "kind", "org_name", "uscc"]
