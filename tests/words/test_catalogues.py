"""One word, one place: what is said to people stands in catalogues, whole in every language that there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.public.scripts import templates_in
from ledger.errors import MalformedError, try_again
from ledger.sentences import enumeration, named, names_in, rows_of, sentence, tellers, term, told_in
from tests.words.catalogues import (
    PACKAGES,
    ROOT,
    TABLES,
    catalogue,
    compiled,
    extracted,
    path_of,
    renewed,
    written,
)
from tests.words.faults import faults

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


#: Scripts whose Chinese is data: what is recognised, and numerals.
RECOGNISED_BY_SCRIPTS = {
    "answers.js": "names of answers in packages that were given out before",
    "citations.js": "the numerals of articles",
    "figures.js": "amounts as people write them, and sentences of packages that were given out before",
}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_catalogue_has_every_sentence_of_its_code_whole_and_no_other(package: str) -> None:
    file = str(path_of(package).relative_to(ROOT))
    assert faults(file, path_of(package).read_bytes(), extracted(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_compiled_catalogue_is_that_of_the_written_one(package: str) -> None:
    path = path_of(package)
    assert path.read_bytes() == written(renewed(package)), "run make words"
    assert path.with_suffix(".mo").read_bytes() == compiled(catalogue(package)), "run make words"


@pytest.mark.parametrize("package", ["ledger", "projections", "api"])
def test_no_chinese_stands_in_the_code(package: str) -> None:
    told = {
        f"{path.relative_to(ROOT)}:{line}": text
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in RECOGNISED
        for line, text in _literals(path)
        if HAN.search(ARTICLE.sub("", text))
    }
    assert told == {}


def test_no_chinese_stands_in_the_scripts() -> None:
    scripts = [p for p in sorted((ROOT / "api/public/static").glob("*.js")) if p.name not in RECOGNISED_BY_SCRIPTS]
    told = {
        f"{path.name}:{number}": line
        for path in scripts
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if HAN.search(line)
    }
    assert told == {}
    assert "verify.js" in {path.name for path in scripts}


def test_what_a_script_says_is_a_literal() -> None:
    """What is said by a variable would be found by nobody who extracts; ``plain-words.js`` defines how it is said."""
    calls = re.compile(r"(?<![\w.])(?:say|known)\((?!\")[^)]*")
    said = {
        f"{path.name}: {found}"
        for path in sorted((ROOT / "api/public/static").glob("*.js"))
        for found in calls.findall(path.read_text("utf-8"))
    }
    assert said == {"plain-words.js: say(found, patternOf(found"}


def test_what_the_verifier_names_as_wrong_is_told_in_every_language() -> None:
    """It stands alone, and speaks English: its sentences are known to the scripts that show them."""
    known = {_pattern(t) for _, t in templates_in((ROOT / "api/public/static/plain-words.js").read_text("utf-8"))}
    modules = sorted((ROOT / "api/public/static").glob("*.mjs"))
    named = {text for path in modules for text in _named_wrong(path.read_text("utf-8"))}
    assert len(named) > 60
    assert {text for text in named if not any(re.fullmatch(k, text) for k in known)} == set()


def _named_wrong(module: str) -> Iterator[str]:
    """Sentences that end the arguments of a call that names what is wrong, what is filled in as ``x``; a place before
    the last colon is told apart.
    """
    ends = r"\b(?:need|fail|finding)\([^;]*?(\"[^\"]*\"|`[^`]*`)\)(?= ?[;,)}]| :|$)"
    for found in re.findall(ends, module, re.M):
        text = re.sub(r"\$\{(?:[^{}]|\{[^}]*\})*\}", "x", found[1:-1])
        if re.search(r"[a-wyz] |^x \w", text) is None or "\\n" in text:
            continue
        yield text.rpartition(": ")[2] if "extension lines" not in text and not text.startswith("null:") else text


def _pattern(template: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(template))


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


def test_a_plain_pair_is_told_in_english_where_it_is_neither() -> None:
    assert told_in("fr", ("重来", "again")) == "again"
    assert named("ledger.events", "labels", "金额", "amount").in_language("fr") == "amount"


def test_an_error_keeps_its_sentence() -> None:
    error = MalformedError("busy", sentence("the award is not revoked"), retry_after=7300)
    assert (error.zh, error.en, str(error)) == ("该奖项未被撤销", "the award is not revoked", error.en)
    assert try_again(error) == ("请在 3 小时后再试。", "Try again in 3 hours.")


def test_what_is_recognised_is_little() -> None:
    """A file is left out of the test above for a few literals, not for what it says to people."""
    many = {name: n for name in RECOGNISED if (n := sum(bool(HAN.search(t)) for _, t in _literals(ROOT / name))) > 12}
    assert many == {}


def test_a_table_of_names_has_one_name_a_line() -> None:
    for package, file in TABLES:
        rows = rows_of(package, file)
        assert [len(row) for row in rows] == [3] * len(rows), file
        assert len(names_in(package, file)) == len(rows), f"{file} has a name twice"
