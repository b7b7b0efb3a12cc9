"""Histories recorded in memory, through the same door as in a database."""

from __future__ import annotations

from typing import Any

from api.generate.history import History
from api.generate.recording import Made, StoryClock, record
from api.generate.terms import terms_of
from tests.memory_ledger import MemoryLedger

ORIGIN = "memory.rongjian.example"


def history(regulation: str, *, editions: int = 1, applicants: int = 6, seed: int = 1) -> History:
    return History(ORIGIN, terms_of(regulation), editions=editions, applicants=applicants, seed=seed)


def recorded(regulation: str, *, editions: int, applicants: int, seed: int = 1) -> tuple[Made, Any]:
    """What was made, and the log that holds it; a refusal is raised."""
    clock: Any = StoryClock()
    ledger: Any = MemoryLedger(clock, ORIGIN)
    told = history(regulation, editions=editions, applicants=applicants, seed=seed)
    return record(ledger, clock, terms_of(regulation), told), ledger
