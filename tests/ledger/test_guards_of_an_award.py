"""Guards of the regulations after the award: checks, revocations, clawbacks, certificates."""

from __future__ import annotations

from datetime import date

from tests.builders import Town


def test_clawback_follows_the_ground_and_never_exceeds_what_was_paid(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000, voucher_no="V1")
    order = {"case": "A", "clawback_id": "CB", "due_on": date(2024, 6, 1), "decision_id": "R"}
    early = town.refused("ClawbackOrdered", date(2024, 3, 1), **order, reason="revoked_fraud", amount=1)
    assert early.code == "not_revoked"
    town.revoke("A", "fraud", date(2024, 3, 1))
    assert (
        town.refused("ClawbackOrdered", date(2024, 3, 1), **order, reason="revoked_fraud", amount=50_000_001).code
        == "more_than_paid"
    )
    missing = town.refused(
        "ClawbackOrdered", date(2024, 3, 1), **(order | {"decision_id": "none"}), reason="revoked_fraud", amount=1
    )
    assert missing.code == "decision_missing"
    town.must("ClawbackOrdered", date(2024, 3, 1), **order, reason="revoked_fraud", amount=50_000_000)
    again = town.refused("ClawbackOrdered", date(2024, 3, 1), **order, reason="revoked_fraud", amount=1)
    assert again.zh.startswith("连同本次 0.01 元，追缴额超过已拨付额（500,000.00 元），此前已决定追缴 500,000.00 元")
    assert (
        town.refused("ClawbackReceived", date(2024, 4, 1), case="A", clawback_id="CB", amount=50_000_001).code
        == "more_than_ordered"
    )
    town.must("ClawbackReceived", date(2024, 4, 1), case="A", clawback_id="CB", amount=20_000_000)
    waiver = {"case": "A", "clawback_id": "CB", "amount": 1, "reason": "insolvent", "decision_id": "W"}
    assert town.refused("ClawbackWaived", date(2024, 5, 1), **waiver).code == "decision_missing"
    town.must(
        "GovernmentDecisionMade",
        date(2024, 5, 1),
        decision_id="W",
        subject="waiver",
        approved=[{"award_id": "GZ-2023-A"}],
    )
    assert town.refused("ClawbackWaived", date(2024, 5, 1), **waiver).code == "basis_missing"
    town.must("ClawbackWaived", date(2024, 5, 1), **waiver, basis=("LAW:企业破产法第113条",))


def test_misuse_gives_no_clawback_where_the_text_gives_none(town: Town) -> None:
    town.edition()
    award = town.award("A", date(2023, 6, 1))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.must("FundMisuseFound", date(2024, 1, 5), case="A", amount=1_000, severity="serious")
    town.must(
        "GovernmentDecisionMade", date(2024, 3, 1), decision_id="C", subject="clawback", approved=[{"award_id": award}]
    )
    refusal = town.refused(
        "ClawbackOrdered",
        date(2024, 3, 1),
        case="A",
        clawback_id="CB",
        due_on=date(2024, 6, 1),
        decision_id="C",
        reason="fund_misuse",
        amount=1_000,
    )
    assert (refusal.code, refusal.details["rule"], refusal.details["reading"]) == (
        "clawback_without_basis",
        "GZ-26c",
        "B-67:default",
    )


def test_a_ground_outside_the_text_does_not_revoke(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    assert (
        town.refused("AwardRevoked", date(2024, 3, 1), case="A", ground="social_impact", decision_id="R").code
        == "ground_not_in_text"
    )


def test_an_accident_outside_the_window_or_too_small_proposes_nothing(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    for number, (day, severity, code) in enumerate(
        [(date(2023, 5, 20), "major", "fact_outside_window"), (date(2024, 1, 5), "general", "accident_too_small")]
    ):
        fact = town.must(
            "IncidentRecorded",
            date(2024, 2, 1),
            org="A",
            incident_id=f"I{number}",
            category="accident",
            severity=severity,
            authority="x",
            occurred_on=day,
        )
        assert (
            town.refused("RevocationProposed", date(2024, 3, 1), case="A", ground="accident", facts=[fact]).code == code
        )


def test_certificates_come_back_after_a_revocation_only(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    day = date(2023, 7, 1)
    town.must("CertificateIssued", day, case="A", items=[{"kind": "plaque", "serial": "S1"}])
    assert (
        town.refused("CertificateIssued", day, case="A", items=[{"kind": "plaque", "serial": "S1"}]).code
        == "serial_taken"
    )
    returned = {"case": "A", "items": [{"serial": "S1", "state": "returned"}]}
    assert town.refused("CertificateReturned", day, **returned).code == "award_not_revoked"
    assert (
        town.refused("CertificateReturned", day, case="A", items=[{"serial": "S9", "state": "lost"}]).code
        == "item_not_issued"
    )
    town.revoke("A", "fraud", date(2023, 8, 1))
    town.must("CertificateReturned", date(2023, 8, 2), **returned)


def test_a_conflicted_inspector_does_not_check_the_award(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    town.must("InterestDeclared", date(2023, 6, 2), case="A", by="sec", as_="SEC", result="conflict")
    refusal = town.refused("PostAwardCheckHeld", date(2023, 7, 1), case="A", check_id="C1")
    assert (refusal.code, refusal.details["rule"]) == ("inspector_conflicted", "GZ-31")
