"""Admission: what is refused, by which rule, and that a refusal leaves the log as it was."""

from __future__ import annotations

from typing import Any

import pytest

from ledger import canonical
from ledger.disclosure import Opening
from ledger.errors import EvidenceError, IdentifierReusedError, MalformedError, RefusedError
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.submission import Receipt, Submission, parse_submission
from tests.builders import Town
from tests.ledger.acts import D


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


def test_the_same_statement_twice_in_one_batch_gets_one_receipt(town: Town) -> None:
    """The race of two submissions of the same bytes, made certain: both wait for the writer at once."""
    good = _incident(town)
    first, again = town.ledger.submit_many([good, good])
    assert first == again
    assert isinstance(first, Receipt)
    assert first.position == town.ledger.size()
    assert [e.statement.type for e in town.ledger.events()].count("IncidentRecorded") == 1


def test_the_same_id_with_other_bytes_is_refused(town: Town) -> None:
    good = _incident(town)
    town.ledger.submit(good)
    with pytest.raises(IdentifierReusedError):
        town.ledger.submit(_resigned(town, good, _dep(town), role="DEP", basis=["GZ:30"]))


def test_a_day_beyond_any_calendar_is_refused_before_it_can_spoil_answers(town: Town) -> None:
    signed = town.signed(
        "IncidentRecorded",
        D,
        org="A",
        incident_id="I1",
        category="accident",
        authority="x",
        occurred_on="9999-12-31",
    )
    with pytest.raises(MalformedError) as far:
        town.ledger.submit(signed)
    assert (far.value.code, far.value.details["field"]) == ("day_out_of_range", "/payload/occurred_on")


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
