"""Whose an act is about: nobody acts in another's affairs, judges the own cause, or undoes what stands."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ledger import canonical
from ledger.audit.notes import Strictness
from ledger.derivation.history import EVER, History
from ledger.events.application import ApplicationFiled
from ledger.fsck.database import check_database
from ledger.statement import parse
from tests.builders import Town

D = date(2023, 6, 8)
OVERRIDE = {"reason": "x", "instrument_no": "y", "by": "sup"}


def _filed(town: Town, *orgs: str) -> None:
    town.edition()
    for org in orgs:
        town.must("ApplicationFiled", D, org=org)


@pytest.mark.parametrize(
    ("do", "members"),
    [
        ("ApplicationWithdrawn", {}),
        ("ApplicationSupplemented", {"reason": "补正", "fields": {}, "attachments": []}),
    ],
)
def test_an_applicant_does_not_take_anothers_case_for_its_own(town: Town, do: str, members: dict[str, Any]) -> None:
    _filed(town, "A", "B")
    refusal = town.refused(do, D, by="B", as_="APP", case="A", org="B", **members)
    assert (refusal.code, refusal.details["field"]) == ("not_the_applicant", "case_id")
    town.must(do, D, by="A", as_="APP", case="A", org="A", **members)


def test_a_successor_goes_on_with_the_case_it_took_over(town: Town) -> None:
    _filed(town, "A", "B")
    town.must("PrincipalUpdated", D, principal_id="A", kind="merged", successor_ids=["B"])
    town.must("ApplicationWithdrawn", D, by="B", as_="APP", case="A", org="B")


def test_who_objects_does_not_investigate_the_own_objection(town: Town) -> None:
    _filed(town, "A")
    town.must("ObjectionRaised", D, by="dep", as_="DEP", case="A", objection_id="O")
    found = {"objection_id": "O", "outcome": "unsubstantiated"}
    refusal = town.refused("ObjectionInvestigated", D, by="dep", as_="DEP", investigators=[], **found)
    assert (refusal.code, refusal.details["separation"]) == ("duties_not_separated", "S6")
    refusal = town.refused("ObjectionInvestigated", D, by="sec", as_="SEC", investigators=["dep"], **found)
    assert (refusal.code, refusal.details["separation"]) == ("duties_not_separated", "S6")
    town.must("ObjectionInvestigated", D, by="sec", as_="SEC", investigators=[], **found)


def test_the_office_investigates_what_it_recorded_on_behalf_of_somebody(town: Town) -> None:
    _filed(town, "A")
    town.must("ObjectionRaised", D, by="sec", as_="SEC", case="A", objection_id="O", on_behalf=True)
    town.must(
        "ObjectionInvestigated", D, by="sec", as_="SEC", objection_id="O", outcome="unsubstantiated", investigators=[]
    )


def test_the_person_objected_to_does_not_resolve_the_objection(town: Town) -> None:
    _filed(town, "A")
    about = {"target_kind": "person", "person": "chr", "case": "A"}
    town.must("ObjectionRaised", D, by="pub", as_="PUB", objection_id="O", **about)
    town.must(
        "ObjectionInvestigated", D, by="sec", as_="SEC", objection_id="O", outcome="unsubstantiated", investigators=[]
    )
    assert (
        town.refused("ObjectionResolved", D, objection_id="O", case="A", outcome="dismissed").code
        == "duties_not_separated"
    )


def _finding(town: Town, targets: list[str], cases: list[str]) -> None:
    town.must(
        "OversightFindingIssued",
        D,
        by="dis",
        as_="DIS",
        finding_id="F",
        flag_ids=["RF05"],
        targets=targets,
        severity="high",
        demand="explain",
        answer_due=D.replace(day=20),
        cases=cases,
    )


def test_a_finding_is_answered_by_whom_it_is_about_or_by_the_office(town: Town) -> None:
    _filed(town, "A", "B")
    filed = next(e.statement.id for e in town.ledger.events() if e.statement.type == "ApplicationFiled")
    _finding(town, [filed], [])
    answer = {"finding_id": "F", "step": "answer"}
    assert town.refused("OversightFindingAnswered", D, by="B", as_="APP", **answer).code == "finding_of_others"
    assert town.refused("OversightFindingAnswered", D, by="rec", as_="REC", **answer).code == "finding_of_others"
    town.must("OversightFindingAnswered", D, by="A", as_="APP", **answer)
    town.must("OversightFindingAnswered", D, by="sec", as_="SEC", **answer)


def test_a_finding_about_a_case_is_answered_by_its_applicant(town: Town) -> None:
    _filed(town, "A", "B")
    opened = next(e.statement.id for e in town.ledger.events() if e.statement.type == "EditionOpened")
    _finding(town, [opened], ["GZ-2023/A"])
    answer = {"finding_id": "F", "step": "answer"}
    assert town.refused("OversightFindingAnswered", D, by="B", as_="APP", **answer).code == "finding_of_others"
    assert (
        town.refused("OversightFindingAnswered", D, by="sec", as_="SEC", cases=["GZ-2023/B"], **answer).code
        == "case_differs"
    )
    town.must("OversightFindingAnswered", D, by="A", as_="APP", **answer)


# Roles that count somewhere only


def test_a_role_for_one_edition_does_not_count_in_another(town: Town) -> None:
    scoped = {"principal_id": "dis", "role": "REC", "valid_from": D, "scope": {"edition": "GZ-2022"}}
    town.must("RoleGranted", D, by="sech", as_="SECH", **scoped)
    _filed(town, "A")
    refusal = town.refused("RecommendationIssued", D, by="dis", as_="REC", case="A")
    assert (refusal.code, refusal.details["role"]) == ("role_elsewhere", "REC")
    town.must("RoleGranted", D, by="sech", as_="SECH", **(scoped | {"scope": {"edition": "GZ-2023"}}))
    town.must("RecommendationIssued", D, by="dis", as_="REC", case="A")


def test_a_countersignature_of_another_edition_does_not_count(town: Town) -> None:
    town.must(
        "RoleGranted",
        D,
        by="gov",
        as_="GOV",
        principal_id="dep",
        role="SECH",
        valid_from=D,
        scope={"edition": "GZ-2022"},
    )
    _filed(town, "A")
    refusal = town.refused("EligibilityDecided", D, by="sec", as_="SEC", with_=("dep",), case="A", outcome="returned")
    assert refusal.code == "countersignature_missing"


def test_nobody_grants_a_role_to_oneself(town: Town) -> None:
    refusal = town.refused("RoleGranted", D, by="sech", as_="SECH", principal_id="sech", role="REC", valid_from=D)
    assert refusal.code == "granted_to_oneself"


# What stands


def _first(town: Town, topic: str) -> str:
    return next(e.statement.id for e in town.ledger.events() if e.statement.type == topic)


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("GenesisDeclared", "genesis_stands"),
        ("PrincipalRegistered", "principal_stands"),
        ("KeyRegistered", "key_stands"),
        ("KeyRevoked", "revocation_stands"),
        ("RoleWithdrawn", "withdrawal_stands"),
    ],
)
def test_what_identities_rest_on_is_not_annulled(town: Town, topic: str, code: str) -> None:
    key = town.cast.key("dep").public.keyid
    town.must("KeyRevoked", D, by="dep", as_="DEP", principal_id="dep", key_id=key, reason="lost")
    grant = next(
        e
        for e in town.ledger.events()
        if e.statement.type == "RoleGranted" and e.statement.payload.principal_id == "rec"
    )
    town.must(
        "RoleWithdrawn",
        D,
        by="sech",
        as_="SECH",
        principal_id="rec",
        grant_id=grant.statement.id,
        from_on=D,
        reason="transfer",
    )
    members = {"target": _first(town, topic), "reason": "error", "effect": "void_ab_initio"}
    assert town.refused("EventAnnulled", D, by="sup", as_="SUP", **members).code == code
    assert (
        town.refused("EventAnnulled", D, by="sup", as_="SUP", override=OVERRIDE | {"by": "gov"}, **members).code
        == "no_override"
    )


def test_a_finding_is_annulled_by_its_issuer_only(town: Town) -> None:
    _filed(town, "A")
    _finding(town, [_first(town, "ApplicationFiled")], [])
    members = {"target": _first(town, "OversightFindingIssued"), "reason": "error", "effect": "void_ab_initio"}
    assert town.refused("EventAnnulled", D, by="sup", as_="SUP", **members).code == "not_the_issuer"
    town.must("EventAnnulled", D, by="dis", as_="DIS", **members)


def test_a_correction_is_not_recorded_by_override(town: Town) -> None:
    _filed(town, "A")
    hashed = hashlib.sha256(canonical.encode("x")).hexdigest()
    patch = {"/org": {"old_hash": hashed, "new": 7}}
    refusal = town.refused(
        "EventCorrected",
        D,
        by="A",
        as_="APP",
        target=_first(town, "ApplicationFiled"),
        patch=patch,
        reason="x",
        override=OVERRIDE,
    )
    assert refusal.code == "no_override"


def test_a_correction_that_does_not_fit_corrects_nothing_and_breaks_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Admission once let such a one pass by override."""
    _filed(town, "A")
    monkeypatch.setattr("ledger.admission.structure.overridable", lambda _statement: True)
    hashed = hashlib.sha256(canonical.encode("x")).hexdigest()
    for path, new in (("/org", 7), ("/nothing/there", "x"), ("/award", "quality")):
        patch = {path: {"old_hash": hashed, "new": new}}
        town.must(
            "EventCorrected",
            D,
            by="A",
            as_="APP",
            target=_first(town, "ApplicationFiled"),
            patch=patch,
            reason="x",
            override=OVERRIDE,
        )
    [filed] = History(town.ledger.events()).live(EVER, town.ledger.size()).of(ApplicationFiled)
    fitting = [e.statement.id for e in town.ledger.events() if e.statement.type == "EventCorrected"][2:]
    assert (filed.payload.org, filed.payload.award, list(filed.corrected_by)) == ("A", "quality", fitting)


# What was once accepted


def test_what_was_accepted_of_others_affairs_is_noted_and_no_finding(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.admission.guards.GUARDS", {})
    monkeypatch.setattr(
        "ledger.admission.structure.holds_here", lambda v, who, role: v.identities.has_role(who, role, v.today)
    )
    scoped = {"principal_id": "dis", "role": "REC", "valid_from": D, "scope": {"edition": "GZ-2022"}}
    town.must("RoleGranted", D, by="sech", as_="SECH", **scoped)
    _filed(town, "A", "B")
    town.must("ApplicationWithdrawn", D, by="B", as_="APP", case="A", org="B")
    town.must("RecommendationIssued", D, by="dis", as_="REC", case="A")
    town.must("ObjectionRaised", D, by="dep", as_="DEP", case="A", objection_id="O")
    investigated = {"objection_id": "O", "outcome": "unsubstantiated"}
    town.must("ObjectionInvestigated", D, by="dep", as_="DEP", investigators=[], **investigated)
    town.must("ObjectionInvestigated", D, by="sec", as_="SEC", investigators=["dep"], **investigated)
    town.must("AwardGranted", D, case="A", award_id="GZ-2023-A", org="A", decision_id="D")
    town.must("CertificateReturned", D, award_id="GZ-2023-A", org="B", items=[])
    ordered = {"reason": "overpaid", "due_on": D, "decision_id": "D", "doc_no": "1"}
    town.must("ClawbackOrdered", D, award_id="GZ-2023-A", org="A", clawback_id="CB", amount=100, **ordered)
    town.must("ClawbackReceived", D, award_id="GZ-2023-B", org="A", clawback_id="CB", amount=100)
    members = {"reason": "error", "effect": "void_ab_initio"}
    found = {"flag_ids": [], "targets": [], "severity": "low", "demand": "explain", "answer_due": D}
    town.must("OversightFindingIssued", D, by="dis", as_="DIS", finding_id="F", **found)
    town.must("EventAnnulled", D, by="sup", as_="SUP", target=_first(town, "OversightFindingIssued"), **members)
    town.must("EventAnnulled", D, by="sup", as_="SUP", target=_first(town, "GenesisDeclared"), **members)
    strictness = Strictness(datetime.now(UTC))
    assert check_database(town.ledger, strictness=strictness) == []
    types = [e.statement.type for e in town.ledger.events()]
    assert [(types[n.position - 1], n.code) for n in strictness.notes] == [
        ("ApplicationWithdrawn", "case_of_another"),
        ("RecommendationIssued", "role_elsewhere"),
        ("ObjectionInvestigated", "duties_not_separated"),
        ("ObjectionInvestigated", "duties_not_separated"),
        ("CertificateReturned", "award_of_another"),
        ("ClawbackReceived", "clawback_of_another"),
        ("EventAnnulled", "not_the_issuer"),
        ("EventAnnulled", "genesis_stands"),
    ]


@pytest.mark.parametrize("do", ["EventCorrected", "OversightFindingAnswered"])
def test_a_preview_says_of_an_override_what_admission_says(town: Town, do: str) -> None:
    """Nobody has signed a preview: what no override passes over is said all the same."""
    _filed(town, "A")
    members: dict[str, Any] = {
        "EventCorrected": {
            "by": "A",
            "as_": "APP",
            "target": _first(town, "ApplicationFiled"),
            "patch": {},
            "reason": "x",
        },
        "OversightFindingAnswered": {"by": "sec", "as_": "SEC", "finding_id": "F", "step": "answer"},
    }[do]
    submission = town.signed(do, D, override=OVERRIDE, **members)
    foreseen = town.ledger.submitting.foresee(parse(submission.envelope.body), town.clock())
    assert foreseen is not None
    assert foreseen.code == town.refusal_of(submission).code == "no_override"
