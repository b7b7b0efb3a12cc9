"""A log as static files: written from our own log, followed over HTTP as a mirror, and a lost log rebuilt from it.

The folder is a prefix of c2sp.org/tlog-tiles that any web server can serve: ``checkpoint``, ``tile/…`` and, beside
them, ``index/<size>`` (the signed tag index), ``index-log/`` (the log of these) and ``documents/<sha256>`` (packs that
events name). Nothing is written before it is proven: the hashes must lead through the head held before to the signed
new one, each entry must have its hash, the checkpoint is replaced last.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from api.files import read_file, writing
from api.heads.lost_histories import declared_by_source, history_lost, index_heads_lost
from api.sentences import sentence
from ledger.application import Ledger
from ledger.derivation.losses import covers
from ledger.documents import PACK_MEDIA_TYPE
from ledger.entry import RecordedEvent
from ledger.entry import parse as parse_entry
from ledger.errors import ConflictError, EvidenceError, MalformedError
from ledger.events.oversight import HistoryLossDeclared
from ledger.fsck.account import documents_of
from ledger.fsck.index_log import FOLDER, fetched_index_log
from ledger.fsck.tiles import Progress
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.policy import Policy
from ledger.tlog.tiles import WIDTH, Fetch, Tile, TileLevels, bundle, entry_bundle, hash_tile, parse_path, tiles_of

#: Codes by which a source does not go on from what was seen before.
_DEPARTED: Final = frozenset({"rolled_back", "another_history"})


def from_ledger(ledger: Ledger) -> Fetch:
    """The files of an open log, as a mirror would fetch them."""

    def fetch(path: str) -> bytes:
        if path == "checkpoint":
            return ledger.evidence.checkpoint().encode()
        kind, _, rest = path.partition("/")
        if kind == FOLDER:
            index = ledger.index_log
            return index.published().encode() if rest == "checkpoint" else index.tile(parse_path(rest))
        if kind == "index":
            return ledger.evidence.index_note(int(rest)).encode()
        return ledger.documents.read(rest)[1] if kind == "documents" else ledger.evidence.tile(parse_path(path))

    return fetch


def follow(fetch: Fetch, folder: Path, policy: Policy, progress: Progress = lambda _done, _all: None) -> Checkpoint:
    """Bring a folder up to the source's head; returns it.

    Raises EvidenceError where the source shows a smaller tree, another root, or entries that do not lead to its signed
    head; where founders declare lost what the folder holds it says so (``history_lost``). Then the folder is as it was,
    and the offered head is kept beside it as ``refused/<sha256>``.
    """
    signed = fetch("checkpoint")
    head = policy.verify(signed).checkpoint
    held = held_head(folder)
    try:
        _check_order(held, head)
        tree = _Tree(folder, held)
        first = tree.frontier.size // WIDTH
        for index in range(first, -(-head.size // WIDTH)):
            tree.add(hash_tile(fetch, Tile(0, index, min(WIDTH, head.size - index * WIDTH))))
        tree.check(head)
        for index in range(first, -(-head.size // WIDTH)):
            documents = tree.write_bundle(index, entry_bundle(fetch, index, min(WIDTH, head.size - index * WIDTH)))
            for digest in sorted(d for d in documents if not (folder / "documents" / d).exists()):
                _write(folder / "documents" / digest, _document(fetch, digest))
            progress(min(head.size, (index + 1) * WIDTH), head.size)
    except EvidenceError as error:
        _write(folder / "refused" / hashlib.sha256(signed).hexdigest(), signed)
        if held is not None and error.code in _DEPARTED:
            declared = declared_by_source(fetch, head, lambda path: read_file(folder / path), held)
            raise declared or error from error
        raise
    tree.write_tiles(head.size)
    # The index of this size; verifying the folder recomputes it.
    _write(folder / "index" / str(head.size), fetch(f"index/{head.size}"))
    _follow_index_log(fetch, folder, policy, head.origin, tree.losses)
    _write(folder / "checkpoint", signed)
    return head


def _follow_index_log(fetch: Fetch, folder: Path, policy: Policy, origin: str, losses: Sequence[RecordedEvent]) -> None:
    """Bring the log of index heads in the folder up to the source's; what the reader's quorum has not cosigned is not
    carried.

    Raises EvidenceError where it shows another history than the one held; that head is kept beside it as ``refused/``.
    ``losses`` are what founders declare since the head held: what was lost then may have taken index heads with it.
    """
    own, held = folder / FOLDER, held_head(folder / FOLDER)
    try:
        files = fetched_index_log(fetch, policy, origin)
    except EvidenceError as error:
        if error.code == "quorum_not_met":
            return
        raise
    if files is None:
        return
    try:
        _check_order(held, files.head)
        if held is not None and files.roots[held.size] != held.root:
            raise EvidenceError(
                "another_history",
                sentence(
                    "the first {size} index heads are not those seen before: the log shows two histories",
                    size=held.size,
                ),
            )
    except EvidenceError as error:
        _write(own / "refused" / hashlib.sha256(files.signed).hexdigest(), files.signed)
        raise (index_heads_lost(losses[-1]) if losses else error) from error
    for tile in tiles_of(files.head.size):
        first = tile.index * WIDTH
        if tile.level is None:
            _write(own / tile.path, bundle(files.notes[first : first + tile.width]))
        else:
            hashes = files.levels.nodes[tile.level] if tile.level else files.leaves
            _write(own / tile.path, b"".join(hashes[first : first + tile.width]))
    _write(own / "checkpoint", files.signed)


def held_head(folder: Path) -> Checkpoint | None:
    """The head that a folder holds; it was verified before it was written."""
    path = folder / "checkpoint"
    return checkpoint.parse(note.split(read_file(path))[0]) if path.exists() else None


def restore(
    ledger: Ledger,
    folder: Path,
    fetch: Fetch,
    progress: Progress = lambda _done, _all: None,
    begins: Callable[[int, int], None] = lambda _first, _last: None,
) -> Checkpoint:
    """Rebuild an empty log from a mirror's files, which the caller has verified; goes on where it broke off.

    ``begins`` is told the first and last position that are about to be written, once it is certain that they continue
    what is here. Restricted values are not in a mirror: they come back only with a backup of the database. Raises
    EvidenceError, before anything is written, where a document has not its hash, or the mirror has other entries than
    there are here (``history_lost`` where founders declare lost what it has); and before the entries that name one
    which is not there.
    """
    head = held_head(folder)
    if head is None or head.origin != ledger.origin:
        raise MalformedError(
            "not_this_log", sentence("{folder} holds no copy of {origin}", folder=folder, origin=ledger.origin)
        )
    documents = _documents_of(folder)
    for content in documents.values():
        ledger.documents.store(content, PACK_MEDIA_TYPE, accepted=True)
    size = ledger.size()
    _check_prefix(ledger, fetch, min(size, head.size), head)
    if size > head.size:
        raise ConflictError(
            "mirror_behind",
            sentence("the log has {size} entries, the mirror {mirrored}", size=size, mirrored=head.size),
        )
    # The head comes before the entries: half of a log that was restored does not lead to it, so it is not opened and
    # goes on in no other way than the mirror has it.
    ledger.heads.keep(head, read_file(folder / "checkpoint"))
    logged = fetched_index_log(fetch, Policy(ledger.heads.signer.keys, {}, {}, "none"), ledger.origin)
    if logged is not None:
        ledger.index_log.restore(logged.notes, logged.signed)
    if size < head.size:
        begins(size + 1, head.size)
    while size < head.size:
        index = size // WIDTH
        entries = entry_bundle(fetch, index, min(WIDTH, head.size - index * WIDTH))
        _check_named(entries, index * WIDTH + 1, documents)
        size = ledger.restore(entries[size - index * WIDTH :])
        progress(size, head.size)
    frontier = ledger.log.head().frontier
    if frontier.root() != head.root:
        raise EvidenceError("restored_wrong", sentence("the restored log does not lead to the mirror's head"))
    ledger.erasures.enforce()
    return head


def _documents_of(folder: Path) -> dict[str, bytes]:
    """The documents that a folder holds, by the hash that is their name and must be that of their bytes."""
    # What a crash left unfinished beside them has another name.
    found = {p.name: read_file(p) for p in sorted((folder / "documents").glob("*")) if len(p.name) == 64}
    for digest, content in found.items():
        if hashlib.sha256(content).hexdigest() != digest:
            raise _document_wrong(digest)
    return found


def _check_named(entries: list[bytes], first: int, documents: Mapping[str, bytes]) -> None:
    """Every document that entries from a position on name is there."""
    for position, entry in enumerate(entries, first):
        for digest in documents_of(parse_entry(position, entry)):
            if digest not in documents:
                raise EvidenceError(
                    "document_missing",
                    sentence(
                        "the mirror lacks document {digest}, the pack that entry {position} names",
                        digest=digest[:16],
                        position=position,
                    ),
                )


def _check_prefix(ledger: Ledger, fetch: Fetch, size: int, head: Checkpoint) -> None:
    """The first ``size`` entries that are here must be those of the mirror, which is of ``head``."""
    for index in range(-(-size // WIDTH)):
        first, last = index * WIDTH + 1, min(size, (index + 1) * WIDTH)
        here = {row.position: row.entry for row in ledger.log.rows(after=first - 1, until=last)}
        there = entry_bundle(fetch, index, min(WIDTH, head.size - index * WIDTH))
        for position, entry in enumerate(there[: last - first + 1], first):
            if here.get(position) != entry:
                raise _parted(position, here.get(position), head)


def _parted(position: int, here: bytes | None, held: Checkpoint) -> EvidenceError:
    """From a position on the log has something else than a mirror has."""
    event = parse_entry(position, here) if here is not None else None
    if event is not None and covers(event, held.size):
        return history_lost(event, held)
    return EvidenceError(
        "another_history",
        sentence("entries from {position} on differ between the log and the mirror", position=position),
    )


class _Tree:
    """The tree as it grows from the hashes that a folder holds and those that come; 32 bytes an entry in memory."""

    def __init__(self, folder: Path, held: Checkpoint | None) -> None:
        self._folder = folder
        self._held = held
        self._held_root: bytes | None = None
        self._leaves: list[bytes] = []
        self._levels = TileLevels()
        #: Declarations of loss among the entries that come after those held.
        self.losses: list[RecordedEvent] = []
        for index in range((held.size if held else 0) // WIDTH):
            self.add(hash_tile(lambda path: read_file(folder / path), Tile(0, index)))

    def add(self, leaves: list[bytes]) -> None:
        """Leaf hashes, next in order."""
        self._leaves += leaves
        for leaf in leaves:
            self._levels.add(leaf)
            if self._held is not None and self.frontier.size == self._held.size:
                self._held_root = self.frontier.root()

    @property
    def frontier(self) -> Frontier:
        return self._levels.frontier

    def write_bundle(self, index: int, entries: list[bytes]) -> set[str]:
        """Write a bundle whose entries have the hashes that were proven; returns the documents that they name."""
        documents = set[str]()
        for position, entry in enumerate(entries, index * WIDTH + 1):
            if leaf_hash(entry) != self._leaves[position - 1]:
                raise EvidenceError(
                    "entry_damaged", sentence("entry {position} is not the one in the tree", position=position)
                )
            event = parse_entry(position, entry)
            documents |= set(documents_of(event))
            if isinstance(event.statement.payload, HistoryLossDeclared) and position > (
                self._held.size if self._held is not None else 0
            ):
                self.losses.append(event)
        _write(self._folder / Tile(None, index, len(entries)).path, bundle(entries))
        return documents

    def check(self, head: Checkpoint) -> None:
        """That what was added leads to the new head, and passes through the head held before."""
        if self.frontier.root() != head.root or self.frontier.size != head.size:
            raise EvidenceError(
                "mirror_root",
                sentence("the entries do not lead to the signed root at size {size}", size=head.size),
            )
        if self._held is not None and self._held.size and self._held_root != self._held.root:
            raise EvidenceError(
                "another_history",
                sentence(
                    "the first {size} entries are not those seen before: the log shows two histories",
                    size=self._held.size,
                ),
            )

    def write_tiles(self, size: int) -> None:
        """Write every hash tile that is not there; a tile never changes."""
        for tile in tiles_of(size):
            path = self._folder / tile.path
            if tile.level is not None and not path.exists():
                hashes = self._levels.nodes[tile.level] if tile.level else self._leaves
                _write(path, b"".join(hashes[tile.index * WIDTH : tile.index * WIDTH + tile.width]))


def _check_order(held: Checkpoint | None, head: Checkpoint) -> None:
    if held is None:
        return
    if held.origin != head.origin:
        raise MalformedError(
            "not_this_log",
            sentence("the folder holds {origin}, the source is {source}", origin=held.origin, source=head.origin),
        )
    if head.size < held.size:
        raise EvidenceError(
            "rolled_back",
            sentence(
                "the log shows {size} entries, {mirrored} were seen before: it went back",
                size=head.size,
                mirrored=held.size,
            ),
        )


def _document(fetch: Fetch, digest: str) -> bytes:
    content = fetch(f"documents/{digest}")
    if hashlib.sha256(content).hexdigest() != digest:
        raise _document_wrong(digest)
    return content


def _document_wrong(digest: str) -> EvidenceError:
    return EvidenceError("document_wrong", sentence("document {digest} has other bytes", digest=digest[:16]))


def _write(path: Path, data: bytes) -> None:
    """A crash leaves the old file or the new; the checkpoint, written last, is on disk when this returns."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".new")
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
