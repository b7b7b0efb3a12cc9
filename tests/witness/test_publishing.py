"""A log that publishes by quorum: what its witnesses answer, what stops it, and a restored backup that is noticed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from api.heads import publisher as publishing
from api.heads.publisher import Publisher
from api.witness.app import create_witness_app
from api.witness.home import WitnessHome, create_witness
from ledger.errors import EvidenceError, NotFoundError
from ledger.heads import Heads
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import Ed25519Cosigner, cosign_ed25519
from ledger.tlog.policy import Policy, parse_policy
from tests.builders import Town, sign_under
from tests.witness.witness import Witness


def _policy(town: Town, keys: dict[str, Any], quorum: str = "quorum w1") -> Policy:
    lines = [
        f"log {town.ledger.evidence.verifier_key}",
        *(f"witness {n} {k} http://{n}.example/" for n, k in keys.items()),
        quorum,
    ]
    return parse_policy("\n".join([*lines, ""]).encode())


def _watched(town: Town, policy: Policy) -> Heads:
    heads = Heads(town.database, town.ledger.log, town.ledger.heads.signer, town.clock, policy)
    sign_under(town.ledger, heads)
    return heads


@pytest.fixture
def watching(town: Town, tmp_path: Path) -> Iterator[tuple[Town, Witness, Publisher]]:
    """A town whose head is published once our own witness has cosigned it."""
    folder = tmp_path / "town-witness"
    create_witness(folder, "witness.example/w1", bytes(range(32, 64)))
    (folder / "logs.policy").write_text(f"log {town.ledger.evidence.verifier_key}\nquorum none\n")
    home = WitnessHome(folder)
    policy = _policy(town, {"w1": home.cosigner})
    _watched(town, policy)
    with TestClient(create_witness_app(home)) as client:
        yield town, Witness(home, client, folder), Publisher(town.ledger, policy, client=_to(client))
    home.close()


def _to(client: TestClient) -> httpx.Client:
    """A client whose requests go to an application in this process."""

    def answer(request: httpx.Request) -> httpx.Response:
        told = client.post(request.url.path, content=request.content)
        return httpx.Response(told.status_code, content=told.content)

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_head_is_published_once_the_quorum_has_cosigned_it(watching: tuple[Town, Witness, Publisher]) -> None:
    town, witness, publisher = watching
    with pytest.raises(NotFoundError) as early:
        town.ledger.evidence.checkpoint()
    assert early.value.code == "not_published"
    assert publisher.round() == {"w1": "cosigned"}
    first = town.ledger.size()
    town.edition()
    assert town.ledger.heads.published()[0] == first
    with pytest.raises(NotFoundError):
        town.ledger.evidence.proof(town.ledger.size())
    proof = town.ledger.evidence.proof(first)
    trusted = proof.verify(town.ledger.entry(first).leaf_hash, _policy(town, {"w1": witness.key}))
    assert (trusted.checkpoint.size, list(trusted.cosigned)) == (first, ["w1"])
    assert publisher.round() == {"w1": "cosigned"}
    assert town.ledger.heads.published()[0] == town.ledger.size()


def test_a_receipt_is_given_at_once_under_a_head_that_is_not_published(
    watching: tuple[Town, Witness, Publisher],
) -> None:
    town, _, _ = watching
    town.edition()
    receipt = town.ledger.evidence.receipt(town.ledger.size())
    assert receipt.tree_size == town.ledger.size()


def test_a_restored_old_backup_is_noticed_and_nothing_is_signed_any_more(
    watching: tuple[Town, Witness, Publisher], new_town: Callable[..., Town]
) -> None:
    """The same log, as an older backup has it: the witness has seen more."""
    town, witness, publisher = watching
    signer, seen = town.ledger.heads.signer, town.ledger.size()
    publisher.round()
    # Another log under the same key and name, one entry short: what a restored backup looks like from outside.
    text = Checkpoint(signer.origin, seen + 5, bytes(32)).text
    (witness.folder / _origin_folder(witness) / "checkpoint").write_text(
        text + "\n" + cosign_ed25519(text, witness.key.name, witness.home._key, 1)
    )
    town.edition()
    with pytest.raises(EvidenceError) as noticed:
        publisher.round()
    assert (noticed.value.code, noticed.value.details["seen"]) == ("rolled_back", seen + 5)
    with pytest.raises(EvidenceError):
        town.ledger.evidence.checkpoint() if town.ledger.heads.policy is None else town.ledger.evidence.receipt(1)
    with pytest.raises(EvidenceError):
        town.must(
            "EditionOpened",
            date(2023, 5, 9),
            edition_id="GZ-2",
            number=9,
            window_from=date(2023, 5, 9),
            window_to=date(2023, 12, 9),
        )
    assert town.ledger.size() == seen + 1


def _origin_folder(witness: Witness) -> str:
    [folder] = [p.name for p in witness.folder.iterdir() if p.is_dir()]
    return folder


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(409, b"", "another_log_witnessed"), (422, b"", "another_log_witnessed"), (409, b"99999\n", "rolled_back")],
)
def test_both_deployed_answers_to_another_history_stop_the_signing(
    town: Town, status: int, body: bytes, code: str
) -> None:
    key = Ed25519Cosigner("w.example", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    policy = _policy(town, {"w1": key})
    heads = _watched(town, policy)
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, content=body)))
    with pytest.raises(EvidenceError) as stopped:
        Publisher(town.ledger, policy, client).round()
    assert stopped.value.code == code
    with pytest.raises(EvidenceError):
        heads.check_signing()


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"oops"),
        (404, b""),
        (403, b""),
        (200, b""),
        (200, b"\xff\n"),
        (200, b"A" * 200_000),
        (409, b"0\n"),
        (302, b""),
    ],
)
def test_a_witness_that_fails_is_named_and_signing_goes_on(town: Town, answer: tuple[int, bytes]) -> None:
    key = Ed25519Cosigner("w.example", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    policy = _policy(town, {"w1": key})
    heads = _watched(town, policy)
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(answer[0], content=answer[1])))
    told = Publisher(town.ledger, policy, client).round()
    assert set(told) == {"w1"}
    assert told["w1"] in ("witness_refused", "witness_answer")
    heads.check_signing()
    with pytest.raises(NotFoundError):
        heads.published()


def test_a_witness_that_cannot_be_reached_is_named(town: Town) -> None:
    key = Ed25519Cosigner("w.example", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    policy = parse_policy(
        f"log {town.ledger.evidence.verifier_key}\nwitness w1 {key} http://127.0.0.1:9/\nquorum w1\n".encode()
    )
    _watched(town, policy)
    assert Publisher(town.ledger, policy).round() == {"w1": "witness_unreachable"}


def test_a_publisher_that_is_stopped_amid_a_round_ends_after_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service closes its connections only then: a round cut short would end its thread with a traceback."""
    monkeypatch.setattr(publishing, "INTERVAL", 0.01)
    asked, answered = threading.Event(), threading.Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        assert answered.wait(30)
        return httpx.Response(500)

    key = Ed25519Cosigner("w.example", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    policy = _policy(town, {"w1": key})
    _watched(town, policy)
    publisher = Publisher(town.ledger, policy, httpx.Client(transport=httpx.MockTransport(slow)))
    thread = threading.Thread(target=publisher.follow)
    thread.start()
    assert asked.wait(30)
    publisher.stop()
    thread.join(0.2)
    assert thread.is_alive()
    answered.set()
    thread.join(30)
    assert not thread.is_alive()
    publisher.close()


def test_a_witness_that_is_away_is_said_once_and_then_ever_more_seldom_until_it_answers(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, str | None]] = []
    told = SimpleNamespace(
        warning=lambda event, **more: said.append((event, more["code"])),
        info=lambda event, **_: said.append((event, None)),
    )
    monkeypatch.setattr(publishing, "_log", told)
    now = [0.0]
    monkeypatch.setattr(publishing, "time", SimpleNamespace(monotonic=lambda: now[0]))
    publisher = Publisher(town.ledger, parse_policy(town.ledger.heads.own_policy().encode()))
    for second in range(0, 3600, 5):
        now[0] = float(second)
        publisher._say("w1", "o", "witness_unreachable")
    assert said == [("witness_failed", "witness_unreachable")] * 6  # after 0, 1, 3, 7, 15 and 31 minutes
    publisher._say("w1", "o", "witness_refused")
    publisher._say("w1", "o", None)
    publisher._say("w1", "o", None)
    assert said[6:] == [("witness_failed", "witness_refused"), ("witness_answers", None)]
    publisher.close()
