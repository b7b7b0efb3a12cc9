"""A database that is down: the first who meets it finds out in a moment, the next are told at once, and its return is
noticed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from ledger.errors import UnavailableError
from ledger.store import breaker as module
from ledger.store.breaker import CircuitBreaker
from tests.small_home import LOG, begun_home
from tests.store.standby import Pair, pairs


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with pairs() as pair:
        yield pair


@pytest.fixture(scope="module")
def client(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with (
        begun_home(tmp_path_factory.mktemp("home"), pair.url()) as settings,
        TestClient(create_app(OpenLogs(settings, pair.url()))) as client,
    ):
        yield client


PATHS = (
    "/zh/",
    "/en/",
    f"/zh/{LOG}/",
    f"/en/{LOG}/awards/",
    f"/en/{LOG}/awards/A/",
    f"/zh/{LOG}/report/",
    f"/en/{LOG}/feed.atom",
    f"/en/{LOG}/data.json",
    f"/zh/{LOG}/?as_of=2026-01-01",
    f"/zh/desk/{LOG}/login/",
    f"/v1/logs/{LOG}/awards",
    f"/logs/{LOG}/checkpoint",
    "/v1/logs",
)


def test_every_path_is_unavailable_at_once_and_back_when_the_database_is(pair: Pair, client: TestClient) -> None:
    well = [client.get(path).status_code for path in PATHS]
    pair.stop("primary")
    try:
        begun = time.monotonic()
        with ThreadPoolExecutor(60) as callers:
            answers = list(callers.map(client.get, PATHS * 5))
            live = client.get("/health/live")
        assert {
            (a.status_code, a.headers.get("retry-after")) for a, w in zip(answers, well * 5, strict=True) if w == 200
        } == {(503, "10")}
        assert live.json() == {"status": "live"}
        # Each would have waited ten seconds for its own connection, forty at a time.
        assert time.monotonic() - begun < 9
        ready = client.get("/health/ready")
        parts = ready.json()["logs"][LOG]["parts"]
        assert (ready.status_code, parts["database"]["state"], parts["space"]) == (
            503,
            "database_unavailable",
            {"state": "ok"},
        )
        assert parts["clock"] == {"state": "unknown"}
    finally:
        pair.start("primary")
    until = time.monotonic() + 60
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert [client.get(path).status_code for path in PATHS] == well


def test_while_one_asks_the_others_are_refused_and_after_it_all_are_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = iter([psycopg.OperationalError("no route"), psycopg.OperationalError("no route"), None])

    def ask() -> None:
        asked.append("")
        if len(asked) == 2:
            # Somebody else comes while this one asks.
            with pytest.raises(UnavailableError):
                breaker.check()
        answer = next(answers)
        if answer is not None:
            raise answer

    breaker = CircuitBreaker(ask, 10)
    breaker.check()
    for _ in range(3):
        with pytest.raises(UnavailableError):
            breaker.look()
    with pytest.raises(UnavailableError):
        breaker.check()
    assert len(asked) == 1
    monkeypatch.setattr(module, "COOLING", 0)
    with pytest.raises(UnavailableError):
        breaker.check()
    breaker.check()
    breaker.check()
    assert len(asked) == 3


def test_a_server_that_is_crowded_is_not_down() -> None:
    def ask() -> None:
        raise psycopg.OperationalError("FATAL:  sorry, too many clients already")

    breaker = CircuitBreaker(ask, 10)
    breaker.look()
    breaker.check()
