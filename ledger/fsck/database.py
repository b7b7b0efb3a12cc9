"""What PostgreSQL keeps beside the bytes: columns, leaf hashes, tags, nodes, frontier, heads, index, sealed openings."""

from __future__ import annotations

from collections.abc import Iterator

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger import disclosure
from ledger.application import Ledger
from ledger.audit.entries import EntryChecker, Finding
from ledger.audit.notes import Strictness
from ledger.audit.pool import Page, examined
from ledger.derivation.losses import HISTORY_LOSS, declares
from ledger.entry import parse as parse_entry
from ledger.entry import unframe
from ledger.errors import RongjianError
from ledger.fsck.resume import Resumption
from ledger.fsck.tiles import Progress
from ledger.store.recorder import StoredEntry
from ledger.tlog import checkpoint
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.tag_index import TagIndex
from ledger.tlog.tiles import TileLevels, subtree_from

#: Rows read at once; bounds memory on a log of any size.
PAGE = 1000


def check_database(
    ledger: Ledger,
    progress: Progress = lambda _done, _all: None,
    *,
    cores: int | None = None,
    resumption: Resumption | None = None,
    strictness: Strictness | None = None,
) -> list[Finding]:
    """Everything that can be recomputed about one log's schema; the findings are in order of position.

    ``strictness`` notes which entries admission would refuse today; none of these is a finding.
    """
    head, resumption = ledger.recorder.head(), resumption or Resumption()
    resumption.check_size(head.size)
    index, indexed, published = TagIndex(), _indexed(ledger), _published(ledger)
    checker, rows = EntryChecker(ledger.origin, index, strictness), _Rows(ledger)
    findings: list[Finding] = []
    roots: dict[int, bytes] = {}
    levels, position = TileLevels(), 0
    for page in examined(rows.pages(), head.size, lambda: checker.keys, cores, resumption.verified):
        for seen in page:
            findings += checker.follow(seen)
            resumption.followed(seen, checker, clean=not findings and not rows.findings)
            position = seen.position
            levels.add(seen.leaf)
            if position in published:
                roots[position] = levels.frontier.root()
            if position in indexed and index.sealed().root != indexed[position]:
                found = indexed[position].hex()
                findings.append(Finding(position, "tag_index", index.sealed().root.hex(), found))
        progress(position, head.size)
    findings += rows.findings
    if position != head.size or levels.frontier != head.frontier:
        findings.append(Finding(0, "log_head", f"size {position} and the frontier of the entries", f"size {head.size}"))
    nodes = {(level, i): node for level, hashes in levels.nodes.items() for i, node in enumerate(hashes)}
    findings += _nodes(ledger, nodes)
    findings += _heads(ledger, published, roots, position)
    if not findings:
        resumption.done(checker)
    return sorted(findings, key=lambda f: (f.position or position + 1, f.field))


class _Rows:
    """The stored rows page by page, each compared with what its bytes say."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.findings: list[Finding] = []

    def pages(self) -> Iterator[Page]:
        position = 0
        while rows := self._ledger.recorder.entries(None, after=position, limit=PAGE):
            tags = self._ledger.recorder.tags_of([row.position for row in rows])
            for row in rows:
                if row.position != position + 1:
                    self.findings.append(Finding(position + 1, "position", str(position + 1), str(row.position)))
                position = row.position
                self.findings += _columns(row, tags[position])
                self.findings += self._openings(row)
            # Rows that do not follow on one another are examined under the positions they claim.
            for run in _runs(rows):
                yield run[0].position, [row.entry for row in run]

    def _openings(self, row: StoredEntry) -> Iterator[Finding]:
        """Every opening that is kept fits its commitment, and none is kept against an erasure that was ordered."""
        try:
            event = parse_entry(row.position, row.entry)
        except RongjianError:
            return
        commitments = event.statement.sd
        if not commitments:
            return
        ordered = self._ledger.erasures.ordered_against(event)
        for pointer in self._ledger.vault.kept(row.id):
            if pointer in ordered:
                yield Finding(
                    row.position,
                    f"opening {pointer}",
                    f"nothing: erased by {ordered[pointer].statement.id}",
                    "an opening",
                )
                continue
            try:
                disclosure.check(self._ledger.vault.open(row.id, pointer), commitments.get(pointer, ""))
            except RongjianError as error:
                yield Finding(row.position, f"opening {pointer}", "an opening that fits its commitment", error.en)


def _runs(rows: list[StoredEntry]) -> list[list[StoredEntry]]:
    runs: list[list[StoredEntry]] = []
    for row in rows:
        if runs and runs[-1][-1].position + 1 == row.position:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def check_against(ledger: Ledger, seen: Checkpoint) -> list[Finding]:
    """Does the stored log lead through a head that somebody else has seen, or do founders declare that what led to it is lost?"""
    size = ledger.size()
    losses = ledger.events(DCBQuery([DCBQueryItem(types=[HISTORY_LOSS])]))
    if any(declares(event, seen.size, seen.root) for event in losses):
        return []
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
            head = checkpoint.verify(note.encode(), ledger.heads.signer.all_keys, ledger.origin)
        except RongjianError as error:
            yield Finding(at, "checkpoint note", "a note signed by the log's key", error.en)
            continue
        if (head.size, head.root) != (at, roots[at]):
            yield Finding(
                at, "checkpoint note", f"size {at}, root {roots[at].hex()}", f"size {head.size}, root {head.root.hex()}"
            )


def _hex(digest: bytes | None) -> str:
    return digest.hex() if digest is not None else "nothing"
