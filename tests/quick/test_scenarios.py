"""Every scenario, shipped and of the regulations, comes out as written without a database: folds are pure."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from api.scenario.document import read_scenario
from api.scenario.play import SimulatedClock
from api.scenario.run import Report, packs_for, play
from tests.law.test_scenarios import FILES
from tests.memory_ledger import MemoryLedger

DEMO = sorted((Path(__file__).parents[2] / "api" / "scenario" / "demo").glob("*.toml"))


def in_memory(path: Path) -> tuple[Report, MemoryLedger]:
    """What a scenario shows, and the log that it leaves."""
    scenario = read_scenario(path)
    clock = SimulatedClock(scenario.starts)
    ledger: Any = MemoryLedger(clock)
    return play(scenario, packs_for(scenario), ledger, secrets.token_bytes(32), clock), ledger


@pytest.mark.parametrize("path", [*DEMO, *FILES], ids=lambda p: p.stem)
def test_the_course_is_as_written(path: Path) -> None:
    report, _ = in_memory(path)
    assert [(o.act.where, o.act.do, o.expected, o.actual) for o in report.outcomes if not o.as_expected] == []
    assert [(v.where, v.question, v.expected, v.actual) for v in report.verdicts if not v.met] == []
