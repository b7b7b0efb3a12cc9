"""Databases of homes that are gone: as root they lie outside the home, and would fill the disk from run to run."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

#: Where ``ledger.store.embedded`` keeps data when root starts the server.
PLACES = Path("/var/lib/rongjian")


def remove_databases(tests: Path, *, also_of_homes_that_stand: bool = False) -> list[Path]:
    """Remove the databases of homes under ``tests`` that are gone, or of all; a server that still runs is ended."""
    removed = []
    for named in PLACES.glob("*/home"):
        with suppress(FileNotFoundError):  # another worker's, removed meanwhile
            home = Path(named.read_text("utf-8").strip())
            if tests in home.parents and (also_of_homes_that_stand or not home.exists()):
                _end_server(named.parent)
                shutil.rmtree(named.parent, ignore_errors=True)
                removed.append(home)
    return removed


def _end_server(place: Path) -> None:
    with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        os.kill(int((place / "pgdata" / "postmaster.pid").read_text("utf-8").splitlines()[0]), signal.SIGQUIT)
