"""What every statement has to pass: its own guards, and those of any act."""

from __future__ import annotations

from ledger.admission.register import GUARDS
from ledger.admission.view import View, refuse
from ledger.events.application import ApplicationWithdrawn
from ledger.events.evaluation import ApplicantNotified
from ledger.events.identity import GenesisDeclared
from ledger.events.notice import CaseDisqualified, ObjectionInvestigated, ObjectionRaised, ObjectionResolved
from ledger.events.oversight import OversightFindingAnswered, OversightFindingIssued
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.sentences import sentence

#: Steps that stay possible while an inspector's suspension stands.
_DURING_SUSPENSION = (
    ObjectionRaised,
    ObjectionInvestigated,
    ObjectionResolved,
    RecusalOrdered,
    InterestDeclared,
    ApplicationWithdrawn,
    ApplicantNotified,
    CaseDisqualified,
)


def check_guards(view: View) -> None:
    """Run every guard; an override (signed by SUP or GOV, checked before) lets the act be recorded all the same."""
    if view.statement.override is not None:
        return
    _check_suspension(view)
    for function in GUARDS.get(type(view.payload), ()):
        function(view)
    _check_not_before_the_log(view)


def _check_not_before_the_log(view: View) -> None:
    """What took effect before the log was founded is entered late, and says so."""
    genesis = view.live.last(GenesisDeclared)
    if genesis is not None and view.on < genesis.on and view.statement.late is None:
        refuse(
            "before_the_log",
            "AUD",
            None,
            sentence("{on} lies before the log was founded, on {founded}", on=view.on, founded=genesis.on),
            remedy=sentence("say why it is entered late (late)"),
            field="effective_at",
        )


def _check_suspension(view: View) -> None:
    if isinstance(view.payload, _DURING_SUSPENSION) or view.payload.SPEC.phase == "oversight":
        return
    accepted = {e.payload.finding_id for e in view.live.of(OversightFindingAnswered, step="accept")}
    cases = {tag[2:] for tag in view.statement.tags if tag.startswith("c:")}
    for finding in view.live.of(OversightFindingIssued, demand="suspend"):
        if finding.payload.finding_id not in accepted and cases & set(finding.payload.cases):
            case_id = sorted(cases & set(finding.payload.cases))[0]
            stated = view.parameter("supervision_group.required", case_id=case_id)
            refuse(
                "case_suspended",
                stated.rule or "AUD",
                ", ".join(stated.why.articles) or None,
                sentence(
                    "the case is suspended by oversight finding {finding_id}", finding_id=finding.payload.finding_id
                ),
                remedy=sentence("answer the finding and have its issuer accept the answer"),
                reading="B-83:default",
                decided=finding,
            )
