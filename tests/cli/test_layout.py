"""Lines are as wide as they look, and a table can be read in any width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.layout import table, width_of, wrapped

HEADS = ("编号", "说明", "金额")
ROWS = (("RF35", "利害关系申明迟录 13 日，其间已有评审报告提交", "200,000.00 元"), ("RF02", "", "1.00 元"))
RIGHT = (False, False, True)


def test_columns_stand_under_their_heads_however_wide_their_characters_are() -> None:
    assert table(HEADS, ROWS, 120, right=RIGHT) == [
        "编号  说明" + " " * 51 + "金额",
        "RF35  利害关系申明迟录 13 日，其间已有评审报告提交  200,000.00 元",
        "RF02" + " " * 54 + "1.00 元",
    ]


def test_a_column_that_is_too_wide_is_wrapped() -> None:
    assert table(HEADS, ROWS, 48, right=RIGHT) == [
        "编号  说明" + " " * 34 + "金额",
        "RF35  利害关系申明迟录 13 日，其   200,000.00 元",
        "      间已有评审报告提交",
        "RF02" + " " * 37 + "1.00 元",
    ]


def test_what_fits_in_no_columns_is_told_one_member_a_line() -> None:
    assert table(HEADS, ROWS, 30, colon="：") == [
        "1. 编号：RF35",
        "   说明：利害关系申明迟录 13",
        "     日，其间已有评审报告提交",
        "   金额：200,000.00 元",
        "2. 编号：RF02",
        "   金额：1.00 元",
    ]


def test_rows_that_bring_their_number_are_told_under_it() -> None:
    rows = (("7", "授奖", "甲公司（演示）"), ("12", "奖金拨付", "财政 fin1"))
    assert table(("序号", "行为", "经办"), rows, 20, right=(True,), colon="：") == [
        " 7. 行为：授奖",
        "    经办：甲公司（演",
        "      示）",
        "12. 行为：奖金拨付",
        "    经办：财政 fin1",
    ]


def test_a_column_that_holds_nothing_is_left_out_and_a_table_without_any_is_empty() -> None:
    assert table(("a", "b"), (("1", ""), ("2", "")), 20) == ["a", "1", "2"]
    assert table(("a", "b"), (), 20) == []


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("the quick brown fox", 10, ["the quick", "brown fox"]),
        ("申报提交，其后", 8, ["申报提", "交，其后"]),
        ("（演示）", 4, ["（演", "示）"]),
        ("prize.first.quality", 12, ["prize.first.", "quality"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 4, [""]),
        ("a\nb", 4, ["a", "b"]),
    ],
)
def test_a_line_is_broken_where_a_reader_would_break_it(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(st.text(alphabet="ab .-/（），质量奖", max_size=60), st.integers(min_value=4, max_value=30))
def test_nothing_is_lost_by_wrapping_and_nothing_sticks_out(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(width_of, lines)) <= width


@given(
    st.lists(st.tuples(*[st.text(alphabet="ab 质量奖（）", max_size=30)] * 3), max_size=5),
    st.integers(min_value=20, max_value=100),
)
def test_a_table_is_never_wider_than_asked(rows: list[tuple[str, str, str]], width: int) -> None:
    lines = table(HEADS, rows, width)
    assert [line for line in lines if width_of(line) > width] == []
