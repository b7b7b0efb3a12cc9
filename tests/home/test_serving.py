"""What `serve` finds before it says that it is ready: no logs, demos of another version, names and databases of
others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from api.cli.serve import _welcome
from api.cli.terminal import Terminal
from api.home.bootstrap import check_home, create_log, logs_of
from api.home.demo import ORIGIN as DEMO_ORIGIN
from api.home.demo import DemoLog, load_demos
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from ledger.errors import MalformedError, UnavailableError
from ledger.store.database import create_log_schema, schema_of
from tests.small_home import LOG, ORIGIN, begin_log, environment_of, own_database, settings_of

BASE = "http://127.0.0.1:8321"


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A home without logs, which the environment names."""
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path, url).items():
            monkeypatch.setenv(name, value)
        yield settings_of(tmp_path, url)


def _said(home: Settings, demos: list[DemoLog] | None, capsys: pytest.CaptureFixture[str]) -> list[str]:
    logs = OpenLogs(home, str(home.database_url))
    try:
        capsys.readouterr()
        _welcome(Terminal(home, json_output=False, language="en"), logs, BASE, demos)
    finally:
        logs.close()
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_a_home_without_logs_is_served_and_says_how_to_begin(
    home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _said(home, None, capsys) == [
        "Rongjian is ready. Where to look:",
        f"{BASE}/en/   the public window, for a browser",
        "No log is here yet. To create one: rongjian init NAME --origin ORIGIN --jurisdiction NAME --code CODE; "
        "to load the demo: rongjian serve --demo",
        f"{BASE}/openapi.json   the API",
    ]


def test_a_demo_of_another_version_is_served_as_it_is(home: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    begin_log()
    (log,) = logs_of(home)
    told = _said(home, [DemoLog(log, current=False)], capsys)
    assert told[-2:] == [
        f"{LOG}: loaded by another version of Rongjian, served as it is; another RONGJIAN_HOME loads this "
        "version's demo",
        "Ctrl-C stops.",
    ]
    (log.folder / "cast").mkdir()
    told = _said(home, [DemoLog(log, current=True)], capsys)
    assert told[-2:] == [
        f"Log in: {BASE}/en/desk/{LOG}/login/ with a key file of {log.folder / 'cast'}",
        "Ctrl-C stops.",
    ]


def test_no_demo_is_loaded_into_a_log_of_somebody_elses(home: Settings) -> None:
    begin_log("zhongyuan", "test.rongjian.example/zhongyuan")
    with pytest.raises(MalformedError) as refused:
        # The demos are in the order of their names; what is loaded before it is of no matter here.
        load_demos(home, str(home.database_url), date(2000, 1, 1), lambda *_: None)
    assert refused.value.code == "demo_name_taken"
    assert "RONGJIAN_HOME" in refused.value.en
    assert "RONGJIAN_HOME" in refused.value.zh


def test_a_demo_log_that_is_spoilt_stops_no_other_one(home: Settings) -> None:
    day, url = date(2000, 1, 1), str(home.database_url)
    loaded = [demo.home.name for demo in load_demos(home, url, day, lambda *_: None)]
    with psycopg.connect(url, autocommit=True) as connection:
        table = sql.Identifier(schema_of(f"{DEMO_ORIGIN}/jinshui"), "opening")
        connection.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN sealed DROP NOT NULL").format(table))
    again = [demo.home.name for demo in load_demos(home, url, day, lambda *_: None)]
    assert again == [name for name in loaded if name != "jinshui"]
    logs = OpenLogs(home, url)
    try:
        assert {name: why.code for name, why in logs.refused.items()} == {"jinshui": "schema_altered"}
    finally:
        logs.close()


def test_a_log_that_the_database_does_not_have_is_not_begun_anew(home: Settings, database_url: str) -> None:
    begin_log()
    with own_database(database_url) as other, pytest.raises(UnavailableError) as refused:
        create_log(home, other, LOG, ORIGIN)
    assert refused.value.code == "log_missing"


def test_a_log_of_another_home_in_the_same_database_is_refused(home: Settings, tmp_path: Path) -> None:
    begin_log()
    elsewhere = settings_of(tmp_path / "elsewhere", str(home.database_url))
    with pytest.raises(UnavailableError) as refused:
        create_log(elsewhere, str(home.database_url), LOG, ORIGIN)
    assert refused.value.code == "log_key_lost"
    assert "RONGJIAN_DATABASE_URL" in refused.value.en


def test_a_creation_that_was_cut_short_goes_on(home: Settings) -> None:
    origin = f"{DEMO_ORIGIN}/cut-short"
    create_log_schema(str(home.database_url), schema_of(origin))
    made = create_log(home, str(home.database_url), "cut-short", origin)
    assert logs_of(home) == [made]


def test_a_home_that_is_no_folder_is_refused_before_the_service_says_that_it_is_ready(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    for home in (file, file / "below"):
        with pytest.raises(UnavailableError) as refused:
            check_home(settings_of(home, "postgresql://nowhere"))
        assert refused.value.code == "home_unusable"
        assert "RONGJIAN_HOME" in refused.value.en
    check_home(settings_of(tmp_path / "a" / "b", "postgresql://nowhere"))
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"origin": 7}', "\0"])
def test_a_description_of_a_log_that_says_nothing_is_named(home: Settings, text: str) -> None:
    begin_log()
    path = home.home / "logs" / LOG / "log.json"
    path.write_text(text)
    with pytest.raises(UnavailableError) as refused:
        logs_of(home)
    assert refused.value.code == "log_description_unreadable"
    assert str(path) in refused.value.en
