"""While the demo logs are being recorded it is said how far they are, where no bar can be drawn too."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.cli.terminal import Terminal
from api.home.demo import demo_scenarios
from tests.cli.story import on_a_terminal
from tests.small_home import environment_of, own_database, settings_of

LINE = re.compile(r"recording (\d) of (\d): (.+), (\d+) %")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_work_is_told_as_a_part_begins_and_at_intervals(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("api.cli.terminal.time.monotonic", lambda: now[0])
    terminal = Terminal(settings_of(tmp_path, "postgresql://x"), json_output=False, language=language)
    work, tell = terminal.work()
    with work:
        for part in (("甲", "a"), ("乙", "b")):
            for done in range(0, 101, 10):
                tell(part, done, 100)
                now[0] += 0.5
    said = capsys.readouterr()
    told = {"en": ["a, 0 %", "a, 40 %", "a, 80 %"], "zh": ["甲，0 %", "甲，40 %", "甲，80 %"]}[language]
    assert (said.out, said.err.splitlines()[:3], len(said.err.splitlines())) == ("", told, 6)


def test_on_a_terminal_a_bar_is_drawn_under_the_name_of_the_part() -> None:
    draws = """
from api.cli.terminal import Terminal
from api.home.settings import read_settings
work, tell = Terminal(read_settings({}), json_output=False, language="zh").work()
with work:
    tell(("甲的账本", "a"), 30, 100)
"""
    written = on_a_terminal({"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}, 80, "-c", draws)
    assert ("甲的账本" in written, "30/100" in written) == (True, True)


def test_the_service_says_how_far_the_demo_is_before_it_answers(tmp_path: Path, database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIAN_")}
    with own_database(database_url) as url:
        environment = own | environment_of(tmp_path, url) | {"RONGJIAN_PORT": str(port), "PYTHONPATH": str(Path.cwd())}
        out, err = tmp_path / "out", tmp_path / "err"
        with out.open("w") as told, err.open("w") as said:
            service = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", "--demo", "--lang", "en"],
                stdout=told,
                stderr=said,
                env=environment,
            )
        try:
            while "Rongjian is ready" not in out.read_text("utf-8"):
                assert service.poll() is None, err.read_text("utf-8")
                time.sleep(0.2)
            lines = [found for line in err.read_text("utf-8").splitlines() if (found := LINE.fullmatch(line))]
            assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait()
    number = str(len(list(demo_scenarios())))
    assert list(dict.fromkeys(found[1] for found in lines)) == [str(n) for n in range(1, int(number) + 1)]
    assert {found[2] for found in lines} == {number}
    assert next(found[3] for found in lines if found[1] == "3").startswith("Hengyang: ")
    percents = [int(found[4]) for found in lines if found[1] == "4"]
    assert (percents[0], percents) == (0, sorted(percents))
