"""The command line from an empty home to a recorded statement, whose proof is checked where there is no log."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import Run, code_of, json_of


def test_from_an_empty_home_to_a_verified_statement(rongjian: Run, tmp_path: Path) -> None:
    made = json_of(
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

    key = json_of(rongjian("key", "new", tmp_path / "dep.pem", "--json", RONGJIAN_KEY_PASSWORD="open sesame"))
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
        assert json_of(rongjian("submit", signed, "--log", "town", "--json"))[0]["position"] == number + 2

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
    assert json_of(rongjian("submit", "whole.json", "--log", "town", "--json"))[0]["position"] == 4

    shown = json_of(rongjian("show", "town", "--json"))
    assert [r["type"] for r in shown] == ["GenesisDeclared", "PrincipalRegistered", "RoleGranted", "KeyRegistered"]
    verified = rongjian("verify", "town")
    assert (verified.returncode, "4 条，全部相符" in verified.stdout) == (0, True)
    assert rongjian("rebuild", "town", "--check", "5").returncode == 0


def test_a_proof_is_checked_where_there_is_no_log(rongjian: Run, tmp_path: Path) -> None:
    made = json_of(
        rongjian("init", "town", "--origin", "ledger.example.gov/p", "--jurisdiction", "某区", "--code", "1", "--json")
    )
    written = json_of(rongjian("proof", "get", "town", made["receipt"]["id"], "-o", tmp_path / "out", "--json"))
    assert written == [str(tmp_path / "out" / name) for name in ("1.json", "1.tlog-proof")]
    unwritable = rongjian("proof", "get", "town", made["receipt"]["id"], "-o", "/proc/nowhere")
    assert (unwritable.returncode, code_of(unwritable.stderr)) == (2, "file_unwritable")
    (tmp_path / "policy").write_text(f"log {made['vkey']}\nquorum none\n", "utf-8")
    away = {"RONGJIAN_HOME": str(tmp_path / "nowhere"), "RONGJIAN_DATABASE_URL": "postgresql://x@127.0.0.1:9/x"}
    check = ("proof", "check", *written, "--policy", tmp_path / "policy")
    assert json_of(rongjian(*check, "--json", **away)) == {
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
    assert (spoilt.returncode, code_of(spoilt.stderr), "Traceback" in spoilt.stderr) == (
        4,
        "bad_inclusion_proof",
        False,
    )
    (tmp_path / "policy").write_text("quorum none\n", "utf-8")
    refused = rongjian(*check, "--lang", "en", **away)
    assert (refused.returncode, refused.stderr) == (2, "the policy: no log is listed\ncode: bad_policy\n")


def test_a_genesis_is_signed_by_founders_who_never_share_a_machine(rongjian: Run, tmp_path: Path) -> None:
    names = ("--origin", "ledger.example.gov/g", "--jurisdiction", "某区", "--code", "1")
    suites = {"OPR": "ed25519", "GOV": "sm2", "SECH": "ed25519"}
    keys = {
        r: json_of(rongjian("key", "new", tmp_path / f"{r}.pem", "--algorithm", s, "--json")) for r, s in suites.items()
    }
    founders = [a for role, key in keys.items() for a in ("--founder", f"{role}={key['public_key']}")]
    two = rongjian("init", "town", *names, *founders[:4], "-o", tmp_path / "d")
    assert code_of(two.stderr) == "founders_incomplete"
    assert code_of(rongjian("init", "town", *names, *founders).stderr) == "no_output"
    drafted = json_of(rongjian("init", "town", *names, *founders, "-o", tmp_path / "draft.json", "--json"))
    assert not (tmp_path / "home" / "logs" / "town" / "founders").exists()
    step = Path(drafted["draft"])
    for role in suites:
        signed = tmp_path / f"{role}.signed.json"
        assert rongjian("sign", step, "--key", tmp_path / f"{role}.pem", "-o", signed).returncode == 0
        if role != "SECH":
            early = rongjian("submit", signed, "--log", "town")
            assert (early.returncode, "founder_did_not_sign" in early.stderr) == (2, True)
        step = signed
    [receipt] = json_of(rongjian("submit", step, "--log", "town", "--json"))
    assert receipt["position"] == 1
    assert json_of(rongjian("verify", "town", "--json"))[0]["findings"] == []
    again = rongjian("init", "town", *names, *founders, "-o", tmp_path / "again.json")
    assert code_of(again.stderr) == "genesis_exists"
