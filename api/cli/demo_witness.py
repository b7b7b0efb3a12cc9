"""The witness of the demo: of the same operator, in the same process, shown to show how witnessing works; proof of
nothing.

It has a key and a folder of its own below the home, and is asked like any other, by ``witnesses.policy`` of each demo
log with ``quorum none``: where it fails, nothing waits for it. Its name lies below the demo's host, by which every page
calls it what it is.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from api.home.demo import ORIGIN, DemoLog
from api.home.settings import Settings
from api.witness.app import InThisProcess
from api.witness.home import WitnessHome, create_witness
from ledger.errors import RongjianError
from ledger.store.private_file import write_private
from ledger.tlog.cosignature import Ed25519Cosigner
from ledger.tlog.index_origin import index_origin
from ledger.tlog.policy import parse_policy

NAME = f"{ORIGIN}/witness"

#: Nothing listens there: another process that asks is refused at once, and the one that serves answers by itself.
URL = "http://127.0.0.1:1"

_log = structlog.get_logger(__name__)


@contextmanager
def demo_witness(settings: Settings, demos: Iterable[DemoLog]) -> Iterator[dict[str, InThisProcess]]:
    """The witness at work for the length of a block, as mounts of a client; empty where it cannot run, which is
    logged.
    """
    folder, logs = settings.home / "witness", list(demos)
    try:
        home = _opened(folder, logs)
    except (RongjianError, OSError) as error:
        _log.warning("demo_witness_missing", folder=str(folder), reason=getattr(error, "code", type(error).__name__))
        yield {}
        return
    try:
        for log in logs:
            _introduce(log, home.cosigner)
        yield {URL: InThisProcess(home)}
    finally:
        home.close()


def _opened(folder: Path, logs: list[DemoLog]) -> WitnessHome:
    if not (folder / "witness.json").exists():
        create_witness(folder, NAME, secrets.token_bytes(32))
    _list_logs(folder, logs)
    return WitnessHome(folder)


def _list_logs(folder: Path, logs: list[DemoLog]) -> None:
    """Every demo log by its Ed25519 key; what was kept of a demo that was thrown away goes, whose name another has
    now.
    """
    keys = {key.name: key for log in logs for key in parse_policy(log.policy.encode()).logs[:1]}
    file = folder / "logs.policy"
    earlier = parse_policy(file.read_bytes()).logs if file.exists() else ()
    for key in earlier:
        if key.name in keys and keys[key.name] != key:
            for origin in (key.name, index_origin(key.name)):
                shutil.rmtree(folder / hashlib.sha256(origin.encode()).hexdigest(), ignore_errors=True)
    write_private(file, "".join([*(f"log {key}\n" for key in keys.values()), "quorum none\n"]).encode())


def _introduce(log: DemoLog, witness: Ed25519Cosigner) -> None:
    """Have a demo log ask the witness, unless somebody has written it a policy of its own."""
    file = log.home.folder / "witnesses.policy"
    wanted = log.policy.replace("quorum none\n", f"witness own {witness} {URL}\nquorum none\n").encode()
    found = file.read_bytes() if file.exists() else None
    if found is None or (found != wanted and _is_ours(found)):
        write_private(file, wanted)


def _is_ours(policy: bytes) -> bool:
    """A policy that asks nobody but the demo's witness was written here."""
    try:
        return [key.name for key in parse_policy(policy).witnesses.values()] == [NAME]
    except RongjianError:
        return False
