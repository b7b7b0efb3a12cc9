"""The quick look at a statement's bytes calls usual only what the look at each member lets pass."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import statement
from ledger.errors import MalformedError

_DAYS = st.sampled_from(
    ["2023-05-01", "9999-12-31", "0001-01-01", "1899-01-01T00:00:00Z", "3000-01-01x", "x9999-12-31", "null", ""]
)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=8) | _DAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab0", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("ab0", max_size=3), _VALUES, max_size=4))
def test_what_is_usual_at_a_look_has_no_member_that_is_refused(value: dict[str, Any]) -> None:
    if statement._has_usual_members(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)):
        statement._check_members(value, "")


@pytest.mark.parametrize(
    ("spoilt", "code"), [({"a": [None]}, "null_member"), ({"a": {"b": "9999-12-31"}}, "day_out_of_range")]
)
def test_what_is_refused_is_not_usual(spoilt: dict[str, Any], code: str) -> None:
    assert not statement._has_usual_members(orjson.dumps(spoilt))
    with pytest.raises(MalformedError) as refused:
        statement._check_members(spoilt, "")
    assert refused.value.code == code


def test_an_ordinary_statement_is_usual() -> None:
    assert statement._has_usual_members(b'{"effective_at":"2023-05-01","payload":{"n":"\xe7\x94\xb2"}}')
