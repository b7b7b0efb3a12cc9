"""The catalogues of sentences: ``python -m tests.words.catalogues`` (``make words``) extracts every template anew,
keeps the translations that there are, and compiles them. With a language behind it, ``make words LANGUAGE=fr``, it
begins or renews the catalogues of a further language.

A template that is new stands in its catalogue without a translation, which is an error of the build until it has one.
What a translation leaves out on purpose, such as what a machine says in English, is named by a comment on its entry:
``# left out: {error}``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from api.public.scripts import templates_in
from ledger.derivation.meanings import MEANINGS
from ledger.sentences import rows_of

#: Line, keyword, texts and comments, as Babel takes them from an extraction method.
Found = tuple[int, str, str | tuple[str, ...], list[str]]
#: A template as its catalogue knows it: its context, and it, or what it is for one and for several.
Template = tuple[str | None, str | tuple[str, ...]]

ROOT = Path(__file__).parents[2]
PAGES = "api.public"
PACKAGES = ("ledger", "projections", "api", PAGES)
#: What makes a sentence, and where its template stands among the arguments: of a term the context comes first.
_KEYWORDS = {"sentence": None, "_help": None, "term": ((1, "c"), 2)}
#: The same of templates and scripts of pages, and of what makes pages.
_KEYWORDS_OF_PAGES = {"_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "say": None, "t": None}
#: Tables of names beside the code: a third language has them in the catalogue of their package, by the table's name.
TABLES = (
    ("ledger.events", "labels.txt"),
    ("ledger.derivation", "word_names.txt"),
    ("ledger.derivation", "roles.txt"),
    ("projections", "member_names.txt"),
    ("api.inspector", "member_names.txt"),
    ("api.inspector", "word_names.txt"),
)
_NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_HEADER = "# What the templates of this package are in this language. `make words` keeps it; translations go here.\n#"


def path_of(package: str, language: str = "zh") -> Path:
    return ROOT.joinpath(*package.split("."), "locale", f"{language}.po")


def calls(file: IO[bytes], keywords: Collection[str], tags: object, options: object) -> Iterator[Found]:
    """An extraction method for Babel: the literal arguments of every call of a keyword, also of one within another, of
    which Babel's own method for Python loses the outer.
    """
    for node in ast.walk(ast.parse(file.read())):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[*given]) if name in keywords:
                texts = tuple(a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str))
                yield node.lineno, name, texts[0] if len(texts) == 1 else texts, []


def scripted(file: IO[bytes], keywords: Collection[str], tags: object, options: object) -> Iterator[Found]:
    """An extraction method for Babel: what the scripts of pages say."""
    for line, template in templates_in(file.read().decode()):
        yield line, "say", template, []


def extracted(package: str) -> set[Template]:
    """Context and template of every sentence that the code of a package makes, or that its pages hold."""
    if package == PAGES:
        methods = [("**.py", calls), ("**/templates/**.html", babel_extract), ("**/static/**.js", scripted)]
        found = extract_from_dir(ROOT / "api", methods, keywords=_KEYWORDS_OF_PAGES)
    else:
        found = extract_from_dir(ROOT / package, [("**.py", calls)], keywords=_KEYWORDS)
    return {(context, template) for _, _, template, _, context in found if template}


def tabled(package: str) -> set[Template]:
    """Context and English of every name that stands in a table of a package."""
    rows = [
        (file.partition(".")[0], row[-1]) for of, file in TABLES for row in rows_of(of, file) if _root(of) == package
    ]
    if package == "ledger":
        rows += [("meanings", said[1]) for words in MEANINGS.values() for said in words.values()]
    return {(table, english) for table, english in rows}


def _root(package: str) -> str:
    return package.partition(".")[0]


def catalogue(package: str, language: str = "zh") -> Catalog:
    """The catalogue as it is written."""
    return read(path_of(package, language).read_bytes())


def read(written: bytes) -> Catalog:
    """A catalogue from its bytes."""
    return read_po(BytesIO(written), abort_invalid=True)


def renewed(package: str, language: str = "zh") -> Catalog:
    """The catalogue with the templates of the code and the translations that it had."""
    had = catalogue(package, language) if path_of(package, language).is_file() else Catalog()
    locale = "zh_CN" if language == "zh" else language.replace("-", "_")
    new = Catalog(locale=locale, charset="utf-8", fuzzy=False, header_comment=_HEADER)
    for context, template in extracted(package) | (tabled(package) if language != "zh" else set()):
        known = had.get(template, context)
        string, comments = (known.string, known.user_comments) if known is not None else ("", ())
        if isinstance(template, tuple) and isinstance(string, str):
            string = (string,) * new.num_plurals
        new.add(template, string, context=context, user_comments=comments)
    return new


def written(catalog: Catalog) -> bytes:
    """The bytes of a catalogue, sorted, without the days on which it was made."""
    file = BytesIO()
    write_po(file, catalog, width=0, sort_output=True)
    dated = ("Project-Id-Version", "Report-Msgid", "POT-Creation", "PO-Revision", "Last-Translator", "Language-Team")
    lines = file.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(f'"{name}' for name in dated))).encode()


def compiled(catalog: Catalog) -> bytes:
    """The bytes that are read at run time, the same whenever they are made."""
    catalog.creation_date = catalog.revision_date = _NO_DAY
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def main(language: str = "zh") -> int:
    missing = 0
    for package in PACKAGES:
        path = path_of(package, language)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written(renewed(package, language)))
        known = catalogue(package, language)
        path.with_suffix(".mo").write_bytes(compiled(known))
        for message in known:
            if message.id and not message.string:
                print(f"{path.relative_to(ROOT)}: no translation of {message.context or ''} {message.id!r}")
                missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
