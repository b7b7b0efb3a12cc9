"""Grounds of revocation: accidents in the fields that the text names, of a severity that somebody determined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from projections.as_of import tell
from projections.facts import AWARD_REWIN
from tests.builders import Town

WON, HAPPENED = date(2024, 6, 20), date(2024, 9, 1)


def _accident(town: Town, **members: Any) -> str:
    return town.must(
        "IncidentRecorded",
        HAPPENED,
        org="A",
        incident_id=f"I-{members['domain']}-{members['severity']}",
        category="accident",
        responsible=True,
        authority="x",
        **members,
    )


def test_an_accident_in_another_field_than_the_text_names_is_no_ground(new_town: Callable[..., Town]) -> None:
    """JD七(五) names accidents in quality and in safety (B-59); 三(三)1 names the environment too, 七(五) does not."""
    town = new_town("jindong/draft")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="金区政办〔2023〕1号（演示）", issued_on=date(2022, 12, 1))
    town.edition("JD-2024", date(2024, 5, 6), 1)
    town.award("A", WON)
    asked = {"case": "A", "ground": "accident"}
    elsewhere = _accident(town, domain="environment", severity="major")
    refusal = town.refused("RevocationProposed", HAPPENED, facts=[elsewhere], **asked)
    assert (refusal.code, refusal.zh, refusal.details["article"], refusal.details["reading"]) == (
        "accident_of_another_field",
        "文本所列事故限于质量、安全，不含“环保”",
        "JD:七(五)",
        "B-59:default",
    )
    town.must("RevocationProposed", HAPPENED, facts=[_accident(town, domain="safety", severity="major")], **asked)


def test_an_accident_whose_severity_nobody_determined_is_no_small_one(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    fact = _accident(town, domain="safety", severity="na")
    refusal = town.refused("RevocationProposed", HAPPENED, facts=[fact], case="A", ground="accident")
    assert (refusal.code, refusal.details["remedy"]) == (
        "accident_not_determined",
        "record the incident with the severity that was determined",
    )


def test_a_later_revocation_unsettles_no_later_win(town: Town) -> None:
    """Whether an award is won after a revocation is settled when it is granted."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.edition("GZ-2026", date(2026, 5, 6), 7)
    again = town.award("A", date(2026, 6, 24))
    later = date(2026, 9, 3)
    town.revoke("GZ-2023/A", "fraud", later)
    rewin = tell(town.ledger, AWARD_REWIN, again, later, town.ledger.size()).answer.value()
    assert (rewin.first, rewin.after_revocation) == (False, False)


def test_a_misuse_of_the_prize_is_no_fraud_and_a_request_on_another_ground_is_none(town: Town) -> None:
    """GZ28 asks for fraud that was looked into; GZ30(5) is open, and who asked on it asked for nothing else."""
    town.edition()
    award = town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    misused = town.must("FundMisuseFound", HAPPENED, case="A", amount=1_000, severity="serious")
    refusal = town.refused("RevocationProposed", HAPPENED, case="A", ground="fraud", facts=[misused])
    assert (refusal.code, refusal.details["article"]) == ("facts_of_another_ground", "GZ:28")
    town.must("RevocationProposed", HAPPENED, case="A", ground="other", facts=[misused])
    town.must("GovernmentDecisionMade", HAPPENED, decision_id="R", subject="revocation", approved=[{"award_id": award}])
    revoked = {"case": "A", "decision_id": "R"}
    missing = town.refused("AwardRevoked", HAPPENED, ground="fraud", **revoked)
    assert (missing.code, missing.details["step"]) == ("revocation_step_missing", "office_request")
    town.must("AwardRevoked", HAPPENED, ground="other", **revoked)


def test_whoever_is_disqualified_for_fraud_has_cheated(town: Town) -> None:
    """ZY14(5) and its kin look back at cheating: an accident leaves no such mark."""
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 8), org="A")
    fact = town.must(
        "IncidentRecorded",
        date(2023, 5, 9),
        org="A",
        incident_id="I",
        category="accident",
        domain="safety",
        severity="larger",
        authority="x",
        occurred_on=date(2023, 5, 1),
    )
    refusal = town.refused("CaseDisqualified", date(2023, 5, 10), case="A", org="A", ground="fraud", facts=[fact])
    assert (refusal.code, refusal.details["article"]) == ("facts_of_another_ground", "GZ:28")
    town.must("CaseDisqualified", date(2023, 5, 10), case="A", org="A", ground="incident", facts=[fact])


def _incident(town: Town, name: str, on: date, category: str, severity: str) -> str:
    said = {"org": "A", "incident_id": name, "category": category, "domain": "quality", "authority": "x"}
    return town.must("IncidentRecorded", on, **said, severity=severity, occurred_on=on)


def test_what_was_determined_to_be_general_is_nothing_grave(town: Town) -> None:
    """GZ30(二) to (四) revoke for major problems, major tax breaches, serious violations, and for two years of loss."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    for ground, category, article in (
        ("quality_problem", "other", "GZ:30(2)"),
        ("tax", "tax_dishonesty", "GZ:30(4)"),
        ("violation", "violation", "GZ:30(4)"),
    ):
        asked = {"case": "A", "ground": ground}
        general = _incident(town, f"{ground}-1", HAPPENED, category, "general")
        refusal = town.refused("RevocationProposed", HAPPENED, **asked, facts=[general])
        assert (refusal.code, refusal.details["article"]) == ("fact_not_grave", article)
        grave = _incident(town, f"{ground}-2", HAPPENED, category, "major")
        town.must("RevocationProposed", HAPPENED, **asked, facts=[general, grave])


def test_losses_revoke_after_two_years_in_a_row(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    on, asked = date(2026, 3, 2), {"case": "A", "ground": "severe_loss"}
    losses = {y: _incident(town, f"L-{y}", date(y, 12, 31), "loss_year", "na") for y in (2023, 2024, 2025)}
    for years in ((2023,), (2023, 2025)):
        refusal = town.refused("RevocationProposed", on, **asked, facts=[losses[y] for y in years])
        assert (refusal.code, refusal.details["article"]) == ("losses_not_running", "GZ:30(3)")
    assert refusal.zh.startswith("须连续 2 年亏损，所引为 2023, 2025 年")
    town.must("RevocationProposed", on, **asked, facts=[losses[2024], losses[2025]])
