"""Entries signed while a key was in other hands: they stand, later ones are refused, and whoever reads them is told."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from api.evidence.check import check
from api.evidence.making import gather
from ledger.clock import SHANGHAI
from ledger.entry import RecordedEvent
from ledger.errors import SignatureRefusedError
from ledger.tlog.policy import parse_policy
from projections.suspect_keys import SuspectSignature, suspects_of
from tests.builders import Town


def _first(town: Town, type_: str) -> RecordedEvent:
    return next(e for e in town.ledger.events() if e.statement.type == type_)


def test_what_a_key_signed_since_it_was_compromised_is_marked_from_the_revocation_on(town: Town) -> None:
    """The award's grant is signed on the 20th of June; on the 1st of July the key is found stolen since the 10th."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    opened, granted = _first(town, "EditionOpened"), _first(town, "AwardGranted")
    who = granted.statement.actor
    key = town.cast.key(who).public.keyid
    assert key in {s.keyid for s in granted.envelope.signatures}
    before = town.ledger.size()
    since = datetime(2023, 6, 10, tzinfo=SHANGHAI)
    revocation = town.must(
        "KeyRevoked",
        date(2023, 7, 1),
        by=who,
        as_=granted.statement.role,
        principal_id=who,
        key_id=key,
        reason="compromised",
        compromised_since=since.isoformat(),
    )
    size = town.ledger.size()
    expected = [SuspectSignature(key, who, since, revocation)]
    assert suspects_of(town.ledger, granted, size) == expected
    assert suspects_of(town.ledger, granted, before) == []
    assert opened.recorded_at < since
    assert suspects_of(town.ledger, opened, size) == []
    assert suspects_of(town.ledger, town.ledger.event(revocation), size) == []
    files = gather(town.ledger, "award", "GZ-2023-A", date(2023, 7, 2))
    check(files, parse_policy(files["policy"]))
    assert f"{who} 的密钥自 2023-06-10 00:00:00 起已泄露" in files["report.zh.html"].decode()
    assert f"the key of {who} was compromised since 2023-06-10 00:00:00" in files["report.en.html"].decode()


def test_a_key_lost_without_a_theft_taints_nothing_and_signs_no_more(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    granted = _first(town, "AwardGranted")
    who, role = granted.statement.actor, granted.statement.role
    members = {"principal_id": who, "key_id": town.cast.key(who).public.keyid, "reason": "lost"}
    town.must("KeyRevoked", date(2023, 7, 1), by=who, as_=role, **members)
    assert suspects_of(town.ledger, granted, town.ledger.size()) == []
    late = town.signed("RoleGranted", date(2023, 7, 2), by=who, as_=role, principal_id="sec", role="SUP")
    with pytest.raises(SignatureRefusedError, match="expired, revoked or not yet valid"):
        town.ledger.submit(late)
