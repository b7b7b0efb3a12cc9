"""Readiness says of each part of each log whether it is well, and is 503 where one is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home import readiness
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from ledger import proven_log
from ledger.clock import system_clock
from ledger.errors import EvidenceError
from ledger.store import database as module
from ledger.store.timekeeping import Timekeeper
from tests.small_home import LOG, begun_home, own_database, registration

PARTS = ("database", "commits", "space", "clock", "signing", "register")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, begun_home(folder, url) as settings:
        yield settings


@pytest.fixture
def client(home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        log = _log(client)
        log.runner.catch_up()
        assert client.get("/health/ready").json() == {
            "status": "ready",
            "logs": {
                LOG: {
                    "size": log.ledger.size(),
                    "register": log.ledger.size(),
                    "parts": {part: {"state": "ok"} for part in PARTS},
                }
            },
        }
        yield client


def test_how_much_of_what_was_taken_over_was_read_again_is_told(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proven_log, "WORTH_KEEPING", 1)
    for _ in range(2):
        with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
            ledger = _log(client).ledger
            until = time.monotonic() + 60
            while not ledger.log.passed and time.monotonic() < until:
                time.sleep(0.01)
            told, size = client.get("/health/ready").json()["logs"][LOG], ledger.size()
    assert (told["taken_over"], told["passed_again"]) == (size, size)


def _log(client: TestClient) -> Any:
    return client.app.state.logs[LOG]  # type: ignore[attr-defined]


def _ill(client: TestClient) -> dict[str, str]:
    """The parts that are not well; each says what is the matter in both languages."""
    answer = client.get("/health/ready")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "not_ready")
    parts = problem["logs"][LOG]["parts"]
    ill = {part: said for part, said in parts.items() if said != {"state": "ok"}}
    assert all(said["zh"] and said["en"] for said in ill.values())
    assert all(readiness.PARTS[part][1] in problem["en"] and readiness.PARTS[part][0] in problem["zh"] for part in ill)
    assert (f"of the log {LOG}" in problem["en"], f"账本 {LOG} 的" in problem["zh"]) == (True, True)
    passing = {"stuck", "register_behind"} >= {said["state"] for said in ill.values()}
    assert answer.headers.get("retry-after") == (str(readiness.AGAIN) if passing else None)
    assert ("retry_after" in problem) == passing
    return {part: said["state"] for part, said in ill.items()}


def test_a_full_disk_is_said_until_there_is_room(home: Settings, client: TestClient) -> None:
    schema = _log(client).ledger.database.schema

    def as_owner(statement: str) -> None:
        with psycopg.connect(str(home.database_url), autocommit=True) as connection:
            connection.execute(f'SET search_path TO "{schema}"'.encode())
            connection.execute(statement.encode())

    as_owner(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left "
        "on device'"
        " USING ERRCODE = 'disk_full'; END $$"
    )
    as_owner("CREATE TRIGGER full_disk BEFORE INSERT ON entry EXECUTE FUNCTION full_disk()")
    statement = registration(home, "full")
    refused = client.post(f"/v1/logs/{LOG}/statements", json=statement)
    assert (refused.status_code, refused.json()["code"]) == (503, "database_full")
    assert _ill(client)["space"] == "database_full"
    as_owner("DROP FUNCTION full_disk CASCADE")
    assert client.post(f"/v1/logs/{LOG}/statements", json=statement).status_code == 201
    _log(client).runner.catch_up()
    assert client.get("/health/ready").status_code == 200


def test_after_a_while_it_is_tried_whether_there_is_room_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = _log(client).ledger.database
    database._full_since = time.monotonic()
    assert _ill(client) == {"space": "database_full"}
    database._full_since -= module.FULL_FOR
    full = psycopg.errors.DiskFull("could not extend file: No space left on device")

    def refuse(*_arguments: Any, **_options: Any) -> Any:
        raise full

    monkeypatch.setattr("psycopg.Connection.transaction", refuse)
    assert _ill(client)["space"] == "database_full"
    monkeypatch.undo()
    # Whoever else wrote meanwhile found no room either.
    database._full_since = time.monotonic() - module.FULL_FOR
    assert client.get("/health/ready").status_code == 200


def test_a_clock_that_was_set_is_said(client: TestClient) -> None:
    recorder, moved = _log(client).ledger.recorder, [timedelta(0)]
    recorder._clock = Timekeeper(lambda: system_clock() + moved[0])
    assert client.get("/health/ready").status_code == 200
    moved[0] = timedelta(days=1)
    assert _ill(client) == {"clock": "clock_wrong"}
    recorder._clock = lambda: system_clock() - timedelta(days=400)
    assert _ill(client) == {"clock": "clock_wrong"}


def test_a_log_that_is_not_served_is_named_and_waiting_is_not_advised(client: TestClient) -> None:
    logs = client.app.state.logs  # type: ignore[attr-defined]
    logs.refused["other"] = EvidenceError("log_spoilt", ("已损坏", "spoilt"))
    answer = client.get("/health/ready", headers={"accept-language": "en"})
    assert answer.json()["title"].startswith("not ready: the log other is not served;")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, False)


def test_signing_that_stopped_is_said(client: TestClient) -> None:
    _log(client).ledger.heads.stop(EvidenceError("rolled_back", ("见证人见过更多", "a witness has seen more")))
    assert _ill(client) == {"signing": "rolled_back"}


def test_a_register_that_no_longer_follows_or_is_far_behind_is_said(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _log(client)
    size = log.ledger.size()
    at = [size - 1]
    monkeypatch.setattr(type(log.register), "position", lambda _: at[0])
    # A little behind is how it is while it follows; not a little for long, though.
    assert client.get("/health/ready").json()["logs"][LOG]["register"] == size - 1
    monkeypatch.setattr(readiness, "STANDSTILL", -1.0)
    assert _ill(client) == {"register": "register_behind"}
    monkeypatch.setattr(readiness, "STANDSTILL", 60.0)
    at[0] = size - readiness.BEHIND_MAX - 1
    assert _ill(client) == {"register": "register_behind"}
    at[0] = size
    assert client.get("/health/ready").status_code == 200
    log.runner.stop()
    for thread in threading.enumerate():
        if thread.name == f"runner-{LOG}":
            thread.join()
    assert _ill(client) == {"register": "runner_stopped"}


def test_a_database_that_is_stuck_does_not_make_readiness_wait(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    monkeypatch.setattr(readiness, "PATIENCE", 0.2)
    monkeypatch.setattr(_log(client).ledger.database, "check_answering", stuck.wait)
    assert _ill(client) == {"database": "stuck"}
    stuck.set()


def test_while_every_thread_is_taken_the_process_says_that_it_lives_and_how_it_is(client: TestClient) -> None:
    let_go, held = threading.Event(), []

    @client.app.get("/v1/questions/held")  # type: ignore[attr-defined,untyped-decorator]
    def hold() -> None:
        held.append(1)
        let_go.wait(60)

    with ThreadPoolExecutor(60) as callers:
        waiting = [callers.submit(client.get, "/v1/questions/held") for _ in range(60)]
        try:
            # As many as there are threads for requests; the others wait for one.
            while len(held) < 40:
                time.sleep(0.01)
            for headers in ({}, {"Cookie": f"rongjian-{LOG}=x"}):
                assert client.get("/health/live", headers=headers).json() == {"status": "live"}
            assert client.get("/health/ready").status_code == 200
            assert not any(caller.done() for caller in waiting)
        finally:
            let_go.set()
