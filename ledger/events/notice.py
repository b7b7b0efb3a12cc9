"""Events of public notice, objection and disqualification."""

from __future__ import annotations

from typing import Literal

from ledger.events.kinds import CaseId, Count, Day, EventId, Hash, Id, LongText, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term


@event(
    "PublicNoticeOpened",
    *term("act", "Public notice opened"),
    signers="SEC / CHR[committee_notice]",
    tags="ed:edition_id c:cases[] n:notice_id a:awards[]",
    serves="ZY17(6) JD五(四)2 HY10(6) GZ21; ZY24",
    guard="cases = those approved by the resolution; not a notice twice",
    reads="edition",
)
class PublicNoticeOpened(Payload, frozen=True):
    notice_id: Id
    edition_id: Id
    kind: Literal["candidates", "revocation"]
    cases: list[CaseId]
    opened_on: Day
    promised_end: Day
    channels: list[Text]
    page_hash: Hash
    contact: Text
    awards: list[Id] = []
    revision: Count = 1
    extension_reason: Text | None = None


@event(
    "PublicNoticeClosed",
    *term("act", "Public notice closed"),
    signers="SEC",
    tags="ed:edition_id n:notice_id c:cases[]",
    serves="ZY17(6) JD五(四)3 HY10(7) GZ21",
    guard="the notice is open; objections = events",
    reads="edition",
)
class PublicNoticeClosed(Payload, frozen=True):
    notice_id: Id
    edition_id: Id
    cases: list[CaseId]
    closed_on: Day
    objections: Count
    summary_hash: Hash
    interrupted_days: list[Day] = []


@event(
    "ObjectionRaised",
    *term("act", "Objection, complaint or report raised"),
    signers="PUB / APP / REC / DEP / REV / LEAD / COM / SUP / SEC[on_behalf]",
    tags="ob:objection_id ed:edition_id c:case_id o:org a:award_id m:person n:during_notice",
    serves="ZY10(7),17(6) JD二(二)4,五(四)2 HY10(7),23 GZ21,30(2)",
    guard="the target is named; never refused for lateness",
    restricted={
        "complainant": Restricted(Text, "objection_id", "complainant"),
        "grounds": Restricted(LongText, "objection_id", "complainant"),
        "attachments": Restricted(list[Hash], "objection_id", "complainant"),
    },
)
class ObjectionRaised(Payload, frozen=True):
    objection_id: Id
    kind: Literal["notice_objection", "complaint", "recusal_request", "title_misuse", "fund_misuse", "appeal"]
    target_kind: Literal["case", "person", "body", "award"]
    identified: bool
    summary_public: Text
    on_behalf: bool
    edition_id: Id | None = None
    case_id: CaseId | None = None
    org: Id | None = None
    award_id: Id | None = None
    person: Id | None = None
    body_id: Id | None = None
    during_notice: Id | None = None


@event(
    "ObjectionInvestigated",
    *term("act", "Objection investigated"),
    signers="SEC / DEP / DIS",
    tags="ob:objection_id c:case_id o:org in:incident_ids[] m:investigators[]",
    serves="ZY10(7) JD二(二)4,五(四)2 HY10(7),19,23 GZ11(5),21",
    guard="the objection is open; separation S6",
    restricted={"findings": Restricted(LongText, "objection_id", "findings")},
)
class ObjectionInvestigated(Payload, frozen=True):
    objection_id: Id
    outcome: Literal["substantiated", "partly", "unsubstantiated", "not_verifiable"]
    investigators: list[Id]
    report_hash: Hash
    case_id: CaseId | None = None
    org: Id | None = None
    incident_ids: list[Id] = []


@event(
    "ObjectionResolved",
    *term("act", "Objection resolved"),
    signers="CHR[about_a_case] / SECH[not_about_a_case]",
    tags="ob:objection_id c:case_id x:resolution_id",
    serves="JD五(四)2 HY10(7),23 GZ21 ZY17(6)",
    guard="investigated, or not_admitted or transferred",
    restricted={"reasons": Restricted(LongText, "objection_id", "findings")},
)
class ObjectionResolved(Payload, frozen=True):
    objection_id: Id
    outcome: Literal["upheld", "partly", "dismissed", "not_admitted", "transferred"]
    measures: list[Literal["disqualify", "recuse", "sanction", "correct", "revoke_proposal", "none"]]
    case_id: CaseId | None = None
    resolution_id: EventId | None = None


@event(
    "CaseDisqualified",
    *term("act", "Case disqualified"),
    signers="CHR / SEC+SECH[secretariat_disqualifies]",
    tags="c:case_id o:org x:facts[]",
    serves="ZY17(6) JD五(四)2 HY10(7),19 GZ21",
    guard="before AwardGranted (afterwards AwardRevoked); fact events cited",
    restricted={"reasons": Restricted(LongText, "org", "findings")},
)
class CaseDisqualified(Payload, frozen=True):
    case_id: CaseId
    org: Id
    ground: Literal["objection_upheld", "fraud", "incident", "condition_lost", "other"]
    facts: list[EventId]
