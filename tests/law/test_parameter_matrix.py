"""What the five texts say, parameter by parameter: value, unit and article, silence and what was not seen.

``parameter_matrix.txt`` was read against the texts by hand; a pack that says something else is wrong, or the reading of
the text was corrected, which is a new encoding.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.regulation.shipped import shipped_packs
from ledger.regulation.stated import Parameter
from ledger.regulation.tables import Table

MATRIX = (Path(__file__).parent / "parameter_matrix.txt").read_text("utf-8").splitlines()
PACKS = [pack for pack, _ in shipped_packs().values() if pack.status != "legacy_stub"]


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Table():
            return (
                "{"
                + ", ".join(f"{k} {_shown(v)}" for k, v in value.members().items() if k not in ("article", "rule"))
                + "}"
            )
        case tuple():
            return " + ".join(_shown(item) for item in value)
        case _:
            return str(value)


def line_of(pack_id: str, stated: Parameter) -> str:
    """``GZ validity = 3 year (23)``; money is in fen."""
    if stated.absence is not None:
        return f"{pack_id} {stated.path} : {stated.absence.value}"
    unit = "" if stated.unit in (None, "yuan") else f" {stated.unit}"
    return f"{pack_id} {stated.path} = {_shown(stated.value)}{unit} ({stated.article})"


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.reference)
def test_a_text_says_what_was_read_in_it(pack: Any) -> None:
    expected = [line for line in MATRIX if line.startswith(f"{pack.id} ")]
    assert [line_of(pack.id, p) for p in pack.parameters.values()] == expected
    assert len(expected) > 80
