"""Logs that nobody would record: the entries of a course in another order, some annulled from a day on, some corrected.

No guard has seen them. What follows a log has to make the same of them as whoever reads them from nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from ledger.dcb import DCBQuery
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.decision import AwardGranted
from ledger.events.oversight import EventAnnulled, EventCorrected, Patch
from ledger.events.registry import Payload
from ledger.regulation.pack import Pack

#: Of the entries of a log, one in so many is annulled or corrected besides.
ONE_IN = 8


def mixed_up(events: Iterable[RecordedEvent], chance: random.Random) -> list[RecordedEvent]:
    """The entries and further ones about them, recorded later than they were by up to as many places as chance says."""
    made = list(events)
    for event in chance.sample(made, len(made) // ONE_IN):
        # Also what annuls or corrects is annulled and corrected.
        for number in range(chance.choice((1, 1, 2))):
            target = made[-1] if number else event
            made.append(_about(target, f"{event.statement.id}/{number}", chance))
    width = chance.choice((0, 5, 40, len(made)))
    order = sorted((e.position + chance.uniform(0, width), number) for number, e in enumerate(made))
    return [replace(made[number], position=position) for position, (_, number) in enumerate(order, 1)]


def annulled_in_a_circle(events: Iterable[RecordedEvent]) -> list[RecordedEvent]:
    """The entries, with two after an award that annul each other, one of them by its order."""
    made = list(events)
    grant = next(e for e in made if isinstance(e.statement.payload, AwardGranted))
    named = f"x:{grant.statement.id}"
    circle = [_annulling(grant, "one", "other", named), _annulling(grant, "other", "one", named)]
    at = made.index(grant) + 1
    return [replace(event, position=n) for n, event in enumerate([*made[:at], *circle, *made[at:]], 1)]


def _annulling(beside: RecordedEvent, event_id: str, target: str, *tags: str) -> RecordedEvent:
    payload = EventAnnulled(target=target, effect="void_ab_initio", reason="error")
    spec = EventAnnulled.SPEC
    tagged = (f"x:{target}", *tags)
    statement = replace(beside.statement, spec=spec, id=event_id, type=spec.topic, payload=payload, sd={}, tags=tagged)
    return replace(beside, statement=statement)


def _about(target: RecordedEvent, event_id: str, chance: random.Random) -> RecordedEvent:
    on = target.statement.effective_on + timedelta(days=chance.choice((-400, -1, 0, 1, 30, 400)))
    payload: Payload | None = _correction(target, chance) if chance.random() < 0.5 else None
    if payload is None:
        payload = _annulment(target.statement.id, on, chance)
    statement = replace(
        target.statement,
        spec=type(payload).SPEC,
        id=event_id,
        type=type(payload).SPEC.topic,
        effective_on=on,
        payload=payload,
        sd={},
        tags=(f"x:{target.statement.id}",),
    )
    return replace(target, statement=statement)


def _annulment(target: str, on: date, chance: random.Random) -> EventAnnulled:
    if chance.random() < 0.4:
        return EventAnnulled(target=target, effect="void_ab_initio", reason="error")
    from_on = chance.choice((None, on, on + timedelta(days=60)))
    return EventAnnulled(target=target, effect="from_date", reason="error", from_on=from_on)


def _correction(target: RecordedEvent, chance: random.Random) -> EventCorrected | None:
    """Another day, name or number in place of one that was recorded; None where there is none of the kind."""
    members = msgspec.to_builtins(target.statement.payload)
    fitting = [(name, value) for name, value in members.items() if isinstance(value, str | int)]
    if not fitting:
        return None
    name, value = chance.choice(fitting)
    return EventCorrected(
        target=target.statement.id, patch={f"/{name}": Patch(old_hash="0" * 64, new=_other(value, chance))}, reason="x"
    )


def _other(value: str | int, chance: random.Random) -> str | int:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    try:
        return (date.fromisoformat(value) + timedelta(days=chance.choice((-40, 40)))).isoformat()
    except ValueError:
        return f"{value}x"


class Entries:
    """A log of these entries."""

    def __init__(self, events: list[RecordedEvent], packs: dict[str, Pack]) -> None:
        self._events = events
        self._packs = packs
        self._by_id = {e.statement.id: e for e in events}

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        return [e for e in self._events[after:until] if e.matches(query)]

    def event(self, event_id: str) -> RecordedEvent:
        if event_id not in self._by_id:
            raise NotFoundError("event_unknown", ("没有", "none"))
        return self._by_id[event_id]

    def packs(self) -> dict[str, Pack]:
        return self._packs
