"""Events of reviewers, interests and recusal."""

from __future__ import annotations

from typing import Literal

from ledger.events.kinds import CaseId, Count, Day, Id, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term


@event(
    "ReviewerQualified",
    *term("act", "Reviewer qualified"),
    signers="SEC+SECH",
    tags="rv:reviewer_id p:reviewer_id",
    serves="ZY10(3),11 JD二(二)2,二(四) HY6 JS四.4 GZ11(2)",
    guard="JD: (bachelor or senior title) and 5 years and trained",
    restricted={
        "employer": Restricted(Text, "reviewer_id", "personal"),
        "cv": Restricted(Text, "reviewer_id", "personal"),
        "conduct_note": Restricted(Text, "reviewer_id", "personal"),
    },
)
class ReviewerQualified(Payload, frozen=True):
    reviewer_id: Id
    pool: Literal["district", "city", "province"]
    education: Literal["below", "bachelor", "master", "doctor"]
    senior_title: bool
    years_experience: Count
    trained: bool
    qms_audit_skill: bool
    valid_until: Day | None = None


@event(
    "InterestDeclared",
    *term("act", "Interest declared (or none) and confidentiality pledged"),
    signers="REV / LEAD / COM / SEC / SECH / CHR",
    tags="c:case_id",
    serves="ZY18,25 JD二(四)5,七(六) HY24,25 JS三 GZ31",
    guard="result=conflict recuses from that instant",
    restricted={
        "relation": Restricted(
            Literal["employed", "shareholding", "consulting", "kinship", "competitor", "other"],
            "actor",
            "interest",
        ),
        "details": Restricted(Text, "actor", "interest"),
    },
)
class InterestDeclared(Payload, frozen=True):
    case_id: CaseId
    result: Literal["none", "conflict"]
    confidentiality_pledge: bool


@event(
    "RecusalOrdered",
    *term("act", "Recusal ordered"),
    signers="SEC+SECH / SUP[sec_concerned]",
    tags="c:case_ids[] p:person",
    serves="HY24; ZY18 JD二(四)5",
    guard="the person takes part in the case",
    restricted={"reason": Restricted(Text, "person", "interest")},
    reads="seats",
)
class RecusalOrdered(Payload, frozen=True):
    case_ids: list[CaseId]
    person: Id
    source: Literal["own_check", "complaint", "supervision"]
