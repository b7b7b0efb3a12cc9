"""Secrets are read only where nobody else may read them, and are shown nowhere."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli.parser import main
from api.home.bootstrap import log_named
from api.home.settings import Settings, read_settings
from ledger.errors import MalformedError, UnavailableError
from ledger.store.database import Database
from tests.small_home import LOG, begun_home, environment_of, own_database

PASSWORD = "hunter2swordfish"

#: Addresses with a password, each with a slip of its own.
MISTYPED = [
    f"postgresql://u:{PASSWORD}@127.0.0.1:port/db",
    f"postgresql://u:{PASSWORD}@127.0.0.1:543a/db",
    f"postgresql://u:{PASSWORD}@127.0.0.1/db?sslmod=require",
    f"postgresql://u:{PASSWORD}@127.0.0.1/db?application_name",
    f"postgresql://u:{PASSWORD}@[::1/db",
    f"postgres:/u:{PASSWORD}@127.0.0.1/db",
    f"postgresql+psycopg://u:{PASSWORD}@127.0.0.1/db",
    f"mysql://u:{PASSWORD}@127.0.0.1/db",
    f"u:{PASSWORD}@127.0.0.1/db",
    f"postgresql://u:1/{PASSWORD}@127.0.0.1/db",
    f"postgresql://u:a@{PASSWORD}@127.0.0.1/db",
    f"postgresql://u:{PASSWORD}%zz@127.0.0.1/db",
    f"host=127.0.0.1 pasword={PASSWORD} dbname=db",
    f"host=127.0.0.1 port=x password={PASSWORD}",
    f"host=127.0.0.1 password='{PASSWORD}",
]

#: Addresses that are well formed, and where nobody answers.
NOBODY = [
    f"postgresql://u:{PASSWORD}@127.0.0.1:1/db",
    f"postgresql://u:{PASSWORD}%40%2F@127.0.0.1:1/db?connect_timeout=2",
    f"postgresql://u:{PASSWORD}@/db?host=/nonexistent",
    f"postgresql://u@127.0.0.1:1/db?password={PASSWORD}",
    f"host=127.0.0.1 port=1 user=u password={PASSWORD}",
]


def _run(*arguments: str) -> tuple[int, str]:
    """Exit code, and whatever is written."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(arguments))
    return code, out.getvalue() + err.getvalue()


@pytest.mark.parametrize("url", MISTYPED)
def test_a_mistyped_address_of_the_database_is_refused_and_not_shown(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MalformedError) as refused:
        read_settings({"RONGJIAN_DATABASE_URL": url})
    assert (refused.value.code, refused.value.details["field"]) == ("bad_setting", "RONGJIAN_DATABASE_URL")
    assert refused.value.__cause__ is None
    monkeypatch.setenv("RONGJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("RONGJIAN_DATABASE_URL", url)
    for more in ([], ["--json"]):
        code, said = _run("verify", *more)
        assert (code, "RONGJIAN_DATABASE_URL" in said, PASSWORD in said) == (2, True, False)


@pytest.mark.parametrize("url", NOBODY)
def test_an_address_where_nobody_answers_shows_no_password(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    settings = read_settings(environment_of(tmp_path, url))
    with pytest.raises(UnavailableError) as refused:
        Database(url, "log_x").open(timeout=0.3)
    monkeypatch.setenv("RONGJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("RONGJIAN_DATABASE_URL", url)
    init = ("init", "town", "--origin", "test.example/town", "--jurisdiction", "x", "--code", "410102")
    for more in ([], ["--json"]):
        code, said = _run(*init, *more)
        assert (code, "database_unavailable" in said, PASSWORD in said) == (3, True, False)
    shown = [repr(settings), str(refused.value), caplog.text, *capfd.readouterr()]
    assert [text for text in shown if PASSWORD in text] == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, begun_home(folder, url) as settings:
        yield settings


@pytest.mark.parametrize("name", ["kek", "log.key", "log.mldsa44.key", "founders/opr.pem", "founders/gov.pem"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_secret_that_others_may_read_or_change_is_refused_with_what_mends_it(
    name: str, mode: int, home: Settings
) -> None:
    file = home.kek_file if name == "kek" else log_named(home, LOG).folder / name
    file.chmod(mode)
    try:
        code, said = _run("show", LOG)
        assert (code, "unsafe_mode" in said, f"chmod 600 '{file}'" in said) == (3, True, True)
    finally:
        file.chmod(0o600)
    assert _run("show", LOG)[0] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_secret_of_another_account_is_refused(home: Settings) -> None:
    os.chown(home.kek_file, 65534, -1)
    try:
        code, said = _run("show", LOG)
        assert (code, "unsafe_owner" in said, f"chown 0 '{home.kek_file}'" in said) == (3, True, True)
    finally:
        os.chown(home.kek_file, 0, -1)


def test_what_a_command_writes_is_private(home: Settings) -> None:
    files: list[Any] = [
        home.kek_file,
        *log_named(home, LOG).folder.rglob("*.key"),
        *log_named(home, LOG).folder.rglob("*.pem"),
    ]
    assert {file.name: file.stat().st_mode & 0o777 for file in files} == {file.name: 0o600 for file in files}
    assert len(files) == 6


def test_a_service_does_not_start_on_tokens_that_others_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = tmp_path / "tokens.toml"
    tokens.touch()
    tokens.chmod(0o644)
    monkeypatch.setenv("RONGJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("RONGJIAN_READER_TOKENS_FILE", str(tokens))
    code, said = _run("serve")
    assert (code, "unsafe_mode" in said, f"chmod 600 '{tokens}'" in said) == (3, True, True)
