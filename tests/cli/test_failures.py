"""What the command line cannot do it says in the reader's language, with its code and its exit code."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.command import Run, code_of

HAN = re.compile("[\u3400-\u9fff]")


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("show", "nowhere"), "log_unknown", 2),
        (("submit", "missing.json", "--log", "x"), "file_unreadable", 2),
        (("scenario", "run", "missing.toml"), "scenario_unreadable", 2),
        (("verify",), "no_logs", 2),
        (("spec", "/proc/nowhere/spec"), "file_unwritable", 2),
        (("key", "new", "/proc/nowhere/key"), "file_unwritable", 2),
    ],
)
def test_a_failure_is_told_in_one_language_with_its_code(
    rongjian: Run, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    result, english = rongjian(*arguments), rongjian(*arguments, "--lang", "en")
    assert (result.returncode, code_of(result.stderr)) == (exit_code, code)
    assert (english.returncode, code_of(english.stderr)) == (exit_code, code)
    assert [HAN.search(line) is not None for line in result.stderr.splitlines()] == [True, True]
    assert HAN.search(english.stderr) is None
    assert "Traceback" not in result.stderr + english.stderr
    assert json.loads(rongjian(*arguments, "--json").stdout)["error"]["code"] == code


def test_a_database_that_is_down_says_so(rongjian: Run) -> None:
    result = rongjian(
        "scenario", "run", __file__, RONGJIAN_DATABASE_URL="postgresql://x@127.0.0.1:9/x?connect_timeout=1"
    )
    assert result.returncode == 2  # not a scenario: read before anything is connected
    made = rongjian(
        "init",
        "t",
        "--origin",
        "a.example/t",
        "--jurisdiction",
        "x",
        "--code",
        "1",
        RONGJIAN_DATABASE_URL="postgresql://x@127.0.0.1:9/x?connect_timeout=1",
    )
    assert (made.returncode, code_of(made.stderr)) == (3, "database_unavailable")


@pytest.mark.parametrize(
    ("lang", "said"), [("zh_CN.UTF-8", "系统未能读写："), ("en", "the system could not read or write: ")]
)
def test_an_answer_that_finds_no_room_is_said_to_and_leaves_no_traceback(lang: str, said: str, rongjian: Run) -> None:
    with open("/dev/full", "w") as full:
        result = rongjian("inquiries", LANG=lang, stdout=full)
    assert (result.returncode, result.stderr) == (3, f"{said}No space left on device\n")
