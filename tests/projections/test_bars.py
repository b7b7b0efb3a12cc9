"""A listing for joint punishment: with its end it bars until then; without one nobody guesses."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.scenario.run import run_file

STORY = """
[scenario]
title = "金水：联合惩戒"
pack = "jinshui/interpretation"
starts = 2023-01-02
[organisations]
A = { name = "甲（演示）", uscc = "91360700DEM000196Q", sector = "manufacturing" }
[[chapter]]
title = "一"
acts = [
  { on = 2023-01-03, do = "RegulationEnacted", doc_no = "演〔2023〕9901号（演示）", issued_on = 2023-01-03 },
  { on = 2023-02-05, do = "IncidentRecorded", org = "A", incident_id = "I1", \
category = "joint_punishment", authority = "x" UNTIL },
]
expect = [ EXPECT ]
"""


@pytest.mark.parametrize(
    ("until", "expect"),
    [
        (
            ", until = 2024-02-05",
            '{ as_of = 2024-02-05, org = "A", fact = "org.bans", value = { banned = true, barred_until = '
            '"2024-02-05" } }',
        ),
        (", until = 2024-02-05", '{ as_of = 2024-02-06, org = "A", fact = "org.bans", value = { banned = false } }'),
        ("", '{ as_of = 2024-02-05, org = "A", fact = "org.bans", undetermined = "JS-14a" }'),
    ],
)
def test_joint_punishment_bars_until_its_recorded_end(
    tmp_path: Path, database_url: str, until: str, expect: str
) -> None:
    path = tmp_path / "story.toml"
    path.write_text(STORY.replace(" UNTIL", until).replace("EXPECT", expect), "utf-8")
    report = run_file(path, database_url)
    assert [o.actual for o in report.outcomes if not o.as_expected] == []
    assert [(v.expected, v.actual) for v in report.verdicts] == [(v.expected, v.expected) for v in report.verdicts]
    assert report.verdicts
