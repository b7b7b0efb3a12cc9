"""What the scripts of pages say: their templates, found in their source, and the words for them in one language.

A script names a template as the literal first argument of ``say`` or ``known`` (static/plain-words.js), whose identity
it is, as that of every sentence (ledger/sentences.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from api.rendering.messages import PAGES
from ledger.sentences import catalogue

_TEMPLATE = re.compile(r'\b(?:say|known)\(("(?:[^"\\]|\\.)*")')


def templates_in(script: str) -> list[tuple[int, str]]:
    """Line and text of every template that a script names."""
    return [(script.count("\n", 0, m.start()) + 1, json.loads(m[1])) for m in _TEMPLATE.finditer(script)]


def words_of(scripts: Iterable[str], language: str) -> dict[str, str]:
    """Template -> what it is in a language; what has no translation is left out, and said in English."""
    known = catalogue(PAGES, language)
    found = {template: known.gettext(template) for script in scripts for _, template in templates_in(script)}
    return {template: said for template, said in sorted(found.items()) if said != template}
