"""The steps of a case in the order of its text: which are done, and which an act would skip.

The order is the pack's own (``procedure``); what it takes for a step to be done is the same for all texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date
from itertools import islice

from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.notices import notices_cut_short
from ledger.derivation.setting_aside import quashed_in
from ledger.events.application import ApplicationFiled, DepartmentOpinionGiven, EligibilityDecided, RecommendationIssued
from ledger.events.decision import AnnouncementPublished, AwardGranted, CertificateIssued, GovernmentDecisionMade
from ledger.events.edition import EditionOpened
from ledger.events.evaluation import (
    CandidateListProposed,
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)
from ledger.events.money import PrizePaid
from ledger.events.notice import PublicNoticeOpened
from ledger.events.registry import Payload
from ledger.regulation.tables import Step
from ledger.sentences import term
from ledger.statement import edition_of

#: Step -> its name in both languages and the event that records it.
STEP_NAMES: Mapping[str, tuple[str, str, str]] = {
    "call": (*term("step", "the call for applications"), "EditionOpened"),
    "application": (*term("step", "the application"), "ApplicationFiled"),
    "recommendation": (*term("step", "the recommendation"), "RecommendationIssued"),
    "opinions": (*term("step", "the departments' opinions"), "DepartmentOpinionGiven"),
    "eligibility": (*term("step", "the examination of conditions"), "EligibilityDecided"),
    "material_review": (*term("step", "the review of the file"), "ReviewReportSubmitted"),
    "shortlist": (*term("step", "the on-site list"), "ShortlistDecided"),
    "onsite_review": (*term("step", "the on-site review"), "ReviewReportSubmitted"),
    "report_confirmation": (*term("step", "the applicant's confirmation of the report"), "OnsiteReportConfirmed"),
    "candidate_list": (*term("step", "the candidate list"), "CandidateListProposed"),
    "committee_decision": (*term("step", "the committee's decision"), "CommitteeResolutionAdopted"),
    "notice": (*term("step", "the public notice"), "PublicNoticeOpened"),
    "chair_review": (*term("step", "the chair's review"), "CommitteeResolutionAdopted"),
    "decision": (*term("step", "the government's decision"), "GovernmentDecisionMade"),
    "award": (*term("step", "the award"), "AwardGranted"),
    "circular": (*term("step", "the commending circular"), "AnnouncementPublished"),
    "certificate": (*term("step", "the certificate"), "CertificateIssued"),
    "prize": (*term("step", "the payment"), "PrizePaid"),
    "publication": (*term("step", "the publication of the result"), "AnnouncementPublished"),
}

#: Events that carry out a step; ``step_of`` narrows those with several uses.
_STEP_OF: Mapping[type[Payload], str] = {
    ApplicationFiled: "application",
    RecommendationIssued: "recommendation",
    DepartmentOpinionGiven: "opinions",
    ShortlistDecided: "shortlist",
    OnsiteVisitHeld: "onsite_review",
    OnsiteReportConfirmed: "report_confirmation",
    CandidateListProposed: "candidate_list",
    CommitteeVoteCast: "committee_decision",
    AwardGranted: "award",
    CertificateIssued: "certificate",
}
_STAGE_STEP = {"material": "material_review", "onsite": "onsite_review"}


def step_of(act: Payload) -> str | None:
    """The step that an act belongs to, if any."""
    match act:
        case EligibilityDecided():
            return "eligibility" if act.outcome == "eligible" else None
        case ScoreSubmitted() | ReviewReportSubmitted():
            return _STAGE_STEP.get(act.stage)
        case CommitteeResolutionAdopted():
            return {"proposed_awardees": "committee_decision", "chair_review": "chair_review"}.get(act.subject)
        case PublicNoticeOpened():
            return "notice" if act.kind == "candidates" else None
        case GovernmentDecisionMade():
            return "decision" if act.subject == "award" else None
        case PrizePaid():
            return "prize" if act.award_id is not None and act.reversal_of is None else None
        case _:
            return _STEP_OF.get(type(act))


def cases_of(act: Payload) -> list[str]:
    """The cases that an act takes forward; those that it leaves behind need no step."""
    match act:
        case ShortlistDecided():
            return list(act.selected)
        case CandidateListProposed():
            return [row.case for row in act.rows]
        case CommitteeResolutionAdopted() | GovernmentDecisionMade():
            return [item.case for item in act.approved if item.case is not None]
        case PublicNoticeOpened():
            return list(act.cases)
        case _:
            case_id = getattr(act, "case_id", None)
            return [case_id] if case_id else []


def ordered_steps(law: Law, enacted: Enacted | None, on: date) -> tuple[Resolved, list[Step]]:
    """The pack's steps in order; empty where the text was not seen or states none."""
    stated = law.parameter(enacted, "procedure", on)
    return stated, list(stated.rows(Step))


def skipped(live: Live, law: Law, steps: list[Step], step: str, case_id: str) -> list[Step]:
    """Stated steps before ``step`` that the case has not done, in order; nothing if the text does not state it."""
    names = [s.step for s in steps]
    if step not in names:
        return []
    return [s for s in steps[: names.index(step)] if not done(live, law, s.step, case_id)]


def done(live: Live, law: Law, step: str, case_id: str) -> bool:
    """Has the case done the step? That a prize was paid says nothing of how much is due: who asks looks at D18."""
    return evidence(live, law, step, case_id) is not None


def evidence(live: Live, law: Law, step: str, case_id: str) -> LiveEvent | None:
    """The event by which the case has done a step."""
    return next(evidences(live, law, [step], case_id), None)


def evidences(live: Live, law: Law, steps: Iterable[str], case_id: str) -> Iterator[LiveEvent]:
    """The events by which the case has done some steps, in the order of the steps."""
    quashed = quashed_in(live, case_id).acts
    award = _award_but(live, case_id, quashed)
    for step in steps:
        undone = quashed | _notices_without_effect(live, law, case_id) if step == "notice" else quashed
        yield from islice((e for e in _EVIDENCE[step](live, case_id, award) if e.id not in undone), 1)


def award_of_case(live: Live, case_id: str) -> str | None:
    """The award that a case has come to, if no ruling has undone it from the start."""
    return _award_but(live, case_id, quashed_in(live, case_id).acts)


def _award_but(live: Live, case_id: str, quashed: Set[str]) -> str | None:
    granted = [e for e in live.of(AwardGranted, case_id=case_id) if e.id not in quashed]
    return granted[-1].payload.award_id if granted else None


def _notices_without_effect(live: Live, law: Law, case_id: str) -> frozenset[str]:
    """The openings of notices that were cut short: such a notice is held anew.

    Once the case is decided all the same, by override, there is nothing left that a notice could come before: that it
    was cut short stays a defect (RF17), and stops no award and no payment.
    """
    if evidence(live, law, "decision", case_id) is not None:
        return frozenset()
    short = {one.notice_id for one in notices_cut_short(live, law, case_id)}
    return frozenset(e.id for e in live.of(PublicNoticeOpened) if e.payload.notice_id in short)


#: (live events, case, its award if there is one) -> the acts by which a step is done, the first of them first.
Acts = Callable[[Live, str, str | None], Iterable[LiveEvent]]


def _announced(live: Live, _: str, award_id: str | None) -> Iterable[LiveEvent]:
    announcements = live.of(AnnouncementPublished)
    return (e for e in announcements if e.payload.kind in ("circular", "award") and award_id in e.payload.awards)


def _approving(
    acts: Iterable[LiveEvent[CommitteeResolutionAdopted]] | Iterable[LiveEvent[GovernmentDecisionMade]], case_id: str
) -> Iterable[LiveEvent]:
    return (e for e in acts if any(item.case == case_id for item in e.payload.approved))


_EVIDENCE: Mapping[str, Acts] = {
    "call": lambda live, c, _: live.of(EditionOpened, edition_id=edition_of(c)),
    "application": lambda live, c, _: live.of(ApplicationFiled, case_id=c),
    "recommendation": lambda live, c, _: live.of(RecommendationIssued, case_id=c, outcome="recommend"),
    "opinions": lambda live, c, _: live.of(DepartmentOpinionGiven, case_id=c),
    "eligibility": lambda live, c, _: live.of(EligibilityDecided, case_id=c, outcome="eligible"),
    "material_review": lambda live, c, _: live.of(ReviewReportSubmitted, case_id=c, stage="material"),
    "shortlist": lambda live, c, _: (e for e in live.of(ShortlistDecided) if c in e.payload.selected),
    "onsite_review": lambda live, c, _: live.of(ReviewReportSubmitted, case_id=c, stage="onsite"),
    "report_confirmation": lambda live, c, _: live.of(OnsiteReportConfirmed, case_id=c),
    "candidate_list": lambda live, c, _: (
        e for e in live.of(CandidateListProposed) if any(row.case == c for row in e.payload.rows)
    ),
    "committee_decision": lambda live, c, _: _approving(
        live.of(CommitteeResolutionAdopted, subject="proposed_awardees"), c
    ),
    "notice": lambda live, c, _: (e for e in live.of(PublicNoticeOpened, kind="candidates") if c in e.payload.cases),
    "chair_review": lambda live, c, _: _approving(live.of(CommitteeResolutionAdopted, subject="chair_review"), c),
    "decision": lambda live, c, _: _approving(live.of(GovernmentDecisionMade, subject="award"), c),
    "award": lambda live, c, _: live.of(AwardGranted, case_id=c),
    "circular": _announced,
    "certificate": lambda live, _, a: live.of(CertificateIssued, award_id=a) if a is not None else (),
    "prize": lambda live, _, a: live.of(PrizePaid, award_id=a) if a is not None else (),
    "publication": _announced,
}
