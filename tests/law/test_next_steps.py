"""A notice cut short: status, next step, refusal and flags say the same of it, and a notice opened anew is in order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from projections.as_of import tell
from projections.facts import CASE_STATUS, EDITION_FLAGS
from projections.flags.flag import FlagHit
from tests.builders import Town
from tests.law.answered import value_of, with_application
from tests.memory_ledger import MemoryLedger, in_memory

SCENARIO = Path(__file__).parent / "scenarios" / "next-hengyang.toml"


@pytest.fixture(scope="module")
def ledger() -> MemoryLedger:
    report, ledger = in_memory(SCENARIO)
    assert report.passed, [o for o in report.outcomes if not o.as_expected] + [v for v in report.verdicts if not v.met]
    return ledger


def raised(ledger: MemoryLedger, flag: str, on: date) -> list[FlagHit]:
    told = tell(ledger, EDITION_FLAGS, "HY-2023", on, ledger.size()).answer.value()
    return [hit for row in told.flags if row.flag == flag for hit in row.hits]


def test_a_notice_opened_anew_is_no_step_out_of_order(ledger: MemoryLedger) -> None:
    """Only the decision on B, taken by override while nothing had been on notice long enough, is."""
    assert [(hit.case, hit.since) for hit in raised(ledger, "RF10", date(2023, 8, 22))] == [
        ("HY-2023/B", date(2023, 7, 21))
    ]


def test_days_on_which_a_notice_was_interrupted_count_for_no_decision(ledger: MemoryLedger) -> None:
    """Five working days from 13 July, two of them lost: by no way of counting is the notice over on the 20th."""
    [hit] = raised(ledger, "RF18", date(2023, 8, 22))
    assert (hit.case, hit.outcome, hit.zh) == (
        "HY-2023/B",
        "raised",
        "HY-2023/B 于 2023-07-21 决定，公示至 2023-07-24",
    )


def test_a_notice_opened_after_an_interrupted_one_is_in_order(town: Town) -> None:
    """The days lost were made up for, and the office opens another all the same."""
    with_application(town)
    town.must("CommitteeResolutionAdopted", date(2023, 6, 20), resolution_id="r", edition_id="GZ-2023", approved=["A"])
    named = {"notice_id": "N", "cases": ["GZ-2023/A"]}
    town.must("PublicNoticeOpened", date(2023, 6, 21), **named, promised_end=date(2023, 7, 4))
    lost = [date(2023, 6, 26)]
    town.must("PublicNoticeClosed", date(2023, 7, 5), **named, objections=0, interrupted_days=lost)
    town.must("PublicNoticeOpened", date(2023, 7, 6), notice_id="N2", cases=["A"], promised_end=date(2023, 7, 17))
    told = tell(town.ledger, CASE_STATUS, "GZ-2023/A", date(2023, 7, 7), town.ledger.size()).answer.value()
    assert (told.state, told.out_of_order) == ("on_notice", ())
    # The first notice lasted, and it is decided on it.
    value = value_of(town, "case.next", "GZ-2023/A", date(2023, 7, 7))
    assert (value["step"], value["deadline"]) == ("decision", {"not_before": "2023-07-04"})


def test_a_notice_that_lasted_is_not_opened_again(town: Town) -> None:
    with_application(town)
    town.must("CommitteeResolutionAdopted", date(2023, 6, 20), resolution_id="r", edition_id="GZ-2023", approved=["A"])
    named = {"notice_id": "N", "cases": ["GZ-2023/A"]}
    town.must("PublicNoticeOpened", date(2023, 6, 21), **named, promised_end=date(2023, 7, 4))
    town.must("PublicNoticeClosed", date(2023, 7, 4), **named, objections=0)
    again = town.must(
        "PublicNoticeOpened", date(2023, 7, 6), notice_id="N2", cases=["A"], promised_end=date(2023, 7, 17)
    )
    told = tell(town.ledger, CASE_STATUS, "GZ-2023/A", date(2023, 7, 7), town.ledger.size()).answer.value()
    assert (told.state, told.out_of_order) == ("notice_done", (again,))
