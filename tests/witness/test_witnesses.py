"""A witness of ours by the protocol's table: what it cosigns, what it refuses, and what it keeps."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from api.witness.app import create_witness_app
from api.witness.home import WitnessHome, create_witness, judge, parse_refused
from ledger.errors import EvidenceError, MalformedError, UnavailableError
from ledger.tlog import note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, root_of, subtree_of
from ledger.tlog.witness import AddCheckpoint, StaleSizeError
from tests.witness.witness import Witness

LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = note.VerifierKey("ledger.example.gov/awards", LOG_KEY.public_key().public_bytes_raw())
LEAVES = [leaf_hash(b'{"i":%d,"t":"award"}' % i) for i in range(12)]


def _signed(size: int, root: bytes | None = None, *, key: Ed25519PrivateKey = LOG_KEY, name: str = LOG.name) -> bytes:
    return note.sign(Checkpoint(name, size, root or root_of(LEAVES[:size])).text, name, key).encode()


def _request(old: int, new: int, **more: Any) -> bytes:
    proof = consistency_proof(old, new, subtree_of(LEAVES))
    return AddCheckpoint(old, tuple(proof), _signed(new, **more)).to_bytes()


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
