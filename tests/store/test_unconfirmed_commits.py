"""A synchronous standby is gone: commits end, no receipt is given for what no standby has, and readiness says so."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home import readiness
from api.home.open_logs import OpenLogs
from ledger.errors import UnknownOutcomeError
from ledger.store import commit_watch
from ledger.store.database import Database, schema_of
from tests.small_home import LOG, ORIGIN, begun_home, registration
from tests.store.standby import Pair, pairs


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with pairs() as pair:
        yield pair


@pytest.fixture(scope="module")
def client(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with begun_home(tmp_path_factory.mktemp("home"), pair.url()) as settings:
        pair.clone()
        with TestClient(create_app(OpenLogs(settings, pair.url()))) as client:
            yield client


def _registration(client: TestClient, name: str) -> dict[str, Any]:
    return registration(client.app.state.logs.settings, name)  # type: ignore[attr-defined]


def _submit(client: TestClient, statement: dict[str, Any]) -> tuple[int, str]:
    answer = client.post(f"/v1/logs/{LOG}/statements", json=statement)
    return answer.status_code, answer.json().get("code", "")


def _states(client: TestClient) -> tuple[int, dict[str, str]]:
    """Status of readiness, and the parts that are not well."""
    answer = client.get("/health/ready")
    parts = answer.json()["logs"][LOG]["parts"]
    return answer.status_code, {part: said["state"] for part, said in parts.items() if said["state"] != "ok"}


def _until(condition: Any) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_commit_that_no_standby_has_gets_no_receipt_until_one_has_it(
    pair: Pair, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, lost = _registration(client, "before"), _registration(client, "lost")
    assert _submit(client, before) == (201, "")
    _until(lambda: _states(client) == (200, {}))
    size = client.app.state.logs[LOG].ledger.size()  # type: ignore[attr-defined]
    monkeypatch.setattr(commit_watch, "DEADLINE", 2.0)
    monkeypatch.setattr(readiness, "SLOW_COMMIT", 0.3)
    pair.stop("standby")
    outcomes: list[tuple[int, str]] = []
    caller = threading.Thread(target=lambda: outcomes.append(_submit(client, lost)))
    caller.start()
    # While it hangs the service is not ready, and whatever only reads is served.
    _until(lambda: _states(client) == (503, {"commits": "commit_waits"}) or outcomes)
    assert outcomes == []
    assert client.get(f"/v1/logs/{LOG}/awards").status_code == 200
    caller.join(60)
    assert outcomes == [(503, "outcome_unknown")]
    # It stands on the primary, where whoever asks for it finds it; nobody gets a receipt or a head of it.
    assert client.app.state.logs[LOG].ledger.size() == size + 1  # type: ignore[attr-defined]
    for _ in range(2):
        assert _submit(client, lost) == (503, "outcome_unknown")
        assert _submit(client, before) == (503, "outcome_unknown")
    receipt = client.get(f"/v1/logs/{LOG}/statements/{_id(lost)}/receipt")
    assert (receipt.status_code, receipt.json()["code"]) == (503, "outcome_unknown")
    assert int(receipt.headers["retry-after"]) >= 1
    assert client.get(f"/logs/{LOG}/checkpoint").status_code == 503
    assert _states(client)[1]["commits"] == "outcome_unknown"
    # A process that starts now does not know of the commit that was not confirmed, and finds out.
    with pytest.raises(UnknownOutcomeError):
        _opened_anew(pair.url())
    pair.start("standby")
    _until(lambda: _states(client) == (200, {}))
    assert _submit(client, lost) == (201, "")
    assert client.get(f"/logs/{LOG}/checkpoint").text.splitlines()[1] == str(size + 1)


def _id(statement: dict[str, Any]) -> str:
    found: str = json.loads(base64.b64decode(statement["envelope"]["payload"]))["id"]
    return found


def _opened_anew(url: str) -> None:
    database = Database(url, schema_of(ORIGIN)).open()
    try:
        database.check_confirmed()
    finally:
        database.close()


def test_where_no_standby_is_asked_for_nothing_waits(pair: Pair, client: TestClient) -> None:
    pair.demand("")
    pair.stop("standby")
    try:
        assert _submit(client, _registration(client, "alone")) == (201, "")
    finally:
        pair.start("standby")
        pair.demand("*")


_SLOW = (
    "CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'",
    "CREATE TEMPORARY TABLE slowly (n int)",
    "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slowly DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
    "EXECUTE FUNCTION pg_temp.slow()",
    "INSERT INTO slowly VALUES (1)",
)


def _commit_slowly(database: Database) -> None:
    with database.transaction() as connection:
        for statement in _SLOW:
            connection.execute(statement.encode())


def test_a_commit_whose_server_hears_no_cancel_is_cut_off(
    database_url: str, new_schema: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_watch, "DEADLINE", 0.2)
    monkeypatch.setattr(commit_watch, "CUT_AFTER", 0.3)
    monkeypatch.setattr("psycopg.Connection.cancel_safe", lambda *_args, **_options: None)
    database = Database(database_url, new_schema()[1]).open()
    try:
        with pytest.raises(UnknownOutcomeError):
            _commit_slowly(database)
        # The next commit is confirmed, and with it whatever was committed before.
        _until(lambda: not database._confirmation._doubts)
        database.check_confirmed()
    finally:
        database.close()
