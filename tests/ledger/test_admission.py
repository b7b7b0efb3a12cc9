"""Admission: what is refused, by which rule, and that a refusal leaves the log as it was."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from ledger import canonical
from ledger.disclosure import Opening
from ledger.errors import (
    EvidenceError,
    GuardRefusedError,
    IdentifierReusedError,
    MalformedError,
    PermissionRefusedError,
    RefusedError,
)
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.statement import compose
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.submission import Submission, parse_submission
from tests.builders import Town

D = date(2023, 5, 4)


def _resigned(town: Town, good: Submission, *keys: PrivateKey, **changes: Any) -> Submission:
    """The same statement with members changed (None leaves one out), signed by these keys."""
    value = {k: v for k, v in (canonical.parse(good.envelope.body, "s") | changes).items() if v is not None}
    envelope = dsse.sign(canonical.encode(value), *keys)
    return Submission(envelope, envelope.to_bytes(), good.openings)


def _incident(town: Town, **more: Any) -> Submission:
    return town.signed(
        "IncidentRecorded", D, org="A", incident_id="I1", category="accident", severity="larger", authority="x", **more
    )


def _dep(town: Town) -> PrivateKey:
    return town.cast.key("dep")


@pytest.mark.parametrize(
    ("desc", "changes", "code"),
    [
        ("unknown type", {"type": "AwardInvented"}, "unknown_type"),
        ("unknown schema", {"schema": 2}, "unknown_schema"),
        ("unknown member", {"colour": "red"}, "malformed_statement"),
        ("missing member", {"role": None}, "malformed_statement"),
        ("another log", {"log": "other.example/log"}, "wrong_log"),
        ("dated tomorrow", {"effective_at": "2023-05-05"}, "future_dated"),
        ("no such day", {"effective_at": "2023-02-30"}, "malformed_field"),
        ("id no uuid7", {"id": "01890a5d-ac96-4774-bcce-b302099a8057"}, "malformed_field"),
        ("role not held", {"role": "GOV"}, "role_not_held"),
        ("role may not sign", {"role": "PUB"}, "role_may_not_sign"),
        ("unknown cause", {"causes": ["01890a5d-ac96-7774-bcce-b302099a8057"]}, "cause_unknown"),
        ("null", {"late": {"kind": "delayed", "reason": ""}}, "malformed_statement"),
        ("commitment to no field", {"sd": {"/nothing": "A" * 43}}, "unknown_commitment"),
        ("commitment without opening", {"sd": {"/details": "A" * 43}}, "opening_missing"),
        ("malformed commitment", {"sd": {"/details": "AAA"}}, "malformed_commitment"),
        ("another actor", {"actor": "sec"}, "actor_did_not_sign"),
        ("a day no period can be counted from", {"effective_at": "1644-05-04"}, "day_out_of_range"),
    ],
)
def test_a_spoilt_statement_is_refused_with_its_reason(
    town: Town, desc: str, changes: dict[str, Any], code: str
) -> None:
    town.clock.advance(D)
    spoilt = _resigned(town, _incident(town), _dep(town), **changes)
    assert town.refusal_of(spoilt).code == code


def test_the_unspoilt_statement_is_recorded(town: Town) -> None:
    receipt = town.ledger.submit(_incident(town, details="事故详情（演示）"))
    assert town.ledger.event(receipt.id).position == receipt.position == town.ledger.size()


def test_plaintext_of_a_restricted_field_is_refused(town: Town) -> None:
    good = _incident(town)
    payload = canonical.parse(good.envelope.body, "s")["payload"] | {"details": "秘密"}
    assert town.refusal_of(_resigned(town, good, _dep(town), payload=payload)).code == "restricted_plaintext"


def test_an_opening_that_does_not_match_is_refused(town: Town) -> None:
    good = _incident(town, details="真的（演示）")
    opening = good.openings["/details"]
    forged = Submission(good.envelope, good.envelope_bytes, {"/details": Opening("/details", opening.salt, "假的")})
    with pytest.raises(EvidenceError) as refusal:
        town.ledger.submit(forged)
    assert refusal.value.code == "opening_mismatch"


def test_an_unknown_key_is_refused(town: Town) -> None:
    assert town.refusal_of(_resigned(town, _incident(town), PrivateKey(bytes(32)))).code == "key_unknown"


def test_a_signature_over_other_bytes_is_refused(town: Town) -> None:
    good = _incident(town)
    body = good.envelope.body.replace(b'"severity":"larger"', b'"severity":"major"')
    forged = dsse.Envelope(body, good.envelope.signatures)
    assert town.refusal_of(Submission(forged, forged.to_bytes(), {})).code == "signature_invalid"


def test_a_second_signer_who_did_not_sign_spoils_the_whole(town: Town) -> None:
    good = _incident(town)
    other = dsse.Signature(town.cast.key("sec").public.keyid, good.envelope.signatures[0].signature)
    forged = dsse.Envelope(good.envelope.body, (*good.envelope.signatures, other))
    assert town.refusal_of(Submission(forged, forged.to_bytes(), {})).code == "signature_invalid"


def test_the_same_bytes_again_give_the_same_place(town: Town) -> None:
    good = _incident(town)
    first = town.ledger.submit(good)
    town.must("IncidentRecorded", D, org="A", incident_id="I2", category="accident", authority="x")
    again = town.ledger.submit(good)
    assert (again.position, again.recorded_at, again.leaf_hash) == (first.position, first.recorded_at, first.leaf_hash)
    assert again.tree_size == first.tree_size + 1


def test_a_statement_recorded_between_look_and_decision_gets_its_receipt(town: Town) -> None:
    """The race of two submissions of the same bytes, made certain: it is recorded right after the first look."""
    good = _incident(town)
    look, first = town.ledger.log.by_id, []

    def looked_then_recorded(event_id: str) -> Any:
        found = look(event_id)
        if not first:
            first.append(found)
            town.ledger.submit(good)
        return found

    town.ledger.log.by_id = looked_then_recorded  # type: ignore[method-assign]
    receipt = town.ledger.submit(good)
    town.ledger.log.by_id = look  # type: ignore[method-assign]
    assert first == [None]
    assert receipt.position == town.ledger.size()
    assert [e.statement.type for e in town.ledger.events()].count("IncidentRecorded") == 1


def test_the_same_id_with_other_bytes_is_refused(town: Town) -> None:
    good = _incident(town)
    town.ledger.submit(good)
    with pytest.raises(IdentifierReusedError):
        town.ledger.submit(_resigned(town, good, _dep(town), role="DEP", basis=["GZ:30"]))


def test_countersignature_by_the_role_is_needed(town: Town) -> None:
    refusal = town.refused("PrincipalRegistered", D, principal_id="Z", kind="pseudonym", with_=())
    assert (refusal.code, refusal.details["countersigner"]) == ("countersignature_missing", "SECH")


def test_countersignature_by_another_role_does_not_do(town: Town) -> None:
    refusal = town.refused("PrincipalRegistered", D, principal_id="Z", kind="pseudonym", with_=("dep",))
    assert refusal.code == "countersignature_missing"


def _seated(town: Town, name: str, role: str, number: str) -> None:
    """A person of an identity number, in a seat that the government gives, with a key."""
    town.must("PrincipalRegistered", D, principal_id=name, kind="person", person_name="某（演示）", id_number=number)
    town.must("RoleGranted", D, principal_id=name, role=role, by="gov")
    key = town.cast.key(name)
    town.must(
        "KeyRegistered",
        D,
        by=name,
        as_=role,
        principal_id=name,
        key_id=key.public.keyid,
        public_key=key.public.raw.hex(),
        valid_from="2023-01-01T00:00:00Z",
        valid_until="2033-01-01T00:00:00Z",
        with_=("opr",),
    )


def _same_natural_person(refusal: RefusedError) -> bool:
    return (refusal.code, refusal.details["separation"]) == ("same_natural_person", "S2")


#: One identity number as people write it.
WRITINGS = [
    "36070019900101001x",
    "３６０７００１９９００１０１００１Ｘ",
    "360700 1990 0101 001X",
    "360700-19900101-001X",
]


@pytest.mark.parametrize("other", ["36070019900101001X", *WRITINGS])
def test_two_pseudonyms_of_one_person_are_not_two_persons(town: Town, other: str) -> None:
    """S2: the identity number behind the pseudonyms is compared as a keyed hash, however it is written."""
    _seated(town, "f1", "FIN", "36070019900101001X")
    _seated(town, "f2", "FIN", other)
    town.edition()
    town.award("A", date(2023, 6, 1))
    payment = {"case": "A", "amount": 50_000_000, "by": "f1", "as_": "FIN"}
    assert _same_natural_person(town.refused("PrizePaid", date(2023, 7, 1), with_=("f2",), **payment))
    town.must("PrizePaid", date(2023, 7, 1), with_=("fin2",), **payment)


def test_operator_and_inspector_who_are_one_person_erase_nothing(town: Town) -> None:
    _seated(town, "di", "DIS", "36070019900101001X")
    target = town.must(
        "PrincipalRegistered", D, principal_id="op", kind="person", person_name="某", id_number=WRITINGS[0]
    )
    town.must("RoleGranted", D, principal_id="op", role="OPR", by="gov")
    key = town.cast.key("op").public
    town.must(
        "KeyRegistered",
        D,
        by="op",
        as_="OPR",
        principal_id="op",
        key_id=key.keyid,
        public_key=key.raw.hex(),
        valid_from="2023-01-01T00:00:00Z",
        valid_until="2033-01-01T00:00:00Z",
        with_=("opr",),
    )
    order = {"target_event": target, "paths": ["/person_name"], "action": "erased", "purpose": "x", "legal_basis": "x"}
    assert _same_natural_person(town.refused("RestrictedDataHandled", D, by="op", as_="OPR", with_=("di",), **order))


def _linked_as_written(town: Town, principal: str, number: str) -> None:
    """As earlier versions did: one hash, of the number as it was written."""
    links = town.ledger.vault.links
    with psycopg.connect(town.database.url, autocommit=True) as owner:
        table = sql.Identifier(town.database.schema, "identity_link")
        owner.execute(sql.SQL("DELETE FROM {} WHERE principal_id = %s").format(table), (principal,))
        keyed = hmac.digest(links._link_key, number.encode(), "sha256")
        owner.execute(sql.SQL("INSERT INTO {} VALUES (%s, %s)").format(table), (principal, keyed))


@pytest.mark.parametrize("old", ["36070019900101001X", *WRITINGS])
def test_links_of_before_find_the_same_person_written_otherwise(town: Town, old: str) -> None:
    _seated(town, "f1", "FIN", old)
    _linked_as_written(town, "f1", old)
    assert [town.ledger.identities.seal(adopting=True) for _ in range(2)] == [1, 0]
    _seated(town, "f2", "FIN", "36070019900101001X")
    assert town.ledger.identities.same_person(["f1", "f2"])
    assert not town.ledger.identities.same_person(["f1", "fin1"])


@pytest.mark.parametrize("old", ["36070019900101001X", "36070019900101001x", "360700 1990 0101 001X"])
def test_links_of_before_whose_number_is_erased_find_it_written_in_the_same_way(town: Town, old: str) -> None:
    own = town.must("PrincipalRegistered", D, principal_id="f1", kind="person", person_name="某", id_number=old)
    _linked_as_written(town, "f1", old)
    order = {"target_event": own, "paths": ["/id_number"], "action": "erased", "purpose": "x", "legal_basis": "x"}
    town.must("RestrictedDataHandled", D, by="opr", as_="OPR", with_=("dis",), **order)
    assert [town.ledger.identities.seal(adopting=True) for _ in range(2)] == [1, 0]
    town.must("PrincipalRegistered", D, principal_id="f2", kind="person", person_name="某", id_number=old)
    assert town.ledger.identities.same_person(["f1", "f2"])


@pytest.mark.parametrize(
    ("principal", "role", "by", "separation"),
    [
        ("A", "REV", "sech", "S1"),
        ("sec", "APP", "sech", "S1"),
        ("gov", "FIN", "gov", "S3"),
        ("opr", "COM", "gov", "S4"),
        ("sec", "SUP", "gov", "S5"),
        ("sup", "REV", "sech", "S5"),
        ("dis", "GOV", "gov", None),
        ("chr", "DIS", "gov", "S5"),
    ],
)
def test_duties_are_separated_at_the_grant(
    town: Town, principal: str, role: str, by: str, separation: str | None
) -> None:
    scope = {"scope": {"org": "A"}} if role == "APP" else {}
    refusal = town.refused("RoleGranted", D, principal_id=principal, role=role, by=by, **scope)
    if separation is None:
        assert refusal.code == "role_not_grantable"
    else:
        assert (refusal.code, refusal.details["separation"]) == ("duties_not_separated", separation)


def test_a_cancelled_reviewer_gets_no_new_grant_and_may_not_score(town: Town) -> None:
    """S8, and D03: a live sanction cancels the role."""
    fact = town.must("IncidentRecorded", D, org="A", incident_id="I1", category="other", authority="x")
    town.must(
        "SanctionImposed",
        D,
        subject="R5",
        subject_kind="reviewer",
        measure="review_eligibility_cancelled",
        facts=[fact],
    )
    refusal = town.refused("RoleGranted", date(2023, 6, 1), principal_id="R5", role="LEAD", by="sech")
    assert (refusal.code, refusal.details["separation"]) == ("review_eligibility_cancelled", "S8")
    town.edition()
    town.must("ApplicationFiled", date(2023, 6, 1), org="A")
    town.player._declared.add(("R5", "GZ-2023/A"))  # keeps the player from declaring by itself
    assert town.refused("ScoreSubmitted", date(2023, 6, 2), case="A", by="R5", total="600").code == "role_not_held"


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


def test_a_draft_governs_no_production_log(database_url: str, new_schema: Callable[[], tuple[str, str]]) -> None:
    origin, schema = new_schema()
    database = Database(database_url, schema, size=4).open()
    kek = bytes(range(32))
    vault = Vault(database, kek)
    vault.check()
    town = Town(origin, database, vault, Ed25519PrivateKey.generate(), kek, pack="zhongyuan/draft", mode="production")
    promulgated = {"doc_no": "中原政文〔2023〕9901号（演示）", "issued_on": D}
    refusal = town.refused("RegulationEnacted", D, **promulgated)
    assert (refusal.code, refusal.details["reading"]) == ("draft_never_governs", "B-44:default")
    town.must("RegulationEnacted", D, status="draft", kind="consultation_draft")
    opened = town.refused("EditionOpened", D, edition_id="ZY-2023", number=1, window_from=D, window_to=D)
    assert opened.code == "draft_never_governs"
    town.ledger.close()


def test_a_document_number_is_the_same_in_other_brackets(town: Town) -> None:
    assert (
        town.refused("RegulationRepealed", D, pack_or_doc_no="赣市府发〔2021〕15号", repealed_by="GZ").code
        == "regulation_unknown"
    )
    town.must(
        "RegulationRepealed", D, pack_or_doc_no="赣市府发 [2022] 15号", repealed_by="GZ", repealed_on=date(2023, 6, 1)
    )
    late = town.refused("EditionOpened", date(2023, 6, 1), edition_id="E", number=9, window_from=D, window_to=D)
    assert late.code == "pack_not_in_force"


def test_an_unknown_pack_is_not_enacted(town: Town) -> None:
    assert town.refused("RegulationEnacted", D, pack_hash="0" * 64).code == "pack_unknown"
    assert (
        town.refused("EditionOpened", D, edition_id="E", number=9, window_from=D, window_to=D, pack_hash="0" * 64).code
        == "pack_unknown"
    )


# Guards of the regulations: rule id, article, reading, and what would make the act acceptable.


def _filed(town: Town, *orgs: str) -> None:
    town.edition()
    for org in orgs:
        town.must("ApplicationFiled", date(2023, 6, 1), org=org)


def test_a_holder_files_again_only_when_editions_lie_between(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 1))
    town.edition("GZ-2027", date(2027, 5, 4), number=6)
    refusal = town.refused("ApplicationFiled", date(2027, 6, 1), org="A")
    assert isinstance(refusal, GuardRefusedError)
    assert {k: refusal.details[k] for k in ("rule", "article", "reading", "edition_no")} == {
        "rule": "GZ-27a",
        "article": "GZ:27",
        "reading": "B-21/G02:default",
        "edition_no": 7,
    }
    town.edition("GZ-2029", date(2029, 5, 4), number=7)
    town.must("ApplicationFiled", date(2029, 6, 1), org="A")


def test_a_ban_refuses_on_its_last_day_and_not_on_the_next(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 1))
    town.revoke("A", "tax", date(2024, 3, 1))
    town.edition("GZ-2029", date(2029, 1, 4), number=7)
    refusal = town.refused("ApplicationFiled", date(2029, 3, 1), org="A")
    assert (refusal.code, refusal.details["rule"], refusal.details["until"]) == ("banned", "GZ-30-0c", "2029-03-01")
    assert "2029-03-01" in str(refusal.details["remedy"])
    town.must("ApplicationFiled", date(2029, 3, 2), org="A")


def test_an_override_records_what_a_guard_refuses_and_needs_a_second_authority(town: Town) -> None:
    town.edition()
    members = {"case": "A", "org": "A", "truth_declared": False}
    assert town.refused("ApplicationFiled", D, **members).code == "truth_not_declared"
    why = {"reason": "照实登记", "instrument_no": "演〔2023〕1号"}
    unauthorised = town.refused("ApplicationFiled", D, **members, override=why | {"by": "dep"})
    assert unauthorised.code == "override_not_authorised"
    recorded = town.must("ApplicationFiled", D, **members, override=why | {"by": "sup"})
    assert town.ledger.event(recorded).statement.override is not None


def test_one_live_case_per_organisation_award_and_edition(town: Town) -> None:
    _filed(town, "A")
    assert town.refused("ApplicationFiled", date(2023, 6, 2), org="A", case_id="GZ-2023/A2").code == "already_applied"
    town.must("ApplicationFiled", date(2023, 6, 2), org="A", case_id="GZ-2023/A3", award="nomination")
    town.must("ApplicationWithdrawn", date(2023, 6, 3), case="A")
    town.must("ApplicationFiled", date(2023, 6, 4), org="A", case_id="GZ-2023/A4")


def test_nobody_files_for_another_organisation(town: Town) -> None:
    town.edition()
    assert town.refused("ApplicationFiled", date(2023, 6, 1), org="A", by="B", as_="APP").code == "not_the_applicant"


def test_a_failed_condition_is_not_eligible_and_every_condition_is_checked(town: Town) -> None:
    _filed(town, "A")
    town.must("DepartmentOpinionGiven", date(2023, 6, 3), case="A")
    checks = [{"condition_id": "registered", "article": "13(1)", "result": "pass", "evidence": []}]
    assert town.refused("EligibilityDecided", date(2023, 6, 5), case="A", checks=checks).code == "condition_unchecked"
    refusal = town.refused(
        "EligibilityDecided", date(2023, 6, 5), case="A", failed=["certificates"], outcome="eligible"
    )
    assert (refusal.code, refusal.details["rule"]) == ("condition_failed", "GZ-13-3a")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A", failed=["certificates"])
    assert town.refused("EligibilityDecided", date(2023, 6, 6), case="A").code == "eligibility_decided"


def _panel(town: Town, *members: str) -> None:
    town.must(
        "BodyConstituted", date(2023, 6, 6), kind="panel", body_id="panel", members=list(members), leader=members[0]
    )


def test_scores_come_from_declared_unrecused_panel_members(town: Town) -> None:
    _filed(town, "A")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    _panel(town, "R1", "R2", "R3")
    day = date(2023, 6, 7)
    assert town.refused("ScoreSubmitted", day, case="A", by="R4", stage="material", total="600").code == "not_on_panel"
    town.must("InterestDeclared", day, case="A", by="R2", result="conflict", relation="kinship")
    refusal = town.refused("ScoreSubmitted", day, case="A", by="R2", stage="material", total="600")
    assert (refusal.code, refusal.details["rule"]) == ("reviewer_recused", "GZ-31")
    assert (
        town.refused("ScoreSubmitted", day, case="A", by="R3", stage="material", total="1001").code
        == "score_out_of_range"
    )
    spoilt = town.refused(
        "ScoreSubmitted", day, case="A", by="R3", stage="material", total="600", item_scores={"a": "100", "b": "499.9"}
    )
    assert spoilt.code == "items_differ_from_total"
    first = town.must(
        "ScoreSubmitted", day, case="A", by="R3", stage="material", total="600", item_scores={"a": "100", "b": "500"}
    )
    assert town.refused("ScoreSubmitted", day, case="A", by="R3", stage="material", total="610").code == "score_exists"
    assert (
        town.refused("ScoreSubmitted", day, case="A", by="R3", stage="material", total="610", replaces=first).code
        == "change_without_reason"
    )
    second = town.must(
        "ScoreSubmitted",
        day,
        case="A",
        by="R3",
        stage="material",
        total="610",
        replaces=first,
        change_reason="计算有误",
    )
    assert (
        town.refused("ReviewReportSubmitted", day, case="A", by="R1", stage="material", score_ids=[first]).code
        == "score_not_cited"
    )
    assert (
        town.refused(
            "ReviewReportSubmitted", day, case="A", by="R3", as_="LEAD", stage="material", score_ids=[second]
        ).code
        == "role_not_held"
    )
    town.must("ReviewReportSubmitted", day, case="A", by="R1", stage="material", score_ids=[second])


def test_an_undeclared_member_does_not_score(town: Town) -> None:
    _filed(town, "A")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    _panel(town, "R1", "R2", "R3")
    town.player._declared.add(("R1", "GZ-2023/A"))  # keeps the player from declaring by itself
    assert (
        town.refused("ScoreSubmitted", date(2023, 6, 7), case="A", by="R1", stage="material", total="600").code
        == "interest_undeclared"
    )


def test_a_recused_person_does_not_join_the_panel(town: Town) -> None:
    _filed(town, "A")
    town.must("InterestDeclared", date(2023, 6, 2), case="A", by="R2", result="conflict")
    refusal = town.refused(
        "BodyConstituted",
        date(2023, 6, 6),
        kind="panel",
        body_id="p",
        members=["R1", "R2", "R3"],
        leader="R1",
        cases=["A"],
    )
    assert refusal.code == "reviewer_recused"


def test_clawback_follows_the_ground_and_never_exceeds_what_was_paid(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000, voucher_no="V1")
    order = {"case": "A", "clawback_id": "CB", "due_on": date(2024, 6, 1), "decision_id": "R"}
    early = town.refused("ClawbackOrdered", date(2024, 3, 1), **order, reason="revoked_fraud", amount=1)
    assert early.code == "not_revoked"
    town.revoke("A", "fraud", date(2024, 3, 1))
    assert (
        town.refused("ClawbackOrdered", date(2024, 3, 1), **order, reason="revoked_fraud", amount=50_000_001).code
        == "more_than_paid"
    )
    missing = town.refused(
        "ClawbackOrdered", date(2024, 3, 1), **(order | {"decision_id": "none"}), reason="revoked_fraud", amount=1
    )
    assert missing.code == "decision_missing"
    town.must("ClawbackOrdered", date(2024, 3, 1), **order, reason="revoked_fraud", amount=50_000_000)
    assert (
        town.refused("ClawbackReceived", date(2024, 4, 1), case="A", clawback_id="CB", amount=50_000_001).code
        == "more_than_ordered"
    )
    town.must("ClawbackReceived", date(2024, 4, 1), case="A", clawback_id="CB", amount=20_000_000)
    waiver = {"case": "A", "clawback_id": "CB", "amount": 1, "reason": "insolvent", "decision_id": "W"}
    assert town.refused("ClawbackWaived", date(2024, 5, 1), **waiver).code == "decision_missing"
    town.must(
        "GovernmentDecisionMade",
        date(2024, 5, 1),
        decision_id="W",
        subject="waiver",
        approved=[{"award_id": "GZ-2023-A"}],
    )
    assert town.refused("ClawbackWaived", date(2024, 5, 1), **waiver).code == "basis_missing"
    town.must("ClawbackWaived", date(2024, 5, 1), **waiver, basis=("LAW:企业破产法第113条",))


def test_misuse_gives_no_clawback_where_the_text_gives_none(town: Town) -> None:
    town.edition()
    award = town.award("A", date(2023, 6, 1))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.must("FundMisuseFound", date(2024, 1, 5), case="A", amount=1_000, severity="serious")
    town.must(
        "GovernmentDecisionMade", date(2024, 3, 1), decision_id="C", subject="clawback", approved=[{"award_id": award}]
    )
    refusal = town.refused(
        "ClawbackOrdered",
        date(2024, 3, 1),
        case="A",
        clawback_id="CB",
        due_on=date(2024, 6, 1),
        decision_id="C",
        reason="fund_misuse",
        amount=1_000,
    )
    assert (refusal.code, refusal.details["rule"], refusal.details["reading"]) == (
        "clawback_without_basis",
        "GZ-26c",
        "B-67:default",
    )


def test_a_ground_outside_the_text_does_not_revoke(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    assert (
        town.refused("AwardRevoked", date(2024, 3, 1), case="A", ground="social_impact", decision_id="R").code
        == "ground_not_in_text"
    )


def test_an_accident_outside_the_window_or_too_small_proposes_nothing(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    for number, (day, severity, code) in enumerate(
        [(date(2023, 5, 20), "major", "fact_outside_window"), (date(2024, 1, 5), "general", "accident_too_small")]
    ):
        fact = town.must(
            "IncidentRecorded",
            date(2024, 2, 1),
            org="A",
            incident_id=f"I{number}",
            category="accident",
            severity=severity,
            authority="x",
            occurred_on=day,
        )
        assert (
            town.refused("RevocationProposed", date(2024, 3, 1), case="A", ground="accident", facts=[fact]).code == code
        )


def test_an_explicit_text_is_not_interpreted_away(town: Town) -> None:
    refusal = town.refused(
        "RegulationInterpreted", D, pack_id="GZ", param_path="validity", value={"value": 9, "unit": "year"}
    )
    assert (refusal.code, refusal.details["rule"], refusal.details["article"]) == (
        "text_is_explicit",
        "GZ-23a",
        "GZ:23",
    )
    assert (
        town.refused("RegulationInterpreted", D, pack_id="GZ", param_path="reading.gap_editions", value="whatever").code
        == "reading_unknown"
    )
    town.must("RegulationInterpreted", D, pack_id="GZ", param_path="score.aggregation", value="mean")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("score.full", -1),
        ("score.full", "many"),
        ("score.aggregation", "guess"),
        ("revoke.tax.return", "yes"),
        ("onsite.days", {"least": 1}),
        ("quota.vacancy", 1),
    ],
)
def test_an_interpretation_is_typed_like_a_pack(town: Town, path: str, value: Any) -> None:
    assert town.refused("RegulationInterpreted", D, pack_id="GZ", param_path=path, value=value).code in (
        "invalid_pack",
        "parameter_unknown",
    )


def test_a_day_beyond_any_calendar_is_refused_before_it_can_spoil_answers(town: Town) -> None:
    with pytest.raises(MalformedError) as far:
        town.signed(
            "IncidentRecorded",
            D,
            org="A",
            incident_id="I1",
            category="accident",
            authority="x",
            occurred_on="9999-12-31",
        )
    assert (far.value.code, far.value.details["field"]) == ("day_out_of_range", "/payload/occurred_on")


def test_a_calendar_is_superseded_by_name_only(town: Town) -> None:
    days = {"year": 2023, "holidays": [date(2023, 1, 1)], "makeup_workdays": [], "source_doc_no": "x"}
    assert town.refused("CalendarPublished", D, **days).code == "calendar_exists"
    wrong = days | {"year": 2019, "makeup_workdays": [date(2020, 1, 1)]}
    assert town.refused("CalendarPublished", D, **wrong).code == "calendar_unsound"


def test_a_correction_touches_papers_only_and_an_annulment_restores(town: Town) -> None:
    event = town.must(
        "IncidentRecorded", D, org="A", incident_id="I1", category="accident", authority="x", doc_no="old"
    )
    patch = {"/doc_no": {"old_hash": hashlib.sha256(b'"old"').hexdigest(), "new": "new"}}
    decisive = {"/severity": {"old_hash": hashlib.sha256(b'"na"').hexdigest(), "new": "major"}}
    assert (
        town.refused("EventCorrected", D, by="dep", as_="DEP", target=event, patch=decisive, reason="x").code
        == "member_is_decisive"
    )
    assert (
        town.refused("EventCorrected", D, by="sec", as_="SEC", target=event, patch=patch, reason="x").code
        == "not_the_originator"
    )
    town.must("EventCorrected", D, by="dep", as_="DEP", target=event, patch=patch, reason="x")
    stale = {"/doc_no": {"old_hash": "0" * 64, "new": "newer"}}
    assert (
        town.refused("EventCorrected", D, by="dep", as_="DEP", target=event, patch=stale, reason="x").code
        == "old_value_differs"
    )


def test_a_correction_after_a_decision_needs_the_supervision_group(town: Town) -> None:
    _filed(town, "A")
    filed = next(e.statement for e in town.ledger.events() if e.statement.type == "ApplicationFiled")
    old = hashlib.sha256(canonical.encode(filed.payload.form_hash)).hexdigest()
    patch = {"/form_hash": {"old_hash": old, "new": "1" * 64}}
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    correction = {"by": "A", "as_": "APP", "target": filed.id, "patch": patch, "reason": "扫描件更换"}
    refusal = town.refused("EventCorrected", date(2023, 6, 6), **correction)
    assert (refusal.code, type(refusal)) == ("correction_after_decision", PermissionRefusedError)
    town.must("EventCorrected", date(2023, 6, 6), **correction, with_=("sech", "sup"))


def test_who_scored_does_not_investigate_the_objection(town: Town) -> None:
    """S6; and the secretariat does not investigate a complaint against itself."""
    _filed(town, "A")
    _panel(town, "R1", "R2", "R3")
    town.must("ScoreSubmitted", date(2023, 6, 7), case="A", by="R1", stage="material", total="600")
    town.must("ObjectionRaised", date(2023, 6, 8), case="A", objection_id="O1")
    case = {"case": "A", "objection_id": "O1", "outcome": "unsubstantiated"}
    refusal = town.refused("ObjectionInvestigated", date(2023, 6, 9), **case, by="sec", as_="SEC", investigators=["R1"])
    assert (refusal.code, refusal.details["separation"]) == ("duties_not_separated", "S6")
    town.must("ObjectionInvestigated", date(2023, 6, 9), **case, by="sec", as_="SEC", investigators=["sec"])
    town.must(
        "ObjectionRaised",
        date(2023, 6, 8),
        recorded=date(2023, 6, 9),
        objection_id="O2",
        kind="complaint",
        target_kind="person",
        person="sech",
    )
    against = {"objection_id": "O2", "outcome": "unsubstantiated"}
    own = town.refused(
        "ObjectionInvestigated", date(2023, 6, 10), **against, by="sec", as_="SEC", investigators=["sec"]
    )
    assert (own.code, own.details["separation"]) == ("duties_not_separated", "S6")
    town.must("ObjectionInvestigated", date(2023, 6, 10), **against, by="dis", as_="DIS", investigators=["dis"])


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


def test_certificates_come_back_after_a_revocation_only(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    day = date(2023, 7, 1)
    town.must("CertificateIssued", day, case="A", items=[{"kind": "plaque", "serial": "S1"}])
    assert (
        town.refused("CertificateIssued", day, case="A", items=[{"kind": "plaque", "serial": "S1"}]).code
        == "serial_taken"
    )
    returned = {"case": "A", "items": [{"serial": "S1", "state": "returned"}]}
    assert town.refused("CertificateReturned", day, **returned).code == "award_not_revoked"
    assert (
        town.refused("CertificateReturned", day, case="A", items=[{"serial": "S9", "state": "lost"}]).code
        == "item_not_issued"
    )
    town.revoke("A", "fraud", date(2023, 8, 1))
    town.must("CertificateReturned", date(2023, 8, 2), **returned)


def test_a_conflicted_inspector_does_not_check_the_award(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    town.must("InterestDeclared", date(2023, 6, 2), case="A", by="sec", as_="SEC", result="conflict")
    refusal = town.refused("PostAwardCheckHeld", date(2023, 7, 1), case="A", check_id="C1")
    assert (refusal.code, refusal.details["rule"]) == ("inspector_conflicted", "GZ-31")


def test_suspension_by_an_inspector_blocks_the_case_until_accepted(town: Town) -> None:
    _filed(town, "A")
    target = next(e.statement.id for e in town.ledger.events() if e.statement.type == "ApplicationFiled")
    town.must(
        "OversightFindingIssued",
        date(2023, 6, 4),
        by="sup",
        as_="SUP",
        finding_id="F1",
        flag_ids=["RF06"],
        targets=[target],
        severity="high",
        demand="suspend",
        answer_due=date(2023, 6, 20),
        cases=["A"],
    )
    assert town.refused("EligibilityDecided", date(2023, 6, 5), case="A").code == "case_suspended"
    town.must("OversightFindingAnswered", date(2023, 6, 6), by="sec", as_="SEC", finding_id="F1", step="answer")
    refusal = town.refused(
        "OversightFindingAnswered", date(2023, 6, 6), by="sec", as_="SEC", finding_id="F1", step="accept"
    )
    assert isinstance(refusal, PermissionRefusedError)
    town.must("OversightFindingAnswered", date(2023, 6, 7), by="sup", as_="SUP", finding_id="F1", step="accept")
    town.must("EligibilityDecided", date(2023, 6, 8), case="A")


def test_who_approves_late_recording_signed_none_of_it(town: Town) -> None:
    late = {"kind": "delayed", "reason": "补录"}
    event = town.must(
        "SanctionImposed",
        D,
        by="sech",
        as_="SECH",
        subject="A",
        org="A",
        subject_kind="organisation",
        measure="circular",
        facts=[town.must("IncidentRecorded", D, org="A", incident_id="I1", category="other", authority="x")],
        late=late,
    )
    refusal = town.refused("LateRecordingApproved", D, targets=[event], kind="delayed", reason="x")
    assert (refusal.code, refusal.details["separation"]) == ("duties_not_separated", "S7")


@pytest.mark.parametrize(
    ("desc", "data", "code"),
    [
        ("not json", b"hello", "malformed_json"),
        ("duplicate key", b'{"envelope":{},"envelope":{}}', "malformed_json"),
        ("float", b'{"envelope":{"payload":1.5}}', "malformed_json"),
        ("unknown member", b'{"envelope":{},"x":1}', "malformed_submission"),
        ("no envelope", b"{}", "malformed_submission"),
        ("too large", b"x" * 256_001, "submission_too_large"),
        (
            "unsigned",
            b'{"envelope":{"payload":"e30=","payloadType":"application/vnd.rongjian.statement+json","signatures":[]}}',
            "unsigned",
        ),
    ],
)
def test_a_spoilt_submission_is_refused(desc: str, data: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        parse_submission(data)
    assert refusal.value.code == code
