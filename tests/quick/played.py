"""Every scenario, shipped and of the regulations, played once in memory for all that is asked of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from api.scenario.run import Report
from tests.flags.fired import DEMO
from tests.law.test_scenarios import FILES
from tests.memory_ledger import MemoryLedger, in_memory

#: What is asked of one scenario is asked by one worker: it plays it once.
SCENARIOS = [pytest.param(path, id=path.stem, marks=pytest.mark.xdist_group(path.stem)) for path in (*DEMO, *FILES)]


@cache
def played(path: Path) -> tuple[Report, MemoryLedger]:
    """What a scenario shows, and the log that it leaves: to be read only."""
    return in_memory(path)
