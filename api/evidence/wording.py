"""The words of a report: today's, and those of earlier versions, in which their packages stay as they are.

A report is written again when a package is checked, and has to be the same to the byte. Names and words get better from
version to version; a package keeps those of the version that made it, which are kept here as data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ledger.events.labels import LABELS
from ledger.regulation.parameters import is_amount
from projections.figures import SCORES, flag_sentence, score
from projections.labels import MEMBERS, MONEY, known_word
from projections.meanings import Pair


@dataclass(frozen=True, slots=True)
class Wording:
    """Names of payload members and of answers' members, and how values are said; here as one version of ours says them."""

    labels: Mapping[str, Pair]
    members: Mapping[str, Pair]

    def is_money(self, name: str, labels: Mapping[str, Pair]) -> bool:
        """Is a whole number under this name an amount in fen?"""
        return name in MONEY

    def text(self, text: str, name: str, of: str) -> Pair:
        """A text as the value of a member of an event type or fact."""
        return known_word(text, name, of) or ((score(text),) * 2 if name in SCORES else (text, text))

    def member(self, key: str) -> str:
        """The member that a key names: the end of a JSON Pointer, or the key itself."""
        return key.rpartition("/")[2] if key.startswith("/") else key

    def amount_beside(self, members: Mapping[str, Any]) -> str:
        """Where ``value`` is the amount of a parameter whose path stands beside it: the name of a member that is money."""
        path = members.get("param_path")
        return "amount" if isinstance(path, str) and is_amount(path) else ""

    def sentences(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """A member that is the finding of a flag, its sentences as people read them."""
        if not {"flag", "zh", "en"} <= value.keys():
            return value
        return {**value, **{k: flag_sentence(value["flag"], value[k]) for k in ("zh", "en")}}


@dataclass(frozen=True, slots=True)
class EarlierWording(Wording):
    """One word a name whatever the member, scores as they are, and the unit of money in its label."""

    words: Mapping[str, Pair]

    def is_money(self, name: str, labels: Mapping[str, Pair]) -> bool:
        return name in labels and labels[name][0].endswith("(分)")

    def member(self, key: str) -> str:
        return key

    def amount_beside(self, members: Mapping[str, Any]) -> str:
        return ""

    def text(self, text: str, name: str, of: str) -> Pair:
        return self.words.get(text, (text, text))

    def sentences(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        return value


TODAY = Wording(LABELS, MEMBERS)


@cache
def earlier() -> tuple[Wording, ...]:
    """The wordings of the versions before this one, the newest first."""
    found = []
    for file in sorted((files("api.evidence") / "wordings").iterdir(), key=lambda f: f.name, reverse=True):
        told = json.loads(file.read_text("utf-8"))
        tables = {
            table: {name: (zh, en) for name, (zh, en) in told[table].items()}
            for table in ("labels", "members", "words")
        }
        found.append(EarlierWording(tables["labels"], tables["labels"] | tables["members"], tables["words"]))
    return tuple(found)
