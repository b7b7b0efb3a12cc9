"""``docs/performance.md`` is what the last run of the bench found: every promise is in it, and no number is typed."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.benchmarks import performance
from tests.benchmarks.performance import DOCUMENT, PICTURE, document, goals, picture, value_of, verdict
from tests.benchmarks.results import FILE

#: How the rows of what is promised begin.
ROWS = (
    "submit, everything the product ships",
    "one sequential client in process",
    "HTTP, 64 clients",
    "sixteen clients on one case",
    "4 ms commit",
    "cost of a submission at 1 thousand",
    "register",
    "one subject at random",
    "the same, 16 clients at once",
    "edition of 200 applicants",
    "trace, narrative, who-knew",
    "evidence package of a case",
    "desk and bench pages",
    "public pages",
    "static publishing",
    "`rongjian verify`",
    "start with 1 million entries",
    "memory of the service",
    "disk per entry",
)


@pytest.fixture
def results() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return told


def test_the_document_is_what_the_last_run_found(results: dict[str, Any]) -> None:
    assert DOCUMENT.read_text("utf-8") == document(results, goals()), "run make performance"
    assert PICTURE.read_text("utf-8") == picture(results), "run make performance"


def test_the_table_names_everything_that_is_promised() -> None:
    section = DOCUMENT.read_text("utf-8").partition("## What is promised")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert [next((row for row in ROWS if line.startswith(f"| {row}")), line) for line in rows] == list(ROWS)
    for row in goals()["row"]:
        assert f"| {row['what']} | {row['must']} | {row['want']} |" in section


def test_every_number_that_was_measured_comes_from_the_results(results: dict[str, Any]) -> None:
    """With another number for a figure the row says another number; without any figure it says that there is none."""
    for row in goals()["row"]:
        for figure in row["figures"]:
            if "of" not in figure or value_of(results, figure) is None:
                continue
            other = copy.deepcopy(results)
            found = performance._figure(other, figure["of"])
            assert isinstance(found, dict)
            of = found[figure["as"]]
            found[figure["as"]] = [10 * of[0] + 1, *of[1:]] if isinstance(of, list) else 10 * of + 1
            assert _row(document(other, goals()), row["what"]) != _row(document(results, goals()), row["what"]), figure
    nothing = document(results | {"figures": {}}, goals())
    for row in goals()["row"]:
        measured = _row(nothing, row["what"]).split(" | ")[3]
        assert [part.endswith(": not measured") for part in measured.split("<br>")] == [True] * len(row["figures"])


def _row(text: str, what: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {what} |"))


@pytest.mark.parametrize(
    ("value", "said"),
    [(7.0, "must met, want met"), (4.0, "must met, want **missed**"), (2.0, "must **missed**, want **missed**")],
)
def test_what_is_missed_is_said(value: float, said: str) -> None:
    assert verdict(value, {"must": ">= 3", "want": ">= 6"}) == said


def test_what_is_missed_has_a_limit_that_stands_in_the_way(results: dict[str, Any]) -> None:
    for row in goals()["row"]:
        values = [(figure, value_of(results, figure)) for figure in row["figures"]]
        if any(value and "missed" in verdict(value[0], figure) for figure, value in values):
            assert len(row["limit"]) > 20, row["what"]
