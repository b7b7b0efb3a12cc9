"""Guards from the application to the score: rule id, article, reading, and what would be acceptable."""

from __future__ import annotations

from datetime import date

from ledger.errors import GuardRefusedError, PermissionRefusedError
from tests.builders import Town
from tests.ledger.acts import D, with_applications, with_panel


def test_a_holder_files_again_only_when_editions_lie_between(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 1))
    town.edition("GZ-2027", date(2027, 5, 4), number=6)
    refusal = town.refused("ApplicationFiled", date(2027, 6, 1), org="A")
    assert isinstance(refusal, GuardRefusedError)
    assert {k: refusal.details[k] for k in ("rule", "article", "reading", "edition_no")} == {
        "rule": "GZ-27a",
        "article": "GZ:27",
        "reading": "B-21/G02:default",
        "edition_no": 7,
    }
    town.edition("GZ-2029", date(2029, 5, 4), number=7)
    town.must("ApplicationFiled", date(2029, 6, 1), org="A")


def test_a_ban_refuses_on_its_last_day_and_not_on_the_next(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 1))
    town.revoke("A", "tax", date(2024, 3, 1))
    town.edition("GZ-2029", date(2029, 1, 4), number=7)
    refusal = town.refused("ApplicationFiled", date(2029, 3, 1), org="A")
    assert (refusal.code, refusal.details["rule"], refusal.details["until"]) == ("banned", "GZ-30-0c", "2029-03-01")
    assert "2029-03-01" in str(refusal.details["remedy"])
    town.must("ApplicationFiled", date(2029, 3, 2), org="A")


def test_an_override_records_what_a_guard_refuses_and_needs_a_second_authority(town: Town) -> None:
    town.edition()
    members = {"case": "A", "org": "A", "truth_declared": False}
    assert town.refused("ApplicationFiled", D, **members).code == "truth_not_declared"
    why = {"reason": "照实登记", "instrument_no": "演〔2023〕1号"}
    unauthorised = town.refused("ApplicationFiled", D, **members, override=why | {"by": "dep"})
    assert unauthorised.code == "override_not_authorised"
    recorded = town.must("ApplicationFiled", D, **members, override=why | {"by": "sup"})
    assert town.ledger.event(recorded).statement.override is not None


def test_one_live_case_per_organisation_award_and_edition(town: Town) -> None:
    with_applications(town, "A")
    assert town.refused("ApplicationFiled", date(2023, 6, 2), org="A", case_id="GZ-2023/A2").code == "already_applied"
    town.must("ApplicationFiled", date(2023, 6, 2), org="A", case_id="GZ-2023/A3", award="nomination")
    town.must("ApplicationWithdrawn", date(2023, 6, 3), case="A")
    town.must("ApplicationFiled", date(2023, 6, 4), org="A", case_id="GZ-2023/A4")


def test_nobody_files_for_another_organisation(town: Town) -> None:
    town.edition()
    assert town.refused("ApplicationFiled", date(2023, 6, 1), org="A", by="B", as_="APP").code == "not_the_applicant"


def test_a_failed_condition_is_not_eligible_and_every_condition_is_checked(town: Town) -> None:
    with_applications(town, "A")
    town.must("DepartmentOpinionGiven", date(2023, 6, 3), case="A")
    checks = [{"condition_id": "registered", "article": "13(1)", "result": "pass", "evidence": []}]
    assert town.refused("EligibilityDecided", date(2023, 6, 5), case="A", checks=checks).code == "condition_unchecked"
    refusal = town.refused(
        "EligibilityDecided", date(2023, 6, 5), case="A", failed=["certificates"], outcome="eligible"
    )
    assert (refusal.code, refusal.details["rule"]) == ("condition_failed", "GZ-13-3a")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A", failed=["certificates"])
    assert town.refused("EligibilityDecided", date(2023, 6, 6), case="A").code == "eligibility_decided"


def test_scores_come_from_declared_unrecused_panel_members(town: Town) -> None:
    with_applications(town, "A")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    with_panel(town, "R1", "R2", "R3")
    day = date(2023, 6, 7)
    assert town.refused("ScoreSubmitted", day, case="A", by="R4", stage="material", total="600").code == "not_on_panel"
    town.must("InterestDeclared", day, case="A", by="R2", result="conflict", relation="kinship")
    refusal = town.refused("ScoreSubmitted", day, case="A", by="R2", stage="material", total="600")
    assert (refusal.code, refusal.details["rule"]) == ("reviewer_recused", "GZ-31")
    assert (
        town.refused("ScoreSubmitted", day, case="A", by="R3", stage="material", total="1001").code
        == "score_out_of_range"
    )
    spoilt = town.refused(
        "ScoreSubmitted", day, case="A", by="R3", stage="material", total="600", item_scores={"a": "100", "b": "499.9"}
    )
    assert spoilt.code == "items_differ_from_total"
    first = town.must(
        "ScoreSubmitted", day, case="A", by="R3", stage="material", total="600", item_scores={"a": "100", "b": "500"}
    )
    assert town.refused("ScoreSubmitted", day, case="A", by="R3", stage="material", total="610").code == "score_exists"
    assert (
        town.refused("ScoreSubmitted", day, case="A", by="R3", stage="material", total="610", replaces=first).code
        == "change_without_reason"
    )
    second = town.must(
        "ScoreSubmitted",
        day,
        case="A",
        by="R3",
        stage="material",
        total="610",
        replaces=first,
        change_reason="计算有误",
    )
    assert (
        town.refused("ReviewReportSubmitted", day, case="A", by="R1", stage="material", score_ids=[first]).code
        == "score_not_cited"
    )
    assert (
        town.refused(
            "ReviewReportSubmitted", day, case="A", by="R3", as_="LEAD", stage="material", score_ids=[second]
        ).code
        == "role_not_held"
    )
    town.must("ReviewReportSubmitted", day, case="A", by="R1", stage="material", score_ids=[second])


def test_an_undeclared_member_does_not_score(town: Town) -> None:
    with_applications(town, "A")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    with_panel(town, "R1", "R2", "R3")
    town.player._declared.add(("R1", "GZ-2023/A"))  # keeps the player from declaring by itself
    assert (
        town.refused("ScoreSubmitted", date(2023, 6, 7), case="A", by="R1", stage="material", total="600").code
        == "interest_undeclared"
    )


def test_a_recused_person_does_not_join_the_panel(town: Town) -> None:
    with_applications(town, "A")
    town.must("InterestDeclared", date(2023, 6, 2), case="A", by="R2", result="conflict")
    refusal = town.refused(
        "BodyConstituted",
        date(2023, 6, 6),
        kind="panel",
        body_id="p",
        members=["R1", "R2", "R3"],
        leader="R1",
        cases=["A"],
    )
    assert refusal.code == "reviewer_recused"


def test_suspension_by_an_inspector_blocks_the_case_until_accepted(town: Town) -> None:
    with_applications(town, "A")
    target = next(e.statement.id for e in town.ledger.events() if e.statement.type == "ApplicationFiled")
    town.must(
        "OversightFindingIssued",
        date(2023, 6, 4),
        by="sup",
        as_="SUP",
        finding_id="F1",
        flag_ids=["RF06"],
        targets=[target],
        severity="high",
        demand="suspend",
        answer_due=date(2023, 6, 20),
        cases=["A"],
    )
    assert town.refused("EligibilityDecided", date(2023, 6, 5), case="A").code == "case_suspended"
    town.must("OversightFindingAnswered", date(2023, 6, 6), by="sec", as_="SEC", finding_id="F1", step="answer")
    refusal = town.refused(
        "OversightFindingAnswered", date(2023, 6, 6), by="sec", as_="SEC", finding_id="F1", step="accept"
    )
    assert isinstance(refusal, PermissionRefusedError)
    town.must("OversightFindingAnswered", date(2023, 6, 7), by="sup", as_="SUP", finding_id="F1", step="accept")
    town.must("EligibilityDecided", date(2023, 6, 8), case="A")
