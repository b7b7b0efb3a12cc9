"""argparse in the reader's language: its words, its help in cells rather than characters, and what it refuses.

argparse takes its words from gettext by the names ``_`` and ``ngettext`` of its module, at the time when it says them.
For the length of a command they lead to our catalogues. ``tests/cli/test_parser_words.py`` holds that every word of
argparse that a reader can meet is here, of whatever version.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from api.cli.layout import width_of, wrapped
from api.cli.mistyped import did_you_mean
from api.sentences import sentence
from ledger.sentences import Pair, Sentence, enumeration, told_in

_MISSING = sentence("the following arguments are required: %s")

#: What argparse says to readers, in its own English; each is filled in with ``%`` by argparse.
SAID: tuple[Sentence, ...] = (
    sentence("usage: "),
    sentence("%(heading)s:"),
    sentence("positional arguments"),
    sentence("options"),
    sentence("show this help message and exit"),
    sentence("argument %(argument_name)s: %(message)s"),
    _MISSING,
    sentence("one of the arguments %s is required"),
    sentence("not allowed with argument %s"),
    sentence("ambiguous option: %(option)s could match %(matches)s"),
    sentence("unexpected option string: %s"),
    sentence("unrecognized arguments: %s"),
    sentence("expected one argument"),
    sentence("expected at most one argument"),
    sentence("expected at least one argument"),
    sentence("expected %s argument"),
    sentence("expected %s arguments"),
    sentence("ignored explicit argument %r"),
    sentence("invalid choice: %(value)r (choose from %(choices)s)"),
    sentence("invalid %(type)s value: %(value)r"),
    sentence("unknown parser %(parser_name)r (choices: %(choices)s)"),
    sentence("can't open '%(filename)s': %(error)s"),
    sentence("%(prog)s: error: %(message)s\n"),
)

_BY_ENGLISH = {said[1]: said for said in SAID}

#: The heading of a part of help, behind which argparse writes a colon of its own.
_HEADING = re.compile(r"^(\S.*):$", re.MULTILINE)

#: What argparse takes for a value rather than for an option.
_NUMBER = re.compile(r"-\d+|-\d*\.\d+")

#: Choices that are named one by one where another one was given.
_CHOICES_MAX = 12


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """argparse speaks a language for the length of a block."""

    def in_language(message: str) -> str:
        said = _BY_ENGLISH.get(message)
        return message if said is None else said.in_language(language)

    def counted(one: str, many: str, number: int) -> str:
        return in_language(one if number == 1 else many)

    module = vars(argparse)
    before = {name: module[name] for name in ("_", "ngettext")}
    module.update(_=in_language, ngettext=counted)
    try:
        yield
    finally:
        module.update(before)


def _told(message: str) -> str:
    """A message of argparse in the language that it speaks now."""
    return str(vars(argparse)["_"](message))


class Help(argparse.HelpFormatter):
    """Lines are as wide as they look: a Chinese character takes two columns, and may stand at the end of a line."""

    def format_help(self) -> str:
        """Headings end with the colon of their language."""
        return _HEADING.sub(lambda found: _told("%(heading)s:") % {"heading": found[1]}, super().format_help())

    def _format_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None,
    ) -> str:
        """Further lines begin where the first one does behind the words before it."""
        said = _told("usage: ") if prefix is None else prefix
        as_wide = "." * width_of(said)
        return super()._format_usage(usage, actions, groups, as_wide).replace(as_wide, said, 1)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in wrapped(" ".join(text.split()), width - len(indent)))


class Parser(argparse.ArgumentParser):
    """A parser that says in one language what it does not take, and what was perhaps meant.

    ``headings`` part the list of its sub-commands: what is said over a part, and the names in it.
    """

    def __init__(
        self,
        *,
        language: str,
        prog: str | None = None,
        description: str | None = None,
        epilog: str | None = None,
        headings: Sequence[tuple[str, Sequence[str]]] = (),
    ) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, formatter_class=Help)
        self.language = language
        self._headings = headings

    def format_help(self) -> str:
        """As argparse does; sub-commands under their headings."""
        if not self._headings:
            return super().format_help()
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        [below] = (a for a in self._actions if isinstance(a, argparse._SubParsersAction))
        commands = {command.dest: command for command in below._get_subactions()}
        for said, names in self._headings:
            formatter.start_section(said)
            formatter.add_arguments([commands[name] for name in names])
            formatter.end_section()
        formatter.start_section(self._optionals.title)
        formatter.add_arguments(self._optionals._group_actions)
        formatter.end_section()
        formatter.add_text(self.epilog)
        return formatter.format_help()

    def say(self, told: Pair) -> str:
        return told_in(self.language, told)

    def error(self, message: str) -> NoReturn:
        """What argparse refuses, with how the command is used; that a command is missing with those that there are."""
        for below in (a for a in self._actions if isinstance(a, argparse._SubParsersAction)):
            missing = self.say(_MISSING) % below.metavar
            if message == missing and len(below.choices) <= _CHOICES_MAX:
                message = self.say(
                    sentence("{what}; there are {names}", what=missing, names=enumeration(below.choices))
                )
        self.refuse(message, self.format_usage())

    def refuse(self, message: str, more: str = "") -> NoReturn:
        """End with 2, as for whatever is refused; that nobody can hear it changes nothing."""
        with contextlib.suppress(OSError, ValueError):
            print(f"{self.prog}: {message}\n{more}".rstrip("\n"), file=sys.stderr)
        raise SystemExit(2)

    def parse_known_args(  # type: ignore[override]  # the overloads of the signature are those of the namespace's type
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """An option that there is not is refused before anything else is: what stands after it may be its value, and
        would be taken for another thing that is wrong.
        """
        for given in self._foreign(sys.argv[1:] if args is None else args):
            self._refuse_name(given, sentence("there is no option {given}", given=given), self._option_string_actions)
        return super().parse_known_args(args, namespace)

    def _foreign(self, arguments: Sequence[str]) -> Iterator[str]:
        """What looks like an option of this parser and is none."""
        has_commands = any(isinstance(a, argparse._SubParsersAction) for a in self._actions)
        takes_value = False
        for argument in arguments:
            if argument == "--":
                return
            if argument[:1] != "-" or argument == "-" or " " in argument or _NUMBER.fullmatch(argument):
                if has_commands and not takes_value:
                    return
                takes_value = False
                continue
            name, equals, _ = argument.partition("=")
            known = self._known(name)
            if known is None:
                yield name
            takes_value = known is not None and known.nargs != 0 and not equals

    def _known(self, name: str) -> argparse.Action | None:
        """The option of a name, of its beginning, or of a short name with its value behind it."""
        options = self._option_string_actions
        if name in options:
            return options[name]
        if name.startswith("--"):
            return next((action for full, action in options.items() if full.startswith(name)), None)
        return options.get(name[:2])

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """One of the choices; argparse calls this for sub-commands too."""
        if action.choices is None or value in action.choices:
            return
        names = [str(choice) for choice in action.choices]
        if isinstance(action, argparse._SubParsersAction):
            told = sentence("there is no command {given}", given=value)
        else:
            called = "/".join(action.option_strings) or action.metavar or action.dest
            told = sentence("{called}: there is no {given}", called=called, given=value)
        self._refuse_name(str(value), told, names)

    def _refuse_name(self, given: str, told: Sentence, names: Sequence[str] | dict[str, argparse.Action]) -> NoReturn:
        """Say what there is not, and what was perhaps meant; or what there is, where that is not much."""
        meant = did_you_mean(given, names)
        if meant is not None:
            told = sentence("{what}; {meant}", what=told, meant=meant)
        elif len(names) <= _CHOICES_MAX:
            told = sentence("{what}; there are {names}", what=told, names=enumeration(names))
        more = sentence("{command} tells more", command=f"{self.prog} --help")
        self.refuse(self.say(told), self.say(more))
