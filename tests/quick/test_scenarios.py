"""Every scenario, shipped and of the regulations, comes out as written without a database: folds are pure.

Over the shipped ones each flag fires as often as its page says.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from api.reference.fired_flags import read_fired
from tests.flags.fired import DEMO, FILE, counted
from tests.memory_ledger import in_memory
from tests.quick.played import SCENARIOS, played


@pytest.mark.parametrize("path", SCENARIOS)
def test_the_course_is_as_written(path: Path) -> None:
    report, ledger = played(path)
    assert [(o.act.where, o.act.do, o.expected, o.actual) for o in report.outcomes if not o.as_expected] == []
    assert [(v.where, v.question, v.expected, v.actual) for v in report.verdicts if not v.met] == []
    if path in DEMO:
        fired = read_fired(FILE.read_text("utf-8"))
        stated = {flag: where[path.stem] for flag, where in fired.places.items() if path.stem in where}
        assert (fired.editions[path.stem], stated) == counted(ledger), "run make fired, and make spec"


FILLED = """
[scenario]
title = "x"
pack = "ganzhou/2022"
starts = 2023-01-02
[organisations]
A = { name = "甲（演示）", uscc = "91360700DEM000196Q", sector = "manufacturing" }
[reviewers]
R1 = { leader = true }
[committee]
members = 3
[[chapter]]
title = "x"
acts = [
  { on = 2023-05-08, do = "EditionOpened", edition_id = "GZ-2023", number = 4, \
window_from = 2023-05-08, window_to = 2023-06-30 },
  { on = 2023-05-10, do = "ApplicationFiled", org = "A", years_operating = "1" },
  { on = 2023-06-19, do = "CommitteeResolutionAdopted", resolution_id = "r", edition_id = "GZ-2023", approved = ["A"] },
]
"""


def test_a_step_that_the_player_filled_in_is_named_where_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "filled.toml"
    path.write_text(FILLED, "utf-8")
    report, _ = in_memory(path)
    last = report.outcomes[-1]
    assert last.actual.startswith("EligibilityDecided of ")
    assert ", filled in before it, was refused code=" in last.actual
