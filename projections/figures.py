"""Scores and means as people read them: at most two decimals. Answers hold them exactly, as a fold gave them."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import partial

from ledger.yuan import grouped
from projections.sentences import sentence

#: Members of payloads and inquiries that are scores, or are reckoned from scores; those of answers say so themselves.
OTHER_SCORES = frozenset(
    {
        "away",
        "combined",
        "correlation",
        "cut_score",
        "item_scores",
        "items",
        "mean",
        "mean_distance",
        "points",
        "score",
        "sd",
        "stated_score",
    }
)

#: Flags whose sentences name scores; those of other flags may hold numbers of documents and vouchers, which stay.
_OF_SCORES = frozenset({"RF11", "RF12", "RF13", "RF14"})
#: This one says that a score lies below a line, and must not round it up to the line.
_BELOW = "RF12"

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)
_IN_SENTENCE = re.compile(r"(?<![0-9A-Za-z._/-])-?[0-9]+\.[0-9]{3,}(?![0-9A-Za-z._/-])", re.ASCII)
_CENT = Decimal("0.01")

#: RF52 names a clawback in fen, and packages hold its sentences as they are: how it does in Chinese and in English.
_IN_FEN = (
    re.compile(r"追缴\(分\)为 ([0-9]+)，(?:推导为|按规则应为) ([0-9]+)", re.ASCII),
    re.compile(r"clawback \(fen\) ([0-9]+), the rules ([0-9]+)", re.ASCII),
)


def score(text: str, rounding: str = ROUND_HALF_UP) -> str:
    """A score or mean with at most two decimals; what is no decimal, or has no more, is given back as it is."""
    if not _DECIMAL.fullmatch(text) or len(text.partition(".")[2]) <= 2:
        return text
    return format(Decimal(text).quantize(_CENT, rounding) + 0, "f")


def _in_yuan(column: int, found: re.Match[str]) -> str:
    stated, derived = (grouped(int(n)) for n in found.groups())
    return sentence("clawback CNY {stated}, the rules CNY {derived}", stated=stated, derived=derived)[column]


def flag_sentence(flag: str, text: str) -> str:
    """The sentence of a flag (``RF12``) as people read it: scores with two decimals, amounts in yuan."""
    if flag in _OF_SCORES:
        rounding = ROUND_DOWN if flag == _BELOW else ROUND_HALF_UP
        return _IN_SENTENCE.sub(lambda found: score(found[0], rounding), text)
    for column, pattern in enumerate(_IN_FEN if flag == "RF52" else ()):
        text = pattern.sub(partial(_in_yuan, column), text)
    return text


def without_unit(label: str) -> str:
    """The name of a fact as it stands beside an amount in yuan: packages hold names that end in the unit of JSON,
    fen.
    """
    return label.removesuffix("(分)").removesuffix(" (fen)")
