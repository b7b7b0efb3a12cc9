"""One log's schema in PostgreSQL: the entries, and everything that is kept beside them, recomputed from their bytes.

Verification goes on behind whatever it finds: a hole, a row that nobody can read, a head of another log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from decimal import Decimal

from ledger.application import Ledger
from ledger.audit.entries import EntryChecker, Examined, Finding, micros_of
from ledger.audit.notes import Strictness
from ledger.audit.pool import Page, examined
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.losses import LostRange, covers, declares, range_lost
from ledger.entry import RecordedEvent
from ledger.errors import UnavailableError
from ledger.events.oversight import HistoryLossDeclared
from ledger.events.registry import topics
from ledger.fsck.account import Account
from ledger.fsck.attested import AttestedHeads
from ledger.fsck.beside import Introduced, check_documents, check_schema, check_sealing_key
from ledger.fsck.index_records import check_index_records
from ledger.fsck.openings import Committed
from ledger.fsck.published import Published
from ledger.fsck.resume import Resumption
from ledger.fsck.rows import EntryRow, HeadRow, Rows, octets, told
from ledger.fsck.tiles import Progress
from ledger.fsck.visits import attested_records, check_visits
from ledger.store.odd_rows import ODD
from ledger.stored_log import StoredLog
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import Frontier
from ledger.tlog.tag_index import IndexHead, TagIndex
from ledger.tlog.tiles import TileLevels, subtree_from

#: Levels of tiles that a log of any size has; a row of another is nobody's.
_LEVELS_MAX = 8


def check_database(
    ledger: Ledger,
    progress: Progress = lambda _done, _all: None,
    *,
    cores: int | None = None,
    resumption: Resumption | None = None,
    strictness: Strictness | None = None,
    account: Account | None = None,
) -> list[Finding]:
    """Everything that can be recomputed about one log's schema; the findings are in order of position.

    ``strictness`` notes which entries admission would refuse today, ``account`` takes in what there is beside findings;
    none of these is a finding. Raises UnavailableError where the database does not answer, EvidenceError where
    ``resumption`` meets another history.
    """
    rows, resumption, account = Rows(ledger.database), resumption or Resumption(), account or Account()
    account.size = rows.count()
    resumption.check_size(account.size)
    walk = _Walk(ledger, rows, strictness, account)

    def walked() -> Iterator[Finding]:
        for page in examined(walk.pages(), account.size, lambda: walk.checker.keys, cores, resumption.verified):
            for seen in page:
                walk.follow(seen)
                resumption.followed(seen, walk.checker, clean=not walk.findings)
            progress(page[-1].position, account.size)
        yield from ()

    unread = told(walked, "entry")
    findings = walk.findings + unread + walk.beside()
    if not findings:
        resumption.done(walk.checker)
    return sorted(findings, key=lambda f: (f.position or account.size + 1, f.field))


class _Walk:
    """One pass over the entries, and what is left to compare after it."""

    def __init__(self, ledger: Ledger, rows: Rows, strictness: Strictness | None, account: Account) -> None:
        self.findings: list[Finding] = []
        self._ledger, self._rows, self._account = ledger, rows, account
        self._index = TagIndex()
        self.checker = EntryChecker(ledger.origin, self._index, strictness)
        self._levels = TileLevels()
        self._published = Published(rows)
        self._committed, self._introduced, self._attested = Committed(), Introduced(), AttestedHeads()
        self._pending: deque[EntryRow] = deque()
        self._walked = 0
        self._last = Decimal("-Infinity")

    def pages(self) -> Iterator[Page]:
        """Entries to be examined, in runs of positions that follow on one another."""
        position = 0
        for page in self._rows.pages():
            for row in page:
                if row.position != position + 1:
                    self.findings.append(
                        Finding(max(position + 1, 0), "position", str(position + 1), str(row.position))
                    )
                position = row.position
                self._pending.append(row)
                self._walked += 1
            # Rows that do not follow on one another are examined under the positions they claim.
            for run in _runs(page):
                yield run[0].position, [row.entry for row in run]

    def follow(self, seen: Examined) -> None:
        """One entry, next in order."""
        row = self._pending.popleft()
        self.findings += self.checker.follow(seen)
        self.findings += _columns(row, seen)
        self._levels.add(seen.leaf)
        size = self._levels.frontier.size
        if size in self._published.heads:
            self._published.roots[size] = self._levels.frontier.root()
        if size in self._published.indexes:
            sealed = self._index.sealed()
            self._published.index_heads[size] = IndexHead(self._ledger.origin, size, sealed.keys, sealed.root)
        event = seen.event
        if event is None:
            return
        self._last = Decimal(micros_of(event.recorded_at))
        self._account.take(event)
        self._committed.take(event)
        self._introduced.take(event)
        self._attested.take(event)

    def beside(self) -> list[Finding]:
        """What is wrong with everything that is kept beside the entries."""
        rows, ledger, frontier = self._rows, self._ledger, self._levels.frontier
        findings: list[Finding] = []
        if self._walked != self._account.size:
            unplaced = self._account.size - self._walked
            findings.append(Finding(0, "position", "a position of every entry", f"{unplaced} entries without one"))
        findings += told(lambda: check_schema(ledger), "schema")
        findings += told(lambda: _head(rows.head(), frontier, self._last), "log_head")
        findings += told(lambda: _tags_of_nothing(rows), "entry_tag")
        findings += told(lambda: _nodes(rows, self._levels), "tile_node")
        findings += self._attested.findings(self._levels)
        findings += self._published.findings(ledger, frontier.size)
        findings += told(lambda: check_documents(rows, self._account), "document")
        findings += told(lambda: check_sealing_key(ledger, rows), "key_encryption_key")
        findings += told(lambda: self._committed.look(ledger, self._account.erased), "opening")
        findings += told(lambda: self._introduced.findings(rows), "lookalike")
        findings += told(lambda: check_visits(ledger.database, attested_records(ledger)), "visit")
        findings += told(lambda: check_index_records(ledger), "index log")
        return findings


def check_against(ledger: Ledger, seen: Checkpoint) -> list[Finding]:
    """Does the stored log lead through a head that somebody else has seen, or do founders declare that what led to it
    is lost?

    A declaration names one head. Of others that fall into what is lost it is said that they do, and they stay findings:
    nothing here leads to them.
    """
    declared = _declaration(ledger, seen)
    if declared is not None and declares(declared, seen.size, seen.root):
        return []
    beside = f"{_told(declared)}; now " if declared is not None else ""
    size = Rows(ledger.database).count()
    if size < seen.size:
        found = f"{beside}{size} entries: rolled back"
        return [Finding(0, "size", f"at least {seen.size} entries, as seen elsewhere", found)]
    try:
        root = subtree_from(ledger.recorder.hashes)(0, seen.size) if seen.size else Frontier().root()
    except UnavailableError:
        raise
    except ODD as error:
        return [Finding(seen.size, "root seen elsewhere", seen.root.hex(), f"hashes that lead to none: {error}")]
    if root == seen.root:
        return []
    return [Finding(seen.size, "root seen elsewhere", seen.root.hex(), f"{beside}{root.hex()}")]


def declared_against(ledger: Ledger, seen: Checkpoint) -> LostRange | None:
    """What is lost, where a head that somebody else has seen is the one of which founders declare it; else None."""
    declared = _declaration(ledger, seen)
    if declared is None or not declares(declared, seen.size, seen.root):
        return None
    return LostRange(declared.position, seen.size, seen.root)


def _runs(rows: list[EntryRow]) -> list[list[EntryRow]]:
    runs: list[list[EntryRow]] = []
    for row in rows:
        if runs and runs[-1][-1].position + 1 == row.position:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _declaration(ledger: Ledger, seen: Checkpoint) -> RecordedEvent | None:
    """The entry that declares the loss of a head, else the last into whose loss a head of that size falls; None where
    there is none.
    """
    try:
        found = StoredLog(ledger.recorder).events(DCBQuery([DCBQueryItem(types=topics(HistoryLossDeclared))]))
        named = [event for event in found if declares(event, seen.size, seen.root)]
        return next(reversed(named or [event for event in found if covers(event, seen.size)]), None)
    except UnavailableError:
        raise
    except ODD:
        # What cannot be read declares nothing; where it is spoilt is told beside.
        return None


def _told(declared: RecordedEvent) -> str:
    first, last = range_lost(declared)
    return f"entries {first} to {last} are lost, as founders declare in entry {first}"


def _columns(row: EntryRow, seen: Examined) -> Iterator[Finding]:
    if row.leaf_hash != seen.leaf:
        yield Finding(row.position, "leaf_hash", seen.leaf.hex(), row.leaf_hash.hex())
    if seen.event is None:
        return
    statement, recorded = seen.event.statement, micros_of(seen.event.recorded_at)
    for field, expected, actual in (
        ("id", statement.id, row.id),
        ("type", statement.type, row.type),
        ("recorded_at", str(recorded), str(recorded) if row.recorded == recorded else str(row.recorded)),
        ("tags", " ".join(statement.tags), " ".join(tag for tag, _ in row.tags)),
    ):
        if expected != actual:
            yield Finding(row.position, f"column {field}", expected, actual)
    other = sorted({type_ for _, type_ in row.tags} - {statement.type})
    if other:
        yield Finding(row.position, "entry_tag type", statement.type, ", ".join(other))


def _head(head: HeadRow | None, frontier: Frontier, last: Decimal) -> Iterator[Finding]:
    expected = f"size {frontier.size} and the frontier of the entries"
    if head is None:
        yield Finding(0, "log_head", expected, "nothing")
        return
    if (head.size, head.frontier) != (frontier.size, frontier.hashes):
        yield Finding(0, "log_head", expected, f"size {head.size}")
    if head.recorded != last:
        yield Finding(0, "log_head last_recorded_at", f"{last}, the time of the last entry", str(head.recorded))


def _tags_of_nothing(rows: Rows) -> Iterator[Finding]:
    for position, tag in rows.select(
        "SELECT position, tag FROM entry_tag t WHERE NOT EXISTS (SELECT FROM entry e WHERE e.position = "
        "t.position) ORDER BY 1, 2"
    ):
        yield Finding(max(position, 0), "entry_tag", "nothing: there is no such entry", str(tag))


def _nodes(rows: Rows, levels: TileLevels) -> Iterator[Finding]:
    expected = {(level, i): node for level, hashes in levels.nodes.items() for i, node in enumerate(hashes)}
    stored = {
        (int(level), int(i)): octets(h) for level, i, h in rows.select("SELECT level, index, hash FROM tile_node")
    }
    for level, index in sorted(stored.keys() | expected.keys()):
        good, found = expected.get((level, index)), stored.get((level, index))
        if good != found:
            last = (index + 1) * 256**level if 0 < level <= _LEVELS_MAX else 0
            at = last if 0 < last <= levels.frontier.size else 0
            yield Finding(at, f"tile_node {level}/{index}", _hex(good), _hex(found))


def _hex(digest: bytes | None) -> str:
    return digest.hex() if digest is not None else "nothing"
