"""Courses in memory that share what they begin with: what comes before the place that differs is played once."""

from __future__ import annotations

import copy
from dataclasses import fields
from functools import cache
from typing import Any

from api.scenario.play import Player
from tests.flags.course import Course
from tests.flags.playing import PacedClock, Played, perform, staged_in_memory

#: A course goes on from the last whole stretch of so many lines that it has in common with the clean one.
STRETCH = 12

_Options = tuple[tuple[str, Any], ...]


def played_from_the_tape(course: Course) -> Played:
    """The course, played without a database; what it shares with the clean course of its options is copied."""
    clean = _clean(_options(course)).lines
    pairs = zip(clean, course.lines, strict=False)
    shared = next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(clean), len(course.lines)))
    player, clock, first = begun(course, shared)
    for number, line in enumerate(course.lines[first:], first):
        perform(player, clock, line, f"line/{number}", force=course.force)
    return Played(course, player._ledger, player)


def begun(course: Course, shared: int) -> tuple[Player, PacedClock, int]:
    """A course that shares so many lines with the clean one, played nearly that far, and the line to go on with."""
    stretches = shared // STRETCH
    player, clock = _copied(_taped(_options(course), stretches))
    return player, clock, stretches * STRETCH


def _copied(taped: tuple[Player, PacedClock]) -> tuple[Player, PacedClock]:
    """A copy to be played on; packs never change and are shared."""
    return copy.deepcopy(taped, {id(pack): pack for pack, _ in taped[0]._packs.values()})


def _options(course: Course) -> _Options:
    return tuple((f.name, getattr(course, f.name)) for f in fields(Course) if f.name != "lines")


@cache
def _clean(options: _Options) -> Course:
    return Course(**dict(options))


@cache
def _taped(options: _Options, stretches: int) -> tuple[Player, PacedClock]:
    """The clean course after so many stretches: to be copied, never played on."""
    if stretches == 0:
        return staged_in_memory(_clean(options))
    player, clock = _copied(_taped(options, stretches - 1))
    first = (stretches - 1) * STRETCH
    for number, line in enumerate(_clean(options).lines[first : first + STRETCH], first):
        perform(player, clock, line, f"line/{number}", force=dict(options)["force"])
    return player, clock
