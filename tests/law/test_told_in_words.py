"""What answers, flags and stories say in words: no codes, no pointers, and how the record ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ledger.events.after_award import AwardRevoked
from projections.as_of import tell
from projections.facts import CASE_ELIGIBILITY, EDITION_FLAGS
from projections.inquiry.narrative import narrative
from tests.builders import Town
from tests.law.answered import value_of, with_application
from tests.memory_ledger import MemoryLedger, in_memory

SCENARIO = Path(__file__).parent / "scenarios" / "undone-zhongyuan.toml"


@pytest.fixture(scope="module")
def ledger() -> MemoryLedger:
    report, ledger = in_memory(SCENARIO)
    assert report.passed, [o for o in report.outcomes if not o.as_expected] + [v for v in report.verdicts if not v.met]
    return ledger


def test_a_story_holds_what_annulled_an_annulment_to_the_last(ledger: MemoryLedger) -> None:
    """Four of them: after the fourth the revocation stands, as the story says further up."""
    [revoked] = [e for e in ledger.events() if isinstance(e.statement.payload, AwardRevoked)]
    told = narrative(ledger, revoked.statement.id, date(2025, 3, 1), ledger.size())
    [after] = [s for s in told["sections"] if s["en"] == "What came after"]
    annulled = [s for s in after["sentences"] if "作废" in s["zh"]]
    assert [s["n"] - annulled[0]["n"] for s in annulled if s["n"] and annulled[0]["n"]] == [0, 1, 2, 3]
    assert all(s["position"] in told["entries"] for s in annulled)


def test_a_score_that_no_longer_stands_is_said_in_words(ledger: MemoryLedger) -> None:
    flags = tell(ledger, EDITION_FLAGS, "ZY-2023", date(2023, 12, 1), ledger.size()).answer.value().flags
    [hit] = [hit for row in flags if row.flag == "RF14" for hit in row.hits]
    assert hit.zh == "ZY-2023/B 的评分在评审报告提交之后被作废改动：原为 840，改后已无得分"
    assert hit.en.endswith("it was 840, and no score stands any more")


def test_conditions_are_told_in_words_and_by_the_office_of_the_text(ledger: MemoryLedger, town: Town) -> None:
    with_application(town)
    value = value_of(town, "case.eligibility", "GZ-2023/A", date(2023, 5, 11))
    said = {c["condition"]: (c["detail"]["zh"], c["detail"]["en"]) for c in value["conditions"]}
    assert said["registered"] == ("法人", "legal person")
    assert said["results"] == ("材料中没有“财务数据”", "“financial figures” is not in the file")
    assert said["worth_spreading"] == ("由市领导小组办公室证明", "to be attested by the office")
    answer = tell(ledger, CASE_ELIGIBILITY, "ZY-2023/A", date(2023, 12, 1), ledger.size()).answer.value()
    assert {c.detail.zh for c in answer.conditions if c.condition == "licences"} == {"由秘书处证明"}
