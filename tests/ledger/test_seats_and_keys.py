"""Who may sign for a seat: with a countersignature where one is due, a role that is held, a valid key."""

from __future__ import annotations

from ledger.errors import RefusedError
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.statement import compose
from ledger.submission import Submission
from tests.builders import Town
from tests.ledger.acts import D


def test_countersignature_by_the_role_is_needed(town: Town) -> None:
    refusal = town.refused("PrincipalRegistered", D, principal_id="Z", kind="pseudonym", with_=())
    assert (refusal.code, refusal.details["countersigner"]) == ("countersignature_missing", "SECH")


def test_countersignature_by_another_role_does_not_do(town: Town) -> None:
    refusal = town.refused("PrincipalRegistered", D, principal_id="Z", kind="pseudonym", with_=("dep",))
    assert refusal.code == "countersignature_missing"


def test_a_withdrawn_role_no_longer_signs(town: Town) -> None:
    grant = next(
        e
        for e in town.ledger.events()
        if e.statement.type == "RoleGranted" and e.statement.payload.principal_id == "dep"
    )
    town.must("RoleWithdrawn", D, principal_id="dep", grant_id=grant.statement.id, reason="transfer", by="sech")
    assert (
        town.refused("IncidentRecorded", D, org="A", incident_id="I1", category="other", authority="x").code
        == "role_not_held"
    )


def test_a_revoked_key_no_longer_signs(town: Town) -> None:
    key = town.cast.key("dep").public.keyid
    town.must("KeyRevoked", D, by="dep", as_="DEP", principal_id="dep", key_id=key, reason="lost")
    assert (
        town.refused("IncidentRecorded", D, org="A", incident_id="I1", category="other", authority="x").code
        == "key_not_valid"
    )


def test_rotation_needs_the_old_key_or_the_secretariat(town: Town) -> None:
    new, old = town.cast.key("dep", 2), town.cast.key("dep")
    body = compose(
        type="KeyRegistered",
        log=town.ledger.origin,
        id=town.cast.statement_id("rotation", town.clock()),
        actor="dep",
        role="DEP",
        effective_at="2023-01-02",
        payload={
            "principal_id": "dep",
            "key_id": new.public.keyid,
            "public_key": new.public.raw.hex(),
            "algorithm": "Ed25519",
            "valid_from": "2023-01-01T00:00:00Z",
            "valid_until": "2033-01-01T00:00:00Z",
            "custody": "ukey",
            "replaces": old.public.keyid,
        },
    )

    def signed(*keys: PrivateKey) -> Submission:
        envelope = dsse.sign(body, *keys)
        return Submission(envelope, envelope.to_bytes(), {})

    opr = town.cast.key("opr")
    assert town.refusal_of(signed(old, opr)).code == "no_proof_of_possession"
    assert town.refusal_of(signed(new, opr)).code in ("rotation_not_proven", "actor_did_not_sign")
    assert town.ledger.submit(signed(new, old, opr)).position == town.ledger.size()


def test_another_principal_cannot_register_a_key_for_somebody(town: Town) -> None:
    key = town.cast.key("dep", 3)
    refusal = town.refused(
        "KeyRegistered",
        D,
        by="sec",
        as_="SEC",
        principal_id="dep",
        key_id=key.public.keyid,
        public_key=key.public.raw.hex(),
        valid_from="2023-01-01T00:00:00Z",
        valid_until="2033-01-01T00:00:00Z",
    )
    assert isinstance(refusal, RefusedError)
    assert refusal.code == "key_of_another"


def test_a_second_genesis_is_refused(town: Town) -> None:
    founders = [
        {
            "principal_id": n,
            "kind": "public_body",
            "role": r,
            "algorithm": "Ed25519",
            "key_id": town.cast.key(n).public.keyid,
            "public_key": town.cast.key(n).public.raw.hex(),
        }
        for n, r in (("opr", "OPR"), ("gov", "GOV"), ("sech", "SECH"))
    ]
    refusal = town.refused(
        "GenesisDeclared",
        D,
        by="opr",
        with_=("gov", "sech"),
        mode="simulation",
        jurisdiction="x",
        jurisdiction_code="1",
        founders=founders,
    )
    assert refusal.code == "genesis_exists"


def test_succession_runs_in_no_circle(town: Town) -> None:
    merged = {"kind": "merged", "source_doc_no": "x"}
    town.must("PrincipalUpdated", D, principal_id="A", successor_ids=["B"], **merged)
    town.must("PrincipalUpdated", D, principal_id="B", successor_ids=["C"], **merged)
    assert (
        town.refused("PrincipalUpdated", D, principal_id="C", successor_ids=["A"], **merged).code == "succession_cycle"
    )
    assert (
        town.refused("PrincipalUpdated", D, principal_id="C", successor_ids=["nobody"], **merged).code
        == "principal_unknown"
    )
