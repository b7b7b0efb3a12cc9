"""Reading what a decision sees: its plan carried out, cut at a position.

Recording reads it at the end of the log; judging a recorded entry anew reads it as of that entry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Protocol

from ledger.admission import leads
from ledger.admission.identity_guards import founders_keys
from ledger.admission.leads import Seen
from ledger.admission.reading_plan import ReadingPlan, plan_of
from ledger.admission.view import Signer, View, view_of
from ledger.clock import shanghai_day
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import EVER, History, Live, LiveEvent
from ledger.derivation.identity import Identities
from ledger.derivation.law import Law, law_of
from ledger.derivation.losses import LostRange
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError, SignatureRefusedError
from ledger.events.identity import GenesisDeclared, KeyRegistered, Mode
from ledger.events.oversight import HistoryLossDeclared
from ledger.regulation.pack import Pack
from ledger.sentences import sentence
from ledger.signing.suites import parse_public_key
from ledger.signing.webauthn import PasskeyPublicKey
from ledger.statement import Statement

#: Key id -> principal and public key.
Keys = Mapping[str, tuple[str, str]]


class Entries(Protocol):
    """Entries that can be asked for; ``until`` is the last position that counts."""

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Events that match, in order."""

    def find(self, event_id: str) -> RecordedEvent | None:
        """One event by id."""

    def at(self, position: int) -> RecordedEvent | None:
        """The event of a position."""

    def packs(self) -> dict[str, Pack]:
        """Parsed packs by hash of their bytes."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a decision asks beside entries: openings of the statement, who is one person, which ids look alike."""

    openings: Mapping[str, Opening]
    same_person: Callable[[list[str]], bool]
    taken_for: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a boundary is read: events of a query and one by its id, all of them up to the position ``known``."""

    known: int
    events: Callable[[DCBQuery], list[RecordedEvent]]
    find: Callable[[str], RecordedEvent | None]
    packs: Mapping[str, Pack]
    recorded_at: Callable[[int], datetime | None]
    lost: LostRange | None = None
    #: How a slice and the law are made of what was read; whoever reads again and again keeps them.
    history_of: Callable[[Sequence[RecordedEvent]], History] = History
    law_of: Callable[[Live, Mapping[str, Pack]], Law] = law_of
    #: Those of some ids that an entry may annul or correct; whoever knows more leaves out the others.
    touched: Callable[[Set[str]], Set[str]] = lambda ids: ids

    def named(self, ids: Collection[str]) -> dict[str, LiveEvent]:
        """Those of some ids that there are."""
        found = {event_id: self.find(event_id) for event_id in sorted(ids)}
        return {
            i: LiveEvent(e, e.statement.payload) for i, e in found.items() if e is not None and e.position <= self.known
        }


@dataclass(frozen=True, slots=True)
class _Read:
    """What a plan brought: a slice, and what was seen in all of it."""

    history: History
    seen: Seen


def read_view(
    plan: ReadingPlan,
    signers_by: Callable[[Keys], tuple[Signer, ...]],
    instant: datetime,
    reading: Reading,
    beside: Beside,
) -> View:
    """What a decision about the statement of a plan sees.

    ``signers_by`` tells by the keys that are registered who signed; what it raises is raised. Raises NotFoundError
    where there is no genesis.
    """
    statement, read = plan.statement, _carry_out(plan, reading)
    founding = read.seen.live.last(GenesisDeclared)
    if isinstance(statement.payload, GenesisDeclared):
        view = _founding_seen(statement, statement.payload, read, signers_by, instant, reading, beside)
    elif founding is None:
        raise NotFoundError(
            "no_genesis",
            sentence(
                "the log has no genesis yet; run rongjian init NAME --origin ORIGIN --jurisdiction NAME --code CODE"
            ),
        )
    else:
        identities = read.seen.identities
        signers = signers_by(_keys(identities, statement))
        view = _seen(statement, read, signers, instant, founding.payload.mode, reading, beside, identities)
    return view


def _carry_out(plan: ReadingPlan, reading: Reading) -> _Read:
    """Read what a plan says, each part once, and what annuls or corrects any of it, until nothing new is found."""
    events = reading.events(plan.first)
    read = {_key(item) for item in plan.first.items}
    history, asked, named = reading.history_of(events), set(plan.ids), reading.named(plan.ids)
    looked_after = set[str]()

    def seen() -> Seen:
        return Seen(
            plan.statement,
            plan.keyids,
            history.live(EVER, reading.known),
            named,
            reading.packs,
        )

    while further := {event_id for lead in plan.entry_leads for event_id in lead(seen())} - asked:
        asked |= further
        named |= reading.named(further)
    while True:
        so_far = seen()
        wanted = {_key(item): item for item in leads.leads_on(plan.leads, so_far)}
        more = [item for key, item in wanted.items() if key not in read]
        new = {*(e.statement.id for e in history.events), *named} - looked_after
        looked_after |= new
        more += leads.changes_of_the_record(reading.touched(new))
        read |= wanted.keys()
        there = {e.position for e in history.events}
        found = [e for e in reading.events(DCBQuery(more)) if e.position not in there] if more else []
        if not found:
            return _Read(history, so_far)
        history = reading.history_of(sorted([*history.events, *found], key=attrgetter("position")))


def _key(item: DCBQueryItem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(item.types), tuple(item.tags)


def _founding_seen(
    statement: Statement,
    genesis: GenesisDeclared,
    read: _Read,
    signers_by: Callable[[Keys], tuple[Signer, ...]],
    instant: datetime,
    reading: Reading,
    beside: Beside,
) -> View:
    """What the founding of a log sees. It speaks for itself: its keys are those that it brings, and the roles that it
    names are those that its own signers hold.
    """
    live, identities = read.seen.live, Identities(read.seen.live)
    signers = signers_by({**identities.registered, **founders_keys(genesis)})
    view = _seen(statement, read, signers, instant, genesis.mode, reading, beside, identities)
    if not live.of(GenesisDeclared):
        for founder in genesis.founders:
            view.identities.add_founder(founder, statement.id, statement.effective_on)
    return view


def _seen(
    statement: Statement,
    read: _Read,
    signers: tuple[Signer, ...],
    instant: datetime,
    mode: Mode,
    reading: Reading,
    beside: Beside,
    identities: Identities,
) -> View:
    return view_of(
        read.history,
        statement,
        identities=identities,
        signers=signers,
        openings=beside.openings,
        instant=instant,
        today=shanghai_day(instant),
        mode=mode,
        packs=reading.packs,
        law=reading.law_of(read.seen.live, reading.packs),
        named=read.seen.named,
        known=reading.known,
        same_person=beside.same_person,
        taken_for=beside.taken_for,
        recorded_at=reading.recorded_at,
        lost=reading.lost,
    )


def view_at(entries: Entries, event: RecordedEvent, beside: Beside) -> View:
    """What a decision about an entry sees that is made at its own position and instant.

    Signatures are taken as verified. Raises SignatureRefusedError of a key that nobody had registered, NotFoundError
    where there is no genesis.
    """
    known = event.position - 1
    reading = Reading(
        known,
        lambda query: entries.events(query, until=known),
        entries.find,
        entries.packs(),
        lambda position: found.recorded_at if (found := entries.at(position)) is not None else None,
        _declared(event),
    )
    keyids = [s.keyid for s in event.envelope.signatures]
    plan = plan_of(event.statement, keyids)
    return read_view(plan, lambda keys: _signers(event, keys), event.recorded_at, reading, beside)


def _declared(event: RecordedEvent) -> LostRange | None:
    """What was lost the log itself no longer shows: as the declaration has it."""
    p = event.statement.payload
    if not isinstance(p, HistoryLossDeclared):
        return None
    return LostRange(event.position, p.lost_to, bytes.fromhex(p.root_hash))


def _keys(identities: Identities, statement: Statement) -> Keys:
    """Key id -> principal and public key: those registered, and the one that the statement itself brings."""
    keys, p = identities.registered, statement.payload
    if isinstance(p, KeyRegistered) and p.key_id not in keys:
        return {**keys, p.key_id: (p.principal_id, p.public_key)}
    return keys


def _signers(event: RecordedEvent, keys: Keys) -> tuple[Signer, ...]:
    signers = []
    for signature in event.envelope.signatures:
        if signature.keyid not in keys:
            raise SignatureRefusedError(
                "key_unknown", sentence("key {keyid} was not registered", keyid=signature.keyid[:16])
            )
        principal, public_key = keys[signature.keyid]
        key = parse_public_key(public_key)
        site = key.site(signature.signature) if isinstance(key, PasskeyPublicKey) else None
        signers.append(Signer(signature.keyid, principal, site))
    return tuple(signers)
