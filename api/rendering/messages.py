"""The words of templates: English in the template, other languages in a catalogue (gettext)."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Message -> its translation; English is the language of the messages."""
    if language == "en":
        return {}
    data = (files("api.public") / "locale" / f"{language}.po").read_bytes()
    return {str(m.id): str(m.string) for m in read_po(io.BytesIO(data)) if m.id}


def translator(language: str) -> Callable[[str], str]:
    """gettext for a language. A message without a translation is a defect that a test finds."""
    known = catalogue(language)
    return lambda message: known.get(message, message)
