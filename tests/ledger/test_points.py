"""Item scores and the points of a standard: no item above its maximum, below zero or unknown, whatever the total
says.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger.errors import RefusedError
from ledger.regulation.points import points_tables, table_for, unsound_item
from tests.builders import Town

TABLE = points_tables()["GB/T 19580-2012"]


def test_items_of_the_standard_have_the_points_that_it_gives_them() -> None:
    assert (TABLE.total, TABLE.maxima()) == (
        1000,
        {"4.1": 110, "4.2": 90, "4.3": 90, "4.4": 130, "4.5": 100, "4.6": 80, "4.7": 400},
    )


@pytest.mark.parametrize(
    ("announced", "numbers", "named"),
    [
        (["GB/T 19580-2012"], [], True),
        (["GB/T19580—2012"], [], True),
        (["ＧＢ／Ｔ　１９５８０－２０１２"], [], True),
        (["《卓越绩效评价准则》（GB/T 19580-2012）"], [], True),
        (["GB/Z 19579-2012", "GB/T 19580-2012"], ["a"], True),
        # Another version, or none: then the numbers tell.
        (["GB/T 19580-2004"], ["a"], False),
        (["GB/T 19580"], ["a", "4.1"], False),
        (["GB/T 19580"], ["4.1", "4.7"], True),
        ([], ["4.2"], True),
        ([], [], False),
        (["GB/T 119580-2012"], ["a"], False),
    ],
)
def test_a_table_applies_where_it_is_announced_or_its_numbers_are_used(
    announced: list[str], numbers: list[str], named: bool
) -> None:
    assert (table_for(announced, numbers) is TABLE) is named


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ({"4.1": "110", "4.2": "90", "4.7": "400"}, None),
        ({"4.2": "0"}, None),
        ({"4.2": "90.01"}, "item_above_maximum"),
        ({"4.2": "200"}, "item_above_maximum"),
        ({"4.1": "-0.5"}, "item_below_zero"),
        ({"4.8": "1"}, "item_unknown"),
        ({"4.1": "1", "leadership": "1"}, "item_unknown"),
    ],
)
def test_an_item_has_its_maximum_and_no_less_than_nothing(scores: dict[str, str], code: str | None) -> None:
    found = unsound_item(TABLE, {n: Decimal(s) for n, s in scores.items()})
    assert (found and found[0]) == code


def test_without_a_table_an_item_is_not_below_zero() -> None:
    assert unsound_item(None, {"a": Decimal(5000)}) is None
    assert (unsound_item(None, {"a": Decimal(-1)}) or ("",))[0] == "item_below_zero"


def _scored(town: Town, total: str, items: dict[str, str], by: str = "R1") -> RefusedError | None:
    return town.act(
        "ScoreSubmitted",
        date(2023, 6, 1),
        case="A",
        by=by,
        stage="material",
        total=total,
        item_scores=items,
        refused={},
    ).refusal


@pytest.fixture
def reviewing(town: Town) -> Town:
    """A case of an edition that announced the standard by its year, with its panel."""
    return _with_a_panel(town, "GB/T 19580—2012")


def _with_a_panel(town: Town, standard: str) -> Town:
    town.edition(standard_versions=[standard])
    town.must("ApplicationFiled", date(2023, 6, 1), case="A", org="A")
    town.must("RecommendationIssued", date(2023, 6, 2), case="A")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    rules = {"aggregation": "mean", "decisive_stage": "onsite", "decimals": 2}
    town.must("CommitteeResolutionAdopted", date(2023, 6, 5), subject="review_rules", edition_id="GZ-2023", rules=rules)
    town.must(
        "BodyConstituted", date(2023, 6, 6), kind="panel", body_id="panel", members=["R1", "R2", "R3"], leader="R1"
    )
    return town


@pytest.mark.parametrize(
    ("total", "items", "wanted"),
    [
        ("600", {"4.1": "100", "4.2": "200", "4.7": "300"}, ("item_above_maximum", "AUD")),
        ("100", {"4.1": "110", "4.2": "-10"}, ("item_below_zero", "AUD")),
        ("100", {"4.1": "90", "4.9": "10"}, ("item_unknown", "AUD")),
        ("100", {"4.1": "90"}, ("items_differ_from_total", None)),
    ],
)
def test_a_score_that_the_standard_does_not_allow_is_refused(
    total: str, items: dict[str, str], wanted: tuple[str, str | None], reviewing: Town
) -> None:
    refusal: Any = _scored(reviewing, total, items)
    assert refusal.code == wanted[0]
    if wanted[1]:
        assert (refusal.details["rule"], refusal.details["standard"]) == (wanted[1], "GB/T 19580-2012")


def test_a_score_within_the_points_is_recorded(reviewing: Town) -> None:
    assert _scored(reviewing, "600.5", {"4.1": "100", "4.2": "90", "4.7": "400", "4.3": "10.5"}) is None


def test_where_the_call_names_no_year_the_numbers_of_the_items_tell(town: Town) -> None:
    _with_a_panel(town, "GB/T 19580")
    refusal: Any = _scored(town, "600", {"4.2": "200", "4.7": "400"})
    assert (refusal.code, refusal.zh) == (
        "item_above_maximum",
        "第 4.2 项“战略”满分 90 分，不能为 200 分；请更正该项得分",
    )
    assert _scored(town, "600", {"strategy": "200", "results": "400"}) is None
