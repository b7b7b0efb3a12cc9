"""The letters of another language on a page: Chinese on an English one, English words on a Chinese one.

What stands in another language on purpose says so itself: ``lang`` on its element, as screen readers need it; a code,
an id or a command is ``code``. Everything else is the page's own language. Within a sentence, and where no element can
be marked (a title, an attribute), stand names as they were typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from html.parser import HTMLParser

#: Chinese characters and the punctuation that goes with them.
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff01-\uff60]")
#: A word of English: letters alone, of which one at least is small.
ENGLISH = re.compile(r"(?<![\w./:@#%?&=_-])[A-Za-z]*[a-z][A-Za-z]+(?![\w/:@=_-]|\.\w)")
#: A name that only programs use.
CODE = re.compile(r"(?<![\w./:@?&=-])[a-z]+(?:_[a-z]+)+(?![\w/:@=-])")
#: Names that are the same in every language.
PROPER = frozenset({"SQLite"})

#: What people read of an element besides its text.
_READ = ("aria-label", "title", "placeholder", "alt")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
#: What is no sentence: programs, styles, codes.
_NO_TEXT = frozenset({"script", "style", "code"})
#: Texts of HTML that hold no elements.
_WITHOUT_ELEMENTS = frozenset({"title", "option", "textarea"})


@dataclass(frozen=True, slots=True)
class Text:
    """A text that people read, in the language that its element says; could it have been marked as another one?"""

    language: str
    said: str
    markable: bool


class Texts(HTMLParser):
    """The texts of a page; what stands in ``code`` and the like is left out."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Text] = []
        self._open: list[tuple[str, str, bool]] = [("", "", False)]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        _, language, silent = self._open[-1]
        language, silent = given.get("lang", language), silent or tag in _NO_TEXT
        if not silent:
            read = [given[name] for name in _READ if name in given]
            read += [given["content"]] if given.get("name") == "description" else []
            self.found += [Text(language, text, markable=False) for text in read]
        if tag not in _VOID:
            self._open.append((tag, language, silent))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, language, silent = self._open[-1]
        if not silent and data.strip():
            self.found.append(Text(language, " ".join(data.split()), markable=tag not in _WITHOUT_ELEMENTS))


def tails_of_page(language: str, page: str, typed: Collection[str]) -> Iterator[str]:
    """Texts of a page that hold letters of another language; ``typed`` is what people typed into the log."""
    texts = Texts(page).found
    marked = {t.said for t in texts if not t.language.startswith(language)}
    for text in texts:
        if not text.language.startswith(language):
            continue
        if tails(language, text.said, typed if text.markable else [*typed, *marked]):
            yield text.said
        elif text.markable and text.said in typed and other_letters(language, text.said):
            yield f"not marked: {text.said}"


def tails(language: str, text: str, typed: Collection[str] = ()) -> list[str]:
    """The letters or words of another language in a text, and names that only programs use."""
    present = sorted((t for t in typed if t in text), key=len, reverse=True)
    if present:
        text = re.sub(
            "|".join(rf"(?<!\w){re.escape(t)}(?!\w)" if t.isascii() else re.escape(t) for t in present), "", text
        )
    return other_letters(language, text) + CODE.findall(text)


def other_letters(language: str, text: str) -> list[str]:
    """The letters or words of another language in a text."""
    found: list[str] = (ENGLISH if language == "zh" else CHINESE).findall(text)
    return [f for f in found if f not in PROPER]


def strings(value: object) -> Iterator[str]:
    """Every string within a value: of JSON, of TOML or of a pack."""
    match value:
        case str():
            yield value
        case Mapping():
            yield from strings([*value, *value.values()])
        case list() | tuple():
            for member in value:
                yield from strings(member)
        case _ if is_dataclass(value):
            yield from strings([getattr(value, f.name) for f in fields(value)])
