"""The log of index heads as static files: its entries, tiles and head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.audit.entries import Finding
from ledger.errors import EvidenceError, InvariantError, MalformedError, NotFoundError
from ledger.sentences import Pair, sentence
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.index_origin import index_origin, index_policy
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.note import NoteKey
from ledger.tlog.policy import Policy
from ledger.tlog.tag_index import IndexHead, TagIndex, parse_head
from ledger.tlog.tiles import WIDTH, Fetch, Tile, TileLevels, entry_bundle, hash_tile, tiles_of

#: Where these files lie below the log's own.
FOLDER = "index-log"


@dataclass(frozen=True, slots=True)
class IndexLogFiles:
    """What was fetched and proven: the signed head, the notes that are its entries, and the tree over them."""

    signed: bytes
    head: Checkpoint
    notes: list[bytes]
    leaves: list[bytes]
    levels: TileLevels
    #: The root at each size.
    roots: list[bytes]
    #: What the notes say, by the size of the log they are of.
    heads: dict[int, IndexHead]


def fetched_index_log(fetch: Fetch, policy: Policy, origin: str) -> IndexLogFiles | None:
    """The log of index heads of a source, proven by the reader's policy; None where the source has none.

    Raises EvidenceError where the head is not the log's or its quorum's, where the entries do not lead to it, or where
    an entry is no index head of this log, or a second one of a size.
    """
    try:
        signed = fetch(f"{FOLDER}/checkpoint")
    except NotFoundError:
        return None  # a source of before there was one, or no index head yet
    head = index_policy(policy).verify(signed).checkpoint
    if head.origin != index_origin(origin):
        raise _wrong(sentence("the head is of {origin}", origin=head.origin))
    if head.extensions:
        raise _wrong(sentence("its head has extension lines"))
    below = _below(fetch)
    notes = [
        note
        for index in range(-(-head.size // WIDTH))
        for note in entry_bundle(below, index, min(WIDTH, head.size - index * WIDTH))
    ]
    leaves = [leaf_hash(note) for note in notes]
    files = IndexLogFiles(signed, head, notes, leaves, TileLevels(), [Frontier().root()], {})
    for leaf in files.leaves:
        files.levels.add(leaf)
        files.roots.append(files.levels.frontier.root())
    if files.roots[-1] != head.root:
        raise _wrong(sentence("the entries do not lead to the signed root"))
    files.heads.update(_stated(notes, policy.logs, origin))
    return files


def read_index_log(fetch: Fetch, policy: Policy, origin: str) -> IndexLogFiles | Finding | None:
    """The log of index heads of a source, what is wrong with it as a whole, or None where the source has none."""
    try:
        return fetched_index_log(fetch, policy, origin)
    except (EvidenceError, MalformedError, NotFoundError) as error:
        return Finding(0, FOLDER, "index heads that lead to a head of the log, cosigned as asked", error.en)


def check_index_log(fetch: Fetch, head: Checkpoint, policy: Policy) -> list[Finding]:
    """What is wrong with the log of index heads beside a log whose ``head`` was verified; nothing where there is
    none.
    """
    return compared_index_log(fetch, head, policy, read_index_log(fetch, policy, head.origin))


def compared_index_log(
    fetch: Fetch, head: Checkpoint, policy: Policy, files: IndexLogFiles | Finding | None
) -> list[Finding]:
    """As :func:`check_index_log`, over what was read before."""
    if not isinstance(files, IndexLogFiles):
        return [files] if files is not None else []
    findings = []
    for tile in tiles_of(files.head.size):
        if tile.level is not None:
            findings += _tile(fetch, tile, files)
    logged = files.heads
    try:
        served = parse_head(fetch(f"index/{head.size}"), policy.logs, head.origin)
    except (EvidenceError, NotFoundError):
        return findings  # named where the index itself is checked
    if head.size in logged and logged[head.size] != served:
        findings.append(
            Finding(0, f"index/{head.size}", f"the root that is logged, {_root(logged[head.size])}", _root(served))
        )
    return findings


class LoggedIndexes:
    """Takes in the index of a log as it grows, and compares it with each index head that is logged."""

    def __init__(self, heads: Mapping[int, IndexHead]) -> None:
        self._heads = heads
        self._added = 0

    def take(self, position: int, index: TagIndex) -> Iterator[Finding]:
        """``index`` now holds one more entry. Behind one that cannot be read there is nothing to compare with."""
        self._added += 1
        stated = self._heads.get(position)
        if stated is None or self._added != position:
            return
        sealed = index.sealed()
        if (stated.keys, stated.root) != (sealed.keys, sealed.root):
            yield Finding(position, FOLDER, f"the index of its entries, {sealed.root.hex()}", _root(stated))


def _stated(notes: Sequence[bytes], keys: Sequence[NoteKey], origin: str) -> dict[int, IndexHead]:
    known: dict[int, IndexHead] = {}
    for note in notes:
        head = parse_head(note, keys, origin)
        if known.setdefault(head.size, head) != head:
            raise _wrong(sentence("two roots of the index of size {size} are logged", size=head.size))
    return known


def _tile(fetch: Fetch, tile: Tile, files: IndexLogFiles) -> list[Finding]:
    if tile.level is None:
        raise InvariantError("a bundle of entries has no level")
    hashes = files.levels.nodes[tile.level] if tile.level else files.leaves
    expected = hashes[tile.index * WIDTH : tile.index * WIDTH + tile.width]
    try:
        found = hash_tile(_below(fetch), tile)
    except (EvidenceError, NotFoundError) as error:
        return [Finding(0, f"{FOLDER}/{tile.path}", f"a tile of {tile.width} hashes", error.en)]
    return [] if found == expected else [Finding(0, f"{FOLDER}/{tile.path}", "the hashes of its entries", "others")]


def _below(fetch: Fetch) -> Fetch:
    return lambda path: fetch(f"{FOLDER}/{path}")


def _root(head: IndexHead) -> str:
    return head.root.hex()


def _wrong(told: Pair) -> EvidenceError:
    return EvidenceError("bad_index_log", sentence("the log of index heads: {told}", told=told))
