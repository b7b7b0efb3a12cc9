"""Which single entries anybody may read, and from when: an allow-list by event type (reading B-84).

Whole bundles are for mirrors and inspectors; the public reads entries one by one, each with its proof. What is not
listed here is never public as an entry: scores, votes, reviewers' declarations, objections, applications and whatever
else names those who did not win. Restricted members are commitments in any case.
"""

from __future__ import annotations

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.events.after_award import AwardRevoked, AwardSetAside, HigherAwardRecorded, TitleMisuseFound
from ledger.events.decision import (
    AnnouncementPublished,
    AwardGranted,
    CertificateIssued,
    CertificateReturned,
    GovernmentDecisionMade,
)
from ledger.events.edition import EditionClosed, EditionOpened
from ledger.events.evaluation import CommitteeResolutionAdopted
from ledger.events.identity import (
    GenesisDeclared,
    KeyRegistered,
    KeyRevoked,
    PrincipalRegistered,
    PrincipalUpdated,
    RoleGranted,
    RoleWithdrawn,
)
from ledger.events.money import ClawbackOrdered, ClawbackReceived, ClawbackWaived, FundMisuseFound, PrizePaid
from ledger.events.notice import PublicNoticeClosed, PublicNoticeOpened
from ledger.events.oversight import AccessRecordAttested, HistoryLossDeclared, TimeAttested
from ledger.events.registry import Payload, topics
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from projections.slices import Source

#: Rules, calendars, notices, awards, money, and the keys and roles that make signatures good.
AT_ONCE: tuple[type[Payload], ...] = (
    GenesisDeclared,
    RegulationEnacted,
    RegulationRepealed,
    RegulationInterpreted,
    CalendarPublished,
    PrincipalRegistered,
    PrincipalUpdated,
    KeyRegistered,
    KeyRevoked,
    RoleGranted,
    RoleWithdrawn,
    EditionOpened,
    EditionClosed,
    PublicNoticeOpened,
    PublicNoticeClosed,
    AnnouncementPublished,
    AwardGranted,
    AwardRevoked,
    AwardSetAside,
    CertificateIssued,
    CertificateReturned,
    HigherAwardRecorded,
    PrizePaid,
    FundMisuseFound,
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    TitleMisuseFound,
    TimeAttested,
    AccessRecordAttested,
    HistoryLossDeclared,
)

#: Who decided what, once the edition is decided or closed.
AFTER_DECISION: tuple[type[Payload], ...] = (CommitteeResolutionAdopted, GovernmentDecisionMade)

_DECIDES = (AwardGranted, EditionClosed)


def is_public(source: Source, event: RecordedEvent, known: int) -> bool:
    """May anybody read this entry when the log has ``known`` entries?"""
    if isinstance(event.statement.payload, AT_ONCE):
        return True
    if not isinstance(event.statement.payload, AFTER_DECISION):
        return False
    editions = [tag for tag in event.statement.tags if tag.startswith("ed:")]
    items = [DCBQueryItem(types=topics(*_DECIDES), tags=[tag]) for tag in editions]
    return bool(items) and bool(source.events(DCBQuery(items), until=known))
