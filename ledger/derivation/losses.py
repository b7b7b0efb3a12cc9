"""Entries that a log lost and went on without, as two founders declared (``HistoryLossDeclared``)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.entry import RecordedEvent
from ledger.errors import InvariantError
from ledger.events.oversight import HistoryLossDeclared


@dataclass(frozen=True, slots=True)
class LostRange:
    """Positions ``first`` to ``last``, the last of the head with ``root`` that was signed over them."""

    first: int
    last: int
    root: bytes


def range_lost(event: RecordedEvent) -> tuple[int, int]:
    """First and last position that a declaration of loss is about."""
    p = event.statement.payload
    if not isinstance(p, HistoryLossDeclared):
        raise InvariantError(f"entry {event.position} declares no loss")
    return event.position, p.lost_to


def declares(event: RecordedEvent, size: int, root: bytes) -> bool:
    """Does an entry declare that the log went on at its own position without what led to a head?"""
    p = event.statement.payload
    return bool(
        isinstance(p, HistoryLossDeclared)
        and p.lost_from == event.position
        and p.lost_to == size
        and p.root_hash == root.hex()
    )


def covers(event: RecordedEvent, size: int) -> bool:
    """Is a head of this size, of before the loss, at or below the one that an entry declares lost, and above where it
    goes on?
    """
    p = event.statement.payload
    return bool(isinstance(p, HistoryLossDeclared) and p.lost_from == event.position <= size <= p.lost_to)
