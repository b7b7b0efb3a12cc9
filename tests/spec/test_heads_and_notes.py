"""Both verifiers on the lines of a checkpoint, and on a time that has not come."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli.parser import main
from tests.given_out.given import GIVEN
from tests.spec.both import NODE, Asked, ours, places, second
from tests.spec.folders import OneKey, write_log
from tests.spec.small_log import LOG_KEY, ORIGIN, PACK, VKEY, begun, key

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine")

REVOKED = {"principal_id": "dep", "key_id": key("dep").public.keyid, "reason": "rotated"}


def test_both_verify_the_mldsa_line_of_a_checkpoint_whose_key_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A flipped bit of its time, of its signature, of its hints; whoever has not the key passes over the line, and is
    told.
    """
    [given] = [g for g in GIVEN if str(g) == "v0.1/erased"]
    policy = (given.folder / "policy").read_text("utf-8").splitlines()
    both = tuple(line.split()[1] for line in policy if line.startswith("log "))
    text, at = (given.folder / "export" / "checkpoint").read_text("utf-8").splitlines(), 5
    name, encoded = text[at].split(" ")[1:]
    line = base64.b64decode(encoded)
    assert len(line) == 4 + 8 + 2_420
    asked = []
    for n, place in enumerate((None, 11, 12, 500, len(line) - 1)):
        shutil.copytree(given.folder / "export", tmp_path / str(n))
        spoilt = bytearray(line)
        if place is not None:
            spoilt[place] ^= 1
        lines = [*text[:at], f"— {name} {base64.b64encode(spoilt).decode()}", *text[at + 1 :]]
        (tmp_path / str(n) / "checkpoint").write_text("\n".join(lines) + "\n", "utf-8")
        asked.append(Asked(tmp_path / str(n), both))
    asked.append(Asked(asked[1].folder, both[:1]))
    expected = [set(), *[{(0, "log")}] * 4, set()]
    assert [ours(a)[0] for a in asked] == expected
    told = second(asked)
    assert [places(t) for t in told] == expected
    # Passed over is not verified, and the verdict says so.
    passed_over = [[n["code"] for n in t["notes"] if n["code"] != "no_index_log"] for t in told]
    assert passed_over == [*[[]] * 5, ["line_not_verified"]]
    policies = [tmp_path / "both", tmp_path / "one"]
    for file, vkeys in zip(policies, (both, both[:1]), strict=True):
        file.write_text("".join([*(f"log {key}\n" for key in vkeys), "quorum none\n"]), "utf-8")
        assert main(["verify", str(tmp_path / "0"), "--policy", str(file), "--json"]) == 0
        [result] = json.loads(capsys.readouterr().out)
        assert [r["code"] for r in result["remarks"]] == [
            *["line_not_verified"] * (len(both) - len(vkeys)),
            "no_index_log",
        ]


def test_both_note_a_time_that_has_not_come_and_find_nothing_wrong_with_it(tmp_path: Path) -> None:
    log = begun()
    log.at(datetime(2199, 1, 1, tzinfo=UTC)).record("KeyRevoked", "opr", "OPR", REVOKED, "sech", name="late")
    write_log(tmp_path, ORIGIN, log.entries, OneKey(ORIGIN, LOG_KEY), [PACK])
    asked = Asked(tmp_path, (VKEY,))
    [told], (found, notes) = second([asked]), ours(asked)
    position = len(log.entries)
    assert (found, notes) == (set(), ["recorded_in_the_future"])
    assert (places(told), told["verdict"]) == (set(), "holds")
    assert [(note["position"], note["code"]) for note in told["notes"]] == [
        (position, "recorded_in_the_future"),
        (0, "no_index_log"),
    ]
