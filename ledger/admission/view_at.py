"""The view of a decision as of a position of the log: what whoever decided then could see, read from entries in memory.

The boundary is read in the same rounds as by whoever records (:meth:`ledger.application.Ledger.view`), and cut before the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from eventsourcing.dcb.api import DCBQuery

from ledger.admission.boundary import (
    first_boundary,
    further_boundary,
    named_by_erased,
    rounds_of,
    targets_of_annulments,
    targets_of_findings,
)
from ledger.admission.identity_guards import founders_keys
from ledger.admission.view import Signer, View, view_of
from ledger.clock import shanghai_day
from ledger.derivation.history import EVER, History, LiveEvent
from ledger.derivation.identity import Identities
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError, SignatureRefusedError
from ledger.regulation.pack import Pack
from ledger.signing.suites import parse_public_key
from ledger.signing.webauthn import PasskeyPublicKey
from ledger.statement import Statement


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


def view_at(entries: Entries, event: RecordedEvent, beside: Beside) -> View:
    """What a decision about an entry sees that is made at its own position and instant.

    Signatures are taken as verified. Raises SignatureRefusedError of a key that nobody had registered, NotFoundError where
    there is no genesis.
    """
    statement, known = event.statement, event.position - 1

    def read(query: DCBQuery) -> list[RecordedEvent]:
        return entries.events(query, until=known)

    first = first_boundary(statement, [s.keyid for s in event.envelope.signatures])
    events = read(first)
    live = History(events).live(EVER, known)
    signers = _signers(event, live_keys(Identities(live), statement))
    names = {*statement.causes, *(t[2:] for t in statement.tags if t.startswith("x:"))}
    named = _named(entries, names | targets_of_findings(statement, live), known)
    named |= _named(entries, targets_of_annulments(statement, named.values()), known)
    beside_erased = _named(entries, named_by_erased(statement, named), known)
    principals = {s.principal_id for s in signers} | {statement.actor}
    history = History([*events, *(e.recorded for e in beside_erased.values())])
    for _ in range(rounds_of(statement)):
        seen = history.live(EVER, known)
        further = further_boundary(statement, seen, [*named.values(), *beside_erased.values()], principals)
        history = History([*history.events, *read(further)])
    genesis = live.last("GenesisDeclared")
    if genesis is None and statement.type != "GenesisDeclared":
        raise NotFoundError("no_genesis", "the log has no genesis before this entry", "此条之前账本尚未创立")
    view = view_of(
        history, statement, signers=signers, openings=beside.openings, instant=event.recorded_at,
        today=shanghai_day(event.recorded_at), mode=(genesis.payload if genesis else statement.payload).mode,
        packs=entries.packs(), named=named, known=known, same_person=beside.same_person, taken_for=beside.taken_for,
        recorded_at=lambda position: found.recorded_at if (found := entries.at(position)) is not None else None,
    )  # fmt: skip
    if genesis is None:
        for founder in statement.payload.founders:
            view.identities.add_founder(founder, statement.id, statement.effective_on)
    return view


def live_keys(identities: Identities, statement: Statement) -> dict[str, tuple[str, str]]:
    """Key id -> principal and public key: those registered, and those that the statement itself brings."""
    keys = {k.key_id: (k.principal_id, k.public_key) for k in identities.keys.values()}
    p = statement.payload
    if statement.type == "GenesisDeclared":
        return keys | founders_keys(p)
    if statement.type == "KeyRegistered" and p.key_id not in keys:
        keys[p.key_id] = (p.principal_id, p.public_key)
    return keys


def _signers(event: RecordedEvent, keys: Mapping[str, tuple[str, str]]) -> tuple[Signer, ...]:
    signers = []
    for signature in event.envelope.signatures:
        if signature.keyid not in keys:
            raise SignatureRefusedError(
                "key_unknown", f"key {signature.keyid[:16]} was not registered", f"密钥 {signature.keyid[:16]} 未登记"
            )
        principal, public_key = keys[signature.keyid]
        key = parse_public_key(public_key)
        site = key.site(signature.signature) if isinstance(key, PasskeyPublicKey) else None
        signers.append(Signer(signature.keyid, principal, site))
    return tuple(signers)


def _named(entries: Entries, ids: Collection[str], known: int) -> dict[str, LiveEvent]:
    found = {event_id: entries.find(event_id) for event_id in sorted(ids)}
    return {i: LiveEvent(e, e.statement.payload) for i, e in found.items() if e is not None and e.position <= known}
