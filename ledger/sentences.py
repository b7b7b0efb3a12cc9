"""Sentences for people: an English template in the code, what it is called in other languages in catalogues (gettext).

A template is the identity of its sentence, as gettext has it: ``sentence("{case} was never filed", case=…)``. A
catalogue of each package, ``locale/zh.po``, holds the translations; ``make words`` extracts the templates, and compiles
the catalogues to the ``.mo`` files that are read here. Where two meanings share one English word, ``term`` names which
of them is meant (the context of gettext).

A member is the same in every language, or a pair of Chinese and English of which each language takes its own.

Tables of names (``name|zh|en``) say two languages themselves; a third one has them in its catalogue, with the table's
name as context. Which languages there are is which catalogues lie there (:func:`languages_of`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from typing import Protocol, Self

#: What is told in Chinese and English, in this order.
Pair = tuple[str, str]

_LANGUAGES = ("zh", "en")

#: The packages whose sentences are told in this process.
_TOLD_BY: list[str] = []

#: Contexts in which names stand: acts, steps, and tables beside the code.
_NAMING = ("act", "step", "labels", "member_names", "word_names", "roles", "meanings")

#: A catalogue's file: the tag of its language (RFC 5646) in the letters that addresses have.
_CATALOGUE = re.compile(r"([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.mo")


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
    if package not in _TOLD_BY:
        _TOLD_BY.append(package)

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


def languages_of(packages: Iterable[str]) -> tuple[str, ...]:
    """Chinese, English, then whichever other language one of these packages has a catalogue of, by its tag."""
    folders = [resources.files(package).joinpath("locale") for package in packages]
    files = [file.name for folder in folders if folder.is_dir() for file in folder.iterdir()]
    found = {match[1] for match in map(_CATALOGUE.fullmatch, files) if match}
    return (*_LANGUAGES, *sorted(found.difference(_LANGUAGES)))


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
    """A sentence in a language. A plain pair says Chinese and English; in any other language its English is looked up
    whole, since many a pair was a sentence before an answer held it, and told as it is where nothing translates it.
    """
    if isinstance(told, Sentence):
        return told.in_language(language)
    zh, en = told
    if language in _LANGUAGES:
        return zh if language == "zh" else en
    known = [catalogue(package, language) for package in _TOLD_BY if en]
    found = [c.gettext(en) for c in known] + [c.pgettext(context, en) for context in _NAMING for c in known]
    return next((text for text in found if text != en), en)


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


def named(package: str, table: str, zh: str, en: str) -> Sentence:
    """What a table beside the code calls something; in a third language by the catalogue of its package."""
    known = package.partition(".")[0]
    own = {"zh": zh, "en": en}
    return Sentence(lambda language: own.get(language) or catalogue(known, language).pgettext(table, en))


def names_in(package: str, file: str) -> dict[str, Pair]:
    """A file of lines ``name|zh|en``."""
    table = file.partition(".")[0]
    return {name: named(package, table, zh, en) for name, zh, en in rows_of(package, file)}


def between_names() -> Sentence:
    """What stands between names of a list."""
    return term("between names", ", ")


def enumeration(names: Iterable[object], between: Pair | None = None) -> Sentence:
    """Names or sentences one after the other, with what a language puts between them: a comma unless said otherwise."""
    given = [name if isinstance(name, tuple) else str(name) for name in names]
    mark = between or between_names()
    return Sentence(lambda language: str(_in(mark, language)).join(str(_in(name, language)) for name in given))
