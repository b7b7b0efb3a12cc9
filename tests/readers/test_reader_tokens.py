"""Reader tokens: named, with an end and a scope, revoked at once, and nowhere kept as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.parser import main
from api.home.open_logs import OpenLogs
from api.home.settings import Settings, refuse_unsafe
from api.readers.tokens import ReaderTokens, read_tokens
from ledger.clock import shanghai_day, system_clock
from ledger.errors import UnavailableError
from tests.small_home import LOG, begin_log, begun_home, own_database, settings_of

OTHER = "village"
ANSWERS = f"/v1/logs/{LOG}/awards"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, begun_home(folder, url) as settings:
        begin_log(OTHER, "test.rongjian.example/village")
        yield settings


@pytest.fixture(scope="module")
def client(home: Settings) -> Iterator[TestClient]:
    # Without a file and without a fixed token everybody reads; from the first token on nobody does without one.
    app = create_app(OpenLogs(home, str(home.database_url)))

    @app.get("/v1/questions/who")
    def who(request: Request) -> dict[str, Any]:
        logs = [log.home.name for log in request.state.readable]
        return {"reader": request.state.reader, "known": request.state.reader_known, "logs": logs}

    with TestClient(app) as client:
        assert client.get(ANSWERS).status_code == 200
        yield client


@pytest.fixture
def new(capsys: pytest.CaptureFixture[str], home: Settings) -> Iterator[Any]:
    def make(*arguments: str) -> str:
        capsys.readouterr()
        assert main(["token", "new", *arguments, "--json"]) == 0
        token: str = json.loads(capsys.readouterr().out)["token"]
        return token

    yield make
    home.reader_tokens_file.unlink(missing_ok=True)


def _asked(client: TestClient, path: str, token: str) -> tuple[int, str]:
    answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


def test_who_shows_a_token_reads_and_is_known_by_its_name(client: TestClient, new: Any) -> None:
    token = new("镜像 mirror")
    assert client.get(ANSWERS).json()["code"] == "reader_unknown"
    assert _asked(client, ANSWERS, token) == (200, "")
    who = client.get("/v1/questions/who", headers={"Authorization": f"bearer {token}"}).json()
    assert who == {"reader": "镜像 mirror", "known": True, "logs": [LOG, OTHER]}


def test_the_token_of_the_environment_goes_on_as_the_one_named_reader(home: Settings, client: TestClient) -> None:
    from dataclasses import replace

    tokens = ReaderTokens(replace(home, reader_token="secret"))
    found = tokens.named_by("Bearer secret")
    assert (found and found.name, tokens.named_by("Bearer Secret"), tokens.named_by("Basic secret")) == (
        "reader",
        None,
        None,
    )


def test_a_token_reads_nothing_outside_its_scope(client: TestClient, new: Any) -> None:
    of_log, of_entries = new("one log", "--log", LOG), new("entries", "--reads", "entries")
    assert _asked(client, ANSWERS, of_log) == (200, "")
    assert _asked(client, f"/v1/logs/{OTHER}/awards", of_log) == (403, "token_scope")
    assert client.get("/v1/questions/who", headers={"Authorization": f"Bearer {of_log}"}).json()["logs"] == [LOG]
    assert _asked(client, f"/logs/{LOG}/tile/entries/000.p/1", of_entries) == (200, "")
    assert _asked(client, ANSWERS, of_entries) == (403, "token_scope")
    # What is public is everybody's, whatever token is shown.
    assert client.get(f"/logs/{LOG}/checkpoint", headers={"Authorization": f"Bearer {of_entries}"}).status_code == 200


def test_a_token_that_is_wrong_over_or_revoked_is_refused_with_what_to_do(client: TestClient, new: Any) -> None:
    today = shanghai_day(system_clock())
    over, last = (new(str(day), "--until", str(day)) for day in (today - timedelta(days=1), today))
    revoked = new("revoked")
    assert _asked(client, ANSWERS, revoked) == (200, "")
    assert main(["token", "revoke", "revoked", "--json"]) == 0
    assert [_asked(client, ANSWERS, token) for token in (over, last, revoked, "x", "")] == [
        (401, "token_ended"),
        (200, ""),
        (401, "token_ended"),
        (401, "token_unknown"),
        (401, "token_unknown"),
    ]
    refused = client.get(ANSWERS, headers={"Authorization": "Bearer x"})
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert "ask whoever runs this service" in refused.json()["en"]


def test_when_the_last_token_is_revoked_nobody_reads(client: TestClient, new: Any) -> None:
    token = new("only")
    assert main(["token", "revoke", "only"]) == 0
    assert _asked(client, ANSWERS, token) == (401, "token_ended")
    assert client.get(ANSWERS).json()["code"] == "reader_unknown"


def test_deleting_the_file_opens_nothing(client: TestClient, home: Settings, new: Any) -> None:
    token, kept = new("of the file"), home.reader_tokens_file.read_bytes()
    home.reader_tokens_file.unlink()
    assert client.get(ANSWERS).status_code == 403
    assert client.get(ANSWERS, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    home.reader_tokens_file.touch(mode=0o600)
    home.reader_tokens_file.write_bytes(kept)
    assert client.get(ANSWERS, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_token_is_kept_as_its_hash_and_names_are_never_given_twice(
    home: Settings, new: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    token = new('a "name"', "--log", LOG, "--until", "2999-12-31")
    assert token not in home.reader_tokens_file.read_text("utf-8")
    assert home.reader_tokens_file.stat().st_mode & 0o777 == 0o600
    assert main(["token", "revoke", 'a "name"']) == 0
    for name in ('a "name"', "reader", " ", "x\ty"):
        assert main(["token", "new", name]) == 2
    assert main(["token", "revoke", "nobody"]) == 2
    capsys.readouterr()
    assert main(["token", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    day = str(shanghai_day(system_clock()))
    assert told == [
        {"name": 'a "name"', "logs": [LOG], "reads": ["answers", "entries"], "until": "2999-12-31", "revoked": day}
    ]


@pytest.mark.parametrize(
    "content",
    [
        "token = 1",
        "x = 1",
        "[[token]]",
        '[[token]]\nname = "a"\nsha256 = "zz"',
        "[[token",
        '[[token]]\nname = "a"\nsha256 = "00"',
        "token = [1]",
    ],
)
def test_a_file_that_is_not_as_it_must_be_lets_nobody_in(content: str, tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(UnavailableError) as refused:
        read_tokens(file)
    assert refused.value.code == "reader_tokens_unreadable"
    file.chmod(0o640)
    with pytest.raises(UnavailableError) as refused:
        read_tokens(file)
    assert (refused.value.code, f"chmod 600 '{file}'" in refused.value.en) == ("unsafe_mode", True)


def test_tokens_of_a_file_are_enough_to_serve_other_machines(tmp_path: Path) -> None:
    from dataclasses import replace

    settings = replace(settings_of(tmp_path, "postgresql:///x"), host="10.0.0.1")
    with pytest.raises(UnavailableError) as refused:
        refuse_unsafe(settings)
    assert refused.value.code == "unsafe_start"
    settings.reader_tokens_file.touch(0o600)
    refuse_unsafe(settings)


def test_the_list_of_tokens_has_headers_in_the_language_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RONGJIAN_HOME", str(tmp_path))
    assert main(["token", "new", "r1", "--until", "2099-12-31"]) == 0
    assert main(["token", "revoke", "r1"]) == 0
    for lang, header in (
        ("zh", ["名称", "账本", "读取范围", "有效至", "吊销于"]),
        ("en", ["name", "logs", "reads", "until", "revoked"]),
    ):
        capsys.readouterr()
        assert main(["token", "list", "--lang", lang]) == 0
        assert capsys.readouterr().out.split()[:5] == header
