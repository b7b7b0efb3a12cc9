"""Erasing: by two seats together, and exactly what is named."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from ledger.disclosure import Opening
from ledger.errors import GuardRefusedError, MalformedError, PermissionRefusedError
from ledger.events import registry
from ledger.events.kinds import Id, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.events.vocabulary import EVENTS
from ledger.fsck.database import check_database
from ledger.signing import envelope as dsse
from ledger.statement import compose
from ledger.submission import Submission
from tests.builders import Town
from tests.e2e.erasures import LATER, D, opens, order_of, registered, states


@pytest.mark.parametrize(
    "seat", [s for s in EVENTS["RestrictedDataHandled"].SPEC.seats if s.originator != "OPR"], ids=lambda s: s.originator
)
def test_no_seat_alone_erases_anything_its_own_data_included(town: Town, seat: registry.Seat) -> None:
    actor = {"APP": "A", "REV": "R2", "LEAD": "R1", "COM": "chr", "CHR": "chr", "FIN": "fin1"}.get(
        seat.originator, seat.originator.lower()
    )
    # Founders and organisations have no personal data of their own in the log; they try a reviewer's.
    subject = actor if actor not in ("sech", "gov", "A") else "R3"
    own = registered(town, subject)
    order = order_of(own, "/contact", subject=subject) | {"by": actor, "as_": seat.originator, "with_": ()}
    refusal = town.refused("RestrictedDataHandled", D, **order)
    assert (type(refusal), refusal.code) == (PermissionRefusedError, "special_case_only")
    assert set(states(town, own).values()) <= {"withheld"}


def test_the_operator_needs_the_inspector_and_the_inspector_the_operator(town: Town) -> None:
    own = registered(town, "R2")
    for alone in (
        {"with_": ()},
        {"with_": ("sech",)},
        {"with_": ("sup",)},
        {"by": "dis", "as_": "DIS", "with_": ("opr",)},
    ):
        refusal = town.refused("RestrictedDataHandled", D, **order_of(own, "/contact", subject="R2") | alone)
        assert refusal.code in ("countersignature_missing", "special_case_only")
    town.must("RestrictedDataHandled", D, **order_of(own, "/contact", subject="R2"))
    assert states(town, own) == {"/contact": "erased", "/id_number": "withheld", "/person_name": "withheld"}


def test_exactly_what_is_named_goes(town: Town) -> None:
    """One value of one entry: not the others of the entry, not those of other entries of the same subject."""
    town.edition()
    filed = town.must("ApplicationFiled", D, org="A", contact_person="联系人", business_details="细节", tax_per_mu=100)
    paid = town.must("IncidentRecorded", D, org="A", incident_id="I", category="other", authority="x", details="情况")
    town.must("RestrictedDataHandled", D, **order_of(filed, "/contact_person", subject="A"))
    assert states(town, filed) == {
        "/business_details": "withheld",
        "/contact_person": "erased",
        "/tax_per_mu": "withheld",
    }
    assert [opens(town, filed, p) for p in ("/business_details", "/contact_person")] == [True, False]
    assert (states(town, paid), opens(town, paid, "/details")) == ({"/details": "withheld"}, True)
    # New data of the same subject is kept as any other.
    after = town.must(
        "IncidentRecorded", LATER, org="A", incident_id="I2", category="other", authority="x", details="新情况"
    )
    assert opens(town, after, "/details")
    assert check_database(town.ledger) == []


def test_the_subject_is_that_of_the_fields_and_nobody_elses(town: Town) -> None:
    """An applicant's name on a reviewer's score destroyed what was recorded against the applicant."""
    town.edition()
    incident = town.must(
        "IncidentRecorded", D, org="B", incident_id="I", category="other", authority="x", details="情况"
    )
    refusal = town.refused("RestrictedDataHandled", D, **order_of(registered(town, "R3"), "/contact", subject="B"))
    assert (refusal.code, refusal.details["rule"], refusal.details["field"]) == ("subject_differs", "AUD", "subject")
    assert opens(town, incident, "/details")
    refusal = town.refused("RestrictedDataHandled", D, **order_of(incident, "/details", subject="R3"))
    assert refusal.code == "subject_differs"


@pytest.mark.parametrize(
    ("paths", "code"),
    [((), "malformed_payload"), (("/nothing",), "nothing_restricted"), (("/contact", "/amount"), "nothing_restricted")],
)
def test_an_erasure_names_fields_that_are_there(town: Town, paths: tuple[str, ...], code: str) -> None:
    refusal = town.refused("RestrictedDataHandled", D, **order_of(registered(town, "R3"), *paths, subject="R3"))
    assert refusal.code == code
    with pytest.raises((MalformedError, GuardRefusedError)):
        raise refusal


def test_it_is_erased_once(town: Town) -> None:
    own = registered(town, "R3")
    town.must("RestrictedDataHandled", D, **order_of(own, "/contact"))
    assert town.refused("RestrictedDataHandled", D, **order_of(own, "/contact")).code == "already_erased"
    town.must("RestrictedDataHandled", D, **order_of(own, "/contact", "/person_name"))
    assert states(town, own) == {"/contact": "erased", "/id_number": "withheld", "/person_name": "erased"}


class PairHeard(Payload, frozen=True):
    """An event with data of two subjects; the vocabulary may get such."""

    org: Id
    person: Id


@pytest.fixture
def pair(town: Town) -> Iterator[tuple[Town, str]]:
    restricted = {"findings": Restricted(Text, "org", "findings"), "details": Restricted(Text, "person", "personal")}
    event(
        "PairHeard",
        "两方听取",
        "Pair heard",
        signers="DIS",
        tags="o:org p:person",
        serves="",
        guard="",
        restricted=restricted,
    )(PairHeard)
    openings = [
        Opening(p, secrets.token_bytes(32), v) for p, v in (("/findings", "甲方所述"), ("/details", "乙方所述"))
    ]
    town.clock.advance(D)
    body = compose(
        type="PairHeard",
        log=town.ledger.origin,
        id=town.cast.statement_id("pair", town.clock()),
        actor="dis",
        role="DIS",
        effective_at=D.isoformat(),
        payload={"org": "A", "person": "R4"},
        sd={o.pointer: o.commitment() for o in openings},
    )
    envelope = dsse.sign(body, town.cast.key("dis"))
    receipt = town.ledger.submit(Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings}))
    yield town, receipt.id
    for version in registry._REGISTER.pop("PairHeard"):
        registry._UPCASTERS.pop(version, None)


@pytest.mark.parametrize(("gone", "subject", "left"), [("/details", "R4", "/findings"), ("/findings", "A", "/details")])
def test_of_one_event_with_two_subjects_one_is_erased(
    pair: tuple[Town, str], gone: str, subject: str, left: str
) -> None:
    town, heard = pair
    other = {"R4": "A", "A": "R4"}[subject]
    assert town.refused("RestrictedDataHandled", D, **order_of(heard, gone, subject=other)).code == "subject_differs"
    assert (
        town.refused("RestrictedDataHandled", D, **order_of(heard, gone, left, subject=subject)).code
        == "subject_differs"
    )
    town.must("RestrictedDataHandled", D, **order_of(heard, gone, subject=subject))
    assert states(town, heard) == {gone: "erased", left: "withheld"}
    assert [opens(town, heard, p) for p in (gone, left)] == [False, True]
    assert opens(town, registered(town, "R4"), "/contact")
