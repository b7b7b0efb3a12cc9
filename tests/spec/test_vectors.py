"""The vectors of the specification: made by their script, and both verifiers say of each what stands with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.both import NODE, Asked, Places, ours, places, second
from tests.spec.folders import OneKey, write_log
from tests.spec.small_log import LOG_KEY, ORIGIN, PACK
from tests.spec.vector import Case
from tests.spec.vectors import all_vectors, document

VECTORS = Path(__file__).parents[2] / "docs" / "spec" / "vectors.json"

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine")


def _written(folder: Path, case: Case) -> Asked:
    write_log(folder, ORIGIN, case.entries, OneKey(ORIGIN, LOG_KEY), [PACK])
    for name, content in case.files.items():
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return Asked(folder, case.vkeys)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Places, Places, Places]]:
    """By name: what is expected, and what ours and the second verifier find."""
    folder = tmp_path_factory.mktemp("vectors")
    cases = {f"{kind} {v.name}": case for v in all_vectors() for kind, case in (("good", v.good), ("spoilt", v.spoilt))}
    asked = [_written(folder / str(n), case) for n, case in enumerate(cases.values())]
    found = zip(cases.items(), asked, second(asked), strict=True)
    return {name: (set(case.finds), ours(a)[0], places(t)) for (name, case), a, t in found}


@pytest.mark.parametrize("name", [f"{kind} {v.name}" for v in all_vectors() for kind in ("good", "spoilt")])
def test_both_verifiers_find_what_the_vector_says_and_nothing_else(
    name: str, told: dict[str, tuple[Places, Places, Places]]
) -> None:
    expected, first, second_ = told[name]
    assert (first, second_) == (expected, expected)


def test_every_spoilt_vector_has_a_place_and_no_good_one_has() -> None:
    assert [v.name for v in all_vectors() if v.good.finds or not v.spoilt.finds] == []


def test_the_file_of_vectors_is_what_its_script_makes() -> None:
    assert VECTORS.read_text("utf-8") == document(), "run: python -m tests.spec.vectors docs/spec/vectors.json"
