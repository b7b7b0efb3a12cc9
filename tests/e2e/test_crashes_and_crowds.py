"""Crowds and crashes: eight processes at once, kill -9 in the middle, a database that goes away."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.bootstrap import database_of, log_named, open_log
from api.settings import Settings, read_settings
from ledger.application import Ledger, parse_submission
from ledger.errors import AppendConflictError
from ledger.fsck import check_database
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.tlog import checkpoint
from ledger.tlog.merkle import leaf_hash, verify_consistency, verify_inclusion
from tests.builders import Town
from tests.ledger.test_admission import D


def _submit_in_process(url: str, town: dict[str, Any], data: bytes, results: Any, barrier: Any) -> None:
    database = Database(url, town["schema"], size=2).open()
    ledger = Ledger(
        town["origin"], database, Vault(database, town["kek"]), Ed25519PrivateKey.from_private_bytes(town["key"])
    )
    barrier.wait()
    try:
        receipt = ledger.submit(parse_submission(data))
        results.put(("receipt", receipt.position, receipt.recorded_at, receipt.leaf_hash))
    except AppendConflictError as error:
        results.put(("error", error.code, "", ""))
    ledger.close()


def _crowd(town: Town, submissions: list[bytes]) -> list[tuple[str, Any, str, str]]:
    context = multiprocessing.get_context("spawn")
    results, barrier = context.Queue(), context.Barrier(len(submissions))
    shared = {
        "schema": town.database.schema,
        "origin": town.ledger.origin,
        "kek": town.kek,
        "key": town.log_key.private_bytes_raw(),
    }
    processes = [
        context.Process(target=_submit_in_process, args=(town.database.url, shared, data, results, barrier))
        for data in submissions
    ]
    for process in processes:
        process.start()
    found = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return found


def test_the_same_statement_from_eight_processes_is_one_event_with_one_receipt(town: Town) -> None:
    submission = town.signed(
        "IncidentRecorded", D, org="A", incident_id="I1", category="other", authority="x", details="详情（演示）"
    )
    before = town.ledger.size()
    found = _crowd(town, [json.dumps(submission.to_json()).encode()] * 8)
    assert town.ledger.size() == before + 1
    assert {kind for kind, *_ in found} == {"receipt"}
    assert len({tuple(rest) for _, *rest in found}) == 1
    assert check_database(town.ledger) == []


def test_eight_processes_that_compete_for_one_id_are_serialised(town: Town) -> None:
    """Eight different statements register the same incident: exactly one is recorded, seven are refused."""
    submissions = [
        town.signed("IncidentRecorded", D, org="A", incident_id="I1", category="other", authority=f"authority {n}")
        for n in range(8)
    ]
    before = town.ledger.size()
    context = multiprocessing.get_context("spawn")
    results, barrier = context.Queue(), context.Barrier(8)
    shared = {
        "schema": town.database.schema,
        "origin": town.ledger.origin,
        "kek": town.kek,
        "key": town.log_key.private_bytes_raw(),
    }
    processes = [
        context.Process(
            target=_submit_or_refuse,
            args=(town.database.url, shared, json.dumps(s.to_json()).encode(), results, barrier),
        )
        for s in submissions
    ]
    for process in processes:
        process.start()
    found = sorted(results.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    assert found == ["incident_exists"] * 7 + ["recorded"]
    assert town.ledger.size() == before + 1


def _submit_or_refuse(url: str, town: dict[str, Any], data: bytes, results: Any, barrier: Any) -> None:
    from ledger.errors import RongjianError

    database = Database(url, town["schema"], size=2).open()
    ledger = Ledger(
        town["origin"], database, Vault(database, town["kek"]), Ed25519PrivateKey.from_private_bytes(town["key"])
    )
    barrier.wait()
    try:
        ledger.submit(parse_submission(data))
        results.put("recorded")
    except RongjianError as error:
        results.put(error.code)
    ledger.close()


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    """A home of its own on the test database, with logs under names nobody else uses."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(database_url, autocommit=True) as connection:
        name = f"home_{secrets.token_hex(6)}"
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    info = psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}
    yield read_settings(
        {"RONGJIAN_HOME": str(tmp_path / "home"), "RONGJIAN_DATABASE_URL": psycopg.conninfo.make_conninfo(**info)}
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


LOADER = """
import sys
from datetime import date
from api.settings import read_settings
from api.demo import load_demos
import os
settings = read_settings(os.environ)
load_demos(settings, settings.database_url, date(2026, 6, 1), lambda *_: None)
"""


def _loader(home: Settings) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RONGJIAN_")}
    environment |= {"RONGJIAN_HOME": str(home.home), "RONGJIAN_DATABASE_URL": str(home.database_url)}
    return subprocess.Popen([sys.executable, "-c", LOADER], env=environment, stderr=subprocess.DEVNULL)


def test_a_load_killed_in_the_middle_goes_on_and_every_receipt_stays_valid(home: Settings) -> None:
    loader = _loader(home)
    ledger = None
    deadline = time.monotonic() + 60
    while ledger is None or ledger.size() < 90:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        if ledger is None and (home.home / "logs" / "ganzhou" / "log.json").exists():
            with database_of(home) as url:
                try:
                    ledger = open_log(home, url, log_named(home, "ganzhou"))
                except Exception:  # noqa: BLE001  (the loader is still creating it)
                    ledger = None
    os.kill(loader.pid, signal.SIGKILL)
    loader.wait()
    receipts = [ledger.receipt(position) for position in range(1, ledger.size() + 1)]
    assert check_database(ledger) == []
    cut = ledger.size()

    again = _loader(home)
    assert again.wait(timeout=120) == 0
    assert ledger.size() > cut
    assert check_database(ledger) == []
    now = checkpoint.verify(ledger.checkpoint().encode(), [ledger.verifier_key], ledger.origin)
    for receipt in receipts:
        then = checkpoint.verify(receipt.checkpoint.encode(), [ledger.verifier_key], ledger.origin)
        proof = [base64.b64decode(h) for h in receipt.inclusion_proof]
        leaf = base64.b64decode(receipt.leaf_hash)
        verify_inclusion(leaf, receipt.position - 1, receipt.tree_size, proof, then.root)
        verify_consistency(then.size, now.size, then.root, now.root, ledger.consistency(then.size, now.size))
        assert leaf_hash(ledger.entry(receipt.position).entry) == leaf
    ledger.close()


def test_loading_twice_changes_nothing(home: Settings) -> None:
    for _ in range(2):
        assert _loader(home).wait(timeout=120) == 0
    with database_of(home) as url:
        ledger = open_log(home, url, log_named(home, "hengyang"))
        ids = [e.statement.id for e in ledger.events()]
        assert len(ids) == len(set(ids))
        assert check_database(ledger) == []
        ledger.close()
