"""What a public witness asks of a log, printed to be pasted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli.parser import main
from ledger.tlog.note import parse_verifier_key
from tests.small_home import LOG, ORIGIN, begin_log, environment_of, own_database


def test_both_logs_are_printed_as_a_log_list_has_them_and_what_is_missing_is_said(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path / "home", url).items():
            monkeypatch.setenv(name, value)
        begin_log()
        vkey = json.loads(capsys.readouterr().out)["vkey"]
        assert main(["witness", "join", LOG, "--contact", "ledger@example.gov", "--json"]) == 0
        main_log, index_log = json.loads(capsys.readouterr().out)
        assert main_log == {
            "origin": ORIGIN,
            "vkey": vkey,
            "qpd": 17280,
            "contact": "ledger@example.gov",
            "checkpoint": None,
        }
        key, second = parse_verifier_key(vkey), parse_verifier_key(index_log["vkey"])
        assert (second.name, second.public_key) == (f"{ORIGIN}/index", key.public_key)
        assert index_log["checkpoint"] is None
        assert main(["witness", "join", LOG, "--lang", "zh"]) == 0
        lines = capsys.readouterr().out.splitlines()
        at = lines.index(f"vkey {vkey}")
        assert lines[at : at + 3] == [f"vkey {vkey}", "qpd 17280", "contact CONTACT"]
        assert not any("…" in line for line in lines)
        assert "尚缺：--contact、RONGJIAN_BASE_URL" in lines
