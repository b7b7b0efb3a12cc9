"""What the words of enumerations are called in Chinese and English: steps, event types, grounds, kinds, roles.

Refusals, flags and pages say these, never the word itself. The name that a word has as the value of one
particular member (ledger/derivation/meanings.py) has precedence. Evidence packages hold words: they are for ever.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.derivation.meanings import meaning
from ledger.derivation.procedure import STEP_NAMES
from ledger.events.vocabulary import EVENTS
from ledger.sentences import Pair, enumeration, names_in

#: Steps and event types by the names that they have elsewhere; then the words of enumerations.
WORDS: dict[str, Pair] = (
    {topic: (kind.SPEC.zh, kind.SPEC.en) for topic, kind in EVENTS.items()}
    | {step: names[:2] for step, names in STEP_NAMES.items()}
    | names_in("ledger.derivation", "word_names.txt")
)


def known_word(name: str, member: str = "", of: str = "") -> Pair | None:
    """A word of an enumeration in Chinese and English, as the value of a member of an event type or fact; None for no
    word.
    """
    return meaning(name, member, of) or WORDS.get(name)


def word(name: str, member: str = "", of: str = "") -> Pair:
    """The same; what is no word is shown as it is."""
    return known_word(name, member, of) or (name, name)


def listed(names: Iterable[str], member: str = "") -> Pair:
    """Several words, as a sentence lists them."""
    return enumeration(word(name, member) for name in names)
