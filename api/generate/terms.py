"""What a regulation says, as far as a history turns on it; and what its silence is taken to mean in a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.regulation.pack import Pack
from ledger.regulation.shipped import shipped_packs
from ledger.regulation.tables import SectorGroup
from ledger.sentences import enumeration

#: The regulations by the names of their folders, and the version of each that histories are about.
REGULATIONS: Final[Mapping[str, str]] = {
    "zhongyuan": "zhongyuan/draft",
    "jindong": "jindong/draft",
    "hengyang": "hengyang/draft",
    "jinshui": "jinshui/interpretation",
    "ganzhou": "ganzhou/2022",
}

#: What is recorded as a reading where a text is silent or was not seen, because a history cannot go on without it.
_TAKEN_TO_SAY: Final[Mapping[str, Mapping[str, object]]] = {
    "JS": {
        "notice.min": {"value": 5, "unit": "working_day"},
        "quota.max.quality": 3,
        "prize.first.quality": 30_000_000,
        "prize.rewin.quality": 0,
        "validity": {"value": 4, "unit": "year"},
        "reapply.quality": {"kind": "after_expiry"},
        "lookback": {"value": 3, "unit": "year"},
        "revoke.fraud.steps": ["office_request", "government_decision"],
        "revoke.fraud.clawback": True,
        "revoke.fraud.ban": {"value": 4, "unit": "year"},
        "title_use.forbidden": ["no_year", "forgery"],
    },
    "HY": {"prize.first.quality": 30_000_000},
}
#: Winners of an edition where the text has no quota, and a prize where it names none.
_WINNERS, _PRIZE = 4, 20_000_000
_CYCLE = 2
#: Validity where a text has none: for so long its holders are followed here, and do not apply again.
_VALIDITY = 3


@dataclass(frozen=True)
class Terms:
    """One regulation as histories play it."""

    name: str
    pack: Pack
    pack_bytes: bytes

    @property
    def code(self) -> str:
        return self.pack.id

    @property
    def readings(self) -> Mapping[str, object]:
        """What is recorded as a reading at the beginning, by parameter."""
        return _TAKEN_TO_SAY.get(self.code, {})

    def says(self, path: str) -> object:
        """The value of a parameter: what the text states, or what it is taken to say; None where it says nothing."""
        read = self.readings.get(path)
        if read is not None:
            return read["value"] if isinstance(read, dict) and "value" in read else read
        stated = self.pack.parameters.get(path)
        return None if stated is None else stated.value

    def number(self, path: str) -> int | None:
        """The value of a parameter that is a whole number; None where it says nothing."""
        value = self.says(path)
        return value if isinstance(value, int) else None

    @cached_property
    def cycle(self) -> int:
        """Years from one edition to the next."""
        return self.number("cycle") or _CYCLE

    @cached_property
    def validity(self) -> int:
        """Years for which holders are followed."""
        return self.number("validity") or _VALIDITY

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.pack.awards)

    @cached_property
    def places(self) -> dict[str, int]:
        """Most winners of each kind."""
        return {kind: self.number(f"quota.max.{kind}") or _WINNERS for kind in self.kinds}

    @cached_property
    def groups(self) -> tuple[tuple[frozenset[str], int], ...]:
        """Groups of sectors, each with the most winners that may be of it."""
        stated = self.pack.parameter("quota.by_sector")
        if not stated.value:
            return ()
        return tuple((frozenset(g.sectors), g.max) for g in stated.rows(SectorGroup))

    @cached_property
    def visits(self) -> int | None:
        """Most cases of which the site is seen, where the text has a limit."""
        return self.number("shortlist.max")

    @cached_property
    def full_score(self) -> int:
        return self.number("score.full") or 1000

    @cached_property
    def lines(self) -> dict[str, int]:
        """The score that each kind takes at least, 0 where the text has no line."""
        return {kind: self.number(f"score.threshold.{kind}") or 0 for kind in self.kinds}

    def prize(self, kind: str, *, again: bool) -> int:
        """What winning brings, in fen; a sum of ours for a first win where the text gives none."""
        if again:
            return self.number(f"prize.rewin.{kind}") or 0
        stated = self.number(f"prize.first.{kind}")
        return _PRIZE if stated is None else stated

    def words(self, path: str) -> tuple[str, ...]:
        """The words of a list, none where the text has none."""
        value = self.says(path)
        return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def terms_of(regulation: str) -> Terms:
    """A regulation by its name. Raises MalformedError where none ships under it."""
    named = REGULATIONS.get(regulation)
    if named is None:
        raise MalformedError(
            "malformed_field",
            sentence(
                "no regulation {name}; there are {known}",
                name=(regulation, repr(regulation)),
                known=enumeration(REGULATIONS),
            ),
        )
    pack, data = shipped_packs()[named]
    return Terms(regulation, pack, data)
