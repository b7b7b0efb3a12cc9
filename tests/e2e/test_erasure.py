"""Erasing: by two seats together, exactly what is named, never what has to be kept, and for good."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.scenario.defaults import LEFT_OUT
from ledger import canonical
from ledger.disclosure import Opening
from ledger.errors import GuardRefusedError, MalformedError, NotFoundError, PermissionRefusedError, RefusedError
from ledger.events import registry
from ledger.events.kinds import Id, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.events.vocabulary import EVENTS
from ledger.fsck.database import check_database
from ledger.signing import envelope as dsse
from ledger.statement import compose, parse
from ledger.store.pending import Pending, PendingSubmissions
from ledger.submission import Submission
from tests.builders import Town

D = date(2023, 6, 20)
LATER = date(2023, 7, 20)
FILED = date(2023, 5, 10)

#: An entry, a restricted member of it, and what settles that for which it has to be kept.
Kept = tuple[str, str, Callable[[], None]]


def _registered(town: Town, who: str) -> str:
    return next(
        e.statement.id
        for e in town.ledger.events()
        if e.statement.type == "PrincipalRegistered" and e.statement.payload.principal_id == who
    )


def _order(target: str, *paths: str, subject: str | None = None, **more: Any) -> dict[str, Any]:
    members: dict[str, Any] = {
        "by": "opr",
        "as_": "OPR",
        "with_": ("dis",),
        "target_event": target,
        "paths": list(paths),
    }
    members |= {"action": "erased", "purpose": "本人申请", "legal_basis": "个人信息保护法第四十七条"}
    return members | ({"subject": subject} if subject else {}) | more


def _states(town: Town, target: str) -> dict[str, str]:
    return {f.pointer: f.state for f in town.ledger.disclosing.fields(target)}


def _opens(town: Town, target: str, pointer: str) -> bool:
    try:
        return bool(town.ledger.erasures.open(town.ledger.event(target), pointer).value)
    except NotFoundError:
        return False


# Who


@pytest.mark.parametrize(
    "seat", [s for s in EVENTS["RestrictedDataHandled"].SPEC.seats if s.originator != "OPR"], ids=lambda s: s.originator
)
def test_no_seat_alone_erases_anything_its_own_data_included(town: Town, seat: registry.Seat) -> None:
    actor = {"APP": "A", "REV": "R2", "LEAD": "R1", "COM": "chr", "CHR": "chr", "FIN": "fin1"}.get(
        seat.originator, seat.originator.lower()
    )
    # Founders and organisations have no personal data of their own in the log; they try a reviewer's.
    subject = actor if actor not in ("sech", "gov", "A") else "R3"
    own = _registered(town, subject)
    order = _order(own, "/contact", subject=subject) | {"by": actor, "as_": seat.originator, "with_": ()}
    refusal = town.refused("RestrictedDataHandled", D, **order)
    assert (type(refusal), refusal.code) == (PermissionRefusedError, "special_case_only")
    assert set(_states(town, own).values()) <= {"withheld"}


def test_the_operator_needs_the_inspector_and_the_inspector_the_operator(town: Town) -> None:
    own = _registered(town, "R2")
    for alone in (
        {"with_": ()},
        {"with_": ("sech",)},
        {"with_": ("sup",)},
        {"by": "dis", "as_": "DIS", "with_": ("opr",)},
    ):
        refusal = town.refused("RestrictedDataHandled", D, **_order(own, "/contact", subject="R2") | alone)
        assert refusal.code in ("countersignature_missing", "special_case_only")
    town.must("RestrictedDataHandled", D, **_order(own, "/contact", subject="R2"))
    assert _states(town, own) == {"/contact": "erased", "/id_number": "withheld", "/person_name": "withheld"}


# What


def test_exactly_what_is_named_goes(town: Town) -> None:
    """One value of one entry: not the others of the entry, not those of other entries of the same subject."""
    town.edition()
    filed = town.must("ApplicationFiled", D, org="A", contact_person="联系人", business_details="细节", tax_per_mu=100)
    paid = town.must("IncidentRecorded", D, org="A", incident_id="I", category="other", authority="x", details="情况")
    town.must("RestrictedDataHandled", D, **_order(filed, "/contact_person", subject="A"))
    assert _states(town, filed) == {
        "/business_details": "withheld",
        "/contact_person": "erased",
        "/tax_per_mu": "withheld",
    }
    assert [_opens(town, filed, p) for p in ("/business_details", "/contact_person")] == [True, False]
    assert (_states(town, paid), _opens(town, paid, "/details")) == ({"/details": "withheld"}, True)
    # New data of the same subject is kept as any other.
    after = town.must(
        "IncidentRecorded", LATER, org="A", incident_id="I2", category="other", authority="x", details="新情况"
    )
    assert _opens(town, after, "/details")
    assert check_database(town.ledger) == []


def test_the_subject_is_that_of_the_fields_and_nobody_elses(town: Town) -> None:
    """An applicant's name on a reviewer's score destroyed what was recorded against the applicant."""
    town.edition()
    incident = town.must(
        "IncidentRecorded", D, org="B", incident_id="I", category="other", authority="x", details="情况"
    )
    refusal = town.refused("RestrictedDataHandled", D, **_order(_registered(town, "R3"), "/contact", subject="B"))
    assert (refusal.code, refusal.details["rule"], refusal.details["field"]) == ("subject_differs", "AUD", "subject")
    assert _opens(town, incident, "/details")
    refusal = town.refused("RestrictedDataHandled", D, **_order(incident, "/details", subject="R3"))
    assert refusal.code == "subject_differs"


@pytest.mark.parametrize(
    ("paths", "code"),
    [((), "malformed_payload"), (("/nothing",), "nothing_restricted"), (("/contact", "/amount"), "nothing_restricted")],
)
def test_an_erasure_names_fields_that_are_there(town: Town, paths: tuple[str, ...], code: str) -> None:
    refusal = town.refused("RestrictedDataHandled", D, **_order(_registered(town, "R3"), *paths, subject="R3"))
    assert refusal.code == code
    with pytest.raises((MalformedError, GuardRefusedError)):
        raise refusal


def test_it_is_erased_once(town: Town) -> None:
    own = _registered(town, "R3")
    town.must("RestrictedDataHandled", D, **_order(own, "/contact"))
    assert town.refused("RestrictedDataHandled", D, **_order(own, "/contact")).code == "already_erased"
    town.must("RestrictedDataHandled", D, **_order(own, "/contact", "/person_name"))
    assert _states(town, own) == {"/contact": "erased", "/id_number": "withheld", "/person_name": "erased"}


class PairHeard(Payload, frozen=True):
    """An event with data of two subjects; the vocabulary may get such."""

    org: Id
    person: Id


@pytest.fixture
def pair(town: Town) -> Iterator[tuple[Town, str]]:
    restricted = {"findings": Restricted(Text, "org", "findings"), "details": Restricted(Text, "person", "personal")}
    event(
        "PairHeard",
        "两方听取",
        "Pair heard",
        signers="DIS",
        tags="o:org p:person",
        serves="",
        guard="",
        restricted=restricted,
    )(PairHeard)
    openings = [
        Opening(p, secrets.token_bytes(32), v) for p, v in (("/findings", "甲方所述"), ("/details", "乙方所述"))
    ]
    town.clock.advance(D)
    body = compose(
        type="PairHeard",
        log=town.ledger.origin,
        id=town.cast.statement_id("pair", town.clock()),
        actor="dis",
        role="DIS",
        effective_at=D.isoformat(),
        payload={"org": "A", "person": "R4"},
        sd={o.pointer: o.commitment() for o in openings},
    )
    envelope = dsse.sign(body, town.cast.key("dis"))
    receipt = town.ledger.submit(Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings}))
    yield town, receipt.id
    for version in registry._REGISTER.pop("PairHeard"):
        registry._UPCASTERS.pop(version, None)


@pytest.mark.parametrize(("gone", "subject", "left"), [("/details", "R4", "/findings"), ("/findings", "A", "/details")])
def test_of_one_event_with_two_subjects_one_is_erased(
    pair: tuple[Town, str], gone: str, subject: str, left: str
) -> None:
    town, heard = pair
    other = {"R4": "A", "A": "R4"}[subject]
    assert town.refused("RestrictedDataHandled", D, **_order(heard, gone, subject=other)).code == "subject_differs"
    assert (
        town.refused("RestrictedDataHandled", D, **_order(heard, gone, left, subject=subject)).code == "subject_differs"
    )
    town.must("RestrictedDataHandled", D, **_order(heard, gone, subject=subject))
    assert _states(town, heard) == {gone: "erased", left: "withheld"}
    assert [_opens(town, heard, p) for p in (gone, left)] == [False, True]
    assert _opens(town, _registered(town, "R4"), "/contact")


# What has to be kept


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
    own = _registered(town, "R2")
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
    settle = _issued(town, targets=[_registered(town, "R2")])
    return _answered(town, text="答复"), "/text", settle


def _action_on_a_finding(town: Town) -> Kept:
    settle, incident = _issued(town, targets=[_registered(town, "R2")]), _found_against(town)
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


@pytest.mark.parametrize(
    ("kept", "code"),
    [
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
    ],
)
def test_what_has_to_be_kept_is_refused_by_its_rule_until_it_is_settled(
    town: Town, kept: Callable[[Town], Kept], code: str
) -> None:
    town.edition()
    target, path, settle = kept(town)
    refusal: RefusedError = town.refused("RestrictedDataHandled", D, **_order(target, path))
    assert refusal.code == code
    assert refusal.details["rule"]
    said = [refusal.details[name] for name in ("article", "reading")]
    assert any(said) or refusal.details["rule"] == "AUD"
    override = {"reason": "x", "instrument_no": "y", "by": "sup"}
    assert town.refused("RestrictedDataHandled", D, **_order(target, path), override=override).code == "no_override"
    assert _opens(town, target, path)
    settle()
    town.must("RestrictedDataHandled", D, **_order(target, path))
    assert not _opens(town, target, path)


def test_an_account_is_kept_while_a_bonus_for_a_higher_award_is_owed(new_town: Callable[..., Town]) -> None:
    town = new_town("jindong/draft")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="金政〔2023〕1号（演示）", issued_on=date(2023, 1, 3))
    won = {"org": "A", "level": "city", "award_kind": "quality", "award_name": "x", "won_on": D}
    bonus = {"org": "A", "kind": "superior_bonus", "award_id": LEFT_OUT, "basis": ("JD:六(二)",)}

    def pays(higher: str, amount: int) -> str:
        return town.must("PrizePaid", D, higher_award_id=higher, amount=amount, payee_account="6222", **bonus)

    town.must("HigherAwardRecorded", D, higher_award_id="H1", **won)
    paid = pays("H1", 100_000_000)
    town.must("HigherAwardRecorded", D, higher_award_id="H2", **won | {"award_kind": "innovation"})
    refusal = town.refused("RestrictedDataHandled", D, **_order(paid, "/payee_account"))
    assert (refusal.code, refusal.details["org"]) == ("money_owed", "A")
    pays("H2", 30_000_000)
    town.must("RestrictedDataHandled", D, **_order(paid, "/payee_account"))


# For good


def _opening_row(town: Town, target: str, pointer: str, owner: psycopg.Connection[Any]) -> tuple[Any, ...]:
    table = sql.Identifier(town.database.schema, "opening")
    query = sql.SQL("SELECT sealed, kek_id, wrapped, erased_by FROM {} WHERE entry_id = %s AND pointer = %s").format(
        table
    )
    [row] = owner.execute(query, (target, pointer)).fetchall()
    return tuple(row)


def _put_back(town: Town, target: str, pointer: str, row: tuple[Any, ...], owner: psycopg.Connection[Any]) -> None:
    table = sql.Identifier(town.database.schema, "opening")
    query = sql.SQL(
        "UPDATE {} SET sealed = %s, kek_id = %s, wrapped = %s, erased_by = %s WHERE entry_id = %s AND pointer = %s"
    ).format(table)
    owner.execute(query, (*row, target, pointer))


def test_a_key_that_is_copied_back_while_the_log_runs_opens_nothing_and_is_destroyed(town: Town) -> None:
    own = _registered(town, "R2")
    with psycopg.connect(town.database.url, autocommit=True) as owner:
        before = _opening_row(town, own, "/contact", owner)
        order = town.must("RestrictedDataHandled", D, **_order(own, "/contact"))
        assert _opening_row(town, own, "/contact", owner) == (b"", None, None, order)
        _put_back(town, own, "/contact", before, owner)
        # Nothing believes the row: not the state of the field, not whoever asks to open it.
        assert _states(town, own)["/contact"] == "erased"
        asking = {"target_event": own, "paths": ["/contact"], "action": "opened", "purpose": "x", "subject": "R2"}
        with pytest.raises(NotFoundError):
            town.ledger.disclosing.disclose(town.signed("RestrictedDataHandled", D, by="R2", as_="REV", **asking))
        assert [f.field for f in check_database(town.ledger)] == ["opening /contact"]
        assert not _opens(town, own, "/contact")
        assert _opening_row(town, own, "/contact", owner) == (b"", None, None, order)
    assert check_database(town.ledger) == []


def test_what_a_restored_backup_brings_back_is_destroyed_when_the_log_opens(town: Town) -> None:
    own = _registered(town, "R2")
    with psycopg.connect(town.database.url, autocommit=True) as owner:
        before = _opening_row(town, own, "/contact", owner)
        town.must("RestrictedDataHandled", D, **_order(own, "/contact"))
        _put_back(town, own, "/contact", before, owner)
        assert (town.ledger.erasures.enforce(), town.ledger.erasures.enforce()) == (1, 0)
        assert _opening_row(town, own, "/contact", owner)[:3] == (b"", None, None)
    assert _opens(town, own, "/person_name")


def _waiting(town: Town) -> tuple[Submission, Callable[[], list[str]]]:
    """A registration that waits for a second signature, and how many sealed copies open."""
    registration = {"principal_id": "PX", "kind": "person", "person_name": "某", "id_number": "X", "contact": "电话"}
    submission = town.signed("PrincipalRegistered", D, **registration)
    pending = PendingSubmissions(town.database, town.ledger.vault)
    statement = parse(submission.envelope.body)
    row = Pending(statement.id, statement.type, statement.actor, statement.role, ("SECH",), town.clock())
    body = canonical.encode(submission.to_json())
    pending.put(row, body)

    def copies() -> list[str]:
        with town.database.connection() as connection:
            return [str(name) for (name,) in connection.execute("SELECT id FROM pending_submission").fetchall()]

    assert copies() == [statement.id]
    return submission, copies


def test_what_waited_is_forgotten_with_the_recording_of_it_by_whatever_way(town: Town) -> None:
    """A sealed copy of the openings outlived their erasure where the statement was not recorded by the workplace."""
    submission, copies = _waiting(town)
    recorded = town.ledger.submit(submission).id
    assert copies() == []
    town.must("RestrictedDataHandled", D, **_order(recorded, "/contact"))
    assert (copies(), _opens(town, recorded, "/contact")) == ([], False)


@pytest.mark.parametrize("then", ["erased", "opened_again"])
def test_a_copy_that_came_back_goes_with_the_erasure_and_when_the_log_opens(town: Town, then: str) -> None:
    submission, copies = _waiting(town)
    with town.database.connection() as connection:
        [row] = connection.execute("SELECT * FROM pending_submission").fetchall()
    recorded = town.ledger.submit(submission).id
    with town.database.connection() as connection:
        connection.execute("INSERT INTO pending_submission VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    assert copies() == [recorded]
    if then == "erased":
        town.must("RestrictedDataHandled", D, **_order(recorded, "/contact"))
    else:
        town.ledger.erasures.enforce()
    assert copies() == []


def test_what_is_recorded_by_now_is_not_kept_as_waiting(town: Town) -> None:
    submission = town.signed(
        "PrincipalRegistered", D, principal_id="PX", kind="person", person_name="某", id_number="X"
    )
    recorded = town.ledger.submit(submission).id
    row = Pending(recorded, "PrincipalRegistered", "opr", "OPR", ("SECH",), town.clock())
    PendingSubmissions(town.database, town.ledger.vault).put(row, canonical.encode(submission.to_json()))
    with town.database.connection() as connection:
        assert connection.execute("SELECT id FROM pending_submission").fetchall() == []


def test_openings_that_race_with_an_erasure_get_the_value_or_nothing(town: Town) -> None:
    own, outcomes = _registered(town, "R2"), list[object]()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                outcomes.append(town.ledger.erasures.open(town.ledger.event(own), "/contact").value)
            except NotFoundError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    town.must("RestrictedDataHandled", D, **_order(own, "/contact"))
    stop.set()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {"DEMO-TEL-R2", "no_opening"}
    assert not _opens(town, own, "/contact")
