"""What a page that signs tells its script: who signs, in which log, with which key, for which day."""

from __future__ import annotations

from api.rendering.messages import vocabulary_of
from api.workplace.sheets import Desk
from ledger.clock import shanghai_day, system_clock


def signing_context(d: Desk) -> dict[str, object]:
    return {
        "origin": d.log.ledger.origin,
        "principal": d.visitor.principal,
        "keyId": d.visitor.session.key_id,
        "csrf": d.visitor.session.csrf,
        "api": d.place.root(f"v1/logs/{d.log.home.name}"),
        "vocabulary": d.place.root(f"static/{vocabulary_of(d.place.language)}"),
        "today": shanghai_day(system_clock()).isoformat(),
    }
