"""Prose says what a thing is: no docstring is a catalogue number, no document is cited that there is not, nothing is
counted by hand that grows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "ledger", "projections", "tests", "typecheck")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

#: A number of a catalogue: of a fact, a view, a reading, a gap, a separation, a flag, a rule of a text.
_NUMBER = r"(?:view\s+)?[A-Z]{1,3}-?\d+[a-z]?(?:\.\d+[a-z]?)?"
_NOTHING_ELSE = re.compile(
    rf"\s*{_NUMBER}(?:(?:\s*[,;/–-]\s*|\s+(?:and|to)\s+){_NUMBER})*\s*(?:as an answer|as answers)?\s*\.?"
)

#: Files of this project, as prose names them; and documents by their name alone.
_PATH = re.compile(
    r"(?<![\w/.-])((?:api|docs|ledger|projections|tests|typecheck)/[\w/.-]+\.(?:js|json|md|mjs|py|sql|txt))\b"
)
_DOCUMENT = re.compile(r"(?<![\w/.-])([\w-]+\.md)\b")
#: Numbered parts of documents that this project does not hold. Sections of docs/spec are cited as such.
_PART = re.compile(r"\b(?:design|domain|formats|measurements|rules\.md|vocabulary) (?:part |section |§ ?)?\d")

#: A number beside what grows: the generated documents count, and prose that counts has to be told of each new one.
_COUNTED = re.compile(
    r"\b(?:\d+|thirty|fifty-nine|sixty) "
    r"(?:events|facts|(?:red )?flags|kinds of events|parameters|questions|readings|rules)\b"
    r"|(?:\d{2,}|[二三四五六七八九]?十[一二三四五六七八九]?) ?(?:种事件|条风险提示|个问题|条规则)"
)


def _docstrings(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node)
            if said is not None:
                yield getattr(node, "name", "the module"), said


@pytest.mark.parametrize(
    ("said", "nothing_else"),
    [
        ("V11.", True),
        ("JD-1.1a, JD-1.1b, GZ-6a.", True),
        ("D02 as an answer.", True),
        ("RF16: seats, votes and tallies.", False),
        ("SM2 keys.", False),
    ],
)
def test_a_catalogue_number_is_told_from_words(said: str, nothing_else: bool) -> None:
    assert (_NOTHING_ELSE.fullmatch(said) is not None) == nothing_else


def test_no_docstring_is_a_catalogue_number_and_nothing_else() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {name}: {said}"
        for path in SOURCES
        for name, said in _docstrings(path)
        if _NOTHING_ELSE.fullmatch(said)
    ]
    assert bare == []


def test_prose_cites_only_documents_that_there_are() -> None:
    names = {path.name for path in DOCUMENTS}
    missing = []
    for path in [*SOURCES, *DOCUMENTS, ROOT / "Makefile"]:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            cited = [p for p in _PATH.findall(line) if not (ROOT / p).exists()]
            cited += [name for name in _DOCUMENT.findall(line) if name not in names]
            missing += [f"{path.relative_to(ROOT)}:{number}: {c}" for c in [*cited, *_PART.findall(line)]]
    assert missing == []


def test_prose_counts_nothing_that_grows() -> None:
    """Of generated documents their writer counts; the changelog says how many there were then."""
    generated = {ROOT / "docs" / "coverage.md", ROOT / "CHANGELOG.md", *(ROOT / "docs" / "spec").glob("*.md")}
    generated |= {*(ROOT / "docs" / "flags").glob("*.md"), *(ROOT / "docs" / "adr").glob("*.md")}
    counted = [
        f"{path.relative_to(ROOT)}:{number}: {found}"
        for path in [*SOURCES, *DOCUMENTS]
        if path not in generated and path.relative_to(ROOT).parts[0] != "tests"
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        for found in _COUNTED.findall(line)
    ]
    assert counted == []
