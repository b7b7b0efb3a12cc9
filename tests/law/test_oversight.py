"""What an inspector sees at once: what is not settled, what is vacant, overrides, traces and differences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from projections.inquiry.differences import difference
from projections.tracing import trace
from tests.builders import Town
from tests.law.answered import value_of


def test_what_nobody_has_settled_is_a_work_list(new_town: Callable[..., Town]) -> None:
    town = new_town("jinshui/interpretation")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="金政〔2023〕1号（演示）", issued_on=date(2023, 1, 3))
    town.edition("JS-2023", number=3)
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    value = value_of(town, "edition.undetermined", "JS-2023", date(2023, 5, 11))
    unknown = {row["parameter"] for row in value["unknown_parameters"]}
    assert {"notice.min", "quota.max.quality", "prize.first.quality", "validity", "procedure"} <= unknown
    assert "prize.mode" not in unknown


def test_an_edition_closed_without_a_winner_is_vacant_and_the_next_is_due_after_the_cycle(town: Town) -> None:
    town.edition()
    town.must("EditionClosed", date(2023, 12, 20), edition_id="GZ-2023", vacancies={"quality": 5, "nomination": 5})
    value = value_of(town, "edition.course", "GZ-2023", date(2023, 12, 21))
    assert {k: value[k] for k in ("state", "winners", "next_due_from", "vacancies")} == {
        "state": "vacant",
        "winners": 0,
        "next_due_from": "2025-05-04",
        "vacancies": {"quality": 5, "nomination": 5},
    }


def test_a_trace_reaches_every_act_behind_an_award_and_what_rests_on_it(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 5), org="B")
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    granted = next(e for e in town.ledger.events() if e.statement.type == "AwardGranted")
    told = trace(town.ledger, granted.statement.id, town.ledger.size())
    types = {row["type"] for row in told["rests_on"]}
    assert {
        "ApplicationFiled",
        "DepartmentOpinionGiven",
        "EligibilityDecided",
        "ScoreSubmitted",
        "ReviewReportSubmitted",
        "ShortlistDecided",
        "OnsiteVisitHeld",
        "CandidateListProposed",
        "CommitteeResolutionAdopted",
        "PublicNoticeOpened",
        "PublicNoticeClosed",
        "GovernmentDecisionMade",
    } <= types
    assert "PrizePaid" in {row["type"] for row in told["rested_on_by"]}
    others = [e.position for e in town.ledger.events() if e.statement.tags and "c:GZ-2023/B" in e.statement.tags]
    both = [e.position for e in town.ledger.events() if {"c:GZ-2023/A", "c:GZ-2023/B"} <= set(e.statement.tags)]
    assert {row["position"] for row in told["rests_on"]} & set(others) <= set(both)
    assert all(row["position"] < granted.position for row in told["rests_on"])
    assert told["complete"] is True


def test_a_trace_that_is_cut_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    granted = next(e for e in town.ledger.events() if e.statement.type == "AwardGranted")
    monkeypatch.setattr("projections.tracing.TRACE_MAX", 3)
    told = trace(town.ledger, granted.statement.id, town.ledger.size())
    assert (len(told["rests_on"]), told["complete"]) == (3, False)


def test_a_diff_names_the_facts_that_changed_and_the_event_behind(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    known = town.ledger.size()
    paid = town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    day = date(2023, 7, 2)
    told = difference(town.ledger, "award", "GZ-2023-A", (day, known), (day, town.ledger.size()))
    [money] = [row for row in told["changed"] if row["fact"] == "award.money"]
    assert (money["before"]["value"]["paid"], money["after"]["value"]["paid"], money["events"]) == (
        0,
        50_000_000,
        [paid],
    )
    assert difference(town.ledger, "award", "GZ-2023-A", (day, known), (day, known))["changed"] == []


def test_an_override_stays_visible_with_its_reason_its_instrument_and_its_signatures(town: Town) -> None:
    town.edition()
    why = {"reason": "照实登记", "instrument_no": "演〔2023〕1号", "by": "sup"}
    event = town.must("ApplicationFiled", date(2023, 5, 10), org="A", truth_declared=False, override=why)
    [row] = value_of(town, "edition.overrides", "GZ-2023", date(2023, 5, 11))["overrides"]
    assert {k: row[k] for k in ("event", "type", "by", "on", "reason", "instrument_no")} == {
        "event": event,
        "type": "ApplicationFiled",
        "by": "A",
        "on": "2023-05-10",
        "reason": "照实登记",
        "instrument_no": "演〔2023〕1号",
    }
    assert set(row["signatures"]) == {town.cast.key(name).public.keyid for name in ("A", "sup")}
