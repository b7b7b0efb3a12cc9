"""Documents are brought under a signature of a registered key, within quotas; a token that reads brings none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.parser import main
from api.home.bootstrap import log_named
from api.home.listening import listener
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.v1.document_signature import DRIFT, HEADER, signed
from ledger.clock import system_clock
from ledger.errors import TooManyError
from ledger.regulation.shipped import shipped_packs
from ledger.signing.keys import PrivateKey
from ledger.signing.suites import AnyPrivateKey, from_pem
from ledger.store import uploads
from tests.small_home import LOG, ORIGIN, begun_home, own_database

PATH = f"/v1/logs/{LOG}/documents"
PACK = "application/vnd.rongjian.pack+toml"
TEXT = "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, begun_home(folder, url) as settings:
        yield settings


@pytest.fixture
def client(home: Settings) -> Iterator[TestClient]:
    settings = replace(home, reader_token="token")
    with TestClient(create_app(OpenLogs(settings, str(home.database_url)))) as client:
        client.headers["Authorization"] = "Bearer token"
        yield client


def _key(home: Settings, name: str = "opr") -> AnyPrivateKey:
    return from_pem((log_named(home, LOG).folder / "founders" / f"{name}.pem").read_bytes(), None)


def _brought(
    client: TestClient,
    key: AnyPrivateKey,
    content: bytes,
    kind: str = TEXT,
    *,
    of: bytes | None = None,
    origin: str = ORIGIN,
    as_kind: str | None = None,
    at: datetime | None = None,
) -> tuple[int, str]:
    """Status and hash, or code, of a document that is signed as given."""
    header = signed(key, origin, as_kind or kind, content if of is None else of, at or system_clock())
    answer = client.post(PATH, content=content, headers={"Content-Type": kind, HEADER: header})
    return answer.status_code, answer.json().get("code") or answer.json()["sha256"]


def test_a_signed_document_is_kept_by_content_and_a_pack_is_checked(client: TestClient, home: Settings) -> None:
    data = shipped_packs()["jindong/draft"][1]
    status, digest = _brought(client, _key(home), data, PACK)
    assert status == 201
    assert client.get(f"{PATH}/{digest}").content == data
    assert _brought(client, _key(home), data, PACK) == (201, digest)
    assert _brought(client, _key(home), b"x = 1\n" + data, PACK) == (400, "invalid_pack")
    page = client.get(f"{PATH}/{_brought(client, _key(home), b'<script>', 'text/html')[1]}")
    assert page.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_without_a_signature_that_is_good_for_it_nothing_is_kept(client: TestClient, home: Settings) -> None:
    key, now = _key(home), system_clock()
    # The token reads; it brings nothing.
    assert client.post(PATH, content=b"x").json()["code"] == "document_unsigned"
    for header in ("", "x", 'keyid="00", signed_at="x", sig="AA=="', signed(key, ORIGIN, TEXT, b"x", now) + " "):
        answer = client.post(PATH, content=b"x", headers={HEADER: header, "Content-Type": TEXT})
        assert answer.json()["code"] in ("malformed_signature", "document_unsigned"), header
    assert _brought(client, PrivateKey(bytes(32)), b"x") == (403, "key_not_valid")
    assert _brought(client, key, b"x", of=b"y")[0] == 403
    assert _brought(client, key, b"x", origin=f"{ORIGIN}/other")[0] == 403
    assert _brought(client, key, b"x", as_kind=PACK)[0] == 403
    for at in (now - DRIFT - timedelta(minutes=1), now + DRIFT + timedelta(minutes=1)):
        assert _brought(client, key, b"x", at=at) == (403, "signature_too_old")
    assert _brought(client, key, b"x", "text/html;<x>") == (400, "malformed_media_type")
    log = client.app.state.logs[LOG]  # type: ignore[attr-defined]
    with log.ledger.database.connection() as connection:
        assert connection.execute("SELECT count(*) FROM document WHERE content = 'x'").fetchone() == (0,)


def test_who_brings_too_much_is_told_so_and_others_are_not_held_up(
    client: TestClient, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _key(home, "gov"), _key(home, "sech")
    monkeypatch.setattr(uploads, "PRINCIPAL_MAX", 2)
    monkeypatch.setattr(uploads, "PRINCIPAL_BYTES_MAX", 1_000)
    assert [_brought(client, first, b"a%d" % n)[0] for n in (1, 2, 1, 2, 3)] == [201, 201, 201, 201, 429]
    assert _brought(client, second, b"b" * 1_001) == (429, "too_many_documents")
    assert _brought(client, second, b"b" * 1_000)[0] == 201
    assert _brought(client, second, b"c") == (429, "too_many_documents")
    monkeypatch.setattr(uploads, "PRINCIPAL_MAX", 100)
    monkeypatch.setattr(uploads, "LOG_MAX", 0)
    assert _brought(client, first, b"d") == (429, "too_many_documents")


def test_a_day_later_there_is_room_again_and_what_is_counted_cannot_be_changed(client: TestClient) -> None:
    database = client.app.state.logs[LOG].ledger.database  # type: ignore[attr-defined]
    found, now = uploads.Uploads(database), system_clock() + timedelta(days=30)
    for _ in range(uploads.PRINCIPAL_MAX):
        found.count("p", "00", b"%d" % _, now)
    with pytest.raises(TooManyError):
        found.count("p", "00", b"more", now)
    found.count("p", "00", b"more", now + uploads.STRETCH)
    with psycopg.connect(database.url) as owner, pytest.raises(psycopg.Error):
        owner.execute(f'DELETE FROM "{database.schema}".document_upload'.encode())


def test_the_command_keeps_a_document_here_and_at_a_service(
    home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, key = tmp_path / "own.txt", log_named(home, LOG).folder / "founders" / "opr.pem"
    file.write_bytes(b"a document")
    capsys.readouterr()
    assert main(["document", "put", str(file), "--log", LOG, "--json"]) == 0
    here: dict[str, Any] = json.loads(capsys.readouterr().out)
    file.write_bytes(b"another")
    with listener("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(OpenLogs(home, str(home.database_url))), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            put = ["document", "put", str(file), "--log", LOG, "--url", url, "--json"]
            assert main(put) == 2
            assert json.loads(capsys.readouterr().out)["error"]["code"] == "no_key"
            assert main([*put, "--key", str(key)]) == 0
            there = json.loads(capsys.readouterr().out)
            assert main([*put[:4], "nowhere", *put[5:], "--key", str(key)]) == 2
            assert json.loads(capsys.readouterr().out)["error"]["code"] == "log_unknown"
        finally:
            server.should_exit = True
            thread.join(30)
    assert len(here["sha256"]) == len(there["sha256"]) == 64
    assert here != there
