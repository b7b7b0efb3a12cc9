"""The log of index heads as a database keeps it: its entries and its signed heads."""

from __future__ import annotations

from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.errors import RongjianError
from ledger.tlog import checkpoint
from ledger.tlog.checkpoint import NO_EXTENSIONS
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.tag_index import parse_head
from ledger.tlog.tiles import TileLevels


def check_index_records(ledger: Ledger) -> list[Finding]:
    """What a database keeps of it: entries without a gap, each signed, and every signed head over just these."""
    with ledger.database.connection() as connection:
        rows = connection.execute(
            "SELECT e.number, t.note FROM index_entry e LEFT JOIN tag_index t USING (size) ORDER BY e.number"
        ).fetchall()
        heads = connection.execute("SELECT size, note FROM index_checkpoint ORDER BY size").fetchall()
    findings, roots, levels = [], {}, TileLevels()
    for expected, (number, note) in enumerate(rows, 1):
        if number != expected:
            return [Finding(0, f"index_entry {expected}", "an index head", f"the next is {number}")]
        if note is None:
            return [Finding(0, f"index_entry {number}", "the signed index of a size", "none is stored of that size")]
        try:
            parse_head(str(note).encode(), ledger.heads.signer.keys, ledger.origin)
        except RongjianError as error:
            findings.append(Finding(0, f"index_entry {number}", "an index head signed by the log's key", error.en))
        levels.add(leaf_hash(str(note).encode()))
        roots[number] = levels.frontier.root()
    signer = ledger.index_log.signer
    for size, note in heads:
        try:
            head = checkpoint.verify(str(note).encode(), signer.all_keys, signer.origin)
        except RongjianError as error:
            findings.append(Finding(0, f"index_checkpoint {size}", "a note signed by the log's key", error.en))
            continue
        if head.extensions:
            findings.append(Finding(0, f"index_checkpoint {size}", NO_EXTENSIONS, head.extensions[0]))
        if (head.size, head.root) != (size, roots.get(size)):
            found = f"size {head.size}, root {head.root.hex()}"
            findings.append(Finding(0, f"index_checkpoint {size}", "the root of that many index heads", found))
    return findings
