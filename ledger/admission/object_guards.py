"""Guards of the object: whose the case, the award, the objection or the finding is that an act is about.

A role says which acts somebody may sign; these guards say about which objects: an applicant about its own, nobody as
judge in a cause of the own. ``ledger.events.reach`` says for every seat how far it reaches, and why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NoReturn

from ledger.admission.evaluation_guards import refuse_who_leads_not
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.history import LiveEvent
from ledger.derivation.panels import panel_for, recused_since
from ledger.derivation.succession import taken_over
from ledger.errors import PermissionRefusedError
from ledger.events.after_award import RevocationProposed, TitleMisuseFound
from ledger.events.application import (
    ApplicationFiled,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CreditRepairConfirmed,
    DepartmentOpinionGiven,
    EligibilityDecided,
    RecommendationIssued,
)
from ledger.events.decision import AwardGranted, CertificateReturned
from ledger.events.edition import BodyConstituted
from ledger.events.evaluation import (
    ApplicantNotified,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    RevieweeFeedbackGiven,
    ReviewReportSubmitted,
)
from ledger.events.identity import (
    GenesisDeclared,
    KeyRegistered,
    KeyRevoked,
    PrincipalRegistered,
    PrincipalUpdated,
    RoleWithdrawn,
)
from ledger.events.kinds import RoleCode
from ledger.events.money import ClawbackOrdered, ClawbackReceived, ClawbackWaived
from ledger.events.notice import CaseDisqualified, ObjectionInvestigated, ObjectionRaised, ObjectionResolved
from ledger.events.oversight import (
    AccessRecordAttested,
    ClockCorrected,
    EventAnnulled,
    HistoryLossDeclared,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import Payload
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.sentences import Pair, enumeration, sentence

#: Acts about a case that name its organisation as well.
OF_A_CASE = (
    ApplicationSupplemented,
    ApplicationWithdrawn,
    RecommendationIssued,
    DepartmentOpinionGiven,
    CreditRepairConfirmed,
    EligibilityDecided,
    OnsiteReportConfirmed,
    RevieweeFeedbackGiven,
    ApplicantNotified,
    ObjectionRaised,
    ObjectionInvestigated,
)
#: Acts about an award that name its organisation as well, and have no guard of their own for it.
OF_AN_AWARD = (
    CertificateReturned,
    TitleMisuseFound,
    ObjectionRaised,
    ClawbackWaived,
    ClawbackReceived,
)

#: Who answers a finding for the office, whomever it is about. The others answer for what they did themselves.
ANSWERS_FOR_THE_OFFICE = frozenset({"SEC", "SECH", "CHR", "GOV", "FIN", "OPR", "SUP", "DIS"})

#: What an annulment does not undo, and what is recorded instead.
STANDS: dict[type[Payload], tuple[str, Pair]] = {
    GenesisDeclared: ("genesis_stands", sentence("a log has one beginning")),
    ClockCorrected: ("correction_stands", sentence("time went back at a correction of the clock")),
    HistoryLossDeclared: ("loss_stands", sentence("the log went on without what was lost")),
    AccessRecordAttested: (
        "attestation_stands",
        sentence("what was attested of the record of visits stays; attest it anew"),
    ),
    PrincipalRegistered: (
        "principal_stands",
        sentence("whoever signed stays who they are; record what changed of them"),
    ),
    KeyRegistered: ("key_stands", sentence("a key that is no longer to be believed is revoked")),
    KeyRevoked: ("revocation_stands", sentence("a revoked key stays revoked; register another one")),
    RoleWithdrawn: ("withdrawal_stands", sentence("a role that was withdrawn is granted anew")),
    RestrictedDataHandled: ("handling_stands", sentence("what was opened was read, and what was erased is gone")),
}


def belongs_to(view: View, org: str, owner: str) -> bool:
    """Is an organisation the owner of an object, or does it succeed it (B-65)?"""
    return org == owner or org in successors(view, [owner])


def successors(view: View, principals: Collection[str]) -> set[str]:
    """Everybody who succeeds one of these, themselves included."""
    next_of: dict[str, set[str]] = {}
    for event in view.live.of(PrincipalUpdated):
        next_of.setdefault(event.payload.principal_id, set()).update(event.payload.successor_ids or ())
    return closure(next_of, principals)


def closure(next_of: Mapping[str, Collection[str]], principals: Collection[str]) -> set[str]:
    """These, and everybody who comes after them."""
    found, pending = set[str](), list(principals)
    while pending:
        principal = pending.pop()
        if principal not in found:
            found.add(principal)
            pending += next_of.get(principal, ())
    return found


def case_is_the_organisations(
    view: View[
        ApplicationSupplemented
        | ApplicationWithdrawn
        | RecommendationIssued
        | DepartmentOpinionGiven
        | CreditRepairConfirmed
        | EligibilityDecided
        | OnsiteReportConfirmed
        | RevieweeFeedbackGiven
        | ApplicantNotified
        | ObjectionRaised
        | ObjectionInvestigated
    ],
) -> None:
    p = view.payload
    filed = view.live.last(ApplicationFiled, case_id=p.case_id) if p.case_id is not None else None
    if view.statement.role == "APP" and not isinstance(p, ObjectionRaised):
        _applies_for_it(view, filed)
    if filed is not None and p.org is not None and not belongs_to(view, p.org, filed.payload.org):
        refuse(
            "case_of_another",
            "AUD",
            None,
            sentence("{case_id} is not the case of {org}", case_id=p.case_id, org=p.org),
            field="org",
        )


def _applies_for_it(
    view: View[
        ApplicantNotified
        | ApplicationSupplemented
        | ApplicationWithdrawn
        | CreditRepairConfirmed
        | DepartmentOpinionGiven
        | EligibilityDecided
        | ObjectionInvestigated
        | ObjectionRaised
        | OnsiteReportConfirmed
        | RecommendationIssued
        | RevieweeFeedbackGiven
    ],
    filed: LiveEvent[ApplicationFiled] | None,
) -> None:
    """An applicant is told the same of another's case as of one that there is not: nothing."""
    p, actor = view.payload, view.statement.actor
    org = None if filed is None else p.org or filed.payload.org
    if filed is None or org is None or not view.may_act_for(org) or not belongs_to(view, org, filed.payload.org):
        refuse(
            "not_the_applicant",
            "AUD",
            None,
            sentence(
                "{actor} has no case {case_id}; the role of applicant must be granted for its organisation",
                actor=actor,
                case_id=p.case_id,
            ),
            field="case_id",
        )


def award_won_by(view: View, award_id: str, org: str) -> LiveEvent[AwardGranted]:
    """The grant of an award to this organisation; refused if there is none."""
    granted = view.award(award_id)
    if granted.payload.org != org:
        refuse_award_of_another()
    return granted


def award_held_by(view: View, award_id: str, org: str) -> LiveEvent[AwardGranted]:
    """The grant of an award to this organisation or to one whose awards a decision has passed on to it (B-65)."""
    granted = view.award(award_id)
    if granted.payload.org not in taken_over(view.as_of(view.on), org, "awards"):
        refuse_award_of_another()
    return granted


def refuse_award_of_another() -> NoReturn:
    refuse("award_of_another", "AUD", None, sentence("the award is another organisation's"), field="org")


def award_is_the_organisations(
    view: View[TitleMisuseFound | CertificateReturned | ObjectionRaised | ClawbackWaived | ClawbackReceived],
) -> None:
    p = view.payload
    granted = view.live.last(AwardGranted, award_id=p.award_id) if p.award_id is not None else None
    if granted is not None and p.org is not None and not belongs_to(view, p.org, granted.payload.org):
        refuse_award_of_another()


def clawback_is_the_awards(view: View[ClawbackWaived | ClawbackReceived]) -> None:
    p = view.payload
    ordered = view.live.last(ClawbackOrdered, clawback_id=p.clawback_id)
    if ordered is None:
        return
    if ordered.payload.award_id != p.award_id:
        refuse(
            "clawback_of_another",
            "AUD",
            None,
            sentence("{clawback_id} was ordered of another award", clawback_id=p.clawback_id),
            field="clawback_id",
        )
    debtor = ordered.payload.org
    if debtor not in taken_over(view.as_of(view.on), p.org, "debts"):
        name, owes = view.called(p.org), view.called(debtor)
        refuse(
            "not_the_debtor",
            "B-65",
            None,
            sentence(
                "the clawback was ordered of {owes}; no decision has passed its debts on to {name}",
                owes=owes,
                name=name,
            ),
            remedy=sentence("record the payment as that of {owes}, or the decision on the succession first", owes=owes),
            reading="B-65/G25:default",
            field="org",
            debtor=debtor,
        )


def investigates_what_was_raised(view: View[ObjectionInvestigated]) -> None:
    p = view.payload
    raised = view.live.last(ObjectionRaised, objection_id=p.objection_id)
    if raised is not None and p.case_id is not None and p.case_id != raised.payload.case_id:
        refuse("case_differs", "AUD", None, sentence("the objection is about another case"), field="case_id")


def parties_to(objection: ObjectionRaised, actor: str, role: RoleCode) -> set[str]:
    """Who raised an objection, or whom it is about.

    Only the office records one on behalf of somebody else (its seat).
    """
    parties = {objection.person, objection.org}
    if not (objection.on_behalf and role == "SEC"):
        parties.add(actor)
    return {party for party in parties if party is not None}


def _investigators(payload: Payload) -> list[str]:
    return payload.investigators if isinstance(payload, ObjectionInvestigated) else []


def is_no_judge_in_the_own_cause(view: View[ObjectionInvestigated | ObjectionResolved]) -> None:
    raised = view.live.last(ObjectionRaised, objection_id=view.payload.objection_id)
    if raised is None:
        return
    parties = parties_to(raised.payload, raised.actor, raised.recorded.statement.role)
    case_id = raised.payload.case_id
    filed = view.live.last(ApplicationFiled, case_id=case_id) if case_id is not None else None
    if filed is not None:
        parties.add(filed.payload.org)
    for_them = {
        g.principal_id for g in view.identities.grants if g.role == "APP" and g.org in parties and g.held_on(view.today)
    }
    acting = {s.principal_id for s in view.signers} | set(_investigators(view.payload))
    own = sorted(a for a in acting if a in parties | for_them or any(view.same_person([a, b]) for b in sorted(parties)))
    if own:
        raise PermissionRefusedError(
            "duties_not_separated",
            sentence(
                "{own} raised the objection, or is or acts for whom it is about (separation S6)", own=enumeration(own)
            ),
            separation="S6",
        )


def leads_the_panel(view: View[OnsiteVisitHeld]) -> None:
    """A visit is recorded by the leader of the case's panel, if the case has a panel."""
    panel = panel_for(view.live, view.payload.case_id, "onsite")
    if panel is not None:
        refuse_who_leads_not(view, panel)


#: Acts by which a case is judged: nobody who is recused from it takes part. Scores, votes and visits have own guards.
_JUDGES = (
    EligibilityDecided,
    ReviewReportSubmitted,
    OnsiteVisitHeld,
    ObjectionInvestigated,
    ObjectionResolved,
    CaseDisqualified,
)


def judges_unless_recused(
    view: View[
        EligibilityDecided
        | ReviewReportSubmitted
        | OnsiteVisitHeld
        | ObjectionInvestigated
        | ObjectionResolved
        | CaseDisqualified
    ],
) -> None:
    """By declaration or by order; once recused, always."""
    cases = {tag[2:] for tag in view.statement.tags if tag.startswith("c:")}
    p = view.payload
    raised = (
        view.live.last(ObjectionRaised, objection_id=p.objection_id)
        if isinstance(p, ObjectionInvestigated | ObjectionResolved)
        else None
    )
    if raised is not None and raised.payload.case_id is not None:
        cases.add(raised.payload.case_id)
    acting = {s.principal_id for s in view.signers} | set(_investigators(p))
    for case_id in sorted(cases):
        for person in sorted(acting):
            if recused_since(view.live, person, case_id) is not None:
                refuse_by(
                    view.parameter("recusal.scope", case_id=case_id),
                    "person_recused",
                    sentence("{person} is recused from {case_id}", person=person, case_id=view.case_called(case_id)),
                )


def rests_on_facts_of_the_same(view: View[RevocationProposed | CaseDisqualified]) -> None:
    """A fact about another organisation is no ground against this one."""
    p = view.payload
    for fact in (view.named[f] for f in p.facts if f in view.named):
        about = getattr(fact.payload, "org", None)
        if about is not None and not (belongs_to(view, p.org, about) or belongs_to(view, about, p.org)):
            named, other = view.called(p.org), view.called(about)
            refuse(
                "facts_of_another",
                "AUD",
                None,
                sentence(
                    "the fact cited ({fact}) is about {other}, not about {named}",
                    fact=(fact.payload.SPEC.zh, fact.payload.SPEC.en),
                    other=other,
                    named=named,
                ),
                field="facts",
            )


def answers_for_oneself(view: View[OversightFindingAnswered]) -> None:
    """Who holds no office answers only a finding about the own act, the own case, or a case the person had a part
    in.
    """
    p, actor = view.payload, view.statement.actor
    issued = view.live.last(OversightFindingIssued, finding_id=p.finding_id)
    if issued is None:
        return
    others = sorted(set(p.cases) - set(issued.payload.cases))
    if others:
        refuse(
            "case_differs",
            "AUD",
            None,
            sentence("the finding is not about {others}", others=enumeration(others)),
            field="cases",
        )
    if view.statement.role in ANSWERS_FOR_THE_OFFICE or p.step != "answer":
        return
    if not any(_had_a_part(view, event, actor) for event in _about(view, issued)):
        raise PermissionRefusedError(
            "finding_of_others",
            sentence(
                "{actor} did nothing that the finding is about; whoever did, or the office, answers it", actor=actor
            ),
        )


def _about(view: View[OversightFindingAnswered], issued: LiveEvent[OversightFindingIssued]) -> list[LiveEvent]:
    """The events that a finding names, and those of the cases it names."""
    cases = {f"c:{case_id}" for case_id in issued.payload.cases}
    seen = {e.id: e for e in (*view.live, *view.named.values())}.values()
    return [e for e in seen if e.id in issued.payload.targets or not cases.isdisjoint(e.recorded.statement.tags)]


def _had_a_part(view: View, event: LiveEvent, actor: str) -> bool:
    org = getattr(event.payload, "org", None)
    acts_for = view.statement.role == "APP" and org is not None and view.may_act_for(org)
    seated = isinstance(event.payload, BodyConstituted) and actor in {m.principal_id for m in event.payload.members}
    return event.actor == actor or seated or acts_for


def annuls_what_can_be_undone(view: View[EventAnnulled]) -> None:
    p = view.payload
    target = view.named.get(p.target)
    if target is None:
        return
    if type(target.payload) in STANDS:
        (code, why), kind = STANDS[type(target.payload)], target.payload.SPEC
        told = sentence("“{kind}” is not annulled: {why}", kind=(kind.zh, kind.en), why=why)
        refuse(code, "AUD", None, told, field="target")
    while isinstance(target.payload, EventAnnulled) and target.payload.target in view.named:
        # To undo an annulment is to bring back what it was about, through however many.
        target = view.named[target.payload.target]
    if _declares_conflict(target) and view.statement.role not in ("SUP", "DIS"):
        raise PermissionRefusedError(
            "recusal_stands",
            sentence(
                "once recused, always; where the declaration was a mistake, the supervision group or discipline "
                "inspection annuls it"
            ),
        )
    if (
        isinstance(target.payload, OversightFindingIssued | OversightFindingAnswered)
        and target.actor != view.statement.actor
    ):
        raise PermissionRefusedError("not_the_issuer", sentence("only who issued a finding or an answer annuls it"))


def _declares_conflict(event: LiveEvent) -> bool:
    return isinstance(event.payload, RecusalOrdered) or (
        isinstance(event.payload, InterestDeclared) and event.payload.result == "conflict"
    )
