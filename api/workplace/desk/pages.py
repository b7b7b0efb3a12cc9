"""Which pages the desk has."""

from __future__ import annotations

from collections.abc import Callable

from api.sentences import sentence
from api.workplace.desk import asking, packages, searching, start, subjects
from api.workplace.desk.integrity import integrity
from api.workplace.desk.overviews import OVERVIEWS
from api.workplace.desk.rules import rules
from api.workplace.sheets import Desk, Sheet
from ledger.errors import NotFoundError

#: Makes the page of a subject, or of what the address asks.
Making = Callable[[Desk, str], Sheet]

SECTIONS: dict[str, Making] = {
    **OVERVIEWS,
    "": start.home,
    "search": searching.found,
    "cases": subjects.case,
    "awards": subjects.award,
    "organisations": subjects.organisation,
    "editions": subjects.edition,
    "events": subjects.event,
    "persons": subjects.person,
    "state": subjects.state,
    "rules": rules,
    "integrity": integrity,
    "package": packages.package,
    "ask": asking.ask,
}

#: Sections that need a subject; without one they list or ask.
LISTS = {
    "cases": "search",
    "awards": "search",
    "organisations": "search",
    "persons": "search",
    "events": "search",
    "editions": "",
}


def sheet(d: Desk, section: str, subject: str) -> Sheet:
    """A page of the desk. Raises NotFoundError where there is none."""
    if section not in SECTIONS:
        raise NotFoundError("path_unknown", sentence("no such page"))
    if section == "notices" and subject:
        return subjects.notice(d, subject)
    if section in LISTS and not subject:
        return SECTIONS[LISTS[section]](d, "")
    return SECTIONS[section](d, subject)
