"""Principals, keys and roles as the log itself states them (D02, D03); separation of duties rests on these."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.history import Live
from ledger.events.after_award import SanctionImposed
from ledger.events.identity import (
    Founder,
    GenesisDeclared,
    KeyRegistered,
    KeyRevoked,
    PrincipalRegistered,
    PrincipalUpdated,
    RoleGranted,
    RoleWithdrawn,
)
from ledger.events.kinds import RoleCode
from ledger.events.registry import Payload
from ledger.sentences import sentence

#: Event types that identities are built from; admission reads them for every signer.
IDENTITY_TYPES = (
    GenesisDeclared,
    PrincipalRegistered,
    PrincipalUpdated,
    KeyRegistered,
    KeyRevoked,
    RoleGranted,
    RoleWithdrawn,
    SanctionImposed,
)


@dataclass(frozen=True, slots=True)
class Principal:
    """A registered principal; names of persons are never here (they are restricted)."""

    principal_id: str
    kind: str
    org_name: str | None
    uscc: str | None
    event_id: str


@dataclass(frozen=True, slots=True)
class KeyState:
    """A registered key: when it may sign, and when it was revoked."""

    key_id: str
    principal_id: str
    algorithm: str
    public_key: str
    valid_from: datetime | None
    valid_until: datetime | None
    revoked_at: datetime | None
    compromised_since: datetime | None
    event_id: str

    def valid_at(self, instant: datetime) -> bool:
        """Is the key registered, within its dates, and neither revoked nor compromised at ``instant`` (D02)?"""
        ends = [t for t in (self.valid_until, self.revoked_at, self.compromised_since) if t is not None]
        return (self.valid_from is None or self.valid_from <= instant) and all(instant < t for t in ends)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held: from and until are inclusive days; ``withdrawn_on`` is the first day without it."""

    principal_id: str
    role: RoleCode
    valid_from: date
    valid_until: date | None
    withdrawn_on: date | None
    edition: str | None
    body: str | None
    org: str | None
    event_id: str

    def held_on(self, day: date) -> bool:
        """Is the grant live on the day, whatever its scope?"""
        return (
            self.valid_from <= day
            and (self.valid_until is None or day <= self.valid_until)
            and (self.withdrawn_on is None or day < self.withdrawn_on)
        )

    def covers(self, *, edition: str | None = None, org: str | None = None) -> bool:
        """The scope of the grant includes the asked scope; an empty scope is the whole jurisdiction."""
        return (self.edition is None or edition is None or self.edition == edition) and (
            self.org is None or org is None or self.org == org
        )


class Identities:
    """Principals, keys and grants of the live events given."""

    def __init__(self, live: Live) -> None:
        self.principals: dict[str, Principal] = {}
        self.keys: dict[str, KeyState] = {}
        self.grants: list[Grant] = []
        #: The same by principal.
        self._grants_of: dict[str, list[Grant]] = {}
        self._cancelled: list[tuple[str, date, date | None]] = []
        for event in live.of(*IDENTITY_TYPES):
            self.apply(event.payload, event.id, event.recorded.recorded_at, event.on)

    def apply(self, p: Payload, event_id: str, recorded_at: datetime, on: date) -> None:
        """Take in one identity event; events come in the order of folding."""
        match p:
            case GenesisDeclared():
                for f in p.founders:
                    self.principals[f.principal_id] = Principal(f.principal_id, f.kind, f.org_name, None, event_id)
                    self.add_founder(f, event_id, on)
            case PrincipalRegistered():
                self.principals[p.principal_id] = Principal(p.principal_id, p.kind, p.org_name, p.uscc, event_id)
            case PrincipalUpdated():
                old = self.principals.get(p.principal_id)
                if old is not None and p.new_name is not None:
                    self.principals[p.principal_id] = replace(old, org_name=p.new_name)
            case KeyRegistered():
                self.keys[p.key_id] = KeyState(
                    p.key_id,
                    p.principal_id,
                    p.algorithm,
                    p.public_key,
                    p.valid_from,
                    p.valid_until,
                    None,
                    None,
                    event_id,
                )
            case KeyRevoked():
                key = self.keys.get(p.key_id)
                if key is not None and key.revoked_at is None:
                    self.keys[p.key_id] = replace(key, revoked_at=recorded_at, compromised_since=p.compromised_since)
            case RoleGranted():
                s = p.scope
                self._grant(
                    Grant(
                        p.principal_id,
                        p.role,
                        p.valid_from,
                        p.valid_until,
                        None,
                        s.edition,
                        s.body,
                        s.org,
                        event_id,
                    )
                )
            case RoleWithdrawn():
                for held in (self.grants, self._grants_of.get(p.principal_id, [])):
                    held[:] = [
                        replace(g, withdrawn_on=p.from_on)
                        if g.event_id == p.grant_id and g.principal_id == p.principal_id
                        else g
                        for g in held
                    ]
            case SanctionImposed() if p.measure == "review_eligibility_cancelled":
                self._cancelled.append((p.subject, on, p.until))
            case _:
                return

    def add_founder(self, f: Founder, event_id: str, on: date) -> None:
        """A founder's key and role exist by genesis."""
        self.keys[f.key_id] = KeyState(
            f.key_id, f.principal_id, f.algorithm, f.public_key, None, None, None, None, event_id
        )
        self._grant(Grant(f.principal_id, f.role, on, None, None, None, None, None, event_id))

    def _grant(self, grant: Grant) -> None:
        self.grants.append(grant)
        self._grants_of.setdefault(grant.principal_id, []).append(grant)

    @cached_property
    def registered(self) -> Mapping[str, tuple[str, str]]:
        """Key id -> principal and public key, of every key that was registered."""
        return {key.key_id: (key.principal_id, key.public_key) for key in self.keys.values()}

    def roles_of(self, principal_id: str, day: date) -> set[RoleCode]:
        """Roles held on a day, whatever their scope; PUB is everybody's."""
        held = {g.role for g in self._grants_of.get(principal_id, ()) if g.held_on(day)}
        if self.review_cancelled(principal_id, day):
            held -= {"REV", "LEAD"}
        return held | {"PUB"}

    def has_role(
        self,
        principal_id: str,
        role: RoleCode,
        day: date,
        *,
        edition: str | None = None,
        org: str | None = None,
    ) -> bool:
        """Is there a live grant whose scope includes the asked one, and no sanction that cancels it (D03)?"""
        if role == "PUB":
            return True
        if role in ("REV", "LEAD") and self.review_cancelled(principal_id, day):
            return False
        return any(
            g.role == role and g.held_on(day) and g.covers(edition=edition, org=org)
            for g in self._grants_of.get(principal_id, ())
        )

    def review_cancelled(self, principal_id: str, day: date) -> bool:
        """S8: review eligibility cancelled and its end, if any, not reached."""
        return any(
            subject == principal_id and since <= day and (until is None or day <= until)
            for subject, since, until in self._cancelled
        )


def introduced(*, own: bool, roles: Collection[RoleCode], has_keys: bool) -> bool:
    """May a key be registered, given who signed with a key of before: the principal itself, and others' roles?"""
    if own or not {"SECH", "GOV"}.isdisjoint(roles):
        return True
    return not has_keys and "OPR" in roles


def key_valid(live: Live, key_id: str, instant: datetime) -> Answer[bool]:
    """Whether a key is valid at an instant (D02), with the events that show it."""
    key = Identities(live).keys.get(key_id)
    if key is None:
        return Answer(NotApplicable(*sentence("no such key was registered")))
    return Answer(key.valid_at(instant), Why(events=(key.event_id,)))


def has_role(live: Live, principal_id: str, role: RoleCode, day: date) -> Answer[bool]:
    """Whether a principal holds a role (D03), with the grants that give it."""
    identities = Identities(live)
    if principal_id not in identities.principals:
        return Answer(NotApplicable(*sentence("no such principal was registered")))
    grants = tuple(
        g.event_id for g in identities.grants if g.principal_id == principal_id and g.role == role and g.held_on(day)
    )
    return Answer(identities.has_role(principal_id, role, day), Why(events=grants))
