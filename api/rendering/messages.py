"""The words of templates and of the scripts of pages: English where they stand, others in catalogues (gettext)."""

from __future__ import annotations

from collections.abc import Callable

from api.languages import tag_of
from ledger.sentences import catalogue

#: The catalogue of the pages, which their scripts share.
PAGES = "api.public"


def translator(language: str) -> Callable[[str], str]:
    """gettext for a language. A message without a translation is told in English."""
    return catalogue(PAGES, language).gettext


def vocabulary_of(language: str) -> str:
    """The name of the file that holds the vocabulary for readers of a language."""
    return "vocabulary.json" if language in ("zh", "en") else f"vocabulary.{tag_of(language)}.json"
