"""Whether a public notice runs on a day: by its own days, not by whether somebody has recorded its end.

The act that closes a notice may never be recorded. Then the notice is over all the same, and that nobody closed it is
said beside. Made where a notice is shown: the facts keep what is on record (``running``: not closed).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from ledger.events.notice import PublicNoticeClosed, PublicNoticeOpened
from projections.as_of import tell
from projections.facts import NOTICE_END
from projections.slices import Source, history_for

NoticeState = Literal["not_begun", "running", "over_not_closed", "closed"]


def last_day(row: Mapping[str, Any]) -> date:
    """The later of the day that the notice promises and the last day by the rules, where that can be told."""
    lawful = row["ruler"].get("value", {}).get("end")
    return max(_day(row["promised_end"]), _day(lawful)) if lawful is not None else _day(row["promised_end"])


def notice_state(row: Mapping[str, Any], on: date) -> NoticeState:
    """``row`` is a notice of D24 at D: ``opened_on``, ``promised_end``, ``ruler``, and ``running`` while none closed
    it.
    """
    if not row["running"]:
        return "closed"
    if on < _day(row["opened_on"]):
        return "not_begun"
    return "running" if on <= last_day(row) else "over_not_closed"


def notice_on(source: Source, notice_id: str, on: date, known: int) -> dict[str, Any] | None:
    """A notice at one (D, K) with its state, for whoever asks about it alone; None before it was opened."""
    live = history_for(source, "notice", notice_id, known).live(on, known)
    opened = live.last(PublicNoticeOpened, notice_id=notice_id)
    if opened is None:
        return None
    p = opened.payload
    row = {
        "notice_id": notice_id,
        "kind": p.kind,
        "edition": p.edition_id,
        "cases": list(p.cases),
        "opened_on": p.opened_on.isoformat(),
        "promised_end": p.promised_end.isoformat(),
        "contact": p.contact,
        "channels": list(p.channels),
        "running": live.last(PublicNoticeClosed, notice_id=notice_id) is None,
        "ruler": tell(source, NOTICE_END, notice_id, on, known).to_json(),
    }
    now = notice_state(row, on)
    return {**row, "running": now == "running", "notice_state": now}


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
