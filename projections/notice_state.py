"""Whether a public notice runs on a day: by its own days, not by whether somebody has recorded its end.

The act that closes a notice may never be recorded. Then the notice is over all the same, and that nobody closed it is
said beside. Made where a notice is shown: the facts keep what is on record (``running``: not closed).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypedDict

from ledger.events.notice import PublicNoticeClosed, PublicNoticeOpened
from projections.as_of import tell
from projections.facts import NOTICE_END
from projections.slices import Source, history_for

NoticeState = Literal["not_begun", "running", "over_not_closed", "closed"]


@dataclass(frozen=True, slots=True)
class NoticeDays:
    """The days of a notice; ``lawful_end`` is None where the rules' last day cannot be told."""

    opened_on: date
    promised_end: date
    lawful_end: date | None
    #: Its end is on record.
    closed: bool

    @property
    def last_day(self) -> date:
        """The later of the day that the notice promises and the last day by the rules, where that can be told."""
        return self.promised_end if self.lawful_end is None else max(self.promised_end, self.lawful_end)

    def state(self, on: date) -> NoticeState:
        """What the notice is on a day."""
        if self.closed:
            return "closed"
        if on < self.opened_on:
            return "not_begun"
        return "running" if on <= self.last_day else "over_not_closed"


class NoticeOn(TypedDict):
    """A notice on a day, by itself; ``ruler`` is D12 with its reasons."""

    notice_id: str
    kind: str
    edition: str
    cases: list[str]
    opened_on: str
    promised_end: str
    contact: str
    channels: list[str]
    running: bool
    ruler: dict[str, object]
    notice_state: NoticeState


def notice_on(source: Source, notice_id: str, on: date, known: int) -> NoticeOn | None:
    """A single notice at one (D, K) with its state; None before it was opened."""
    live = history_for(source, "notice", notice_id, known).live(on, known)
    opened = live.last(PublicNoticeOpened, notice_id=notice_id)
    if opened is None:
        return None
    p = opened.payload
    ruler = tell(source, NOTICE_END, notice_id, on, known)
    end = ruler.answer.value().end if ruler.answer.is_value else None
    closed = live.last(PublicNoticeClosed, notice_id=notice_id) is not None
    now = NoticeDays(p.opened_on, p.promised_end, end, closed).state(on)
    return {
        "notice_id": notice_id,
        "kind": p.kind,
        "edition": p.edition_id,
        "cases": list(p.cases),
        "opened_on": p.opened_on.isoformat(),
        "promised_end": p.promised_end.isoformat(),
        "contact": p.contact,
        "channels": list(p.channels),
        "running": now == "running",
        "ruler": ruler.to_json(),
        "notice_state": now,
    }
