"""Named readings of ambiguities (registers B-1..B-92 and G01..G31): the default, the choices, what rests on them.

A reading is never a silent code change: ``RegulationInterpreted`` with the reading's path replaces the
default from a date, and answers name the reading and who set it. A reading with one choice is a rule of the
ledger that no text gives; it is named so that it can be contested, and has no second implementation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

#: Who set the defaults, and since when; an interpretation event names its own signer and day.
SET_BY = "rongjian"
SINCE = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Reading:
    """One ambiguity: its ids in the registers, the packs it concerns, choices, default, and facts that rest on it.

    ``settled_by`` is the parameter whose explicit text leaves nothing to read; an interpretation then contradicts
    the text and is refused.
    """

    ids: str
    packs: frozenset[str]
    default: str
    choices: tuple[str, ...]
    facts: tuple[str, ...]
    settled_by: str | None
    zh: str
    en: str
    defaults: Mapping[str, str]

    def default_for(self, pack_id: str | None) -> str:
        """The default in a text; some differ because the texts do."""
        return self.defaults.get(pack_id or "", self.default)

    def concerns(self, pack_id: str) -> bool:
        """Does the ambiguity arise in this text? One of no particular text arises in all, also in new ones."""
        return not self.packs or pack_id in self.packs


#: A line a reading: path | ids | packs (blank: every text; GZ=choice: another default there) | default/other choices |
#: facts | settled by | zh | en.
_TABLE = resources.files("ledger.regulation").joinpath("readings.txt").read_text("utf-8")


def _reading(line: str) -> tuple[str, Reading]:
    path, ids, packs, choices, facts, settled_by, zh, en = (part.strip() for part in line.split("|"))
    several = tuple(choices.split("/"))
    named = [part.partition("=") for part in packs.split()]
    return f"reading.{path}", Reading(
        ids,
        frozenset(n for n, _, _ in named),
        several[0],
        several,
        tuple(facts.split()),
        settled_by or None,
        zh,
        en,
        {name: choice for name, equals, choice in named if equals},
    )


READINGS: dict[str, Reading] = dict(_reading(line) for line in _TABLE.strip().splitlines())

#: How days are counted: real notices of different cities do it differently, so that whoever chooses a text is asked.
COUNTING = ("reading.notice_first_day", "reading.plain_days", "reading.rest_day_at_end")
