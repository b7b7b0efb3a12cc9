"""Sentences for people: an English template in the code, what it is called in other languages in catalogues (gettext).

A template is the identity of its sentence, as gettext has it: ``sentence("{case} was never filed", case=…)``. A
catalogue of each package, ``locale/zh.po``, holds the translations; ``make words`` extracts the templates, and compiles
the catalogues to the ``.mo`` files that are read here. Where two meanings share one English word, ``term`` names which
of them is meant (the context of gettext).

A member is the same in every language, or a pair of Chinese and English of which each language takes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from typing import Protocol, Self

#: What is told in Chinese and English, in this order.
Pair = tuple[str, str]

_LANGUAGES = ("zh", "en")


class Sentence(Pair):
    """A sentence in Chinese and English, in this order, that can be told in any language that has a catalogue."""

    in_language: Callable[[str], str]

    def __new__(cls, tell: Callable[[str], str]) -> Self:
        self = super().__new__(cls, (tell(language) for language in _LANGUAGES))
        self.in_language = tell
        return self


class Teller(Protocol):
    """Makes the sentences of one package."""

    def __call__(self, template: str, /, **members: object) -> Sentence:
        """The sentence of a template, with its members."""


class TermTeller(Protocol):
    """Makes the terms of one package whose English stands for several."""

    def __call__(self, context: str, template: str, /, **members: object) -> Sentence:
        """What the template says in a context."""


def tellers(package: str) -> tuple[Teller, TermTeller]:
    """``sentence`` and ``term`` of a package, by the catalogues in its folder ``locale``."""

    def sentence(template: str, /, **members: object) -> Sentence:
        return _told(package, None, template, members) if members else _plain(package, None, template)

    def term(context: str, template: str, /, **members: object) -> Sentence:
        return _told(package, context, template, members) if members else _plain(package, context, template)

    return sentence, term


@cache
def catalogue(package: str, language: str) -> NullTranslations:
    """The translations of a package; none where it has none for a language, and everything stays English."""
    file = resources.files(package).joinpath("locale", f"{language}.mo")
    if language == "en" or not file.is_file():
        return NullTranslations()
    with file.open("rb") as compiled:
        return GNUTranslations(compiled)


@cache
def _plain(package: str, context: str | None, template: str) -> Sentence:
    return Sentence(lambda language: _translated(package, context, template, language))


def _told(package: str, context: str | None, template: str, members: Mapping[str, object]) -> Sentence:
    def tell(language: str) -> str:
        values = {name: _in(member, language) for name, member in members.items()}
        return _translated(package, context, template, language).format_map(values)

    return Sentence(tell)


def _translated(package: str, context: str | None, template: str, language: str) -> str:
    known = catalogue(package, language)
    return known.gettext(template) if context is None else known.pgettext(context, template)


def told_in(language: str, told: Pair) -> str:
    """A sentence in a language; of a plain pair its Chinese, or the English that everybody else reads."""
    if isinstance(told, Sentence):
        return told.in_language(language)
    return told[0] if language == "zh" else told[1]


def _in(member: object, language: str) -> object:
    match member:
        case (str() as zh, str() as en):
            return told_in(language, member if isinstance(member, Sentence) else (zh, en))
        case _:
            return member


sentence, term = tellers("ledger")


def rows_of(package: str, file: str, between: str = "|") -> list[list[str]]:
    """A file of names beside the code: a name and what it is called a line."""
    text = resources.files(package).joinpath(file).read_text("utf-8")
    return [line.split(between) for line in text.splitlines()]


def names_in(package: str, file: str) -> dict[str, Pair]:
    """A file of lines ``name|zh|en``."""
    return {name: (zh, en) for name, zh, en in rows_of(package, file)}


def between_names() -> Sentence:
    """What stands between names of a list."""
    return term("between names", ", ")


def enumeration(names: Iterable[object], between: Pair | None = None) -> Sentence:
    """Names or sentences one after the other, with what a language puts between them: a comma unless said otherwise."""
    given = [name if isinstance(name, tuple) else str(name) for name in names]
    mark = between or between_names()
    return Sentence(lambda language: str(_in(mark, language)).join(str(_in(name, language)) for name in given))
