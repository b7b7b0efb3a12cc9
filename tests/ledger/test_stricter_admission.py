"""What was recorded once and is refused today, and what stays as it is with a reason (docs/adr/0016)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ledger import canonical
from ledger.errors import GuardRefusedError, MalformedError, PermissionRefusedError, RongjianError
from ledger.fsck.database import check_database
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.signing.suites import AnyPrivateKey
from ledger.statement import compose
from ledger.submission import Submission
from tests.builders import Town
from tests.passkeys import Passkey

DAY = date(2023, 5, 5)


def _id(instant: datetime) -> str:
    """A UUIDv7 that says it was drawn up at an instant."""
    millis, tail = f"{int(instant.timestamp() * 1000):012x}", secrets.token_hex(8)
    return f"{millis[:8]}-{millis[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[4:]}{secrets.token_hex(6)}"[:36]


def _submission(town: Town, type_: str, payload: dict[str, Any], *signers: str, **changes: Any) -> Submission:
    """A statement by the first signer, by hand: the town's cast would not write these."""
    town.clock.advance(DAY)
    roles = {"opr": "OPR", "sup": "SUP", "gov": "GOV", "sech": "SECH"}
    members: dict[str, Any] = {
        "type": type_,
        "log": town.ledger.origin,
        "id": _id(town.clock()),
        "actor": signers[0],
        "role": roles[signers[0]],
        "effective_at": DAY.isoformat(),
        "payload": payload,
    } | changes
    envelope = dsse.sign(compose(**members), *(town.cast.key(s) for s in signers))
    return Submission(envelope, envelope.to_bytes(), {})


def _of_a_key(town: Town, who: str, new: AnyPrivateKey | Passkey, *signers: str, **changes: Any) -> Submission:
    payload = {
        "principal_id": who,
        "key_id": new.public.keyid,
        "algorithm": new.public.algorithm,
        "public_key": new.public.raw.hex(),
        "valid_from": "2023-05-05T00:00:00+08:00",
        "valid_until": "2030-01-01T00:00:00+08:00",
        "custody": "ukey",
    } | changes
    town.clock.advance(DAY)
    body = compose(
        type="KeyRegistered",
        log=town.ledger.origin,
        id=_id(town.clock()),
        actor="fin1",
        role="FIN",
        effective_at=DAY.isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, new, *(town.cast.key(s) for s in signers))
    return Submission(envelope, envelope.to_bytes(), {})


def _organisation(name: str = "丁（演示）", **more: Any) -> dict[str, Any]:
    return {"principal_id": "D", "kind": "public_body", "org_name": name} | more


# Ids


@pytest.mark.parametrize(
    ("one", "other"),
    [("opr2", "OPR2"), ("Kontrol", "KONTR0L"), ("corn", "com"), ("a1", "al"), ("lI", "11")],
)
def test_an_id_that_would_be_taken_for_another_does_not_come_into_being(town: Town, one: str, other: str) -> None:
    town.ledger.submit(_submission(town, "PrincipalRegistered", _organisation(principal_id=one), "opr", "sech"))
    refused = town.refusal_of(
        _submission(town, "PrincipalRegistered", _organisation(principal_id=other), "opr", "sech")
    )
    assert (refused.code, refused.details["other"]) == ("id_looks_alike", one)


@pytest.mark.parametrize(("one", "other"), [("L", "I"), ("gz-l", "gz-i"), ("K", "R")])
def test_ids_that_nobody_confuses_stand_side_by_side(town: Town, one: str, other: str) -> None:
    for name in (one, other):
        members = _organisation(name=f"机构{name}（演示）", principal_id=name)
        town.ledger.submit(_submission(town, "PrincipalRegistered", members, "opr", "sech"))


def test_two_ids_that_look_alike_decided_at_once_become_one(town: Town) -> None:
    """Both were decided before either was recorded; the second decides anew under the lock, and is refused."""
    first = _submission(town, "PrincipalRegistered", _organisation(principal_id="Dong"), "opr", "sech")
    second = _submission(town, "PrincipalRegistered", _organisation(principal_id="dong"), "opr", "sech")
    original = town.ledger._sequencer.submit

    def overtaken(*asked: Any) -> Any:
        town.ledger._sequencer.submit = original  # type: ignore[method-assign]
        town.ledger.submit(first)
        return original(*asked)

    town.ledger._sequencer.submit = overtaken  # type: ignore[method-assign]
    with pytest.raises(RongjianError) as refused:
        town.ledger.submit(second)
    assert refused.value.code == "id_looks_alike"


def test_an_id_that_was_given_goes_on_being_used(town: Town) -> None:
    """Only what comes into being is asked; a case goes on under the id it has."""
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A", award="quality", case_id="GZ-2023/x1")
    assert (
        town.refused("ApplicationFiled", date(2023, 5, 10), org="B", award="quality", case_id="GZ-2023/X1").code
        == "id_looks_alike"
    )
    town.must("ApplicationSupplemented", date(2023, 5, 11), case="GZ-2023/x1", fields={"/note": "一"}, reason="own")


@pytest.mark.parametrize("ahead", [timedelta(days=1, minutes=5), timedelta(days=27_000)])
def test_a_statement_does_not_say_that_it_was_drawn_up_on_a_day_to_come(town: Town, ahead: timedelta) -> None:
    town.clock.advance(DAY)
    refused = town.refusal_of(
        _submission(town, "PrincipalRegistered", _organisation(), "opr", "sech", id=_id(town.clock() + ahead))
    )
    assert (type(refused), refused.code) == (MalformedError, "id_of_the_future")


def test_a_statement_drawn_up_long_ago_is_taken(town: Town) -> None:
    """Nothing rests on the time in an id; somebody may sign what has lain in a drawer, or on a machine whose clock
    began at 1970.
    """
    town.ledger.submit(
        _submission(
            town, "PrincipalRegistered", _organisation(), "opr", "sech", id=_id(datetime(1970, 1, 2, tzinfo=UTC))
        )
    )


# Texts


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("甲\x00乙", "U+0000"),
        ("甲\n乙", "U+000A"),
        ("甲\u202e乙", "U+202E"),
        ("甲\u200b乙", "U+200B"),
        ("甲\U000e0041乙", "U+E0041"),
        ("\u00a0", "U+00A0"),
        ("\ue000", "U+E000"),
        ("甲\u2066乙\u2069", "U+2066"),
        ("甲\ufeff", "U+FEFF"),
        ("\u0301", "U+0301"),
        ("\u20dd", "U+20DD"),
        ("\u302a甲", "U+302A"),
        ("\u2800", "U+2800"),
    ],
)
def test_a_name_holds_what_people_can_see_and_nothing_else(town: Town, name: str, point: str) -> None:
    refused = town.refusal_of(_submission(town, "PrincipalRegistered", _organisation(name), "opr", "sech"))
    assert (refused.code, refused.details["field"]) == ("text_not_allowed", "/org_name")
    assert point in refused.en


def test_a_name_is_written_in_one_form(town: Town) -> None:
    """Two spellings of one letter would be two names."""
    refused = town.refusal_of(_submission(town, "PrincipalRegistered", _organisation("cafe\u0301"), "opr", "sech"))
    assert (refused.code, refused.details["field"]) == ("text_not_normalised", "/org_name")


def test_the_policy_holds_for_what_is_committed_to_and_for_reasons_of_an_override_too(town: Town) -> None:
    outcome = town.act(
        "PrincipalRegistered", DAY, refused={}, principal_id="P1", kind="person", person_name="某\u202e", id_number="77"
    )
    assert outcome.refusal is not None
    assert (outcome.refusal.code, outcome.refusal.details["field"]) == ("text_not_allowed", "/person_name")


def test_several_paragraphs_are_for_members_that_are_written_in_them(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A", award="quality", case_id="GZ-2023/A")
    town.must("ApplicationSupplemented", date(2023, 5, 11), case="A", fields={"/note": "一\n二"}, reason="own")


def test_what_corrects_a_line_is_one_line(town: Town) -> None:
    town.edition()
    incident = {"org": "A", "incident_id": "I", "category": "other", "authority": "x", "doc_no": "一号"}
    target = town.must("IncidentRecorded", DAY, **incident)
    by = town.ledger.event(target).statement
    correction = {"by": by.actor, "as_": by.role, "target": target, "reason": "x"}
    old = hashlib.sha256(canonical.encode("一号")).hexdigest()
    lines = {"/doc_no": {"old_hash": old, "new": "二号\n三号"}}
    refused = town.refused("EventCorrected", DAY, patch=lines, **correction)
    assert (refused.code, refused.details["code_point"]) == ("text_not_allowed", "U+000A")
    town.must("EventCorrected", DAY, patch={"/doc_no": {"old_hash": old, "new": "二号"}}, **correction)


# Keys


def test_a_key_is_not_compromised_since_a_time_to_come(town: Town) -> None:
    payload = {"principal_id": "R1", "key_id": town.cast.key("R1").public.keyid, "reason": "lost"}
    later = _submission(town, "KeyRevoked", payload | {"compromised_since": "2024-01-01T00:00:00+08:00"}, "opr", "sup")
    refused = town.refusal_of(later)
    assert (type(refused), refused.code) == (GuardRefusedError, "compromised_in_the_future")
    town.ledger.submit(
        _submission(town, "KeyRevoked", payload | {"compromised_since": "2023-05-04T00:00:00+08:00"}, "opr", "sup")
    )


@pytest.mark.parametrize("site", ["com", "gov.cn", "github.io", "intranet"])
def test_a_passkey_is_not_of_a_name_under_which_anybody_has_sites(town: Town, site: str) -> None:
    passkey = Passkey(site=site, page=f"https://awards.{site}")
    refused = town.refusal_of(_of_a_key(town, "fin1", passkey, "fin1", "opr"))
    assert refused.code == "passkey_of_a_suffix"
    town.ledger.submit(_of_a_key(town, "fin1", Passkey(), "fin1", "opr"))


def test_a_key_may_be_older_than_the_log(town: Town) -> None:
    """A certificate of a token was often issued years before; a signature counts by when it was recorded, never before
    the key was.
    """
    new = PrivateKey(secrets.token_bytes(32))
    town.ledger.submit(_of_a_key(town, "fin1", new, "fin1", "opr", valid_from="2000-01-01T00:00:00+08:00"))


# Days before the log


def test_what_took_effect_before_the_log_says_that_it_is_late(town: Town) -> None:
    before = _submission(town, "PrincipalRegistered", _organisation(), "opr", "sech", effective_at="2000-01-01")
    assert town.refusal_of(before).code == "before_the_log"
    late = {"kind": "legacy_import", "reason": "历史数据导入"}
    town.ledger.submit(
        _submission(town, "PrincipalRegistered", _organisation(), "opr", "sech", effective_at="2000-01-01", late=late)
    )


# Overrides


def test_no_override_passes_over_who_somebody_is(town: Town) -> None:
    override = {"reason": "x", "instrument_no": "x"}
    payload = {"principal_id": "R1", "role": "GOV", "valid_from": "2023-05-05", "instrument_no": "x"}
    refused = town.refusal_of(_submission(town, "RoleGranted", payload, "gov", "sup", role="GOV", override=override))
    assert (type(refused), refused.code) == (PermissionRefusedError, "no_override")


def test_what_is_refused_today_stays_whole_where_it_was_recorded(town: Town) -> None:
    """Admission only gets stricter: a log that holds such entries has no finding."""
    assert check_database(town.ledger) == []
