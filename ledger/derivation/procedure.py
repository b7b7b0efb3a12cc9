"""The steps of a case in the order of its text: which are done, and which an act would skip.

The order is the pack's own (``procedure``); what it takes for a step to be done is the same for all texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.statement import edition_of

#: Step -> its name in both languages and the event that records it.
STEP_NAMES: Mapping[str, tuple[str, str, str]] = {
    "call": ("申报公告", "the call for applications", "EditionOpened"),
    "application": ("申报", "the application", "ApplicationFiled"),
    "recommendation": ("推荐", "the recommendation", "RecommendationIssued"),
    "opinions": ("部门意见", "the departments' opinions", "DepartmentOpinionGiven"),
    "eligibility": ("资格审查", "the examination of conditions", "EligibilityDecided"),
    "material_review": ("材料评审", "the review of the file", "ReviewReportSubmitted"),
    "shortlist": ("确定现场评审名单", "the on-site list", "ShortlistDecided"),
    "onsite_review": ("现场评审", "the on-site review", "ReviewReportSubmitted"),
    "report_confirmation": ("申报单位确认报告", "the applicant's confirmation of the report", "OnsiteReportConfirmed"),
    "candidate_list": ("候选名单", "the candidate list", "CandidateListProposed"),
    "committee_decision": ("评委会审议", "the committee's decision", "CommitteeResolutionAdopted"),
    "notice": ("公示", "the public notice", "PublicNoticeOpened"),
    "chair_review": ("主任审核", "the chair's review", "CommitteeResolutionAdopted"),
    "decision": ("政府审定", "the government's decision", "GovernmentDecisionMade"),
    "award": ("授奖", "the award", "AwardGranted"),
    "circular": ("通报表彰", "the commending circular", "AnnouncementPublished"),
    "certificate": ("颁发证书", "the certificate", "CertificateIssued"),
    "prize": ("拨付奖金", "the payment", "PrizePaid"),
    "publication": ("向社会公布", "the publication of the result", "AnnouncementPublished"),
}

#: Events that carry out a step; ``step_of`` narrows those with several uses.
_STEP_OF: Mapping[str, str] = {
    "ApplicationFiled": "application",
    "RecommendationIssued": "recommendation",
    "DepartmentOpinionGiven": "opinions",
    "ShortlistDecided": "shortlist",
    "OnsiteVisitHeld": "onsite_review",
    "OnsiteReportConfirmed": "report_confirmation",
    "CandidateListProposed": "candidate_list",
    "CommitteeVoteCast": "committee_decision",
    "AwardGranted": "award",
    "CertificateIssued": "certificate",
}
_STAGE_STEP = {"material": "material_review", "onsite": "onsite_review"}


def step_of(topic: str, payload: Any) -> str | None:
    """The step that an act belongs to, if any."""
    match topic:
        case "EligibilityDecided":
            return "eligibility" if payload.outcome == "eligible" else None
        case "ScoreSubmitted" | "ReviewReportSubmitted":
            return _STAGE_STEP.get(payload.stage)
        case "CommitteeResolutionAdopted":
            return {"proposed_awardees": "committee_decision", "chair_review": "chair_review"}.get(payload.subject)
        case "PublicNoticeOpened":
            return "notice" if payload.kind == "candidates" else None
        case "GovernmentDecisionMade":
            return "decision" if payload.subject == "award" else None
        case "PrizePaid":
            return "prize" if payload.award_id is not None and payload.reversal_of is None else None
        case _:
            return _STEP_OF.get(topic)


def cases_of(topic: str, payload: Any) -> list[str]:
    """The cases that an act takes forward; those that it leaves behind need no step."""
    match topic:
        case "ShortlistDecided":
            return list(payload.selected)
        case "CandidateListProposed":
            return [row.case for row in payload.rows]
        case "CommitteeResolutionAdopted" | "GovernmentDecisionMade":
            return [item.case for item in payload.approved if item.case is not None]
        case "PublicNoticeOpened":
            return list(payload.cases)
        case _:
            return [payload.case_id] if getattr(payload, "case_id", None) else []


def ordered_steps(law: Law, enacted: Enacted | None, on: date) -> tuple[Resolved, list[dict[str, Any]]]:
    """The pack's steps in order; empty where the text was not seen or states none."""
    stated = law.parameter(enacted, "procedure", on)
    return stated, list(stated.value) if stated.stated else []


def skipped(live: Live, steps: list[dict[str, Any]], step: str, case_id: str) -> list[dict[str, Any]]:
    """Stated steps before ``step`` that the case has not done, in order; nothing if the text does not state it."""
    names = [s["step"] for s in steps]
    if step not in names:
        return []
    return [s for s in steps[: names.index(step)] if not done(live, s["step"], case_id)]


def done(live: Live, step: str, case_id: str) -> bool:
    """Has the case done the step?"""
    return evidence(live, step, case_id) is not None


def evidence(live: Live, step: str, case_id: str) -> LiveEvent | None:
    """The event by which the case has done a step."""
    topics, does = _EVIDENCE[step]
    granted = live.last("AwardGranted", case_id=case_id)
    award_id = granted.payload.award_id if granted else None
    return next((e for e in live.of(*topics) if does(e.payload, case_id, award_id)), None)


Does = Callable[[Any, str, str | None], bool]


def _of_case(payload: Any, case_id: str, _: str | None) -> bool:
    return bool(payload.case_id == case_id)


def _of_award(payload: Any, _: str, award_id: str | None) -> bool:
    return award_id is not None and bool(payload.award_id == award_id)


def _announces(payload: Any, _: str, award_id: str | None) -> bool:
    return payload.kind in ("circular", "award") and award_id in payload.awards


def _approved_as(subject: str) -> Does:
    return lambda p, c, _: p.subject == subject and any(item.case == c for item in p.approved)


_EVIDENCE: Mapping[str, tuple[tuple[str, ...], Does]] = {
    "call": (("EditionOpened",), lambda p, c, _: p.edition_id == edition_of(c)),
    "application": (("ApplicationFiled",), _of_case),
    "recommendation": (("RecommendationIssued",), lambda p, c, _: p.case_id == c and p.outcome == "recommend"),
    "opinions": (("DepartmentOpinionGiven",), _of_case),
    "eligibility": (("EligibilityDecided",), lambda p, c, _: p.case_id == c and p.outcome == "eligible"),
    "material_review": (("ReviewReportSubmitted",), lambda p, c, _: p.case_id == c and p.stage == "material"),
    "shortlist": (("ShortlistDecided",), lambda p, c, _: c in p.selected),
    "onsite_review": (("ReviewReportSubmitted",), lambda p, c, _: p.case_id == c and p.stage == "onsite"),
    "report_confirmation": (("OnsiteReportConfirmed",), _of_case),
    "candidate_list": (("CandidateListProposed",), lambda p, c, _: any(row.case == c for row in p.rows)),
    "committee_decision": (("CommitteeResolutionAdopted",), _approved_as("proposed_awardees")),
    "notice": (("PublicNoticeOpened",), lambda p, c, _: p.kind == "candidates" and c in p.cases),
    "chair_review": (("CommitteeResolutionAdopted",), _approved_as("chair_review")),
    "decision": (("GovernmentDecisionMade",), _approved_as("award")),
    "award": (("AwardGranted",), _of_case),
    "circular": (("AnnouncementPublished",), _announces),
    "certificate": (("CertificateIssued",), _of_award),
    "prize": (("PrizePaid",), _of_award),
    "publication": (("AnnouncementPublished",), _announces),
}
