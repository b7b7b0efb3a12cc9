"""Both verifiers over logs spoilt by chance: ``python -m tests.spec.random_spoilings [--seed N] [--random 200]
[--signed 60] [--minutes M]``.

Prints the seed, and each log on which they differ with the seed that makes it again. Exit status 1 where there is one.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api.scenario.cast import Cast
from ledger.entry import parse as parse_entry
from ledger.log_signer import LogSigner
from ledger.signing.keys import PrivateKey
from tests.given_out.given import GIVEN, Given
from tests.given_out.logs import demo
from tests.given_out.town import cast_of
from tests.spec.both import Asked, Places, ours, places, second
from tests.spec.folders import OneKey, write_log
from tests.spec.small_log import LOG_KEY, ORIGIN, PACK, VKEY, begun, key
from tests.spec.spoilt_logs import Whole, spoil, spoil_signed


@dataclass(frozen=True)
class Difference:
    """A log of which the two do not say the same: the seed that makes it, what was done, and what each names."""

    seed: int
    said: str
    ours: Places
    second: Places

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.said}: ours {sorted(self.ours)}, second {sorted(self.second)}"


def small(folder: Path) -> Whole:
    """A log of a dozen entries."""
    log = begun()
    for n in range(3):
        log.incident(f"I-{n}", "sup", basis=["XX:第一条"], evidence=[{"class": "P", "label": "x", "sha256": "0" * 64}])
    write_log(folder, ORIGIN, log.entries, OneKey(ORIGIN, LOG_KEY), [PACK])
    people = {k.public.keyid: k for k in map(key, ("gov", "opr", "sech", "dep", "sup", "sec"))}
    return Whole("small", folder, ORIGIN, (VKEY,), OneKey(ORIGIN, LOG_KEY), people)


@cache
def given_out() -> tuple[Whole, ...]:
    """The logs that earlier versions gave out: several hundred entries, and the keys of nearly everybody in them."""
    return tuple(_given(given) for given in GIVEN)


def _given(given: Given) -> Whole:
    origin, log = json.loads((given.folder / "log" / "log.json").read_text("utf-8"))["origin"], given.folder / "log"
    ed25519, mldsa44 = (
        load_pem_private_key((log / name).read_bytes(), None) for name in ("log.key", "log.mldsa44.key")
    )
    assert isinstance(ed25519, Ed25519PrivateKey)
    assert isinstance(mldsa44, MLDSA44PrivateKey)
    vkeys = tuple(
        line.split()[1] for line in (given.folder / "policy").read_text("utf-8").splitlines() if line.startswith("log ")
    )
    whole = Whole(str(given), given.folder / "export", origin, vkeys, LogSigner(origin, ed25519, mldsa44), {})
    return Whole(whole.name, whole.folder, origin, vkeys, whole.signer, _people(given, whole.entries))


def _people(given: Given, entries: Sequence[bytes]) -> dict[str, PrivateKey]:
    """Keys that follow from the name of the log; passkeys and SM2 keys do not."""
    # The story is told by a scenario of the demo, and a cast has its keys from its seed and the scenario's name.
    cast = Cast(b"given-out", demo()) if given.name == "story" else cast_of(given.name)
    people = dict[str, PrivateKey]()
    for position, entry in enumerate(entries, 1):
        payload = parse_entry(position, entry).statement.payload
        for who in (
            *(f.principal_id for f in getattr(payload, "founders", ())),
            getattr(payload, "principal_id", None),
        ):
            if who is not None:
                people |= {k.public.keyid: k for k in (cast.key(who, generation) for generation in (1, 2))}
    return people


def differences(seeds: Sequence[tuple[int, bool]], logs: Sequence[Whole], folder: Path) -> Iterator[Difference]:
    """Make a log of each seed (signed again by its people where that is said), and ask both verifiers of it."""
    made = []
    for n, (seed, signed) in enumerate(seeds):
        whole = logs[seed % len(logs)]
        said = (spoil_signed if signed else spoil)(seed, whole, folder / str(n))
        made.append((seed, f"{whole.name}: {said}", Asked(folder / str(n), whole.vkeys)))
    for (seed, said, asked), told in zip(made, second([asked for *_, asked in made]), strict=True):
        found = ours(asked)[0]
        if found != places(told):
            yield Difference(seed, said, found, places(told))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="random_spoilings")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--signed", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=0.0, help="go on with further seeds for so long")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    seed, asked, differing, end = options.seed, 0, 0, time.monotonic() + options.minutes * 60
    while not asked or time.monotonic() < end:
        for batch in _batches(seed, options.random, options.signed):
            with tempfile.TemporaryDirectory() as scratch:
                logs = [small(Path(scratch) / "small"), *given_out()]
                for difference in differences(batch, logs, Path(scratch)):
                    differing += 1
                    print(difference, flush=True)
            asked += len(batch)
        seed += options.random + options.signed
    print(f"{asked} logs, {differing} differences")
    return 1 if differing else 0


def _batches(seed: int, some: int, signed: int) -> Iterator[list[tuple[int, bool]]]:
    """Seeds in portions that fit on a disk."""
    wanted = [(seed + n, n >= some) for n in range(some + signed)]
    for at in range(0, len(wanted), 50):
        yield wanted[at : at + 50]


if __name__ == "__main__":
    if shutil.which("node") is None:
        sys.exit("no Node on this machine")
    sys.exit(main(sys.argv[1:]))
