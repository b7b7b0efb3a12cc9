"""Going on with a verification that broke off, or after a log has grown.

What was verified is bound by the root of its prefix: if the entries still lead to that root, they are the same bytes,
and their signatures need not be verified again. Everything else is recomputed each time. The mark is the verifier's own
file; nothing that the log's operator writes is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.audit.entries import EntryChecker, Examined
from ledger.errors import EvidenceError
from ledger.sentences import Pair, sentence

#: Entries between two marks.
INTERVAL = 5_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A prefix of a log in which nothing was wrong: its size and root."""

    size: int
    root: bytes


class Resumption:
    """One verification: ``earlier`` is where the last one had come to, ``keep`` is told how far this one has."""

    def __init__(self, earlier: Mark | None = None, keep: Callable[[Mark], None] = lambda _mark: None) -> None:
        self._earlier = earlier or Mark(0, b"")
        self._keep = keep
        self._kept = self._earlier.size

    @property
    def verified(self) -> int:
        """Signatures up to this position were verified before."""
        return self._earlier.size

    def check_size(self, size: int) -> None:
        """Raises EvidenceError where the log is shorter than it was."""
        if size < self._earlier.size:
            raise _rewritten(self._earlier.size, sentence("the log has {size} entries now", size=size))

    def followed(self, seen: Examined, checker: EntryChecker, *, clean: bool) -> None:
        """After each entry: the earlier prefix must lead to its root; a clean stretch is marked."""
        # Of nothing there is no root to compare; a row may claim any position, zero too.
        if self._earlier.size and seen.position == self._earlier.size and checker.frontier.root() != self._earlier.root:
            raise _rewritten(seen.position, sentence("its entries lead to another root now"))
        if clean and seen.position >= self._kept + INTERVAL:
            self.done(checker)

    def done(self, checker: EntryChecker) -> None:
        """Mark everything up to here; only for a log without findings so far."""
        self._kept = checker.frontier.size
        self._keep(Mark(self._kept, checker.frontier.root()))


def _rewritten(size: int, told: Pair) -> EvidenceError:
    return EvidenceError(
        "history_rewritten",
        sentence(
            "the first {size} entries were verified before: {told}. Keep the mark as evidence and verify without it",
            size=size,
            told=told,
        ),
    )
