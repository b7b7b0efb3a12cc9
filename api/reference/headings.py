"""How the generated documents name things: in both languages beside each other."""

from __future__ import annotations

from api.sentences import sentence
from ledger.sentences import Pair, names_in

#: What the two languages call a column that is in Chinese.
CHINESE = sentence("in Chinese").in_language("zh")


def both(name: Pair) -> str:
    """The Chinese name, then the English one."""
    return " ".join(name)


def english_first(name: Pair) -> str:
    """The English name, then the Chinese one."""
    return " ".join(reversed(name))


def columns(name: Pair) -> str:
    """Two columns of a table, in Chinese and in English."""
    return " | ".join(name)


#: Code of a text -> whose it is.
TEXTS = {code: both(name) for code, name in names_in("api.reference", "texts.txt").items()}
