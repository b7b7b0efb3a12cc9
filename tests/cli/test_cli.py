"""The command line: from an empty home to a recorded statement; exit codes; messages in both languages."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from ledger.regulation.shipped import shipped_packs

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def rongjian(tmp_path: Path, database_url: str) -> Iterator[Run]:
    """Runs the installed command in a home of its own."""
    name = f"cli_{secrets.token_hex(6)}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = psycopg.conninfo.make_conninfo(**(psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RONGJIAN_")}
    environment |= {"RONGJIAN_HOME": str(tmp_path / "home"), "RONGJIAN_DATABASE_URL": url, "LANG": "zh_CN.UTF-8"}

    def run(*arguments: object, stdout: Any = subprocess.PIPE, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("rongjian")), *map(str, arguments)]
        return subprocess.run(
            command,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | more,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )

    run.url = url  # type: ignore[attr-defined]
    yield run
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _json(result: subprocess.CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads(result.stdout)


def test_from_an_empty_home_to_a_verified_statement(rongjian: Run, tmp_path: Path) -> None:
    made = _json(
        rongjian(
            "init",
            "town",
            "--origin",
            "ledger.example.gov/town",
            "--jurisdiction",
            "某区",
            "--code",
            "410102",
            "--json",
        )
    )
    founders = Path(made["founders"])
    assert made["receipt"]["position"] == 1
    assert made["vkey"].startswith("ledger.example.gov/town+")

    key = _json(rongjian("key", "new", tmp_path / "dep.pem", "--json", RONGJIAN_KEY_PASSWORD="open sesame"))
    assert b"ENCRYPTED" in (tmp_path / "dep.pem").read_bytes()
    drafts = [
        (
            {
                "type": "PrincipalRegistered",
                "actor": "opr",
                "role": "OPR",
                "payload": {"principal_id": "dep", "kind": "person"},
                "restricted": {"/person_name": "张三（演示）", "/id_number": "DEMO"},
            },
            ["opr", "sech"],
        ),
        (
            {
                "type": "RoleGranted",
                "actor": "sech",
                "role": "SECH",
                "payload": {
                    "principal_id": "dep",
                    "role": "DEP",
                    "valid_from": "2020-01-01",
                    "instrument_no": "演〔2020〕1号",
                    "scope": {},
                },
            },
            ["sech"],
        ),
    ]
    for number, (draft, signers) in enumerate(drafts):
        file, signed = tmp_path / f"{number}.json", tmp_path / f"{number}.signed.json"
        file.write_text(json.dumps({"log": "ledger.example.gov/town"} | draft), "utf-8")
        keys = [a for s in signers for a in ("--key", founders / f"{s}.pem")]
        assert rongjian("sign", file, *keys, "-o", signed).returncode == 0
        assert _json(rongjian("submit", signed, "--log", "town", "--json"))[0]["position"] == number + 2

    registration = {
        "type": "KeyRegistered",
        "log": "ledger.example.gov/town",
        "actor": "dep",
        "role": "DEP",
        "payload": {
            "principal_id": "dep",
            "key_id": key["key_id"],
            "public_key": key["public_key"],
            "algorithm": "Ed25519",
            "valid_from": "2020-01-01T00:00:00Z",
            "valid_until": "2099-01-01T00:00:00Z",
            "custody": "software",
        },
    }
    (tmp_path / "key.json").write_text(json.dumps(registration), "utf-8")
    assert (
        rongjian(
            "sign", "key.json", "--key", "dep.pem", "-o", "half.json", RONGJIAN_KEY_PASSWORD="open sesame"
        ).returncode
        == 0
    )
    refused = rongjian("submit", "half.json", "--log", "town")
    assert (refused.returncode, "countersignature_missing" in refused.stderr) == (2, True)
    assert rongjian("sign", "half.json", "--key", founders / "opr.pem", "-o", "whole.json").returncode == 0
    assert _json(rongjian("submit", "whole.json", "--log", "town", "--json"))[0]["position"] == 4

    shown = _json(rongjian("show", "town", "--json"))
    assert [r["type"] for r in shown] == ["GenesisDeclared", "PrincipalRegistered", "RoleGranted", "KeyRegistered"]
    verified = rongjian("verify", "town")
    assert (verified.returncode, "4 条，全部相符" in verified.stdout) == (0, True)
    assert rongjian("rebuild", "town", "--check", "5").returncode == 0


def test_a_proof_is_checked_where_there_is_no_log(rongjian: Run, tmp_path: Path) -> None:
    made = _json(
        rongjian("init", "town", "--origin", "ledger.example.gov/p", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    written = _json(rongjian("proof", "get", "town", made["receipt"]["id"], "-o", tmp_path / "out", "--json"))
    assert written == [str(tmp_path / "out" / name) for name in ("1.json", "1.tlog-proof")]
    unwritable = rongjian("proof", "get", "town", made["receipt"]["id"], "-o", "/proc/nowhere")
    assert (unwritable.returncode, unwritable.stderr.split(":")[0]) == (2, "file_unwritable")
    (tmp_path / "policy").write_text(f"log {made['vkey']}\nquorum none\n", "utf-8")
    away = {"RONGJIAN_HOME": str(tmp_path / "nowhere"), "RONGJIAN_DATABASE_URL": "postgresql://x@127.0.0.1:9/x"}
    check = ("proof", "check", *written, "--policy", tmp_path / "policy")
    assert _json(rongjian(*check, "--json", **away)) == {
        "origin": "ledger.example.gov/p",
        "position": 1,
        "size": 1,
        "id": made["receipt"]["id"],
        "type": "GenesisDeclared",
        "recorded_at": made["receipt"]["recorded_at"],
        "cosigned": {},
    }
    told = rongjian(*check, **away)
    assert (told.returncode, "成立" in told.stdout, "此证明不能说明" in told.stdout) == (0, True, True)
    Path(written[0]).write_bytes(Path(written[0]).read_bytes().replace(b"recorded_at", b"recorded_bt"))
    spoilt = rongjian(*check, **away)
    assert (spoilt.returncode, spoilt.stderr.split(":")[0], "Traceback" in spoilt.stderr) == (
        4,
        "bad_inclusion_proof",
        False,
    )
    (tmp_path / "policy").write_text("quorum none\n", "utf-8")
    refused = rongjian(*check, "--lang", "en", **away)
    assert (refused.returncode, refused.stderr.split("\n")[0]) == (2, "bad_policy: the policy: no log is listed")


def test_a_tampered_log_is_named_with_exit_code_1(rongjian: Run, database_url: str) -> None:
    _json(
        rongjian("init", "town", "--origin", "ledger.example.gov/t", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    schema = "log_ledger_example_gov_t_"
    with psycopg.connect(database_url, autocommit=True) as connection:
        names = [
            r[0] for r in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'cli_%'").fetchall()
        ]
    for name in names:
        url = psycopg.conninfo.make_conninfo(**(psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}))
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (schema + "%",)
            ).fetchone()
            if found:
                connection.execute("SET session_replication_role = replica")
                query = sql.SQL("UPDATE {} SET entry = set_byte(entry, 100, get_byte(entry, 100) # 4)")
                connection.execute(query.format(sql.Identifier(found[0], "entry")))
    result = rongjian("verify", "town", "--json")
    assert result.returncode == 1
    assert {f["field"] for f in json.loads(result.stdout)[0]["findings"]} >= {"leaf_hash", "log_head"}
    assert rongjian("show", "town").returncode == 4


def test_scenario_run_exits_1_when_an_expectation_fails(rongjian: Run, tmp_path: Path) -> None:
    story = """
[scenario]
title = "一例"
pack = "ganzhou/2022"
starts = 2023-01-02
[organisations]
A = { name = "甲（演示）", uscc = "91360700DEM000196Q", sector = "manufacturing" }
[[chapter]]
title = "一"
acts = [
  { on = 2023-05-04, do = "EditionOpened", edition_id = "GZ-2023", number = 4, \
window_from = 2023-05-04, window_to = 2023-06-30 },
  { on = 2023-06-01, do = "ApplicationFiled", org = "A" },
]
expect = [ { as_of = 2023-06-01, case = "A", state = "STATE" } ]
"""
    good, bad, broken = tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "broken.toml"
    good.write_text(story.replace("STATE", "filed"), "utf-8")
    bad.write_text(story.replace("STATE", "awarded"), "utf-8")
    broken.write_text(story.replace('do = "ApplicationFiled"', 'do = "ApplicationInvented"'), "utf-8")
    assert rongjian("scenario", "run", good).returncode == 0
    failed = rongjian("scenario", "run", bad)
    assert failed.returncode == 1
    assert "expected awarded, actual filed" in failed.stdout
    refused = rongjian("scenario", "run", broken)
    assert refused.returncode == 2
    assert "ApplicationInvented" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_strangers_pack_is_validated(rongjian: Run, tmp_path: Path) -> None:
    pack = tmp_path / "stranger.toml"
    pack.write_bytes(shipped_packs()["jindong/draft"][1])
    told = _json(rongjian("pack", "check", pack, "--json"))
    assert told["pack"] == "JD@2022-draft#1"
    assert [(g["path"], g["settled"], g["choices"]) for g in told["counting_asked"]] == [
        ("reading.notice_first_day", "not_counted", ["not_counted", "counted"]),
        ("reading.plain_days", "calendar_days", ["calendar_days", "working_days"]),
        ("reading.rest_day_at_end", "moves_on", ["moves_on", "stays"]),
    ]
    pack.write_text(pack.read_text("utf-8").replace('"shortlist.max" = {', '"shortlist.most" = {'), "utf-8")
    refused = rongjian("pack", "check", pack, "--lang", "en")
    assert refused.returncode == 2
    assert 'stranger.toml: parameters."shortlist.most": is not in the catalogue of parameters' in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("show", "nowhere"), "log_unknown", 2),
        (("submit", "missing.json", "--log", "x"), "file_unreadable", 2),
        (("scenario", "run", "missing.toml"), "scenario_unreadable", 2),
        (("verify",), "no_logs", 2),
        (("spec", "/proc/nowhere/spec"), "file_unwritable", 2),
        (("key", "new", "/proc/nowhere/key"), "file_unwritable", 2),
    ],
)
def test_failures_are_one_line_in_each_language(
    rongjian: Run, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    result = rongjian(*arguments)
    assert (result.returncode, result.stderr.split(":")[0]) == (exit_code, code)
    assert not result.stderr.isascii()
    assert "Traceback" not in result.stderr
    assert json.loads(rongjian(*arguments, "--json").stdout)["error"]["code"] == code


def test_a_database_that_is_down_says_so(rongjian: Run) -> None:
    result = rongjian(
        "scenario", "run", __file__, RONGJIAN_DATABASE_URL="postgresql://x@127.0.0.1:9/x?connect_timeout=1"
    )
    assert result.returncode == 2  # not a scenario: read before anything is connected
    made = rongjian(
        "init",
        "t",
        "--origin",
        "a.example/t",
        "--jurisdiction",
        "x",
        "--code",
        "1",
        RONGJIAN_DATABASE_URL="postgresql://x@127.0.0.1:9/x?connect_timeout=1",
    )
    assert (made.returncode, made.stderr.split(":")[0]) == (3, "database_unavailable")


@pytest.mark.parametrize(
    ("lang", "said"), [("zh_CN.UTF-8", "系统未能读写："), ("en", "the system could not read or write: ")]
)
def test_an_answer_that_finds_no_room_is_said_to_and_leaves_no_traceback(lang: str, said: str, rongjian: Run) -> None:
    with open("/dev/full", "w") as full:
        result = rongjian("inquiries", LANG=lang, stdout=full)
    assert (result.returncode, result.stderr) == (3, f"{said}No space left on device\n")


def test_gaps_of_a_pack_are_listed_in_both_languages(rongjian: Run) -> None:
    rows = {g["path"]: g for g in _json(rongjian("pack", "gaps", "jindong/draft", "--json"))["gaps"]}
    assert (rows["validity"]["kind"], rows["validity"]["ids"], rows["validity"]["note"]) == (
        "silent",
        "G07",
        "不设有效期(B-58)",
    )
    assert rows["reading.in_force_days_after"]["choices"] == ["day_after_the_period", "last_day_of_the_period"]
    assert (rows["prize.rewin.quality"]["set_by"], rows["prize.rewin.quality"]["facts"]) == (
        "rongjian",
        ["award.prize_due"],
    )
    chinese, english = (
        rongjian("pack", "gaps", "jinshui/interpretation"),
        rongjian("pack", "gaps", "jinshui/interpretation", "--lang", "en"),
    )
    assert "条文未见" in chinese.stdout
    assert "not seen" in english.stdout
    assert rongjian("pack", "gaps", "no/such").returncode == 2


def test_a_log_is_exported_verified_mirrored_lost_and_rebuilt(rongjian: Run, tmp_path: Path, database_url: str) -> None:
    made = _json(
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
    assert _json(rongjian("export", "town", out, "--json"))["size"] == 1
    (tmp_path / "policy").write_text(f"log {made['vkey']}\nquorum none\n", "utf-8")
    away = {"RONGJIAN_HOME": str(tmp_path / "nowhere"), "RONGJIAN_DATABASE_URL": "postgresql://x@127.0.0.1:9/x"}
    policy = ("--policy", tmp_path / "policy")
    [verified] = _json(rongjian("verify", out, *policy, "--json", **away))
    assert (verified["size"], verified["findings"]) == (1, [])
    assert _json(rongjian("mirror", "follow", out, mirror, *policy, "--json", **away))["size"] == 1
    assert rongjian("verify", "town", "--against", mirror).returncode == 0

    entries = out / "tile/entries/000.p/1"
    entries.write_bytes(entries.read_bytes().replace(b"recorded_at", b"recorded_bt"))
    spoilt = rongjian("verify", out, *policy, **away)
    assert (spoilt.returncode, "第 1 条的条目字节" in spoilt.stdout, "Traceback" in spoilt.stderr) == (1, True, False)
    refused = rongjian("mirror", "follow", out, tmp_path / "other", *policy, **away)
    assert (refused.returncode, refused.stderr.split(":")[0]) == (4, "entry_damaged")
    assert not (tmp_path / "other" / "checkpoint").exists()
    missing = rongjian("verify", tmp_path / "nothing", *policy, **away)
    assert (missing.returncode, missing.stderr.split(":")[0]) == (3, "source_unavailable")

    with psycopg.connect(_url_of(rongjian), autocommit=True) as connection:
        [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log_%'").fetchall()
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    lost = rongjian("verify", "town")
    assert (lost.returncode, lost.stderr.split(":")[0]) == (3, "log_missing")
    assert _json(rongjian("mirror", "restore", mirror, "town", "--json")) == {
        "origin": "ledger.example.gov/m",
        "size": 1,
    }
    assert _json(rongjian("verify", "town", "--json"))[0]["findings"] == []
    assert _json(rongjian("show", "town", "--json"))[0]["id"] == made["receipt"]["id"]


def _url_of(rongjian: Run) -> str:
    """The database that the command of a test works on."""
    return str(rongjian.url)  # type: ignore[attr-defined]


def test_a_witness_is_made_and_its_evidence_judged(rongjian: Run, tmp_path: Path) -> None:
    made = _json(rongjian("witness", "new", tmp_path / "w", "--name", "witness.example/w", "--json"))
    assert made["vkey"].startswith("witness.example/w+")
    again = rongjian("witness", "new", tmp_path / "w", "--name", "witness.example/w")
    assert (again.returncode, again.stderr.split(":")[0]) == (2, "witness_exists")
    bare = rongjian("witness", "serve", tmp_path / "w", "--port", "9")
    assert (bare.returncode, bare.stderr.split(":")[0]) == (3, "witness_incomplete")
    (tmp_path / "e.json").write_text("{}")
    log = _json(
        rongjian("init", "town", "--origin", "ledger.example.gov/w", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    (tmp_path / "policy").write_text(f"log {log['vkey']}\nquorum none\n", "utf-8")
    judged = rongjian("witness", "evidence", tmp_path / "e.json", "--policy", tmp_path / "policy")
    assert (judged.returncode, judged.stderr.split(":")[0]) == (2, "bad_evidence_file")
    asked = rongjian("witness", "ask", "town")
    assert (asked.returncode, asked.stderr.split(":")[0]) == (2, "no_witnesses")


def test_a_genesis_is_signed_by_founders_who_never_share_a_machine(rongjian: Run, tmp_path: Path) -> None:
    names = ("--origin", "ledger.example.gov/g", "--jurisdiction", "某区", "--code", "1")
    suites = {"OPR": "ed25519", "GOV": "sm2", "SECH": "ed25519"}
    keys = {
        r: _json(rongjian("key", "new", tmp_path / f"{r}.pem", "--algorithm", s, "--json")) for r, s in suites.items()
    }
    founders = [a for role, key in keys.items() for a in ("--founder", f"{role}={key['public_key']}")]
    assert rongjian("init", "town", *names, *founders[:4], "-o", tmp_path / "d").stderr.startswith(
        "founders_incomplete"
    )
    assert rongjian("init", "town", *names, *founders).stderr.startswith("no_output")
    drafted = _json(rongjian("init", "town", *names, *founders, "-o", tmp_path / "draft.json", "--json"))
    assert not (tmp_path / "home" / "logs" / "town" / "founders").exists()
    step = Path(drafted["draft"])
    for role in suites:
        signed = tmp_path / f"{role}.signed.json"
        assert rongjian("sign", step, "--key", tmp_path / f"{role}.pem", "-o", signed).returncode == 0
        if role != "SECH":
            early = rongjian("submit", signed, "--log", "town")
            assert (early.returncode, "founder_did_not_sign" in early.stderr) == (2, True)
        step = signed
    [receipt] = _json(rongjian("submit", step, "--log", "town", "--json"))
    assert receipt["position"] == 1
    assert _json(rongjian("verify", "town", "--json"))[0]["findings"] == []
    again = rongjian("init", "town", *names, *founders, "-o", tmp_path / "again.json")
    assert again.stderr.startswith("genesis_exists")


def test_an_older_state_that_was_restored_is_noticed_and_mended(rongjian: Run, tmp_path: Path) -> None:
    """A real witness process; the log as it was at size 1 comes back after the witness has seen size 2."""
    made = _json(
        rongjian("init", "town", "--origin", "ledger.example.gov/r", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    (tmp_path / "policy").write_text(f"log {made['vkey']}\nquorum none\n", "utf-8")
    with _witness(rongjian, tmp_path, made["vkey"]) as line:
        (tmp_path / "home/logs/town/witnesses.policy").write_text(f"log {made['vkey']}\n{line}\nquorum w1\n", "utf-8")
        assert _json(rongjian("witness", "ask", "town", "--json"))["quorum_met"] is True
        assert _json(rongjian("export", "town", tmp_path / "old", "--json"))["size"] == 1
        _record_a_person(rongjian, tmp_path, Path(made["founders"]))
        asked = _json(rongjian("witness", "ask", "town", "--json"))
        assert (asked["size"], asked["quorum_met"]) == (2, True)
        assert _json(rongjian("export", "town", tmp_path / "new", "--json"))["size"] == 2

        with psycopg.connect(_url_of(rongjian), autocommit=True) as connection:
            [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log_%'").fetchall()
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        assert _json(rongjian("mirror", "restore", tmp_path / "old", "town", "--json"))["size"] == 1
        for command in (("witness", "ask", "town"), ("serve",), ("submit", "person.signed.json", "--log", "town")):
            refused = rongjian(*command, RONGJIAN_PORT=str(_free_port()))
            assert (refused.returncode, refused.stderr.split(":")[0]) == (4, "rolled_back"), command
        behind = rongjian("verify", "town", "--against", tmp_path / "new")
        assert (behind.returncode, "已回退；比对的是镜像" in behind.stdout) == (1, True)

        assert _json(rongjian("mirror", "restore", tmp_path / "new", "town", "--json"))["size"] == 2
        assert _json(rongjian("witness", "ask", "town", "--json"))["quorum_met"] is True
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
    assert _json(rongjian("submit", "person.signed.json", "--log", "town", "--json"))[0]["position"] == 2


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def _witness(rongjian: Run, tmp_path: Path, log: str) -> Iterator[str]:
    """A served witness of the log; gives its line of a policy."""
    made = _json(rongjian("witness", "new", tmp_path / "w", "--name", "witness.example/w1", "--json"))
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
