"""Keys that others registered for the visitor: shown before they count, so that they can be revoked."""

from __future__ import annotations

from api.rendering.blocks import Content, links
from api.sentences import sentence
from api.workplace.sheets import Desk, Part
from ledger.clock import SHANGHAI, shanghai_day
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import EVER, History
from ledger.derivation.identity import IDENTITY_TYPES, Identities
from ledger.events.identity import GenesisDeclared, KeyRegistered
from ledger.events.registry import topics
from projections.further_keys import FurtherKey, brought_by_others


def keys_from_others(d: Desk) -> list[Part]:
    """One line for each that is not revoked, with the form that revokes it; nothing where there is none."""
    items = [
        DCBQueryItem(types=topics(GenesisDeclared)),
        DCBQueryItem(types=topics(*IDENTITY_TYPES), tags=[f"p:{d.visitor.principal}"]),
    ]
    events = d.log.ledger.events(DCBQuery(items), until=d.at.known_at)
    keys = Identities(History(events).live(EVER, d.at.known_at)).keys
    registered = [e for e in events if isinstance(e.statement.payload, KeyRegistered)]
    found = [f for f in brought_by_others(registered, keys) if f.key.revoked_at is None]
    if not found:
        return []
    return [Part(d.say(sentence("Keys that others registered for you")), links([_line(d, f) for f in found]))]


def _line(d: Desk, further: FurtherKey) -> Content:
    day = shanghai_day(further.registration.recorded_at)
    since = further.key.valid_from.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if further.key.valid_from else "—"
    told = d.say(
        sentence(
            "registered on {day} without a signature by a key of yours; it counts from {since} on. If you did not ask "
            "for it, revoke it now: ",
            day=day,
            since=since,
        ),
    )
    revoke = d.link(
        d.say(sentence("revoke")),
        "record",
        "KeyRevoked",
        principal_id=further.key.principal_id,
        key_id=further.key.key_id,
    )
    return (told, revoke)
