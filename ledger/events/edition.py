"""Events of editions and bodies."""

from __future__ import annotations

from typing import Literal

import msgspec

from ledger.events.kinds import AwardKind, CaseId, Count, Day, Hash, Id, Stage, Text, Year
from ledger.events.registry import Payload, event
from ledger.sentences import term


@event(
    "EditionOpened",
    *term("act", "Edition opened"),
    signers="SEC+SECH",
    tags="ed:edition_id rg:pack_id",
    serves="ZY4,10(2),15,17(1) JD一(五),二(二)1,四(一),五(一) HY3,8,10(1) JS四.7 GZ4,6,11(3),16",
    guard="pack in force (a draft in simulation only); override at most the quota; revision>1 only extends the window",
    reads="edition editions",
)
class EditionOpened(Payload, frozen=True):
    edition_id: Id
    number: Count
    year: Year
    revision: Count
    pack_id: Id
    pack_hash: Hash
    awards: list[AwardKind]
    window_from: Day
    window_to: Day
    standard_versions: list[Text]
    channels: list[Text]
    notice_url_hash: Hash
    plan_hash: Hash
    quota_override: dict[AwardKind, Count] | None = None


@event(
    "EditionClosed",
    *term("act", "Edition closed"),
    signers="SECH",
    tags="ed:edition_id",
    serves="ZY4 JD二,七(一) HY3,9 GZ6",
    guard="all cases final; no open objection",
    reads="edition",
)
class EditionClosed(Payload, frozen=True):
    edition_id: Id
    reason: Literal["completed", "cancelled"]
    vacancies: dict[AwardKind, Count]
    summary_hash: Hash


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One seat of a body."""

    principal_id: Id
    seat: Literal["chair", "vice", "leader", "member"]
    capacity: Literal["department", "expert", "enterprise", "other"]


@event(
    "BodyConstituted",
    *term("act", "Body constituted"),
    signers="GOV[committee_or_office] / SECH[panel] / CHR[supervision]",
    tags="ed:edition_id b:body_id c:cases[] m:members[].principal_id",
    serves="ZY7,8,10(5),11 JD二,七(一) HY5,6,10(4) JS四.3,四.4 GZ10,11,18",
    guard="panel size and leader per pack; members in the pool; no recused person; supervision disjoint",
    reads="edition",
)
class BodyConstituted(Payload, frozen=True):
    body_id: Id
    kind: Literal["committee", "office", "panel", "supervision_group"]
    revision: Count
    members: list[Member]
    instrument_no: Text
    edition_id: Id | None = None
    stages: list[Stage] | None = None
    cases: list[CaseId] | None = None


@event(
    "BodyDissolved",
    *term("act", "Body dissolved"),
    signers="GOV[committee_or_office] / SECH[panel] / CHR[supervision]",
    tags="ed:edition_id b:body_id",
    serves="JD二(三), 七(一); ZY11 HY10(4)",
    guard="by who constituted it; a panel has no unreported case",
    reads="edition bodies",
)
class BodyDissolved(Payload, frozen=True):
    body_id: Id
    reason: Literal["work_ended", "edition_closed", "replaced"]
    on: Day
    edition_id: Id | None = None
