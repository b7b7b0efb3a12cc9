"""What a command is: its name and group, what it is about, what it takes, and the function that runs it.

The parser, the help, the completion of shells and what is said about a mistyped word are all made from these records;
``commands/table.py`` holds the one table of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from api.cli.terminal import Terminal
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.sentences import Sentence

Run = Callable[[Terminal, argparse.Namespace], int]
#: A command is found when it is run.
Find = Callable[[], Run]
#: Where the names stand among which a value ought to be (``known_names.py``); they are asked for where they are needed.
Among = Literal["facts", "formats", "inquiries", "logs", "packs", "parameters", "sources", "tokens"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a command: a positional one, or an option where its names begin with a dash.

    ``kind`` reads its text and raises MalformedError for what it does not take; ``choices`` are all that there is,
    ``among`` are names that only the home, a log or another module knows. A ``switch`` takes no value, what is
    ``repeated`` is given several times.
    """

    names: tuple[str, ...]
    about: Sentence | None = None
    metavar: str | None = None
    kind: Callable[[str], object] = str
    choices: tuple[str, ...] | None = None
    among: Among | None = None
    nargs: Literal["?", "*", "+"] | None = None
    default: object = None
    required: bool = False
    switch: bool = False
    repeated: bool = False
    dest: str | None = None

    @property
    def is_option(self) -> bool:
        return self.names[0].startswith("-")

    @property
    def member(self) -> str:
        """The member of the parsed options that holds its value."""
        return self.dest or self.names[-1].lstrip("-").replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: ``rongjian NAME``, or ``rongjian GROUP NAME``."""

    name: str
    about: Sentence
    run: Find
    group: str | None = None
    takes: tuple[Argument, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What is typed after ``rongjian``."""
        return (self.name,) if self.group is None else (self.group, self.name)

    @property
    def called(self) -> str:
        return " ".join(("rongjian", *self.words))


@dataclass(frozen=True, slots=True)
class Heading:
    """A part of the list of commands: what its commands are for, and their names or those of their groups in order."""

    said: Sentence
    names: tuple[str, ...]


def positional(
    name: str,
    about: Sentence | None = None,
    *,
    kind: Callable[[str], object] = str,
    choices: Sequence[str] | None = None,
    among: Among | None = None,
    nargs: Literal["?", "*", "+"] | None = None,
    default: object = None,
    metavar: str | None = None,
) -> Argument:
    return Argument(
        names=(name,),
        about=about,
        kind=kind,
        choices=None if choices is None else tuple(choices),
        among=among,
        nargs=nargs,
        default=default,
        metavar=metavar,
    )


def option(
    *names: str,
    about: Sentence | None = None,
    kind: Callable[[str], object] = str,
    choices: Sequence[str] | None = None,
    among: Among | None = None,
    default: object = None,
    required: bool = False,
    repeated: bool = False,
    metavar: str | None = None,
    dest: str | None = None,
) -> Argument:
    return Argument(
        names=names,
        about=about,
        kind=kind,
        choices=None if choices is None else tuple(choices),
        among=among,
        default=[] if repeated and default is None and not required else default,
        required=required,
        repeated=repeated,
        metavar=metavar,
        dest=dest,
    )


def switch(name: str, about: Sentence) -> Argument:
    return Argument(names=(name,), about=about, switch=True, default=False)


def file(name: str, about: Sentence | None = None, *, nargs: Literal["?", "*", "+"] | None = None) -> Argument:
    """A positional argument that names a file or a folder."""
    return positional(name, about, kind=Path, nargs=nargs)


def whole_number(text: str) -> int:
    """A number of entries or of a port. Raises MalformedError for anything else, and below zero."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise MalformedError("malformed_field", sentence("{text} is not a whole number", text=text[:40]))
    return number
