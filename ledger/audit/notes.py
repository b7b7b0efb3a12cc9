"""What today's admission would refuse of entries that are whole: notes beside the findings, never findings.

Admission has got stricter than it was; an entry from before stays what it is. A verification tells which entries would
not be admitted today, and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ledger.admission.form import problems
from ledger.admission.identity_guards import KEY_WAIT
from ledger.admission.object_guards import OF_A_CASE, OF_AN_AWARD, STANDS, closure, parties_to
from ledger.admission.structure import overridable
from ledger.admission.view import editions_among
from ledger.clock import TOLERANCE, format_instant, shanghai_day
from ledger.derivation.doubts import doubts
from ledger.derivation.identity import Identities
from ledger.entry import RecordedEvent
from ledger.errors import NotInstalledError, RongjianError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.identity import KeyRegistered, KeyRevoked, PrincipalUpdated
from ledger.events.money import ClawbackOrdered, ClawbackReceived, ClawbackWaived
from ledger.events.notice import ObjectionInvestigated, ObjectionRaised, ObjectionResolved
from ledger.events.oversight import (
    EventAnnulled,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import Payload
from ledger.identifiers import is_public_suffix, shapes
from ledger.sentences import enumeration, sentence
from ledger.signing.suites import parse_public_key
from ledger.signing.webauthn import PasskeyPublicKey
from ledger.statement import introduced


@dataclass(frozen=True, slots=True)
class Note:
    """One entry that admission would refuse today: its position, the code of the refusal, and why in both languages."""

    position: int
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose signatures an entry bears: principals whose keys verify, those of them whose key had been registered
    before, and the ids of the keys that verify.
    """

    signers: frozenset[str]
    before: frozenset[str]
    keys: frozenset[str]


class Strictness:
    """Looks at entries one after the other, at an instant ``now``; keeps the ids that came into being and the day of
    the genesis.
    """

    def __init__(self, now: datetime) -> None:
        self.notes: list[Note] = []
        #: Entries whose passkey is of a site that was not looked up: the list of public suffixes is not installed.
        self.sites_not_checked: list[int] = []
        self._now, self._ahead = now, False
        self._shapes: dict[str, str] = {}
        self._founded: datetime | None = None
        self._applicants: dict[str, str] = {}
        self._holders: dict[str, str] = {}
        self._clawed_back: dict[str, tuple[str, str]] = {}
        self._parties: dict[str, set[str]] = {}
        self._successors: dict[str, set[str]] = {}
        self._debts_to: dict[str, set[str]] = {}
        self._standing: dict[str, type[Payload]] = {}
        self._issuers: dict[str, str] = {}

    def follow(self, event: RecordedEvent, signed: Signed, identities: Identities) -> None:
        """Note what there is to an entry, next in order; ``identities`` are those before it."""
        self.notes += self._of(event, signed, identities)

    def _of(self, event: RecordedEvent, signed: Signed, identities: Identities) -> Iterator[Note]:
        for problem in problems(event.statement, event.recorded_at):
            yield Note(event.position, problem.code, problem.zh, problem.en)
        yield from self._ids(event)
        yield from self._time(event)
        yield from self._before_the_log(event)
        yield from self._objects(event, signed)
        yield from _of_keys(event, signed, identities)
        yield from self._of_sites(event)
        yield from _of_seats(event, signed, identities)

    def _time(self, event: RecordedEvent) -> Iterator[Note]:
        for doubt in doubts([event]):
            span, true = f"{doubt.first}–{doubt.last}", format_instant(doubt.last_true_at)
            yield Note(
                event.position,
                "time_doubted",
                *sentence(
                    "the times of entries {span} are not to be believed; they were recorded between {true} and this "
                    "entry",
                    span=span,
                    true=true,
                ),
            )
        if not self._ahead and event.recorded_at > self._now + TOLERANCE:
            self._ahead = True
            yield Note(
                event.position,
                "recorded_in_the_future",
                *sentence(
                    "recorded at {recorded_at}, which has not come", recorded_at=format_instant(event.recorded_at)
                ),
            )

    def _ids(self, event: RecordedEvent) -> Iterator[Note]:
        for tag in introduced(event.statement.type, event.statement.tags):
            others = {self._shapes.setdefault(shape, tag) for shape in sorted(shapes(tag))} - {tag}
            for other in sorted(others)[:1]:
                one, beside = tag.partition(":")[2], other.partition(":")[2]
                yield Note(
                    event.position,
                    "id_looks_alike",
                    *sentence("{one} would be taken for {beside}", one=one, beside=beside),
                )

    def _before_the_log(self, event: RecordedEvent) -> Iterator[Note]:
        statement = event.statement
        if self._founded is None:
            self._founded = event.recorded_at
        elif statement.effective_on < shanghai_day(self._founded) and statement.late is None:
            on = statement.effective_on
            yield Note(
                event.position,
                "before_the_log",
                *sentence("{on} lies before the log, and it does not say that it is late", on=on),
            )

    def _objects(self, event: RecordedEvent, signed: Signed) -> Iterator[Note]:
        """Whose the object is that an act is about, and what was annulled that stands."""
        if event.statement.override is None:
            yield from self._of_another(event)
            yield from self._own_cause(event, signed)
        yield from self._annulled(event)
        self._learn(event)

    def _learn(self, event: RecordedEvent) -> None:
        s, p = event.statement, event.statement.payload
        match p:
            case ApplicationFiled():
                self._applicants.setdefault(p.case_id, p.org)
            case AwardGranted():
                self._holders.setdefault(p.award_id, p.org)
            case ClawbackOrdered():
                self._clawed_back.setdefault(p.clawback_id, (p.award_id, p.org))
            case ObjectionRaised():
                self._parties.setdefault(p.objection_id, parties_to(p, s.actor, s.role))
            case PrincipalUpdated():
                self._successors.setdefault(p.principal_id, set()).update(p.successor_ids or ())
            case GovernmentDecisionMade(subject="succession"):
                for item in p.approved:
                    if item.predecessor is not None and item.org is not None and "debts" in item.carries:
                        self._debts_to.setdefault(item.predecessor, set()).add(item.org)
            case OversightFindingIssued() | OversightFindingAnswered():
                self._issuers[s.id] = s.actor
        if type(p) in STANDS:
            self._standing[s.id] = type(p)

    def _of_another(self, event: RecordedEvent) -> Iterator[Note]:
        p, position = event.statement.payload, event.position
        if isinstance(p, OF_A_CASE) and self._is_of_another(self._applicants.get(p.case_id or ""), p.org):
            case = p.case_id
            yield Note(position, "case_of_another", *sentence("{case} is not the case of {org}", case=case, org=p.org))
        if isinstance(p, OF_AN_AWARD) and self._is_of_another(self._holders.get(p.award_id or ""), p.org):
            award = p.award_id
            yield Note(position, "award_of_another", *sentence("{award} is not held by {org}", award=award, org=p.org))
        if isinstance(p, ClawbackReceived | ClawbackWaived):
            one, (award, debtor) = p.clawback_id, self._clawed_back.get(p.clawback_id, (p.award_id, p.org))
            if award != p.award_id:
                yield Note(position, "clawback_of_another", *sentence("{one} was ordered of another award", one=one))
            elif p.org not in closure(self._debts_to, [debtor]):
                yield Note(
                    position,
                    "not_the_debtor",
                    *sentence(
                        "{one} was ordered of {debtor}; no decision passed its debts on to {org}",
                        one=one,
                        debtor=debtor,
                        org=p.org,
                    ),
                )

    def _is_of_another(self, owner: str | None, org: str | None) -> bool:
        return owner is not None and org is not None and org not in closure(self._successors, [owner])

    def _own_cause(self, event: RecordedEvent, signed: Signed) -> Iterator[Note]:
        """An objection investigated or resolved by its objector or by the person it is about (separation S6)."""
        p = event.statement.payload
        if isinstance(p, ObjectionInvestigated | ObjectionResolved):
            investigators = p.investigators if isinstance(p, ObjectionInvestigated) else ()
            acting = {*signed.signers, *investigators}
            own = sorted(acting & self._parties.get(p.objection_id, set()))
            if own:
                yield Note(
                    event.position,
                    "duties_not_separated",
                    *sentence(
                        "{own} raised the objection or is the person it is about, and took part in deciding it",
                        own=enumeration(own),
                    ),
                )

    def _of_sites(self, event: RecordedEvent) -> Iterator[Note]:
        p = event.statement.payload
        site = _site(event, p) if isinstance(p, KeyRegistered) else None
        try:
            is_of_a_suffix = site is not None and is_public_suffix(site)
        except NotInstalledError:
            self.sites_not_checked.append(event.position)
            return
        if is_of_a_suffix:
            yield Note(
                event.position,
                "passkey_of_a_suffix",
                *sentence("a passkey of {site}, under which anybody has sites", site=site),
            )

    def _annulled(self, event: RecordedEvent) -> Iterator[Note]:
        s, p = event.statement, event.statement.payload
        if not isinstance(p, EventAnnulled):
            return
        if p.target in self._standing:
            code, why = STANDS[self._standing[p.target]]
            yield Note(event.position, code, *why)
        if self._issuers.get(p.target, s.actor) != s.actor:
            yield Note(
                event.position,
                "not_the_issuer",
                *sentence("a finding or an answer annulled by another than who issued it"),
            )


def _of_keys(event: RecordedEvent, signed: Signed, identities: Identities) -> Iterator[Note]:
    p, position = event.statement.payload, event.position
    if isinstance(p, KeyRevoked) and p.compromised_since is not None and p.compromised_since > event.recorded_at:
        yield Note(
            position,
            "compromised_in_the_future",
            *sentence("compromised since an instant after its recording"),
        )
    if not isinstance(p, KeyRegistered):
        return
    has_keys = any(key.principal_id == p.principal_id for key in identities.keys.values())
    if has_keys and p.principal_id not in signed.before and p.valid_from < event.recorded_at + KEY_WAIT:
        yield Note(
            position,
            "key_waits",
            *sentence(
                "a further key of {principal_id} that no key of theirs signed, and that did not wait",
                principal_id=p.principal_id,
            ),
        )


def _site(event: RecordedEvent, new: KeyRegistered) -> str | None:
    """The site of the passkey that a registration brings and that signed it."""
    try:
        key = parse_public_key(new.public_key)
        own = [s.signature for s in event.envelope.signatures if s.keyid == new.key_id]
        return key.site(own[0]) if isinstance(key, PasskeyPublicKey) and own else None
    except RongjianError:
        return None


def _of_seats(event: RecordedEvent, signed: Signed, identities: Identities) -> Iterator[Note]:
    s, day = event.statement, shanghai_day(event.recorded_at)
    grants = [g for g in identities.grants if (g.principal_id, g.role) == (s.actor, s.role) and g.held_on(day)]
    editions = editions_among(s.tags)
    if grants and editions and all(g.edition is not None and editions != {g.edition} for g in grants):
        yield Note(
            event.position,
            "role_elsewhere",
            *sentence("{actor} holds {role} for another edition", actor=s.actor, role=s.role),
        )
    if isinstance(s.payload, RestrictedDataHandled) and s.payload.action == "erased":
        inspected = any(identities.has_role(who, "DIS", day) for who in signed.signers - {s.actor})
        if s.role != "OPR" or not inspected:
            yield Note(
                event.position,
                "special_case_only",
                *sentence(
                    "erased by {role} alone, not by the operator of the ledger together with discipline inspection",
                    role=s.role,
                ),
            )
    if s.override is not None and not overridable(s):
        yield Note(
            event.position,
            "no_override",
            *sentence("{kind} recorded by override", kind=(s.payload.SPEC.zh, s.payload.SPEC.en)),
        )
