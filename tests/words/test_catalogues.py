"""One word, one place: what is said to people stands in catalogues, whole in every language that there is."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from ledger.errors import MalformedError, try_again
from ledger.sentences import enumeration, names_in, rows_of, sentence, tellers, term
from tests.words.catalogues import PACKAGES, ROOT, catalogue, compiled, extracted, path_of, renewed, written

HAN = re.compile("[\u3400-\u9fff]")
#: An article as the texts number it, 七(五) of Jindong: a citation, and no word.
ARTICLE = re.compile(r"(?:附件)?[一二三四五六七八九十]+(?:[(（][一二三四五六七八九十]+[)）])?")
#: Files whose Chinese is data to be recognised, and nothing said to anybody.
RECOGNISED = {
    "ledger/derivation/eligibility.py": "the comma after which a text says where an office is",
    "ledger/identifiers.py": "document numbers as they are written",
    "ledger/store/breaker.py": "messages of a database server that speaks Chinese",
    "projections/figures.py": "sentences of packages that were given out before",
    "api/cells/columns.py": "units in the heads of tables",
    "api/cells/days.py": "days as people write them",
    "api/cells/figures.py": "amounts as people write them",
    "api/cells/values.py": "marks between the items of a list",
    "api/cells/words.py": "yes and no as people write them",
    "api/workplace/desk/integrity.py": "a comma as people type it",
}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sentence_of_the_code_stands_in_the_catalogue_and_no_other(package: str) -> None:
    kept = {(message.context, message.id) for message in catalogue(package) if message.id}
    assert kept == extracted(package), "run make words, and write the translations"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_translation_is_whole_and_has_the_members_of_its_template(package: str) -> None:
    wrong = [m.id for m in catalogue(package) if m.id and not (m.string and _fits(m))]
    assert wrong == []


def _fits(message: Message) -> bool:
    """A member may be left out of the Chinese, where that says it otherwise; one that is not given may not be asked."""
    return _members(str(message.string)) <= _members(str(message.id))


def _members(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_compiled_catalogue_is_that_of_the_written_one(package: str) -> None:
    path = path_of(package)
    assert path.read_bytes() == written(renewed(package)), "run make words"
    assert path.with_suffix(".mo").read_bytes() == compiled(catalogue(package)), "run make words"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_chinese_stands_in_the_code(package: str) -> None:
    told = {
        f"{path.relative_to(ROOT)}:{line}": text
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in RECOGNISED
        for line, text in _literals(path)
        if HAN.search(ARTICLE.sub("", text))
    }
    assert told == {}


def _literals(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_a_sentence_is_told_in_each_language_with_its_members() -> None:
    told = sentence("case {case_id} was never filed", case_id="GZ-2023/A")
    assert told == ("案件 GZ-2023/A 没有申报记录", "case GZ-2023/A was never filed")
    assert (told.in_language("zh"), told.in_language("en")) == told


def test_a_pair_and_a_sentence_within_another_are_told_in_its_language() -> None:
    named = enumeration([("赣州", "Ganzhou"), "X"], term("between cases", ", or "))
    assert named == ("赣州；X", "Ganzhou, or X")
    refusal = sentence("{refusal}; {remedy}", refusal=named, remedy=("重来", "again"))
    assert refusal == ("赣州；X；重来", "Ganzhou, or X; again")


def test_a_language_without_a_catalogue_is_told_english() -> None:
    assert sentence("the award is not revoked").in_language("fr") == "the award is not revoked"


def test_a_third_language_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pseudo-language that marks what it says: with its catalogue beside the code, everything is told in it."""
    pseudo = catalogue("ledger")
    for message in pseudo:
        if message.id:
            message.string = f"⟦{message.id}⟧"
    package = tmp_path / "told_in_marks"
    (package / "locale").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "locale" / "qps.mo").write_bytes(compiled(pseudo))
    monkeypatch.syspath_prepend(tmp_path)
    marked, _ = tellers("told_in_marks")
    told = marked("{refusal}; {remedy}", refusal=marked("the award is not revoked"), remedy=("重来", "again"))
    assert told.in_language("qps") == "⟦⟦the award is not revoked⟧; again⟧"


def test_an_error_keeps_its_sentence() -> None:
    error = MalformedError("busy", sentence("the award is not revoked"), retry_after=7300)
    assert (error.zh, error.en, str(error)) == ("该奖项未被撤销", "the award is not revoked", error.en)
    assert try_again(error) == ("请在 3 小时后再试。", "Try again in 3 hours.")


def test_what_is_recognised_is_little() -> None:
    """A file is left out of the test above for a few literals, not for what it says to people."""
    many = {name: n for name in RECOGNISED if (n := sum(bool(HAN.search(t)) for _, t in _literals(ROOT / name))) > 12}
    assert many == {}


def test_a_table_of_names_has_one_name_a_line() -> None:
    for package, file in (
        ("ledger.events", "labels.txt"),
        ("ledger.derivation", "word_names.txt"),
        ("ledger.derivation", "roles.txt"),
        ("projections", "member_names.txt"),
        ("api.inspector", "member_names.txt"),
        ("api.inspector", "word_names.txt"),
    ):
        rows = rows_of(package, file)
        assert [len(row) for row in rows] == [3] * len(rows), file
        assert len(names_in(package, file)) == len(rows), f"{file} has a name twice"
