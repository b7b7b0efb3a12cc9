"""Witnesses: ours by the protocol's table, a log that publishes by quorum, and a restored backup that is noticed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
from api.witness.home import WitnessHome, create_witness, judge, parse_refused
from ledger.errors import EvidenceError, MalformedError, NotFoundError, UnavailableError
from ledger.heads import Heads
from ledger.tlog import note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import Ed25519Cosigner, cosign_ed25519
from ledger.tlog.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, root_of, subtree_of
from ledger.tlog.policy import Policy, parse_policy
from ledger.tlog.witness import AddCheckpoint, StaleSizeError
from tests.builders import Town, sign_under

LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = note.VerifierKey("ledger.example.gov/awards", LOG_KEY.public_key().public_bytes_raw())
LEAVES = [leaf_hash(b'{"i":%d,"t":"award"}' % i) for i in range(12)]


def _signed(size: int, root: bytes | None = None, *, key: Ed25519PrivateKey = LOG_KEY, name: str = LOG.name) -> bytes:
    return note.sign(Checkpoint(name, size, root or root_of(LEAVES[:size])).text, name, key).encode()


def _request(old: int, new: int, **more: Any) -> bytes:
    proof = consistency_proof(old, new, subtree_of(LEAVES))
    return AddCheckpoint(old, tuple(proof), _signed(new, **more)).to_bytes()


@dataclass
class Witness:
    home: WitnessHome
    client: TestClient
    folder: Path

    def add(self, body: bytes) -> tuple[int, str]:
        answer = self.client.post("/add-checkpoint", content=body)
        return answer.status_code, answer.text

    @property
    def key(self) -> Ed25519Cosigner:
        return self.home.cosigner


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    folder = tmp_path / "w1"
    create_witness(folder, "witness.example/w1", bytes(range(32, 64)))
    (folder / "logs.policy").write_text(f"log {LOG}\nquorum none\n")
    home = WitnessHome(folder)
    with TestClient(create_witness_app(home)) as client:
        yield Witness(home, client, folder)
    home.close()


def test_a_witness_cosigns_what_extends_what_it_cosigned_and_shows_it(witness: Witness) -> None:
    assert str(witness.key) in witness.client.get("/").text
    for old, new in ((0, 3), (3, 3), (3, 8), (8, 12)):
        status, lines = witness.add(_request(old, new))
        assert status == 200
        text = Checkpoint(LOG.name, new, root_of(LEAVES[:new])).text
        _, signed = note.verified(text.encode() + b"\n" + lines.encode(), [witness.key])
        assert [key for key, _ in signed] == [witness.key]
    shown = witness.client.get("/53a2132f8a5cee129d21d604919ddda4caa44684b419328b88cca9f72e83b151/checkpoint")
    assert note.verified(shown.content, [LOG, witness.key])[0] == Checkpoint(LOG.name, 12, root_of(LEAVES)).text
    assert witness.client.get(f"/{'0' * 64}/checkpoint").status_code == 404
    assert witness.client.get("/..%2fwitness.key/checkpoint").status_code == 404


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, b""),
        (400, b"old 3\n\n"),
        (400, b"old 03\n\n" + _signed(8)),
        (400, b"old -1\n\n" + _signed(8)),
        (400, b"new 3\n\n" + _signed(8)),
        (400, b"old 3\nAAAA\n\n" + _signed(8)),
        (400, b"old 3\n\xff\n\n" + _signed(8)),
        (400, b"old 9\n\n" + _signed(8)),
        (400, AddCheckpoint(3, (bytes(32),) * 64, _signed(8)).to_bytes()),
        (400, b"old 3\n\n" + note.sign(f"{LOG.name}\n8\nAAAA\n", LOG.name, LOG_KEY).encode()),
        (404, b"old 3\n\n" + _signed(8, name="other.example/log")),
        (403, _request(3, 8, key=Ed25519PrivateKey.from_private_bytes(bytes(32)))),
        (403, _request(3, 8).replace(b"8\n", b"9\n", 1)),
        (409, _request(0, 8)),
        (409, _request(2, 8)),
        (409, b"old 8\n\n" + _signed(8)),
        (422, b"old 3\n\n" + _signed(8)),
        (422, AddCheckpoint(3, (bytes(32),) * 4, _signed(8)).to_bytes()),
        (422, b"old 3\n\n" + _signed(3, bytes(32))),
        (422, AddCheckpoint(3, (bytes(32),), _signed(3)).to_bytes()),
        (413, b"old 3\n" + b"A" * 200_000),
    ],
)
def test_a_witness_refuses_by_the_table_and_keeps_its_head(witness: Witness, status: int, request_: bytes) -> None:
    assert witness.add(_request(0, 3))[0] == 200
    answered, text = witness.add(request_)
    assert answered == status
    if status == 409:
        assert text == "3\n"
    assert witness.add(_request(3, 8))[0] == 200


@pytest.mark.parametrize(
    "request_", [AddCheckpoint(0, (bytes(32),), _signed(3)).to_bytes(), b"old 0\n\n" + _signed(0, bytes(32))]
)
def test_a_first_request_needs_an_empty_proof_and_an_empty_tree_its_root(witness: Witness, request_: bytes) -> None:
    assert witness.add(request_)[0] == 422
    assert witness.add(b"old 0\n\n" + _signed(0, EMPTY_ROOT))[0] == 200


def test_a_witness_cosigns_a_head_with_extension_lines_as_it_was_signed(witness: Witness) -> None:
    text = Checkpoint(LOG.name, 3, root_of(LEAVES[:3]), ("Timestamp: 1767225600",)).text
    status, lines = witness.add(b"old 0\n\n" + note.sign(text, LOG.name, LOG_KEY).encode())
    assert status == 200
    assert [key for key, _ in note.verified(f"{text}\n{lines}".encode(), [witness.key])[1]] == [witness.key]
    assert witness.add(_request(3, 8))[0] == 200


def test_two_roots_of_one_size_are_kept_as_a_file_that_anyone_can_judge(witness: Witness) -> None:
    assert witness.add(_request(0, 8))[0] == 200
    for _ in range(3):
        assert witness.add(b"old 8\n\n" + _signed(8, bytes(32)))[0] == 422
    assert witness.add(b"old 3\n\n" + _signed(8, bytes([1]) * 32)) == (409, "8\n")
    assert witness.add(AddCheckpoint(8, (), _signed(12, bytes(32))).to_bytes())[0] == 422
    assert len(list(witness.folder.glob("*/refused/*.json"))) == 3
    verdicts = {}
    for path in witness.folder.glob("*/refused/*.json"):
        refused = parse_refused(path.read_bytes())
        verdicts[note.split(refused.offered)[0].split("\n")[1]] = judge(refused, [LOG])
    assert verdicts == {"8": "equivocation", "12": "inconsistent_claim"}
    forged = (
        next(iter(witness.folder.glob("*/refused/*.json")))
        .read_text()
        .replace("\\n8\\n", "\\n9\\n")
        .replace("\\n12\\n", "\\n9\\n")
    )
    with pytest.raises(EvidenceError):
        judge(parse_refused(forged.encode()), [LOG])
    for bad in (b"", b"[]", b"{}", json.dumps({"kind": "x"}).encode(), b'{"kind":1}'):
        with pytest.raises(MalformedError):
            parse_refused(bad)


def test_of_many_at_once_one_extends_the_head_and_the_others_learn_its_size(witness: Witness) -> None:
    assert witness.add(_request(0, 3))[0] == 200
    answers: list[int] = []
    bodies = [_request(3, new) for new in (4, 5, 6, 7, 8, 9, 10, 11)]
    threads = [threading.Thread(target=lambda b=b: answers.append(_status(witness, b))) for b in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 7


def _status(witness: Witness, body: bytes) -> int:
    try:
        witness.home.add_checkpoint(body)
    except StaleSizeError:
        return 409
    return 200


def test_a_witness_goes_on_where_it_stopped_and_two_never_share_a_folder(witness: Witness) -> None:
    assert witness.add(_request(0, 8))[0] == 200
    with pytest.raises(UnavailableError):
        WitnessHome(witness.folder)
    witness.home.close()
    again = WitnessHome(witness.folder)
    with TestClient(create_witness_app(again)) as client:
        assert client.post("/add-checkpoint", content=_request(3, 12)).text == "8\n"
        assert client.post("/add-checkpoint", content=_request(8, 12)).status_code == 200
    again.close()
    witness.home = WitnessHome(witness.folder)


def test_a_witness_never_dates_a_cosignature_before_its_last(tmp_path: Path) -> None:
    create_witness(tmp_path / "w", "w.example", bytes(32))
    (tmp_path / "w" / "logs.policy").write_text(f"log {LOG}\nquorum none\n")
    times = iter([datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
    home = WitnessHome(tmp_path / "w", lambda: next(times))
    home.add_checkpoint(_request(0, 3))
    with pytest.raises(UnavailableError) as refused:
        home.add_checkpoint(_request(3, 8))
    assert refused.value.code == "witness_clock"
    home.close()


# A log that publishes


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
