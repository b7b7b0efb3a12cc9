"""A sum over the register's rows that any row changed, added or gone makes another: a multiset hash.

The sum of SHA-256 over each row, modulo 2^256 (AdHash, Bellare and Micciancio 1997): it follows each change without
reading the others. Somebody who may write rows could look for others with the same sum, with much work; but the sum is
sealed with a key that the database does not hold.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Final

_MODULUS: Final = 1 << 256


@dataclass(frozen=True, slots=True)
class FactRow:
    """A row of ``register_fact``: half-open ranges of days and positions, and the answer as canonical JSON."""

    subject: str
    fact: str
    valid_from: date
    valid_to: date | None
    known_from: int | None
    known_to: int | None
    answer: str

    def digest(self) -> int:
        return _digest(
            "fact",
            self.subject,
            self.fact,
            self.valid_from.isoformat(),
            self.valid_to.isoformat() if self.valid_to else None,
            self.known_from,
            self.known_to,
            self.answer,
        )


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A row of ``register_link``."""

    tag: str
    subject: str

    def digest(self) -> int:
        return _digest("link", self.tag, self.subject)


@dataclass(frozen=True, slots=True)
class RegisterSum:
    """The sum over some rows."""

    value: int = 0

    def plus(self, row: FactRow | LinkRow) -> RegisterSum:
        return RegisterSum((self.value + row.digest()) % _MODULUS)

    @classmethod
    def from_bytes(cls, data: bytes | None) -> RegisterSum:
        """What :meth:`to_bytes` wrote; of nothing the sum over no rows."""
        return cls(int.from_bytes(data or b"", "big"))

    def to_bytes(self) -> bytes:
        """32 bytes, most significant first."""
        return self.value.to_bytes(32, "big")

    def minus(self, row: FactRow | LinkRow) -> RegisterSum:
        return RegisterSum((self.value - row.digest()) % _MODULUS)


def _digest(*members: str | int | None) -> int:
    return int.from_bytes(hashlib.sha256(json.dumps(members, ensure_ascii=False).encode()).digest(), "big")
