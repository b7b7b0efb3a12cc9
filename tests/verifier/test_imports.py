"""What the verifier's commands reach by their imports: three libraries and no more, whatever is installed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("api", "ledger", "projections")

#: Modules with the commands that need no ledger, and the parser that finds them.
COMMANDS = ["parser", "verification", "evidence", "proofs", "disclosures", "keys"]

LIBRARIES = {"cryptography", "msgspec", "orjson"}

#: Imports inside functions that say what to install, or what was not checked, where the library is missing.
ASKED_FOR = {
    ("api.evidence.report", "api.evidence.pdf"),
    ("api.heads.sources", "httpx"),
    ("api.home.database_address", "psycopg"),
    ("ledger.identifiers", "publicsuffixlist"),
    ("ledger.signing.keys", "ledger.signing.libsodium"),
    ("ledger.tlog.timestamp", "rfc3161_client"),
}


def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists()), None)


def _statements(node: ast.AST, inside: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The imports of a syntax tree that run, and whether a function has to be called for it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _statements(other, inside)
        else:
            yield from _statements(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def _imports(module: str) -> Iterator[tuple[str, bool]]:
    file = _file(module)
    assert file is not None, module
    for statement, inside in _statements(ast.parse(file.read_text("utf-8"))):
        if isinstance(statement, ast.Import):
            yield from ((alias.name, inside) for alias in statement.names)
            continue
        package = statement.module or ""
        for alias in statement.names:
            below = f"{package}.{alias.name}"
            yield (below if package.startswith(OURS) and _file(below) else package), inside


def _reached() -> tuple[dict[str, set[str]], set[tuple[str, str]]]:
    """Modules of ours with the libraries that each imports when it is loaded, and what their functions import."""
    todo, loaded, inside = [f"api.cli.{name}" for name in COMMANDS], dict[str, set[str]](), set[tuple[str, str]]()
    while todo:
        module = todo.pop()
        if module in loaded:
            continue
        loaded[module] = set()
        for name, in_function in _imports(module):
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names:
                continue
            if in_function:
                inside.add((module, name if top in OURS else top))
            elif top in OURS:
                parts = name.split(".")
                todo += [".".join(parts[:n]) for n in range(1, len(parts) + 1) if _file(".".join(parts[:n]))]
            else:
                loaded[module].add(top)
    return loaded, inside


def test_the_verifier_imports_three_libraries_and_asks_for_others_only_where_it_can_say_so() -> None:
    loaded, inside = _reached()
    assert {library for libraries in loaded.values() for library in libraries} == LIBRARIES
    assert inside == ASKED_FOR


def test_the_verifier_reaches_neither_the_store_nor_any_page() -> None:
    loaded, _ = _reached()
    rooms = {module.rpartition(".")[0] for module in loaded}
    assert "ledger.fsck" in rooms
    assert rooms & {"api.public", "api.workplace", "api.v1", "api.readers"} == set()
    assert loaded.keys() & {"ledger.application", "ledger.store.database", "ledger.store.vault"} == set()


def test_only_the_recorder_speaks_to_the_library_of_event_stores() -> None:
    found = {
        file.relative_to(ROOT).as_posix()
        for package in OURS
        for file in (ROOT / package).rglob("*.py")
        for statement, _ in _statements(ast.parse(file.read_text("utf-8")))
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("eventsourcing")
    }
    assert found == {"ledger/store/queries.py", "ledger/store/recorder.py"}
