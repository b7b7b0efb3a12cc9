"""The embedded server: started once, shared, stopped by the last one out, also after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from ledger.store import embedded

if os.environ.get("RONGJIAN_TEST_DATABASE_URL"):
    pytest.skip("a separate PostgreSQL is under test, not the embedded one", allow_module_level=True)

USER = "import sys, time; from pathlib import Path; from ledger.store import embedded; s = embedded.start(Path(sys.argv[1])); print('up', flush=True); time.sleep(600)"


def _alive(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def test_the_last_one_out_stops_the_server_even_after_a_kill(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", USER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "up\n"
    with embedded.running(tmp_path) as server:
        pass
    assert _alive(server.url)  # the other still uses it
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    with embedded.running(tmp_path) as server:
        assert _alive(server.url)
    assert not _alive(server.url)


def test_data_survive_a_killed_server(tmp_path: Path) -> None:
    with embedded.running(tmp_path) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        postmaster = int((server.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
    with embedded.running(tmp_path) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_the_server_listens_nowhere_but_on_its_private_socket(tmp_path: Path) -> None:
    with embedded.running(tmp_path) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        folder = Path(str(connection.info.host))
        assert folder.stat().st_mode & 0o777 == 0o700
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="rongjian", password="guess", dbname="rongjian")
