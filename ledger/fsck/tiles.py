"""A log as static files, from a folder or over HTTP: entries, hash tiles, root, tag index, and the documents that
entries name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from ledger.audit.entries import EntryChecker, Finding
from ledger.audit.notes import Strictness
from ledger.audit.pool import Page, examined
from ledger.errors import EvidenceError, NotFoundError, RongjianError, TooLargeError
from ledger.fsck.account import Account
from ledger.fsck.attested import AttestedHeads
from ledger.fsck.index_log import LoggedIndexes
from ledger.fsck.resume import Resumption
from ledger.regulation.pack import parse_pack
from ledger.tlog.checkpoint import NO_EXTENSIONS, Checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import NoteKey
from ledger.tlog.tag_index import IndexHead, TagIndex, parse_head
from ledger.tlog.tiles import WIDTH, Fetch, Tile, TileLevels, entry_bundle, hash_tile, tiles_of

#: Entries done, entries in all.
Progress = Callable[[int, int], None]


def check_tiles(
    fetch: Fetch,
    head: Checkpoint,
    progress: Progress = lambda _done, _all: None,
    *,
    keys: Sequence[NoteKey] | None = None,
    cores: int | None = None,
    resumption: Resumption | None = None,
    strictness: Strictness | None = None,
    account: Account | None = None,
    logged: Mapping[int, IndexHead] = MappingProxyType({}),
) -> list[Finding]:
    """Findings over a log as static files (c2sp.org/tlog-tiles) under a head that the caller has verified.

    Entries are checked as ``check_entries`` does; every hash tile is recomputed; each pack that an entry names is at
    ``documents/<sha256>`` and has that hash. Where entry and tile disagree, the signed root says which of them is
    wrong. With the log's ``keys`` its signed tag index is recomputed too, and at each size of which an index head is
    ``logged``. ``account`` takes in what there is beside findings.
    """
    resumption, account = resumption or Resumption(), account or Account()
    resumption.check_size(head.size)
    account.size = head.size
    tags = TagIndex() if keys is not None else None
    checker, leaves, attested = EntryChecker(head.origin, tags, strictness), _Leaves(fetch, head.size), AttestedHeads()
    indexes = LoggedIndexes(logged)
    findings = [Finding(0, "checkpoint", NO_EXTENSIONS, line) for line in head.extensions[:1]]
    for page in examined(leaves.pages(), head.size, lambda: checker.keys, cores, resumption.verified):
        for seen in page:
            findings += checker.follow(seen)
            if seen.event is not None:
                account.take(seen.event)
                attested.take(seen.event)
                findings += indexes.take(seen.position, tags) if tags is not None else ()
            resumption.followed(seen, checker, clean=not findings and leaves.clean)
        if page:
            progress(page[-1].position, head.size)
    findings += leaves.findings
    findings += _documents(fetch, account)
    if leaves.unreadable:
        return sorted(findings, key=lambda f: (f.position or head.size + 1, f.field))
    good, apart = leaves.compared(head.root)
    tree = good or leaves.by_entry
    findings += apart
    findings += attested.findings(tree)
    findings += _upper_tiles(fetch, head.size, tree.nodes)
    if tags is not None:
        findings += _index_file(fetch, head, tags, keys or ())
    if not findings:
        resumption.done(checker)
    return sorted(findings, key=lambda f: (f.position or head.size + 1, f.field))


class _Leaves:
    """Both readings of the leaves, by entries and by hash tiles, and what is wrong with either."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self.by_entry, self.by_tile = TileLevels(), TileLevels()
        self.findings: list[Finding] = []
        self.unreadable = False
        self._apart: list[tuple[int, str, bytes, bytes]] = []

    @property
    def clean(self) -> bool:
        """So far both readings agree."""
        return not self.findings and not self._apart

    def pages(self) -> Iterator[Page]:
        """The entries of each bundle that can be read, while the leaves are taken in."""
        for index in range(-(-self._size // WIDTH)):
            width = min(WIDTH, self._size - index * WIDTH)
            first, tile, bundle = index * WIDTH + 1, Tile(0, index, width), Tile(None, index, width)
            entries, problem = _tried(lambda i=index, w=width: entry_bundle(self._fetch, i, w))  # type: ignore[misc]
            hashes, missing = _tried(lambda t=tile: hash_tile(self._fetch, t))  # type: ignore[misc]
            if entries is None:
                self.findings.append(Finding(first, bundle.path, f"a bundle of {width} entries", problem))
            if hashes is None:
                self.findings.append(Finding(first, tile.path, f"a tile of {width} hashes", missing))
            if entries is None and hashes is None:
                self.findings.append(Finding(first, "log", "entries or hashes to go on with", "neither can be read"))
                self.unreadable = True
                return
            found = [leaf_hash(entry) for entry in entries] if entries is not None else hashes
            self._take(first, tile.path, found or [], hashes if hashes is not None else found or [])
            if entries is not None:
                yield first, entries

    def compared(self, root: bytes) -> tuple[TileLevels | None, list[Finding]]:
        """Which reading leads to the signed root, and each leaf that the other has wrong."""
        good = next((chain for chain in (self.by_entry, self.by_tile) if chain.frontier.root() == root), None)
        findings = []
        for position, path, entry_hash, tile_hash in self._apart:
            if good is self.by_tile:
                findings.append(Finding(position, "entry", f"leaf hash {tile_hash.hex()}", entry_hash.hex()))
            else:
                findings.append(Finding(position, path, f"the hash of its entry, {entry_hash.hex()}", tile_hash.hex()))
        if good is None:
            findings.append(Finding(0, "root", f"the signed root {root.hex()}", self.by_entry.frontier.root().hex()))
        return good, findings

    def _take(self, first: int, path: str, by_entry: list[bytes], by_tile: list[bytes]) -> None:
        for position, (found, stored) in enumerate(zip(by_entry, by_tile, strict=True), first):
            self.by_entry.add(found)
            self.by_tile.add(stored)
            if found != stored:
                self._apart.append((position, path, found, stored))


def _upper_tiles(fetch: Fetch, size: int, nodes: dict[int, list[bytes]]) -> Iterator[Finding]:
    for tile in tiles_of(size):
        if not tile.level:
            continue
        hashes, problem = _tried(lambda t=tile: hash_tile(fetch, t))  # type: ignore[misc]
        expected = nodes[tile.level][tile.index * WIDTH : tile.index * WIDTH + tile.width]
        if hashes is None:
            yield Finding(tile.leaves_end, tile.path, f"a tile of {tile.width} hashes", problem)
            continue
        for at, (good, found) in enumerate(zip(expected, hashes, strict=True)):
            if good != found:
                last = (tile.index * WIDTH + at + 1) * WIDTH**tile.level
                yield Finding(last, f"{tile.path} hash {at}", good.hex(), found.hex())


def _index_file(fetch: Fetch, head: Checkpoint, index: TagIndex, keys: Sequence[NoteKey]) -> Iterator[Finding]:
    told, problem = _tried(lambda: parse_head(fetch(f"index/{head.size}"), keys, head.origin))
    sealed = index.sealed()
    expected = IndexHead(head.origin, head.size, sealed.keys, sealed.root)
    if told != expected:
        found = problem if told is None else told.text.replace("\n", " ")
        yield Finding(0, f"index/{head.size}", expected.text.replace("\n", " "), found)


def _documents(fetch: Fetch, account: Account) -> Iterator[Finding]:
    """The packs that entries name are kept with the log: without them nothing is derived from it."""
    for digest, position in sorted(account.documents.items(), key=lambda named: named[1]):
        path = f"documents/{digest}"
        content, problem = _tried(lambda p=path: fetch(p))  # type: ignore[misc]
        if content is None:
            yield Finding(position, path, "the pack that the entry names", problem, "lost")
            continue
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            yield Finding(position, path, f"bytes with SHA-256 {digest}", found)
            continue
        try:
            account.packs[digest] = parse_pack(content, digest[:16], accepted=True)
        except RongjianError as error:
            yield Finding(position, path, "a pack", error.en)


T = TypeVar("T")


def _tried(read: Callable[[], T]) -> tuple[T | None, str]:
    """What was read, or why it cannot be: a place that is missing or damaged is a finding, not the end."""
    try:
        return read(), ""
    except (EvidenceError, NotFoundError, TooLargeError) as error:
        return None, error.en
