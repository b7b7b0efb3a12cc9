"""The command line: human output by default, ``--json`` everywhere, documented exit codes.

Exit codes: 0 done; 1 a check failed (a scenario's expectation, verify, rebuild --check); 2 refused or malformed
input; 3 the environment is unavailable (database, keys); 4 stored evidence does not fit together; 5 a package
proves its entries, and today's derivation answers otherwise than that of the version that made it.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from api.cli.argparse_words import Parser, spoken
from api.cli.command import Argument, Command
from api.cli.commands.table import COMMANDS, COMMON, GROUPS, HEADINGS
from api.cli.languages import language_of
from api.cli.loading import lazily
from api.cli.mistyped import did_you_mean
from api.cli.streams import complain, lose_unwritable_errors, open_streams, write_no_more
from api.cli.terminal import Terminal
from api.home.settings import Settings, read_settings
from api.sentences import sentence
from ledger.errors import (
    ConflictError,
    EvidenceError,
    MalformedError,
    RongjianError,
    UnavailableError,
    not_installed,
)
from ledger.sentences import Sentence, told_in
from ledger.text import visible

# Most commands need neither the names of inquiries and packs nor, where the verifier alone is installed, any log.
if TYPE_CHECKING:
    from api.cli import known_names as known
    from api.home import telemetry
else:
    known = lazily("api.cli.known_names")
    telemetry = lazily("api.home.telemetry")

OK, CHECK_FAILED, REFUSED, UNAVAILABLE, EVIDENCE = 0, 1, 2, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command ``rongjian``."""
    open_streams()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    finally:
        lose_unwritable_errors()


def _run(arguments: Sequence[str]) -> int:
    language = language_of(arguments, os.environ, sys.stdout)
    try:
        return _done(arguments, language)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        write_no_more(sys.stdout)
        return OK
    except OSError as error:
        # A full disk where the answer goes, a file that cannot be read: what the system said, never a traceback.
        write_no_more(sys.stdout)
        what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
        complain(sentence("the system could not read or write: {what}", what=what).in_language(language))
        return UNAVAILABLE


def _done(arguments: Sequence[str], language: str) -> int:
    options = _parsed(arguments, language)
    # The verifier alone logs nothing, and has no library to log with.
    with contextlib.suppress(ModuleNotFoundError):
        telemetry.configure_logging(logging.ERROR)
    try:
        _check_text(arguments)
        terminal = Terminal(read_settings(os.environ), json_output=options.json, language=language)
    except RongjianError as error:
        told = sentence("{what}\ncode: {code}", what=error.told, code=error.code)
        complain(told.in_language(language))
        return REFUSED
    command: Command = options.command
    try:
        with _named_if_missing():
            code = command.run()(terminal, options)
        # Buffered output is written now, while a failure can still be reported.
        sys.stdout.flush()
        return code
    except RongjianError as error:
        code = _exit_code(error)
        terminal.fail(error, _meant(command, terminal.settings, options) if code == REFUSED else ())
        return code


def _parsed(arguments: Sequence[str], language: str) -> argparse.Namespace:
    """The arguments as a command takes them. Ends with 0 after help, with 2 where there is no such command."""
    with spoken(language):
        try:
            return parser_in(language).parse_args(arguments)
        except SystemExit:
            sys.stdout.flush()
            raise


def _meant(command: Command, settings: Settings, options: argparse.Namespace) -> Iterator[Sentence]:
    """What was perhaps meant by names that there are not."""
    for argument in command.takes:
        given = getattr(options, argument.member)
        for each in given if isinstance(given, list) else [given]:
            with contextlib.suppress(RongjianError, OSError, ModuleNotFoundError):
                if argument.among is not None and each is not None:
                    meant = _near(str(each), list(known.known_names(argument.among, settings, options)))
                    if meant is not None:
                        yield meant


def _near(given: str, names: Sequence[str]) -> Sentence | None:
    """Another name than the one given; of ``name=value`` the name counts."""
    if any(name.endswith("=") for name in names):
        given = given.partition("=")[0] + "="
    return None if given in names else did_you_mean(given, names)


def _check_text(arguments: Sequence[str]) -> None:
    """An argument is text: neither a NUL, which no name or file holds, nor bytes that are not UTF-8."""
    for number, argument in enumerate(arguments, 1):
        if "\0" in argument or any("\ud800" <= c <= "\udfff" for c in argument):
            shown = visible(argument)
            raise MalformedError(
                "argument_not_text",
                sentence(
                    "argument {number} ({shown}) holds a NUL or bytes that are not UTF-8; write it in UTF-8",
                    number=number,
                    shown=shown,
                ),
            )


@contextlib.contextmanager
def _named_if_missing() -> Iterator[None]:
    """A command that needs a library of the service says so where the verifier alone is installed.

    A module of our own that is missing is a fault of ours, and stays one.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library in ("", "api", "projections", "ledger"):
            raise
        raise not_installed(library) from error


def _exit_code(error: RongjianError) -> int:
    match error:
        case UnavailableError() | ConflictError():
            return UNAVAILABLE
        case EvidenceError():
            return EVIDENCE
        case _:
            return REFUSED


def parser_in(language: str) -> Parser:
    """The parser of all commands, which speaks a language; made while argparse does (:func:`spoken`)."""
    epilog = sentence(
        "exit codes: 0 done; 1 a check failed; 2 refused; 3 unavailable; 4 evidence does not fit; 5 a package proves "
        "its entries and today's derivation answers otherwise"
    )
    parser = Parser(
        language=language,
        prog="rongjian",
        description=sentence("An audit-grade ledger of public honours").in_language(language),
        epilog=epilog.in_language(language),
        headings=[(heading.said.in_language(language), heading.names) for heading in HEADINGS],
    )
    _add(parser, COMMON)
    parser.set_defaults(json=False, lang=None)
    top = parser.add_subparsers(metavar="COMMAND", required=True)
    below: dict[str | None, argparse._SubParsersAction[Parser]] = {None: top}
    for command in COMMANDS:
        if command.group not in below:
            below[command.group] = _group(top, str(command.group), language)
        about = command.about.in_language(language)
        one = below[command.group].add_parser(command.name, help=about, description=about, language=language)
        one.set_defaults(command=command)
        _add(one, (*COMMON, *command.takes))
    return parser


def _group(top: argparse._SubParsersAction[Parser], name: str, language: str) -> argparse._SubParsersAction[Parser]:
    """A command whose actions are commands."""
    about = GROUPS[name].in_language(language)
    group = top.add_parser(name, help=about, description=about, language=language)
    _add(group, COMMON)
    return group.add_subparsers(metavar="ACTION", required=True)


def _add(parser: Parser, arguments: Iterable[Argument]) -> None:
    """Give a parser what a command takes. What is common stands before a command's name too, so it has no default."""
    for argument in arguments:
        about = None if argument.about is None else argument.about.in_language(parser.language)
        default = argparse.SUPPRESS if argument in COMMON else argument.default
        read = _reading(argument, parser.language)
        if argument.switch:
            parser.add_argument(*argument.names, action="store_true", default=default, help=about)
        elif argument.is_option:
            parser.add_argument(
                *argument.names,
                action="append" if argument.repeated else "store",
                type=read,
                choices=argument.choices,
                default=default,
                required=argument.required,
                metavar=argument.metavar,
                dest=argument.member,
                help=about,
            )
        else:
            parser.add_argument(
                *argument.names,
                type=read,
                choices=argument.choices,
                nargs=argument.nargs,
                default=default,
                metavar=argument.metavar,
                help=about,
            )


def _reading(argument: Argument, language: str) -> Callable[[str], object]:
    """What reads the text of an argument, and says in a language what is wrong with it."""

    def read(text: str) -> object:
        try:
            return argument.kind(text)
        except MalformedError as error:
            raise argparse.ArgumentTypeError(told_in(language, error.told)) from error

    return read
