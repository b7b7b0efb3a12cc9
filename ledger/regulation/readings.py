"""Named readings of what the texts leave ambiguous (B-) or open (G): the default, the choices, what rests on them.

A reading is never a silent code change: ``RegulationInterpreted`` with the reading's path replaces the
default from a date, and answers name the reading and who set it. A reading with one choice is a rule of the
ledger that no text gives; it is named so that it can be contested, and has no second implementation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from ledger.sentences import Pair, enumeration, term

#: Who set the defaults, and since when; an interpretation event names its own signer and day.
SET_BY = "rongjian"
SINCE = date(2026, 11, 21)

#: Highest numbers of the two registers: what the five texts leave ambiguous (B-), and what they say nothing of (G).
AMBIGUITIES_MAX, GAPS_MAX = 93, 31


@dataclass(frozen=True, slots=True)
class Reading:
    """One ambiguity: its ids in the registers, the packs it concerns, choices, default, and facts that rest on it.

    ``settled_by`` is the parameter whose explicit text leaves nothing to read; an interpretation then contradicts
    the text and is refused. ``over`` are patterns of the parameters over whose silence it stands, that one aside.
    """

    ids: str
    packs: frozenset[str]
    default: str
    choices: tuple[str, ...]
    facts: tuple[str, ...]
    settled_by: str | None
    over: tuple[str, ...]
    zh: str
    en: str
    defaults: Mapping[str, str]

    def default_for(self, pack_id: str | None) -> str:
        """The default in a text; some differ because the texts do."""
        return self.defaults.get(pack_id or "", self.default)

    def concerns(self, pack_id: str) -> bool:
        """Does the ambiguity arise in this text? One of no particular text arises in all, also in new ones."""
        return not self.packs or pack_id in self.packs

    def stands_over(self, path: str) -> bool:
        """Is it by this reading that one goes on where the parameter is not stated?"""
        return path == self.settled_by or any(fnmatchcase(path, pattern) for pattern in self.over)


#: A line a reading: path | ids | packs (blank: every text; GZ=choice: another default there) | default/other choices |
#: facts | settled by | over | zh | en.
_TABLE = resources.files("ledger.regulation").joinpath("readings.txt").read_text("utf-8")


def _reading(line: str) -> tuple[str, Reading]:
    path, ids, packs, choices, facts, settled_by, over, zh, en = (part.strip() for part in line.split("|"))
    several = tuple(choices.split("/"))
    named = [part.partition("=") for part in packs.split()]
    return f"reading.{path}", Reading(
        ids,
        frozenset(n for n, _, _ in named),
        several[0],
        several,
        tuple(facts.split()),
        settled_by or None,
        tuple(over.split()),
        zh,
        en,
        {name: choice for name, equals, choice in named if equals},
    )


READINGS: dict[str, Reading] = dict(_reading(line) for line in _TABLE.strip().splitlines())

_NOT_SEEN = "reading.text_not_seen"


@cache
def reading_of_absence(pack_id: str, path: str, gap: str, *, seen: bool) -> str | None:
    """The path of the reading by which one goes on where a text does not state a parameter; None where none is named.

    ``seen`` is false where the text may well state it and was not seen: then only a reading made for this very text
    stands over it, and else that nothing is applied (B-45).
    """
    standing = [p for p, r in READINGS.items() if r.stands_over(path) and r.concerns(pack_id)]
    if not seen:
        return next((p for p in standing if pack_id in READINGS[p].packs), _NOT_SEEN)
    by_gap = [p for p, r in READINGS.items() if gap in r.ids.split("/") and r.concerns(pack_id)]
    return next(iter(standing), by_gap[0] if len(by_gap) == 1 else None)


def readings_called(references: str) -> Pair | None:
    """What the readings say that a refusal names (``B-13/G10:default, B-1:default``), in Chinese and English."""
    ids = [re.split("[:@]", reference.strip())[0].split("/") for reference in references.split(",")]
    found = [r for r in READINGS.values() if any(not set(one).isdisjoint(r.ids.split("/")) for one in ids)]
    return enumeration(((r.zh, r.en) for r in found), term("between readings", "; ")) if found else None


def reading_in_words(reference: str) -> Pair | None:
    """What the reading says that an answer names (``B-13/G10:default``, ``B-1@…`` by an interpretation); None where no
    register holds it.
    """
    ids = re.split("[:@]", reference)[0]
    found = next((r for r in READINGS.values() if r.ids == ids), None)
    return (found.zh, found.en) if found is not None else readings_called(reference)


@cache
def reading_of_value(gap: str) -> str | None:
    """The path of the reading by which a stated value is what it is; None where its gap names another question."""
    return next((p for p, r in READINGS.items() if gap in r.ids.split("/")), None) if gap.startswith("B-") else None


#: How days are counted: cities do it differently in real notices, so the person who chooses a text is asked.
COUNTING = ("reading.notice_first_day", "reading.plain_days", "reading.rest_day_at_end")


def is_registered(name: str) -> bool:
    """Is it an id of one of the registers, as they write it: ``B-4``, ``G06``?"""
    ambiguity, gap = re.fullmatch(r"B-([1-9][0-9]?)", name), re.fullmatch(r"G([0-9]{2})", name)
    if ambiguity is not None:
        return int(ambiguity[1]) <= AMBIGUITIES_MAX
    return gap is not None and 1 <= int(gap[1]) <= GAPS_MAX
