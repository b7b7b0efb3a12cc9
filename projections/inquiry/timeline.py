"""A case told twice: when things happened, and when the ledger learnt of them; two cases side by side; a notice counted
each way.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypedDict

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import EVER, History, LiveEvent
from ledger.derivation.notices import ends_of_notice
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from projections.as_of import state
from projections.sentences import sentence
from projections.slices import Source, changes_of, history_for


class TimelineRow(TypedDict):
    """One event of a subject: when it happened, when it was recorded, and whether it stands."""

    position: int
    event: str
    type: str
    phase: str
    actor: str
    role: str
    effective_on: str
    recorded_at: str
    lag_days: int
    state: Literal["live", "annulled", "corrected"]
    override: bool


class Met(TypedDict):
    """How a case met one type of act: when first, how often, by whom, and how late it was recorded at most."""

    on: str
    times: int
    persons: list[str]
    lag_days: int


class Compared(TypedDict):
    """One type of act in two cases."""

    type: str
    first: Met | None
    second: Met | None
    differs: bool


class CountedOut(TypedDict):
    """The last day of a notice by one way of counting."""

    counting: str
    first_day_counted: bool
    last_day: str


def timeline(source: Source, tag: str, known: int) -> list[TimelineRow]:
    """Every event with a tag (``c:…``, ``a:…``, ``o:…``, ``n:…``), in the order of recording.

    ``state`` is live, annulled or corrected as known then; ``lag_days`` counts from happening to recording.
    """
    events = source.events(DCBQuery([DCBQueryItem(tags=[tag])]), until=known)
    if not events:
        raise NotFoundError("subject_unknown", sentence("nothing is recorded of {tag}", tag=tag[2:][:80]))
    live = {e.id: e for e in History([*events, *changes_of(source, events, known)]).live(EVER, known)}
    return [_row(e, live.get(e.statement.id)) for e in events]


def _row(event: RecordedEvent, live: LiveEvent | None) -> TimelineRow:
    s = event.statement
    return {
        "position": event.position,
        "event": s.id,
        "type": s.type,
        "phase": s.payload.SPEC.phase,
        "actor": s.actor,
        "role": s.role,
        "effective_on": s.effective_on.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "lag_days": LiveEvent(event, s.payload).lag_days,
        "state": "annulled" if live is None else "corrected" if live.corrected_by else "live",
        "override": s.override is not None,
    }


def comparison(source: Source, one: str, other: str, known: int) -> list[Compared]:
    """Two cases by type of act, in the order in which either met it: when, how often, by whom.

    Equal treatment, or not.
    """
    both = [timeline(source, f"c:{case}", known) for case in (one, other)]
    order = sorted(both[0] + both[1], key=lambda r: (r["effective_on"], r["position"]))
    rows: list[Compared] = []
    for topic in dict.fromkeys(r["type"] for r in order):
        mine, theirs = ([r for r in rows_ if r["type"] == topic and r["state"] != "annulled"] for rows_ in both)
        rows.append(
            {"type": topic, "first": _summary(mine), "second": _summary(theirs), "differs": bool(mine) != bool(theirs)}
        )
    return rows


def _summary(rows: list[TimelineRow]) -> Met | None:
    if not rows:
        return None
    return {
        "on": rows[0]["effective_on"],
        "times": len(rows),
        "persons": sorted({r["actor"] for r in rows}),
        "lag_days": max(r["lag_days"] for r in rows),
    }


def counted(source: Source, notice_id: str, on: date, known: int) -> list[CountedOut]:
    """The last day of a notice by each way of counting, with what was added to it; none where the text states no length
    or the year has no calendar.
    """
    live, law = state(history_for(source, "notice", notice_id, known), source.packs(), on, known)
    ends = ends_of_notice(live, law, notice_id)
    return [
        {"counting": how.partition(",")[0], "first_day_counted": "," in how, "last_day": day.isoformat()}
        for how, day in ends.items()
    ]
