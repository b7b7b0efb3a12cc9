"""Documents that are generated are up to date; documents that show files show real ones."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from api.reference.documents import write_spec
from api.scenario.document import parse_scenario
from api.scenario.run import run_file

ROOT = Path(__file__).parent.parent


def test_the_generated_specification_is_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    folder.mkdir()
    for data in ("coverage.toml", "glossary.toml"):
        (tmp_path / data).write_bytes((ROOT / "docs" / data).read_bytes())
    (tmp_path / "flags").mkdir()
    (tmp_path / "flags" / "fired.toml").write_bytes((ROOT / "docs" / "flags" / "fired.toml").read_bytes())
    written = write_spec(folder)
    assert {"coverage.md", "glossary.md"} <= {path.name for path in written}
    for path in written:
        committed = ROOT / "docs" / path.resolve().relative_to(tmp_path.resolve())
        assert committed.read_text("utf-8") == path.read_text("utf-8"), f"{committed.name}: run make spec"


def _example(document: str) -> str:
    match = re.search(r"```toml\n(.*?)```", (ROOT / "docs" / document).read_text("utf-8"), re.S)
    assert match is not None
    return match[1]


def test_the_example_scenario_runs_and_passes(tmp_path: Path, database_url: str) -> None:
    path = tmp_path / "example.toml"
    path.write_text(_example("scenarios.md"), "utf-8")
    parse_scenario(path.read_bytes(), path)
    report = run_file(path, database_url)
    assert [o.actual for o in report.outcomes if not o.as_expected] == []
    assert [(v.question, v.actual) for v in report.verdicts if not v.met] == []
    assert len(report.verdicts) == 2


def test_the_example_pack_is_toml() -> None:
    assert tomllib.loads(_example("packs.md"))["pack"]["id"] == "GZ"


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize(
    "name", [p.relative_to(ROOT).as_posix() for p in sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))]
)
def test_documents_name_no_path_outside_the_project(name: str) -> None:
    assert not re.search(
        r"\.\./shared|(?<!api)/(work|root|home)/", (ROOT / name).read_text("utf-8").replace("below `/root`", "")
    )


def test_modules_and_functions_keep_their_size() -> None:
    """A function fits a screen; a module holds one idea. The vocabulary's modules are lists and may be longer."""
    import ast

    too_long = []
    for path in [p for package in ("ledger", "projections", "api") for p in (ROOT / package).rglob("*.py")]:
        text = path.read_text("utf-8")
        if text.count("\n") > 600:
            too_long.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 70:
                too_long.append(f"{path.name}: {node.name}")
    assert too_long == []


def test_the_formatter_is_never_switched_off_and_lines_hold_120_characters() -> None:
    """A Chinese character counts as one; tables of words and texts are data files, not lines of code."""
    odd = []
    for path in [p for package in ("ledger", "projections", "api", "tests") for p in (ROOT / package).rglob("*.py")]:
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if len(line) > 120 or re.search(r"#\s*fmt: ?(off|skip)", line):
                odd.append(f"{path.relative_to(ROOT)}:{number}")
    assert odd == []


def test_every_module_stands_in_its_room_of_the_architecture() -> None:
    """``docs/architecture.md`` lists each room once, with its modules and no others."""
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    rooms = re.findall(r"^- \*\*`([\w/]+)/`\*\*: ([^`]*(?:`docs/\S+)?(?:.|\n  )*)", text, re.M)
    listed = {room: re.findall(r"`(\w+)`", about) for room, about in rooms}
    packages = ("api", "projections", "ledger", "typecheck")
    found: dict[str, list[str]] = {}
    for path in sorted(p for package in packages for p in (ROOT / package).rglob("*.py") if p.stem != "__init__"):
        found.setdefault(str(path.parent.relative_to(ROOT)), []).append(path.stem)
    assert listed == found


#: Rooms whose tests lie under another name: what is generated for readers is tried with the specification.
TRIED_IN = {"reference": "spec"}


def test_each_room_of_the_api_has_its_tests() -> None:
    rooms = [p.parent.name for p in sorted((ROOT / "api").glob("*/__init__.py"))]
    assert len(rooms) > 10
    without = [r for r in rooms if not list((ROOT / "tests" / TRIED_IN.get(r, r)).glob("test_*.py"))]
    assert without == []
