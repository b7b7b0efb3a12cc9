"""What people read says words of the regulation, never the names that the program has for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger.derivation.meanings import MEANINGS
from ledger.derivation.words import WORDS
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import PARAMETERS
from tests.quick.played import SCENARIOS, played

#: Words of enumerations, and paths of parameters; event types stand beside their names for those who write drafts.
INTERNAL = ({*WORDS, *(w for words in MEANINGS.values() for w in words)} | {p.path for p in PARAMETERS}) - EVENTS.keys()
#: Latin words that a Chinese sentence may hold.
LATIN = {"SM2"}


def internal_names(zh: str) -> set[str]:
    """Names of the program in a Chinese sentence: whole Latin words, with dots and underscores."""
    return set(re.findall(r"(?<![\w./-])[A-Za-z][A-Za-z0-9_.]*[A-Za-z0-9](?![\w/-])", zh)) & INTERNAL - LATIN


@pytest.mark.parametrize("path", SCENARIOS)
def test_a_refusal_says_words(path: Path) -> None:
    report, _ = played(path)
    said = {
        refusal.zh: names
        for o in report.outcomes
        if (refusal := o.refusal) is not None and (names := internal_names(refusal.zh))
    }
    assert said == {}
