"""What does not fit a payload's shape, said in Chinese: the parser says it in English only."""

from __future__ import annotations

import re
from collections.abc import Callable

from ledger.events.labels import label

_WHERE = re.compile(r" - at `(\$[^`]*)`$")
_TYPES = {
    "str": "文字",
    "int": "整数",
    "float": "数值",
    "bool": "是或否",
    "object": "一组字段",
    "array": "列表",
    "date": "日期",
    "datetime": "时间",
    "null": "空值",
}

_SIGNS = {">=": "不得小于", "<=": "不得大于", ">": "须大于", "<": "须小于"}

#: What the parser says -> how Chinese says it, of what it names.
_FORMS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"Object missing required field `(.+)`", lambda name: f"缺少{_called(name)}"),
    (r"Object contains unknown field `(.+)`", lambda name: f"没有名为 {name} 的字段"),
    (r"Invalid enum value (.+)", lambda value: f"{value} 不是可选的值"),
    (r"Invalid value (.+)", lambda value: f"{value} 不是可选的值"),
    (r"Expected `([^`]+)` matching regex .+", lambda _: "写法不符合规定的格式"),
    (r"Invalid RFC3339 encoded date", lambda: "不是日期（应写作 2026-05-01 的样子）"),
    (r"Expected `str` of length >= (\d+)", lambda n: f"至少须有 {n} 字"),
    (r"Expected `str` of length <= (\d+)", lambda n: f"至多 {n} 字"),
    (r"Expected `([^`]+)` of length >= (\d+)", lambda _, n: f"至少须有 {n} 项"),
    (r"Expected `([^`]+)` of length <= (\d+)", lambda _, n: f"至多 {n} 项"),
    (r"Expected `([^`]+)` (>=|<=|>|<) (.+)", lambda _, sign, n: f"{_SIGNS[sign]} {n}"),
    (r"Expected `([^`]+)`, got `([^`]+)`", lambda wanted, got: f"应为{_typed(wanted)}，现为{_typed(got)}"),
    (r"Expected `([^`]+)`", lambda wanted: f"应为{_typed(wanted)}"),
)


def in_chinese(message: str) -> str:
    """A message of the parser; what it says otherwise is told as not fitting, at its place."""
    place = _WHERE.search(message)
    said = message[: place.start()] if place else message
    for pattern, tell in _FORMS:
        if (match := re.fullmatch(pattern, said)) is not None:
            return _at(place[1] if place else "") + tell(*match.groups())
    return _at(place[1] if place else "") + "不合格式"


def _at(path: str) -> str:
    names = re.findall(r"[A-Za-z_]\w*", path)
    return f"{'的'.join(_called(name) for name in names)}：" if names else ""


def _called(name: str) -> str:
    return f"“{label(name)[0]}”"


def _typed(types: str) -> str:
    return "或".join(_TYPES.get(kind, kind) for kind in types.split(" | "))
