"""What was signed of a log, by itself and by others: heads, index heads, cosignatures, time-stamps.

Each is recomputed from the entries, as far as it says what they are; what only others can sign is verified by their
keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.errors import RongjianError
from ledger.fsck.rows import Rows, micros, octets, told
from ledger.tlog import checkpoint, timestamp
from ledger.tlog.checkpoint import NO_EXTENSIONS
from ledger.tlog.cosignature import COSIGNERS
from ledger.tlog.merkle import EMPTY_ROOT
from ledger.tlog.note import parse_key, verified
from ledger.tlog.tag_index import IndexHead, parse_head


class Published:
    """The signed heads of a log; told the root of the tree, and the index, at each size that was signed."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.heads: dict[int, tuple[bytes, str]] = {}
        self.indexes: dict[int, tuple[bytes, str]] = {}
        self._unread = [
            *told(lambda: _read(rows, "checkpoint", self.heads), "checkpoint"),
            *told(lambda: _read(rows, "tag_index", self.indexes), "tag_index"),
        ]
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self.index_heads: dict[int, IndexHead] = {}

    def findings(self, ledger: Ledger, size: int) -> list[Finding]:
        """What does not fit a log of a size."""
        return [
            *self._unread,
            *told(lambda: self._of_heads(ledger, size), "checkpoint"),
            *told(lambda: self._of_indexes(ledger, size), "tag_index"),
            *told(self._cosignatures, "cosignature"),
            *told(self._timestamps, "timestamp_token"),
        ]

    def _of_heads(self, ledger: Ledger, size: int) -> Iterator[Finding]:
        for at, (root, note) in sorted(self.heads.items()):
            good = self.roots.get(at)
            if good is None:
                yield Finding(max(at, 0), "checkpoint", f"at most {size} entries", f"a published head of size {at}")
                continue
            if root != good:
                yield Finding(at, "checkpoint root", good.hex(), root.hex())
            try:
                head = checkpoint.verify(note.encode(), ledger.heads.signer.all_keys, ledger.origin)
            except RongjianError as error:
                yield Finding(at, "checkpoint note", "a note signed by the log's key", error.en)
                continue
            if head.extensions:
                yield Finding(at, "checkpoint note", NO_EXTENSIONS, head.extensions[0])
            if (head.size, head.root) != (at, good):
                found = f"size {head.size}, root {head.root.hex()}"
                yield Finding(at, "checkpoint note", f"size {at}, root {good.hex()}", found)

    def _of_indexes(self, ledger: Ledger, size: int) -> Iterator[Finding]:
        for at, (root, note) in sorted(self.indexes.items()):
            good = self.index_heads.get(at)
            if good is None:
                yield Finding(max(at, 0), "tag_index", f"at most {size} entries", f"an index of size {at}")
                continue
            if root != good.root:
                yield Finding(at, "tag_index", good.root.hex(), root.hex())
            try:
                head = parse_head(note.encode(), ledger.heads.signer.all_keys, ledger.origin)
            except RongjianError as error:
                yield Finding(at, "tag_index note", "a note signed by the log's key", error.en)
                continue
            if head != good:
                yield Finding(at, "tag_index note", _in_line(good.text), _in_line(head.text))

    def _cosignatures(self) -> Iterator[Finding]:
        for size, name, line in self._rows.select("SELECT size, key, line FROM cosignature ORDER BY size, key"):
            head = self.heads.get(size)
            if head is None:
                yield Finding(max(size, 0), "checkpoint", "the head that was cosigned", "nothing", "lost")
                continue
            try:
                text = head[1][: head[1].rindex("\n\n") + 1]
                good = verified(f"{text}\n{line}".encode(), [parse_key(name, COSIGNERS)])[1]
            except (RongjianError, ValueError) as error:
                yield Finding(size, "cosignature", "a line that its key signed over the head", str(error))
                continue
            if len(good) != 1:
                yield Finding(size, "cosignature", f"a line of {name.partition('+')[0]}", "a line of another")

    def _timestamps(self) -> Iterator[Finding]:
        query = f"SELECT size, response, {micros('stamped_at')} FROM timestamp_token ORDER BY size, authority"
        for size, response, at in self._rows.select(query):
            head = self.heads.get(size)
            if head is None:
                yield Finding(max(size, 0), "checkpoint", "the head that was time-stamped", "nothing", "lost")
                continue
            try:
                text = head[1][: head[1].rindex("\n\n") + 1]
                stated = timestamp.read(octets(response), text)
            except (RongjianError, ValueError) as error:
                yield Finding(size, "timestamp_token", "a time-stamp over the head", str(error))
                continue
            said = (stated - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
            if Decimal(at) != said:
                yield Finding(size, "timestamp_token stamped_at", stated.isoformat(), at)


def _read(rows: Rows, table: str, heads: dict[int, tuple[bytes, str]]) -> Iterator[Finding]:
    """Take in what a table of heads says of each size."""
    for size, root, note in rows.select(f"SELECT size, root, note FROM {table}"):
        heads[int(size)] = octets(root), str(note)
    yield from ()


def _in_line(text: str) -> str:
    return text.replace("\n", " ")
