"""Where nothing can be written to standard output or error the service starts all the same, serves, and ends as it is ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.small_home import begin_log, environment_of, own_database


@pytest.mark.parametrize("where", [">/dev/full", ">/dev/full 2>&1", ">&- 2>&-", "| true", "2>&1 | true"])
def test_a_service_whose_words_nobody_can_hear_serves(
    where: str, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path, url).items():
            monkeypatch.setenv(name, value)
        begin_log()
        environment = {**os.environ, "RONGJIAN_PORT": str(port), "PYTHONPATH": str(Path.cwd())}
        # The shell tells the number of the process, and how it has ended.
        number, ended = tmp_path / "number", tmp_path / "ended"
        run = f'sh -c \'echo $$ > "{number}"; exec "{sys.executable}" -m api.cli serve\''
        line = f'{{ {run}; echo $? > "{ended}"; }} {where}'
        shell = subprocess.Popen(
            ["sh", "-c", f"{line} &\nwait"], env=environment, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            until = time.monotonic() + 60
            while _status(port) != 200:
                assert time.monotonic() < until
                assert not ended.exists()
                time.sleep(0.1)
            os.kill(int(number.read_text()), signal.SIGTERM)
            while not ended.exists() or not ended.read_text():
                assert time.monotonic() < until
                time.sleep(0.1)
            assert ended.read_text() == "0\n"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()


def _status(port: int) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live").status_code
    except httpx.HTTPError:
        return 0
