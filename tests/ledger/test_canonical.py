"""Canonical JSON: equal to RFC 8785 within our subset, and nothing outside it gets through."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.errors import MalformedError

_text = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)))
_names = st.text(st.characters(max_codepoint=127), max_size=8)
_values: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)


@given(_values)
def test_encoding_equals_the_rfc8785_package(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(st.dictionaries(_names, _values, max_size=4))
def test_parsing_what_was_encoded_gives_it_back(value: dict[str, Any]) -> None:
    assert canonical.parse_canonical(canonical.encode(value), "value") == value


@pytest.mark.parametrize(
    ("desc", "data"),
    [
        ("duplicate name", b'{"a":1,"a":1}'),
        ("duplicate name nested", b'{"x":{"a":1,"a":2}}'),
        ("float", b'{"a":1.0}'),
        ("exponent", b'{"a":1e3}'),
        ("not a number", b'{"a":NaN}'),
        ("infinity", b'{"a":Infinity}'),
        ("integer beyond 2^53-1", b'{"a":9007199254740992}'),
        ("a thousand digits", b'{"a":' + b"9" * 1000 + b"}"),
        ("minus zero", b'{"a":-0}'),
        ("trailing bytes", b'{"a":1} '),
        ("leading space", b' {"a":1}'),
        ("space inside", b'{"a": 1}'),
        ("names out of order", b'{"b":1,"a":1}'),
        ("escaped slash", b'{"a":"\\/"}'),
        ("escaped ascii", b'{"a":"\\u0041"}'),
        ("lone surrogate", b'{"a":"\\ud800"}'),
        ("not utf-8", b'{"a":"\xff"}'),
        ("byte order mark", b"\xef\xbb\xbf{}"),
        ("name not ascii", '{"名":1}'.encode()),
        ("array at the top", b"[]"),
        ("nothing", b""),
        ("too deep", b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"),
        ("deep without closing", b"[" * 60000),
    ],
)
def test_spoilt_json_is_refused(desc: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        canonical.parse_canonical(data, "value")


def test_a_deep_looking_string_is_not_depth() -> None:
    assert canonical.parse_canonical(b'{"a":"' + b"[" * 500 + b'"}', "value") == {"a": "[" * 500}


@given(st.dictionaries(_names, _values | st.floats() | st.integers(2**52, 2**65), max_size=4))
def test_the_quick_look_says_yes_only_to_what_is_canonical(value: dict[str, Any]) -> None:
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if _fits(value) else json.dumps(value).encode()
    quick = canonical._canonical(data)
    try:
        read = canonical.parse_object(data, "value")
    except MalformedError:
        read = None
    assert quick == (read if read is not None and canonical.encode(read) == data else None)


@pytest.mark.parametrize("depth", [canonical.DEPTH_MAX, canonical.DEPTH_MAX + 1])
def test_both_ways_of_parsing_end_at_the_same_depth(depth: int) -> None:
    data = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)
    assert (canonical._canonical(data) is not None) == (depth == canonical.DEPTH_MAX)


def _fits(value: object) -> bool:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
