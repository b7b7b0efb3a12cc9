"""A correction touches the papers of an act, never what decides it, and after a decision more have to sign it."""

from __future__ import annotations

import hashlib
from datetime import date

from ledger import canonical
from ledger.errors import PermissionRefusedError
from tests.builders import Town
from tests.ledger.acts import D, with_applications


def test_a_correction_touches_papers_only_and_an_annulment_restores(town: Town) -> None:
    event = town.must(
        "IncidentRecorded", D, org="A", incident_id="I1", category="accident", authority="x", doc_no="old"
    )
    patch = {"/doc_no": {"old_hash": hashlib.sha256(b'"old"').hexdigest(), "new": "new"}}
    decisive = {"/severity": {"old_hash": hashlib.sha256(b'"na"').hexdigest(), "new": "major"}}
    assert (
        town.refused("EventCorrected", D, by="dep", as_="DEP", target=event, patch=decisive, reason="x").code
        == "member_is_decisive"
    )
    assert (
        town.refused("EventCorrected", D, by="sec", as_="SEC", target=event, patch=patch, reason="x").code
        == "not_the_originator"
    )
    town.must("EventCorrected", D, by="dep", as_="DEP", target=event, patch=patch, reason="x")
    stale = {"/doc_no": {"old_hash": "0" * 64, "new": "newer"}}
    assert (
        town.refused("EventCorrected", D, by="dep", as_="DEP", target=event, patch=stale, reason="x").code
        == "old_value_differs"
    )


def test_a_correction_after_a_decision_needs_the_supervision_group(town: Town) -> None:
    with_applications(town, "A")
    filed = next(e.statement for e in town.ledger.events() if e.statement.type == "ApplicationFiled")
    old = hashlib.sha256(canonical.encode(filed.payload.form_hash)).hexdigest()
    patch = {"/form_hash": {"old_hash": old, "new": "1" * 64}}
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    correction = {"by": "A", "as_": "APP", "target": filed.id, "patch": patch, "reason": "扫描件更换"}
    refusal = town.refused("EventCorrected", date(2023, 6, 6), **correction)
    assert (refusal.code, type(refusal)) == ("correction_after_decision", PermissionRefusedError)
    town.must("EventCorrected", date(2023, 6, 6), **correction, with_=("sech", "sup"))
