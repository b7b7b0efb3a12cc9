"""Who may open which restricted data, of whom, and when.

Inspectors open with purpose, which every opening states.
"""

from __future__ import annotations

from typing import NoReturn

from ledger.admission.evaluation_guards import refuse_undeclared
from ledger.admission.view import View
from ledger.derivation.cases import FINAL, case_status
from ledger.derivation.history import LiveEvent
from ledger.derivation.panels import members_of, panel_for, recused_since
from ledger.derivation.scores import STAGES
from ledger.derivation.words import word
from ledger.errors import PermissionRefusedError
from ledger.events.after_award import AwardRevoked, RevocationProposed, SanctionImposed
from ledger.events.application import ApplicationFiled, EligibilityDecided
from ledger.events.edition import BodyConstituted, EditionClosed
from ledger.events.evaluation import ReviewReportSubmitted
from ledger.events.notice import CaseDisqualified, ObjectionInvestigated, ObjectionRaised, ObjectionResolved
from ledger.events.registry import Restricted
from ledger.sentences import Pair, sentence
from ledger.statement import edition_of, subject_of

#: Class -> the roles that open it at all.
OPENS: dict[str, frozenset[str]] = {
    "business": frozenset({"APP", "SEC", "SECH", "REV", "LEAD", "SUP", "DIS"}),
    "personal": frozenset({"APP", "REV", "LEAD", "SEC", "SECH", "SUP", "DIS", "OPR"}),
    "interest": frozenset({"REV", "LEAD", "COM", "SEC", "SECH", "SUP", "DIS"}),
    "scores": frozenset({"APP", "SEC", "SECH", "REV", "LEAD", "CHR", "COM", "SUP", "DIS"}),
    "complainant": frozenset({"SEC", "SECH", "SUP", "DIS"}),
    "payee": frozenset({"APP", "FIN", "SUP", "DIS"}),
    "findings": frozenset({"APP", "SEC", "SECH", "CHR", "COM", "GOV", "SUP", "DIS", "DEP"}),
}

#: Classes that a role opens only where it is itself the subject: an organisation its data, a person what it declared or
#: scored.
_OWN: dict[str, frozenset[str]] = {
    "APP": frozenset({"business", "personal", "payee"}),
    "REV": frozenset({"personal", "interest", "scores"}),
    "LEAD": frozenset({"personal", "interest", "scores"}),
    "COM": frozenset({"interest", "scores"}),
    "CHR": frozenset({"scores"}),
}

#: Entries that tell an applicant what was decided about it: their reasons are its own at once.
_DECISIONS = (
    EligibilityDecided,
    CaseDisqualified,
    ObjectionResolved,
    SanctionImposed,
    RevocationProposed,
    AwardRevoked,
)


def check_reading_right(view: View, target: LiveEvent, restricted: Restricted) -> None:
    """Refuse the opening of a field of ``target`` unless the actor's role may open it, of this subject, at this
    time.
    """
    role, kind = view.statement.role, restricted.disclosure
    called, named = word(role, "role"), word(kind, "disclosure")
    if role not in OPENS[kind]:
        _refuse(view, sentence("{who} may not open what is restricted as “{what}”", who=called, what=named))
    if kind in _OWN.get(role, ()):
        subject = subject_of(target.recorded.statement, restricted)
        own = view.may_act_for(subject) if role == "APP" else view.statement.actor == subject
        if not own:
            _refuse(
                view,
                sentence(
                    "{who} may open what is restricted as “{what}” only of its own",
                    who=called,
                    what=named,
                ),
            )
    if role not in ("SUP", "DIS") and subject_of(target.recorded.statement, restricted) != view.statement.actor:
        _check_own_cause(view, target, kind)
    match role, kind:
        case "REV" | "LEAD", "business":
            _check_panel(view, target)
        case "COM", "findings":
            _check_committee(view, target)
        case "DEP", "findings":
            _check_part(view, target)
        case "APP", "scores":
            _check_applicant(view, target)
            if not all(_edition_closed(view, c) for c in _cases(target)):
                _refuse(view, sentence("scores of an own case, once the edition is closed"))
        case "APP", "findings":
            _check_applicant(view, target)
            if not isinstance(target.payload, _DECISIONS) and not all(_over(view, c) for c in _cases(target)):
                _refuse(view, sentence("findings about an own case, once it is decided"))
        case "SEC" | "SECH", "scores":
            if not all(_scored(view, c) for c in _cases(target)):
                _refuse(view, sentence("the office opens scores once both stages are over"))
        case "SEC" | "SECH", "complainant":
            _check_handler(view, target)
        case _:
            pass


def _refuse(view: View, told: Pair) -> NoReturn:
    raise PermissionRefusedError("may_not_open", told, role=view.statement.role)


def _tagged(target: LiveEvent, prefix: str) -> list[str]:
    return [t.partition(":")[2] for t in target.recorded.statement.tags if t.startswith(f"{prefix}:")]


def _cases(target: LiveEvent) -> list[str]:
    return _tagged(target, "c")


def _check_own_cause(view: View, target: LiveEvent, kind: str) -> None:
    """Who is recused from a case reads no more of it; whom an objection is about reads its files once it is resolved,
    and never who raised it.
    """
    person = view.statement.actor
    for case in _cases(target):
        if view.statement.role != "APP" and recused_since(view.live, person, case) is not None:
            _refuse(view, sentence("{person} is recused from {case}", person=person, case=case))
    for objection in _tagged(target, "ob"):
        raised = view.live.last(ObjectionRaised, objection_id=objection)
        if raised is None or raised.payload.person != person:
            continue
        if kind == "complainant" or not view.live.of(ObjectionResolved, objection_id=objection):
            _refuse(view, sentence("{objection} is about {person}", objection=objection, person=person))


def _check_committee(view: View, target: LiveEvent) -> None:
    """A member of the committee reads of cases of an edition in whose committee the person has a seat."""
    person = view.statement.actor
    committees = [b for b in view.live.of(BodyConstituted, kind="committee") if person in members_of(b)]
    editions = {b.payload.edition_id for b in committees}
    if not editions or not all({None, edition_of(case)} & editions for case in _cases(target)):
        _refuse(view, sentence("{person} has no seat in the committee for it", person=person))


def _check_part(view: View, target: LiveEvent) -> None:
    """A department reads about cases and objections in which it has given an opinion, investigated or recorded
    something.
    """
    about = {t for t in target.recorded.statement.tags if t.startswith(("c:", "ob:"))}
    actor = view.statement.actor
    took_part = [e for e in view.live if e.actor == actor and about & set(e.recorded.statement.tags)]
    if target.actor != actor and not took_part:
        _refuse(view, sentence("{actor} had no part in the case or the objection", actor=actor))


def _check_panel(view: View, target: LiveEvent) -> None:
    """A reviewer reads an applicant's business data of cases of an own panel, having declared interest or none for the
    case, until the edition closes, and never once recused.
    """
    person = view.statement.actor
    for case in _cases(target):
        seated = any(person in members_of(panel_for(view.live, case, stage)) for stage in STAGES)
        if not seated or recused_since(view.live, person, case) is not None:
            _refuse(
                view,
                sentence("{person} is not seated for {case}, or recused from it", person=person, case=case),
            )
        refuse_undeclared(view, case)
        if _edition_closed(view, case):
            _refuse(
                view,
                sentence("the edition of {case} is closed; its reviewers read no more", case=case),
            )


def _check_applicant(view: View, target: LiveEvent) -> None:
    """Everything that the entry is about belongs to organisations that the actor applies for."""
    filed = [view.live.last(ApplicationFiled, case_id=c) for c in _cases(target)]
    orgs = {*_tagged(target, "o"), *(f.payload.org if f else "" for f in filed)}
    if not orgs or not all(view.may_act_for(org) for org in orgs):
        _refuse(view, sentence("an applicant opens what is about its own case"))


def _check_handler(view: View, target: LiveEvent) -> None:
    """Who complained is known to those who investigate; to the office until investigators are named."""
    for objection in _tagged(target, "ob"):
        held = view.live.of(ObjectionInvestigated, objection_id=objection)
        if held and not any(view.statement.actor in e.payload.investigators for e in held):
            _refuse(view, sentence("who complained is opened by those who investigate"))


def _edition_closed(view: View, case_id: str) -> bool:
    return bool(view.live.of(EditionClosed, edition_id=edition_of(case_id)))


def _over(view: View, case_id: str) -> bool:
    """Is the case decided, one way or the other?"""
    status = case_status(view.live, view.law, case_id)
    return _edition_closed(view, case_id) or (status.is_value and status.value().state in FINAL)


def _scored(view: View, case_id: str) -> bool:
    """Are both stages over for the case: the report of the last is in, or the case went no further."""
    return bool(view.live.of(ReviewReportSubmitted, case_id=case_id, stage="onsite")) or _over(view, case_id)
