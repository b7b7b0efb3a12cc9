"""A log as a folder, of any entries and signed by whoever is given: what an export looks like, whether it is whole or
spoilt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ledger.entry import parse as parse_entry
from ledger.errors import RongjianError
from ledger.tlog import note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.index_origin import index_origin
from ledger.tlog.merkle import leaf_hash, root_of
from ledger.tlog.note import Ed25519Signer
from ledger.tlog.tag_index import IndexHead, TagIndex
from ledger.tlog.tiles import WIDTH, bundle, split_bundle, tiles_of


class HeadSigner(Protocol):
    """Signs heads, with every key that a log has."""

    def sign(self, head: Checkpoint, timestamp: int) -> str: ...

    def sign_index(self, head: IndexHead) -> str: ...


class OneKey:
    """A signer with an Ed25519 key alone: its notes have one form."""

    def __init__(self, origin: str, key: Ed25519Signer) -> None:
        self._origin, self._key = origin, key

    def sign(self, head: Checkpoint, timestamp: int) -> str:
        return head.signed(self._key)

    def sign_index(self, head: IndexHead) -> str:
        return note.sign(head.text, self._origin, self._key)


def write_log(
    folder: Path, origin: str, entries: Sequence[bytes], signer: HeadSigner, documents: Sequence[bytes] = ()
) -> Checkpoint:
    """Tiles, bundles, index, documents and checkpoint of these entries, whatever they are."""
    leaves = [leaf_hash(entry) for entry in entries]
    head = Checkpoint(origin, len(entries), root_of(leaves))
    nodes: dict[int, list[bytes]] = {0: leaves}
    for level in (1, 2):
        below = nodes[level - 1]
        nodes[level] = [root_of(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)]
    for tile in tiles_of(len(entries)):
        start, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
        content = bundle(entries[start:end]) if tile.level is None else b"".join(nodes[tile.level][start:end])
        _write(folder / tile.path, content)
    for document in documents:
        _write(folder / "documents" / hashlib.sha256(document).hexdigest(), document)
    _write(folder / "index" / str(head.size), signer.sign_index(_index(head, entries, leaves)).encode())
    _write(folder / "checkpoint", signer.sign(head, 0).encode())
    return head


def index_log_files(origin: str, notes: Sequence[bytes], key: Ed25519Signer) -> dict[str, bytes]:
    """What lies in a folder of a log whose index heads these few notes are: its second log, signed by its key."""
    leaves, name = [leaf_hash(note) for note in notes], index_origin(origin)
    width = f"000.p/{len(notes)}"
    return {
        "index-log/checkpoint": Checkpoint(name, len(notes), root_of(leaves)).signed(key).encode(),
        f"index-log/tile/0/{width}": b"".join(leaves),
        f"index-log/tile/entries/{width}": bundle(notes),
    }


def index_note(origin: str, entries: Sequence[bytes], key: Ed25519Signer) -> bytes:
    """The signed index head over these entries."""
    leaves = [leaf_hash(entry) for entry in entries]
    head = Checkpoint(origin, len(entries), root_of(leaves))
    return OneKey(origin, key).sign_index(_index(head, entries, leaves)).encode()


def read_entries(folder: Path, size: int) -> list[bytes]:
    """The entries of a folder that is whole."""
    entries: list[bytes] = []
    for tile in tiles_of(size):
        if tile.level is None:
            entries += split_bundle((folder / tile.path).read_bytes())
    return entries


def _index(head: Checkpoint, entries: Sequence[bytes], leaves: Sequence[bytes]) -> IndexHead:
    """What the entries that can be read lead to."""
    index = TagIndex()
    for position, (entry, leaf) in enumerate(zip(entries, leaves, strict=True), 1):
        try:
            statement = parse_entry(position, entry).statement
        except RongjianError:
            continue
        index.add(position, leaf, statement.type, statement.tags)
    sealed = index.sealed()
    return IndexHead(head.origin, head.size, sealed.keys, sealed.root)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
