"""What earlier versions gave out keeps its verdict: databases, exports, mirrors, packages, receipts, proofs,
openings.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli.parser import main
from api.evidence import archive
from api.evidence.check import check
from api.files import read_disclosures
from api.home.bootstrap import log_named, open_log
from api.home.settings import Settings
from ledger.application import Ledger
from ledger.entry import parse as parse_entry
from ledger.tlog.merkle import leaf_hash, verify_inclusion
from ledger.tlog.proof import parse_proof
from ledger.tlog.timestamp import parse_roots
from tests.given_out.given import GIVEN, Given, home_of

VERIFIER = Path(__file__).parents[2] / "docs" / "spec" / "verifier" / "verify.mjs"
NODE = shutil.which("node")
KINDS = ("award", "case", "org", "edition")

every_log = pytest.mark.parametrize("given", GIVEN, ids=str)


def _run(monkeypatch: pytest.MonkeyPatch, settings: Settings, *arguments: object) -> int:
    monkeypatch.setenv("RONGJIAN_HOME", str(settings.home))
    monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(settings.database_url))
    return main([*map(str, arguments), "--json"])


@every_log
def test_a_database_still_verifies(
    given: Given, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with home_of(given, tmp_path / "home", database_url, restored=True) as settings:
        code = _run(monkeypatch, settings, "verify", given.name)
    [told] = json.loads(capsys.readouterr().out)
    assert (code, told["findings"]) == (0, [])


@every_log
def test_an_export_still_verifies(
    given: Given, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["verify", str(given.folder / "export"), "--policy", str(given.folder / "policy"), "--json"])
    [told] = json.loads(capsys.readouterr().out)
    assert (code, told["findings"]) == (0, [])


def _second(*arguments: object) -> tuple[int, list[Any]]:
    done = subprocess.run(
        [str(NODE), str(VERIFIER), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, json.loads(done.stdout)["findings"]


@pytest.mark.skipif(NODE is None, reason="no Node on this machine")
@every_log
def test_the_second_verifier_still_accepts_the_export_and_proves_the_packages(given: Given) -> None:
    """It derives no answers and ends with a status of its own: once it said of every proven package that it holds."""
    files = [given.folder / "export", *(given.folder / f"{kind}.zip" for kind in KINDS)]
    assert [_second(file, given.vkey) for file in files] == [(0, []), *[(5, [])] * 4]


@every_log
def test_a_mirror_still_restores(
    given: Given, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with home_of(given, tmp_path / "home", database_url, restored=False) as settings:
        assert _run(monkeypatch, settings, "mirror", "restore", given.folder / "export", given.name) == 0
        capsys.readouterr()
        assert _run(monkeypatch, settings, "verify", given.name) == 0
        [told] = json.loads(capsys.readouterr().out)
    assert told["findings"] == []


@pytest.mark.parametrize("kind", KINDS)
@every_log
def test_a_package_still_holds(given: Given, kind: str) -> None:
    files = archive.read((given.folder / f"{kind}.zip").read_bytes())
    authority = given.folder / "tsa.pem"
    checked = check(files, given.policy, parse_roots(authority.read_bytes()) if authority.exists() else ())
    stated = json.loads(files["answers.json"])
    assert [(a["fact"], a["state"]) for a in checked.answers] == [(a["fact"], a["state"]) for a in stated]
    assert len(checked.stamps) == (1 if authority.exists() else 0)


@every_log
def test_receipts_and_proofs_still_hold(given: Given) -> None:
    receipts = json.loads((given.folder / "receipts.json").read_text("utf-8"))
    for receipt in receipts:
        entry = (given.folder / f"{receipt['position']}.json").read_bytes()
        head = given.policy.verify(receipt["checkpoint"].encode()).checkpoint
        hashes = [base64.b64decode(h) for h in receipt["inclusion_proof"]]
        verify_inclusion(leaf_hash(entry), receipt["leaf_index"], head.size, hashes, head.root)
        assert (base64.b64decode(receipt["leaf_hash"]), parse_entry(1, entry).statement.id) == (
            leaf_hash(entry),
            receipt["id"],
        )
        proof = parse_proof((given.folder / f"{receipt['position']}.tlog-proof").read_bytes())
        assert proof.verify(leaf_hash(entry), given.policy).checkpoint == head
    assert len(receipts) == 4


@pytest.fixture
def erased(tmp_path: Path, database_url: str) -> Iterator[Ledger]:
    [given] = [g for g in GIVEN if str(g) == "v0.1/erased"]
    with home_of(given, tmp_path / "home", database_url, restored=True) as settings:
        ledger = open_log(settings, str(settings.database_url), log_named(settings, given.name))
        yield ledger
        ledger.close()


def test_what_was_erased_stays_erased_as_wide_as_it_was_and_nothing_more(erased: Ledger) -> None:
    """Erasures of that version destroyed everything of the subject they named, whatever paths they gave."""
    states: dict[str, set[str]] = {}
    for event in erased.events():
        for field in erased.disclosing.fields(event.statement.id):
            subject = (
                getattr(event.statement.payload, "principal_id", None)
                or getattr(event.statement.payload, "org", None)
                or event.statement.actor
            )
            states.setdefault(str(subject), set()).add(field.state)
    gone = {"R5", "rec", "A", "R4"}
    assert {s for s, seen in states.items() if "erased" in seen} == gone
    assert {s: states[s] for s in gone} == {s: {"erased"} for s in gone}
    assert {frozenset(seen) for s, seen in states.items() if s not in gone} == {frozenset({"withheld"})}


def test_what_was_opened_still_fits_its_commitment(erased: Ledger) -> None:
    [opened] = read_disclosures(Path(__file__).parent / "v0.1" / "erased" / "disclosures.json")
    assert opened.opening.commitment() == erased.event(opened.event).statement.sd[opened.opening.pointer]
    assert opened.opening.value == "6222-0001"
