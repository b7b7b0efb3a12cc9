"""Facts of a case: its next step, eligibility, reviewers, recusals and disclosures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from projections.as_of import tell
from projections.facts import CASE_NEXT
from tests.builders import Town
from tests.law.answered import value_of, with_application


def test_the_next_step_names_who_acts_and_that_no_day_is_set(town: Town) -> None:
    with_application(town)
    value = value_of(town, "case.next", "GZ-2023/A", date(2023, 5, 11))
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
    with_application(town)
    town.must("CommitteeResolutionAdopted", date(2023, 6, 20), resolution_id="r", edition_id="GZ-2023", approved=["A"])
    town.must("PublicNoticeOpened", date(2023, 6, 21), notice_id="N", cases=["A"], promised_end=date(2023, 7, 3))
    value = value_of(town, "case.next", "GZ-2023/A", date(2023, 6, 22))
    assert (value["step"], value["deadline"]) == ("decision", {"not_before": "2023-07-04"})


def test_a_withdrawn_case_has_no_next_step(town: Town) -> None:
    with_application(town)
    town.must("ApplicationWithdrawn", date(2023, 5, 11), case="A")
    answer = tell(town.ledger, CASE_NEXT, "GZ-2023/A", date(2023, 5, 12), town.ledger.size()).answer
    assert answer.to_json()["state"] == "not_applicable"


def test_eligibility_shows_each_condition_computed_attested_or_unclear(town: Town) -> None:
    with_application(town, years_operating="2", excellence_model_since=None)
    before = value_of(town, "case.eligibility", "GZ-2023/A", date(2023, 5, 11))
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
    after = value_of(town, "case.eligibility", "GZ-2023/A", date(2023, 5, 21))
    assert (after["result"], after["decided"], after["agrees"]) == ("ineligible", "ineligible", True)


def test_reviewers_are_eligible_recused_undeclared_or_not_on_the_panel(town: Town) -> None:
    with_application(town)
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
    value = value_of(town, "case.reviewers", "GZ-2023/A", date(2023, 5, 25))
    assert {r["person"]: r["state"] for r in value["reviewers"]} == {
        "R1": "eligible",
        "R2": "recused",
        "R3": "undeclared",
    }
    assert [r["counted"] for r in value["reviewers"] if r["person"] == "R2"] == [[]]
    assert value["recusal_note"]["gap"] == "G31"
    panel = value_of(town, "case.panel", "GZ-2023/A", date(2023, 5, 25))
    assert (panel["material"]["members"], panel["material"]["leader"], panel["material"]["out"]) == (
        ["R1"],
        "R1",
        ["R2", "R3"],
    )
    register = value_of(town, "edition.recusals", "GZ-2023", date(2023, 5, 25))["register"]
    assert sorted((r["person"], r["how"]) for r in register) == [
        ("R1", "declared_none"),
        ("R2", "declared_none"),
        ("R2", "ordered_own_check"),
    ]


def test_a_disclosure_is_in_the_register_of_its_case(town: Town) -> None:
    with_application(town, business_details="商业秘密（演示）")
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
    [row] = value_of(town, "disclosure.register", "GZ-2023/A", date(2023, 5, 13))["register"]
    assert {k: row[k] for k in ("by", "role", "action", "target", "paths")} == {
        "by": "dis",
        "role": "DIS",
        "action": "opened",
        "target": filed,
        "paths": ["/business_details"],
    }


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
    town.edition("JS-2024", date(2024, 2, 1), number=4)
    town.must("ApplicationFiled", date(2024, 2, 5), org="A")
    town.revoke("JS-2023/A", "fraud", date(2024, 3, 1))
    # Of the application that was pending it is as open.
    pending = value_of(town, "case.eligibility", "JS-2024/A", date(2024, 3, 2))
    assert [(c["condition"], c["result"]) for c in pending["conditions"]][-1:] == [("ban", "unclear")]
    town.edition("JS-2025", date(2025, 5, 6), number=5)
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
    value = value_of(town, "case.next", "ZY-2023/A", date(2023, 5, 12))
    assert {k: value[k] for k in ("step", "event", "article", "missing")} == {
        "step": "supplement",
        "event": "ApplicationSupplemented",
        "article": "ZY:10(4),17(2)",
        "missing": papers,
    }
    assert value["remaining"][0] == "recommendation"
