"""Where nothing can be written to standard output or error the service starts all the same, serves, and ends as it is
ended.
"""

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
        environment = {**_as_shells_have_it(), "RONGJIAN_PORT": str(port)}
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
            # A line of the service's log that cannot be written is lost, and changes nothing of how the service ends.
            assert httpx.get(f"http://127.0.0.1:{port}/v1/logs").status_code == 200
            os.kill(int(number.read_text()), signal.SIGTERM)
            while not ended.exists() or not ended.read_text():
                assert time.monotonic() < until
                time.sleep(0.1)
            assert ended.read_text() == "0\n"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()


def _as_shells_have_it() -> dict[str, str]:
    """With output held back until a line is whole, as it is unless somebody asks otherwise: what waits is written at
    the end.
    """
    return {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"} | {"PYTHONPATH": str(Path.cwd())}


def _status(port: int) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live").status_code
    except httpx.HTTPError:
        return 0


@pytest.mark.parametrize(
    ("arguments", "where", "code"),
    [
        (["verify"], "2>/dev/full", 2),
        (["verify", "--json"], ">/dev/full", 2),
        (["verify"], "2>&-", 2),
        (["inquiries"], "2>/dev/full", 0),
        (["inquiries"], ">/dev/full", 3),
        (["inquiries", "--json"], ">/dev/full", 3),
        (["inquiries", "--json"], "| true", 0),
    ],
)
def test_how_a_command_ends_does_not_depend_on_who_hears_it(
    arguments: list[str], where: str, code: int, tmp_path: Path
) -> None:
    run = f"import sys; from api.cli.parser import main; sys.exit(main({arguments!r}))"
    assert _code(run, where, tmp_path) == code


def test_a_line_of_the_log_that_waits_for_a_full_disk_is_lost(tmp_path: Path) -> None:
    run = "import sys; from api.cli.streams import lose_unwritable_errors as lose; sys.stderr.write('waits'); lose()"
    assert _code(run, "2>/dev/full", tmp_path) == 0


def _code(run: str, where: str, folder: Path) -> int:
    """How a program ends whose output goes somewhere; the shell writes it down, for a pipe hides it."""
    ended = folder / "ended"
    subprocess.run(
        ["sh", "-c", f'{{ "{sys.executable}" -c "$0"; echo $? > "{ended}"; }} {where}', run],
        env={**_as_shells_have_it(), "RONGJIAN_HOME": str(folder / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return int(ended.read_text())
