"""A log that is not what was recorded is not served, and named; the others of its home are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.parser import main
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from ledger.errors import EvidenceError, UnavailableError
from ledger.store.database import schema_of
from tests.small_home import LOG, ORIGIN, begin_log, begun_home, own_database, registration

OTHER, OTHER_ORIGIN = "village", "test.rongjian.example/village"


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    with own_database(database_url) as url, begun_home(tmp_path / "home", url) as settings:
        begin_log(OTHER, OTHER_ORIGIN)
        yield settings


def _superuser(home: Settings, statement: str, origin: str = OTHER_ORIGIN) -> None:
    with psycopg.connect(str(home.database_url), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f'SET search_path TO "{schema_of(origin)}", public'.encode())
        connection.execute(statement.encode())


SPOILT = "UPDATE entry SET entry = entry || '\\x00' WHERE position = 1"
DROPPED = "DROP TABLE entry_tag CASCADE"
MISSING = f'DROP SCHEMA "{schema_of(OTHER_ORIGIN)}" CASCADE'


@pytest.mark.parametrize(
    ("written", "code"), [(SPOILT, "log_spoilt"), (DROPPED, "schema_altered"), (MISSING, "log_missing")]
)
def test_a_log_spoilt_at_start_stays_closed_and_the_others_are_served(home: Settings, written: str, code: str) -> None:
    _superuser(home, written)
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        assert client.post(f"/v1/logs/{LOG}/statements", json=registration(home, "p1")).status_code == 201
        _is_named(client, code)
        ready = client.get("/health/ready").json()["logs"]
        assert ready[OTHER]["parts"]["log"]["state"] == code
        refused = client.get(f"/v1/logs/{OTHER}/awards")
        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["reason"]) == (503, "log_not_served", code)
        for language, said in (("zh", "目前不提供查询"), ("en", "cannot be read at present")):
            page = client.get(f"/{language}/{OTHER}/", headers={"Accept": "text/html"})
            assert (page.status_code, said in page.text, "rongjian verify" in page.text) == (503, True, False)


def test_a_log_spoilt_while_it_is_served_is_named_and_the_others_are_served(home: Settings) -> None:
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        assert client.get("/v1/logs").json()["not_served"] == []
        _superuser(home, "UPDATE log_head SET last_recorded_at = 'infinity'")
        _is_named(client, "log_spoilt")
        assert client.post(f"/v1/logs/{LOG}/statements", json=registration(home, "p1")).status_code == 201


def _is_named(client: TestClient, code: str) -> None:
    told = client.get("/v1/logs").json()
    assert ([log["name"] for log in told["logs"]], told["not_served"]) == ([LOG], [{"name": OTHER, "code": code}])
    for language, words in (("zh", "暂不展示：所存内容与所登记的不符"), ("en", "not shown: what is stored is not")):
        page = client.get(f"/{language}/")
        assert (page.status_code, words in page.text, OTHER in page.text) == (200, True, True)
    flags = client.get("/v1/across/flags").json()
    assert (list(flags["logs"]), flags["not_asked"][OTHER]["code"]) == ([LOG], code)
    unknown = client.get("/v1/across/organisations/91410102DEM001009A").json()
    assert (unknown["rows"], list(unknown["not_asked"])) == ([], [OTHER]), "that nobody knows it cannot be said"


def test_where_no_log_can_be_opened_the_service_does_not_start(home: Settings) -> None:
    _superuser(home, SPOILT)
    _superuser(home, SPOILT, ORIGIN)
    with pytest.raises(EvidenceError) as refused:
        OpenLogs(home, str(home.database_url))
    assert refused.value.code == "log_spoilt"


def test_what_is_wrong_with_the_whole_home_starts_nothing(home: Settings) -> None:
    home.kek_file.unlink()
    with pytest.raises(UnavailableError) as refused:
        OpenLogs(home, str(home.database_url))
    assert refused.value.code == "kek_lost"


def test_commands_over_all_logs_do_what_they_can_and_say_what_they_could_not(
    home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _superuser(home, SPOILT)
    capsys.readouterr()
    assert main(["across", "flags", "--json"]) == 4
    assert list(json.loads(capsys.readouterr().out)["not_asked"]) == [OTHER]
    assert main(["publish", str(tmp_path / "site"), "--json"]) == 3
    assert (tmp_path / "site" / "zh" / LOG).is_dir()
    assert "log_not_served" in capsys.readouterr().out
