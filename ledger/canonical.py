"""Strict JSON in, RFC 8785 canonical JSON out (design 5.1, formats 11).

Our subset: no floats, no integers beyond +-(2^53-1), ASCII member names, no duplicate names, no lone
surrogates. Within it orjson with sorted keys equals RFC 8785; the tests hold it against the rfc8785 package.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

from ledger.errors import MalformedError

#: RFC 8785 section 3.2.2.3 through I-JSON: the largest integer an IEEE double holds exactly.
INTEGER_MAX = 2**53 - 1

#: Nesting deeper than this is refused before any recursion gets near the interpreter's limit.
DEPTH_MAX = 32

_OPENERS = re.compile(rb"[\[{]")


def parse(data: bytes, what: str) -> Any:
    """Parse JSON bytes strictly; ``what`` names the thing in messages.

    Raises MalformedError for anything outside the subset, naming the member at fault.
    """
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise _malformed(what, f"byte {error.start} is not UTF-8", f"第 {error.start} 字节不是 UTF-8") from error
    if len(_OPENERS.findall(data)) > DEPTH_MAX:
        _check_depth(text, what)
    try:
        value = json.loads(
            text,
            object_pairs_hook=lambda pairs: _members(pairs, what),
            parse_float=lambda token: _no_float(token, what),
            parse_constant=lambda token: _no_float(token, what),
            parse_int=lambda token: _integer(token, what),
        )
    except json.JSONDecodeError as error:
        raise _malformed(
            what,
            f"not JSON at character {error.pos}: {error.msg}",
            f"第 {error.pos} 个字符处不是合法 JSON",
        ) from error
    return value


def parse_object(data: bytes, what: str) -> dict[str, Any]:
    """Like :func:`parse`, and the top level must be an object."""
    value = parse(data, what)
    if not isinstance(value, dict):
        raise _malformed(what, "must be a JSON object", "必须是 JSON 对象")
    return value


def encode(value: object) -> bytes:
    """Canonical bytes of a value of the subset. Raises MalformedError where a value is outside it."""
    _check(value, "")
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise _malformed("value", str(error), "值不能规范化编码") from error


def parse_canonical(data: bytes, what: str) -> dict[str, Any]:
    """Parse an object and require that ``data`` is already its canonical form, byte for byte."""
    value = parse_object(data, what)
    if encode(value) != data:
        raise _malformed(
            what,
            "is valid JSON but not in RFC 8785 canonical form; canonicalise before signing",
            "是合法 JSON，但不是 RFC 8785 规范形式；请先规范化再签名",
        )
    return value


def _members(pairs: list[tuple[str, object]], what: str) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in pairs:
        if name in result:
            raise _malformed(what, f"member {name!r} appears twice", f"成员 {name!r} 重复", name)
        if not name.isascii():
            raise _malformed(what, f"member name {name!r} is not ASCII", f"成员名 {name!r} 不是 ASCII", name)
        result[name] = value
    return result


def _no_float(token: str, what: str) -> NoReturn:
    raise _malformed(
        what,
        f"number {token} is not an integer; write scores as decimal strings and money as integer fen",
        f"数字 {token} 不是整数；分数请用十进制字符串，金额请用整数分",
    )


def _integer(token: str, what: str) -> int:
    if len(token) > len(str(INTEGER_MAX)) + 1 or abs(int(token)) > INTEGER_MAX:
        raise _malformed(what, f"integer {token[:40]} is beyond 2^53-1", f"整数 {token[:40]} 超出 2^53-1")
    if token == "-0":
        raise _malformed(what, "-0 is not canonical; write 0", "-0 不是规范形式，请写 0")
    return int(token)


def _check(value: object, path: str) -> None:
    match value:
        case bool() | None | str():
            return
        case int():
            if abs(value) > INTEGER_MAX:
                raise _malformed("value", f"integer at {path or '/'} is beyond 2^53-1", "整数超出 2^53-1", path)
        case list():
            for index, item in enumerate(value):
                _check(item, f"{path}/{index}")
        case dict():
            for name, item in value.items():
                if not isinstance(name, str) or not name.isascii():
                    raise _malformed("value", f"member name {name!r} is not ASCII", "成员名不是 ASCII", path)
                _check(item, f"{path}/{name}")
        case _:
            raise _malformed(
                "value",
                f"{type(value).__name__} at {path or '/'} has no canonical form",
                "值没有规范形式",
                path,
            )


def _check_depth(text: str, what: str) -> None:
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEPTH_MAX:
                raise _malformed(what, f"is nested deeper than {DEPTH_MAX}", f"嵌套超过 {DEPTH_MAX} 层")
        elif character in "]}":
            depth -= 1


def _malformed(what: str, en: str, zh: str, field: str = "") -> MalformedError:
    return MalformedError("malformed_json", f"{what}: {en}", f"{what}：{zh}", field=field)
