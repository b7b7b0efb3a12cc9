"""The catalogues of sentences: ``python -m tests.words.catalogues`` (``make words``) extracts every template anew,
keeps the translations that there are, and compiles them.

A template that is new stands in its catalogue without a translation, which is an error of the build until it has one.
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

#: Line, keyword, texts and comments, as Babel takes them from an extraction method.
Found = tuple[int, str, str | tuple[str, ...], list[str]]

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "projections", "api")
#: What makes a sentence, and where its template stands among the arguments: of a term the context comes first.
KEYWORDS = {"sentence": None, "_help": None, "term": ((1, "c"), 2)}
_NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_HEADER = "# What the templates of this package are in Chinese. `make words` keeps it; translations go here.\n#"


def path_of(package: str, language: str = "zh") -> Path:
    return ROOT / package / "locale" / f"{language}.po"


def calls(file: IO[bytes], keywords: Collection[str], tags: object, options: object) -> Iterator[Found]:
    """An extraction method for Babel: the literal arguments of every call of a keyword, also of one within another, of
    which Babel's own method for Python loses the outer.
    """
    for node in ast.walk(ast.parse(file.read())):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[*given]) if name in keywords:
                texts = tuple(a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str))
                yield node.lineno, name, texts[0] if len(texts) == 1 else texts, []


def extracted(package: str) -> set[tuple[str | None, str]]:
    """Context and template of every sentence that the code of a package makes."""
    found = extract_from_dir(ROOT / package, [("**.py", calls)], keywords=KEYWORDS)
    return {(context, template) for _, _, template, _, context in found if isinstance(template, str)}


def catalogue(package: str, language: str = "zh") -> Catalog:
    """The catalogue as it is written."""
    with path_of(package, language).open("rb") as file:
        return read_po(file, locale="zh_CN")


def renewed(package: str) -> Catalog:
    """The catalogue with the templates of the code and the translations that it had."""
    had = catalogue(package)
    new = Catalog(locale="zh_CN", charset="utf-8", fuzzy=False, header_comment=_HEADER)
    for context, template in extracted(package):
        known = had.get(template, context)
        new.add(template, known.string if known is not None else "", context=context)
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


def main() -> int:
    missing = 0
    for package in PACKAGES:
        path = path_of(package)
        path.write_bytes(written(renewed(package)))
        known = catalogue(package)
        path.with_suffix(".mo").write_bytes(compiled(known))
        for message in known:
            if message.id and not message.string:
                print(f"{path.relative_to(ROOT)}: no translation of {message.context or ''} {message.id!r}")
                missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
