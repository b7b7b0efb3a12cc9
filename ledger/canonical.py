"""Strict JSON in, RFC 8785 canonical JSON out (docs/spec, section 1).

Our subset: no floats, no integers beyond +-(2^53-1), ASCII member names, no duplicate names, no lone
surrogates. Within it orjson with sorted keys equals RFC 8785; the tests hold it against the rfc8785 package.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

from ledger.errors import MalformedError
from ledger.sentences import Pair, sentence

#: RFC 8785 section 3.2.2.3 through I-JSON: the largest integer an IEEE double holds exactly.
INTEGER_MAX = 2**53 - 1

#: Nesting deeper than this is refused before any recursion gets near the interpreter's limit.
DEPTH_MAX = 32

#: Where canonical bytes may hold a float or a long number. Within a string the same is nothing, so that a find asks for
#: a second look; so does a backslash, which hides where a string ends.
_ODD_NUMBER = re.compile(rb"[:,\[]-?(?:[0-9]{16}|[0-9]+[.eE])")

#: The names of members, in canonical bytes without a backslash; what stands between two strings may be taken for one
#: more.
_NAMES = re.compile(rb'"([^"]*)":')

_OPENERS = re.compile(rb"[\[{]")


def parse(data: bytes, what: str) -> Any:
    """Parse JSON bytes strictly; ``what`` names the thing in messages.

    Raises MalformedError for anything outside the subset, naming the member at fault.
    """
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise _malformed(what, sentence("byte {start} is not UTF-8", start=error.start)) from error
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
            sentence("not JSON at character {pos}: {msg}", pos=error.pos, msg=error.msg),
        ) from error
    return value


def parse_object(data: bytes, what: str) -> dict[str, Any]:
    """Like :func:`parse`, and the top level must be an object."""
    value = parse(data, what)
    if not isinstance(value, dict):
        raise _malformed(what, sentence("must be a JSON object"))
    return value


def encode(value: object) -> bytes:
    """Canonical bytes of a value of the subset. Raises MalformedError where a value is outside it."""
    _check(value, "")
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise _malformed("value", sentence("it has no canonical form: {error}", error=error)) from error


def parse_canonical(data: bytes, what: str) -> dict[str, Any]:
    """Parse an object and require that ``data`` is already its canonical form, byte for byte."""
    quick = _canonical(data)
    if quick is not None:
        return quick
    value = parse_object(data, what)
    if encode(value) != data:
        raise _malformed(
            what,
            sentence("is valid JSON but not in RFC 8785 canonical form; canonicalise before signing"),
        )
    return value


def _canonical(data: bytes) -> dict[str, object] | None:
    """The object of which these bytes are the canonical form; None where they are not, or perhaps not.

    Bytes that come out again as they went in hold no member twice and nothing in another form, so that only the subset
    is left to be looked at. Whoever is told None parses step by step, and so learns what is wrong and where.
    """
    try:
        value = orjson.loads(data)
        same = type(value) is dict and orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == data
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    if not same:
        return None
    return value if _plain(data) or _within(value, DEPTH_MAX) else None


def _plain(data: bytes) -> bool:
    """Are canonical bytes within our subset, at one look? False where they are not, or perhaps not."""
    return (
        b"\\" not in data
        and _ODD_NUMBER.search(data) is None
        and (data.isascii() or b"".join(_NAMES.findall(data)).isascii())
        and data.count(b"{") + data.count(b"[") <= DEPTH_MAX
    )


def _within(value: object, depth: int) -> bool:
    """Is a value that was read from JSON within our subset, in at most so many levels?"""
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return -INTEGER_MAX <= value <= INTEGER_MAX
    if depth == 0 or isinstance(value, float):
        return False
    if isinstance(value, dict):
        return all(name.isascii() and _within(item, depth - 1) for name, item in value.items())
    return isinstance(value, list) and all(_within(item, depth - 1) for item in value)


def _members(pairs: list[tuple[str, object]], what: str) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in pairs:
        if name in result:
            raise _malformed(what, sentence("member {name} appears twice", name=repr(name)), name)
        if not name.isascii():
            raise _malformed(what, sentence("member name {name} is not ASCII", name=repr(name)), name)
        result[name] = value
    return result


def _no_float(token: str, what: str) -> NoReturn:
    raise _malformed(
        what,
        sentence(
            "number {token} is not an integer; write scores as decimal strings and money as integer fen", token=token
        ),
    )


def _integer(token: str, what: str) -> int:
    if len(token) > len(str(INTEGER_MAX)) + 1 or abs(int(token)) > INTEGER_MAX:
        raise _malformed(what, sentence("integer {token} is beyond 2^53-1", token=token[:40]))
    if token == "-0":
        raise _malformed(what, sentence("-0 is not canonical; write 0"))
    return int(token)


def _check(value: object, path: str) -> None:
    match value:
        case bool() | None | str():
            return
        case int():
            if abs(value) > INTEGER_MAX:
                raise _malformed("value", sentence("integer at {path} is beyond 2^53-1", path=path or "/"), path)
        case list():
            for index, item in enumerate(value):
                _check(item, f"{path}/{index}")
        case dict():
            for name, item in value.items():
                if not isinstance(name, str) or not name.isascii():
                    raise _malformed("value", sentence("member name {name} is not ASCII", name=repr(name)), path)
                _check(item, f"{path}/{name}")
        case _:
            raise _malformed(
                "value",
                sentence("{kind} at {path} has no canonical form", kind=type(value).__name__, path=path or "/"),
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
                raise _malformed(what, sentence("is nested deeper than {depth_max}", depth_max=DEPTH_MAX))
        elif character in "]}":
            depth -= 1


def _malformed(what: str, told: Pair, field: str = "") -> MalformedError:
    return MalformedError("malformed_json", sentence("{what}: {told}", what=what, told=told), field=field)
