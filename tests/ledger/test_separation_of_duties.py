"""Duties are kept apart (S1 to S8): at the grant, at the act, and by the natural person behind two names."""

from __future__ import annotations

import hmac
from datetime import date

import psycopg
import pytest
from psycopg import sql

from ledger.errors import RefusedError
from tests.builders import Town
from tests.ledger.acts import D, with_applications, with_panel


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


def test_who_scored_does_not_investigate_the_objection(town: Town) -> None:
    """S6; and the secretariat does not investigate a complaint against itself."""
    with_applications(town, "A")
    with_panel(town, "R1", "R2", "R3")
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
