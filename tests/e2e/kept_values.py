"""Values that have to be kept: while something is under inquiry, evidence of a finding, or money is owed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from api.scenario.defaults import LEFT_OUT
from ledger import canonical
from tests.builders import Town
from tests.e2e.erasures import LATER, D, registered

FILED = date(2023, 5, 10)

#: An entry, a restricted member of it, and what settles that for which it has to be kept.
Kept = tuple[str, str, Callable[[], None]]


def _inquiry(town: Town) -> Kept:
    filed = town.must("ApplicationFiled", D, org="B", business_details="细节")
    town.must(
        "ObjectionRaised", D, by="pub", as_="PUB", case="B", objection_id="OB", kind="complaint", complainant="某人"
    )

    def settle() -> None:
        town.must(
            "ObjectionInvestigated",
            D,
            by="sec",
            as_="SEC",
            objection_id="OB",
            outcome="unsubstantiated",
            investigators=["sec"],
        )
        town.must("ObjectionResolved", D, objection_id="OB", case_id="GZ-2023/B", outcome="dismissed")

    return filed, "/business_details", settle


def _complaint_itself(town: Town) -> Kept:
    _, _, settle = _inquiry(town)
    raised = next(e.statement.id for e in town.ledger.events() if e.statement.type == "ObjectionRaised")
    return raised, "/complainant", settle


def _revocation(town: Town) -> Kept:
    town.award("A", D)
    fact = town.must("IncidentRecorded", D, org="A", incident_id="I", category="other", authority="x", details="情况")
    town.must("RevocationProposed", D, case="A", ground="tax", facts=[fact])
    return fact, "/details", lambda: _rejected(town)


def _rejected(town: Town) -> None:
    town.must(
        "GovernmentDecisionMade", D, decision_id="R", subject="revocation", approved=[], rejected_awards=["GZ-2023-A"]
    )


def _finding(town: Town) -> Kept:
    own = registered(town, "R2")
    finding = {
        "finding_id": "F",
        "flag_ids": ["RF02"],
        "targets": [own],
        "severity": "high",
        "demand": "explain",
        "answer_due": LATER,
    }
    town.must("OversightFindingIssued", D, by="dis", as_="DIS", text="意见", **finding)

    def settle() -> None:
        town.must("OversightFindingAnswered", D, by="sec", as_="SEC", finding_id="F", step="answer")
        town.must("OversightFindingAnswered", D, by="dis", as_="DIS", finding_id="F", step="accept")

    return own, "/contact", settle


def _prize_unpaid(town: Town) -> Kept:
    town.award("A", D)
    half = {
        "case": "A",
        "amount": 25_000_000,
        "payee_account": "6222",
        "override": {"reason": "x", "instrument_no": "y", "by": "sup"},
    }
    paid = town.must("PrizePaid", D, part_no=1, parts=2, **half)
    return paid, "/payee_account", lambda: town.must("PrizePaid", D, part_no=2, parts=2, **half) and None


def _clawback(town: Town) -> Kept:
    town.award("A", D)
    paid = town.must("PrizePaid", D, case="A", amount=50_000_000, payee_account="6222")
    town.revoke("A", "fraud", D)
    ordered = {
        "clawback_id": "CB",
        "case": "A",
        "reason": "revoked_fraud",
        "amount": 50_000_000,
        "due_on": LATER,
        "decision_id": "R",
    }
    town.must("ClawbackOrdered", D, **ordered)
    return (
        paid,
        "/payee_account",
        lambda: town.must("ClawbackReceived", D, clawback_id="CB", case="A", amount=50_000_000) and None,
    )


def _openly(town: Town, **about: Any) -> Callable[[], None]:
    """An objection, and what settles it; whose it is about its raiser leaves out."""
    town.must(
        "ObjectionRaised", D, by="pub", as_="PUB", objection_id="OB", kind="complaint", **{"org": LEFT_OUT} | about
    )

    def settle() -> None:
        investigation = {"objection_id": "OB", "outcome": "unsubstantiated", "investigators": ["sec"]}
        town.must("ObjectionInvestigated", D, by="sec", as_="SEC", case_id=LEFT_OUT, org=LEFT_OUT, **investigation)
        by = {"case_id": "GZ-2023/A"} if "case" in about else {"by": "sech", "as_": "SECH", "case_id": LEFT_OUT}
        town.must("ObjectionResolved", D, objection_id="OB", outcome="dismissed", **by)

    return settle


def _granted(town: Town) -> str:
    """An award of A on an application that holds something; returns the application."""
    filed = town.must("ApplicationFiled", FILED, D, org="A", business_details="细节", case_id="GZ-2023/A")
    item = {"case": "A", "award": "quality"}
    town.must("GovernmentDecisionMade", D, decision_id="DEC", approved=[item])
    town.must("AwardGranted", D, case="A", award="quality", decision_id="DEC")
    return filed


def _paid(town: Town) -> str:
    return town.must("PrizePaid", D, case="A", amount=50_000_000, payee_account="6222")


def _found_against(town: Town, org: str = "A") -> str:
    return town.must("IncidentRecorded", D, org=org, incident_id="I", category="other", authority="x", details="情况")


def _award_objected(town: Town) -> Kept:
    filed = _granted(town)
    return filed, "/business_details", _openly(town, target_kind="award", award_id="GZ-2023-A")


def _case_objected(town: Town) -> Kept:
    town.must("ApplicationFiled", D, org="A")
    return _found_against(town), "/details", _openly(town, case="A")


def _panel_objected(town: Town) -> Kept:
    town.must("ApplicationFiled", FILED, org="A")
    town.must("EligibilityDecided", date(2023, 5, 20), case="A", outcome="eligible")
    panel = {"body_id": "P", "members": ["R1", "R2", "R3", "R4", "R5"], "leader": "R1", "cases": ["A"]}
    town.must("BodyConstituted", date(2023, 5, 21), kind="panel", **panel)
    score = {"by": "R2", "as_": "REV", "case": "A", "stage": "material", "total": "600", "comments": "评语"}
    scored = town.must("ScoreSubmitted", date(2023, 5, 25), **score)
    return scored, "/comments", _openly(town, target_kind="body", body_id="P")


def _incident_investigated(town: Town) -> Kept:
    """An incident of somebody else, on which the investigation of an open objection rests."""
    town.must("ApplicationFiled", D, org="A")
    incident = _found_against(town, "B")
    settle = _openly(town, case="A")
    investigation = {"objection_id": "OB", "outcome": "partly", "investigators": ["sec"], "incident_ids": ["I"]}
    town.must("ObjectionInvestigated", D, by="sec", as_="SEC", case_id=LEFT_OUT, org=LEFT_OUT, **investigation)
    return incident, "/details", settle


def _decided(town: Town) -> str:
    """A revocation up to the government's decision; returns the incident that it rests on."""
    fact = _found_against(town)
    town.must("RevocationProposed", D, case="A", ground="tax", facts=[fact])
    town.must("GovernmentDecisionMade", D, decision_id="R", subject="revocation", approved=[{"award_id": "GZ-2023-A"}])
    return fact


def _revoked_for_tax(town: Town) -> None:
    town.must("AwardRevoked", D, case="A", ground="tax", decision_id="R")


def _fact_of_a_decision(town: Town) -> Kept:
    _granted(town)
    return _decided(town), "/details", lambda: _revoked_for_tax(town)


def _account_of_a_decision(town: Town) -> Kept:
    _granted(town)
    paid = _paid(town)
    _decided(town)
    return paid, "/payee_account", lambda: _revoked_for_tax(town)


def _application_during_revocation(town: Town) -> Kept:
    filed = _granted(town)
    town.must("RevocationProposed", D, case="A", ground="tax", facts=[_found_against(town)])
    return filed, "/business_details", lambda: _rejected(town)


def _correction_of_a_fact(town: Town) -> Kept:
    """What corrects an entry is about what the entry is about."""
    town.award("A", D)
    fact = town.must("IncidentRecorded", D, org="A", incident_id="I", category="other", authority="x", doc_no="一号")
    members = {"patch": _patch("/doc_no", "一号", "二号"), "reason": "笔误", "details": "说明"}
    by = town.ledger.event(fact).statement
    corrected = town.must("EventCorrected", D, by=by.actor, as_=by.role, target=fact, **members)
    town.must("RevocationProposed", D, case="A", ground="tax", facts=[fact])
    return corrected, "/details", lambda: _rejected(town)


def _patch(path: str, old: str, new: str) -> dict[str, dict[str, str]]:
    return {path: {"old_hash": hashlib.sha256(canonical.encode(old)).hexdigest(), "new": new}}


def _issued(town: Town, **about: Any) -> Callable[[], None]:
    finding = {"finding_id": "F", "flag_ids": ["RF02"], "severity": "high", "demand": "explain", "answer_due": LATER}
    town.must("OversightFindingIssued", D, by="dis", as_="DIS", text="意见", **finding | {"targets": []} | about)
    return lambda: _accepted(town)


def _answered(town: Town, **more: Any) -> str:
    return town.must("OversightFindingAnswered", D, by="sec", as_="SEC", finding_id="F", step="answer", **more)


def _accepted(town: Town) -> None:
    _answered(town)
    town.must("OversightFindingAnswered", D, by="dis", as_="DIS", finding_id="F", step="accept")


def _answer_to_a_finding(town: Town) -> Kept:
    settle = _issued(town, targets=[registered(town, "R2")])
    return _answered(town, text="答复"), "/text", settle


def _action_on_a_finding(town: Town) -> Kept:
    settle, incident = _issued(town, targets=[registered(town, "R2")]), _found_against(town)
    _answered(town, actions=[incident])
    return incident, "/details", settle


def _account_under_a_finding(town: Town) -> Kept:
    _granted(town)
    return _paid(town), "/payee_account", _issued(town, cases=["GZ-2023/A"])


def _edition_under_a_finding(town: Town) -> Kept:
    filed = town.must("ApplicationFiled", D, org="A", business_details="细节")
    return filed, "/business_details", _issued(town, edition_id="GZ-2023")


def _repaid(town: Town, reason: str, **more: Any) -> None:
    order = {
        "clawback_id": "CB",
        "case": "A",
        "reason": reason,
        "amount": 50_000_000,
        "due_on": LATER,
        "decision_id": "R",
    }
    town.must("ClawbackOrdered", D, **order | more)
    amount = (order | more)["amount"]
    town.must("ClawbackReceived", D, clawback_id="CB", case="A", amount=amount)


def _revoked_and_not_ordered_back(town: Town) -> Kept:
    town.award("A", D)
    paid = _paid(town)
    town.revoke("A", "fraud", D)
    return paid, "/payee_account", lambda: _repaid(town, "revoked_fraud")


def _misused(town: Town) -> tuple[str, str, Callable[[], None]]:
    """The account, the finding of misuse, and what settles it, where the text lets it be ordered back."""
    town.must(
        "RegulationInterpreted", D, **town.interpretation("fund_misuse.clawback", "serious_with_government_approval")
    )
    town.award("A", D)
    paid = _paid(town)
    misuse = {"amount": 40_000_000, "severity": "serious", "categories": [], "facts": "事实"}
    found = town.must("FundMisuseFound", D, case="A", **misuse)

    def settle() -> None:
        approved = [{"award_id": "GZ-2023-A"}]
        town.must("GovernmentDecisionMade", D, decision_id="R", subject="clawback", approved=approved)
        _repaid(town, "fund_misuse", amount=40_000_000)

    return paid, found, settle


def _account_of_misuse(town: Town) -> Kept:
    paid, _, settle = _misused(town)
    return paid, "/payee_account", settle


def _facts_of_misuse(town: Town) -> Kept:
    _, found, settle = _misused(town)
    return found, "/facts", settle


def _misuse_not_to_be_ordered_back(town: Town) -> Kept:
    paid, _, _ = _misused(town)
    rejected = {"approved": [], "rejected_awards": ["GZ-2023-A"]}
    return (
        paid,
        "/payee_account",
        lambda: town.must("GovernmentDecisionMade", D, decision_id="N", subject="clawback", **rejected) and None,
    )


def _contact_of_a_debtor(town: Town) -> Kept:
    _, _, settle = _clawback(town)
    changed = town.must("PrincipalUpdated", D, principal_id="A", kind="contact", contact="电话")
    return changed, "/contact", settle


def _account_of_a_successor(town: Town) -> Kept:
    """Debts of a predecessor, which a decision passed on."""
    town.award("B", D)
    paid = town.must("PrizePaid", D, case="B", amount=50_000_000, payee_account="6333")
    _, _, settle = _clawback(town)
    town.must("PrincipalUpdated", D, principal_id="A", kind="merged", successor_ids=["B"])
    passed = {"predecessor": "A", "org": "B", "carries": ["debts"]}
    town.must(
        "GovernmentDecisionMade", D, decision_id="S", subject="succession", approved=[passed], reasons_hash="0" * 64
    )
    return paid, "/payee_account", settle


#: What has to be kept, and the code of the rule by which its erasure is refused.
KEPT: list[tuple[Callable[[Town], Kept], str]] = [
    (_inquiry, "under_inquiry"),
    (_complaint_itself, "under_inquiry"),
    (_revocation, "under_inquiry"),
    (_finding, "evidence_of_a_finding"),
    (_award_objected, "under_inquiry"),
    (_case_objected, "under_inquiry"),
    (_panel_objected, "under_inquiry"),
    (_incident_investigated, "under_inquiry"),
    (_fact_of_a_decision, "under_inquiry"),
    (_account_of_a_decision, "under_inquiry"),
    (_application_during_revocation, "under_inquiry"),
    (_correction_of_a_fact, "under_inquiry"),
    (_answer_to_a_finding, "evidence_of_a_finding"),
    (_action_on_a_finding, "evidence_of_a_finding"),
    (_account_under_a_finding, "evidence_of_a_finding"),
    (_edition_under_a_finding, "evidence_of_a_finding"),
    (_prize_unpaid, "money_owed"),
    (_clawback, "money_owed"),
    (_revoked_and_not_ordered_back, "money_owed"),
    (_account_of_misuse, "money_owed"),
    (_facts_of_misuse, "money_owed"),
    (_misuse_not_to_be_ordered_back, "money_owed"),
    (_contact_of_a_debtor, "money_owed"),
    (_account_of_a_successor, "money_owed"),
]
