"""Events of decision, award and publication."""

from __future__ import annotations

from typing import Literal

import msgspec

from ledger.events.kinds import AwardKind, CaseId, Day, EventId, Fen, Hash, Id, LongText, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term


class ApprovedItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a government decision approves: a case (award), an award (revocation, clawback, waiver) or a succession.

    ``carries`` says what a successor takes over from its ``predecessor`` (B-65).
    """

    case: CaseId | None = None
    award_id: Id | None = None
    award: AwardKind | None = None
    prize_amount: Fen | None = None
    org: Id | None = None
    predecessor: Id | None = None
    carries: list[Literal["bans", "debts", "awards"]] = []


@event(
    "GovernmentDecisionMade",
    *term("act", "Government decision made"),
    signers="GOV",
    tags="ed:edition_id c:approved[].case a:approved[].award_id c:rejected_cases[] a:rejected_awards[] d:decision_id"
    " o:approved[].org o:approved[].predecessor",
    serves="ZY17(7),23 JD五(四)3,七(二),七(五) HY10(7),19 JS四.7 GZ2,22,28,30",
    guard="form = approval.chain of the pack; each item names a case or an award",
    restricted={"discussion": Restricted(LongText, "decision_id", "findings")},
    reads="past edition",
)
class GovernmentDecisionMade(Payload, frozen=True):
    decision_id: Id
    subject: Literal["award", "revocation", "clawback", "bonus", "waiver", "succession"]
    form: Literal["government_study", "government_approval", "mayor_consent", "executive_meeting"]
    meeting_or_doc_no: Text
    decided_on: Day
    approved: list[ApprovedItem]
    document_hash: Hash
    edition_id: Id | None = None
    rejected_cases: list[CaseId] = []
    rejected_awards: list[Id] = []
    applies_version: Text | None = None
    reasons_hash: Hash | None = None


@event(
    "AwardGranted",
    *term("act", "Award granted"),
    signers="GOV+SECH",
    tags="c:case_id o:org a:award_id d:decision_id",
    serves="ZY3,17(7),27,29 JD六(一) HY10(7),11,17 GZ8,22,23,27",
    guard="the award id is new; the case is the organisation's; the pack has the award kind",
    reads="past edition",
)
class AwardGranted(Payload, frozen=True):
    award_id: Id
    case_id: CaseId
    org: Id
    award: AwardKind
    decision_id: Id
    granted_on: Day
    doc_no: Text
    stated_valid_until: Day | None = None
    stated_prize: Fen | None = None
    stated_counts_quota: bool | None = None


class HonourItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A certificate, plaque or cup."""

    kind: Literal["certificate", "plaque", "cup"]
    serial: Text


@event(
    "CertificateIssued",
    *term("act", "Certificate, plaque or cup issued"),
    signers="SEC",
    tags="a:award_id o:org",
    serves="ZY17(7),29 JD六(一) HY11,17 GZ8,11(1),22",
    guard="award live; serials unique",
    reads="past",
)
class CertificateIssued(Payload, frozen=True):
    award_id: Id
    org: Id
    items: list[HonourItem]
    on: Day
    received_by_hash: Hash


class ReturnedItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of an issued item."""

    serial: Text
    state: Literal["returned", "lost", "declared_void"]


@event(
    "CertificateReturned",
    *term("act", "Certificate, plaque or cup returned"),
    signers="SEC",
    tags="a:award_id o:org",
    serves="ZY24 JD七(二),七(五) HY19 GZ28",
    guard="the items were issued; award revoked or replaced",
)
class CertificateReturned(Payload, frozen=True):
    award_id: Id
    org: Id
    items: list[ReturnedItem]
    on: Day


@event(
    "AnnouncementPublished",
    *term("act", "Announcement published"),
    signers="SEC / GOV",
    tags="pub:pub_id ed:edition_id a:awards[] o:orgs[] x:about[]",
    serves="ZY24 JD五(四)3,七(二),七(五) HY10(7),19,20 JS四.7 GZ22,26,28,30",
    guard="the events it is about exist",
)
class AnnouncementPublished(Payload, frozen=True):
    pub_id: Id
    kind: Literal["award", "revocation", "circular", "fund_check", "sanction", "title_misuse", "other"]
    about: list[EventId]
    published_on: Day
    channels: list[Text]
    page_hash: Hash
    doc_no: Text | None = None
    edition_id: Id | None = None
    awards: list[Id] = []
    orgs: list[Id] = []
