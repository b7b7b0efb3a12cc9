"""A primary and a streaming standby of a PostgreSQL that is installed on the machine, for tests about what either
loses.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from ledger.errors import UnavailableError
from ledger.store import embedded

_SETTINGS = (
    "-c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c wal_level=replica -c max_wal_senders=4 -c "
    "hot_standby=on"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers of one cluster; each listens on a socket in its own folder."""

    binaries: Path
    folder: Path

    def url(self, name: str = "primary") -> str:
        return f"postgresql://postgres@/postgres?host={self.folder / name}"

    def begin(self) -> None:
        """A primary, running."""
        data = self._data("primary")
        self._run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        self.start("primary")

    def clone(self) -> None:
        """A standby of it, running; from now on the primary's commits wait for whatever standby there is."""
        data = self._data("standby")
        self._run("pg_basebackup", "-D", data, "-R", "-X", "stream", "-c", "fast", "-d", self.url())
        self.start("standby")
        self.demand("*")

    def demand(self, names: str) -> None:
        """Which standbys a commit waits for."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'".encode())
            connection.execute("SELECT pg_reload_conf()")
            until = time.monotonic() + 30
            while names and time.monotonic() < until:
                if connection.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone():
                    return
                time.sleep(0.1)

    def start(self, name: str) -> None:
        options = f"{_SETTINGS} -c unix_socket_directories='{self.folder / name}'"
        self._run("pg_ctl", "-D", self._data(name), "-l", self.folder / name / "log", "-w", "-o", options, "start")

    def stop(self, name: str, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", self._data(name), "-m", mode, "-w", "stop")

    def promote(self) -> None:
        """The standby becomes a primary of its own."""
        self._run("pg_ctl", "-D", self._data("standby"), "-w", "promote")

    def end(self) -> None:
        for name in ("standby", "primary"):
            if (self._data(name) / "postmaster.pid").exists():
                self.stop(name)

    def _data(self, name: str) -> Path:
        return self.folder / name / "data"

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = embedded._run([self.binaries / program, *arguments], embedded._account())
        assert done.returncode == 0, (program, done.stderr)


@contextmanager
def pairs() -> Iterator[Pair]:
    """A pair whose primary runs; skips, with the reason, where this machine has no such server."""
    try:
        binaries = embedded._system_binaries()
    except UnavailableError as error:
        pytest.skip(f"no PostgreSQL of the system: {error.en}")
    if not (binaries / "pg_basebackup").exists():
        pytest.skip(f"{binaries} has no pg_basebackup")
    account = embedded._account()
    folder = Path(tempfile.mkdtemp(prefix="rj-pair-", dir="/tmp"))
    for path in (folder, folder / "primary", folder / "standby"):
        path.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            os.chown(path, account.pw_uid, account.pw_gid)
    pair = Pair(binaries, folder)
    try:
        pair.begin()
        yield pair
    finally:
        pair.end()
        shutil.rmtree(folder, ignore_errors=True)
