"""No way around how far a seat reaches: by what one cites, under a second name, through another's payment, by undoing
an undoing.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from api.scenario.defaults import LEFT_OUT
from ledger.clock import format_instant
from tests.builders import Town

D = date(2023, 6, 20)
_BY_GOV = {"SECH", "COM", "CHR", "FIN", "SUP", "DIS", "OPR"}
ERROR = {"reason": "error", "effect": "void_ab_initio"}


def _event(town: Town, topic: str, **members: Any) -> str:
    """The newest event of a type with these members."""
    found = [e.statement for e in town.ledger.events() if e.statement.type == topic]
    return [s.id for s in found if all(getattr(s.payload, n) == v for n, v in members.items())][-1]


def _grant(town: Town, who: str, role: str, scope: dict[str, str] | None = None) -> str:
    by = "gov" if role in _BY_GOV else "sech"
    more = {"scope": scope} if scope else {}
    return town.must("RoleGranted", D, by=by, as_=by.upper(), principal_id=who, role=role, valid_from=D, **more)


def _enrol(town: Town, who: str, role: str, scope: dict[str, str] | None = None, number: str | None = None) -> None:
    """A person with a key and a role, known by an identity number."""
    town.must(
        "PrincipalRegistered", D, principal_id=who, kind="person", person_name="某", id_number=number or f"N-{who}"
    )
    _grant(town, who, role, scope)
    town.must("KeyRegistered", D, by=who, as_=role, **town.own_key(who))


# Roles


@pytest.mark.parametrize("overseer", ["dis", "sup", "fin1"])
def test_a_role_is_withdrawn_by_whom_it_may_be_granted_by(town: Town, overseer: str) -> None:
    grant = {"principal_id": overseer, "grant_id": _event(town, "RoleGranted", principal_id=overseer)}
    ended = {"from_on": D, "reason": "transfer"}
    assert town.refused("RoleWithdrawn", D, by="sech", as_="SECH", **grant, **ended).code == "role_not_grantable"
    past = ended | {"from_on": D - timedelta(days=1)}
    assert town.refused("RoleWithdrawn", D, by="gov", as_="GOV", **grant, **past).code == "withdrawn_in_the_past"
    town.must("RoleWithdrawn", D, by="gov", as_="GOV", **grant, **ended)


def test_the_government_is_withdrawn_by_nobody_and_another_founder_by_the_government(town: Town) -> None:
    genesis, ended = _event(town, "GenesisDeclared"), {"from_on": D, "reason": "transfer"}
    for by in ("sech", "gov"):
        withdrawn = {"principal_id": "gov", "grant_id": genesis, **ended}
        assert town.refused("RoleWithdrawn", D, by=by, as_=by.upper(), **withdrawn).code == "role_not_grantable"
    town.must("RoleWithdrawn", D, by="gov", as_="GOV", principal_id="sech", grant_id=genesis, **ended)


def test_a_scope_is_not_widened_by_what_a_statement_cites(town: Town) -> None:
    town.edition()
    filed = town.must("ApplicationFiled", D, org="A")
    opened, other = _event(town, "EditionOpened"), _event(town, "RoleGranted", principal_id="dep")
    _enrol(town, "d", "DIS", {"edition": "GZ-2023"})
    _enrol(town, "h", "SECH", {"edition": "GZ-2023"})
    _enrol(town, "s", "SUP", {"edition": "GZ-2023"})
    _enrol(town, "s2", "SUP", {"edition": "GZ-2022"})
    person = _event(town, "PrincipalRegistered", principal_id="R4")
    handled = {"target_event": person, "paths": ["/id_number"], "action": "opened", "purpose": "x", "opening_ok": True}
    found = {
        "finding_id": "F",
        "flag_ids": [],
        "targets": [filed],
        "severity": "high",
        "demand": "suspend",
        "answer_due": D,
    }
    for do, who, role, members in (
        ("RestrictedDataHandled", "d", "DIS", handled | {"causes": (opened,)}),
        ("RoleGranted", "h", "SECH", {"principal_id": "R4", "role": "REC", "valid_from": D, "causes": (opened,)}),
        ("EventAnnulled", "s", "SUP", {"target": other, "ordered_by": opened, **ERROR}),
        ("OversightFindingIssued", "s2", "SUP", found | {"edition_id": "GZ-2022"}),
        ("OversightFindingIssued", "s2", "SUP", found | {"edition_id": LEFT_OUT}),
    ):
        assert town.refused(do, D, by=who, as_=role, **members).code == "role_elsewhere", (do, who)
    town.must("OversightFindingIssued", D, by="s", as_="SUP", **found, edition_id="GZ-2023")


def test_a_grant_for_one_edition_and_another_for_one_organisation_do_not_add_up(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", D, org="A")
    _enrol(town, "agent", "APP", {"org": "A", "edition": "GZ-2022"})
    _grant(town, "agent", "APP", {"org": "C"})
    refusal = town.refused("ApplicationWithdrawn", D, by="agent", as_="APP", case="A", org="A")
    assert refusal.code == "not_the_applicant"


def test_only_an_applicant_is_granted_its_role_for_an_organisation(town: Town) -> None:
    given = {"principal_id": "R4", "role": "DIS", "valid_from": D, "scope": {"org": "B"}}
    refusal = town.refused("RoleGranted", D, by="gov", as_="GOV", **given)
    assert (refusal.code, refusal.details["field"]) == ("malformed_payload", "scope/org")


def test_nobody_grants_to_the_own_second_name(town: Town) -> None:
    _enrol(town, "one", "SECH", number="SAME")
    town.must("PrincipalRegistered", D, principal_id="two", kind="person", person_name="某", id_number="SAME")
    refusal = town.refused("RoleGranted", D, by="one", as_="SECH", principal_id="two", role="SEC", valid_from=D)
    assert refusal.code == "granted_to_oneself"


# Money


def test_a_payment_is_reversed_as_what_it_was_and_once(town: Town) -> None:
    town.edition()
    town.award("A", D)
    town.award("B", D)
    paid = town.must("PrizePaid", D, case="A", amount=50_000_000, payee_account="1")
    town.must("PrizePaid", D, case="B", amount=50_000_000, payee_account="2")
    other = town.refused("PrizePaid", D, case="B", amount=50_000_000, reversal_of=paid, payee_account="2")
    assert (other.code, other.details["field"]) == ("reversal_unsound", "org")
    reversal = town.must("PrizePaid", D, case="A", amount=50_000_000, reversal_of=paid, payee_account="1")
    again = town.refused("PrizePaid", D, case="A", amount=50_000_000, reversal_of=reversal, payee_account="1")
    assert (again.code, again.details["field"]) == ("reversal_unsound", "reversal_of")


def test_a_bonus_is_paid_to_whom_the_higher_award_was_given(town: Town) -> None:
    town.edition()
    town.must(
        "HigherAwardRecorded",
        D,
        org="A",
        higher_award_id="H",
        level="national",
        award_name="x",
        award_kind="quality",
        won_on=D,
    )
    bonus = {"org": "B", "higher_award_id": "H", "award_id": LEFT_OUT, "kind": "superior_bonus", "amount": 100_000_000}
    assert town.refused("PrizePaid", D, payee_account="1", **bonus).code == "award_of_another"


# Judges in the own cause


def test_an_objection_on_behalf_of_nobody_is_the_objectors_own(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", D, org="A")
    town.must("ObjectionRaised", D, by="dep", as_="DEP", case="A", objection_id="O", on_behalf=True)
    found = {"objection_id": "O", "outcome": "unsubstantiated"}
    refusal = town.refused("ObjectionInvestigated", D, by="dep", as_="DEP", investigators=["dep"], **found)
    assert refusal.code == "duties_not_separated"


def test_who_objects_investigates_neither_under_a_second_name_nor_the_own_case(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", D, org="A")
    _enrol(town, "x1", "DEP", number="SAME")
    _enrol(town, "x2", "SEC", number="SAME")
    town.must("ObjectionRaised", D, by="x1", as_="DEP", case="A", objection_id="O")
    found = {"objection_id": "O", "outcome": "unsubstantiated"}
    refusal = town.refused("ObjectionInvestigated", D, by="x2", as_="SEC", investigators=[], **found)
    assert (refusal.code, refusal.details["separation"]) == ("duties_not_separated", "S6")
    refusal = town.refused("ObjectionInvestigated", D, by="sec", as_="SEC", investigators=["A"], **found)
    assert (refusal.code, refusal.details["separation"]) == ("duties_not_separated", "S6")


def test_whoever_is_recused_judges_the_case_in_no_way(town: Town) -> None:
    town.edition()
    filed = town.must("ApplicationFiled", D, org="A")
    town.must("ObjectionRaised", D, by="pub", as_="PUB", case="A", objection_id="O")
    for who, role in (("sec", "SEC"), ("chr", "CHR")):
        town.must("InterestDeclared", D, by=who, as_=role, case="A", result="conflict")
    investigated = {"objection_id": "O", "outcome": "unsubstantiated", "investigators": []}
    for do, who, members in (
        ("EligibilityDecided", "sec", {"with_": ("sech",), "case": "A", "outcome": "returned", "missing": ["x"]}),
        ("ObjectionInvestigated", "sec", investigated),
        ("ObjectionResolved", "chr", {"objection_id": "O", "case": "A", "outcome": "dismissed"}),
        ("CaseDisqualified", "chr", {"case": "A", "org": "A", "ground": "fraud", "facts": [filed]}),
    ):
        assert town.refused(do, D, by=who, as_=who.upper(), **members).code == "person_recused", do


def test_a_recusal_is_not_undone_by_whom_it_keeps_away(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", D, org="A")
    declared = town.must("InterestDeclared", D, by="R2", as_="REV", case="A", result="conflict")
    undone = town.refused("EventAnnulled", D, by="R2", as_="REV", with_=("sech",), target=declared, **ERROR)
    assert undone.code == "recusal_stands"
    town.must("EventAnnulled", D, by="dis", as_="DIS", target=declared, **ERROR)


# Undoing


def test_who_annulled_the_own_finding_is_not_overruled_by_another(town: Town) -> None:
    town.edition()
    filed = town.must("ApplicationFiled", D, org="A")
    found = {
        "finding_id": "F",
        "flag_ids": [],
        "targets": [filed],
        "severity": "high",
        "demand": "suspend",
        "answer_due": D,
    }
    issued = town.must("OversightFindingIssued", D, by="dis", as_="DIS", **found)
    annulled = town.must("EventAnnulled", D, by="dis", as_="DIS", target=issued, **ERROR)
    assert town.refused("EventAnnulled", D, by="sup", as_="SUP", target=annulled, **ERROR).code == "not_the_issuer"


def test_what_other_rules_turn_on_is_not_corrected(town: Town) -> None:
    town.edition()
    town.award("A", D)
    paid = town.must("PrizePaid", D, case="A", amount=50_000_000, payee_account="1")
    patch = {"/channel": {"old_hash": "0" * 64, "new": "policy_platform"}}
    refusal = town.refused(
        "EventCorrected", D, by="fin1", as_="FIN", with_=("sech",), target=paid, patch=patch, reason="x"
    )
    assert refusal.code == "member_is_decisive"


def test_facts_about_another_are_no_ground(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", D, org="A")
    other = town.must("IncidentRecorded", D, org="B", incident_id="I", category="other", authority="x")
    out = {"case": "A", "org": "A", "ground": "incident", "facts": [other]}
    assert town.refused("CaseDisqualified", D, by="chr", as_="CHR", **out).code == "facts_of_another"


def test_a_successor_of_a_successor_goes_on(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", D, org="A")
    town.must("PrincipalUpdated", D, principal_id="A", kind="merged", successor_ids=["B"])
    town.must("PrincipalUpdated", D, principal_id="B", kind="merged", successor_ids=["C"])
    town.must("ApplicationWithdrawn", D, by="C", as_="APP", case="A", org="C")


def test_a_correction_of_the_clock_agrees_with_what_is_believed_after_it(town: Town) -> None:
    now = format_instant(town.clock())
    doubted = {"by": "opr", "with_": ("sech",), "reason": "x", "last_true_at": now}
    assert town.refused("ClockCorrected", D, doubted_from=10, doubted_to=12, **doubted).code == "last_true_unsound"
    assert town.refused("ClockCorrected", D, doubted_from=1, doubted_to=5, **doubted).code == "genesis_stands"


def test_an_applicant_is_told_the_same_of_anothers_case_as_of_none(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", D, org="A")
    told = {
        case: {
            (r := town.refused("ApplicationWithdrawn", D, by="B", as_="APP", case=case, org=org)).code: r.en.replace(
                f"/{case}", "/·"
            )
            for org in ("A", "B")
        }
        for case in ("A", "Z")
    }
    assert told["A"] == told["Z"]
    assert set(told["A"]) == {"not_the_applicant"}
