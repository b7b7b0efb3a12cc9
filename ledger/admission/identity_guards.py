"""Guards of identity, keys and roles; a grant is refused that would join duties which the ledger separates."""

from __future__ import annotations

from datetime import timedelta

from ledger.admission.object_guards import successors
from ledger.admission.view import View, refuse
from ledger.clock import shanghai_day
from ledger.derivation.identity import introduced
from ledger.derivation.words import listed, word
from ledger.errors import MalformedError, PermissionRefusedError
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
from ledger.events.reviewers import ReviewerQualified
from ledger.identifiers import is_public_suffix, parse_uscc
from ledger.sentences import enumeration, sentence
from ledger.signing.suites import parse_public_key

#: A further key that its holder has not signed counts after so long: somebody who works on weekdays has been shown it
#: by then, on the own workbench, and can revoke it.
KEY_WAIT = timedelta(days=7)

_GRANTED_BY_GOV = frozenset({"SECH", "COM", "CHR", "FIN", "SUP", "DIS", "OPR"})
_GRANTED_BY_SECH = frozenset({"SEC", "REV", "LEAD", "DEP", "REC", "APP"})

#: Pairs of roles that one principal never holds at the same time, and the separation that says so.
_INCOMPATIBLE: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("S1", frozenset({"APP"}), frozenset({"SEC", "SECH", "REV", "LEAD", "COM", "CHR"})),
    ("S3", frozenset({"GOV"}), frozenset({"FIN"})),
    ("S4", frozenset({"OPR"}), frozenset({"APP", "REV", "LEAD", "COM", "CHR", "GOV", "FIN", "REC", "DEP"})),
    ("S5", frozenset({"SUP"}), frozenset({"SEC", "SECH", "REV", "LEAD", "COM", "CHR", "GOV", "FIN"})),
    ("S5", frozenset({"DIS"}), frozenset({"SEC", "SECH", "REV", "LEAD", "COM", "CHR", "GOV", "FIN", "OPR"})),
)


def registers_once(view: View[PrincipalRegistered]) -> None:
    p = view.payload
    if p.principal_id in view.identities.principals:
        refuse(
            "principal_exists",
            "AUD",
            None,
            sentence("{principal_id} is already registered", principal_id=p.principal_id),
        )
    if p.kind in ("person", "pseudonym"):
        named = [n for n in ("org_name", "uscc", "org_form", "reg_place") if getattr(p, n) is not None]
        if named:
            refuse(
                "person_in_clear",
                "B-85",
                None,
                sentence("a person has no {named} in clear; names of persons are restricted", named=enumeration(named)),
                reading="B-85:default",
            )
        return
    if p.org_name is None:
        raise MalformedError("malformed_payload", sentence("an organisation has a name"), field="org_name")
    if p.kind == "organisation" and p.uscc is None:
        raise MalformedError("malformed_payload", sentence("an organisation has uscc"), field="uscc")
    if p.uscc is not None:
        parse_uscc(p.uscc)
        if any(o.uscc == p.uscc for o in view.identities.principals.values()):
            # An organisation is its credit code: that two bear one is a mistake, and no question of a text.
            refuse("uscc_taken", "AUD", None, sentence("{uscc} is already registered", uscc=p.uscc))


def updates_known(view: View[PrincipalUpdated]) -> None:
    p = view.payload
    for principal in [p.principal_id, *(p.successor_ids or ())]:
        if principal not in view.identities.principals:
            refuse("principal_unknown", "AUD", None, sentence("{principal} is not registered", principal=principal))
    if p.principal_id in successors(view, p.successor_ids or ()):
        refuse("succession_cycle", "AUD", None, sentence("an organisation does not succeed itself"))
    if p.kind == "renamed" and p.new_name is None:
        raise MalformedError("malformed_payload", sentence("a renaming states the new name"), field="new_name")


def genesis_is_first(view: View[GenesisDeclared]) -> None:
    if view.live.of(GenesisDeclared) or view.identities.principals:
        refuse("genesis_exists", "AUD", None, sentence("the log already has its genesis"))
    founders = view.payload.founders
    roles = [f.role for f in founders]
    if sorted(roles) != ["GOV", "OPR", "SECH"] or len({f.principal_id for f in founders}) != len(founders):
        refuse(
            "founders_incomplete",
            "AUD",
            None,
            sentence(
                "the founders are three: the government, the operator of the ledger and the head of the secretariat, "
                "each another principal"
            ),
        )
    signed = {s.keyid for s in view.signers}
    for founder in founders:
        _check_key(founder)
        if founder.key_id not in signed:
            raise PermissionRefusedError(
                "founder_did_not_sign",
                sentence("{principal_id} has not signed the genesis", principal_id=founder.principal_id),
            )


def _check_key(stated: Founder | KeyRegistered) -> None:
    """Algorithm, public key and key id of a registration or a founder belong together."""
    key = parse_public_key(stated.public_key)
    if key.algorithm != stated.algorithm or key.keyid != stated.key_id:
        raise MalformedError(
            "malformed_payload",
            sentence("key_id or algorithm does not belong to public_key"),
            field="key_id",
        )


def registers_key(view: View[KeyRegistered]) -> None:
    p = view.payload
    if p.principal_id != view.statement.actor:
        refuse("key_of_another", "AUD", None, sentence("a principal registers its own key"))
    _check_key(p)
    if p.key_id in view.identities.keys:
        refuse("key_exists", "AUD", None, sentence("this key was registered before"))
    if p.valid_until <= p.valid_from:
        raise MalformedError(
            "malformed_payload", sentence("the end of the validity is after its beginning"), field="valid_until"
        )
    signed = {s.keyid for s in view.signers}
    if p.key_id not in signed:
        raise PermissionRefusedError("no_proof_of_possession", sentence("the new key must sign its own registration"))
    if p.replaces is not None:
        old = view.identities.keys.get(p.replaces)
        if old is None or old.principal_id != p.principal_id:
            refuse("key_unknown", "AUD", None, sentence("the replaced key is not a key of this principal"))
    _check_introduced(view)


def passkey_is_of_a_site(view: View[KeyRegistered]) -> None:
    """A passkey of a whole suffix (com, gov.cn) would sign in the pages of everybody under it."""
    site = next((s.site for s in view.signers if s.keyid == view.payload.key_id), None)
    if site is not None and is_public_suffix(site):
        refuse(
            "passkey_of_a_suffix",
            "AUD",
            None,
            sentence(
                "the passkey is of {site}, under which anybody has sites; make one of the ledger's own site", site=site
            ),
            field="public_key",
        )


def _check_introduced(view: View[KeyRegistered]) -> None:
    """Who a new key speaks for is said by a key that was there before, never by the new key alone.

    Without this anybody could register a key for anybody: the new key's own signature proves only that it exists.
    """
    p = view.payload
    before = [s for s in view.signers if s.keyid != p.key_id]
    others = {s.principal_id for s in before if s.principal_id != p.principal_id}
    others = {o for o in others if not view.same_person([p.principal_id, o])}
    roles = {
        g.role
        for g in view.identities.grants
        if g.principal_id in others and g.held_on(view.today) and g.edition is None and g.body is None
    }
    own = any(s.principal_id == p.principal_id for s in before)
    has_keys = any(key.principal_id == p.principal_id for key in view.identities.keys.values())
    if not introduced(own=own, roles=roles, has_keys=has_keys):
        raise PermissionRefusedError(
            "rotation_not_proven" if has_keys else "key_not_introduced",
            sentence(
                "a further key is signed by a key of the same principal, or by another person who is head of the "
                "secretariat or of the government; a first key by another person who is operator of the ledger, head "
                "of the secretariat or of the government"
            ),
        )
    if has_keys and not own and p.valid_from < view.instant + KEY_WAIT:
        earliest = shanghai_day(view.instant + KEY_WAIT) + timedelta(days=1)
        refuse(
            "key_waits",
            "AUD",
            None,
            sentence(
                "a further key that its holder has not signed counts {days} days after it is recorded at the earliest",
                days=KEY_WAIT.days,
            ),
            remedy=sentence(
                "let a key of {principal_id} sign too, or let valid_from be {earliest} or later",
                principal_id=p.principal_id,
                earliest=earliest,
            ),
            field="valid_from",
            earliest=earliest.isoformat(),
        )


def revokes_known_key(view: View[KeyRevoked]) -> None:
    p = view.payload
    key = view.identities.keys.get(p.key_id)
    if key is None or key.principal_id != p.principal_id:
        refuse("key_unknown", "AUD", None, sentence("no such key of this principal"))
    if key.revoked_at is not None:
        refuse("key_revoked", "AUD", None, sentence("the key is already revoked"))
    if p.compromised_since is not None and p.compromised_since > view.instant:
        refuse(
            "compromised_in_the_future",
            "AUD",
            None,
            sentence("a key is said to be compromised since an instant that has come"),
            field="compromised_since",
        )
    if key.principal_id != view.statement.actor and view.statement.role not in ("OPR", "SUP"):
        refuse(
            "key_of_another",
            "AUD",
            None,
            sentence("another's key is revoked only by the operator of the ledger together with the supervision group"),
        )


def _granted_by(view: View) -> frozenset[str]:
    """The roles that the signer's seat gives, and takes away."""
    return _GRANTED_BY_GOV if view.statement.role == "GOV" else _GRANTED_BY_SECH


def grants(view: View[RoleGranted]) -> None:
    p = view.payload
    if p.principal_id not in view.identities.principals:
        refuse(
            "principal_unknown", "AUD", None, sentence("{principal_id} is not registered", principal_id=p.principal_id)
        )
    if p.role not in _granted_by(view):
        raise PermissionRefusedError(
            "role_not_grantable",
            sentence(
                "{role} does not grant the role of {granted}",
                role=word(view.statement.role, "role"),
                granted=word(p.role, "role"),
            ),
            role=p.role,
        )
    if p.role != "APP" and p.scope.org is not None:
        raise MalformedError(
            "malformed_payload",
            sentence("only the role of applicant is granted for an organisation"),
            field="scope/org",
        )
    if p.role == "APP" and p.scope.org is None:
        raise MalformedError(
            "malformed_payload", sentence("the role of applicant is granted for an organisation"), field="scope/org"
        )
    held = {
        g.role
        for g in view.identities.grants
        if g.principal_id == p.principal_id
        and (p.valid_until is None or g.valid_from <= p.valid_until)
        and (g.valid_until is None or p.valid_from <= g.valid_until)
        and (g.withdrawn_on is None or p.valid_from < g.withdrawn_on)
    }
    for name, one, others in _INCOMPATIBLE:
        clash = (held & others if p.role in one else set()) | (held & one if p.role in others else set())
        if clash:
            called, named = word(p.role, "role"), listed(sorted(clash), "role")
            raise PermissionRefusedError(
                "duties_not_separated",
                sentence(
                    "{name} and {others} are never one principal (separation {person})",
                    name=called,
                    others=named,
                    person=name,
                ),
                separation=name,
            )
    if p.role in ("REV", "LEAD") and view.identities.review_cancelled(p.principal_id, p.valid_from):
        raise PermissionRefusedError(
            "review_eligibility_cancelled",
            sentence("the review eligibility of this person was cancelled (separation S8)"),
            separation="S8",
        )


def gives_nothing_to_oneself(view: View[ReviewerQualified | RoleGranted]) -> None:
    p = view.payload
    given = p.principal_id if isinstance(p, RoleGranted) else p.reviewer_id
    if any(s.principal_id == given or view.same_person([s.principal_id, given]) for s in view.signers):
        raise PermissionRefusedError(
            "granted_to_oneself",
            sentence("{given} signs what gives {given} a role; let another person sign it", given=given),
        )


def withdraws(view: View[RoleWithdrawn]) -> None:
    p = view.payload
    grant = next(
        (g for g in view.identities.grants if (g.event_id, g.principal_id) == (p.grant_id, p.principal_id)), None
    )
    if grant is None:
        refuse("grant_unknown", "AUD", None, sentence("no such grant of this principal"))
    if grant.withdrawn_on is not None:
        refuse("grant_withdrawn", "AUD", None, sentence("the grant is already withdrawn"))
    if grant.role not in _granted_by(view):
        called, given = word(view.statement.role, "role"), word(grant.role, "role")
        raise PermissionRefusedError(
            "role_not_grantable",
            sentence(
                "{name} does not grant the role of {given}, nor withdraw it",
                name=called,
                given=given,
            ),
            role=grant.role,
        )
    if p.from_on < view.on:
        refuse(
            "withdrawn_in_the_past",
            "AUD",
            None,
            sentence("a role ends on the day of its withdrawal ({on}) at the earliest", on=view.on),
            field="from_on",
        )


def founders_keys(genesis: GenesisDeclared) -> dict[str, tuple[str, str]]:
    """Key id -> (principal, public key) of a genesis, before anything is registered."""
    return {f.key_id: (f.principal_id, f.public_key) for f in genesis.founders}
