"""Tries every seat of every event on played years: the matrix of role, event and object, by real admission, unrecorded.

Each accepted statement of a scenario is tried again in other hands: by somebody who holds the role and has no part in
anything (``unrelated``), by an applicant who takes another's case for its own (``claimed``), by the person whom the act
is about (``own``). At the end of the years what scenarios seldom hold is tried too: annulling, correcting, opening,
revoking.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from typing import cast as typing_cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.scenario.cast import FOUNDERS, OFFICIALS, Cast
from api.scenario.document import Scenario
from api.scenario.play import Player, SimulatedClock
from api.scenario.run import packs_for
from ledger import canonical
from ledger.admission.admit import admit
from ledger.admission.object_guards import STANDS
from ledger.admission.oversight_guards import CORRECTABLE
from ledger.admission.reading_rights import OPENS
from ledger.application import Ledger
from ledger.clock import shanghai_day
from ledger.derivation.history import EVER, History, LiveEvent
from ledger.errors import GuardRefusedError, PermissionRefusedError, RongjianError
from ledger.events.decision import AwardGranted
from ledger.events.registry import Seat
from ledger.events.vocabulary import EVENTS
from ledger.log_signer import LogSigner
from ledger.signing import envelope as dsse
from ledger.statement import Statement, compose, parse, subject_of
from ledger.store.database import Database, create_log_schema, schema_of
from ledger.store.vault import Vault
from ledger.submission import Submission
from ledger.submitting import Recorded, Submitting

#: Holders of every role but those of the founders GOV and OPR; they have no part in anything.
STRANGERS = {
    "dep2": ("DEP",),
    "rec2": ("REC",),
    "sec2": ("SEC",),
    "fin3": ("FIN",),
    "sup2": ("SUP",),
    "dis2": ("DIS",),
    "sech2": ("SECH",),
    "com9": ("COM",),
    "chr2": ("CHR",),
    "R99": ("REV", "LEAD"),
    "Q99": ("APP",),
}

#: A member of the payload that says whom an act is about, where it may be the signer.
ABOUT = {
    "RoleGranted": "principal_id",
    "RoleWithdrawn": "principal_id",
    "ReviewerQualified": "reviewer_id",
    "KeyRegistered": "principal_id",
    "RecusalOrdered": "person",
}

#: Attempts of one kind at one seat; more of them say the same.
ENOUGH = 2


class WithStrangers(Cast):
    """The cast, and people besides."""

    def roles(self, principal: str) -> tuple[str, ...]:
        return STRANGERS.get(principal) or super().roles(principal)


class Enrolling(Player):
    """A player who enrols the strangers when the log is opened."""

    def _open(self) -> None:
        super()._open()
        for name in STRANGERS:
            for implied in self._founding.enrolled(name, "person"):
                self._imply_at(implied)
        self._ledger.enrolled = True


class TryingFirst:
    """The door of a ledger: before it takes a statement, something is tried with it."""

    def __init__(self, submitting: Submitting, attempt: Callable[[Submission], None]) -> None:
        self._submitting, self._attempt = submitting, attempt

    def record(self, submission: Submission) -> Recorded:
        self._attempt(submission)
        return self._submitting.record(submission)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._submitting, name)


class Trying(Ledger):
    """A ledger that tries every statement in other hands before it takes it."""

    def __init__(self, database: Database, vault: Vault, origin: str, clock: SimulatedClock, cast: Cast) -> None:
        super().__init__(database, vault, LogSigner(origin, Ed25519PrivateKey.generate()), clock)
        self.cast, self.clock = cast, clock
        self.enrolled = False
        self.found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._tries: dict[tuple[str, str, str], int] = defaultdict(int)
        self.submitting = typing_cast("Submitting", TryingFirst(self.submitting, self._try_seats))

    def _try_seats(self, submission: Submission) -> None:
        statement = parse(submission.envelope.body)
        if statement.type != "GenesisDeclared" and self._verdict(submission) == "yes":
            for seat in EVENTS[statement.type].SPEC.seats:
                self._try_seat(statement, submission, seat)

    def try_afterwards(self) -> None:
        """What played years seldom hold, tried on what they left."""
        live = list(History(self.events()).live(EVER, self.size()))
        for seat_role in dict.fromkeys(s.originator for s in EVENTS["EventAnnulled"].SPEC.seats):
            for own, payload in annulments(live, seat_role):
                self._try_both("EventAnnulled", seat_role, own, payload)
        for seat_role in dict.fromkeys(s.originator for s in EVENTS["EventCorrected"].SPEC.seats):
            for own, payload in corrections(live, seat_role):
                self._try_both("EventCorrected", seat_role, own, payload)
        for event in live:
            self._try_opening(event)
        for name, roles in STRANGERS.items():
            for role, whose in ((r, w) for r in roles for w in (name, "dep")):
                key = {"principal_id": whose, "key_id": self.cast.key(whose).public.keyid, "reason": "rotated"}
                self._try_new("own" if whose == name else "unrelated", "KeyRevoked", role, name, key)
        for event in (e for e in live if e.type == "ApplicationFiled"):
            case = {"case_id": event.payload.case_id, "org": event.payload.org}
            supplement = {"fields": {}, "attachments": [], "reason": "reach"}
            for topic, more in (("ApplicationSupplemented", supplement), ("ApplicationWithdrawn", {})):
                self._try_new("unrelated", topic, "APP", "Q99", case | more)
                self._try_new("claimed", topic, "APP", "Q99", case | more | {"org": "Q99"})
        self._try_grants(live)

    def _try_grants(self, live: list[LiveEvent]) -> None:
        granted = {"valid_from": str(live[-1].on), "instrument_no": "reach"}
        for topic, role, who, kind, payload in (
            ("RoleGranted", "SECH", "sech2", "own", {"principal_id": "sech2", "role": "REC", **granted}),
            ("RoleGranted", "SECH", "sech2", "unrelated", {"principal_id": "dep2", "role": "REC", **granted}),
            ("RoleGranted", "GOV", "gov", "own", {"principal_id": "gov", "role": "COM", **granted}),
            ("RoleGranted", "GOV", "gov", "unrelated", {"principal_id": "dep2", "role": "COM", **granted}),
        ):
            self._try_new(kind, topic, role, who, payload)
        for role, who, holder in (("SECH", "sech2", "dep2"), ("GOV", "gov", "fin1")):
            grant = next(e for e in live if e.type == "RoleGranted" and e.payload.principal_id == holder)
            withdrawn = {
                "principal_id": holder,
                "grant_id": grant.id,
                "from_on": str(live[-1].on),
                "reason": "transfer",
            }
            self._try_new("unrelated", "RoleWithdrawn", role, who, withdrawn)
        qualified = {
            "pool": "city",
            "education": "master",
            "senior_title": True,
            "years_experience": 9,
            "trained": True,
            "qms_audit_skill": True,
        }
        for kind, reviewer in (("own", "sec2"), ("unrelated", "R99")):
            self._try_new(kind, "ReviewerQualified", "SEC", "sec2", {"reviewer_id": reviewer, **qualified})

    def _try_both(self, topic: str, role: str, own: str, payload: dict[str, Any]) -> None:
        self._try_new("own", topic, role, own, payload)
        for name in (n for n, roles in STRANGERS.items() if role in roles):
            self._try_new("unrelated", topic, role, name, payload)

    def _try_opening(self, event: LiveEvent) -> None:
        for path in event.recorded.statement.sd:
            restricted = event.recorded.statement.spec.restricted[path]
            payload = {
                "target_event": event.id,
                "paths": [path],
                "action": "opened",
                "purpose": "reach",
                "legal_basis": "reach",
                "opening_ok": True,
            }
            for role in OPENS[restricted.disclosure]:
                for name in (n for n, roles in STRANGERS.items() if role in roles):
                    self._try_new("unrelated", "RestrictedDataHandled", role, name, payload, enough=12)
                subject = subject_of(event.recorded.statement, restricted)
                if role in self.cast.roles(subject):
                    self._try_new("own", "RestrictedDataHandled", role, subject, payload)

    def _try_new(
        self, kind: str, topic: str, role: str, who: str, payload: Mapping[str, Any], enough: int = ENOUGH
    ) -> None:
        """A statement of this seat that nobody has made, at the end of the years."""
        now = self.clock()
        body = compose(
            type=topic,
            log=self.origin,
            id=self.cast.statement_id(secrets.token_hex(8), now),
            actor=who,
            role=role,
            effective_at=str(shanghai_day(now)),
            payload=payload,
        )
        for seat in EVENTS[topic].SPEC.seats:
            if seat.originator == role:
                self._try(
                    kind, parse(body), Submission(dsse.sign(body, self.cast.key(who)), body, {}), seat, who, {}, enough
                )

    def _try_seat(self, statement: Statement, submission: Submission, seat: Seat) -> None:
        """Strangers in the seat; the person concerned; an applicant who calls the object its own."""
        strangers = [
            n for n, roles in STRANGERS.items() if seat.originator in roles or (seat.originator, n) == ("PUB", "rec2")
        ]
        for name in strangers:
            self._try("unrelated", statement, submission, seat, name, {})
            if (
                seat.originator == "APP"
                and "org" in statement.payload.__struct_fields__
                and statement.type != "ObjectionRaised"
            ):
                self._try("claimed", statement, submission, seat, name, {"org": name})
            if statement.type in ABOUT:
                self._try("own", statement, submission, seat, name, {ABOUT[statement.type]: name})
        if statement.actor in FOUNDERS and statement.role == seat.originator:
            # The government is one, and the operator: whatever they sign, they have no part in.
            self._try("unrelated", statement, submission, seat, statement.actor, {})

    def _try(
        self,
        kind: str,
        statement: Statement,
        submission: Submission,
        seat: Seat,
        who: str,
        payload: dict[str, Any],
        enough: int = ENOUGH,
    ) -> None:
        key = (statement.type, seat.originator, kind)
        if self._tries[key] >= enough or not self.enrolled:
            return
        value: Any = canonical.parse(statement.body, "statement")
        value |= {"actor": who, "role": seat.originator, "payload": value["payload"] | payload}
        body = canonical.encode(value)
        beside = [n for n in (self._countersigner(seat, who), *self._overriders(statement)) if n is not None]
        envelope = dsse.sign(body, *(self.cast.key(n) for n in dict.fromkeys([who, *beside])))
        verdict = self._verdict(Submission(envelope, envelope.to_bytes(), submission.openings))
        if verdict == "special_case_only" and seat.only_if not in (None, "own"):
            return
        self._tries[key] += 1
        self.found[key].add(verdict)

    def _countersigner(self, seat: Seat, who: str) -> str | None:
        """An official who holds the countersigner's role, and is somebody else."""
        return next(
            (n for n, roles in {**OFFICIALS, **STRANGERS}.items() if seat.countersigner in roles and n != who), None
        )

    def _overriders(self, statement: Statement) -> list[str]:
        return ["sup"] if statement.override is not None else []

    def _verdict(self, submission: Submission) -> str:
        try:
            statement = parse(submission.envelope.body)
            view = self.submitting.view(statement, submission, self.clock(), self.size())
            admit(view)
        except (PermissionRefusedError, GuardRefusedError) as refusal:
            return refusal.code
        except RongjianError as error:
            return error.code
        return "yes"


def annulments(live: list[LiveEvent], role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who signed, and the annulment of what was signed: one event of this role that can be undone."""
    kept = {*STANDS, AwardGranted}
    of_role = [e for e in live if e.recorded.statement.role == role and type(e.payload) not in kept]
    for event in of_role[-1:]:
        yield event.actor, {"target": event.id, "reason": "error", "effect": "void_ab_initio"}


def corrections(live: list[LiveEvent], role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who signed, and a correction of a paper's number or hash in what was signed."""
    for event in (e for e in reversed(live) if e.recorded.statement.role == role):
        for name, old in msgspec.to_builtins(event.payload).items():
            if name in CORRECTABLE and isinstance(old, str):
                hashed = hashlib.sha256(canonical.encode(old)).hexdigest()
                new = "0" * 64 if name.endswith("hash") else "更正"
                yield (
                    event.actor,
                    {"target": event.id, "patch": {f"/{name}": {"old_hash": hashed, "new": new}}, "reason": "reach"},
                )
                return


def tried(url: str, scenario: Scenario) -> dict[tuple[str, str, str], set[str]]:
    """(event, role, kind of try) -> the verdicts: ``yes``, or the code of the refusal."""
    origin = f"test.rongjian.example/{secrets.token_hex(6)}"
    create_log_schema(url, schema_of(origin))
    database = Database(url, schema_of(origin), size=4).open()
    vault = Vault(database, secrets.token_bytes(32))
    vault.check()
    cast = WithStrangers(secrets.token_bytes(32), scenario)
    ledger = Trying(database, vault, origin, SimulatedClock(scenario.starts), cast)
    try:
        list(Enrolling(ledger, cast, packs_for(scenario), ledger.clock).play())
        ledger.try_afterwards()
    finally:
        ledger.close()
    return ledger.found
