"""No two facts contradict each other: over every scenario, and over courses with any one or two steps left out.

What the steps that remain are refused for is left out as well; or they are recorded by override, out of order. More of
these, for as long as one likes: ``make night-contradictions``.
"""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import pytest

from ledger.errors import RongjianError
from tests.flags.course import Course
from tests.flags.playing import perform
from tests.flags.taped import begun
from tests.flags.texts import PACKS
from tests.quick.contradictions import contradictions, days
from tests.quick.played import SCENARIOS, played

#: Seed of the samples here; a night has its own.
SEED = 20261129


def left_out(code: str, missing: tuple[int, ...], *, force: bool) -> Any:
    """The ledger of a clean course in which the lines of these numbers were never signed."""
    course = Course(code, applicants=4, second=False, winners=2)
    player, clock, first = begun(course, min(missing))
    for number, line in enumerate(course.lines[first:], first):
        if number in missing:
            continue
        try:
            perform(player, clock, line, f"line/{number}", force=force)
        except (AssertionError, RongjianError, LookupError):
            continue
    return player._ledger


def choices(code: str, steps: int) -> list[tuple[int, ...]]:
    """Every choice of so many lines of a course."""
    return list(combinations(range(len(Course(code, applicants=4, second=False, winners=2).lines)), steps))


def sample(steps: int, count: int) -> list[tuple[str, tuple[int, ...], bool]]:
    drawn = random.Random(SEED + steps)
    return [
        (code, drawn.choice(choices(code, steps)), drawn.random() < 0.5) for code in sorted(PACKS) for _ in range(count)
    ]


@pytest.mark.parametrize("path", SCENARIOS)
def test_no_two_facts_of_a_scenario_contradict_each_other(path: Any) -> None:
    _, ledger = played(path)
    assert [told for on in days(ledger) for told in contradictions(ledger, on)] == []


@pytest.mark.parametrize(("code", "missing", "force"), [*sample(1, 2), *sample(2, 1)])
def test_no_two_facts_contradict_each_other_with_steps_left_out(
    code: str, missing: tuple[int, ...], force: bool
) -> None:
    ledger = left_out(code, missing, force=force)
    assert [told for on in days(ledger)[-3:] for told in contradictions(ledger, on)] == []
