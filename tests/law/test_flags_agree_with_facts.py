"""A flag says what the facts say: of clawbacks after misuse and revocation, and of a win after a revoked one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ledger.errors import GuardRefusedError
from projections.as_of import tell
from projections.facts import AWARD_REWIN, EDITION_FLAGS, NOTICE_END, ORG_MONEY
from tests.builders import Town
from tests.memory_ledger import MemoryLedger, in_memory

SCENARIO = Path(__file__).parent / "scenarios" / "money-zhongyuan.toml"


@pytest.fixture(scope="module")
def ledger() -> MemoryLedger:
    report, ledger = in_memory(SCENARIO)
    assert report.passed, [o for o in report.outcomes if not o.as_expected] + [v for v in report.verdicts if not v.met]
    return ledger


def raised(ledger: MemoryLedger, flag: str, edition: str, on: date) -> list[str]:
    """What a flag says in Chinese, of an edition on a day."""
    told = tell(ledger, EDITION_FLAGS, edition, on, ledger.size()).answer.value()
    [row] = [row for row in told.flags if row.flag == flag]
    return [finding.zh for finding in row.hits]


def test_what_was_ordered_for_misuse_counts_against_what_a_revocation_demands(ledger: MemoryLedger) -> None:
    assert raised(ledger, "RF50", "ZY-2023", date(2025, 4, 1)) == []


def test_a_clawback_that_was_ordered_at_once_is_no_consequence_left_undone(ledger: MemoryLedger) -> None:
    said = raised(ledger, "RF32", "ZY-2023", date(2024, 12, 1))
    assert [zh for zh in said if "追缴" in zh] == []


def test_the_day_since_when_money_is_overdue_is_of_an_order_that_is_open(ledger: MemoryLedger) -> None:
    told = tell(ledger, EDITION_FLAGS, "ZY-2023", date(2025, 5, 1), ledger.size()).answer.value()
    [row] = [row for row in told.flags if row.flag == "RF33"]
    assert [finding.since for finding in row.hits] == [date(2025, 4, 1)]


def test_a_win_that_a_reading_calls_the_first_is_no_second_prize(ledger: MemoryLedger) -> None:
    assert raised(ledger, "RF28", "ZY-2028", date(2029, 2, 1)) == []


def test_a_win_after_a_revoked_one_is_neither_first_nor_again_until_it_is_decided(ledger: MemoryLedger) -> None:
    before = next(e for e in ledger.events() if e.statement.type == "RegulationInterpreted").position - 1
    told = tell(ledger, AWARD_REWIN, "ZY-2028-A", date(2028, 12, 20), before).answer.value()
    assert (told.first, told.undetermined.gap, told.counts_quota) == (None, "B-27/G16", True)


def test_no_decision_rests_on_a_notice_that_was_taken_down_too_early(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    town.must(
        "PublicNoticeOpened", date(2023, 6, 1), notice_id="N", cases=["GZ-2023/A"], promised_end=date(2023, 6, 12)
    )
    town.must("PublicNoticeClosed", date(2023, 6, 5), notice_id="N", cases=["GZ-2023/A"], objections=0)
    notice = tell(town.ledger, NOTICE_END, "N", date(2023, 6, 20), town.ledger.size()).answer.value()
    assert (notice.end, notice.cut_short, notice.earliest_decision) == (date(2023, 6, 12), date(2023, 6, 5), None)
    refusal = town.refused("GovernmentDecisionMade", date(2023, 6, 20), decision_id="D", approved=["A"])
    assert isinstance(refusal, GuardRefusedError)
    assert (refusal.code, refusal.details["article"]) == ("notice_cut_short", "GZ:21")
    assert refusal.zh == "甲（演示）（GZ-2023/A）的公示于 2023-06-05 提前结束，不足规定期限；请重新公示至期满"


@pytest.mark.parametrize(
    ("settled", "code"), [(False, "notice_running"), (True, "notice_cut_short")], ids=["open", "settled"]
)
def test_how_days_are_counted_says_whether_a_notice_was_cut_short(town: Town, settled: bool, code: str) -> None:
    """Ten calendar days from 1 June, the first one counted, end on the 10th; by the default they end on the 12th."""
    if settled:
        reading = town.interpretation("reading.notice_first_day", "not_counted", date(2023, 1, 4))
        town.must("RegulationInterpreted", date(2023, 1, 4), **reading)
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    members = {"notice_id": "N", "cases": ["GZ-2023/A"]}
    town.must("PublicNoticeOpened", date(2023, 6, 1), **members, promised_end=date(2023, 6, 12))
    town.must("PublicNoticeClosed", date(2023, 6, 10), **members, objections=0)
    assert town.refused("GovernmentDecisionMade", date(2023, 6, 11), decision_id="D", approved=["A"]).code == code


def test_a_first_day_that_a_reading_counts_is_counted_once(town: Town) -> None:
    reading = town.interpretation("reading.notice_first_day", "counted", date(2023, 1, 4))
    town.must("RegulationInterpreted", date(2023, 1, 4), **reading)
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    members = {"notice_id": "N", "cases": ["GZ-2023/A"]}
    town.must("PublicNoticeOpened", date(2023, 6, 1), **members, promised_end=date(2023, 6, 12))
    town.must("PublicNoticeClosed", date(2023, 6, 9), **members, objections=0)
    notice = tell(town.ledger, NOTICE_END, "N", date(2023, 6, 20), town.ledger.size()).answer.value()
    assert (notice.end, notice.cut_short) == (date(2023, 6, 12), date(2023, 6, 9))


def test_a_reward_whose_amount_the_text_leaves_to_other_rules_is_an_open_question() -> None:
    """JD 六(二): a provincial award is rewarded "under the fiscal system of city and district"."""
    _, played = in_memory(SCENARIO.with_name("after-jindong.toml"))
    told = tell(played, ORG_MONEY, "A", date(2024, 12, 1), played.size()).answer.value()
    assert [(open_.award_id, open_.amount, open_.undetermined.parameter) for open_ in told.undetermined] == [
        ("H1", "bonus", "prize.superior_bonus")
    ]
