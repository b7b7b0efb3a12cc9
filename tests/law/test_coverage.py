"""docs/coverage.toml is true: every rule id once, and each thing named there exists, is stated, and is shown."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from api.reference.coverage import CoverageRow, read_coverage
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import spec_of
from ledger.regulation.shipped import shipped_packs
from ledger.regulation.tables import Table
from projections.facts import FACTS
from projections.flags.register import FLAGS

ROOT = Path(__file__).parents[2]
ROWS = read_coverage((ROOT / "docs" / "coverage.toml").read_text("utf-8"))
PACKS = {
    "ZY": "zhongyuan/draft",
    "JD": "jindong/draft",
    "HY": "hengyang/draft",
    "JS": "jinshui/interpretation",
    "GZ": "ganzhou/2022",
}
COUNTS = {"ZY": 109, "JD": 100, "HY": 87, "JS": 35, "GZ": 110}


@cache
def _scenario(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text("utf-8"))


def _acts(row: CoverageRow) -> Iterator[dict[str, Any]]:
    for path in row.shown:
        if path.endswith(".toml"):
            for chapter in _scenario(path).get("chapter", []):
                yield from chapter.get("acts", [])


def _cited(row: CoverageRow) -> set[tuple[str, str]]:
    """(code, rule id) of every refusal that the row's scenarios expect."""
    found = set()
    for act in _acts(row):
        refused = act.get("refused")
        if isinstance(refused, dict):
            found |= {(refused["code"], one) for one in refused.get("rule", "").split(", ")}
        elif isinstance(refused, str):
            found.add((refused, ""))
    return found


def test_every_rule_of_the_five_texts_has_one_row() -> None:
    assert len(ROWS) == len({row.rule for row in ROWS}) == 441
    assert {place: sum(row.rule.startswith(f"{place}-") for row in ROWS) for place in PACKS} == COUNTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_a_row_is_true(row: CoverageRow) -> None:
    pack = shipped_packs()[PACKS[row.rule[:2]]][0]
    for path in row.shown:
        assert (ROOT / path).is_file(), path
    for kind, name in row.serves:
        match kind:
            case "guard":
                # The refusal cites this very rule, unless it is one of the ledger's own that no article gives.
                cited = _cited(row)
                assert (name, row.rule) in cited or name in ("award_unknown", "parameter_unknown", "edition_closed"), (
                    name
                )
                assert any(code == name for code, _ in cited), name
            case "fact":
                assert name in FACTS, name
            case "parameter":
                stated = pack.parameters[name]
                assert spec_of(name)
                ids = {one for one in (stated.rule or "").split(", ") if one}
                rows = stated.value if isinstance(stated.value, tuple) else ()
                ids |= {
                    one
                    for item in rows
                    if isinstance(item, Table)
                    for one in str(item.members().get("rule", "")).split(", ")
                    if one
                }
                assert row.rule in ids, (name, ids)
            case "record":
                assert name in EVENTS, name
                assert any(act["do"] == name and "refused" not in act for act in _acts(row)), (
                    f"{name} is played nowhere"
                )
            case "flag":
                assert name in FLAGS, name
            case "structure":
                assert row.shown, name
            case _:
                assert kind == "declaratory"


def test_nothing_is_open_but_flags_and_words() -> None:
    """A rule with effect is served by something that exists today; a flag alone would be a promise."""
    only_flags = [row.rule for row in ROWS if {kind for kind, _ in row.serves} == {"flag"}]
    assert only_flags == []
    unshown = [row.rule for row in ROWS if not row.shown and {k for k, _ in row.serves} - {"declaratory", "flag"}]
    assert unshown == []
