"""The embedded server: started once, shared, stopped by the last one out, also after a kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from ledger.store import embedded

if os.environ.get("RONGJIAN_TEST_DATABASE_URL"):
    pytest.skip("a separate PostgreSQL is under test, not the embedded one", allow_module_level=True)

USER = (
    "import sys, time; from pathlib import Path; from ledger.store import embedded; s = "
    "embedded.start(Path(sys.argv[1])); print('up', flush=True); time.sleep(600)"
)


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


def test_a_service_that_is_told_to_stop_takes_its_database_along(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RONGJIAN_")}
    environment |= {"RONGJIAN_HOME": str(tmp_path), "RONGJIAN_PORT": str(port)}
    command = [str(Path(sys.executable).with_name("rongjian")), "serve"]
    service = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while _status(f"http://127.0.0.1:{port}/health/live") != 200:
            assert service.poll() is None
            time.sleep(0.1)
        with embedded.running(tmp_path) as server:
            pass
        assert _alive(server.url)
        service.terminate()
        assert service.wait(timeout=120) == 0
        assert not _alive(server.url)
    finally:
        service.kill()


def _status(url: str) -> int:
    try:
        return httpx.get(url).status_code
    except httpx.HTTPError:
        return 0


def test_data_that_lie_outside_a_home_say_whose_they_are_and_sockets_go_with_the_server(tmp_path: Path) -> None:
    with embedded.running(tmp_path) as server:
        place, sockets = server.data.parent, Path(server.url.split("host=")[1].replace("%2F", "/"))
        assert sockets.is_dir()
    if place != tmp_path:  # an ordinary user's lie in the home
        assert (place / "home").read_text("utf-8") == f"{tmp_path.resolve()}\n"
    assert not sockets.exists()
