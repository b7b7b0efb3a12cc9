"""Amounts in words: exact at any size, with two decimals, and every member that is money is known as such."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.events.labels import LABELS
from ledger.events.schema import money_members
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import is_amount
from ledger.yuan import grouped, in_words, plain


@pytest.mark.parametrize(
    ("fen", "as_plain", "as_grouped"),
    [
        (0, "0.00", "0.00"),
        (1, "0.01", "0.01"),
        (20_000_000, "200000.00", "200,000.00"),
        (123_456_789, "1234567.89", "1,234,567.89"),
        (-5, "-0.05", "-0.05"),
        (-123_400, "-1234.00", "-1,234.00"),
        # As a binary fraction this is ...409.92 or .91, and never .91 for certain.
        (2**53 - 1, "90071992547409.91", "90,071,992,547,409.91"),
    ],
)
def test_an_amount_is_written_in_yuan_with_two_decimals(fen: int, as_plain: str, as_grouped: str) -> None:
    assert (plain(fen), grouped(fen)) == (as_plain, as_grouped)
    assert in_words(fen) == (f"{as_grouped} 元", f"CNY {as_grouped}")


@given(st.integers(-(2**60), 2**60))
def test_what_is_written_is_the_amount(fen: int) -> None:
    assert Decimal(plain(fen)) * 100 == fen
    assert grouped(fen).replace(",", "") == plain(fen)


def _in_fen(schema: dict[str, Any], name: str, defs: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _in_fen(defs[schema["$ref"].rpartition("/")[2]], name, defs)
    found = {name} if schema.get("description", "").startswith("money in fen") else set()
    for inner in (
        *schema.get("anyOf", ()),
        *(schema[k] for k in ("items", "additionalProperties") if isinstance(schema.get(k), dict)),
    ):
        found |= _in_fen(inner, name, defs)
    for member, inner in schema.get("properties", {}).items():
        found |= _in_fen(inner, member, defs)
    return found


def test_members_known_as_money_are_those_whose_type_is_fen() -> None:
    found: set[str] = set()
    for cls in EVENTS.values():
        schemas = [("", msgspec.json.schema(cls))]
        schemas += [(p[1:], msgspec.json.schema(r.kind)) for p, r in cls.SPEC.restricted.items()]
        for name, schema in schemas:
            found |= _in_fen(schema, name, schema.get("$defs", {}))
    assert found == {name for cls in EVENTS.values() for name in money_members(cls)}
    assert {"amount", "tax_per_mu"} <= found


def test_no_label_names_a_unit_that_people_do_not_read() -> None:
    assert [name for name, pair in LABELS.items() if "(分)" in pair[0] or "(fen)" in pair[1]] == []


@pytest.mark.parametrize(
    ("path", "member", "wanted"),
    [
        ("prize.first.quality", "", True),
        ("fee", "", True),
        ("prize.top_up", "amount", True),
        ("prize.superior_bonus", "amount", True),
        ("prize.top_up", "after", False),
        ("panel.size_min", "", False),
        ("eligibility.money", "industrial_tax_per_mu_yuan", False),
        ("no.such.path", "", False),
    ],
)
def test_amounts_among_the_parameters_are_told_by_the_catalogue(path: str, member: str, wanted: bool) -> None:
    assert is_amount(path, member) is wanted
