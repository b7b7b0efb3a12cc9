"""Places are those of the text that governs the decision: a newer one gives them where it takes procedure over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from projections.as_of import tell
from projections.facts import EDITION_QUOTA
from tests.memory_ledger import in_memory

ROOT = Path(__file__).parent.parent.parent

BEFORE, AFTER = date(2023, 12, 20), date(2024, 2, 1)

_SCENARIO = """
[scenario]
title = "届中修订名额"
title_en = "places amended in mid-edition"
pack = "ganzhou/2022"
starts = 2023-11-01

[organisations]
A = { name = "甲（演示）", uscc = "91360700DEM006010K", sector = "manufacturing" }
B = { name = "乙（演示）", uscc = "91360700DEM006029G", sector = "manufacturing" }
C = { name = "丙（演示）", uscc = "91110000DEM00076XQ", sector = "service" }

[reviewers]
R1 = { leader = true }
R2 = {}
R3 = {}

[committee]
members = 3

[[chapter]]
title = "五名改为两名"
acts = [
{ on = 2023-12-01, do="EditionOpened", edition_id="GZ-2023", number=4, window_from=2023-12-01, window_to=2023-12-31 },
{ on = 2023-12-10, do = "ApplicationFiled", org = "A", award = "quality" },
{ on = 2023-12-10, do = "ApplicationFiled", org = "B", award = "quality" },
{ on = 2023-12-10, do = "ApplicationFiled", org = "C", award = "quality" },
{ on = 2024-01-08, do = "CommitteeResolutionAdopted", resolution_id = "r", approved = ["A", "B", "C"] },
{ on = 2024-01-09, do = "PublicNoticeOpened", notice_id = "N", cases = ["A", "B", "C"], promised_end = 2024-01-19 },
{ on = 2024-01-10, do = "RegulationEnacted", pack = "newer.toml", kind = "amendment", supersedes = "2022" },
{ on = 2024-01-29, do = "GovernmentDecisionMade", decision_id="D", approved=["A", "B", "C"], refused="quota_exceeded" },
{ on = 2024-01-29, do = "GovernmentDecisionMade", decision_id = "D", approved = ["A", "B"] },
]
"""


def test_places_are_those_of_the_text_that_governs_the_decision(tmp_path: Path) -> None:
    newer = (ROOT / "tests/law/scenarios/amended/ganzhou-2024.toml").read_text("utf-8")
    for was, becomes in (
        ('procedure = "pinned"', 'procedure = "latest"'),
        ('"quota.max.quality" = { value = 5,', '"quota.max.quality" = { value = 2,'),
    ):
        assert newer.count(was) == 1
        newer = newer.replace(was, becomes)
    (tmp_path / "newer.toml").write_text(newer, "utf-8")
    (tmp_path / "amended.toml").write_text(_SCENARIO, "utf-8")
    report, ledger = in_memory(tmp_path / "amended.toml")
    assert report.passed
    asked = [(on, tell(ledger, EDITION_QUOTA, "GZ-2023", on, ledger.size()).answer) for on in (BEFORE, AFTER)]
    assert [(on, places.value()["quality"].max) for on, places in asked] == [(BEFORE, 5), (AFTER, 2)]
