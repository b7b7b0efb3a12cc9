"""Structure: signature, key, role and seat. What fails here is refused, never flagged.

The steps, numbered as below:

1. every signature is by a key that was registered and is valid at this instant, and verifies;
2. the actor's own key is among them;
3. the actor holds the role that the statement claims;
4. the role, with its countersigner, is a seat of the event (the 65x15 matrix);
5. originator and countersigner are different natural persons (S2);
6. an override is signed by SUP or GOV as well; events of identity and oversight have none, but late approvals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from ledger.admission.view import Signer, View
from ledger.derivation.words import listed, word
from ledger.errors import PermissionRefusedError, SignatureRefusedError
from ledger.events.after_award import IncidentRecorded, RevocationProposed
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, BodyDissolved
from ledger.events.identity import GenesisDeclared, KeyRegistered, KeyRevoked
from ledger.events.kinds import RoleCode
from ledger.events.labels import CONDITIONS
from ledger.events.money import ClawbackOrdered, PostAwardCheckHeld
from ledger.events.notice import CaseDisqualified, ObjectionRaised, ObjectionResolved, PublicNoticeOpened
from ledger.events.oversight import EventAnnulled, LateRecordingApproved, RestrictedDataHandled
from ledger.events.registry import EventSpec, Payload, Seat
from ledger.events.reviewers import RecusalOrdered
from ledger.events.rules import RegulationInterpreted
from ledger.sentences import enumeration, sentence, term
from ledger.signing import envelope as dsse
from ledger.signing.suites import parse_public_key
from ledger.signing.webauthn import PasskeyPublicKey
from ledger.statement import Statement

A = TypeVar("A", bound=Payload)

#: Events whose first signature is by a key that the event itself brings.
SELF_CERTIFYING = (
    GenesisDeclared,
    KeyRegistered,
)

#: Who somebody is, what is secret, what was found, corrected or annulled, and time: no text has a rule about it that
#: one could pass over.
_NEVER_OVERRIDDEN = frozenset({"identity", "oversight"})

_OVERRIDERS: frozenset[RoleCode] = frozenset({"SUP", "GOV"})


def verify_signatures(envelope: dsse.Envelope, keys: Mapping[str, tuple[str, str]]) -> tuple[Signer, ...]:
    """Step 1, without dates: ``keys`` maps key ids to (principal, public key); every signature must verify."""
    signers = []
    for signature in envelope.signatures:
        known = keys.get(signature.keyid)
        if known is None:
            raise SignatureRefusedError(
                "key_unknown",
                sentence("key {keyid} is not registered in this log; register it first", keyid=signature.keyid[:16]),
                keyid=signature.keyid,
            )
        key = parse_public_key(known[1])
        dsse.verify(envelope, signature, key)
        site = key.site(signature.signature) if isinstance(key, PasskeyPublicKey) else None
        signers.append(Signer(signature.keyid, known[0], site))
    return tuple(signers)


def check_structure(view: View) -> Seat:
    """Steps 1 to 6 for a statement whose signatures verify; returns the seat it was signed from."""
    statement = view.statement
    own_key = getattr(view.payload, "key_id", None) if isinstance(statement.payload, SELF_CERTIFYING) else None
    for signer in view.signers:
        key = view.identities.keys.get(signer.keyid)
        if key is None and signer.keyid == own_key:
            continue
        if key is None or not key.valid_at(view.instant):
            raise SignatureRefusedError(
                "key_not_valid",
                sentence(
                    "key {keyid} of {principal_id} is expired, revoked or not yet valid",
                    keyid=signer.keyid[:16],
                    principal_id=signer.principal_id,
                ),
                keyid=signer.keyid,
            )
    if statement.actor not in {s.principal_id for s in view.signers}:
        raise SignatureRefusedError(
            "actor_did_not_sign",
            sentence(
                "the actor {actor} has not signed; the originator's own signature is needed", actor=statement.actor
            ),
        )
    _check_role(view)
    seat = _seat(view)
    _check_override(view)
    return seat


def _check_role(view: View) -> None:
    statement = view.statement
    if not view.identities.has_role(statement.actor, statement.role, view.today):
        raise PermissionRefusedError(
            "role_not_held",
            sentence(
                "{actor} does not hold the role of {role} on {today}",
                actor=statement.actor,
                role=word(statement.role, "role"),
                today=view.today,
            ),
            role=statement.role,
        )
    if not holds_here(view, statement.actor, statement.role):
        raise PermissionRefusedError(
            "role_elsewhere",
            sentence(
                "{actor} is {role} for an edition or a body that this is not about",
                actor=statement.actor,
                role=word(statement.role, "role"),
            ),
            role=statement.role,
        )


def holds_here(view: View, principal_id: str, role: RoleCode) -> bool:
    """Does a grant of the role reach what the statement is about?

    A grant that names an edition or a body counts only there.

    Keys are everybody's own, whatever the role that is claimed beside; whose an organisation is, the guards look at.
    """
    if role == "PUB" or (
        view.statement.spec.phase == "identity" and isinstance(view.payload, KeyRegistered | KeyRevoked)
    ):
        return view.identities.has_role(principal_id, role, view.today)
    editions = view.editions
    held = [
        g for g in view.identities.grants if (g.principal_id, g.role) == (principal_id, role) and g.held_on(view.today)
    ]
    return any(
        (g.edition is None or editions == {g.edition})
        and (g.body is None or _is_of_body(view, g.body))
        and (g.org is None or role == "APP" or _organisations(view) == {g.org})
        for g in held
    ) and view.identities.has_role(principal_id, role, view.today)


def _organisations(view: View) -> set[str]:
    """Organisations that a statement is about, by its own tags and its objects'; whose APP acts for, the guards look
    at.
    """
    tags = {*view.statement.tags, *(t for e in view.objects for t in e.recorded.statement.tags)}
    return {t[2:] for t in tags if t.startswith("o:")}


def _is_of_body(view: View, body_id: str) -> bool:
    """Is a statement about the body itself, or about cases that the body serves?"""
    tags = set(view.statement.tags)
    if f"b:{body_id}" in tags:
        return True
    body = view.live.last(BodyConstituted, body_id=body_id)
    if body is None:
        return False
    cases = {t[2:] for t in tags if t.startswith("c:")}
    if body.payload.cases is not None:
        return bool(cases) and cases <= set(body.payload.cases)
    return body.payload.edition_id is None or view.editions == {body.payload.edition_id}


def _seat(view: View) -> Seat:
    statement = view.statement
    spec: EventSpec = view.payload.SPEC
    seats = [s for s in spec.seats if s.originator == statement.role]
    if not seats:
        raise PermissionRefusedError(
            "role_may_not_sign",
            sentence(
                "“{kind}” is not signed by {role}, but by {allowed}",
                kind=(spec.zh, spec.en),
                role=word(statement.role, "role"),
                allowed=listed(sorted({s.originator for s in spec.seats}), "role"),
            ),
            role=statement.role,
        )
    fitting = [s for s in seats if s.only_if is None or _CONDITIONS[s.only_if](view)]
    if not fitting:
        if {s.only_if for s in seats} == {"founders"}:
            raise _founders_missing(view)
        cases = dict.fromkeys(CONDITIONS[s.only_if] for s in seats if s.only_if is not None)
        raise PermissionRefusedError(
            "special_case_only",
            sentence(
                "{role} may sign “{kind}” only where {cases}",
                role=word(statement.role, "role"),
                kind=(spec.zh, spec.en),
                cases=enumeration(cases, term("between cases", ", or ")),
            ),
            role=statement.role,
        )
    others = [s for s in view.signers if s.principal_id != statement.actor]
    for seat in fitting:
        if seat.countersigner is None or _countersigned(view, seat.countersigner, others):
            return seat
    roles = sorted({s.countersigner or "" for s in fitting})
    raise PermissionRefusedError(
        "countersignature_missing",
        sentence(
            "“{kind}” needs the countersignature of a different person: {who}",
            kind=(spec.zh, spec.en),
            who=listed(roles, "role"),
        ),
        countersigner=" / ".join(roles),
    )


def _founders_missing(view: View) -> PermissionRefusedError:
    """Who has signed what two founders sign, and whose signature may be added."""
    genesis = view.live.last(GenesisDeclared)
    founders = [f.principal_id for f in genesis.payload.founders] if genesis is not None else []
    signed = sorted({s.principal_id for s in view.signers} & {*founders})
    missing = [f for f in founders if f not in signed]
    return PermissionRefusedError(
        "founder_signature_missing",
        sentence(
            "two founders sign “{kind}”; signed has {signed}, and the signature of {missing} is missing. Add it to "
            "the file "
            "that was signed: rongjian sign FILE --key FILE -o SIGNED",
            kind=(view.payload.SPEC.zh, view.payload.SPEC.en),
            signed=enumeration(signed) if signed else sentence("none"),
            missing=enumeration(missing, term("between names", " or ")),
        ),
        signed=signed,
        missing=missing,
    )


def _countersigned(view: View, role: RoleCode, others: list[Signer]) -> bool:
    for signer in others:
        if not holds_here(view, signer.principal_id, role):
            continue
        if view.same_person([view.statement.actor, signer.principal_id]):
            raise PermissionRefusedError(
                "same_natural_person",
                sentence("originator and countersigner are the same natural person (separation S2)"),
                separation="S2",
            )
        return True
    return False


def overridable(statement: Statement) -> bool:
    """Are there rules about such a statement that an override could pass over?"""
    return statement.spec.phase not in _NEVER_OVERRIDDEN or isinstance(statement.payload, LateRecordingApproved)


def check_overridable(statement: Statement) -> None:
    """Refuse an override of rules that nobody may pass over."""
    if statement.override is not None and not overridable(statement):
        raise PermissionRefusedError(
            "no_override",
            sentence(
                "“{kind}” is not recorded by override: keys, roles, secrets, findings and corrections have no rule "
                "that one could pass over",
                kind=(statement.spec.zh, statement.spec.en),
            ),
        )


def _check_override(view: View) -> None:
    if view.statement.override is None:
        return
    signed = [
        s
        for s in view.signers
        if s.principal_id != view.statement.actor
        and any(holds_here(view, s.principal_id, role) for role in _OVERRIDERS)
    ]
    if not signed:
        raise PermissionRefusedError(
            "override_not_authorised",
            sentence("an override needs a countersignature of the supervision group or the government"),
        )


def _of(kind: type[A], holds: Callable[[View[A]], bool]) -> Callable[[View], bool]:
    """A special case that only acts of a class can be."""
    return lambda view: isinstance(view.payload, kind) and holds(cast("View[A]", view))


def _kind_is(*kinds: str) -> Callable[[View], bool]:
    return lambda view: _body_kind(view) in kinds


def _body_kind(view: View) -> str | None:
    match view.payload:
        case BodyConstituted() as constituted:
            return constituted.kind
        case BodyDissolved() as dissolved:
            body = view.live.last(BodyConstituted, body_id=dissolved.body_id)
            return body.payload.kind if body else None
        case _:
            return None


def _own(view: View[EventAnnulled]) -> bool:
    target = view.named.get(view.payload.target)
    return target is not None and target.actor == view.statement.actor


def _holds(view: View, person: str, *roles: RoleCode) -> bool:
    return any(view.identities.has_role(person, role, view.today) for role in roles)


def _two_founders(view: View) -> bool:
    """Do two of those sign whom the genesis names?"""
    genesis = view.live.last(GenesisDeclared)
    founders = {f.principal_id for f in genesis.payload.founders} if genesis is not None else set()
    return len(founders & {s.principal_id for s in view.signers}) >= 2


def _pseudonymous(view: View) -> bool:
    principal = view.identities.principals.get(view.statement.actor)
    return principal is not None and principal.kind == "pseudonym"


def _notice_by_committee(view: View[PublicNoticeOpened]) -> bool:
    enacted = view.enacted_for(view.payload.edition_id)
    stated = view.law.parameter(enacted, "notice.published_by", view.on)
    return "committee" in stated.words


def _secretariat_disqualifies(view: View[CaseDisqualified]) -> bool:
    stated = view.parameter("disqualify.by", case_id=view.payload.case_id)
    return not (stated.stated and stated.value == ("committee",))


def _not_the_owner(view: View[KeyRevoked]) -> bool:
    key = view.identities.keys.get(view.payload.key_id)
    return key is not None and key.principal_id != view.statement.actor


def _on_government_decision(view: View[ClawbackOrdered]) -> bool:
    return view.live.last(GovernmentDecisionMade, decision_id=view.payload.decision_id) is not None


def _by_resolution(view: View) -> bool:
    p = view.payload
    return isinstance(p, RevocationProposed | RegulationInterpreted) and p.resolution_id is not None


_CONDITIONS: dict[str, Callable[[View], bool]] = {
    "one_time": _pseudonymous,
    "forced": _of(KeyRevoked, _not_the_owner),
    "by_resolution": _by_resolution,
    "committee_or_office": _kind_is("committee", "office"),
    "panel": _kind_is("panel"),
    "supervision": _kind_is("supervision_group"),
    "sec_concerned": _of(RecusalOrdered, lambda v: _holds(v, v.payload.person, "SEC", "SECH")),
    "on_behalf": _of(ObjectionRaised, lambda v: bool(v.payload.on_behalf)),
    "committee_notice": _of(PublicNoticeOpened, _notice_by_committee),
    "about_a_case": _of(ObjectionResolved, lambda v: v.payload.case_id is not None),
    "not_about_a_case": _of(ObjectionResolved, lambda v: v.payload.case_id is None),
    "secretariat_disqualifies": _of(CaseDisqualified, _secretariat_disqualifies),
    "on_government_decision": _of(ClawbackOrdered, _on_government_decision),
    "fund_check": _of(PostAwardCheckHeld, lambda v: v.payload.kind == "fund_use"),
    "with_document": _of(IncidentRecorded, lambda v: bool(v.payload.doc_no)),
    "erasure": _of(RestrictedDataHandled, lambda v: v.payload.action == "erased"),
    "opening": _of(RestrictedDataHandled, lambda v: v.payload.action != "erased"),
    "own": _of(EventAnnulled, _own),
    "founders": _two_founders,
}
