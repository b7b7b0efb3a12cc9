"""Entries whose time is not to be believed, as corrections of the clock say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.clock import format_instant
from ledger.entry import RecordedEvent
from ledger.events.oversight import ClockCorrected


@dataclass(frozen=True, slots=True)
class Doubt:
    """Positions ``first`` to ``last`` were recorded at some time from ``last_true_at`` to ``corrected_at``, which the
    entry at position ``correction`` bears.
    """

    first: int
    last: int
    last_true_at: datetime
    correction: int
    corrected_at: datetime

    def covers(self, position: int) -> bool:
        return self.first <= position <= self.last

    def touches(self, instant: datetime) -> bool:
        """May some of the entries have been recorded by this instant, and some not?"""
        return self.last_true_at <= instant < self.corrected_at

    def to_json(self) -> dict[str, object]:
        return {
            "from": self.first,
            "to": self.last,
            "last_true_at": format_instant(self.last_true_at),
            "correction": self.correction,
            "corrected_at": format_instant(self.corrected_at),
        }


def doubts(events: Iterable[RecordedEvent]) -> list[Doubt]:
    """What the corrections of the clock among these events doubt, in order of recording."""
    return [
        Doubt(p.doubted_from, p.doubted_to, p.last_true_at, event.position, event.recorded_at)
        for event in events
        if isinstance(event.statement.payload, ClockCorrected)
        for p in [event.statement.payload]
    ]
