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
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from api.home.bootstrap import database_of, log_named, logs_of, open_log
from api.home.demo import load_demos
from api.home.settings import Settings, read_settings
from ledger.application import Ledger
from ledger.errors import AppendConflictError, RongjianError, UnavailableError
from ledger.fsck.database import check_database
from ledger.log_signer import LogSigner
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.submission import Submission, parse_submission
from ledger.tlog import checkpoint
from ledger.tlog.merkle import leaf_hash, verify_consistency, verify_inclusion
from tests.builders import Town
from tests.ledger.acts import D

T = TypeVar("T")


def _submit_in_process(url: str, town: dict[str, Any], data: bytes, results: Any, barrier: Any) -> None:
    database = Database(url, town["schema"], size=2).open()
    signer = LogSigner(town["origin"], Ed25519PrivateKey.from_private_bytes(town["key"]))
    ledger = Ledger(database, Vault(database, town["kek"]), signer)
    barrier.wait()
    try:
        receipt = ledger.submit(parse_submission(data))
        results.put(("receipt", receipt.position, receipt.recorded_at, receipt.leaf_hash))
    except RongjianError as error:
        results.put(("error", error.code, error.en, ""))
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
    database = Database(url, town["schema"], size=2).open()
    signer = LogSigner(town["origin"], Ed25519PrivateKey.from_private_bytes(town["key"]))
    ledger = Ledger(database, Vault(database, town["kek"]), signer)
    barrier.wait()
    try:
        ledger.submit(parse_submission(data))
        results.put("recorded")
    except RongjianError as error:
        results.put(error.code)
    ledger.close()


def _as_owner(town: Town, statement: str) -> None:
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute(f'SET search_path TO "{town.database.schema}"'.encode())
        connection.execute(statement.encode())


def test_a_full_disk_in_the_middle_refuses_whole_and_the_same_id_gets_in_later(town: Town) -> None:
    """PostgreSQL's own disk_full (53100), raised where an entry is written."""
    _as_owner(
        town,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left "
        "on device'"
        " USING ERRCODE = 'disk_full'; END $$",
    )
    _as_owner(town, "CREATE TRIGGER full_disk BEFORE INSERT ON entry EXECUTE FUNCTION full_disk()")
    submission = town.signed("IncidentRecorded", D, org="A", incident_id="I1", category="other", authority="x")
    before = town.ledger.size()
    with pytest.raises(UnavailableError) as refusal:
        town.ledger.submit(submission)
    assert refusal.value.code == "database_full"
    assert town.ledger.size() == before
    _as_owner(town, "DROP FUNCTION full_disk CASCADE")
    assert town.ledger.submit(submission).position == before + 1
    assert check_database(town.ledger) == []


def test_connections_cut_in_the_middle_lose_nothing(town: Town) -> None:
    """Every connection of the log is terminated while two threads submit; what was acknowledged is there once."""
    submissions = [
        town.signed("IncidentRecorded", D, org="A", incident_id=f"I{n}", category="other", authority="x")
        for n in range(60)
    ]
    acknowledged: list[int] = []

    def again(ask: Callable[[], T]) -> T:
        """What comes of it once no connection is met any more that was cut."""
        while True:
            try:
                return ask()
            except (UnavailableError, AppendConflictError):
                time.sleep(0.02)

    def submit(mine: list[Submission]) -> None:
        for submission in mine:
            acknowledged.append(again(partial(town.ledger.submit, submission)).position)

    threads = [threading.Thread(target=submit, args=(submissions[i::2],)) for i in range(2)]
    for thread in threads:
        thread.start()
    for cut in (10, 25, 40):
        while len(acknowledged) < cut:
            time.sleep(0.001)
        with psycopg.connect(town.database.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                "datname = current_database()"
            )
    for thread in threads:
        thread.join(timeout=120)
    assert len(acknowledged) == len(set(acknowledged)) == 60
    assert [e.statement.type for e in again(town.ledger.events)].count("IncidentRecorded") == 60
    assert again(lambda: check_database(town.ledger)) == []


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    """A home of its own on the test database, with logs under names nobody else uses."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = f"home_{secrets.token_hex(6)}"
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    info = psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}
    yield read_settings(
        {"RONGJIAN_HOME": str(tmp_path / "home"), "RONGJIAN_DATABASE_URL": psycopg.conninfo.make_conninfo(**info)}
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


#: Loads one of the demo logs, in a process of its own.
LOADER = """
import os
from datetime import date
from api.home import demo
from api.home.settings import read_settings
[ganzhou] = [path for path in demo.demo_scenarios() if path.stem == "ganzhou"]
demo.demo_scenarios = lambda: iter([ganzhou])
settings = read_settings(os.environ)
demo.load_demos(settings, settings.database_url, date(2026, 6, 1), lambda *_: None)
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
    receipts = [ledger.evidence.receipt(position) for position in range(1, ledger.size() + 1)]
    assert check_database(ledger) == []
    cut = ledger.size()

    again = _loader(home)
    assert again.wait(timeout=120) == 0
    assert ledger.size() > cut
    assert check_database(ledger) == []
    now = checkpoint.verify(ledger.evidence.checkpoint().encode(), [ledger.evidence.verifier_key], ledger.origin)
    for receipt in receipts:
        then = checkpoint.verify(receipt.checkpoint.encode(), [ledger.evidence.verifier_key], ledger.origin)
        proof = [base64.b64decode(h) for h in receipt.inclusion_proof]
        leaf = base64.b64decode(receipt.leaf_hash)
        verify_inclusion(leaf, receipt.position - 1, receipt.tree_size, proof, then.root)
        verify_consistency(then.size, now.size, then.root, now.root, ledger.evidence.consistency(then.size, now.size))
        assert leaf_hash(ledger.entry(receipt.position).entry) == leaf
    ledger.close()


def test_a_demo_log_of_another_version_is_served_as_it_is(home: Settings) -> None:
    assert _loader(home).wait(timeout=120) == 0
    (home.home / "logs" / "ganzhou" / "demo.sha256").write_text("0" * 64)
    (home.home / "logs" / "ganzhou" / "demo.seed").write_bytes(bytes(32))  # other keys: playing on would fail
    assert _loader(home).wait(timeout=120) == 0


def test_loading_every_demo_again_changes_nothing(demo_home: Settings) -> None:
    """Whoever starts the service a second time: acts that were refused are not tried again on a log that has gone
    on.
    """
    url = str(demo_home.database_url)

    def sizes() -> dict[str, int]:
        found = {}
        for log in logs_of(demo_home):
            ledger = open_log(demo_home, url, log)
            found[log.name] = ledger.size()
            assert check_database(ledger) == []
            ledger.close()
        return found

    before = sizes()
    assert [log.current for log in load_demos(demo_home, url, date(2026, 6, 1), lambda *_: None)] == [True] * len(
        before
    )
    assert sizes() == before
