"""Editions: the announcement that governs, the pack it pins, and their order."""

from __future__ import annotations

from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Enacted, Law
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import EditionClosed, EditionOpened
from ledger.statement import edition_of


def edition_opened(live: Live, edition_id: str) -> LiveEvent[EditionOpened] | None:
    """The latest revision of an edition's announcement."""
    revisions = live.of(EditionOpened, edition_id=edition_id)
    return max(revisions, key=lambda e: (e.payload.revision, e.position), default=None)


def pinned_pack(live: Live, law: Law, edition_id: str) -> Enacted | None:
    """The version that governs an edition (B-42): the one its announcement pinned."""
    opened = edition_opened(live, edition_id)
    return law.enacted(opened.payload.pack_hash) if opened else None


def decisions_on_awards(live: Live, edition_id: str) -> list[LiveEvent[GovernmentDecisionMade]]:
    """The government's decisions that approve awards of an edition."""
    return [
        e
        for e in live.of(GovernmentDecisionMade, subject="award")
        if any(i.case is not None and edition_of(i.case) == edition_id for i in e.payload.approved)
    ]


def decided_on(live: Live, edition_id: str) -> LiveEvent | None:
    """The act by which awards of an edition were decided; of an earlier text the award alone may be on record."""
    grants = (e for e in live.of(AwardGranted) if edition_of(e.payload.case_id) == edition_id)
    return next(iter(decisions_on_awards(live, edition_id)), None) or next(grants, None)


def edition_number(live: Live, edition_id: str) -> int | None:
    """The number of an edition, unless it was cancelled before any decision (B-22)."""
    opened = edition_opened(live, edition_id)
    if opened is None:
        return None
    closed = live.last(EditionClosed, edition_id=edition_id)
    if closed is not None and closed.payload.reason == "cancelled" and decided_on(live, edition_id) is None:
        return None
    return opened.payload.number
