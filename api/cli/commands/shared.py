"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path

from api.cli.command import Argument, option, positional
from api.sentences import sentence, term
from ledger.sentences import Sentence

#: Kinds of subjects that facts are about.
KINDS = ("org", "case", "award", "edition", "notice", "finding")

KEY = "FILE|pkcs11:URI"
TIME = "POSITION|DAY|TIME"
POLICY = sentence("trust policy (c2sp.org/tlog-policy)")
DATE = "YYYY-MM-DD"


def a_log(name: str = "log") -> Argument:
    return positional(name, sentence("a log of this home"), among="logs")


def for_log(*, required: bool = False, about: Sentence | None = None) -> Argument:
    return option(
        "--log",
        about=about or sentence("a log of this home"),
        required=required,
        among="logs",
    )


def on(name: str = "--on", about: Sentence | None = None) -> Argument:
    return option(name, about=about or sentence("the day that is asked about (default: today)"), metavar=DATE)


def known(name: str = "--known", about: Sentence | None = None) -> Argument:
    return option(name, about=about or sentence("as known at a position, day or instant (default: now)"), metavar=TIME)


def an_event() -> Argument:
    return positional("id", sentence("an entry, by its position or its id"))


def drafted_by(roles: tuple[str, ...]) -> tuple[Argument, ...]:
    """Who signs a draft, and where it is written."""
    return (
        option("--actor", about=sentence("who signs it"), default="opr"),
        option("--role", about=sentence("in which role"), choices=roles, default="OPR"),
        option("-o", "--output", about=term("of an argument", "the draft"), kind=Path, required=True),
    )
