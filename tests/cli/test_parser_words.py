"""Whatever argparse says to a reader it says in the reader's language, of whatever version it is."""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

import pytest

from api.cli.argparse_words import SAID, spoken
from api.cli.parser import main

#: What argparse says to whoever writes a parser, in an exception; no reader ever meets it.
TO_DEVELOPERS = (
    ".__call__() not defined",
    "'required' is an invalid argument for positionals",
    "mutually exclusive arguments must be optional",
    "cannot merge actions - two groups are named %r",
    "cannot have multiple subparser arguments",
    "conflicting option string: %s",
    "conflicting option strings: %s",
    "conflicting subparser: %s",
    "conflicting subparser alias: %s",
    "dest= is required for options like %r",
    "invalid conflict_resolution value: %r",
    "invalid option string %(option)r: must start with a character %(prefix_chars)r",
    "%r is not callable",
    'argument "-" with mode %r',
)
#: What is only said of positional defaults of argparse's own, which we give names to.
GIVEN_NAMES = ("subcommands",)

LATIN = re.compile(r"(?<![-\w./'])[a-z]{3,}(?![\w./'])")


def _said_by_argparse() -> set[str]:
    """Every literal that argparse gives to gettext."""
    tree = ast.parse(Path(argparse.__file__).read_text("utf-8"))
    return {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext")
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_every_word_of_argparse_that_a_reader_can_meet_is_told() -> None:
    ours = {said[1] for said in SAID}
    assert _said_by_argparse() - ours - set(TO_DEVELOPERS) - set(GIVEN_NAMES) == set()


def test_argparse_speaks_english_again_afterwards() -> None:
    with spoken("zh"):
        assert argparse.ArgumentParser(prog="x").format_usage() == "用法：x [-h]\n"
    assert argparse.ArgumentParser(prog="x").format_usage() == "usage: x [-h]\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "rongjian: 还须给出：COMMAND"),
        (("key",), "rongjian key: 还须给出：ACTION；有 new、show"),
        (("submit", "x"), "rongjian submit: 还须给出：--log"),
        (("show",), "rongjian show: 还须给出：log"),
        (("show", "x", "--limit"), "rongjian show: 参数 --limit：应给一个值"),
        (("show", "x", "--limit", "many"), "rongjian show: 参数 --limit：many 不是非负整数"),
        (("show", "x", "--all=1"), "rongjian show: 参数 --all：此处不能给值：'1'"),
        (("show", "x", "1", "2"), "rongjian: 多出的参数：2"),
        (("verify", "--l"), "rongjian verify: 选项 --l 不明确：可以是 --lang, --law"),
        (("scenario", "run"), "rongjian scenario: 还须给出：files"),
    ],
)
def test_what_is_not_taken_is_said_in_chinese_and_in_no_other_language(
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    first, *usage = capsys.readouterr().err.splitlines()
    assert (ended.value.code, first) == (2, said)
    assert usage[0].startswith("用法：rongjian")
