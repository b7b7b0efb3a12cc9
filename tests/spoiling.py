"""Ways to spoil a JSON value or an evidence package, for tests that spoil every part of something."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from ledger import canonical


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


def restated(files: Mapping[str, bytes], **changes: bytes | None) -> dict[str, bytes]:
    """The package with other files, and a manifest that names their bytes: a forger does not forget it."""
    changed = {k: v for k, v in {**files, **changes}.items() if v is not None and k != "manifest.json"}
    manifest = canonical.parse(files["manifest.json"], "manifest")
    manifest["files"] = {n: hashlib.sha256(c).hexdigest() for n, c in changed.items()}
    return changed | {"manifest.json": canonical.encode(manifest)}


def with_manifest(files: Mapping[str, bytes], change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """The package with its manifest changed in place."""
    manifest = canonical.parse(files["manifest.json"], "manifest")
    change(manifest)
    return {**files, "manifest.json": canonical.encode(manifest)}
