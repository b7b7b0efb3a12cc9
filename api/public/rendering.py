"""Templates, translations and the forms in which days, money and words are written."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from urllib.parse import quote, urlencode

import segno
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from api.json_text import json_text
from api.languages import day_written, languages, money_written, own_name, tag_of
from api.public.assets import vocabulary_of
from api.public.scripts import PAGES
from api.sentences import sentence, term
from ledger.clock import SHANGHAI
from ledger.derivation.procedure import STEP_NAMES
from ledger.derivation.words import word
from ledger.regulation.parameters import is_amount
from ledger.sentences import catalogue, enumeration, told_in
from ledger.text import visible
from projections.inquiry.narrative import day as day_in_words


def translator(language: str) -> Callable[[str], str]:
    """gettext for a language. A message without a translation is told in English."""
    return catalogue(PAGES, language).gettext


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is: its path below the site's root, and the query that its links keep."""

    language: str
    parts: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    published: bool = False

    @property
    def path(self) -> str:
        """The page's path below the site's root."""
        return "/".join(quote(p, safe="") for p in (self.language, *self.parts))

    def to(self, *parts: str, language: str | None = None, file: str = "", **query: str) -> str:
        """A relative link to another page, or to a file of it."""
        up = "../" * (len(self.parts) + 1)
        path = "/".join(quote(p, safe="") for p in (language or self.language, *parts))
        kept = urlencode({**self.query, **query})
        return f"{up}{path}/{quote(file)}{'?' + kept if kept and not self.published else ''}"

    def root(self, path: str) -> str:
        """A relative link to what lies at the root of the site."""
        return "../" * (len(self.parts) + 1) + path

    def at(self, path: str) -> str:
        """A relative link to a file at the root of the site, at the same point in time."""
        kept = urlencode(self.query)
        return f"{self.root(path)}{'?' + kept if kept and not self.published else ''}"

    def in_each(self) -> Iterator[tuple[str, str, str]]:
        """The same page in every language that there is: the language, what it calls itself, and a relative link."""
        for language in languages():
            yield language, own_name(language), self.in_language(language)

    def in_language(self, language: str) -> str:
        """A relative link to the same page in a language."""
        return self.to(*self.parts, language=language)


def day_in(language: str, value: str | date | None) -> str:
    """2026年11月21日, 21 November 2026; a dash for none."""
    if value is None:
        return "—"
    on = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return day_written(language, on, day_in_words(on))


def moment_in(language: str, at: datetime) -> str:
    """2026年11月21日 14:03, in Shanghai's time."""
    local = at.astimezone(SHANGHAI)
    return f"{day_in(language, local.date())} {local:%H:%M}"


def money_in(language: str, fen: int | None) -> str:
    """1,234.50 元, CNY 1,234.50."""
    return "—" if fen is None else money_written(language, fen)


def article(text: str) -> str:
    """ZY:24(1) as people cite it: the article's own number."""
    return text.partition(":")[2] or text


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    env = Environment(
        loader=ChoiceLoader([PackageLoader("api.public"), PackageLoader("api.workplace")]),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
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
        "aside": lambda v: _cited(language, v),
        "day": lambda v: day_in(language, v),
        "moment": lambda v: moment_in(language, v),
        "money": lambda v: money_in(language, v),
        "word": lambda v, member="": told_in(language, word(str(v), member)),
        "article": article,
        "standing": lambda v: standing(language, v),
        "articles": lambda v: enumeration(article(a) for a in v).in_language(language),
        "titled": lambda v, year: sentence("{award} ({year})", award=v, year=year).in_language(language),
        "shown": lambda v, path: shown(language, v, path),
    }
    return env


def shown(language: str, value: object, path: str, member: str = "") -> str:
    """The value of a parameter in words, amounts in yuan; the rows of a table one after the other."""
    match value:
        case bool():
            return {True: sentence("yes"), False: sentence("no")}[value].in_language(language)
        case None:
            return "—"
        case int() if is_amount(path, member):
            return money_in(language, value)
        case list():
            between = term("between values", "; ").in_language(language)
            return between.join(shown(language, v, path, member) for v in value)
        case {"step": str(step), **others}:
            return told_in(language, STEP_NAMES[step][:2]) + _cited(language, others.get("article"))
        case dict():
            told = [
                f"{told_in(language, word(k))} {shown(language, v, path, k)}"
                for k, v in value.items()
                if k not in ("rule", "article")
            ]
            return term("between members", ", ").in_language(language).join(told) + _cited(
                language, value.get("article")
            )
        case str():
            return told_in(language, word(value, member, path))
        case _:
            return str(value)


def _cited(language: str, cited: object) -> str:
    return sentence(" ({cited})", cited=cited).in_language(language) if cited else ""


def standing(language: str, status: str) -> str:
    """How an award or a notice stands, in words."""
    t = translator(language)
    own = {
        "expired": t("expired"),
        "undetermined": t("undetermined"),
        "not_derivable": t("not derivable"),
        "not_begun": t("not begun"),
        "running": t("running"),
        "over_not_closed": t("over; its end is not on record"),
        "closed": t("closed"),
    }
    return own.get(status) or told_in(language, word(status))


def render(template: str, place: Place, **context: object) -> str:
    """A page as text, well formed whatever its names hold: what no document should hold is shown as its code point.

    Here and nowhere else, so that no value of any page can be missed; what scripts read is JSON, which holds it
    escaped.
    """
    text = environment(place.language).get_template(template).render(place=place, lang=place.language, **context)
    return visible(text)


def qr(text: str) -> Markup:
    """A QR code of a permalink as inline SVG without a style of its own."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgclass="qr", lineclass="qr-dark", omitsize=True, nl=False
    )
    return Markup(out.getvalue().decode())


def bars(rows: list[tuple[str, int, int]], labels: tuple[str, str]) -> Markup:
    """A bar chart of two series as SVG, with its figures beside it in a table: (name, first, second) per row."""
    top = max([1, *(max(a, b) for _, a, b in rows)])
    width, height, gap = 640, 26, 14
    parts = [
        f'<svg class="bars" viewBox="0 0 {width} {len(rows) * (2 * height + gap) + 8}" role="img" '
        f'aria-label="{html.escape(labels[0])} / {html.escape(labels[1])}">'
    ]
    for i, (name, a, b) in enumerate(rows):
        y = i * (2 * height + gap) + 4
        parts.append(f'<text x="0" y="{y + height}" class="bar-name">{html.escape(name)}</text>')
        for n, (value, css) in enumerate(((a, "bar-a"), (b, "bar-b"))):
            length = max(2, round(value / top * (width - 260))) if value else 0
            parts.append(
                f'<rect x="150" y="{y + n * height}" width="{length}" height="{height - 6}" class="{css}"/><text '
                f'x="{158 + length}" y="{y + n * height + 15}" class="bar-value">{value:,}</text>'
            )
    return Markup("".join([*parts, "</svg>"]))
