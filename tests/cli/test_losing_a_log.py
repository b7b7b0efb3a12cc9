"""A log that was tampered with, lost or put back to an older state: named with its exit code, and mended."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from tests.cli.command import Run, code_of, json_of, url_of


def test_a_tampered_log_is_named_with_exit_code_1(rongjian: Run) -> None:
    json_of(
        rongjian("init", "town", "--origin", "ledger.example.gov/t", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    with psycopg.connect(url_of(rongjian), autocommit=True) as connection:
        [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log_%'").fetchall()
        connection.execute("SET session_replication_role = replica")
        query = sql.SQL("UPDATE {} SET entry = set_byte(entry, 100, get_byte(entry, 100) # 4)")
        connection.execute(query.format(sql.Identifier(schema, "entry")))
    result = rongjian("verify", "town", "--json")
    assert result.returncode == 1
    assert {f["field"] for f in json.loads(result.stdout)[0]["findings"]} >= {"leaf_hash", "log_head"}
    assert rongjian("show", "town").returncode == 4


def test_a_log_is_exported_verified_mirrored_lost_and_rebuilt(rongjian: Run, tmp_path: Path, database_url: str) -> None:
    made = json_of(
        rongjian(
            "init",
            "town",
            "--origin",
            "ledger.example.gov/m",
            "--jurisdiction",
            "某区",
            "--code",
            "1",
            "--sm2",
            "--json",
        )
    )
    out, mirror = tmp_path / "out", tmp_path / "mirror"
    assert json_of(rongjian("export", "town", out, "--json"))["size"] == 1
    (tmp_path / "policy").write_text(f"log {made['vkey']}\nquorum none\n", "utf-8")
    away = {"RONGJIAN_HOME": str(tmp_path / "nowhere"), "RONGJIAN_DATABASE_URL": "postgresql://x@127.0.0.1:9/x"}
    policy = ("--policy", tmp_path / "policy")
    [verified] = json_of(rongjian("verify", out, *policy, "--json", **away))
    assert (verified["size"], verified["findings"]) == (1, [])
    assert json_of(rongjian("mirror", "follow", out, mirror, *policy, "--json", **away))["size"] == 1
    assert rongjian("verify", "town", "--against", mirror).returncode == 0

    entries = out / "tile/entries/000.p/1"
    entries.write_bytes(entries.read_bytes().replace(b"recorded_at", b"recorded_bt"))
    spoilt = rongjian("verify", out, *policy, **away)
    assert (spoilt.returncode, "第 1 条的条目字节" in spoilt.stdout, "Traceback" in spoilt.stderr) == (1, True, False)
    refused = rongjian("mirror", "follow", out, tmp_path / "other", *policy, **away)
    assert (refused.returncode, code_of(refused.stderr)) == (4, "entry_damaged")
    assert not (tmp_path / "other" / "checkpoint").exists()
    missing = rongjian("verify", tmp_path / "nothing", *policy, **away)
    assert (missing.returncode, code_of(missing.stderr)) == (3, "source_unavailable")

    with psycopg.connect(url_of(rongjian), autocommit=True) as connection:
        [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log_%'").fetchall()
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    lost = rongjian("verify", "town")
    assert (lost.returncode, code_of(lost.stderr)) == (3, "log_missing")
    assert json_of(rongjian("mirror", "restore", mirror, "town", "--json")) == {
        "origin": "ledger.example.gov/m",
        "size": 1,
    }
    assert json_of(rongjian("verify", "town", "--json"))[0]["findings"] == []
    assert json_of(rongjian("show", "town", "--json"))[0]["id"] == made["receipt"]["id"]


def test_a_witness_is_made_and_its_evidence_judged(rongjian: Run, tmp_path: Path) -> None:
    made = json_of(rongjian("witness", "new", tmp_path / "w", "--name", "witness.example/w", "--json"))
    assert made["vkey"].startswith("witness.example/w+")
    again = rongjian("witness", "new", tmp_path / "w", "--name", "witness.example/w")
    assert (again.returncode, code_of(again.stderr)) == (2, "witness_exists")
    bare = rongjian("witness", "serve", tmp_path / "w", "--port", "9")
    assert (bare.returncode, code_of(bare.stderr)) == (3, "witness_incomplete")
    (tmp_path / "e.json").write_text("{}")
    log = json_of(
        rongjian("init", "town", "--origin", "ledger.example.gov/w", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    (tmp_path / "policy").write_text(f"log {log['vkey']}\nquorum none\n", "utf-8")
    judged = rongjian("witness", "evidence", tmp_path / "e.json", "--policy", tmp_path / "policy")
    assert (judged.returncode, code_of(judged.stderr)) == (2, "bad_evidence_file")
    asked = rongjian("witness", "ask", "town")
    assert (asked.returncode, code_of(asked.stderr)) == (2, "no_witnesses")


def test_an_older_state_that_was_restored_is_noticed_and_mended(rongjian: Run, tmp_path: Path) -> None:
    """A real witness process; the log as it was at size 1 comes back after the witness has seen size 2."""
    made = json_of(
        rongjian("init", "town", "--origin", "ledger.example.gov/r", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    (tmp_path / "policy").write_text(f"log {made['vkey']}\nquorum none\n", "utf-8")
    with _witness(rongjian, tmp_path, made["vkey"]) as line:
        (tmp_path / "home/logs/town/witnesses.policy").write_text(f"log {made['vkey']}\n{line}\nquorum w1\n", "utf-8")
        assert json_of(rongjian("witness", "ask", "town", "--json"))["quorum_met"] is True
        assert json_of(rongjian("export", "town", tmp_path / "old", "--json"))["size"] == 1
        _record_a_person(rongjian, tmp_path, Path(made["founders"]))
        asked = json_of(rongjian("witness", "ask", "town", "--json"))
        assert (asked["size"], asked["quorum_met"]) == (2, True)
        assert json_of(rongjian("export", "town", tmp_path / "new", "--json"))["size"] == 2

        with psycopg.connect(url_of(rongjian), autocommit=True) as connection:
            [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log_%'").fetchall()
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        assert json_of(rongjian("mirror", "restore", tmp_path / "old", "town", "--json"))["size"] == 1
        for command in (("witness", "ask", "town"), ("serve",), ("submit", "person.signed.json", "--log", "town")):
            refused = rongjian(*command, RONGJIAN_PORT=str(_free_port()))
            assert (refused.returncode, code_of(refused.stderr)) == (4, "rolled_back"), command
        behind = rongjian("verify", "town", "--against", tmp_path / "new")
        assert (behind.returncode, "已回退；比对的是镜像" in behind.stdout) == (1, True)

        assert json_of(rongjian("mirror", "restore", tmp_path / "new", "town", "--json"))["size"] == 2
        assert json_of(rongjian("witness", "ask", "town", "--json"))["quorum_met"] is True
        assert rongjian("verify", "town", "--against", tmp_path / "new").returncode == 0


def _record_a_person(rongjian: Run, tmp_path: Path, founders: Path) -> None:
    draft = {
        "type": "PrincipalRegistered",
        "log": "ledger.example.gov/r",
        "actor": "opr",
        "role": "OPR",
        "payload": {"principal_id": "x", "kind": "person"},
        "restricted": {"/person_name": "某", "/id_number": "1"},
    }
    (tmp_path / "person.json").write_text(json.dumps(draft), "utf-8")
    keys = [a for s in ("opr", "sech") for a in ("--key", founders / f"{s}.pem")]
    assert rongjian("sign", "person.json", *keys, "-o", "person.signed.json").returncode == 0
    assert json_of(rongjian("submit", "person.signed.json", "--log", "town", "--json"))[0]["position"] == 2


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def _witness(rongjian: Run, tmp_path: Path, log: str) -> Iterator[str]:
    """A served witness of the log; gives its line of a policy."""
    made = json_of(rongjian("witness", "new", tmp_path / "w", "--name", "witness.example/w1", "--json"))
    (tmp_path / "w" / "logs.policy").write_text(f"log {log}\nquorum none\n", "utf-8")
    port = _free_port()
    command = [
        str(Path(sys.executable).with_name("rongjian")),
        "witness",
        "serve",
        str(tmp_path / "w"),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield f"witness w1 {made['vkey']} http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=60)
