"""The templates of all rooms in one language, and a page written by one of them."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from api.json_text import json_text
from api.languages import languages, tag_of
from api.rendering.blocks import Content
from api.rendering.messages import PAGES, vocabulary_of
from api.rendering.place import Place
from api.rendering.quoted import quoted
from api.rendering.values import (
    aside,
    day_in,
    day_of_year_in,
    length_in,
    moment_in,
    money_in,
    place_name,
    reading_told,
    shown,
    standing,
)
from api.sentences import sentence
from ledger.derivation.words import word
from ledger.regulation.citations import cited
from ledger.sentences import catalogue, enumeration, told_in
from ledger.text import visible

#: Rooms that have templates.
_ROOMS = ("api.rendering", "api.public", "api.workplace")


def prepare() -> None:
    """Compile every template for every language, so that nobody who asks for a page waits for it."""
    for language in languages():
        env = environment(language)
        for name in env.list_templates():
            env.get_template(name)


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    env = Environment(
        loader=ChoiceLoader([PackageLoader(room) for room in _ROOMS]),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        # Templates are of the program, and change with it.
        auto_reload=False,
    )
    # A form's fields stand in the order of the vocabulary, not of the alphabet; what a script reads is exact.
    env.policies["json.dumps_function"], env.policies["json.dumps_kwargs"] = json_text, {}
    known = catalogue(PAGES, language)
    install = env.install_gettext_callables  # type: ignore[attr-defined]  # of the extension
    install(known.gettext, known.ngettext, newstyle=True, pgettext=known.pgettext, npgettext=known.npgettext)
    env.globals |= {"tag_of": tag_of, "vocabulary_of": vocabulary_of}
    env.filters |= {
        "told": lambda v: told_in(language, v),
        "listed": lambda v: enumeration(v).in_language(language),
        "titled": lambda v, year: sentence("{award} ({year})", award=v, year=year).in_language(language),
        "aside": lambda v: aside(language, v),
        "quoted": lambda v: quoted(language, v),
        "place_name": lambda v: place_name(language, v),
        "day": lambda v: day_in(language, v),
        "day_of_year": lambda v: day_of_year_in(language, v),
        "length": lambda v, unit: length_in(language, v, unit),
        "moment": lambda v: moment_in(language, v),
        "money": lambda v: money_in(language, v),
        "word": lambda v, member="": told_in(language, word(str(v), member)),
        "standing": lambda v: standing(language, v),
        "articles": lambda v: quoted(language, cited(v).in_language(language)),
        "reading": lambda v: reading_told(language, v),
        "shown": lambda v, path: shown(language, v, path),
        "drawn": lambda v: drawn(language, v),
    }
    return env


def drawn(language: str, content: Content) -> Markup:
    """Blocks as HTML, each by the macro of its name."""
    match content:
        case str():
            return escape(content)
        case tuple():
            return Markup("").join(drawn(language, part) for part in content)
        case _:
            return Markup(_macros(language)[type(content).__name__.lower()](content))


@cache
def _macros(language: str) -> dict[str, Macro]:
    return {k: v for k, v in vars(environment(language).get_template("blocks.html").module).items() if k[:1] != "_"}


def render(template: str, place: Place, **context: object) -> str:
    """A page as text, well formed whatever its names hold: what no document should hold is shown as its code point.

    Here and nowhere else, so that no value of any page can be missed; what scripts read is JSON, which holds it
    escaped.
    """
    text = environment(place.language).get_template(template).render(place=place, lang=place.language, **context)
    return visible(text)
