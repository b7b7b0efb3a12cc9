"""What a reader token opens is written down with the token's name, once an hour for each kind of page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

import api.app
from api.app import create_app
from api.home.open_logs import OpenLogs
from ledger.store.visits import visits
from tests.small_home import LOG, begin_log, environment_of, own_database, settings_of


@pytest.fixture
def client(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A log of one entry; the header X-Token names the token that was used."""

    def known(request: Request) -> None:
        request.state.reader_known, request.state.readable = True, request.app.state.logs.all()
        if "x-token" in request.headers:
            request.state.reader = request.headers["x-token"]

    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path / "home", url).items():
            monkeypatch.setenv(name, value)
        begin_log()
        monkeypatch.setattr(api.app, "check_reader", known)
        with TestClient(create_app(OpenLogs(settings_of(tmp_path / "home", url), url))) as made:
            yield made


def test_only_what_the_token_opens_is_recorded_once_an_hour_with_its_name(client: TestClient) -> None:
    database = client.app.state.logs[LOG].ledger.database  # type: ignore[attr-defined]
    given = {"X-Token": "mirror"}
    for path in (
        f"/logs/{LOG}/tile/entries/000.p/1",
        f"/logs/{LOG}/entry/1",
        f"/logs/{LOG}/entry/1.tlog-proof",
        f"/v1/logs/{LOG}/awards",
        f"/v1/logs/{LOG}/awards?as_of=2026-01-01",
        f"/v1/logs/{LOG}/editions",
        "/v1/across/figures",
    ):
        client.get(path, headers=given)
        client.get(path)
    for path in (
        f"/logs/{LOG}/checkpoint",
        f"/logs/{LOG}/tile/0/000.p/1",
        "/zh/",
        f"/v1/logs/{LOG}/nothing/of/it",
        f"/v1/logs/{LOG}/pending",
        "/v1/logs/elsewhere/awards",
        "/v1/logs",
    ):
        client.get(path, headers=given)
    read = sorted((v.principal, v.page, v.key_id, v.roles, v.purpose) for v in visits(database, None, 50))
    pages = [f"/logs/{LOG}/entry", f"/logs/{LOG}/tile/entries", "/v1/across", f"/v1/logs/{LOG}/awards"]
    assert [r for r in read if "editions" not in r[1]] == [("token:mirror", page, "", "", "") for page in pages]
    client.get(f"/v1/logs/{LOG}/awards", headers={"X-Token": "court"})
    assert visits(database, "token:court", 5)[0].page == f"/v1/logs/{LOG}/awards"
