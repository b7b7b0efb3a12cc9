"""CSV files as spreadsheets open them: byte order mark, no formula, numbers as numbers, and nothing lost on the way
back.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cells.writing import as_text, unguarded, written
from ledger.text import visible


def test_a_file_begins_with_a_byte_order_mark_and_its_lines_end_in_cr_lf() -> None:
    assert written(["编号", "amount_yuan"], [["T1", Decimal("200000.00")], ["T2", None]]) == (
        b"\xef\xbb\xbf" + "编号,amount_yuan\r\nT1,200000.00\r\nT2,\r\n".encode()
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1公司", "'=1+1公司"),
        ("+86 138 0000 0000", "'+86 138 0000 0000"),
        ("-甲", "'-甲"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1＋1", "'＝1＋1"),
        ("＋1", "'＋1"),
        ("－甲", "'－甲"),
        ("＠x", "'＠x"),
        ("  =1", "'  =1"),
        ("\u3000=1", "'\u3000=1"),
        ("\t=1", "'⟨U+0009⟩=1"),
        ("\n=1", "'\n=1"),
        ("\r=1", "'⟨U+000D⟩=1"),
        ("\t甲", "'⟨U+0009⟩甲"),
        ("+5", "'+5"),
        ("-1e5", "'-1e5"),
        ("-inf", "'-inf"),
        # Nothing that a spreadsheet takes for a formula.
        ("甲=1", "甲=1"),
        ("-12.33", "-12.33"),
        ("-5", "-5"),
        ("0", "0"),
        ("甲乙（集团）有限公司", "甲乙（集团）有限公司"),
        ("", ""),
        # An apostrophe of one's own is not taken for ours.
        ("'=1", "''=1"),
        ("''@", "'''@"),
        ("'甲'", "'甲'"),
        ("⟨U+0009⟩", "'⟨U+0009⟩"),
        # What no text may hold is shown.
        ("癸\u000b公司", "癸⟨U+000B⟩公司"),
        ("a\0b", "a⟨U+0000⟩b"),
        ("\u202e=1", "⟨U+202E⟩=1"),
        ("\ufeff甲", "⟨U+FEFF⟩甲"),
    ],
)
def test_a_text_is_never_a_formula_and_comes_back(text: str, cell: str) -> None:
    assert (as_text(text), unguarded(as_text(text))) == (cell, visible(text))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-5, "-5"),
        (2**60, "1152921504606846976"),
        (Decimal("-0.50"), "-0.50"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_numbers_and_truth_are_written_as_such(value: int | Decimal | bool | None, cell: str) -> None:
    assert as_text(value) == cell


_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.decimals(-(10**9), 10**9, places=2),
    st.text(max_size=12),
    st.sampled_from(["=1", "'=1", "\t=", ' "', "a,b", "多\n行", "；", "-1", "+1"]),
)


@given(st.lists(st.lists(_CELLS, min_size=3, max_size=3), max_size=6))
def test_what_is_written_is_read_back_by_others_as_the_same_table(
    rows: list[list[str | int | Decimal | bool | None]],
) -> None:
    data = written(["a", "b", "c"], rows)
    assert b"\0" not in data
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read == [["a", "b", "c"], *([as_text(c) for c in row] for row in rows)]
