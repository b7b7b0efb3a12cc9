"""Tiles (c2sp.org/tlog-tiles): paths, widths, entry bundles, and subtree hashes read from tiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ledger.errors import EvidenceError, MalformedError, NotFoundError
from ledger.sentences import sentence
from ledger.tlog.merkle import EMPTY_ROOT, Frontier, Subtree, node_hash, root_of, split

#: Hashes in a full tile, and levels of the tree in one tile level (2^8).
WIDTH = 256
HEIGHT = 8

#: An entry is framed with a 16-bit length in bundles.
ENTRY_LENGTH_MAX = 65_535

_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: ``level`` None is an entry bundle; ``width`` 256 is a full tile."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Path below the log's prefix, e.g. ``tile/0/x001/234`` or ``tile/entries/000.p/3``."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"

    @property
    def leaves_end(self) -> int:
        """Index just past the last leaf under this tile as it is requested."""
        return int((self.index * WIDTH + self.width) * WIDTH ** (self.level or 0))


def parse_path(path: str) -> Tile:
    """The tile of a path; refuses anything that :attr:`Tile.path` would not write."""
    match = _PATH.fullmatch(path)
    if match is not None:
        level = None if match[1] == "entries" else int(match[1])
        index = int(match[2].replace("x", "").replace("/", ""))
        tile = Tile(level, index, int(match[3] or WIDTH))
        if tile.path == path and (match[3] is None or tile.width < WIDTH):
            return tile
    raise MalformedError(
        "bad_tile_path",
        sentence("“{path}” is not a tile path of c2sp.org/tlog-tiles", path=path[:80]),
    )


def tiles_of(size: int) -> Iterator[Tile]:
    """Every hash tile and entry bundle of a tree of ``size``, partial ones last on their level."""
    level, hashes = 0, size
    while hashes:
        for index in range(hashes // WIDTH):
            yield Tile(level, index)
            if level == 0:
                yield Tile(None, index)
        if hashes % WIDTH:
            yield Tile(level, hashes // WIDTH, hashes % WIDTH)
            if level == 0:
                yield Tile(None, hashes // WIDTH, hashes % WIDTH)
        level, hashes = level + 1, hashes // WIDTH


class TileLevels:
    """The levels that tiles are cut from, built by adding leaf hashes in order: level l >= 1 has nodes of 256^l
    leaves.
    """

    def __init__(self) -> None:
        self.frontier = Frontier()
        self.nodes: dict[int, list[bytes]] = {}
        #: The leaf hashes one behind the other: 32 bytes an entry.
        self._leaves = bytearray()

    def add(self, leaf: bytes) -> None:
        """One more leaf hash."""
        self.frontier, completed = self.frontier.extended(leaf)
        for node in completed:
            if node.level % HEIGHT == 0:
                self.nodes.setdefault(node.level // HEIGHT, []).append(node.hash)
        self._leaves += leaf

    def root_at(self, size: int) -> bytes:
        """The root when the first ``size`` leaves were all."""
        return subtree_from(self._read)(0, size) if size else EMPTY_ROOT

    def _read(self, level: int, start: int, end: int) -> Sequence[bytes]:
        if level:
            return self.nodes.get(level, [])[start:end]
        return [bytes(self._leaves[at : at + 32]) for at in range(start * 32, end * 32, 32)]


#: Bytes of what lies at a path below a log's prefix (``checkpoint``, ``tile/…``, ``documents/…``); NotFoundError if
#: there is nothing.
Fetch = Callable[[str], bytes]


def hash_tile(fetch: Fetch, tile: Tile) -> list[bytes]:
    """The hashes of a tile, which may be had as the full tile only."""
    data = _partial_or_full(fetch, tile)
    hashes = [data[at : at + 32] for at in range(0, len(data), 32)]
    if len(hashes) < tile.width or len(data) % 32 or len(hashes) > WIDTH:
        raise EvidenceError(
            "bad_tile",
            sentence("{path} has {data} bytes, not {width}", path=tile.path, data=len(data), width=tile.width * 32),
        )
    return hashes[: tile.width]


def entry_bundle(fetch: Fetch, index: int, width: int) -> list[bytes]:
    """``width`` entries of a bundle, which may be had as the full bundle only."""
    tile = Tile(None, index, width)
    entries = split_bundle(_partial_or_full(fetch, tile))
    if len(entries) < width or len(entries) > WIDTH:
        raise EvidenceError(
            "bad_bundle",
            sentence("{path} has {entries} entries, not {width}", path=tile.path, entries=len(entries), width=width),
        )
    return entries[:width]


def _partial_or_full(fetch: Fetch, tile: Tile) -> bytes:
    # A partial tile may be dropped once the full one exists (c2sp.org/tlog-tiles).
    try:
        return fetch(tile.path)
    except NotFoundError:
        if tile.width == WIDTH:
            raise
        return fetch(Tile(tile.level, tile.index).path)


def bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: 16-bit big-endian length and bytes of each entry."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; trailing or missing bytes are an error."""
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if at + 2 > len(data) or len(entry) != length:
            raise EvidenceError("bad_bundle", sentence("entry bundle breaks off at byte {at}", at=at))
        entries.append(entry)
        at += 2 + length
    return entries


#: Reads hashes [start, end) of a tile level: level 0 are leaf hashes, level l subtrees of 256^l leaves.
ReadHashes = Callable[[int, int, int], Sequence[bytes]]


def subtree_from(read: ReadHashes) -> Subtree:
    """The ``Subtree`` function over stored tile levels; reads at most 256 hashes per level."""

    def subtree(start: int, end: int) -> bytes:
        level, span = 0, 1
        while (end - start) // (span * WIDTH) and start % (span * WIDTH) == 0:
            level, span = level + 1, span * WIDTH
        if (end - start) % span:
            # A ragged right edge: RFC 6962 splits at the largest power of two, level by level.
            middle = start + split(end - start)
            return node_hash(subtree(start, middle), subtree(middle, end))
        hashes = list(read(level, start // span, end // span))
        if len(hashes) != (end - start) // span:
            raise EvidenceError(
                "hashes_missing", sentence("hashes of leaves {start} to {end} are missing", start=start, end=end)
            )
        return root_of(hashes)

    return subtree


#: Reads several such ranges at once, in their order.
ReadRanges = Callable[[Sequence[tuple[int, int, int]]], Sequence[Sequence[bytes]]]

T = TypeVar("T")


def at_once(prove: Callable[[Subtree], T], read: ReadRanges) -> T:
    """What ``prove`` makes of the stored tree, with one read for all the hashes that it asks for.

    Which these are depends on the size alone, so a first pass over hashes of nothing tells them.
    """
    asked: dict[tuple[int, int, int], None] = {}

    def noted(level: int, start: int, end: int) -> list[bytes]:
        asked[level, start, end] = None
        return [EMPTY_ROOT] * (end - start)

    prove(subtree_from(noted))
    found = dict(zip(asked, read(list(asked)), strict=True))
    return prove(subtree_from(lambda level, start, end: found[level, start, end]))
