"""Who could have known what an event rests on, since when and how; and who of them acted on it.

Knowing comes from the log alone: somebody signed it, was told of it, opened what it restricts, or was given it.
What people heard elsewhere no ledger knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from ledger.clock import format_instant
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import EVER, History
from ledger.derivation.identity import IDENTITY_TYPES, Identities
from ledger.entry import RecordedEvent
from ledger.events.decision import AnnouncementPublished
from ledger.events.evaluation import ApplicantNotified
from ledger.events.identity import GenesisDeclared, KeyRegistered
from ledger.events.notice import PublicNoticeOpened
from ledger.events.oversight import RestrictedDataHandled
from ledger.events.registry import topics
from projections.slices import Source
from projections.tracing import trace


class Way(TypedDict):
    """One way of knowing, as it is told: ``of`` what, ``by`` which event at ``position``."""

    person: str
    how: str
    at: str
    position: int
    of: str
    of_type: str
    by: str


class FirstKnown(Way):
    """How somebody came to know first, in how many ways at all, and whether the same person signed the act."""

    acted: bool
    before_the_act: bool
    ways: int


class WhoKnew(TypedDict):
    """Who could have known what an event rests on, the first to know first, and every way in which they could."""

    event: str
    position: int
    rows: list[FirstKnown]
    ways: list[Way]


@dataclass(frozen=True, slots=True)
class Knowing:
    """One way in which somebody came to know of one event."""

    person: str
    how: str
    at: datetime
    of: RecordedEvent
    by: RecordedEvent

    def to_json(self) -> Way:
        return {
            "person": self.person,
            "how": self.how,
            "at": format_instant(self.at),
            "position": self.by.position,
            "of": self.of.statement.id,
            "of_type": self.of.statement.type,
            "by": self.by.statement.id,
        }


def identities(source: Source, known: int) -> Identities:
    """Principals, keys and roles as the log knows them."""
    events = source.events(DCBQuery([DCBQueryItem(types=topics(*IDENTITY_TYPES))]), until=known)
    return Identities(History(events).live(EVER, known))


def holders(source: Source, signed: Iterable[RecordedEvent], known: int) -> Identities:
    """Whose the keys are by which some events are signed: of the founders, and of who registered one of these keys."""
    keys = sorted({s.keyid for event in signed for s in event.envelope.signatures})
    registered = (DCBQueryItem(types=topics(KeyRegistered), tags=[f"k:{key}"]) for key in keys)
    query = DCBQuery([DCBQueryItem(types=topics(GenesisDeclared)), *registered])
    return Identities(History(source.events(query, until=known)).live(EVER, known))


def signers(event: RecordedEvent, known: Identities) -> list[str]:
    """Who signed an event, the actor first."""
    others = [known.keys[s.keyid].principal_id for s in event.envelope.signatures if s.keyid in known.keys]
    return list(dict.fromkeys([event.statement.actor, *others]))


def who_could_have_known(source: Source, event_id: str, known: int, *, whole: bool = True) -> WhoKnew:
    """Persons by first knowledge of an event and (``whole``) of all it rests on; ``acted`` those who signed the event
    itself.
    """
    start = source.event(event_id)
    below = trace(source, event_id, known)["rests_on"] if whole else []
    of = [start, *(source.event(s["event"]) for s in below)]
    naming = [source.events(DCBQuery([DCBQueryItem(tags=[f"x:{event.statement.id}"])]), until=known) for event in of]
    people = holders(source, [*of, *(later for about in naming for later in about)], known)
    ways = sorted(
        (w for event, about in zip(of, naming, strict=True) for w in _ways(event, about, people)),
        key=lambda w: (w.at, w.by.position, w.person),
    )
    acted = set(signers(start, people))
    first: dict[str, Knowing] = {}
    for way in ways:
        first.setdefault(way.person, way)
    rows: list[FirstKnown] = [
        {
            **way.to_json(),
            "acted": way.person in acted,
            "before_the_act": way.by.position < start.position,
            "ways": sum(w.person == way.person for w in ways),
        }
        for way in first.values()
    ]
    return {"event": event_id, "position": start.position, "rows": rows, "ways": [w.to_json() for w in ways]}


def _ways(event: RecordedEvent, about: Iterable[RecordedEvent], people: Identities) -> Iterator[Knowing]:
    """``about`` are the events that name this one."""
    for person in signers(event, people):
        yield Knowing(person, "signed", event.recorded_at, event, event)
    for later in about:
        p = later.statement.payload
        match p:
            case RestrictedDataHandled() if p.action == "opened":
                yield Knowing(later.statement.actor, "opened", later.recorded_at, event, later)
            case RestrictedDataHandled() if p.action in ("disclosed_to", "published"):
                yield Knowing(
                    f"role:{p.recipient_role}" if p.recipient_role else "public",
                    "given",
                    later.recorded_at,
                    event,
                    later,
                )
            case ApplicantNotified():
                yield Knowing(p.org, "told", later.recorded_at, event, later)
            case AnnouncementPublished():
                yield Knowing("public", "published", later.recorded_at, event, later)
            case _:
                for person in signers(later, people):
                    yield Knowing(person, "cited", later.recorded_at, event, later)
    if isinstance(event.statement.payload, PublicNoticeOpened):
        yield Knowing("public", "published", event.recorded_at, event, event)
