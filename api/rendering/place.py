"""Where a page is, and its links: all relative, so that the same templates serve a service and a folder of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from api.languages import languages, own_name


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
