"""Heads that stand in entries with a time-stamp over them (TimeAttested): each was one of the log itself."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.audit.entries import Finding
from ledger.derivation.losses import HISTORY_LOSS, declares
from ledger.entry import RecordedEvent
from ledger.tlog.tiles import TileLevels

ATTESTED = "TimeAttested"


class AttestedHeads:
    """Takes entries in, and compares the heads that they state with the tree they stand in, once it is known.

    A head of entries that founders declared lost, before it was attested, is not compared: nothing of it is here any
    more.
    """

    def __init__(self) -> None:
        self._stated: list[RecordedEvent] = []
        self._losses: list[RecordedEvent] = []

    def take(self, event: RecordedEvent) -> None:
        """One more entry that can be read, next in order."""
        if event.statement.type == HISTORY_LOSS:
            self._losses.append(event)
        elif event.statement.type == ATTESTED and not self._is_declared_lost(event):
            self._stated.append(event)

    def _is_declared_lost(self, event: RecordedEvent) -> bool:
        p = event.statement.payload
        return any(declares(loss, p.tree_size, bytes.fromhex(p.root_hash)) for loss in self._losses)

    def findings(self, tree: TileLevels) -> Iterator[Finding]:
        """Each head that is not one of the tree before its entry."""
        for event in self._stated:
            p, before = event.statement.payload, min(event.position - 1, tree.frontier.size)
            if p.tree_size > before:
                yield Finding(event.position, "tree_size", f"at most {before}, the entries before it", str(p.tree_size))
                continue
            root = tree.root_at(p.tree_size).hex()
            if p.root_hash != root:
                yield Finding(event.position, "root_hash", f"{root}, the root at size {p.tree_size}", p.root_hash)
