"""Points tables of review standards: one data file per version, with who verified it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def points_tables() -> dict[str, dict[str, Any]]:
    """Standard -> its table; refuses a file whose categories do not add up to its total."""
    found = {}
    for file in sorted((files("api.workplace") / "standards").iterdir(), key=lambda f: f.name):
        table = tomllib.loads(file.read_text("utf-8"))
        stated = sum(c["points"] for c in table["categories"])
        if stated != table["total"]:
            raise ValueError(f"{file.name}: categories add up to {stated}, not {table['total']}")
        found[table["standard"]] = table
    return found
