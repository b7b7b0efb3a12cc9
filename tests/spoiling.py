"""Ways to spoil a JSON value or an evidence package, for tests that spoil every part of something."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ledger import canonical
from ledger.entry import parse as parse_entry
from ledger.tlog.tag_index import keys_of


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


def without_events(files: Mapping[str, bytes], type_: str) -> dict[str, bytes]:
    """The package without the entries of a type and without every key under which one stands: what is left proves well.

    The answers no longer know of them either, since no reader but one who derives would notice.
    """
    manifest, proofs = (json.loads(files[name]) for name in ("manifest.json", "inclusion-proofs.json"))
    cut, gone = set[str](), []
    for position in manifest["positions"]:
        statement = parse_entry(position, files[f"entries/{position}.json"]).statement
        if statement.type == type_:
            gone.append(position)
            cut |= set(keys_of(statement.type, statement.tags))
    stated = [p for p in json.loads(files["index-proofs.json"]) if p["key"] not in cut]
    answers = json.loads(files["answers.json"].decode().replace('"revoked"', '"valid"'))
    changed: dict[str, bytes | None] = {f"entries/{p}.json": None for p in gone} | {
        "inclusion-proofs.json": json.dumps({p: hashes for p, hashes in proofs.items() if int(p) not in gone}).encode(),
        "index-proofs.json": json.dumps(stated).encode(),
        "answers.json": json.dumps(answers, ensure_ascii=False).encode(),
    }

    def left(m: dict[str, Any]) -> None:
        m["positions"] = [p for p in m["positions"] if p not in gone]
        m["keys"] = [p["key"] for p in stated]

    assert gone, f"the package holds no {type_}"
    return with_manifest(restated(files, **changed), left)
