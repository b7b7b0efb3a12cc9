"""What two points (D, K) answer differently, and which input makes the difference.

Five inputs can move: the day itself, the events, the law (texts and their versions), the readings, the calendar. Each
is moved alone from the first point to the second; where that changes an answer by itself, it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypedDict, TypeGuard

from ledger.clock import format_instant
from ledger.derivation.answer import Answer
from ledger.derivation.history import History, Live
from ledger.derivation.law import Law
from ledger.regulation.pack import Pack
from projections.as_of import state
from projections.deriving import derived
from projections.facts import Fact, facts_about
from projections.slices import Source, history_for

#: Members shown of one changed answer; more are counted.
CHANGES_MAX = 200

Corner = tuple[date, int]


class MemberChanged(TypedDict):
    """A member of an answer that differs, by JSON Pointer; None where it is missing."""

    path: str
    before: object
    after: object


class Responsible(TypedDict):
    """An event that one answer rests on and the other does not; ``new`` says that the first point did not know it."""

    event: str
    position: int
    type: str
    zh: str
    en: str
    actor: str
    effective_at: str
    recorded_at: str
    new: bool


class Change(TypedDict):
    """A fact that is answered otherwise at the second point; ``causes`` are the inputs that change it alone."""

    fact: str
    number: str
    zh: str
    en: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    members: list[MemberChanged]
    members_left_out: int
    causes: list[str]
    events: list[str]
    responsible: list[Responsible]


class Point(TypedDict):
    """A (D, K)."""

    as_of: str
    known_at: int


Difference = TypedDict("Difference", {"from": Point, "to": Point, "changed": list[Change]})


@dataclass(frozen=True, slots=True)
class _Inputs:
    """An answer's inputs at one point."""

    live: Live
    law: Law


def difference(source: Source, kind: str, subject: str, a: Corner, b: Corner) -> Difference:
    """Changed facts with their members before and after, the input that changes each, and the events responsible."""
    packs = source.packs()
    # An unknown kind or subject is refused here, also where no fact would have looked.
    history_for(source, kind, subject, max(a[1], b[1]))
    changed = []
    for fact in facts_about(kind, flags=kind == "edition"):
        history = history_for(source, fact.slice or fact.subject, subject, max(a[1], b[1]))
        row = _changed(fact, subject, history, packs, a, b)
        if row is not None:
            changed.append(row)
    return {"from": _point(a), "to": _point(b), "changed": changed}


def _point(corner: Corner) -> Point:
    return {"as_of": corner[0].isoformat(), "known_at": corner[1]}


def _changed(
    fact: Fact[object], subject: str, history: History, packs: dict[str, Pack], a: Corner, b: Corner
) -> Change | None:
    first, second = _Inputs(*state(history, packs, *a)), _Inputs(*state(history, packs, *b))
    before, after = _folded(fact, first, subject), _folded(fact, second, subject)
    old, new = _told(before), _told(after)
    if old == new:
        return None
    causes = [
        name
        for name, mixed in _mixtures(history, packs, a, b, first, second)
        if _told(_folded(fact, mixed, subject)) != old
    ]
    members = list(_members(old, new, ""))
    return {
        "fact": fact.name,
        "number": fact.number,
        "zh": fact.zh,
        "en": fact.en,
        "before": before.to_json(),
        "after": after.to_json(),
        "members": members[:CHANGES_MAX],
        "members_left_out": max(0, len(members) - CHANGES_MAX),
        "causes": causes or ["together"],
        "events": [e for e in after.why.events if e not in before.why.events],
        "responsible": _responsible(before, after, second.live, a[1]),
    }


def _folded(fact: Fact[object], inputs: _Inputs, subject: str) -> Answer[object]:
    return derived(f"{fact.name} of {subject}", partial(fact.fold, inputs.live, inputs.law, subject))


def _mixtures(
    history: History, packs: dict[str, Pack], a: Corner, b: Corner, first: _Inputs, second: _Inputs
) -> Iterator[tuple[str, _Inputs]]:
    """One input of the second point each, the others of the first."""
    if a[0] != b[0]:
        yield "day", _Inputs(history.live(b[0], a[1]), first.law)
    if a[1] != b[1]:
        yield "event", _Inputs(history.live(a[0], b[1]), first.law)
    x, y = first.law, second.law
    yield "law", _Inputs(first.live, Law(y.versions, x.interpretations, x.calendar))
    yield "reading", _Inputs(first.live, Law(x.versions, y.interpretations, x.calendar))
    yield "calendar", _Inputs(first.live, Law(x.versions, x.interpretations, y.calendar))


def _told(answer: Answer[object]) -> dict[str, object]:
    return {k: v for k, v in answer.to_json().items() if k != "why"}


def _responsible(before: Answer[object], after: Answer[object], live: Live, known: int) -> list[Responsible]:
    """Events that the one answer rests on and the other does not; ``late`` ones happened by the first point and were
    unknown.
    """
    ids = [i for i in (*after.why.events, *before.why.events) if (i in after.why.events) != (i in before.why.events)]
    rows: list[Responsible] = []
    for event_id in dict.fromkeys(ids):
        event = live.recorded(event_id)
        if event is not None:
            s = event.statement
            rows.append(
                {
                    "event": event_id,
                    "position": event.position,
                    "type": s.type,
                    "zh": s.payload.SPEC.zh,
                    "en": s.payload.SPEC.en,
                    "actor": s.actor,
                    "effective_at": s.effective_at,
                    "recorded_at": format_instant(event.recorded_at),
                    "new": event.position > known,
                }
            )
    return rows


def _members(old: object, new: object, path: str) -> Iterator[MemberChanged]:
    """Members that differ, by JSON Pointer."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            yield from _members(old.get(name), new.get(name), f"{path}/{name}")
    elif _rows(old) and _rows(new):
        yield from _listed(old, new, path)
    else:
        yield {"path": path, "before": old, "after": new}


def _rows(value: object) -> TypeGuard[list[dict[str, object]]]:
    return isinstance(value, list) and all(isinstance(v, dict) for v in value)


#: What a row of a list is called, the first that its rows have.
_NAMES = ("id", "flag", "award_id", "case", "condition", "event", "duty", "award")


def _listed(old: list[dict[str, object]], new: list[dict[str, object]], path: str) -> Iterator[MemberChanged]:
    name = next((n for n in _NAMES if all(n in row for row in (*old, *new))), None)
    key: Callable[[int, dict[str, object]], str] = (
        (lambda i, _: str(i)) if name is None else (lambda _, row: str(row[name]))
    )
    before = {key(i, row): row for i, row in enumerate(old)}
    after = {key(i, row): row for i, row in enumerate(new)}
    for each in dict.fromkeys([*before, *after]):
        yield from _members(before.get(each), after.get(each), f"{path}/{each}")
