"""What does not fit a payload is said in Chinese too, with the names of the fields."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

import msgspec
import pytest

from ledger.errors import MalformedError
from ledger.events.evaluation import ScoreSubmitted
from ledger.events.misfits import in_chinese
from ledger.events.registry import decode_payload


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    org: str
    amount: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    action: Literal["opened", "erased"] = "opened"
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=3, pattern="^a")] = "a"
    cases: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("a",)
    due_on: date | None = None
    scope: Shape | None = None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "缺少“组织”"),
        ({"org": 1}, "“组织”：应为文字，现为整数"),
        ({"org": "a", "nonsense": 1}, "没有名为 nonsense 的字段"),
        ({"org": "a", "amount": 0}, "“金额”：不得小于 1"),
        ({"org": "a", "amount": 9}, "“金额”：不得大于 5"),
        ({"org": "a", "amount": 1.5}, "“金额”：应为整数，现为数值"),
        ({"org": "a", "action": "lost"}, "“处置”：'lost' 不是可选的值"),
        ({"org": "a", "reason": ""}, "“理由”：至少须有 1 字"),
        ({"org": "a", "reason": "aaaa"}, "“理由”：至多 3 字"),
        ({"org": "a", "reason": "b"}, "“理由”：写法不符合规定的格式"),
        ({"org": "a", "cases": []}, "“案件”：至少须有 1 项"),
        ({"org": "a", "cases": ["a", 1]}, "“案件”：应为文字，现为整数"),
        ({"org": "a", "due_on": "soon"}, "“缴款期限”：不是日期（应写作 2026-05-01 的样子）"),
        ({"org": "a", "due_on": 3}, "“缴款期限”：应为日期或空值，现为整数"),
        ({"org": "a", "scope": {"org": 2}}, "“范围”的“组织”：应为文字，现为整数"),
        ([1], "应为一组字段，现为列表"),
    ],
)
def test_what_does_not_fit_is_said_in_chinese(value: object, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(value, Shape, strict=True)
    assert in_chinese(str(raised.value)) == said


def test_what_the_parser_says_otherwise_is_told_at_its_place() -> None:
    assert in_chinese("Something new - at `$.org`") == "“组织”：不合格式"


def test_a_payload_that_does_not_fit_is_refused_without_an_english_word() -> None:
    with pytest.raises(MalformedError) as raised:
        decode_payload(ScoreSubmitted, {})
    assert re.findall("[A-Za-z]+", raised.value.zh) == []
