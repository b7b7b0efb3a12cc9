"""The service: with which settings it starts, whom it lets read, and what it says of its own faults."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.bootstrap import log_named, open_log
from api.home.open_logs import OpenLogs
from api.home.settings import Settings, read_settings
from ledger.entry import unframe
from ledger.errors import EvidenceError, RongjianError
from ledger.tlog.merkle import leaf_hash
from projections.public_entries import AFTER_DECISION, AT_ONCE


def test_a_fault_of_ours_shows_none_of_its_insides(client: TestClient) -> None:
    log = client.app.state.logs["ganzhou"]  # type: ignore[attr-defined]
    log.ledger.evidence.checkpoint, before = None, log.ledger.evidence.checkpoint
    try:
        response = client.get("/logs/ganzhou/checkpoint")
    finally:
        log.ledger.evidence.checkpoint = before
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "NoneType" not in response.text
    assert response.headers["x-request-id"] in response.json()["en"]


def test_readers_need_the_token_where_one_is_set(home: Settings) -> None:
    from dataclasses import replace

    settings = replace(home, reader_token="secret")
    with TestClient(create_app(OpenLogs(settings, str(settings.database_url)))) as client:
        assert client.get("/v1/logs/ganzhou/awards").json()["code"] == "reader_unknown"
        assert client.get("/logs/ganzhou/tile/entries/000.p/9").json()["code"] == "reader_unknown"
        assert client.post("/v1/logs/ganzhou/documents", content=b"x").json()["code"] == "document_unsigned"
        assert client.post("/v1/logs/ganzhou/statements", content=b"x").json()["code"] == "malformed_json"
        strange = client.get("/v1/logs/ganzhou/awards", headers={"Authorization": "Bearer \u00e9".encode("latin-1")})
        assert (strange.status_code, strange.json()["code"]) == (401, "token_unknown")
        for hidden in (
            "/v1/logs/ganzhou/orgs/checkpoint",
            "/v1/logs/ganzhou/orgs/policy",
            "/logs/ganzhou/entry/01/",
            "/logs/ganzhou/entry/1/policy",
            "/logs/ganzhou/tile/entries/000.p/9/tile/0/000",
        ):
            assert client.get(hidden).json()["code"] == "reader_unknown", hidden
        for event in client.app.state.logs["ganzhou"].ledger.events():  # type: ignore[attr-defined]
            answer = client.get(f"/logs/ganzhou/entry/{event.position}")
            if isinstance(event.statement.payload, AT_ONCE):
                assert (answer.status_code, leaf_hash(answer.content).hex()) == (200, answer.headers["x-leaf-hash"])
            elif not isinstance(event.statement.payload, AFTER_DECISION):
                assert (answer.status_code, answer.json()["code"]) == (403, "reader_unknown"), event.statement.type
        for public in (
            "checkpoint",
            "vkey",
            "policy",
            "tile/0/000.p/9",
            "entry/3.tlog-proof",
            "proof/inclusion?position=3",
            "proof/consistency?old=3&new=9",
        ):
            assert client.get(f"/logs/ganzhou/{public}").status_code == 200, public
        for page in ("/zh/", "/en/ganzhou/awards/", "/static/verify.js", f"/v1/logs/ganzhou/document/{'0' * 64}"):
            assert client.get(page).status_code == 200, page
        assert client.get("/v1/logs/ganzhou/inspect/flags").json()["code"] == "reader_unknown"
        assert client.get("/v1/across/flags").json()["code"] == "reader_unknown"
        assert client.get("/v1/logs/ganzhou/awards", headers={"Authorization": "Bearer secret"}).status_code == 200


@pytest.mark.parametrize(
    ("environment", "code"),
    [({"RONGJIAN_PORT": "x"}, "bad_setting"), ({"RONGJIAN_PROT": "1"}, "unknown_setting")],
)
def test_bad_settings_are_named(environment: dict[str, str], code: str) -> None:
    with pytest.raises(RongjianError) as refusal:
        read_settings(environment)
    assert refusal.value.code == code


def test_serving_the_world_without_a_token_is_refused(tmp_path: Path) -> None:
    from api.home.settings import refuse_unsafe

    with pytest.raises(RongjianError) as refusal:
        refuse_unsafe(read_settings({"RONGJIAN_HOME": str(tmp_path), "RONGJIAN_HOST": "0.0.0.0"}))
    assert refusal.value.code == "unsafe_start"


def test_an_opening_that_fails_holds_no_connections(home: Settings, tmp_path: Path) -> None:
    """A supervisor that restarts a misconfigured service must not eat the database's connections."""
    from dataclasses import replace

    lost, threads = replace(home, kek_file=tmp_path / "nowhere"), set(threading.enumerate())
    for _ in range(3):
        with pytest.raises(RongjianError):
            open_log(lost, str(lost.database_url), log_named(lost, "ganzhou"))
    left = set(threading.enumerate()) - threads
    for thread in left:
        # Whoever watched a commit is on the way out.
        thread.join(timeout=10)
    assert {t.name for t in left if t.is_alive()} == set()


def test_a_lost_key_encryption_key_is_not_replaced(home: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    lost = replace(home, kek_file=tmp_path / "nowhere")
    with pytest.raises(RongjianError) as refusal:
        OpenLogs(lost, str(lost.database_url))
    assert refusal.value.code == "kek_lost"
    assert not (tmp_path / "nowhere").exists()
    wrong = replace(home, kek_file=tmp_path / "wrong")
    wrong.kek_file.write_text("00" * 32)
    wrong.kek_file.chmod(0o600)
    with pytest.raises(RongjianError) as refusal:
        OpenLogs(wrong, str(wrong.database_url))
    assert refusal.value.code == "wrong_kek"


def test_a_service_that_may_not_sign_is_not_ready(client: TestClient) -> None:
    ledger = client.app.state.logs["ganzhou"].ledger  # type: ignore[attr-defined]
    heads, envelope = ledger.heads, unframe(ledger.entry(1).entry)[0]
    heads.stop(EvidenceError("rolled_back", ("见证人见过更多", "a witness has seen more")))
    try:
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        parts = answer.json()["logs"]["ganzhou"]["parts"]
        assert {part: said["state"] for part, said in parts.items() if said["state"] != "ok"} == {
            "signing": "rolled_back"
        }
        sent = client.post("/v1/logs/ganzhou/statements", content=b'{"envelope":%s}' % envelope)
        assert (sent.status_code, sent.json()["code"], sent.headers.get("retry-after")) == (503, "rolled_back", None)
    finally:
        heads._stopped = None
    assert client.get("/health/ready").status_code == 200
