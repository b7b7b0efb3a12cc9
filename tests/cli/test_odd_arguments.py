"""Odd arguments: whatever stands in a command, it ends with words and a documented exit code, never with a
traceback.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.command import Argument
from api.cli.commands.table import COMMANDS
from api.cli.parser import main
from api.home.listening import listener
from ledger.errors import RongjianError, UnavailableError
from tests.small_home import LOG, begin_log, environment_of, own_database

#: These would serve until they are ended.
SERVING = {("serve",), ("witness", "serve")}

DEEP = 100_000

#: What takes the place of every argument of a command in turn.
ODD = (
    "",
    " ",
    "\0",
    "a\0b",
    "\udcff",
    "\u202e",
    "9" * 5_000,
    "-1",
    "1e999",
    "99999999999999999999",
    "../..",
    "[",
    "%00",
    "=",
    "名",
    "pkcs11:object=a?module-path=%00",
    "pkcs11:object=a?module-path=/dev/null&pin-source=file:%00",
    "pkcs11:object=%ff?module-path=a",
    "http://[",
    "http://127.0.0.1:1/%00",
    "FOLDER",
    "BINARY",
    "DEEP_JSON",
    "DEEP_TOML",
    "LONG_TOML",
    "EMPTY",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder where a file is expected, and files that hold what nothing reads."""
    folder = tmp_path_factory.mktemp("odd")
    content = {
        "BINARY": bytes(range(256)),
        "DEEP_JSON": b"[" * DEEP,
        "DEEP_TOML": b"a = " + b"[" * DEEP,
        "LONG_TOML": b"a = " + b"9" * 5_000,
        "EMPTY": b"",
    }
    for name, data in content.items():
        (folder / f"{name}.toml").write_bytes(data)
    return {name: str(folder / f"{name}.toml") for name in content} | {"FOLDER": str(folder)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(folder, url).items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.StringIO(""))
        patch.chdir(folder)
        begin_log()
        yield folder


#: Every command with its arguments.
TAKES = {command.words: command.takes for command in COMMANDS}


def _arguments(takes: tuple[Argument, ...], odd: str, *, log: bool) -> list[str]:
    """Every argument the odd value, except where only a few words are taken; a log of this home where ``log`` says
    so.
    """
    options, rest = [], []
    for argument in takes:
        if argument.switch:
            continue
        value = argument.choices[0] if argument.choices else LOG if log and argument.member == "log" else odd
        if argument.is_option:
            options.append(f"{argument.names[-1]}={value}")
        else:
            rest.append(value)
    return [*options, "--", *rest]


@pytest.mark.parametrize("command", [c for c in TAKES if c not in SERVING], ids=" ".join)
def test_a_command_ends_with_words_whatever_it_is_given(
    command: tuple[str, ...], home: Path, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for odd in ODD:
        for log in (False, True) if any(a.member == "log" for a in TAKES[command]) else (False,):
            given = [*command, *_arguments(TAKES[command], files.get(odd, odd), log=log)]
            try:
                code: int | str | None = main(given)
            except SystemExit as ended:
                code = ended.code
            said = capsys.readouterr()
            assert code in {0, 1, 2, 3, 4}, given
            assert "Traceback" not in said.err, given
            assert code == 0 or said.err or said.out, given


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\udcff"])
def test_an_argument_that_is_no_text_is_named(odd: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", odd, "--lang", "zh"]) == 2
    assert "argument_not_text" in capsys.readouterr().err


def test_a_port_that_is_overlong_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGJIAN_PORT", "9" * 5_000)
    assert main(["inquiries"]) == 2


@pytest.mark.parametrize(
    ("host", "port"), [("a" * 300, 8321), ("127.0.0.1", 70_000), ("..", 8321), ("203.0.113.5", 8321)]
)
def test_a_host_or_port_that_there_cannot_be_is_refused(host: str, port: int) -> None:
    with pytest.raises(UnavailableError) as refused:
        listener(host, port)
    assert refused.value.code == "address_unusable"
    assert isinstance(refused.value, RongjianError)


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_closed_or_foreign_terminal_ends_no_command(closed: str, encoding: str, home: Path) -> None:
    command = f'"{sys.executable}" -X utf8=0 -m api.cli inquiries --lang zh'
    for line in (command, f"{command} {closed}"):
        ran = subprocess.run(
            ["sh", "-c", line],
            capture_output=True,
            check=False,
            cwd=Path.cwd(),
            env={"PYTHONIOENCODING": encoding, "PATH": "/usr/bin:/bin"},
        )
        assert ran.returncode == 0, ran.stderr
        assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize(("language", "exit_codes"), [("zh_CN.UTF-8", "退出码："), ("en_GB.UTF-8", "exit codes:")])
def test_the_help_names_every_exit_code(
    language: str, exit_codes: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", language)
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert [f"{code} " in said.partition(exit_codes)[2] for code in range(6)] == [True] * 6
