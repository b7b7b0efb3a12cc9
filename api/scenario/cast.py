"""The cast of a scenario: principals, their roles and keys, all derived from one seed.

Keys, salts and statement ids come from the seed by HKDF, so that playing the same scenario into the same log
again signs the same bytes: a load that was killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from api.scenario.document import Scenario
from ledger.signing.keys import PrivateKey

#: One official per seat, and a second finance officer for the second signature on payments.
OFFICIALS: dict[str, tuple[str, ...]] = {
    "opr": ("OPR",),
    "gov": ("GOV",),
    "sech": ("SECH",),
    "sec": ("SEC",),
    "chr": ("CHR", "COM"),
    "fin1": ("FIN",),
    "fin2": ("FIN",),
    "dep": ("DEP",),
    "rec": ("REC",),
    "sup": ("SUP",),
    "dis": ("DIS",),
}

FOUNDERS = ("gov", "opr", "sech")

#: Who signs as a role, when the scenario does not say.
SEATED: dict[str, str] = {role: name for name, roles in reversed(list(OFFICIALS.items())) for role in roles}
SEATED |= {"COM": "chr", "PUB": "pub"}


@lru_cache(maxsize=2_048)
def _key(seed: bytes, story: str, principal: str, generation: int) -> PrivateKey:
    """Each actor signs many times."""
    return PrivateKey(_derived(seed, story, f"key/{principal}/{generation}"))


def _derived(seed: bytes, story: str, what: str) -> bytes:
    return hmac.digest(seed, f"rongjian/scenario/v1\n{story}\n{what}".encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody of a scenario."""

    seed: bytes
    scenario: Scenario

    def key(self, principal: str, generation: int = 1) -> PrivateKey:
        """The principal's key; further generations for rotation."""
        return _key(self.seed, self.scenario.name, principal, generation)

    def salt(self, act: str, pointer: str) -> bytes:
        """The salt of one commitment."""
        return self._derive(f"salt/{act}{pointer}")

    def statement_id(self, act: str, instant: datetime) -> str:
        """A UUIDv7 whose time is the simulated clock's and whose rest comes from the seed."""
        milliseconds = int(instant.timestamp() * 1000)
        rest = int.from_bytes(self._derive(f"id/{act}")[:10], "big")
        value = (
            (milliseconds & (2**48 - 1)) << 80
            | 0x7 << 76
            | (rest >> 62 & 0xFFF) << 64
            | 0b10 << 62
            | rest & (2**62 - 1)
        )
        digits = f"{value:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def document_hash(self, text: str) -> str:
        """Stands for a document that the scenario does not have."""
        return hashlib.sha256(f"{self.scenario.name}/{text}".encode()).hexdigest()

    def roles(self, principal: str) -> tuple[str, ...]:
        """Roles that a principal holds by the declarations of the scenario."""
        if principal in OFFICIALS:
            return OFFICIALS[principal]
        if principal in self.scenario.organisations:
            return ("APP",)
        if principal in self.scenario.reviewers:
            return ("REV", "LEAD") if self.scenario.reviewers[principal].get("leader") else ("REV",)
        return ("COM",) if principal in self.scenario.committee else ("PUB",)

    def persons(self) -> list[str]:
        """Natural persons to be registered: officials that are not founders, reviewers, committee members, the
        public.
        """
        return [
            *(name for name in OFFICIALS if name not in FOUNDERS),
            *self.scenario.reviewers,
            *self.scenario.committee,
        ]

    def _derive(self, what: str) -> bytes:
        return _derived(self.seed, self.scenario.name, what)
