"""`rongjian generate`, from a home without logs to a log that verifies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli.parser import main
from tests.small_home import environment_of, own_database

GENERATE = ["generate", "--regulation", "hengyang", "--editions", "2", "--applicants", "6", "--log", "made"]


def test_a_history_is_recorded_verifies_and_is_not_recorded_twice(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path, url).items():
            monkeypatch.setenv(name, value)
        assert main([*GENERATE, "--json"]) == 0
        made = json.loads(capsys.readouterr().out)["made"]
        assert made["by_type"]["EditionClosed"] == 2
        assert made["entries"] == sum(made["by_type"].values())

        assert main(["verify", "made", "--json"]) == 0
        [verified] = json.loads(capsys.readouterr().out)
        assert (verified["size"], verified["findings"]) == (made["entries"], [])

        assert main([*GENERATE, "--lang", "en"]) == 2
        assert capsys.readouterr().err.splitlines() == [
            "there is a log made; a history begins a new one: give another name with --log",
            "code: log_has_entries",
        ]
        assert (tmp_path / "logs" / "made" / "cast" / "R1.pem").exists()
