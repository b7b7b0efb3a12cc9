"""Ways to spoil a JSON value, for tests that spoil every member of something."""

from __future__ import annotations

import copy
from typing import Any


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every member and element."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [p for k, v in items for p in ((*path, k), *paths_of(v, (*path, k)))]


def with_at(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one at a path."""
    if not path:
        return new
    result = copy.deepcopy(value)
    at = result
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = new
    return result
