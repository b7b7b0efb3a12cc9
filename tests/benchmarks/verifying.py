"""Entries examined as ``rongjian verify`` does, on all cores; over signatures alone.

Run by itself, ``python -m tests.benchmarks.verifying FILE``: processes that verify begin with what the program has
loaded that they belong to, and a bench loads more than a verification does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from nacl.bindings import crypto_sign, crypto_sign_keypair, crypto_sign_open

from ledger.audit.entries import EntryChecker
from ledger.audit.pool import examined
from ledger.entry import parse

#: Entries that are examined, as many as the other figures are told for, those of a log over and over.
VERIFIED: Final = 100_000
#: Entries that a process is given at once, as those of a verification are.
PAGE: Final = 1_000


class Log(msgspec.Struct):
    """What is verified."""

    origin: str
    entries: list[bytes]


def measured(origin: str, entries: Sequence[bytes]) -> dict[str, float]:
    """Entries a second, and the same over as many processes as there are cores that do nothing but check signatures
    with the library that we use.
    """
    with tempfile.NamedTemporaryFile() as file:
        file.write(msgspec.json.encode(Log(origin, list(entries))))
        file.flush()
        done = subprocess.run(
            [sys.executable, "-m", __name__, file.name], check=True, capture_output=True, text=True, timeout=600
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measured(log: Log) -> dict[str, float]:
    checker, signatures = EntryChecker(log.origin), 0
    for position, entry in enumerate(log.entries, 1):
        list(checker.check(position, entry))
        signatures += len(parse(position, entry).envelope.signatures)
    pages = [(first + 1, log.entries[first : first + PAGE]) for first in range(0, len(log.entries), PAGE)]
    pages *= VERIFIED // len(log.entries)
    size, cores = sum(len(entries) for _, entries in pages), os.cpu_count() or 1
    rate = _rate(size, lambda: sum(len(page) for page in examined(pages, size, lambda: checker.keys, cores)))
    alone = _signatures_a_second() * cores * len(log.entries) / signatures
    return {"entries": rate, "over signatures alone": rate / alone}


def _signatures_a_second() -> float:
    public, secret = crypto_sign_keypair()
    signed = crypto_sign(b"x" * 900, secret)
    return _rate(5_000, lambda: [crypto_sign_open(signed, public) for _ in range(5_000)])


def _rate(count: int, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    print(json.dumps(_measured(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Log))))
