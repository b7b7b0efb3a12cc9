"""Every command line that errors, commands and documents tell people to run is one that the command line takes."""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import re
import shlex
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from api.cli.argparse_words import Parser, spoken
from api.cli.parser import parser_in

ROOT = Path(__file__).parents[1]
SOURCES = [*(ROOT / "api").rglob("*.py"), *(ROOT / "ledger").rglob("*.py"), *(ROOT / "projections").rglob("*.py")]
CATALOGUES = sorted(ROOT.glob("*/locale/*.po"))
PAGES = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "api").rglob("*.html")]

#: The generator of a package's report names itself there, and the report is the same in every version.
_REPORT = "api/evidence/report.py"

#: A command ends where its sentence goes on: at punctuation, at Chinese, or at the end of the line.
_COMMAND = re.compile(r"(?<![\w./-])rongjian ((?:[\x21-\x27\x2a\x2b\x2d-\x3a\x3c-\x5f\x61-\x7e…]+ ?)+)")
_SPAN = re.compile(r"`(?:\.venv/bin/)?rongjian ([^`]+)`|(?:<code>|^)rongjian ([^<\n]+)", re.MULTILINE)
#: What ends the words of a name in running text.
_NAMES = re.compile(r"[a-z][a-z-]*")


class _OrPlaceholder(Container[Any]):
    """What may be chosen, or a word in capitals where the reader chooses."""

    def __init__(self, choices: Container[Any]) -> None:
        self._choices = choices

    def __contains__(self, value: object) -> bool:
        return value in self._choices or (isinstance(value, str) and value.isupper())

    def __iter__(self) -> Iterator[Any]:
        return iter(())


def _parser() -> Parser:
    with spoken("en"):
        return parser_in("en")


def _patient(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser, which takes placeholders for choices and numbers."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _patient(below)
            continue
        if action.choices is not None:
            action.choices = _OrPlaceholder(action.choices)  # type: ignore[assignment]
        action.type = None
    return parser


def refusal(command: str) -> str:
    """Why the command line does not take a command; empty where it does."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            _patient(_parser()).parse_args(shlex.split(command))
    except (SystemExit, ValueError) as error:
        return said.getvalue().strip().splitlines()[0] if said.getvalue() else str(error)
    return ""


def _texts(file: Path) -> Iterator[str]:
    """What a source or a catalogue says, with a word for whatever is put in; docstrings are of those who read it."""
    if file.suffix == ".po":
        with file.open("rb") as catalogue:
            yield from (re.sub(r"\{\w+\}", "NAME", str(message.string)) for message in read_po(catalogue))
        return
    tree = ast.parse(file.read_text("utf-8"))
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "NAME" for p in node.values)


def told_in_sources() -> list[tuple[str, str]]:
    """Each command that a source tells, with the name of its file."""
    found = []
    for file in (*SOURCES, *CATALOGUES):
        for text in _texts(file):
            commands = [c.partition(" | ")[0] for c in _COMMAND.findall(text)]
            found += [(file.relative_to(ROOT).as_posix(), c.strip(" .:'…")) for c in commands]
    return found


def _choices(command: str) -> str:
    """A command of a page with its brackets opened: what may be left out is there, of two the first is taken."""
    command = re.sub(r"\[([^\]]*)\]", r"\1", command).replace("…", "X").replace("&hellip;", "X")
    command = re.sub(r"\{\{.*?\}\}", "X", command)
    return re.sub(r"(?<=\w)\|[\w|]+", "", command)


def _names_only(command: str) -> bool:
    """Is it the name of a command, and nothing that anybody would type?"""
    return all(_NAMES.fullmatch(word) for word in command.split())


def _is_there(command: str) -> bool:
    """Is there a command of such a name?"""
    parser = _parser()
    for word in command.split():
        action = next((a for a in parser._actions if isinstance(a, argparse._SubParsersAction)), None)
        if action is None or word not in action.choices:
            return False
        parser = action.choices[word]
    return True


def test_commands_in_sources_are_taken() -> None:
    told = told_in_sources()
    assert len(told) > 60
    assert [(file, c, why) for file, c in told if file != _REPORT and (why := refusal(c))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_in_documents_are_taken(page: Path) -> None:
    commands = [_choices(a or b).strip() for a, b in _SPAN.findall(page.read_text("utf-8"))]
    told = [c for c in commands if not c.startswith("derivation=") and not (_names_only(c) and _is_there(c))]
    wrong = [(c, why) for c in told if (why := refusal(c))]
    assert wrong == []


def test_what_the_command_line_does_not_take_is_noticed() -> None:
    assert "reason" in refusal("head loss LOG")
    assert refusal("head loss LOG --reason REASON -o DRAFT") == ""
    assert refusal("evidence make LOG KIND ID -o FILE") == ""
    assert "there is no option --polcy" in refusal("verify LOG --polcy FILE")
