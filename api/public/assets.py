"""Styles and scripts of the pages, and the vocabulary by which a script reads an entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ledger.derivation.meanings import MEANINGS
from ledger.derivation.words import WORDS
from ledger.events.registry import versions
from ledger.events.schema import event_schema
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import AMOUNTS
from projections.kinds import MONEY, SCORES
from projections.labels import MEMBERS

MEDIA = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json; charset=utf-8",
}


@cache
def assets() -> Mapping[str, bytes]:
    """Name -> content; ``vocabulary.json`` holds the schemas of each event type, words in both languages, and what is
    money.
    """
    found = {f.name: f.read_bytes() for f in (files("api.public") / "static").iterdir()}
    vocabulary = {
        "events": [event_schema(cls) for topic in EVENTS for cls in versions(topic)],
        "members": MEMBERS,
        "words": WORDS,
        "meanings": MEANINGS,
        "money": sorted(MONEY),
        "scores": sorted(SCORES),
        "amounts": AMOUNTS,
    }
    found["vocabulary.json"] = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")).encode()
    return dict(sorted(found.items()))
