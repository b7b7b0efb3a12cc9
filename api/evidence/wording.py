"""Which words a report was written in: a digest over everything that its sentences come from.

Two installations with the same digest write the same report to the byte, so that a changed report shows. Where it
differs, another version wrote the words, and they are not compared; what the package proves is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from ledger.derivation.meanings import MEANINGS
from ledger.derivation.words import WORDS
from ledger.events.labels import LABELS
from projections.facts import FACTS
from projections.labels import MEMBERS

#: Packages whose sources say what an answer says and how it is written, and the kinds of files that say it.
_WRITERS = ("ledger", "projections", "api.evidence")
_SAY = (".py", ".mo")


def wording() -> str:
    """Hex SHA-256 over the sources that write answers and reports, and over the words they use."""
    tables = [LABELS, MEMBERS, WORDS, MEANINGS, {name: (f.number, f.zh, f.en) for name, f in FACTS.items()}]
    return hashlib.sha256(_sources() + _plain(tables)).hexdigest()


def _plain(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


@cache
def _sources() -> bytes:
    digest = hashlib.sha256()
    writers = [(resources.files(package), package) for package in _WRITERS]
    writers.append((resources.files("api").joinpath("locale"), "api/locale"))
    for folder, package in writers:
        for name, file in _files(folder, package):
            digest.update(f"{name}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()


def _files(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        if item.is_dir():
            yield from _files(item, f"{name}/{item.name}")
        elif item.name.endswith(_SAY):
            yield f"{name}/{item.name}", item
