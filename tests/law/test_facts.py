"""Facts of the second half of the vocabulary: next steps, eligibility, reviewers, duties, standing, oversight,
traces.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from projections.as_of import tell
from projections.facts import CASE_NEXT, fact_named
from projections.inquiry.differences import difference
from projections.tracing import trace
from tests.builders import Town


def _value(town: Town, fact: str, subject: str, on: date, known: int | None = None) -> Any:
    return tell(town.ledger, fact_named(fact), subject, on, known or town.ledger.size()).answer.to_json()["value"]


def _filed(town: Town, **more: Any) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A", **more)


def test_the_next_step_names_who_acts_and_that_no_day_is_set(town: Town) -> None:
    _filed(town)
    value = _value(town, "case.next", "GZ-2023/A", date(2023, 5, 11))
    assert {
        k: value[k]
        for k in ("step", "event", "signed_by", "rule", "article", "deadline", "deadline_note", "blocked_by")
    } == {
        "step": "opinions",
        "event": "DepartmentOpinionGiven",
        "signed_by": ["DEP"],
        "rule": "GZ-17b",
        "article": "GZ:17",
        "deadline": None,
        "deadline_note": {"zh": "文本未规定期限", "en": "no legal deadline"},
        "blocked_by": [],
    }
    assert value["remaining"][:3] == ["opinions", "eligibility", "material_review"]


def test_the_next_step_after_a_notice_is_not_before_its_first_free_day(town: Town) -> None:
    _filed(town)
    town.must("CommitteeResolutionAdopted", date(2023, 6, 20), resolution_id="r", edition_id="GZ-2023", approved=["A"])
    town.must("PublicNoticeOpened", date(2023, 6, 21), notice_id="N", cases=["A"], promised_end=date(2023, 7, 3))
    value = _value(town, "case.next", "GZ-2023/A", date(2023, 6, 22))
    assert (value["step"], value["deadline"]) == ("decision", {"not_before": "2023-07-04"})


def test_a_withdrawn_case_has_no_next_step(town: Town) -> None:
    _filed(town)
    town.must("ApplicationWithdrawn", date(2023, 5, 11), case="A")
    answer = tell(town.ledger, CASE_NEXT, "GZ-2023/A", date(2023, 5, 12), town.ledger.size()).answer
    assert answer.to_json()["state"] == "not_applicable"


def test_eligibility_shows_each_condition_computed_attested_or_unclear(town: Town) -> None:
    _filed(town, years_operating="2", excellence_model_since=None)
    before = _value(town, "case.eligibility", "GZ-2023/A", date(2023, 5, 11))
    results = {c["condition"]: c["result"] for c in before["conditions"]}
    assert results == {
        "registered": "pass",
        "operating_years": "fail",
        "policy_and_licences": "unclear",
        "certificates": "pass",
        "excellence_model": "unclear",
        "results": "unclear",
        "worth_spreading": "unclear",
        "no_bar": "unclear",
        "organisation_form": "pass",
        "data_years": "pass",
    }
    assert (before["result"], before["decided"], before["agrees"]) == ("ineligible", None, None)
    town.must("EligibilityDecided", date(2023, 5, 20), case="A", failed=["operating_years"])
    after = _value(town, "case.eligibility", "GZ-2023/A", date(2023, 5, 21))
    assert (after["result"], after["decided"], after["agrees"]) == ("ineligible", "ineligible", True)


def test_reviewers_are_eligible_recused_undeclared_or_not_on_the_panel(town: Town) -> None:
    _filed(town)
    town.must("EligibilityDecided", date(2023, 5, 20), case="A")
    town.must(
        "CommitteeResolutionAdopted",
        date(2023, 5, 21),
        subject="review_rules",
        edition_id="GZ-2023",
        rules={"aggregation": "mean", "decisive_stage": "onsite"},
    )
    town.must("BodyConstituted", date(2023, 5, 22), kind="panel", body_id="p", members=["R1", "R2", "R3"], leader="R1")
    town.must("ScoreSubmitted", date(2023, 5, 23), case="A", by="R1", stage="material", total="700")
    town.must("ScoreSubmitted", date(2023, 5, 23), case="A", by="R2", stage="material", total="710")
    town.must("RecusalOrdered", date(2023, 5, 24), person="R2", case_ids=["A"])
    value = _value(town, "case.reviewers", "GZ-2023/A", date(2023, 5, 25))
    assert {r["person"]: r["state"] for r in value["reviewers"]} == {
        "R1": "eligible",
        "R2": "recused",
        "R3": "undeclared",
    }
    assert [r["counted"] for r in value["reviewers"] if r["person"] == "R2"] == [[]]
    assert value["recusal_note"]["gap"] == "G31"
    panel = _value(town, "case.panel", "GZ-2023/A", date(2023, 5, 25))
    assert (panel["material"]["members"], panel["material"]["leader"], panel["material"]["out"]) == (
        ["R1"],
        "R1",
        ["R2", "R3"],
    )
    register = _value(town, "edition.recusals", "GZ-2023", date(2023, 5, 25))["register"]
    assert sorted((r["person"], r["how"]) for r in register) == [
        ("R1", "declared_none"),
        ("R2", "declared_none"),
        ("R2", "ordered_own_check"),
    ]


def _states(town: Town, award: str, on: date) -> dict[tuple[str, str], str]:
    return {(d["duty"], d["period"]): d["state"] for d in _value(town, "award.duties", award, on)["duties"]}


def test_duties_fall_due_on_anniversaries_and_are_fulfilled_late_overdue_or_at_risk(town: Town) -> None:
    """GZ 24, 25 with B-19 and B-20; the whole table at four days."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    assert _states(town, "GZ-2023-A", date(2023, 7, 1)) == {
        ("annual_report", "1"): "due",
        ("annual_report", "2"): "not_yet",
        ("annual_report", "3"): "not_yet",
        ("reassessment", "validity"): "due",
        ("promotion_summary", "2023"): "due",
        ("exchange_event", "validity"): "due",
    }
    town.must("PostAwardReportFiled", date(2024, 6, 20), case="A", kind="performance", period="1")
    town.must("PostAwardReportFiled", date(2024, 7, 1), case="A", kind="promotion_summary", period="2023")
    assert _states(town, "GZ-2023-A", date(2026, 3, 1)) == {
        ("annual_report", "1"): "fulfilled",
        ("annual_report", "2"): "overdue",
        ("annual_report", "3"): "due",
        ("reassessment", "validity"): "at_risk",
        ("promotion_summary", "2023"): "late",
        ("exchange_event", "validity"): "at_risk",
    }
    value = _value(town, "award.duties", "GZ-2023-A", date(2026, 6, 21))
    assert {d["state"] for d in value["duties"]} == {"fulfilled", "overdue", "late"}
    assert [d["what"] for d in value["undated"]] == ["按专家建议改进", "配合质量公益专题宣传"]
    assert value["title"] == {
        "usable": False,
        "year_required": True,
        "edition": "GZ-2023",
        "forbidden": [
            "no_year",
            "product_promotion",
            "packaging",
            "after_expiry",
            "after_revocation",
            "forgery",
            "impersonation",
            "unauthorised_review_activity",
        ],
    }


def test_a_revocation_brings_its_own_duties_and_lapses_the_others(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("CertificateIssued", date(2023, 6, 21), case="A", items=[{"kind": "plaque", "serial": "S1"}])
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    revoked = town.revoke("A", "fraud", date(2024, 3, 1))
    states = _states(town, "GZ-2023-A", date(2024, 3, 2))
    assert {k[0]: s for k, s in states.items() if k[1] == "revocation"} == {
        "return": "due",
        "publish": "due",
        "clawback": "due",
    }
    assert states["annual_report", "1"] == "lapsed"
    town.must("CertificateReturned", date(2024, 3, 5), case="A", items=[{"serial": "S1", "state": "returned"}])
    town.must("AnnouncementPublished", date(2024, 3, 5), kind="revocation", about=[revoked], awards=["GZ-2023-A"])
    assert _value(town, "award.duties", "GZ-2023-A", date(2024, 3, 6))["settled"] is False
    town.must(
        "ClawbackOrdered",
        date(2024, 3, 6),
        case="A",
        clawback_id="CB",
        reason="revoked_fraud",
        amount=50_000_000,
        due_on=date(2024, 9, 1),
        decision_id="R",
    )
    town.must("ClawbackReceived", date(2024, 5, 6), case="A", clawback_id="CB", amount=50_000_000)
    assert _value(town, "award.duties", "GZ-2023-A", date(2024, 5, 6))["settled"] is True
    register = _value(town, "certificate.register", "GZ-2023-A", date(2024, 5, 6))
    assert register["items"] == [
        {
            "serial": "S1",
            "kind": "plaque",
            "issued_on": "2023-06-21",
            "state": "returned",
            "genuine": False,
            "by_text": True,
        }
    ]


def test_standing_says_yes_no_or_undetermined_with_its_reason(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.revoke("A", "tax", date(2024, 3, 1))
    value = _value(town, "org.standing", "A", date(2024, 4, 1))
    assert (value["may_apply"]["quality"]["answer"], value["may_apply"]["quality"]["reason"]["reason"]) == ("no", "ban")
    assert value["awards"][0]["value"]["status"] == "revoked"
    assert _value(town, "org.standing", "B", date(2024, 4, 1))["may_apply"]["quality"]["answer"] == "yes"
    town.must("IncidentRecorded", date(2024, 4, 2), org="B", incident_id="V", category="violation", authority="x")
    unclear = _value(town, "org.standing", "B", date(2024, 4, 3))["may_apply"]["quality"]
    assert (unclear["answer"], unclear["reasons"][0]["certain"]) == ("undetermined", False)


def test_a_disclosure_is_in_the_register_of_its_case(town: Town) -> None:
    _filed(town, business_details="商业秘密（演示）")
    filed = next(e.statement.id for e in town.ledger.events() if e.statement.type == "ApplicationFiled")
    town.must(
        "RestrictedDataHandled",
        date(2023, 5, 12),
        by="dis",
        as_="DIS",
        target_event=filed,
        paths=["/business_details"],
        action="opened",
        purpose="核查（演示）",
    )
    [row] = _value(town, "disclosure.register", "GZ-2023/A", date(2023, 5, 13))["register"]
    assert {k: row[k] for k in ("by", "role", "action", "target", "paths")} == {
        "by": "dis",
        "role": "DIS",
        "action": "opened",
        "target": filed,
        "paths": ["/business_details"],
    }


def test_what_nobody_has_settled_is_a_work_list(new_town: Callable[..., Town]) -> None:
    town = new_town("jinshui/interpretation")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="金政〔2023〕1号（演示）", issued_on=date(2023, 1, 3))
    town.edition("JS-2023", number=3)
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    value = _value(town, "edition.undetermined", "JS-2023", date(2023, 5, 11))
    unknown = {row["parameter"] for row in value["unknown_parameters"]}
    assert {"notice.min", "quota.max.quality", "prize.first.quality", "validity", "procedure"} <= unknown
    assert "prize.mode" not in unknown


def test_an_edition_closed_without_a_winner_is_vacant_and_the_next_is_due_after_the_cycle(town: Town) -> None:
    town.edition()
    town.must("EditionClosed", date(2023, 12, 20), edition_id="GZ-2023", vacancies={"quality": 5, "nomination": 5})
    value = _value(town, "edition.course", "GZ-2023", date(2023, 12, 21))
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


def test_a_clawback_of_unsettled_amount_is_met_for_certain_only_by_all_that_was_paid(town: Town) -> None:
    """The months that remain of a validity that cannot be told: nothing says how much is owed."""
    town.must(
        "RegulationInterpreted", date(2023, 5, 2), **town.interpretation("reading.validity_runs_from", "announcement")
    )
    part = {"kind": "remaining_months"}
    town.must("RegulationInterpreted", date(2023, 5, 2), **town.interpretation("revoke.fraud.clawback_part", part))
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.revoke("A", "fraud", date(2024, 3, 1))

    def told(on: date) -> tuple[list[str], bool | None]:
        value = _value(town, "award.duties", "GZ-2023-A", on)
        return [d["state"] for d in value["duties"] if d["duty"] == "clawback"], value["title"]["usable"]

    assert told(date(2024, 2, 1)) == ([], None)
    assert told(date(2024, 3, 2)) == (["undetermined"], False)
    town.must(
        "ClawbackOrdered",
        date(2024, 3, 2),
        case="A",
        clawback_id="C",
        reason="revoked_fraud",
        amount=50_000_000,
        due_on=date(2024, 6, 1),
        decision_id="R",
    )
    town.must("ClawbackReceived", date(2024, 4, 1), case="A", clawback_id="C", amount=50_000_000)
    assert told(date(2024, 4, 2)) == (["fulfilled"], False)


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
    [row] = _value(town, "edition.overrides", "GZ-2023", date(2023, 5, 11))["overrides"]
    assert {k: row[k] for k in ("event", "type", "by", "on", "reason", "instrument_no")} == {
        "event": event,
        "type": "ApplicationFiled",
        "by": "A",
        "on": "2023-05-10",
        "reason": "照实登记",
        "instrument_no": "演〔2023〕1号",
    }
    assert set(row["signatures"]) == {town.cast.key(name).public.keyid for name in ("A", "sup")}


def test_a_revocation_under_an_unseen_text_leaves_the_next_application_to_an_interpretation(
    new_town: Callable[..., Town],
) -> None:
    """JS: whether a ban follows is not known; filing waits for the promulgated article instead of a guess."""
    town = new_town("jinshui/interpretation")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="金政〔2023〕1号（演示）", issued_on=date(2023, 1, 3))
    settled = {
        "notice.min": {"value": 5, "unit": "working_day"},
        "quota.max.quality": 3,
        "reapply.quality": {"kind": "at_once"},
        "revoke.fraud.steps": ["office_request", "government_decision"],
    }
    for path, value in settled.items():
        town.must("RegulationInterpreted", date(2023, 1, 4), pack_id="JS", param_path=path, value=value)
    town.edition("JS-2023", number=3)
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    town.must("CommitteeResolutionAdopted", date(2023, 5, 20), resolution_id="r", edition_id="JS-2023", approved=["A"])
    town.must("PublicNoticeOpened", date(2023, 5, 22), notice_id="N", cases=["A"], promised_end=date(2023, 5, 29))
    town.must("GovernmentDecisionMade", date(2023, 6, 20), decision_id="D", approved=["A"])
    town.must("AwardGranted", date(2023, 6, 20), case="A", decision_id="D")
    town.revoke("A", "fraud", date(2024, 3, 1))
    town.edition("JS-2025", date(2025, 5, 6), number=4)
    refusal = town.refused("ApplicationFiled", date(2025, 5, 7), org="A")
    assert (refusal.code, refusal.details["parameter"]) == ("parameter_unknown", "revoke.fraud.ban")
    town.must(
        "RegulationInterpreted",
        date(2025, 5, 8),
        pack_id="JS",
        param_path="revoke.fraud.ban",
        value={"value": 1, "unit": "year"},
        retroactive=True,
    )
    town.must("ApplicationFiled", date(2025, 5, 9), org="A")


def test_what_was_sent_back_is_completed_by_the_article_of_the_examination_whatever_else_is_missing(
    new_town: Callable[..., Town],
) -> None:
    """Nobody has recommended it yet, which is article 13(5); the next step is the applicant's all the same."""
    town = new_town("zhongyuan/draft")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="中原政文〔2023〕1号（演示）", in_force_on=date(2023, 1, 3))
    town.edition("ZY-2023", number=3)
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    papers = ["财务报告（演示）"]
    returned = town.signed("EligibilityDecided", date(2023, 5, 11), case="A", outcome="returned", missing=papers)
    town.ledger.submit(returned)
    value = _value(town, "case.next", "ZY-2023/A", date(2023, 5, 12))
    assert {k: value[k] for k in ("step", "event", "article", "missing")} == {
        "step": "supplement",
        "event": "ApplicationSupplemented",
        "article": "ZY:10(4),17(2)",
        "missing": papers,
    }
    assert value["remaining"][0] == "recommendation"
