"""Our log judged by programs that we did not write: tile readers, tree builders, a witness, Go's sumdb.

Each runs under a time limit: verifiers that hang on a tampered log are known.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import aics_tlog
import httpx
import pymerkle
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal import merkle as sigstore_merkle
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.trust import Keyring
from sigstore.errors import VerificationError as SigstoreVerificationError
from sigstore_models.common.v1 import PublicKey, PublicKeyDetails

from api.heads.mirror import follow, from_ledger
from api.heads.publisher import Publisher
from ledger.errors import EvidenceError
from ledger.heads import Heads
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import Subtree, consistency_proof, inclusion_proof, leaf_hash, root_of, subtree_of
from ledger.tlog.policy import parse_policy
from tests.builders import Town, sign_under

LIMIT = 60


@pytest.fixture
def exported(town: Town, tmp_path: Path) -> tuple[Town, Path, Checkpoint]:
    """A town of more than one bundle, as static files."""
    town.edition()
    town.grow(300, date(2023, 5, 5))
    folder = tmp_path / "log"
    head = follow(from_ledger(town.ledger), folder, parse_policy(town.ledger.heads.own_policy().encode()))
    return town, folder, head


def test_aics_tlog_reads_the_checkpoint_and_audits_every_tile(exported: tuple[Town, Path, Checkpoint]) -> None:
    town, folder, head = exported
    parsed = aics_tlog.parse_note((folder / "checkpoint").read_bytes())
    key = aics_tlog.parse_vkey(str(town.ledger.evidence.verifier_key))
    result = aics_tlog.verify_checkpoint(parsed, key, expected_origin=head.origin)
    assert (result.ok, result.size, result.root) == (True, head.size, head.root)
    report = aics_tlog.audit_tiles(aics_tlog.FileSystemTileReader(folder), head.size, head.root)
    assert (report.tiles, report.bundles) == (3, 2)


@pytest.mark.parametrize("path", ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"])
def test_aics_tlog_refuses_one_flipped_bit(exported: tuple[Town, Path, Checkpoint], path: str) -> None:
    _, folder, head = exported
    data = bytearray((folder / path).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / path).write_bytes(bytes(data))
    with pytest.raises(aics_tlog.TileVerificationError):
        aics_tlog.audit_tiles(aics_tlog.FileSystemTileReader(folder), head.size, head.root)


def test_pymerkle_builds_the_same_trees_and_proofs() -> None:
    """Every size up to 40: root, and every inclusion path."""
    entries = [b"entry %d" % n for n in range(40)]
    leaves = [leaf_hash(e) for e in entries]
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for size, entry in enumerate(entries, 1):
        tree.append_entry(entry)
        subtree = subtree_of(leaves[:size])
        assert tree.get_root(size) == root_of(leaves[:size])
        for index in range(size):
            theirs = tree.prove_inclusion(index + 1, size).path
            assert set(inclusion_proof(index, size, subtree)) == set(theirs) - {leaves[index]}


def test_aics_tlog_accepts_every_consistency_proof_and_none_between_other_roots() -> None:
    leaves = [leaf_hash(b"entry %d" % n) for n in range(40)]
    for new in range(1, 41):
        for old in range(1, new + 1):
            proof, roots = (
                consistency_proof(old, new, subtree_of(leaves)),
                (root_of(leaves[:old]), root_of(leaves[:new])),
            )
            assert aics_tlog.verify_consistency(old, new, *roots, proof)
            assert not aics_tlog.verify_consistency(old, new, roots[0], bytes(32), proof)


@pytest.fixture
def foreign_witness(town: Town, tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """A running aics-witness that knows the town's log: its URL, its vkey, its configuration."""
    command = [sys.executable, "-m", "aics_witness"]
    config = tmp_path / "witness.json"
    environment = os.environ | {"AICS_WITNESS_CONFIG": str(config)}

    def run(*arguments: str) -> str:
        return subprocess.run(
            [*command, *arguments], capture_output=True, text=True, env=environment, timeout=LIMIT, check=True
        ).stdout

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run("init", "--name", "witness.example.org/w1")
    run("add-log", "--origin", town.ledger.origin, "--vkey", str(town.ledger.evidence.verifier_key))
    vkey = json.loads(run("status", "--json"))["witness"]["vkey"]
    process = subprocess.Popen(
        [*command, "serve", "--listen", f"127.0.0.1:{port}"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}", vkey, config
    finally:
        process.terminate()
        process.wait(timeout=LIMIT)


def _wait_for(url: str) -> None:
    for _ in range(LIMIT * 5):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError(url)


def test_a_foreign_witness_cosigns_our_heads_and_stops_a_second_history(
    town: Town, foreign_witness: tuple[str, str, Path]
) -> None:
    url, vkey, _ = foreign_witness
    policy = parse_policy(f"log {town.ledger.evidence.verifier_key}\nwitness w1 {vkey} {url}\nquorum w1\n".encode())
    signer = town.ledger.heads.signer
    sign_under(town.ledger, Heads(town.database, town.ledger.log, signer, town.clock, policy))
    publisher = Publisher(town.ledger, policy)
    for _ in range(3):
        assert publisher.round() == {"w1": "cosigned"}
        size, published = town.ledger.heads.published()
        assert size == town.ledger.size()
        shown = aics_tlog.verify_checkpoint(
            aics_tlog.parse_note(published.encode()),
            aics_tlog.parse_vkey(str(town.ledger.evidence.verifier_key)),
            [aics_tlog.parse_vkey(vkey)],
            1,
        )
        assert shown.ok
        town.grow(size + 1, date(2023, 5, 5))
    publisher.round()
    # The witness has now seen more than a log that would go back to any of its earlier sizes.
    fork = note.sign(
        Checkpoint(town.ledger.origin, town.ledger.size(), bytes(32)).text, town.ledger.origin, town.log_key
    )
    answer = httpx.post(f"{url}/add-checkpoint", content=f"old {town.ledger.size()}\n\n{fork}")
    assert answer.status_code == 422
    behind = Heads(town.database, town.ledger.log, signer, town.clock, policy)
    sign_under(town.ledger, behind)
    ahead = town.ledger.recorder.head().frontier.extended(bytes(32))[0]
    proof = consistency_proof(ahead.size - 1, ahead.size, _with_one_more(town))
    signed = Checkpoint(town.ledger.origin, ahead.size, ahead.root()).signed(town.log_key)
    body = "\n".join([f"old {ahead.size - 1}", *(_b64(h) for h in proof), "", signed])
    assert httpx.post(f"{url}/add-checkpoint", content=body).status_code == 200
    with pytest.raises(EvidenceError) as noticed:
        Publisher(town.ledger, policy).round()
    assert noticed.value.code == "rolled_back"
    with pytest.raises(EvidenceError):
        behind.check_signing()


def _with_one_more(town: Town) -> Subtree:
    leaves = [*town.ledger.recorder.hashes(0, 0, town.ledger.size()), bytes(32)]
    return subtree_of(leaves)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


GO = shutil.which("go")
SUMDB = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")


@pytest.mark.skipif(
    GO is None or not SUMDB.exists(), reason="no Go, or Debian's golang-golang-x-mod-dev is not installed"
)
@pytest.mark.parametrize("spoilt", [None, "tile/0/000", "tile/entries/000", "tile/1/000.p/1"])
def test_gos_sumdb_reads_our_tiles(exported: tuple[Town, Path, Checkpoint], spoilt: str | None) -> None:
    town, folder, head = exported
    if spoilt:
        data = bytearray((folder / spoilt).read_bytes())
        data[-1] ^= 1
        (folder / spoilt).write_bytes(bytes(data))
    program = Path(__file__).with_name("sumdb") / "main.go"
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder.parent / "gocache"),
        "GOFLAGS": "",
    }
    done = subprocess.run(
        [str(GO), "run", str(program), str(folder), str(town.ledger.evidence.verifier_key)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=5 * LIMIT,
        check=False,
    )
    assert done.returncode == (1 if spoilt else 0), done.stdout + done.stderr
    if not spoilt:
        assert f"{head.origin} {head.size}" in done.stdout


# sigstore: the Merkle and checkpoint code with which Python clients judge Rekor


def _as_rekor_has_it(entry: bytes, index: int, size: int, hashes: list[bytes], root: bytes) -> SimpleNamespace:
    proof = SimpleNamespace(log_index=index, tree_size=size, hashes=hashes, root_hash=root)
    return SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=proof, canonicalized_body=entry))


def test_sigstore_verifies_every_inclusion_proof_and_refuses_a_spoilt_one(town: Town) -> None:
    size = town.ledger.size()
    root = checkpoint.parse(note.split(town.ledger.evidence.checkpoint().encode())[0]).root
    for row in town.ledger.recorder.entries():
        hashes = town.ledger.evidence.inclusion(row.position, size)
        sigstore_merkle.verify_merkle_inclusion(_as_rekor_has_it(row.entry, row.position - 1, size, hashes, root))
        for spoilt in (
            _as_rekor_has_it(row.entry + b" ", row.position - 1, size, hashes, root),
            _as_rekor_has_it(row.entry, row.position - 1, size, hashes[:-1], root),
            _as_rekor_has_it(row.entry, row.position - 1, size, [bytes(32), *hashes[1:]], root),
            _as_rekor_has_it(row.entry, row.position - 1, size, hashes, bytes(32)),
        ):
            with pytest.raises(SigstoreVerificationError):
                sigstore_merkle.verify_merkle_inclusion(spoilt)


def test_sigstore_verifies_our_checkpoint_by_its_key_alone(town: Town) -> None:
    """It reads every line of ours, finds its own key among them, and refuses another tree under the same signature."""
    text = town.ledger.evidence.checkpoint()
    key = town.ledger.evidence.verifier_key
    der = Ed25519PublicKey.from_public_bytes(key.public_key).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    ring = Keyring([PublicKey(raw_bytes=base64.b64encode(der), key_details=PublicKeyDetails.PKIX_ED25519)])
    signed = SignedCheckpoint.from_text(text)
    head = checkpoint.parse(note.split(text.encode())[0])
    stated = signed.checkpoint
    assert (stated.origin, stated.log_size, stated.log_hash) == (head.origin, head.size, head.root.hex())
    signed.signed_note.verify(ring, key.key_id)
    moved = SignedCheckpoint.from_text(text.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n", 1))
    with pytest.raises(SigstoreVerificationError):
        moved.signed_note.verify(ring, key.key_id)


SIGSTORE_JS = Path(__file__).parent / "sigstore-js"


@pytest.mark.skipif(
    shutil.which("node") is None or not (SIGSTORE_JS / "node_modules").exists(),
    reason="no Node, or @sigstore/verify not installed",
)
def test_sigstore_in_node_verifies_proofs_and_checkpoint_and_refuses_spoilt_ones(town: Town) -> None:
    size, key = town.ledger.size(), town.ledger.evidence.verifier_key
    der = Ed25519PublicKey.from_public_bytes(key.public_key).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    head = {
        "checkpoint": town.ledger.evidence.checkpoint(),
        "origin": town.ledger.origin,
        "spki": base64.b64encode(der).decode(),
        "keyHint": base64.b64encode(key.key_id).decode(),
    }
    good = [
        head
        | {
            "entry": base64.b64encode(row.entry).decode(),
            "index": row.position - 1,
            "hashes": [base64.b64encode(h).decode() for h in town.ledger.evidence.inclusion(row.position, size)],
        }
        for row in town.ledger.recorder.entries()
    ]
    spoilt = [
        good[3] | {"index": 4},
        good[3] | {"hashes": good[4]["hashes"]},
        good[3] | {"entry": good[4]["entry"]},
        good[3] | {"checkpoint": head["checkpoint"].replace(f"\n{size}\n", f"\n{size + 1}\n", 1)},
        good[3] | {"keyHint": "AAAAAA=="},
    ]
    done = subprocess.run(
        [str(shutil.which("node")), str(SIGSTORE_JS / "judge.cjs")],
        input="\n".join(json.dumps(case) for case in [*good, *spoilt]),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=True,
    )
    said = done.stdout.splitlines()
    assert said[: len(good)] == ["good"] * size
    assert len(said) == len(good) + len(spoilt)
    assert "good" not in said[len(good) :]
