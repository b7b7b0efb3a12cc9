"""From the record of visits to an entry that holds its head, by the command line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from api.cli.parser import main
from ledger.store.database import Database, schema_of
from ledger.store.visits import ChainHead, Visit, chain_head, record_visit
from tests.small_home import LOG, ORIGIN, begin_log, environment_of, own_database

VISIT_TIME = "2026-11-28T08:00:00+00:00"


def test_the_head_of_the_record_is_drafted_signed_and_submitted(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path / "home", url).items():
            monkeypatch.setenv(name, value)
        begin_log()
        founders = Path(json.loads(capsys.readouterr().out)["founders"])
        database = Database(url, schema_of(ORIGIN), size=1).open()
        record_visit(database, Visit(datetime.fromisoformat(VISIT_TIME), "sup", "k", "SUP", "/zh/desk/town/", "抽查"))
        head = chain_head(database)
        database.close()
        draft, signed = tmp_path / "draft.json", tmp_path / "signed.json"
        assert main(["visits", "attest", LOG, "-o", str(draft), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told == json.loads(draft.read_text("utf-8"))
        payload = told["payload"]
        assert (told["type"], told["log"], told["actor"], told["role"]) == (
            "AccessRecordAttested",
            ORIGIN,
            "opr",
            "OPR",
        )
        assert ChainHead(payload["visits"], bytes.fromhex(payload["chain"])) == head
        assert main(["sign", str(draft), "--key", str(founders / "opr.pem"), "-o", str(signed)]) == 0
        assert main(["submit", str(signed), "--log", LOG]) == 0
        assert main(["verify", LOG]) == 0
