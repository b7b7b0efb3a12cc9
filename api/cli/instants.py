"""Instants as people read them: Beijing time, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.sentences import sentence
from ledger.clock import SHANGHAI
from ledger.sentences import Sentence

_EPOCH = datetime.fromtimestamp(0, UTC)


def beijing(at: datetime) -> Sentence:
    """``2026-11-21 14:03:07 Beijing time``."""
    return sentence("{at} Beijing time", at=at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"))


def beijing_of(seconds: int) -> Sentence | str:
    """Seconds since 1970, as witnesses give them; one beyond the calendar is told as the number that it is."""
    try:
        return beijing(_EPOCH + timedelta(seconds=seconds))
    except (OverflowError, ValueError, OSError):
        return str(seconds)
