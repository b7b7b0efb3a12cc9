"""The verifier in Node over evidence packages: it proves what ours proves, names what is wrong with a spoilt one, and
never says of any that it holds: it derives no answer.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.evidence import archive
from api.evidence.check import check
from api.evidence.making import gather
from api.evidence.package import dump
from ledger import canonical
from ledger.errors import RongjianError
from ledger.tlog.policy import parse_policy
from tests.builders import Town
from tests.spoiling import restated, with_manifest, without_events

VERIFIER = Path(__file__).parents[2] / "docs" / "spec" / "verifier" / "verify.mjs"
NODE = shutil.which("node")
ON = date(2024, 6, 1)

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine")

Files = dict[str, bytes]


def _node(file: Path, *vkeys: object) -> dict[str, Any]:
    done = subprocess.run(
        [str(NODE), str(VERIFIER), str(file), *map(str, vkeys)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # Node 18 says on standard error that Web Crypto's Ed25519 is experimental; nothing else is said there.
    assert done.returncode in (1, 5), done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 5) == (result["findings"] == []) == (result["verdict"] == "not_derived")
    return result


@pytest.fixture
def lived(town: Town) -> Town:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000, payee_account="6222-0001")
    town.revoke("A", "tax", date(2024, 3, 1))
    return town


def _written(folder: Path, files: Files) -> Path:
    file = folder / "package.zip"
    file.write_bytes(archive.write(files))
    return file


@pytest.mark.parametrize(("kind", "subject"), [("award", "GZ-2023-A"), ("org", "B"), ("edition", "GZ-2023")])
def test_a_good_package_is_proven_and_not_derived(lived: Town, tmp_path: Path, kind: str, subject: str) -> None:
    event = next(e for e in lived.ledger.events() if e.statement.type == "PrizePaid").statement.id
    members = {
        "action": "opened",
        "purpose": "核对",
        "opening_ok": True,
        "target_event": event,
        "paths": ["/payee_account"],
    }
    _, opened = lived.ledger.disclosing.disclose(
        lived.signed("RestrictedDataHandled", ON, by="fin1", as_="FIN", **members)
    )
    files = gather(lived.ledger, kind, subject, ON, disclosures=opened if kind == "award" else ())
    manifest = canonical.parse(files["manifest.json"], "manifest")
    assert _node(_written(tmp_path, files), lived.ledger.evidence.verifier_key) == {
        "verdict": "not_derived",
        "zh": "字节已证明，答案未在此推导",
        "en": "bytes proven, answers not derived here",
        "origin": lived.ledger.origin,
        "size": lived.ledger.size(),
        "subject": {"kind": kind, "id": subject},
        "entries": len(manifest["positions"]),
        "keys": len(manifest["keys"]),
        "findings": [],
        "notes": [],
    }


def test_another_logs_key_proves_nothing(lived: Town, tmp_path: Path) -> None:
    stranger = f"{lived.ledger.origin}+fd37c3be+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    [found] = _node(_written(tmp_path, gather(lived.ledger, "case", "GZ-2023/A", ON)), stranger)["findings"]
    assert found["problem"] in ("no key given signed it", "vkey is no key of a log")


def test_one_flipped_bit_in_any_file_is_named(lived: Town, tmp_path: Path) -> None:
    files = gather(lived.ledger, "case", "GZ-2023/A", ON)
    draw = random.Random(3)
    kinds = {name.partition("/")[0]: name for name in sorted(files)}
    for name in kinds.values():
        content = bytearray(files[name])
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        [found] = _node(_written(tmp_path, files | {name: bytes(content)}), lived.ledger.evidence.verifier_key)[
            "findings"
        ]
        assert name == "manifest.json" or name in found["problem"], (name, found)


def _an_entry_left_out(files: Files) -> Files:
    position = canonical.parse(files["manifest.json"], "m")["positions"][-1]
    proofs = json.loads(files["inclusion-proofs.json"])
    del proofs[str(position)]
    left = restated(files, **{f"entries/{position}.json": None, "inclusion-proofs.json": dump(proofs)})
    return with_manifest(left, lambda m: m["positions"].remove(position))


def _a_key_left_out(files: Files) -> Files:
    proofs = json.loads(files["index-proofs.json"])
    at = next(i for i, p in enumerate(proofs) if p["key"].startswith("k:"))
    left = restated(files, **{"index-proofs.json": dump(proofs[:at] + proofs[at + 1 :])})
    return with_manifest(left, lambda m: m["keys"].remove(proofs[at]["key"]))


def _an_absence_that_is_none(files: Files) -> Files:
    """Two neighbours that are shown for another key do not show that this one has no entries."""
    proofs = json.loads(files["index-proofs.json"])
    absent = [p for p in proofs if "between" in p]
    absent[0]["between"], absent[1]["between"] = absent[1]["between"], absent[0]["between"]
    return restated(files, **{"index-proofs.json": dump(proofs)})


def _entries_that_change_places(files: Files) -> Files:
    one, other = canonical.parse(files["manifest.json"], "m")["positions"][-2:]
    names = [f"entries/{p}.json" for p in (one, other)]
    return restated(files, **{names[0]: files[names[1]], names[1]: files[names[0]]})


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_an_entry_left_out, "not proven complete"),
        (_a_key_left_out, "nothing proves that the entries under k:"),
        (_an_absence_that_is_none, "not proven complete"),
        (_entries_that_change_places, "does not lead to the signed tree head"),
    ],
)
def test_both_refuse_what_a_forger_made_consistent(
    lived: Town, tmp_path: Path, spoil: Callable[[Files], Files], says: str
) -> None:
    spoilt = spoil(gather(lived.ledger, "award", "GZ-2023-A", ON))
    with pytest.raises(RongjianError):
        check(spoilt, parse_policy(lived.ledger.heads.own_policy().encode()))
    [found] = _node(_written(tmp_path, spoilt), lived.ledger.evidence.verifier_key)["findings"]
    assert says in found["problem"]


def test_a_package_whose_revocation_was_cut_out_is_never_said_to_hold(lived: Town, tmp_path: Path) -> None:
    """Entry, keys and answer gone: every byte that is left is proven, and ours derives that something is missing."""
    cut = without_events(gather(lived.ledger, "award", "GZ-2023-A", ON), "AwardRevoked")
    with pytest.raises(RongjianError):
        check(cut, parse_policy(lived.ledger.heads.own_policy().encode()))
    told = _node(_written(tmp_path, cut), lived.ledger.evidence.verifier_key)
    assert (told["verdict"], told["zh"]) == ("not_derived", "字节已证明，答案未在此推导")


def test_an_archive_that_is_none_or_holds_what_does_not_belong_is_refused(lived: Town, tmp_path: Path) -> None:
    files = gather(lived.ledger, "case", "GZ-2023/A", ON)
    good = archive.write(files)
    bombs = {
        "no ZIP archive": good[: len(good) // 2],
        "belongs in a package": archive.write(files | {"../escape": b"x"}),
        "broken": good[:200] + bytes(60) + good[260:],
    }
    for says, content in bombs.items():
        (tmp_path / "package.zip").write_bytes(content)
        [found] = _node(tmp_path / "package.zip", lived.ledger.evidence.verifier_key)["findings"]
        assert says == "broken" or says in found["problem"], found
