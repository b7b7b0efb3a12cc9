"""Answers that a package states beside those that its entries give today.

Of a package of this version every member must be the same. Of another version's, what it states must be found in what
is derived today, which may say more: folds grow. Words (members ``zh`` and ``en``) say nothing that is derived; they
are held against ours only where both were written in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.evidence.report import AnswerJson
from ledger.derivation.version import DERIVATION
from projections.facts import FACTS
from projections.flags.inspection import told_by


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact to which the package and today's folds answer otherwise; None where one side has no answer."""

    fact: str
    stated: Mapping[str, object] | None
    derived: Mapping[str, object] | None

    def to_json(self) -> dict[str, object]:
        return {"fact": self.fact, "stated": self.stated, "derived": self.derived}


def differences(
    derived: Sequence[AnswerJson], stated: Sequence[object], derivation: int, *, same_words: bool
) -> list[Difference]:
    """Facts to which the two answer otherwise; ``derivation`` is the version that the package names."""
    theirs = {fact: t for t in stated if isinstance(t, dict) and isinstance(fact := t.get("fact"), str)}
    found = []
    for answer in derived:
        name = answer["fact"]
        if name not in theirs and derivation < FACTS[name].since:
            continue
        if name not in theirs or not _agrees(answer, theirs[name], derivation, same_words=same_words):
            found.append(Difference(name, theirs.get(name), answer))
    ours = {a["fact"] for a in derived}
    found += [Difference(name, answer, None) for name, answer in theirs.items() if name not in ours]
    return found


def _agrees(ours: AnswerJson, theirs: Mapping[str, object], derivation: int, *, same_words: bool) -> bool:
    if derivation == DERIVATION:
        return ours == theirs if same_words else without_words(ours) == without_words(theirs)
    one, other = _without_words(told_by({**ours}, derivation)), _without_words(theirs)
    why, stated = one.pop("why", {}), other.pop("why", {})
    return (
        _covers(one, other)
        and isinstance(why, dict)
        and isinstance(stated, dict)
        and all(name == "derivation" or _within(reasons, why.get(name)) for name, reasons in stated.items())
    )


def without_words(value: object) -> object:
    """A value without the sentences and names in it, which no fold derives."""
    match value:
        case Mapping():
            return _without_words(value)
        case list():
            return [without_words(v) for v in value]
        case _:
            return value


def _without_words(members: Mapping[str, object]) -> dict[str, object]:
    return {k: without_words(v) for k, v in members.items() if not _is_word(k, v)}


def _is_word(name: str, value: object) -> bool:
    # Whether a flag applies is its outcome; the member of that name beside it is the sentence that says why not.
    return isinstance(value, str) and (name in ("zh", "en", "not_applicable") or name.endswith(("_zh", "_en")))


def _covers(ours: object, theirs: object) -> bool:
    """Is everything that is stated there derived here, at the same place?"""
    match theirs:
        case dict():
            return isinstance(ours, dict) and all(k in ours and _covers(ours[k], v) for k, v in theirs.items())
        case list():
            return (
                isinstance(ours, list)
                and len(ours) == len(theirs)
                and all(_covers(o, t) for o, t in zip(ours, theirs, strict=True))
            )
        case _:
            return type(ours) is type(theirs) and bool(ours == theirs)


def _within(stated: object, derived: object) -> bool:
    """Are all reasons that were given among those that are given now?"""
    return isinstance(stated, list) and isinstance(derived, list) and all(reason in derived for reason in stated)
