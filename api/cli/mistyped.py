"""What was meant by a word that there is not: the names that are like it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from api.sentences import sentence, term
from ledger.sentences import Sentence, enumeration

#: Names that are told, at most.
NEAR_MAX = 3
#: How like a name has to be to what was typed (``difflib``: 1 is the same, 0 has nothing in common), and how much less
#: than the nearest it may be.
LIKE, LESS = 0.6, 0.15


def near(given: str, names: Iterable[str]) -> list[str]:
    """Names that are like a mistyped one, the nearest first."""
    typed = given.lower()
    likes = {name: difflib.SequenceMatcher(None, name.lower(), typed).ratio() for name in names}
    found = sorted((name for name, like in likes.items() if like >= LIKE), key=lambda name: -likes[name])
    return [name for name in found[:NEAR_MAX] if likes[name] >= likes[found[0]] - LESS]


def did_you_mean(given: str, names: Iterable[str]) -> Sentence | None:
    """The question whether another name was meant; None where no name is like it."""
    found = near(given, names)
    if not found:
        return None
    return sentence("did you mean {names}?", names=enumeration(found, term("between names meant", " or ")))
