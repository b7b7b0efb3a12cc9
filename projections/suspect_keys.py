"""Signatures made while the signer's key was, as was found later, in other hands (D02, use since
``compromised_since``).

Such an entry was admitted and stays: the key was valid when it was recorded. Who reads it has to know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.clock import format_instant
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.events.identity import KeyRevoked
from ledger.events.registry import topics
from projections.slices import Source


@dataclass(frozen=True, slots=True)
class SuspectSignature:
    """A signature by a key that was compromised by then; ``revocation`` is the event that says so."""

    key_id: str
    principal_id: str
    compromised_since: datetime
    revocation: str

    def to_json(self) -> dict[str, str]:
        return {
            "key_id": self.key_id,
            "principal_id": self.principal_id,
            "compromised_since": format_instant(self.compromised_since),
            "revocation": self.revocation,
        }


def suspect_signatures(event: RecordedEvent, revocations: Iterable[RecordedEvent]) -> list[SuspectSignature]:
    """The suspect signatures of an event, given ``KeyRevoked`` events in order; the first of a key counts."""
    revoked: dict[str, tuple[RecordedEvent, KeyRevoked]] = {}
    for revocation in revocations:
        p = revocation.statement.payload
        if isinstance(p, KeyRevoked):
            revoked.setdefault(p.key_id, (revocation, p))
    found = []
    for signature in event.envelope.signatures:
        if signature.keyid not in revoked:
            continue
        known, p = revoked[signature.keyid]
        if p.compromised_since is not None and p.compromised_since <= event.recorded_at < known.recorded_at:
            found.append(SuspectSignature(signature.keyid, p.principal_id, p.compromised_since, known.statement.id))
    return found


def suspects_of(source: Source, event: RecordedEvent, known: int) -> list[SuspectSignature]:
    """The suspect signatures of an event, as the log shows them when it has ``known`` entries."""
    items = [DCBQueryItem(types=topics(KeyRevoked), tags=[f"k:{s.keyid}"]) for s in event.envelope.signatures]
    return suspect_signatures(event, source.events(DCBQuery(items), until=known))
