"""fsck: recompute everything from the stored bytes and name every place that does not fit.

Three parts. ``check_entries`` needs no database: it takes entries in order and checks form, signatures, keys and
roles at their time, order of recording and unique ids, exactly as a second verifier would from bundles.
``check_tiles`` reads a log as static files, from a folder or over HTTP, and recomputes every hash tile.
``check_database`` compares what PostgreSQL keeps beside the bytes: columns, leaf hashes, tags, tile nodes,
frontier, published heads, and the sealed openings against their commitments. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ledger import disclosure
from ledger.application import Ledger
from ledger.clock import shanghai_day
from ledger.derivation.history import EVER, History
from ledger.derivation.identity import IDENTITY_TYPES, Identities
from ledger.entry import RecordedEvent, unframe
from ledger.entry import parse as parse_entry
from ledger.errors import EvidenceError, NotFoundError, RongjianError
from ledger.signing import envelope as dsse
from ledger.signing.suites import parse_public_key
from ledger.store.recorder import StoredEntry
from ledger.tlog import checkpoint
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.note import NoteKey
from ledger.tlog.tag_index import IndexHead, TagIndex, parse_head
from ledger.tlog.tiles import HEIGHT, WIDTH, Fetch, Tile, entry_bundle, hash_tile, subtree_from, tiles_of

#: Rows read at once; bounds memory on a log of any size.
PAGE = 1000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One wrong place: where, which field, and what was expected. ``position`` 0 is the log as a whole."""

    position: int
    field: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.field}: expected {self.expected}, found {self.actual}"


class EntryChecker:
    """Checks entries one after the other; keeps what later entries depend on."""

    def __init__(self, origin: str, index: TagIndex | None = None) -> None:
        self._origin = origin
        self._index = index
        self._identities = Identities(History([]).live(EVER, 0))
        self._ids: dict[str, int] = {}
        self._last_recorded_at: str = ""
        self.frontier = Frontier()

    def check(self, position: int, entry: bytes) -> Iterator[Finding]:
        """The findings of one entry; the Merkle frontier goes on with whatever bytes are there."""
        leaf = leaf_hash(entry)
        self.frontier, _ = self.frontier.extended(leaf)
        try:
            event = parse_entry(position, entry)
        except RongjianError as error:
            yield Finding(position, "entry", "bytes as they were recorded", error.en)
            return
        if self._index is not None:
            self._index.add(position, leaf, event.statement.type, event.statement.tags)
        yield from self._order(event)
        yield from self._signatures(event)
        statement = event.statement
        if statement.type in IDENTITY_TYPES:
            self._identities.apply(
                statement.type, statement.payload, statement.id, event.recorded_at, statement.effective_on
            )

    def _order(self, event: RecordedEvent) -> Iterator[Finding]:
        statement = event.statement
        if statement.log != self._origin:
            yield Finding(event.position, "log", self._origin, statement.log)
        earlier = self._ids.setdefault(statement.id, event.position)
        if earlier != event.position:
            yield Finding(event.position, "id", "an id used once", f"the id of position {earlier}")
        recorded = event.recorded_at.isoformat()
        if recorded < self._last_recorded_at:
            yield Finding(event.position, "recorded_at", f"not before {self._last_recorded_at}", recorded)
        self._last_recorded_at = max(recorded, self._last_recorded_at)

    def _signatures(self, event: RecordedEvent) -> Iterator[Finding]:
        statement = event.statement
        own = self._own_keys(event)
        signers: set[str] = set()
        for signature in event.envelope.signatures:
            key = self._identities.keys.get(signature.keyid)
            known = (key.principal_id, key.public_key) if key else own.get(signature.keyid)
            if known is None:
                yield Finding(event.position, "signature", "a registered key", f"unknown key {signature.keyid[:16]}")
                continue
            if key is not None and not key.valid_at(event.recorded_at):
                yield Finding(
                    event.position, "signature", "a key valid when recorded", f"invalid key {signature.keyid[:16]}"
                )
            try:
                dsse.verify(event.envelope, signature, parse_public_key(known[1]))
            except RongjianError as error:
                yield Finding(event.position, "signature", "a signature that verifies", error.en)
                continue
            signers.add(known[0])
        if statement.actor not in signers:
            yield Finding(event.position, "actor", f"a signature of {statement.actor}", ", ".join(sorted(signers)))
        day = shanghai_day(event.recorded_at)
        if statement.type != "GenesisDeclared" and not self._identities.has_role(statement.actor, statement.role, day):
            yield Finding(event.position, "role", f"{statement.actor} holding {statement.role}", "no such grant")
        if statement.type != "GenesisDeclared":
            yield from self._countersignature(event, signers)

    def _countersignature(self, event: RecordedEvent, signers: set[str]) -> Iterator[Finding]:
        statement = event.statement
        day = shanghai_day(event.recorded_at)
        needed = [s.countersigner for s in statement.payload.SPEC.seats if s.originator == statement.role]
        others = signers - {statement.actor}
        if any(n is None or any(self._identities.has_role(o, n, day) for o in others) for n in needed):
            return
        roles = " or ".join(sorted({n for n in needed if n})) or "an originator's seat"
        yield Finding(event.position, "countersignature", roles, ", ".join(sorted(others)) or "nobody")

    def _own_keys(self, event: RecordedEvent) -> dict[str, tuple[str, str]]:
        p = event.statement.payload
        match event.statement.type:
            case "GenesisDeclared":
                return {f.key_id: (f.principal_id, f.public_key) for f in p.founders}
            case "KeyRegistered":
                return {p.key_id: (p.principal_id, p.public_key)}
            case _:
                return {}


def check_entries(entries: Iterable[tuple[int, bytes]], origin: str) -> tuple[list[Finding], Frontier]:
    """Findings over entries in order, and the frontier they lead to. Needs no database."""
    checker = EntryChecker(origin)
    findings: list[Finding] = []
    for expected, (position, entry) in enumerate(entries, 1):
        if position != expected:
            findings.append(Finding(expected, "position", str(expected), str(position)))
        findings += checker.check(position, entry)
    return findings, checker.frontier


class _Chain:
    """One reading of the leaves: the frontier and the complete nodes of tile levels that they lead to."""

    def __init__(self) -> None:
        self.frontier = Frontier()
        self.nodes: dict[int, list[bytes]] = {}

    def add(self, leaf: bytes) -> None:
        self.frontier, completed = self.frontier.extended(leaf)
        for node in completed:
            if node.level % HEIGHT == 0:
                self.nodes.setdefault(node.level // HEIGHT, []).append(node.hash)


def check_tiles(
    fetch: Fetch,
    head: Checkpoint,
    progress: Progress = lambda _done, _all: None,
    *,
    keys: Sequence[NoteKey] | None = None,
) -> list[Finding]:
    """Findings over a log as static files (c2sp.org/tlog-tiles) under a head that the caller has verified.

    Entries are checked as ``check_entries`` does; every hash tile is recomputed. Where entry and tile disagree, the
    signed root says which of them is wrong. With the log's ``keys`` its signed tag index is recomputed too.
    """
    tags = TagIndex() if keys is not None else None
    checker, findings = EntryChecker(head.origin, tags), list[Finding]()
    by_entry, by_tile = _Chain(), _Chain()
    apart: list[tuple[int, str, bytes, bytes]] = []
    for index in range(-(-head.size // WIDTH)):
        width = min(WIDTH, head.size - index * WIDTH)
        first, path = index * WIDTH + 1, Tile(0, index, width).path
        entries, problem = _tried(lambda i=index, w=width: entry_bundle(fetch, i, w))  # type: ignore[misc]
        hashes, missing = _tried(lambda i=index, w=width: hash_tile(fetch, Tile(0, i, w)))  # type: ignore[misc]
        if entries is None:
            findings.append(Finding(first, Tile(None, index, width).path, f"a bundle of {width} entries", problem))
        if hashes is None:
            findings.append(Finding(first, path, f"a tile of {width} hashes", missing))
        for at in range(width):
            found = [leaf_hash(entries[at])] if entries is not None else []
            stored = [hashes[at]] if hashes is not None else []
            if not found and not stored:
                return [*findings, Finding(first, "log", "entries or hashes to go on with", "neither can be read")]
            by_entry.add((found or stored)[0])
            by_tile.add((stored or found)[0])
            if found and stored and found != stored:
                apart.append((first + at, path, found[0], stored[0]))
            if entries is not None:
                findings += checker.check(first + at, entries[at])
        progress(first + width - 1, head.size)
    good = next((chain for chain in (by_entry, by_tile) if chain.frontier.root() == head.root), None)
    for position, path, entry_hash, tile_hash in apart:
        if good is by_tile:
            findings.append(Finding(position, "entry", f"leaf hash {tile_hash.hex()}", entry_hash.hex()))
        else:
            findings.append(Finding(position, path, f"the hash of its entry, {entry_hash.hex()}", tile_hash.hex()))
    if good is None:
        findings.append(Finding(0, "root", f"the signed root {head.root.hex()}", by_entry.frontier.root().hex()))
    findings += _upper_tiles(fetch, head.size, (good or by_entry).nodes)
    if tags is not None:
        findings += _index_file(fetch, head, tags, keys or ())
    return sorted(findings, key=lambda f: (f.position or head.size + 1, f.field))


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


T = TypeVar("T")


def _tried(read: Callable[[], T]) -> tuple[T | None, str]:
    """What was read, or why it cannot be: a place that is missing or damaged is a finding, not the end."""
    try:
        return read(), ""
    except (EvidenceError, NotFoundError) as error:
        return None, error.en


def check_database(ledger: Ledger, progress: Progress = lambda _done, _all: None) -> list[Finding]:
    """Everything that can be recomputed about one log's schema; the findings are in order of position."""
    head = ledger.recorder.head()
    index, indexed = TagIndex(), _indexed(ledger)
    checker = EntryChecker(ledger.origin, index)
    findings: list[Finding] = []
    nodes: dict[tuple[int, int], bytes] = {}
    roots: dict[int, bytes] = {}
    published = _published(ledger)
    frontier = Frontier()
    position = 0
    while True:
        rows = ledger.recorder.entries(None, after=position, limit=PAGE)
        if not rows:
            break
        tags = ledger.recorder.tags_of([row.position for row in rows])
        for row in rows:
            if row.position != position + 1:
                findings.append(Finding(position + 1, "position", str(position + 1), str(row.position)))
            position = row.position
            findings += checker.check(position, row.entry)
            findings += _columns(row, tags[position])
            findings += _openings(ledger, row)
            frontier, completed = frontier.extended(leaf_hash(row.entry))
            nodes |= {(n.level // HEIGHT, n.index): n.hash for n in completed if n.level % HEIGHT == 0}
            if position in published:
                roots[position] = frontier.root()
            if position in indexed and index.sealed().root != indexed[position]:
                found = indexed[position].hex()
                findings.append(Finding(position, "tag_index", index.sealed().root.hex(), found))
        progress(position, head.size)
    if position != head.size or frontier != head.frontier:
        findings.append(Finding(0, "log_head", f"size {position} and the frontier of the entries", f"size {head.size}"))
    findings += _nodes(ledger, nodes)
    findings += _heads(ledger, published, roots, position)
    return sorted(findings, key=lambda f: (f.position or position + 1, f.field))


def check_against(ledger: Ledger, seen: Checkpoint) -> list[Finding]:
    """Does the stored log lead through a head that somebody else has seen?"""
    size = ledger.size()
    if size < seen.size:
        return [Finding(0, "size", f"at least {seen.size} entries, as seen elsewhere", f"{size} entries: rolled back")]
    root = subtree_from(ledger.recorder.hashes)(0, seen.size) if seen.size else Frontier().root()
    return [] if root == seen.root else [Finding(seen.size, "root seen elsewhere", seen.root.hex(), root.hex())]


def _columns(row: StoredEntry, tags: list[str]) -> Iterator[Finding]:
    if row.leaf_hash != leaf_hash(row.entry):
        yield Finding(row.position, "leaf_hash", leaf_hash(row.entry).hex(), row.leaf_hash.hex())
    try:
        event = parse_entry(row.position, row.entry)
        recorded_at = unframe(row.entry)[1]
    except RongjianError:
        return
    statement = event.statement
    for field, expected, actual in (
        ("id", statement.id, row.id),
        ("type", statement.type, row.type),
        ("recorded_at", recorded_at.isoformat(), row.recorded_at.astimezone(recorded_at.tzinfo).isoformat()),
        ("tags", " ".join(statement.tags), " ".join(sorted(tags))),
    ):
        if expected != actual:
            yield Finding(row.position, f"column {field}", expected, actual)


def _openings(ledger: Ledger, row: StoredEntry) -> Iterator[Finding]:
    try:
        commitments = parse_entry(row.position, row.entry).statement.sd
    except RongjianError:
        return
    if not commitments:
        return
    for pointer in ledger.vault.kept(row.id):
        try:
            disclosure.check(ledger.vault.open(row.id, pointer), commitments.get(pointer, ""))
        except RongjianError as error:
            yield Finding(row.position, f"opening {pointer}", "an opening that fits its commitment", error.en)


def _nodes(ledger: Ledger, expected: dict[tuple[int, int], bytes]) -> Iterator[Finding]:
    with ledger.database.connection() as connection:
        rows = connection.execute("SELECT level, index, hash FROM tile_node").fetchall()
    stored = {(int(level), int(index)): bytes(digest) for level, index, digest in rows}
    for level, index in sorted(stored.keys() | expected.keys()):
        if stored.get((level, index)) != expected.get((level, index)):
            last = (index + 1) * 256**level
            yield Finding(
                last, f"tile_node {level}/{index}", _hex(expected.get((level, index))), _hex(stored.get((level, index)))
            )


def _published(ledger: Ledger) -> dict[int, tuple[bytes, str]]:
    with ledger.database.connection() as connection:
        rows = connection.execute("SELECT size, root, note FROM checkpoint").fetchall()
    return {int(size): (bytes(root), str(note)) for size, root, note in rows}


def _indexed(ledger: Ledger) -> dict[int, bytes]:
    with ledger.database.connection() as connection:
        rows = connection.execute("SELECT size, root FROM tag_index").fetchall()
    return {int(size): bytes(root) for size, root in rows}


def _heads(
    ledger: Ledger, published: dict[int, tuple[bytes, str]], roots: dict[int, bytes], size: int
) -> Iterator[Finding]:
    roots = roots | {0: Frontier().root()}
    for at, (root, note) in sorted(published.items()):
        if at > size:
            yield Finding(at, "checkpoint", f"at most {size} entries", f"a published head of size {at}")
            continue
        if root != roots[at]:
            yield Finding(at, "checkpoint root", roots[at].hex(), root.hex())
        try:
            head = checkpoint.verify(note.encode(), ledger.heads.signer.keys, ledger.origin)
        except RongjianError as error:
            yield Finding(at, "checkpoint note", "a note signed by the log's key", error.en)
            continue
        if (head.size, head.root) != (at, roots[at]):
            yield Finding(
                at, "checkpoint note", f"size {at}, root {roots[at].hex()}", f"size {head.size}, root {head.root.hex()}"
            )


def _hex(digest: bytes | None) -> str:
    return digest.hex() if digest is not None else "nothing"
