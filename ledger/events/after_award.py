"""Events after the award: honours, duties, incidents, sanctions, revocation."""

from __future__ import annotations

from typing import Literal

from ledger.events.kinds import Day, EventId, Fen, Ground, Hash, Id, Json, LongText, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term


@event(
    "HigherAwardRecorded",
    *term("act", "Higher award recorded"),
    signers="SEC / DEP",
    tags="o:org h:higher_award_id",
    serves="JD六(二); JS一; GZ28",
    guard="the document is cited; unique per org, award and year",
    reads="past",
)
class HigherAwardRecorded(Payload, frozen=True):
    higher_award_id: Id
    org: Id
    level: Literal["city", "province", "national"]
    award_name: Text
    award_kind: Literal["quality", "innovation", "nomination"]
    won_on: Day
    doc_no: Text


@event(
    "PostAwardReportFiled",
    *term("act", "Post-award report filed"),
    signers="APP",
    tags="a:award_id o:org",
    serves="ZY22,28 JD七(三) HY16 JS四.2(§28) GZ24,25",
    guard="award granted",
    restricted={
        "kpis": Restricted(dict[str, Json], "org", "business"),
        "report_text": Restricted(LongText, "org", "business"),
    },
)
class PostAwardReportFiled(Payload, frozen=True):
    award_id: Id
    org: Id
    kind: Literal[
        "self_assessment",
        "performance",
        "promotion_summary",
        "exchange_event",
        "survey",
        "improvement",
    ]
    period: Text
    done_on: Day
    report_hash: Hash


#: Of what kind a finding against an organisation is.
IncidentCategory = Literal[
    "accident",
    "spot_check_failure",
    "export_claim",
    "service_quality",
    "violation",
    "major_complaint",
    "loss_year",
    "tax_dishonesty",
    "labour_dishonesty",
    "stat_fraud",
    "award_fraud",
    "joint_punishment",
    "licence_missing",
    "policy_breach",
    "quality_problem",
    "social_impact",
    "other",
]


@event(
    "IncidentRecorded",
    *term("act", "Incident recorded"),
    signers="DEP / SEC[with_document]",
    tags="o:org in:incident_id",
    serves="ZY14,24 JD三(三),七(五) HY7(6),20 JS四.6(§14) GZ13(6),30",
    guard="a determining authority and document; determined not before it occurred; the id is new",
    restricted={"details": Restricted(LongText, "org", "findings")},
)
class IncidentRecorded(Payload, frozen=True):
    incident_id: Id
    org: Id
    category: IncidentCategory
    domain: Literal["quality", "safety", "environment", "public_health", "food", "other"]
    severity: Literal["general", "larger", "major", "extraordinary", "na"]
    fatal: bool
    responsible: bool
    occurred_on: Day
    determined_on: Day
    authority: Text
    doc_no: Text
    level: Literal["national", "province", "city", "district"] | None = None
    until: Day | None = None


@event(
    "TitleMisuseFound",
    *term("act", "Misuse of title found"),
    signers="SEC+SECH",
    tags="o:org a:award_id",
    serves="ZY29 JD七(四) HY15 GZ23,30,33",
    guard="the kind is forbidden by the pack's title_use",
    restricted={"details": Restricted(LongText, "org", "findings")},
)
class TitleMisuseFound(Payload, frozen=True):
    org: Id
    kind: Literal[
        "no_year",
        "product_promotion",
        "packaging",
        "after_expiry",
        "after_revocation",
        "forgery",
        "impersonation",
        "unauthorised_review_activity",
    ]
    found_on: Day
    evidence_hash: Hash
    award_id: Id | None = None
    corrected_by: Day | None = None


@event(
    "SanctionImposed",
    *term("act", "Sanction imposed"),
    signers="SECH / CHR / GOV",
    tags="p:subject o:org x:facts[]",
    serves="ZY23,26 JD七(二),七(六) HY26 JS四.9(§23) GZ26,28,32",
    guard="facts cited",
    restricted={"reasons": Restricted(LongText, "subject", "findings")},
    reads="past",
)
class SanctionImposed(Payload, frozen=True):
    subject: Id
    subject_kind: Literal["organisation", "recommender", "reviewer", "agency", "staff"]
    measure: Literal[
        "criticism",
        "public_criticism",
        "circular",
        "warning",
        "review_eligibility_cancelled",
        "credit_record",
        "referred_employer",
        "referred_discipline",
        "referred_judicial",
        "per_rules",
    ]
    facts: list[EventId]
    org: Id | None = None
    until: Day | None = None


@event(
    "RevocationProposed",
    *term("act", "Revocation proposed"),
    signers="SEC+SECH / CHR[by_resolution]",
    tags="a:award_id o:org x:facts[] x:resolution_id",
    serves="ZY10(7),24 JD七(二),七(五) HY19,20 GZ28,30",
    guard="award granted; the ground is in the pack; the fact lies inside the window",
    restricted={"statement_of_org": Restricted(LongText, "org", "findings")},
    reads="past",
)
class RevocationProposed(Payload, frozen=True):
    award_id: Id
    org: Id
    ground: Ground
    facts: list[EventId]
    report_hash: Hash
    heard_on: Day | None = None
    resolution_id: EventId | None = None


@event(
    "AwardRevoked",
    *term("act", "Award revoked"),
    signers="GOV+SECH",
    tags="a:award_id o:org d:decision_id",
    serves="ZY24 JD七(二),七(五) HY19,20 GZ28,30",
    guard="award granted and not already revoked; the ground is in the pack",
    reads="past",
)
class AwardRevoked(Payload, frozen=True):
    award_id: Id
    org: Id
    decision_id: Id
    ground: Ground
    effective_on: Day
    doc_no: Text
    void_from: Literal["effective", "origin"]
    stated_ban_until: Day | None = None
    stated_clawback: Fen | None = None
    stated_return: bool | None = None


@event(
    "AwardSetAside",
    *term("act", "Award set aside"),
    signers="GOV+SECH / DIS",
    tags="a:award_id o:org d:decision_id",
    serves="none of the five texts speaks of it; administrative review and procedure law",
    guard="award granted under this decision, ended by no ruling nor earlier revocation; the ruling is no older",
    since=3,
)
class AwardSetAside(Payload, frozen=True):
    """A review body or a court has quashed an award or its decision: from the start, or from the day ``from_on``.

    It rests on the ruling of ``body`` alone, never on a ground of the text: no ban follows from it, and what was paid
    is owed back only where an interpretation says so.
    """

    award_id: Id
    org: Id
    decision_id: Id
    body: Text
    ruling_no: Text
    ruled_on: Day
    void_from: Literal["origin", "date"]
    ruling_hash: Hash
    from_on: Day | None = None
