"""Which language a command speaks: one that has catalogues beside the code, or English, whose sentences stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TextIO

from api.sentences import sentence
from ledger.sentences import languages_of

#: Where catalogues lie of what commands say.
PACKAGES = ("ledger", "projections", "api")
#: What the sentences of the code are in.
OF_THE_CODE = "en"
#: What is spoken where nobody asks for another language.
DEFAULT = "zh"


@cache
def languages() -> tuple[str, ...]:
    """Every language that there is: Chinese, English, and those of further catalogues."""
    return languages_of(PACKAGES)


def language_of(arguments: Sequence[str], environment: Mapping[str, str], output: TextIO) -> str:
    """The language asked for, else that of the environment, else Chinese: help is told before the rest is read.

    Where nobody asked, and ``output`` has no Chinese characters, English.
    """
    asked = _asked(arguments)
    if asked in languages():
        return asked
    code = environment.get("LANG", "").partition(".")[0].partition("_")[0].lower()
    wanted = code if code in languages() else DEFAULT
    return wanted if wanted != DEFAULT or _has_chinese(output) else OF_THE_CODE


def _asked(arguments: Sequence[str]) -> str:
    """The value of the last ``--lang``, however argparse lets it be written; empty where there is none."""
    asked = ""
    for number, argument in enumerate(arguments):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if len(name) > len("--") and "--lang".startswith(name):
            asked = value if equals else next(iter(arguments[number + 1 :]), "")
    return asked


def _has_chinese(output: TextIO) -> bool:
    try:
        sentence("yes").in_language(DEFAULT).encode(output.encoding or "utf-8")
    except (UnicodeError, LookupError):
        return False
    return True
