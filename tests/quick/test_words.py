"""What people read says words of the regulation, never the names that the program has for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.derivation.meanings import MEANINGS
from ledger.derivation.words import WORDS
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import PARAMETERS
from tests.quick.played import SCENARIOS, played

#: Words of enumerations, paths of parameters, and event types.
INTERNAL = {*WORDS, *(w for words in MEANINGS.values() for w in words)} | {p.path for p in PARAMETERS} | EVENTS.keys()
ROOT = Path(__file__).parents[2]
#: Latin words that a Chinese sentence may hold.
LATIN = {"SM2"}


def internal_names(zh: str) -> set[str]:
    """Names of the program in a Chinese sentence: whole Latin words, with dots and underscores."""
    return set(re.findall(r"(?<![\w./-])[A-Za-z][A-Za-z0-9_.]*[A-Za-z0-9](?![\w/-])", zh)) & INTERNAL - LATIN


@pytest.mark.parametrize("path", SCENARIOS)
def test_a_refusal_says_words(path: Path) -> None:
    report, _ = played(path)
    refusals = [o.refusal for o in report.outcomes if o.refusal is not None]
    zh = [str(sentence) for r in refusals for sentence in (r.zh, r.details.get("remedy_zh", ""))]
    en = [str(sentence) for r in refusals for sentence in (r.en, r.details.get("remedy", ""))]
    assert {sentence: names for sentence in zh if (names := internal_names(sentence))} == {}
    assert {sentence: names for sentence in en if (names := types_of_events(sentence))} == {}


def types_of_events(sentence: str) -> set[str]:
    """Event types that a sentence names as the program does."""
    return set(re.findall(r"[A-Za-z]+", sentence)) & EVENTS.keys()


def _sentences(path: Path) -> Iterator[str]:
    """String constants of a module with a space or a Chinese character in them, its docstrings aside."""
    tree = ast.parse(path.read_text("utf-8"))
    bodies = [n.body for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docstrings = {body[0].value for body in bodies if body and isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or node in docstrings:
            continue
        if isinstance(node.value, str) and re.search(r"[ \u4e00-\u9fff]", node.value):
            yield node.value


@pytest.mark.parametrize("package", ["admission", "derivation", "store", "audit"])
def test_no_sentence_of_a_module_names_a_type_of_events(package: str) -> None:
    modules = sorted((ROOT / "ledger" / package).rglob("*.py"))
    named = {f"{p.name}: {s}" for p in modules if p.name != "meanings.py" for s in _sentences(p) if types_of_events(s)}
    assert named == set()
