"""Heads that stand in entries with a time-stamp over them (TimeAttested): each was one of the log itself."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.audit.entries import Finding
from ledger.derivation.losses import declares
from ledger.entry import RecordedEvent
from ledger.events.oversight import HistoryLossDeclared, TimeAttested
from ledger.tlog.tiles import TileLevels


class AttestedHeads:
    """Takes entries in, and compares the heads that they state with the tree they stand in, once it is known.

    A head of entries that founders declared lost, before it was attested, is not compared: nothing of it is here any
    more.
    """

    def __init__(self) -> None:
        self._stated: list[tuple[int, TimeAttested]] = []
        self._losses: list[RecordedEvent] = []

    def take(self, event: RecordedEvent) -> None:
        """One more entry that can be read, next in order."""
        p = event.statement.payload
        if isinstance(p, HistoryLossDeclared):
            self._losses.append(event)
        elif isinstance(p, TimeAttested) and not self._is_declared_lost(p):
            self._stated.append((event.position, p))

    def _is_declared_lost(self, p: TimeAttested) -> bool:
        return any(declares(loss, p.tree_size, bytes.fromhex(p.root_hash)) for loss in self._losses)

    def findings(self, tree: TileLevels) -> Iterator[Finding]:
        """Each head that is not one of the tree before its entry."""
        for position, p in self._stated:
            before = min(position - 1, tree.frontier.size)
            if p.tree_size > before:
                yield Finding(position, "tree_size", f"at most {before}, the entries before it", str(p.tree_size))
                continue
            root = tree.root_at(p.tree_size).hex()
            if p.root_hash != root:
                yield Finding(position, "root_hash", f"{root}, the root at size {p.tree_size}", p.root_hash)
