"""Names of answers' members and of the words they use, in Chinese and English; payload members are in the vocabulary.

One meaning a name. What stands in neither table is shown as it is: an id, a parameter's path, a word of a pack.
"""

from __future__ import annotations

from importlib import resources

from ledger.derivation.procedure import STEP_NAMES
from ledger.events.labels import LABELS as PAYLOAD_LABELS
from ledger.events.vocabulary import EVENTS
from projections.meanings import Pair, meaning

_MEMBERS = "member_names.txt"

_WORDS = "word_names.txt"


def _table(file: str) -> dict[str, Pair]:
    text = resources.files("projections").joinpath(file).read_text("utf-8")
    return {name: (zh, en) for name, zh, en in (line.split("|") for line in text.splitlines())}


#: Members of answers, over the labels of payload members.
MEMBERS: dict[str, Pair] = PAYLOAD_LABELS | _table(_MEMBERS)
#: Steps and event types by the names that they have elsewhere; then the words of enumerations. What a word says as the
#: value of one member in particular is in projections/meanings.py. Flags quote this table in their sentences, and
#: packages hold these: a word that stands here stays as it is.
WORDS: dict[str, Pair] = (
    {topic: (kind.SPEC.zh, kind.SPEC.en) for topic, kind in EVENTS.items()}
    | {step: names[:2] for step, names in STEP_NAMES.items()}
    | _table(_WORDS)
)


def known_word(name: str, member: str = "", of: str = "") -> Pair | None:
    """A word of an enumeration in Chinese and English, as the value of a member of an event type or fact; None for no
    word.
    """
    return meaning(name, member, of) or WORDS.get(name)


def word(name: str, member: str = "", of: str = "") -> Pair:
    """The same; what is no word is shown as it is."""
    return known_word(name, member, of) or (name, name)
