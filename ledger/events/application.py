"""Events of application, recommendation and eligibility."""

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
    Fen,
    Hash,
    Id,
    Json,
    Path,
    Sector,
    SignedFen,
    Size,
    Text,
)
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A management-system or safety certificate with its running dates."""

    kind: Text
    no: Text
    valid_from: Day
    valid_until: Day


class SecrecyClaim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the file that the applicant declares secret (HY21)."""

    path: Path
    kind: Literal["business", "technical"]


class YearFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One accounting year; a loss is a negative profit, so these amounts are signed fen."""

    revenue: SignedFen
    profit: SignedFen
    tax: SignedFen


@event(
    "ApplicationFiled",
    *term("act", "Application filed"),
    signers="APP",
    tags="c:case_id o:org",
    serves="ZY13,17(1) JD三,五(二) HY7,10(1),14,21 JS四.7 GZ13,17,28",
    guard="one live case per org, award, edition; truth_declared; not banned nor in validity when filing",
    restricted={
        "financials": Restricted(dict[str, YearFigures], "org", "business"),
        "tax_per_mu": Restricted(Fen, "org", "business"),
        "contact_person": Restricted(Text, "org", "personal"),
        "business_details": Restricted(Text, "org", "business"),
    },
    reads="past",
)
class ApplicationFiled(Payload, frozen=True):
    case_id: CaseId
    org: Id
    award: AwardKind
    sector: Sector
    years_operating: Dec
    form_hash: Hash
    self_assessment_hash: Hash
    data_years: Count
    truth_declared: bool
    state_secret_claimed: bool
    excellence_model_since: Day | None = None
    certificates: list[Certificate] = []
    secrecy_claims: list[SecrecyClaim] = []
    credit_report_hash: Hash | None = None
    size: Size | None = None
    for_profit: bool | None = None
    legal_form: Literal["legal_person", "other_organisation"] | None = None
    registered_locally: bool | None = None


@event(
    "ApplicationSupplemented",
    *term("act", "Application supplemented"),
    signers="APP",
    tags="c:case_id o:org x:answers",
    serves="JD五(三)1 GZ17 ZY10(4) HY10(2)",
    guard="before eligibility is decided; the first version stays",
)
class ApplicationSupplemented(Payload, frozen=True):
    case_id: CaseId
    org: Id
    fields: dict[Path, Json]
    attachments: list[Hash]
    reason: Text
    answers: EventId | None = None


@event(
    "ApplicationWithdrawn",
    *term("act", "Application withdrawn"),
    signers="APP",
    tags="c:case_id o:org",
    serves="ZY6 JD一(四) HY4 GZ5",
    guard="before the award is granted",
    restricted={"reason": Restricted(Text, "org", "business")},
)
class ApplicationWithdrawn(Payload, frozen=True):
    case_id: CaseId
    org: Id


@event(
    "RecommendationIssued",
    *term("act", "Recommendation issued"),
    signers="REC",
    tags="c:case_id o:org",
    serves="ZY13(4),13(5) JD一(四),三(二)5,五(二) HY10(1) JS四.5 GZ12,28",
    guard="the kind of recommender is one of the pack's; the signer is not the applicant",
)
class RecommendationIssued(Payload, frozen=True):
    case_id: CaseId
    org: Id
    recommender_kind: Literal["town", "street", "district_dept", "county_gov", "park", "industry_dept", "association"]
    outcome: Literal["recommend", "decline", "withdrawn"]
    opinion_hash: Hash
    priority_grounds: list[
        Literal[
            "trademark",
            "brand",
            "patent",
            "hightech",
            "zjtx",
            "quality_project",
            "service_model",
            "pinzibiao",
        ]
    ] = []


@event(
    "DepartmentOpinionGiven",
    *term("act", "Department opinion given"),
    signers="DEP",
    tags="c:case_id o:org in:incident_ids[]",
    serves="ZY14,17(2) JD三(三),三(四),五(三)1 JS四.6,四.7 GZ13(2),13(6),17",
    guard="an adverse opinion cites incidents; the period is in order",
    restricted={"details": Restricted(Text, "org", "findings")},
)
class DepartmentOpinionGiven(Payload, frozen=True):
    case_id: CaseId
    org: Id
    subject: Literal[
        "market",
        "credit",
        "tax",
        "safety",
        "environment",
        "health",
        "labour",
        "statistics",
        "industry",
        "other",
    ]
    outcome: Literal["clear", "adverse", "repairable"]
    period_from: Day
    period_to: Day
    incident_ids: list[Id] = []


@event(
    "CreditRepairConfirmed",
    *term("act", "Credit repair confirmed"),
    signers="DEP",
    tags="o:org in:incident_id c:case_id",
    serves="JD三(四)",
    guard="the pack allows repair; the incident is known and not fraud",
    restricted={"details": Restricted(Text, "org", "findings")},
)
class CreditRepairConfirmed(Payload, frozen=True):
    incident_id: Id
    org: Id
    repaired_on: Day
    procedure_doc_no: Text
    case_id: CaseId | None = None


class ConditionCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One condition of the pack, examined."""

    condition_id: Text
    article: Text
    result: Literal["pass", "fail", "na", "unclear"]
    evidence: list[Hash] = []


@event(
    "EligibilityDecided",
    *term("act", "Eligibility decided"),
    signers="SEC+SECH",
    tags="c:case_id o:org",
    serves="ZY10(4),17(2) JD二(二)1,五(三)1 HY10(2) GZ17",
    guard="filed and undecided; a failed condition is not eligible; every condition of the pack is checked",
    restricted={"reasons": Restricted(Text, "org", "findings")},
    reads="past bodies",
)
class EligibilityDecided(Payload, frozen=True):
    case_id: CaseId
    org: Id
    outcome: Literal["eligible", "ineligible", "returned"]
    checks: list[ConditionCheck]
    missing: list[Text] = []
