"""Points tables of review standards: the items of a standard with the points of each; one data file per version.

A table refuses item scores that it does not allow (ledger/admission/evaluation_guards.py) and lays out the form in
which a reviewer scores. An edition announces its standards as they are printed, in either width, often without the
year.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from ledger.errors import InvariantError
from ledger.sentences import Pair, enumeration, sentence

#: A standard of China with its year, in one width, with a plain hyphen.
_STANDARD = re.compile(r"(GB(?:/[TZ])?) *([0-9]+(?:\.[0-9]+)?) *- *([0-9]{4})")
_DASHES = re.compile("[\u2010-\u2015\u2212]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its number, as 4.1, its name in both languages, and its points."""

    number: str
    zh: str
    en: str
    points: int


@dataclass(frozen=True, slots=True)
class PointsTable:
    """The items of one version of a standard, as ``GB/T 19580-2012``; ``verified_by`` says who has seen the numbers
    where.
    """

    standard: str
    total: int
    verified_by: Pair
    items: tuple[Item, ...]

    def maxima(self) -> dict[str, int]:
        return {item.number: item.points for item in self.items}

    def is_named_by(self, announced: str) -> bool:
        """Does a standard as it was announced name this version?"""
        return self.standard in _standards(announced)

    def to_json(self) -> dict[str, object]:
        items = [{"number": i.number, "zh": i.zh, "en": i.en, "points": i.points} for i in self.items]
        return {"standard": self.standard, "total": self.total, "items": items}


def _standards(text: str) -> list[str]:
    """The standards that a text names: ``《卓越绩效评价准则》（ＧＢ／Ｔ　19580—2012）`` names GB/T 19580-2012."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).upper()
    return [f"{kind} {number}-{year}" for kind, number, year in _STANDARD.findall(plain)]


@cache
def points_tables() -> Mapping[str, PointsTable]:
    """Standard -> its table. A file whose items do not add up to its total is a defect of ours."""
    found = {}
    for file in sorted((files("ledger.regulation") / "standards").iterdir(), key=lambda f: f.name):
        told = tomllib.loads(file.read_text("utf-8"))
        items = tuple(Item(c["number"], c["zh"], c["en"], c["points"]) for c in told["categories"])
        if sum(i.points for i in items) != told["total"]:
            raise InvariantError(f"{file.name}: the points of its items are not {told['total']}")
        verified_by = (told["verified_by"]["zh"], told["verified_by"]["en"])
        found[told["standard"]] = PointsTable(told["standard"], told["total"], verified_by, items)
    return found


def table_for(announced: Iterable[str], numbers: Iterable[str]) -> PointsTable | None:
    """The table of an edition that announced these standards, else the one whose items these numbers all are."""
    named = [t for t in points_tables().values() if any(t.is_named_by(a) for a in announced)]
    given = set(numbers)
    return next(iter([*named, *(t for t in points_tables().values() if given and given <= t.maxima().keys())]), None)


def unsound_item(table: PointsTable | None, scores: Mapping[str, Decimal]) -> tuple[str, Pair] | None:
    """The first item score that may not be: a code, and why; None where all may."""
    items = {item.number: item for item in table.items} if table else {}
    for number, score in scores.items():
        item = items.get(number)
        if table is not None and item is None:
            return (
                "item_unknown",
                sentence(
                    "{standard} has no item {item}; its items are {items}",
                    standard=table.standard,
                    item=number[:40],
                    items=enumeration(items),
                ),
            )
        if score < 0:
            return (
                "item_below_zero",
                sentence("item {item} is below zero: {score}", item=number[:40], score=score),
            )
        if item is not None and score > item.points:
            return (
                "item_above_maximum",
                sentence(
                    "item {item} ({name}) has at most {points} points, not {score}",
                    item=number,
                    name=(item.zh, item.en),
                    points=item.points,
                    score=score,
                ),
            )
    return None
