"""Every scenario file of the regulations: guard by guard, edge cases, and the sixth regulation."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.scenario.run import run_file
from ledger.regulation.pack import Pack, parse_pack
from ledger.regulation.parameters import spec_of
from ledger.regulation.shipped import shipped_packs

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "docs" / "examples"
FILES = [*sorted((HERE / "scenarios").glob("*.toml")), *sorted(EXAMPLES.glob("*-course.toml"))]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_course_is_as_written(path: Path, database_url: str) -> None:
    report = run_file(path, database_url)
    assert [(o.act.where, o.act.do, o.expected, o.actual) for o in report.outcomes if not o.as_expected] == []
    assert [(v.where, v.question, v.expected, v.actual) for v in report.verdicts if not v.met] == []


#: Parameters of few possible values: where the five already take every one of them, a sixth cannot differ.
_FEW_VALUES = ("bool", "revoke.{ground}.window", "revoke.{ground}.steps")


def test_the_sixth_regulation_states_every_parameter_and_differs_from_all_five() -> None:
    path = EXAMPLES / "yunlan.toml"
    sixth = parse_pack(path.read_bytes(), path.name)
    others = [pack for pack, _ in shipped_packs().values() if pack.status != "legacy_stub"]
    assert len(sixth.awards) == 3
    assert [p.path for p in sixth.parameters.values() if p.absence is not None] == []
    same = [
        p.path
        for p in sixth.parameters.values()
        if spec_of(p.path).kind != "bool"
        and spec_of(p.path).path not in _FEW_VALUES
        and any((p.value, p.unit) in _values_of(other, p.path) for other in others)
    ]
    assert same == []


def _values_of(pack: Pack, path: str) -> list[tuple[object, object]]:
    spec = spec_of(path)
    return [(q.value, q.unit) for q in pack.parameters.values() if spec_of(q.path) is spec]
