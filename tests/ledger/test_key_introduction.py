"""Who a new key speaks for is said by a key that was there before; a new key never introduces itself."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

import pytest

from ledger.audit.entries import check_entries
from ledger.entry import frame
from ledger.errors import PermissionRefusedError, RefusedError, RongjianError, SignatureRefusedError
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.statement import compose
from ledger.submission import Submission
from tests.builders import Town

DAY, WAITED = date(2023, 5, 5), date(2023, 5, 13)


def _registration(
    town: Town,
    who: str,
    role: str,
    *signers: str,
    replaces: bool = False,
    new: PrivateKey | None = None,
    valid_from: date | None = None,
) -> Submission:
    """A new key for ``who``; where no key of theirs signs, it counts from the first day after the wait."""
    new = new or PrivateKey(secrets.token_bytes(32))
    counts = valid_from or (DAY if who in signers else WAITED)
    town.clock.advance(DAY)
    payload: dict[str, Any] = {
        "principal_id": who,
        "key_id": new.public.keyid,
        "algorithm": "Ed25519",
        "public_key": new.public.raw.hex(),
        "valid_from": f"{counts}T00:00:00+08:00",
        "valid_until": "2030-01-01T00:00:00+08:00",
        "custody": "ukey",
    } | ({"replaces": town.cast.key(who).public.keyid} if replaces else {})
    body = compose(
        type="KeyRegistered",
        log=town.ledger.origin,
        id=town.cast.statement_id(secrets.token_hex(4), town.clock()),
        actor=who,
        role=role,
        effective_at=DAY.isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, new, *(town.cast.key(s) for s in signers))
    return Submission(envelope, envelope.to_bytes(), {})


@pytest.mark.parametrize(
    ("who", "role", "signers"),
    [
        ("opr", "OPR", ()),
        ("opr", "OPR", ("sup",)),
        ("gov", "GOV", ("opr",)),
        ("sech", "SECH", ("opr",)),
        ("fin1", "FIN", ("opr",)),
        ("A", "APP", ("opr", "B")),
    ],
)
def test_a_key_is_not_registered_for_somebody_who_has_one_without_them(
    town: Town, who: str, role: str, signers: tuple[str, ...]
) -> None:
    """Whoever could do this would be the registrar, the government or the payer."""
    submission, size = _registration(town, who, role, *signers), town.ledger.size()
    with pytest.raises(PermissionRefusedError) as refused:
        town.ledger.submit(submission)
    assert (refused.value.code, town.ledger.size()) == ("rotation_not_proven", size)
    # A log that recorded it all the same is found out.
    entries = [(row.position, row.entry) for row in town.ledger.recorder.entries()]
    forged = frame(submission.envelope_bytes, town.clock())
    findings, _ = check_entries([*entries, (size + 1, forged)], town.ledger.origin)
    assert [f.field for f in findings] == ["introduction"]


@pytest.mark.parametrize(
    ("who", "role", "signers", "replaces"),
    [
        ("fin1", "FIN", ("fin1", "opr"), True),
        ("fin1", "FIN", ("fin1", "opr"), False),
        ("fin1", "FIN", ("opr", "sech"), True),
        ("opr", "OPR", ("opr",), False),
        ("opr", "OPR", ("sech",), True),
        ("sech", "SECH", ("opr", "gov"), True),
    ],
)
def test_a_principal_rotates_by_an_own_key_and_a_lost_one_is_confirmed_by_sech_or_gov(
    town: Town, who: str, role: str, signers: tuple[str, ...], replaces: bool
) -> None:
    receipt = town.ledger.submit(_registration(town, who, role, *signers, replaces=replaces))
    entries = [(row.position, row.entry) for row in town.ledger.recorder.entries()]
    assert (receipt.position, check_entries(entries, town.ledger.origin)[0]) == (len(entries), [])


def test_the_registrar_who_lost_the_key_goes_on_with_a_new_one(town: Town) -> None:
    new = PrivateKey(secrets.token_bytes(32))
    town.ledger.submit(_registration(town, "opr", "OPR", "sech", replaces=True, new=new))
    town.clock.advance(WAITED)
    old = town.cast.key("opr").public.keyid
    body = compose(
        type="KeyRevoked",
        log=town.ledger.origin,
        id=town.cast.statement_id("revoke", town.clock()),
        actor="opr",
        role="OPR",
        effective_at=WAITED.isoformat(),
        payload={
            "principal_id": "opr",
            "key_id": old,
            "reason": "lost",
            "compromised_since": "2023-05-04T00:00:00+08:00",
        },
    )
    envelope = dsse.sign(body, new)
    town.ledger.submit(Submission(envelope, envelope.to_bytes(), {}))
    with pytest.raises(SignatureRefusedError) as dead:
        town.must("PrincipalRegistered", DAY, principal_id="x", kind="person", person_name="某", id_number="1")
    assert dead.value.code == "key_not_valid"
    with pytest.raises(RongjianError):
        town.ledger.submit(_registration(town, "opr", "OPR", "opr"))


def test_a_first_key_is_not_introduced_by_itself(town: Town) -> None:
    town.must("PrincipalRegistered", DAY, principal_id="opr2", kind="person", person_name="某", id_number="77")
    town.must(
        "RoleGranted", DAY, by="gov", as_="GOV", principal_id="opr2", role="OPR", valid_from=DAY, instrument_no="x"
    )
    with pytest.raises(PermissionRefusedError) as refused:
        town.ledger.submit(_registration(town, "opr2", "OPR"))
    assert refused.value.code == "key_not_introduced"
    town.ledger.submit(_registration(town, "opr2", "OPR", "opr"))


@pytest.mark.parametrize("valid_from", [DAY, date(2023, 5, 12)])
def test_a_further_key_that_its_holder_has_not_signed_waits(town: Town, valid_from: date) -> None:
    """Office and operator could else score as a reviewer the same day."""
    with pytest.raises(RefusedError) as refused:
        town.ledger.submit(_registration(town, "R1", "REV", "opr", "sech", valid_from=valid_from))
    assert (refused.value.code, refused.value.details["earliest"]) == ("key_waits", "2023-05-13")
    new = PrivateKey(secrets.token_bytes(32))
    town.ledger.submit(_registration(town, "R1", "REV", "opr", "sech", new=new))
    with pytest.raises(SignatureRefusedError) as early:
        town.ledger.submit(_registration(town, "R1", "REV", "opr", new=new))
    assert early.value.code in ("key_not_valid", "key_known")
