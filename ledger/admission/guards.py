"""The register of guards, and what every statement has to pass before its own guards."""

from __future__ import annotations

from collections.abc import Callable

from ledger.admission.view import View, refuse

Guard = Callable[[View], None]

_GUARDS: dict[str, list[Guard]] = {}

#: Steps that stay possible while an inspector's suspension stands.
_DURING_SUSPENSION = frozenset(
    {
        "ObjectionRaised",
        "ObjectionInvestigated",
        "ObjectionResolved",
        "RecusalOrdered",
        "InterestDeclared",
        "ApplicationWithdrawn",
        "ApplicantNotified",
        "CaseDisqualified",
    }
)


def guard(*topics: str, first: bool = False) -> Callable[[Guard], Guard]:
    """Register a function as guard of these events; guards run in the order of registration, ``first`` ones before.

    What is out of order is refused for that, not for something that only a later step would bring.
    """

    def register(function: Guard) -> Guard:
        for topic in topics:
            guards = _GUARDS.setdefault(topic, [])
            guards.insert(0 if first else len(guards), function)
        return function

    return register


def guards_of(topic: str) -> list[Guard]:
    """The guards of an event."""
    return list(_GUARDS.get(topic, ()))


def check_guards(view: View) -> None:
    """Run every guard; an override (signed by SUP or GOV, checked before) lets the act be recorded all the same."""
    if view.statement.override is not None:
        return
    _check_suspension(view)
    for function in guards_of(view.statement.type):
        function(view)
    _check_not_before_the_log(view)


def _check_not_before_the_log(view: View) -> None:
    """What took effect before the log was founded is entered late, and says so."""
    genesis = view.live.last("GenesisDeclared")
    if genesis is not None and view.on < genesis.on and view.statement.late is None:
        refuse(
            "before_the_log",
            "AUD",
            None,
            f"{view.on} lies before the log was founded, on {genesis.on}",
            f"{view.on} 早于账本创立之日 {genesis.on}",
            remedy="say why it is entered late (late)",
            remedy_zh="请注明补录原因（late）",
            field="effective_at",
        )


def _check_suspension(view: View) -> None:
    if view.statement.type in _DURING_SUSPENSION or view.payload.SPEC.phase == "oversight":
        return
    accepted = {e.payload.finding_id for e in view.live.of("OversightFindingAnswered", step="accept")}
    cases = {tag[2:] for tag in view.statement.tags if tag.startswith("c:")}
    for finding in view.live.of("OversightFindingIssued", demand="suspend"):
        if finding.payload.finding_id not in accepted and cases & set(finding.payload.cases):
            case_id = sorted(cases & set(finding.payload.cases))[0]
            stated = view.parameter("supervision_group.required", case_id=case_id)
            refuse(
                "case_suspended",
                stated.rule or "AUD",
                ", ".join(stated.why.articles) or None,
                f"the case is suspended by oversight finding {finding.payload.finding_id}",
                f"监督意见 {finding.payload.finding_id} 已暂停本案",
                remedy="answer the finding and have its issuer accept the answer",
                remedy_zh="请先答复监督意见并由签发人销号",
                reading="B-83:default",
            )
