"""What an event rests on, and what rests on it (D25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from ledger.clock import format_instant
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.decision import AwardGranted
from ledger.events.registry import topics
from ledger.sentences import Pair
from projections.sentences import sentence
from projections.slices import Source, payloads

#: Tags that name one thing which several events are about: following them finds decision, notice, objection …
_NAMES = frozenset({"d", "n", "ob", "cb", "in", "f", "h", "l", "r", "a", "c"})

#: Kind of tag -> what two events have in common that share one.
_IN_COMMON = {
    "a": sentence("about the same award"),
    "c": sentence("about the same case"),
    "cb": sentence("about the same claim"),
    "d": sentence("about the same decision"),
    "f": sentence("about the same finding"),
    "h": sentence("about the same higher award"),
    "in": sentence("about the same incident"),
    "l": sentence("about the same list"),
    "n": sentence("about the same notice"),
    "ob": sentence("about the same objection"),
    "r": sentence("about the same resolution"),
}
_WAYS = {
    "asked": sentence("the entry asked about"),
    "cause": sentence("names it as its cause"),
    "reference": sentence("refers to it"),
    "refers to it": sentence("refers to it"),
}


def way_in_words(via: str) -> Pair | None:
    """How a step was reached (``cause``, ``same c:ZY-2023/A``), in words."""
    return _IN_COMMON.get(via.removeprefix("same ").partition(":")[0]) if via.startswith("same ") else _WAYS.get(via)


#: A trace of one edition has a few hundred events; more is cut, and ``complete`` is false.
TRACE_MAX = 2_000


class TracedStep(TypedDict):
    """A step as it is told."""

    event: str
    position: int
    type: str
    zh: str
    en: str
    actor: str
    role: str
    effective_at: str
    recorded_at: str
    basis: list[str]
    evidence: list[str]
    override: bool
    via: str


Edge = TypedDict("Edge", {"from": int, "to": int, "via": str})


class Trace(TypedDict):
    """What an event rests on and what rests on it (D25), each list in the order of recording; an edge leads from a
    later position to an earlier one.
    """

    event: TracedStep
    rests_on: list[TracedStep]
    rested_on_by: list[TracedStep]
    edges: list[Edge]
    complete: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a trace, and how it was reached."""

    event: RecordedEvent
    via: str

    def to_json(self) -> TracedStep:
        s = self.event.statement
        return {
            "event": s.id,
            "position": self.event.position,
            "type": s.type,
            "zh": s.payload.SPEC.zh,
            "en": s.payload.SPEC.en,
            "actor": s.actor,
            "role": s.role,
            "effective_at": s.effective_at,
            "recorded_at": format_instant(self.event.recorded_at),
            "basis": list(s.basis),
            "evidence": [e.sha256 for e in s.evidence],
            "override": s.override is not None,
            "via": self.via,
        }


def trace(source: Source, event_id: str, known: int) -> Trace:
    """Backward closure over causes, references and shared names; forward: what refers to this event."""
    start = source.event(event_id)
    if start.position > known:
        raise NotFoundError(
            "event_unknown", sentence("{event_id} is not known at position {known}", event_id=event_id, known=known)
        )
    own = _own_things(source, start, known)
    backward, edges = _closure(source, start, own)
    forward = [
        Step(e, "refers to it")
        for e in source.events(DCBQuery([DCBQueryItem(tags=[f"x:{event_id}"])]), after=start.position, until=known)
    ]
    shared = _sharing(source, start, own, after=start.position, until=known)
    seen = {s.event.position for s in forward}
    forward += list({e.position: Step(e, via) for e, via in shared if e.position not in seen}.values())
    edges |= {(s.event.position, start.position): s.via for s in forward}
    return {
        "event": Step(start, "asked").to_json(),
        "rests_on": [s.to_json() for s in sorted(backward, key=lambda s: s.event.position)][:TRACE_MAX],
        "rested_on_by": [s.to_json() for s in sorted(forward, key=lambda s: s.event.position)][:TRACE_MAX],
        "edges": [{"from": later, "to": earlier, "via": via} for (later, earlier), via in sorted(edges.items())],
        "complete": len(backward) < TRACE_MAX and len(forward) <= TRACE_MAX,
    }


def _own_things(source: Source, start: RecordedEvent, known: int) -> frozenset[str]:
    """The cases and awards that an event is about: a list of many cases does not lead on to the others."""
    own = {tag for tag in start.statement.tags if tag.startswith(("c:", "a:"))}
    for tag in [t for t in own if t.startswith("a:")]:
        granted = source.events(DCBQuery([DCBQueryItem(types=topics(AwardGranted), tags=[tag])]), until=known)
        own |= {f"c:{p.case_id}" for p in payloads(AwardGranted, granted)}
    return frozenset(own)


#: Later position, earlier position -> why the later event leads to the earlier one.
Edges = dict[tuple[int, int], str]


def _closure(source: Source, start: RecordedEvent, own: frozenset[str]) -> tuple[list[Step], Edges]:
    found: dict[int, Step] = {}
    edges: Edges = {}
    pending = [start]
    while pending and len(found) < TRACE_MAX:
        event = pending.pop()
        named = [(c, "cause") for c in event.statement.causes]
        named += [(tag[2:], "reference") for tag in event.statement.tags if tag.startswith("x:")]
        reached = [(source.event(event_id), via) for event_id, via in named]
        reached += _sharing(source, event, own, after=0, until=event.position - 1)
        for earlier, via in reached:
            if earlier.position < event.position:
                edges.setdefault((event.position, earlier.position), via)
                if earlier.position not in found:
                    found[earlier.position] = Step(earlier, via)
                    pending.append(earlier)
    return list(found.values()), edges


def _sharing(
    source: Source, event: RecordedEvent, own: frozenset[str], *, after: int, until: int
) -> list[tuple[RecordedEvent, str]]:
    """Events that name the same decision, notice, objection …, or one of the traced event's own cases and awards."""
    result = []
    for tag in event.statement.tags:
        kind = tag.partition(":")[0]
        if kind in _NAMES and (kind not in ("c", "a") or tag in own):
            query = DCBQuery([DCBQueryItem(tags=[tag])])
            result += [(e, f"same {tag}") for e in source.events(query, after=after, until=until)]
    return result
