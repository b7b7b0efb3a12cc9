"""What ships with the ledger: the packs of the five regulations and their predecessors, and calendar seeds."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from ledger.errors import NotFoundError
from ledger.regulation.pack import Pack, parse_pack
from ledger.sentences import sentence

#: What a calendar seeded from the shipped data gives as its source.
CALENDAR_SOURCE = sentence(
    "chinesecalendar 1.11.0 (demonstration data, not compared with what the State Council issued)"
).in_language("zh")


@dataclass(frozen=True, slots=True)
class SeedCalendar:
    """One year's holidays and made-up working days."""

    year: int
    holidays: tuple[date, ...]
    makeup_workdays: tuple[date, ...]
    source: str = CALENDAR_SOURCE


@cache
def shipped_packs() -> dict[str, tuple[Pack, bytes]]:
    """``place/version`` -> (pack, bytes), for every pack in the package."""
    result = {}
    for place in sorted(resources.files("ledger.regulation").joinpath("packs").iterdir(), key=lambda p: p.name):
        if not place.is_dir():
            continue
        for file in sorted(place.iterdir(), key=lambda p: p.name):
            if file.name.endswith(".toml"):
                data = file.read_bytes()
                name = f"{place.name}/{file.name.removesuffix('.toml')}"
                result[name] = (parse_pack(data, f"{name}.toml"), data)
    return result


def shipped_pack(name: str) -> tuple[Pack, bytes]:
    """One shipped pack by ``place/version``."""
    found = shipped_packs().get(name)
    if found is None:
        names = ", ".join(shipped_packs())
        raise NotFoundError(
            "pack_unknown", sentence("no shipped pack {name}; there are {names}", name=name, names=names)
        )
    return found


@cache
def seed_calendars() -> dict[int, SeedCalendar]:
    """Shipped calendars by year."""
    data = resources.files("ledger.regulation").joinpath("calendars.toml").read_bytes()
    return {
        int(year): SeedCalendar(int(year), tuple(table["holidays"]), tuple(table["makeup_workdays"]))
        for year, table in tomllib.loads(data.decode()).items()
    }
