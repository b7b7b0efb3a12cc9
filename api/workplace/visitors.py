"""Who stands behind a session: the principal of its key, and the roles that the log gives it at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.home.open_logs import OpenLog
from api.sentences import sentence
from api.workplace.login import Session
from ledger.clock import shanghai_day
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import EVER, History
from ledger.derivation.identity import IDENTITY_TYPES, Identities
from ledger.errors import PermissionRefusedError, SignatureRefusedError
from ledger.events.identity import GenesisDeclared
from ledger.events.registry import topics
from ledger.events.vocabulary import EVENTS

#: Who may see everything that is not restricted: discipline inspection and the supervision group.
INSPECTING = frozenset({"DIS", "SUP"})
#: Who runs the award: the office, the committee, the government, finance, and those it asks.
OFFICE = frozenset({"SEC", "SECH", "CHR", "COM", "GOV", "FIN", "DEP", "REC", "OPR"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """A principal with a running session. ``orgs`` are the organisations it applies for."""

    session: Session
    principal: str
    name: str | None
    roles: frozenset[str]
    orgs: frozenset[str]

    @property
    def inspects(self) -> bool:
        return bool(self.roles & INSPECTING)

    @property
    def is_office(self) -> bool:
        return bool(self.roles & OFFICE)

    @property
    def works_on_every_case(self) -> bool:
        """Does a seat of the visitor handle cases of every applicant? A recommender handles its own ones."""
        return bool(self.roles & (OFFICE - {"REC"}))

    @property
    def reviews(self) -> bool:
        return bool(self.roles & {"REV", "LEAD"})


def key_holder(log: OpenLog, key_id: str, now: datetime) -> tuple[str, str]:
    """Principal and public key of a key that is registered and valid now; SignatureRefusedError for any other."""
    items = [DCBQueryItem(types=topics(GenesisDeclared)), DCBQueryItem(tags=[f"k:{key_id}"])]
    live = History(log.ledger.events(DCBQuery(items))).live(EVER, log.ledger.size())
    key = Identities(live).keys.get(key_id)
    if key is None or not key.valid_at(now):
        raise SignatureRefusedError(
            "key_not_valid",
            sentence(
                "key {key_id} is not registered in this log, expired, revoked or not yet valid", key_id=key_id[:16]
            ),
        )
    return key.principal_id, key.public_key


def visitor_of(log: OpenLog, session: Session, now: datetime) -> Visitor:
    """Who the session's holder is now. Raises SignatureRefusedError where the key no longer stands."""
    principal, _ = key_holder(log, session.key_id, now)
    items = [
        DCBQueryItem(types=topics(GenesisDeclared)),
        DCBQueryItem(types=topics(*IDENTITY_TYPES), tags=[f"p:{principal}"]),
    ]
    known = Identities(History(log.ledger.events(DCBQuery(items))).live(EVER, log.ledger.size()))
    today = shanghai_day(now)
    scoped = {g.org for g in known.grants if g.principal_id == principal and g.role == "APP" and g.held_on(today)}
    roles = frozenset(known.roles_of(principal, today))
    orgs = frozenset({principal, *(o for o in scoped if o is not None)} if "APP" in roles else ())
    who = known.principals.get(principal)
    return Visitor(session, principal, who.org_name if who else None, roles, orgs)


def require(allowed: bool, what: tuple[str, str]) -> None:
    """Refuse what the visitor's roles do not allow."""
    if not allowed:
        raise PermissionRefusedError(
            "seat_missing", sentence("this needs a seat that you do not hold: {what}", what=what)
        )


def may_record(visitor: Visitor) -> list[str]:
    """Event types with a seat of the visitor's roles."""
    return [
        t
        for t, cls in EVENTS.items()
        if t != "GenesisDeclared" and {s.originator for s in cls.SPEC.seats} & visitor.roles
    ]
