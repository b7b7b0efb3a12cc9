"""Scores as people read them have two decimals at most; sentences of flags are said in yuan and rounded scores."""

from __future__ import annotations

import pytest

from projections.figures import flag_sentence, score


@pytest.mark.parametrize(
    ("exact", "read"),
    [
        ("584.6666666666666666666666667", "584.67"),
        ("85.125", "85.13"),
        ("85.12", "85.12"),
        ("600", "600"),
        ("-0.0001", "0.00"),
        ("-12.345", "-12.35"),
        ("", ""),
        ("1.2.345", "1.2.345"),
        ("abc", "abc"),
        ("999.99999999999999999999999999999", "1000.00"),
    ],
)
def test_a_score_has_two_decimals_at_most(exact: str, read: str) -> None:
    assert score(exact) == read


@pytest.mark.parametrize(
    ("flag", "told", "read"),
    [
        (
            "RF11",
            "ZY-2023/A 名单所载 584.67 分，按评分计算为 584.6666666666666666666666667 分",
            "ZY-2023/A 名单所载 584.67 分，按评分计算为 584.67 分",
        ),
        # Rounded up it would lie on the line that it lies below.
        ("RF12", "ZY-2023/A scores 599.9966666, below 600", "ZY-2023/A scores 599.99, below 600"),
        ("RF11", "ZY-2023.001/A ranks after ZY-2023.125", "ZY-2023.001/A ranks after ZY-2023.125"),
        ("RF28", "凭证 2023.00125 重复", "凭证 2023.00125 重复"),
        (
            "RF52",
            "ZY-2023-A 文件所载追缴(分)为 20000000，推导为 30000050",
            "ZY-2023-A 文件所载追缴为 200,000.00 元，按规则应为 300,000.50 元",
        ),
        (
            "RF52",
            "ZY-2023-A 文件所载追缴(分)为 1，按规则应为 200",
            "ZY-2023-A 文件所载追缴为 0.01 元，按规则应为 2.00 元",
        ),
        (
            "RF52",
            "ZY-2023-A: the document says clawback (fen) 1, the rules 200",
            "ZY-2023-A: the document says clawback CNY 0.01, the rules CNY 2.00",
        ),
        (
            "RF52",
            "ZY-2023-A 文件所载有效期至为 2027-06-01，按规则应为 2026-06-01",
            "ZY-2023-A 文件所载有效期至为 2027-06-01，按规则应为 2026-06-01",
        ),
    ],
)
def test_a_flag_is_told_in_yuan_and_in_scores_with_two_decimals(flag: str, told: str, read: str) -> None:
    assert flag_sentence(flag, told) == read
