"""``Any`` stands only where a reason is given: data has its type, and what is passed on unread is ``object``.

A new use is put on the list with its reason, and a use that is gone is struck from it.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOTS = ("ledger", "projections", "api")

_REPOSITORY = Path(__file__).parent.parent
_LIST = Path(__file__).parent / "any.txt"


def _uses(source: str) -> int:
    """How often it stands, by its own name or as a member of ``typing``; the import alone is no use."""
    nodes = list(ast.walk(ast.parse(source)))
    named = sum(isinstance(n, ast.Name) and n.id == "Any" for n in nodes)
    return named + sum(isinstance(n, ast.Attribute) and n.attr == "Any" for n in nodes)


def _renamed(source: str) -> bool:
    return any(
        name.name == "Any" and name.asname is not None
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    )


def _modules() -> dict[str, str]:
    files = (file for root in ROOTS for file in (_REPOSITORY / root).rglob("*.py"))
    return {file.relative_to(_REPOSITORY).as_posix(): file.read_text("utf-8") for file in files}


def test_any_stands_where_the_list_says_and_nowhere_else() -> None:
    lines = [line for line in _LIST.read_text("utf-8").splitlines() if not line.startswith("#")]
    listed = [[part.strip() for part in line.split("|", 2)] for line in lines]
    assert lines == sorted(lines)
    assert [row for row in listed if len(row) != 3 or not row[2]] == [], "each with its reason"
    found = {module: count for module, source in _modules().items() if (count := _uses(source))}
    assert {module: int(count) for module, count, _ in listed} == found


def test_any_has_no_other_name() -> None:
    assert [module for module, source in _modules().items() if _renamed(source)] == []


def test_every_way_of_writing_it_is_counted() -> None:
    source = "import typing\nfrom typing import Any\nx: dict[str, Any] = {}\ndef f(y: 'int') -> typing.Any: ..."
    assert _uses(source) == 2
    assert _renamed("from typing import Any as Whatever")
