"""A vector: a rule in a sentence, a small log that keeps it and one that does not."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.spec.small_log import VKEY, SmallLog, begun

Spoil = Callable[[SmallLog], Any]


@dataclass(frozen=True)
class Case:
    """One log: its entries, what its folder has otherwise than an export (None: no such file), the reader's keys, the
    places that are wrong.
    """

    entries: list[bytes]
    finds: list[tuple[int, str]] = field(default_factory=list)
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    vkeys: tuple[str, ...] = (VKEY,)

    def to_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "entries": [base64.b64encode(e).decode() for e in self.entries],
            "finds": self.finds,
            "vkeys": self.vkeys,
        }
        files = {n: None if c is None else base64.b64encode(c).decode() for n, c in self.files.items()}
        return value | ({"files": files} if files else {})


@dataclass(frozen=True)
class Vector:
    """A rule in a sentence, a log that keeps it and one that does not."""

    name: str
    rule: str
    good: Case
    spoilt: Case


def log_after(act: Spoil | None, start: Callable[[], SmallLog] = begun) -> SmallLog:
    log = start()
    if act is not None:
        act(log)
    return log


def vector(
    name: str, rule: str, good: Spoil, spoilt: Spoil, *fields: str, start: Callable[[], SmallLog] = begun
) -> Vector:
    """Both acts on logs that begin alike; the spoilt one is wrong in its last entry, in each of ``fields``."""
    bad = log_after(spoilt, start)
    return Vector(
        name, rule, Case(log_after(good, start).entries), Case(bad.entries, [(len(bad.entries), f) for f in fields])
    )
