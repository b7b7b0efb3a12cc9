"""Styles and scripts of the pages, what scripts say in each language, and the vocabulary by which they read entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from api.languages import languages, tag_of
from api.public.scripts import words_of
from api.rendering.messages import vocabulary_of
from ledger.derivation.meanings import MEANINGS
from ledger.derivation.words import WORDS
from ledger.events.registry import versions
from ledger.events.schema import event_schema
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import AMOUNTS
from ledger.sentences import Pair, told_in
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
    """Name -> content. ``words.<tag>.json`` is what scripts say in a language; ``vocabulary.json`` holds the schemas of
    each event type, words in Chinese and English, and what is money, ``vocabulary.<tag>.json`` the same with the words
    of a further language in the place of the English ones.
    """
    found = {f.name: f.read_bytes() for f in (files("api.public") / "static").iterdir()}
    scripts = [content.decode() for name, content in found.items() if name.endswith(".js")]
    for language in languages():
        found[f"words.{tag_of(language)}.json"] = _json(words_of(scripts, language))
        found[vocabulary_of(language)] = _json(_vocabulary(language))
    return dict(sorted(found.items()))


def _vocabulary(language: str) -> dict[str, object]:
    other = "en" if language == "zh" else language

    def in_two(words: Mapping[str, Pair]) -> dict[str, Pair]:
        return {name: (said[0], told_in(other, said)) for name, said in words.items()}

    return {
        "events": [event_schema(cls) for topic in EVENTS for cls in versions(topic)],
        "members": in_two(MEMBERS),
        "words": in_two(WORDS),
        "meanings": {member: in_two(words) for member, words in MEANINGS.items()},
        "money": sorted(MONEY),
        "scores": sorted(SCORES),
        "amounts": AMOUNTS,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
