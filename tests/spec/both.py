"""Both verifiers over the same folders: ours in this process, the one in Node over as many folders as there are in one
process.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.heads.sources import fetch_from
from ledger.audit.notes import Strictness
from ledger.clock import system_clock
from ledger.errors import RongjianError
from ledger.fsck.index_log import IndexLogFiles, compared_index_log, read_index_log
from ledger.fsck.tiles import check_tiles
from ledger.log_signer import LOG_KEYS
from ledger.tlog.policy import parse_policy

NODE = shutil.which("node")
VERIFIER = Path(__file__).parents[2] / "docs" / "spec" / "verifier" / "verify.mjs"
_MANY = Path(__file__).parent / "many.mjs"

#: Places that are wrong: position (0 for the log as a whole) and field.
Places = set[tuple[int, str]]


@dataclass(frozen=True)
class Asked:
    """A folder and the log's keys that its reader has."""

    folder: Path
    vkeys: tuple[str, ...]


def ours(asked: Asked) -> tuple[Places, list[str]]:
    """What ``rongjian verify`` finds in a folder under a policy that asks for no witness, and the codes of its notes.

    A head that no key signed stops it: that is one place, the log as a whole.
    """
    policy = parse_policy("".join([*(f"log {key}\n" for key in asked.vkeys), "quorum none\n"]).encode(), LOG_KEYS)
    fetch, strictness = fetch_from(str(asked.folder)), Strictness(system_clock())
    try:
        head = policy.verify(fetch("checkpoint")).checkpoint
        read = read_index_log(fetch, policy, head.origin)
        logged = read.heads if isinstance(read, IndexLogFiles) else {}
        found = check_tiles(fetch, head, keys=policy.logs, cores=1, strictness=strictness, logged=logged)
        found += compared_index_log(fetch, head, policy, read)
    except RongjianError:
        return {(0, "log")}, []
    return {(f.position, f.field) for f in found}, [n.code for n in strictness.notes]


def second(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """What the verifier in Node says of each folder or package, in their order."""
    lines = "".join(json.dumps({"path": str(a.folder), "vkeys": a.vkeys}) + "\n" for a in asked)
    done = subprocess.run(
        [str(NODE), str(_MANY), str(VERIFIER)], input=lines, capture_output=True, text=True, timeout=3_000, check=True
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(asked), done.stderr
    return told


def places(told: dict[str, Any]) -> Places:
    """The places that the second verifier names."""
    return {(f["position"], f["field"]) for f in told["findings"]}
