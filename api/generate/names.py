"""Names of organisations and persons who do not exist, with credit codes that are right and belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from api.generate.chances import Chances
from ledger.identifiers import USCC_ALPHABET, completed_uscc
from ledger.sentences import rows_of

#: What a word of a history is about -> the words to choose from.
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    row[0]: tuple(row[1].split(" ")) for row in rows_of("api.generate", "words.txt")
}

#: Sectors by how often they apply.
_SECTORS: Final = (
    *("manufacturing",) * 9,
    *("service",) * 5,
    *("agri_processing",) * 2,
    *("engineering",) * 2,
    *("medical", "education", "environment"),
)
_INSTITUTIONS: Final = frozenset({"medical", "education"})
_SIZES: Final = ("micro", "small", "small", "medium", "medium", "medium", "large")


def phrase(about: str, **members: object) -> str:
    """The one text that histories have for something."""
    return " ".join(WORDS[about]).format(**members)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that nobody will find: its code is right, and of no register (``DEM``)."""

    id: str
    name: str
    uscc: str
    sector: str
    form: str
    size: str
    reg_place: str
    established_on: date

    def declared(self) -> dict[str, object]:
        """What a scenario says of an organisation."""
        return {
            "name": self.name,
            "uscc": self.uscc,
            "sector": self.sector,
            "form": self.form,
            "reg_place": self.reg_place,
            "established_on": self.established_on,
        }


class Organisations(Mapping[str, Mapping[str, object]]):
    """All organisations that there could be, each made up when it is asked for; they are never listed."""

    def __init__(self, seed: bytes, region: str, place: str, founded: int) -> None:
        """``region`` is the division code, ``place`` its name; the oldest existed by the year ``founded``."""
        self._seed, self._region, self._place, self._founded = seed, region, place, founded
        self.made = lru_cache(maxsize=4_096)(self._made)

    def __getitem__(self, org: str) -> Mapping[str, object]:
        if org not in self:
            raise KeyError(org)
        return self.made(int(org[1:])).declared()

    def __contains__(self, org: object) -> bool:
        return isinstance(org, str) and org[:1] == "E" and org[1:].isdecimal()

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def _made(self, number: int) -> Organisation:
        chances = Chances(self._seed, f"organisation/{number}")
        sector = chances.one_of(_SECTORS)
        public = sector in _INSTITUTIONS
        called = chances.one_of(WORDS["first"]) + chances.one_of(WORDS["second"])
        line = chances.one_of(WORDS[sector])
        ending = "" if public else chances.one_of(WORDS["company"])
        street = f"{self._place}{chances.one_of(WORDS['street'])}"
        return Organisation(
            id=f"E{number:06d}",
            name=f"{called}{line}{ending}{phrase('invented')}",
            uscc=completed_uscc(f"{'12' if public else '91'}{self._region}DEM{_in_31(number):0>5}"),
            sector=sector,
            form="institution" if public else "enterprise",
            size=chances.one_of(_SIZES),
            reg_place=f"{street}{chances.between(1, 399)}",
            established_on=date(self._founded - chances.between(8, 30), chances.between(1, 12), chances.between(1, 28)),
        )


def person_name(seed: bytes, principal: str) -> str:
    """What a person of the cast is called."""
    chances = Chances(seed, f"person/{principal}")
    return f"{chances.one_of(WORDS['surname'])}{chances.one_of(WORDS['given'])}{phrase('invented')}"


def _in_31(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(USCC_ALPHABET))
        digits = USCC_ALPHABET[digit] + digits
    return digits
