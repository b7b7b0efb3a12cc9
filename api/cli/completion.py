"""``rongjian completion``: what lets a shell complete commands, options and values, made from the table of commands.

The files ``completion.bash``, ``.zsh`` and ``.fish`` read what is typed; which words there are is put in here. Logs are
looked for when the shell asks, everything else is of this version.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from api.cli.command import Argument, Command
from api.cli.commands.table import COMMANDS, COMMON, GROUPS
from api.cli.known_names import formats_of, parameters_of
from api.cli.terminal import Terminal
from api.inspector.inquiries import INQUIRIES
from api.sentences import sentence
from ledger.regulation.shipped import shipped_packs
from ledger.sentences import Pair
from projections.facts import FACTS

#: The name by which the shells' files know that logs of this home are asked for.
LOGS = "@logs"

#: Any further positional argument, and what is a wildcard in a pattern.
_DIGIT = "[1-9]"
_WILD = re.compile(r"(\*|\[1-9\])")

#: A word, and what it is about.
Word = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """Words that may come at a place, by patterns of it: the path of the command; of a value also the option that
    waits for it, or the number of the positional argument, and the second positional argument before it.
    """

    patterns: tuple[str, ...]
    words: Sequence[Word]


def script(terminal: Terminal, options: argparse.Namespace) -> int:
    """The script of a shell, which says on its first lines how it is put to use."""
    text = script_of(options.shell, terminal.told)
    terminal.give({"shell": options.shell, "script": text}, lambda: print(text, end=""))
    return 0


def script_of(shell: str, told: Callable[[Pair], str]) -> str:
    """The script of a shell; what words are about stands in the language of ``told``."""
    write = {"bash": _plain, "zsh": _with_colon, "fish": _with_tab}[shell]
    template = resources.files("api.cli").joinpath(f"completion.{shell}").read_text("utf-8")
    for name, cases in (
        ("below", [*_below(told)]),
        ("options", [*_options(told)]),
        ("wants", [*_wants()]),
        ("values", [*_values()]),
    ):
        lines = [_fish_case(c, write) if shell == "fish" else _case(c, write) for c in cases]
        template = template.replace(f"@{name}@\n", "".join(lines))
    about = told(sentence("puts itself to use where it is read: {command}", command=_USE[shell]))
    return template.replace("@about@", about)


_USE = {
    "bash": 'eval "$(rongjian completion bash)"',
    "zsh": 'eval "$(rongjian completion zsh)"',
    "fish": "rongjian completion fish | source",
}


def _plain(word: Word) -> str:
    return word[0]


def _with_colon(word: Word) -> str:
    return word[0].replace(":", r"\:") + (f":{word[1]}" if word[1] else "")


def _with_tab(word: Word) -> str:
    return word[0] + (f"\t{word[1]}" if word[1] else "")


def _case(case: Case, write: Callable[[Word], str]) -> str:
    words = " ".join(shlex.quote(write(word)) for word in case.words)
    return f"        {'|'.join(map(_pattern, case.patterns))}) printf '%s\\n' {words} ;;\n"


def _pattern(pattern: str) -> str:
    """A pattern for ``case``: everything but its wildcards is quoted."""
    parts = _WILD.split(pattern)
    return "".join(part if _WILD.fullmatch(part) else f"'{part}'" for part in parts if part) or "''"


def _fish_case(case: Case, write: Callable[[Word], str]) -> str:
    """fish takes wildcards in quotes, and has none for a digit; options come before what stands by its number."""
    patterns = " ".join(_in_fish(pattern.replace(_DIGIT, "*")) for pattern in case.patterns)
    words = " ".join(_in_fish(write(word)) for word in case.words)
    return f"        case {patterns}\n            printf '%s\\n' {words}\n"


def _in_fish(text: str) -> str:
    """A word in single quotes, in which fish knows two escapes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _path(command: Command) -> str:
    return " ".join(command.words)


def _below(told: Callable[[Pair], str]) -> Iterator[Case]:
    """Commands and groups, and the commands of each group."""
    top = {c.group or c.name: GROUPS[c.group] if c.group else c.about for c in COMMANDS}
    yield Case(("",), [(name, told(about)) for name, about in top.items()])
    for group in GROUPS:
        yield Case((group,), [(c.name, told(c.about)) for c in COMMANDS if c.group == group])


def _options(told: Callable[[Pair], str]) -> Iterator[Case]:
    help_ = ("--help", told(sentence("show this help message and exit")))
    common = [*_named(COMMON, told), help_]
    for command in COMMANDS:
        own = [a for a in command.takes if a.is_option]
        if own:
            yield Case((_path(command),), [*_named(own, told), *common])
    yield Case(("*",), common)


def _named(arguments: Sequence[Argument], told: Callable[[Pair], str]) -> list[Word]:
    return [(a.names[-1], "" if a.about is None else told(a.about)) for a in arguments]


def _wants() -> Iterator[Case]:
    """Options that wait for a value, each under all of its names."""
    yield Case(tuple(f"*|{n}" for a in COMMON for n in a.names if not a.switch), [("yes", "")])
    for command in COMMANDS:
        waiting = [n for a in command.takes if a.is_option and not a.switch for n in a.names]
        if waiting:
            yield Case(tuple(f"{_path(command)}|{n}" for n in waiting), [("yes", "")])


def _values() -> Iterator[Case]:
    """What may be the value of an option, and what may stand as a positional argument."""
    for common in COMMON:
        if common.choices:
            patterns = tuple(f"*|{name}|*" for name in common.names)
            yield Case(patterns, [(word, "") for word in common.choices])
    for command in COMMANDS:
        for argument in command.takes:
            if argument.is_option:
                for second, words in _words(argument):
                    yield Case(tuple(_place(command, name, second) for name in argument.names), words)
        for number, argument in enumerate(a for a in command.takes if not a.is_option):
            for second, words in _words(argument):
                places = [str(number)] if argument.nargs in (None, "?") else [str(number), _DIGIT]
                yield Case(tuple(_place(command, place, second) for place in places), words)


def _place(command: Command, place: str, second: str) -> str:
    """The pattern of a place in a command."""
    return f"{_path(command)}|{place}|{second or '*'}"


def _words(argument: Argument) -> Iterator[tuple[str, list[Word]]]:
    """Values of an argument, by the second positional argument where they depend on it."""
    if argument.choices is not None:
        yield "", [(word, "") for word in argument.choices]
    match argument.among:
        case "logs" | "sources":
            yield "", [(LOGS, "")]
        case "facts":
            yield "", [(fact, "") for fact in FACTS]
        case "inquiries":
            yield "", [(inquiry, "") for inquiry in INQUIRIES]
        case "packs":
            yield "", [(pack, "") for pack in shipped_packs()]
        case "parameters":
            for inquiry in INQUIRIES:
                yield inquiry, [(name, "") for name in parameters_of(inquiry)]
        case "formats":
            for inquiry in INQUIRIES:
                yield inquiry, [(name, "") for name in formats_of(inquiry)]
