"""Which single entries anybody may read, and from when (design 2, B-84): an allow-list by event type.

Whole bundles are for mirrors and inspectors; the public reads entries one by one, each with its proof. What is not
listed here is never public as an entry: scores, votes, reviewers' declarations, objections, applications and whatever
else names those who did not win. Restricted members are commitments in any case.
"""

from __future__ import annotations

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.entry import RecordedEvent
from projections.slices import Source

#: Rules, calendars, notices, awards, money, and the keys and roles that make signatures good.
AT_ONCE = frozenset(
    {
        "GenesisDeclared",
        "RegulationEnacted",
        "RegulationRepealed",
        "RegulationInterpreted",
        "CalendarPublished",
        "PrincipalRegistered",
        "PrincipalUpdated",
        "KeyRegistered",
        "KeyRevoked",
        "RoleGranted",
        "RoleWithdrawn",
        "EditionOpened",
        "EditionClosed",
        "PublicNoticeOpened",
        "PublicNoticeClosed",
        "AnnouncementPublished",
        "AwardGranted",
        "AwardRevoked",
        "CertificateIssued",
        "CertificateReturned",
        "HigherAwardRecorded",
        "PrizePaid",
        "FundMisuseFound",
        "ClawbackOrdered",
        "ClawbackReceived",
        "ClawbackWaived",
        "TitleMisuseFound",
        "TimeAttested",
        "AccessRecordAttested",
        "HistoryLossDeclared",
    }
)

#: Who decided what, once the edition is decided or closed.
AFTER_DECISION = frozenset({"CommitteeResolutionAdopted", "GovernmentDecisionMade"})

_DECIDES = ["AwardGranted", "EditionClosed"]


def is_public(source: Source, event: RecordedEvent, known: int) -> bool:
    """May anybody read this entry when the log has ``known`` entries?"""
    if event.statement.type in AT_ONCE:
        return True
    if event.statement.type not in AFTER_DECISION:
        return False
    editions = [tag for tag in event.statement.tags if tag.startswith("ed:")]
    items = [DCBQueryItem(types=_DECIDES, tags=[tag]) for tag in editions]
    return bool(items) and bool(source.events(DCBQuery(items), until=known))
