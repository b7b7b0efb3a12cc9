"""A type that has got a second schema version: old entries keep what they were signed under, folds see the newest."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.heads.mirror import follow, from_ledger
from api.reference.documents import schema_files
from ledger.admission.register import GUARDS
from ledger.derivation.history import EVER, History
from ledger.errors import InvariantError, MalformedError
from ledger.events import registry
from ledger.events.kinds import CaseId, Dec, Fen, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.fsck.database import check_database
from ledger.signing import envelope as dsse
from ledger.statement import compose
from ledger.submission import Submission
from ledger.tlog.policy import parse_policy
from tests.builders import Town

TOPIC = "FeeCharged"
VERIFIER = Path(__file__).parents[2] / "docs" / "spec" / "verifier"
D = date(2023, 5, 8)


class FeeChargedV1(Payload, frozen=True):
    """Yuan as a decimal, and a tag that the next version gives up."""

    case_id: CaseId
    total: Dec
    org: Text


class FeeChargedV2(Payload, frozen=True):
    case_id: CaseId
    amount: Fen
    subject: Text


def _upcast(old: FeeChargedV1) -> FeeChargedV2:
    return FeeChargedV2(case_id=old.case_id, amount=int(Decimal(old.total) * 100), subject=old.org)


@pytest.fixture
def first_version() -> Iterator[None]:
    """The type as it was at first; gone again after the test, with whatever version came after it."""
    event(
        TOPIC,
        "收费",
        "Fee charged",
        signers="SEC+SECH / FIN",
        tags="c:case_id o:org",
        serves="ZY6",
        guard="none",
        restricted={"details": Restricted(Text, "org", "payee")},
    )(FeeChargedV1)
    yield
    for version in registry._REGISTER.pop(TOPIC):
        registry._UPCASTERS.pop(version, None)


def _second_version() -> None:
    event(
        TOPIC,
        "收费",
        "Fee charged",
        signers="FIN+FIN",
        tags="c:case_id",
        serves="ZY6",
        guard="none",
        restricted={"payee_account": Restricted(Text, "subject", "payee")},
        upcast=_upcast,
    )(FeeChargedV2)


def _charged(town: Town, payload: dict[str, Any], *others: str) -> Submission:
    town.clock.advance(D)
    body = compose(
        type=TOPIC,
        log=town.ledger.origin,
        id=town.cast.statement_id(repr(payload), town.clock()),
        actor="fin1",
        role="FIN",
        effective_at=D.isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, town.cast.key("fin1"), *(town.cast.key(o) for o in others))
    return Submission(envelope, envelope.to_bytes(), {})


def test_an_entry_of_an_earlier_version_is_read_by_the_newest_and_verified_by_its_own(
    town: Town, first_version: None, tmp_path: Path
) -> None:
    old = _charged(town, {"case_id": "GZ-2023/A", "total": "12.50", "org": "A"})
    event_id = town.ledger.submit(old).id
    before = town.ledger.event(event_id).statement
    assert (before.payload, before.tags) == (
        FeeChargedV1(case_id="GZ-2023/A", total="12.50", org="A"),
        ("by:fin1", "c:GZ-2023/A", "ed:GZ-2023", "o:A"),
    )

    _second_version()
    town.ledger.log._known.clear()  # type: ignore[union-attr,attr-defined]
    again = town.ledger.event(event_id).statement
    assert again.payload == FeeChargedV2(case_id="GZ-2023/A", amount=1250, subject="A")
    # Tags, seats and restricted members are those that were signed.
    assert (again.tags, again.spec.schema, list(again.spec.restricted)) == (before.tags, 1, ["/details"])
    live = History(town.ledger.events()).live(EVER, town.ledger.size())
    assert [e.payload for e in live.of(FeeChargedV2, subject="A")] == [again.payload]
    assert check_database(town.ledger) == []

    new = town.ledger.submit(_charged(town, {"case_id": "GZ-2023/A", "amount": 300, "subject": "A"}, "fin2"))
    assert town.ledger.event(new.id).statement.tags == ("by:fin1", "c:GZ-2023/A", "ed:GZ-2023")
    assert check_database(town.ledger) == []
    assert _second_verifier(town, tmp_path) == []


def test_nothing_is_signed_under_an_earlier_version_any_more(town: Town, first_version: None) -> None:
    old = _charged(town, {"case_id": "GZ-2023/A", "total": "12.50", "org": "A"})
    _second_version()
    with pytest.raises(MalformedError) as refusal:
        town.ledger.submit(old)
    assert refusal.value.code == "outdated_schema"


def test_a_version_that_is_not_known_yet_is_refused_by_its_number(town: Town, first_version: None) -> None:
    with pytest.raises(MalformedError) as refusal:
        registry.event_class(TOPIC, 2)
    assert (refusal.value.code, refusal.value.details["field"]) == ("unknown_schema", "schema")


def test_a_second_version_without_an_upcaster_is_a_mistake_of_ours(first_version: None) -> None:
    with pytest.raises(InvariantError, match="upcaster"):
        event(TOPIC, "收费", "Fee charged", signers="FIN", tags="", serves="", guard="")(FeeChargedV2)
    assert FeeChargedV2 not in GUARDS


def _second_verifier(town: Town, folder: Path) -> Any:
    """The verifier in Node with the schemas of both versions; nothing where there is no Node."""
    node = shutil.which("node")
    if node is None:
        return []
    shutil.copytree(VERIFIER, folder / "spec" / "verifier")
    shutil.copytree(VERIFIER.parent / "events", folder / "spec" / "events")
    files = schema_files(TOPIC)
    assert sorted(files) == [f"{TOPIC}.json", f"{TOPIC}.v1.json"]
    for name, text in files.items():
        (folder / "spec" / "events" / name).write_text(text, "utf-8")
    follow(from_ledger(town.ledger), folder / "export", parse_policy(town.ledger.heads.own_policy().encode()))
    done = subprocess.run(
        [
            node,
            str(folder / "spec" / "verifier" / "verify.mjs"),
            str(folder / "export"),
            str(town.ledger.evidence.verifier_key),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return json.loads(done.stdout)["findings"]
