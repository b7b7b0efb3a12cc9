"""Continuity: whatever is signed extends the newest head that this home has signed, also after a database is restored.

A database that is older (a restored backup, a standby promoted without the last entries, an old primary that came back)
is noticed before anything is recorded in it. It goes on once two founders have declared what was lost.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.losses import LostRange, declares
from ledger.errors import SigningStoppedError, SpoiltError, UnavailableError
from ledger.events.oversight import HistoryLossDeclared
from ledger.events.registry import topics
from ledger.newest_head import HeadFile, NewestHead
from ledger.proven_log import ProvenLog
from ledger.sentences import sentence
from ledger.store.database import Server
from ledger.store.head_keepers import taken_over
from ledger.store.records import Head


@dataclass(frozen=True, slots=True)
class _Compared:
    """The newest head beside the log: it is there, or what led to it is ``lost``, and perhaps declared to be."""

    lost: LostRange | None
    declared: bool

    @property
    def undeclared(self) -> LostRange | None:
        return None if self.declared else self.lost


class Continuity:
    """Compares a proven log with the newest head of its home, and moves that forward."""

    def __init__(self, file: HeadFile, log: ProvenLog) -> None:
        self._file = file
        self._log = log
        self._agreed: NewestHead | None = None
        #: Could the file not be written the last time? Then nothing is recorded before it can.
        self._unwritten = False
        self._server: Server | None = None

    @property
    def log(self) -> str:
        """The name by which commands know the log."""
        return self._file.log

    def check_writable(self) -> None:
        """Where the file could not be written, try it again. Raises UnavailableError."""
        if self._unwritten:
            with self._file.held():
                self._file.write(self._file.read())
            self._unwritten = False

    def lost(self) -> LostRange | None:
        """What this home has seen and the database does not have, nobody having declared it.

        Raises EvidenceError where it has another.
        """
        there = self._file.read()
        if there == self._agreed:
            return None
        compared = self._compare(there)
        if compared.lost is None:
            self._agreed = there
        return compared.undeclared

    def check(self) -> None:
        """Raise SigningStoppedError (``rolled_back``) where something is lost, UnavailableError where the file cannot
        be written.
        """
        self.check_writable()
        lost = self.lost()
        if lost is not None:
            raise rolled_back(lost, self.log)

    def seen_in(self, server: Server) -> bool:
        """Compare the server that answers with the last one; is it another?

        Raises EvidenceError where it is an earlier primary.
        """
        last = self._file.read().server
        if last is not None and server.identifier == last.identifier and server.timeline < last.timeline:
            raise SpoiltError(
                "old_primary",
                sentence(
                    "this server is on timeline {timeline}, and the log was last seen on timeline {last}: an "
                    "earlier primary has come back. Nothing is recorded in it; fence it (docs/operations.md) and "
                    "connect to the present one",
                    timeline=server.timeline,
                    last=last.timeline,
                ),
            )
        self._server = server
        return last is not None and server != last

    def check_keeper(self, retired: Collection[str]) -> None:
        """Raise UnavailableError where this home is one of those whose signing has ended: another has taken over since
        this one was opened.
        """
        if self._file.read().keeper in retired:
            raise taken_over(self._file.log)

    def keep(self, head: Head) -> None:
        """Before a head is signed: it is the newest, on disk, or follows from one that is.

        Raises what :meth:`check` does.
        """
        if self._agreed is not None and self._agreed.size >= head.size:
            return
        try:
            self._advance(head)
        except UnavailableError:
            self._unwritten = True
            raise

    def _advance(self, head: Head) -> None:
        with self._file.held():
            there = self._file.read()
            compared = self._compare(there)
            if compared.undeclared is not None:
                raise rolled_back(compared.undeclared, self.log)
            if head.size > there.size or compared.declared:
                kept = compared.lost.first - 1 if compared.lost is not None else there.size
                root, at = head.frontier.root(), head.last_recorded_at
                there = there.followed_by(head.size, root, at, self._server, kept=kept)
                self._file.write(there)
            self._agreed = there

    def _compare(self, there: NewestHead) -> _Compared:
        if there.size > self._log.size:
            self._log.head()
        size = self._log.size
        if there.size <= size and self._leads_to(there.size, there.root):
            return _Compared(None, declared=False)
        position = self._declared_at(there)
        lost = LostRange(position or size + 1, there.size, there.root)
        if lost.first > there.size or not all(self._leads_to(s, r) for s, r in there.earlier if s < lost.first):
            raise SpoiltError(
                "another_history",
                sentence(
                    "the database does not lead to the heads that this home has signed, up to size {size}: it holds "
                    "another history of this log. Nothing is signed; connect to the right database, or restore it "
                    "(docs/operations.md)",
                    size=there.size,
                ),
            )
        return _Compared(lost, declared=position is not None)

    def _leads_to(self, size: int, root: bytes) -> bool:
        return self._log.root_at(size) == root

    def _declared_at(self, there: NewestHead) -> int | None:
        """Where two founders declared that what led to a head is lost; None where they did not."""
        found = self._log.events(DCBQuery([DCBQueryItem(types=topics(HistoryLossDeclared))]), until=self._log.size)
        return next((event.position for event in found if declares(event, there.size, there.root)), None)


def rolled_back(lost: LostRange, log: str) -> SigningStoppedError:
    """Nothing is signed below a head that was; ``log`` is the name by which commands know it."""
    return SigningStoppedError(
        "rolled_back",
        sentence(
            "the database ends at entry {first}, and this log had come to entry {last}: it is an older state. Nothing "
            "is signed or recorded. Restore the newest backup, or a mirror; if the entries are gone, two founders "
            "declare it (rongjian head loss {log} --reason REASON -o DRAFT)",
            first=lost.first - 1,
            last=lost.last,
            log=log,
        ),
        lost_from=lost.first,
        lost_to=lost.last,
    )
