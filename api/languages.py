"""The languages of pages, problems, feeds and files: which there are, which one a request asks for, and how days and
amounts are written in each.

Chinese and English are always there; any other is there by its catalogues (docs/contributing.md). What a catalogue does
not translate is told in English. Days and amounts of Chinese and English are ours, those of others Babel's; a tongue
that Babel does not know has them as English has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from fastapi import Request

from api.sentences import term
from ledger.sentences import Pair, languages_of, told_in
from ledger.yuan import FEN_PER_YUAN, in_words

#: Where catalogues lie.
PACKAGES = ("ledger", "projections", "api", "api.public")

#: Told where nothing else is asked for.
FALLBACK = "zh"

#: Ranges of one header that are looked at; what comes after them is nobody's wish.
_RANGES_MAX = 100

#: A language range with its weight (RFC 9110, 12.4.2 and 12.5.4; RFC 4647, 2.1).
_RANGE = re.compile(
    r"(?P<range>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)[ \t]*(?:;[ \t]*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)


@cache
def languages() -> tuple[str, ...]:
    """The tags of all languages that there are; pages stand below these names."""
    return languages_of(PACKAGES)


def asked_for(request: Request) -> str:
    """The language of an answer to a request that names none in its address."""
    return preferred(",".join(request.headers.getlist("accept-language")))


def preferred(accepted: str) -> str:
    """Which of our languages an ``Accept-Language`` header asks for: its ranges by weight, of equal weights the first
    named, each looked up by leaving off its last subtags (RFC 4647, 3.4); ``*`` is any that no other range names.

    Never raises: what is malformed asks for nothing. Where it asks for none of ours, Chinese.
    """
    wanted, refused = [], set[str]()
    for given, weight in _ranges(accepted):
        if weight:
            wanted.append((weight, given))
        else:
            refused |= {ours for ours in languages() if _lies_in(ours, given)}
    left = [ours for ours in languages() if ours not in refused]
    named = {_looked_up(given, left) for _, given in wanted}
    # The sort is stable: of equal weights the first named.
    for _, given in sorted(wanted, key=lambda w: w[0], reverse=True):
        found = _looked_up(given, left) if given != "*" else next((ours for ours in left if ours not in named), None)
        if found is not None:
            return found
    return FALLBACK


def _ranges(accepted: str) -> Iterator[tuple[str, Decimal]]:
    for item in accepted.split(",", _RANGES_MAX)[:_RANGES_MAX]:
        match = _RANGE.fullmatch(item.strip(" \t").lower())
        if match is not None:
            yield match["range"], Decimal(match["weight"] or 1)


def _lies_in(ours: str, given: str) -> bool:
    """Basic filtering (RFC 4647, 3.3.1): a refused range refuses what lies in it; ``*`` refuses nothing, since there is
    always something to be told.
    """
    return f"{ours.lower()}-".startswith(f"{given}-")


def _looked_up(given: str, among: list[str]) -> str | None:
    by_tag = {ours.lower(): ours for ours in among}
    subtags = given.split("-")
    while subtags:
        found = by_tag.get("-".join(subtags))
        if found is not None:
            return found
        subtags.pop()
        # A single letter or digit begins what was left off (RFC 4647, 3.4).
        while subtags and len(subtags[-1]) == 1:
            subtags.pop()
    return None


def tag_of(language: str) -> str:
    """What HTML and HTTP call a language (RFC 5646)."""
    return "zh-CN" if language == "zh" else language


def own_name(language: str) -> str:
    """What a language calls itself: as its catalogue says, else as Babel knows it, else its tag."""
    english = term("what this language calls itself", "English")
    said = english.in_language(language)
    if language == "en" or said != english[1]:
        return said
    locale = _locale(language)
    return (locale.get_display_name() if locale else None) or language


@cache
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def day_written(language: str, on: date, ours: Pair, form: str = "long") -> str:
    """A day in words, elsewhere in a form of CLDR; ``ours`` is how we write it in Chinese and in English."""
    locale = None if language in ("zh", "en") else _locale(language)
    return told_in(language, ours) if locale is None else format_date(on, form, locale=locale)


def money_written(language: str, fen: int) -> str:
    """An amount in yuan."""
    locale = None if language in ("zh", "en") else _locale(language)
    if locale is None:
        return in_words(fen).in_language(language)
    return format_currency(Decimal(fen) / FEN_PER_YUAN, "CNY", locale=locale)
