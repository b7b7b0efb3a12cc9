"""Events of evaluation."""

from __future__ import annotations

from typing import Literal

import msgspec

from ledger.events.kinds import (
    AwardKind,
    CaseId,
    Count,
    Day,
    Dec,
    EventId,
    Grade,
    Hash,
    Id,
    LongText,
    Stage,
    Text,
)
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term


@event(
    "ScoreSubmitted",
    *term("act", "Score submitted"),
    signers="REV / LEAD",
    tags="c:case_id x:replaces",
    serves="ZY12(1),17(3)-(5) JD四(二) HY8,9,10(3)-(4) GZ18,19",
    guard="on the panel, declared, not recused; 0 <= total <= full; items sum to the total on opening",
    restricted={
        "item_scores": Restricted(dict[str, Dec], "actor", "scores"),
        "comments": Restricted(LongText, "actor", "scores"),
    },
)
class ScoreSubmitted(Payload, frozen=True):
    case_id: CaseId
    stage: Stage
    total: Dec
    full: Count
    replaces: EventId | None = None
    change_reason: Text | None = None


@event(
    "ReviewReportSubmitted",
    *term("act", "Review report submitted"),
    signers="LEAD",
    tags="c:case_id x:score_ids[]",
    serves="ZY12(2)(3),17(3)(4) JD二(三)1,二(三)3 HY10(4) GZ18-20",
    guard="all live scores of the stage cited; the signer leads the panel",
    restricted={"report_text": Restricted(LongText, "actor", "findings")},
)
class ReviewReportSubmitted(Payload, frozen=True):
    case_id: CaseId
    stage: Literal["material", "onsite", "comprehensive"]
    report_hash: Hash
    advice: Text
    score_ids: list[EventId]
    stated_score: Dec | None = None


class NotSelected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case that does not go on, and why."""

    case: CaseId
    reason: Text


@event(
    "ShortlistDecided",
    *term("act", "Shortlist decided"),
    signers="SEC+SECH",
    tags="c:selected[] c:not_selected[].case x:basis_reports[]",
    serves="JD五(三)2 HY10(3) ZY17(4) GZ18",
    guard="at most shortlist.max; all eligible; covers every eligible case",
    reads="edition",
)
class ShortlistDecided(Payload, frozen=True):
    stage: Literal["onsite"]
    selected: list[CaseId]
    not_selected: list[NotSelected]
    basis_reports: list[EventId]
    cut_score: Dec | None = None


@event(
    "OnsiteVisitHeld",
    *term("act", "On-site visit held"),
    signers="LEAD",
    tags="c:case_id m:attendees[]",
    serves="ZY17(4) JD二(三)2,五(三)3 HY10(4) GZ19",
    guard="the case is selected; no recused attendee",
    restricted={"site_notes_hash": Restricted(Hash, "actor", "findings")},
)
class OnsiteVisitHeld(Payload, frozen=True):
    case_id: CaseId
    from_on: Day
    to_on: Day
    attendees: list[Id]
    plan_hash: Hash


@event(
    "OnsiteReportConfirmed",
    *term("act", "On-site report confirmed"),
    signers="APP",
    tags="c:case_id o:org x:report_id",
    serves="HY10(4)",
    guard="a report of that case; before the candidate list",
    restricted={"remarks": Restricted(LongText, "org", "business")},
)
class OnsiteReportConfirmed(Payload, frozen=True):
    case_id: CaseId
    org: Id
    report_id: EventId
    outcome: Literal["confirmed", "confirmed_with_remarks", "refused"]


@event(
    "RevieweeFeedbackGiven",
    *term("act", "Reviewee feedback given"),
    signers="APP",
    tags="c:case_id o:org",
    serves="HY22",
    guard="a visit was held",
    restricted={
        "comments": Restricted(LongText, "org", "complainant"),
        "about_reviewer": Restricted(Id, "org", "complainant"),
    },
)
class RevieweeFeedbackGiven(Payload, frozen=True):
    case_id: CaseId
    org: Id
    work_quality: Grade
    discipline: Grade
    written_hash: Hash


@event(
    "ApplicantNotified",
    *term("act", "Applicant notified"),
    signers="SEC",
    tags="c:case_id o:org x:decision",
    serves="HY10(3); ZY6 JD一(四) GZ5",
    guard="the cited decision exists",
    restricted={"content": Restricted(LongText, "org", "findings")},
)
class ApplicantNotified(Payload, frozen=True):
    case_id: CaseId
    org: Id
    about: Literal[
        "ineligible",
        "not_shortlisted",
        "not_candidate",
        "objection",
        "disqualified",
        "award",
        "revocation",
        "clawback",
    ]
    decision: EventId
    delivered_on: Day
    channel: Text


class CandidateRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of the candidate list."""

    case: CaseId
    award: AwardKind
    rank: Count
    score: Dec | None = None


@event(
    "CandidateListProposed",
    *term("act", "Candidate list proposed"),
    signers="SEC+SECH",
    tags="c:rows[].case c:not_listed[] l:list_id",
    serves="ZY10(6),17(5) JD二(二)3,五(四)1 HY10(5) GZ11(7),20",
    guard="reports complete; each case once",
    restricted={"industry_balance_note": Restricted(LongText, "actor", "findings")},
    reads="edition",
)
class CandidateListProposed(Payload, frozen=True):
    list_id: Id
    rows: list[CandidateRow]
    summary_report_hash: Hash
    not_listed: list[CaseId] = []


@event(
    "CommitteeVoteCast",
    *term("act", "Committee vote cast"),
    signers="COM / CHR",
    tags="c:case_id r:resolution_ref",
    serves="ZY17(5) JD五(四)2; HY10(5) GZ20,21",
    guard="seated member; one live vote per member and case; recused only `recused`",
    restricted={"remark": Restricted(Text, "actor", "scores")},
)
class CommitteeVoteCast(Payload, frozen=True):
    resolution_ref: Id
    case_id: CaseId
    vote: Literal["for", "against", "abstain", "recused"]


class Tally(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Votes of one case."""

    for_: Count = msgspec.field(name="for")
    against: Count = 0
    abstain: Count = 0
    recused: Count = 0


class ApprovedAward(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case and the award kind it is to get."""

    case: CaseId
    award: AwardKind


class ReviewRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How scores are combined (G14): fixed by resolution before the first score."""

    aggregation: Literal["mean", "median", "trimmed_mean"]
    decisive_stage: Stage
    decimals: Count | None = None


@event(
    "CommitteeResolutionAdopted",
    *term("act", "Committee resolution adopted"),
    signers="CHR+SEC",
    tags="ed:edition_id c:approved[].case c:rejected[] r:resolution_id",
    serves="ZY9,17(5) JD二(一),五(四)2 HY5,10(5),10(7),19 GZ10,20,21",
    guard="review rules carry the rules; a list resolution names cases",
    reads="edition",
)
class CommitteeResolutionAdopted(Payload, frozen=True):
    resolution_id: Id
    edition_id: Id
    subject: Literal[
        "review_rules",
        "proposed_awardees",
        "objection",
        "disqualification",
        "revocation_proposal",
        "chair_review",
        "interpretation",
        "sanction",
    ]
    present: list[Id]
    minutes_hash: Hash
    tally: dict[str, Tally] = {}
    approved: list[ApprovedAward] = []
    rejected: list[CaseId] = []
    rules: ReviewRules | None = None
    rules_hash: Hash | None = None
