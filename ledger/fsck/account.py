"""What a verification tells beside its findings: how much there was, which documents are named, what was erased."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.entry import RecordedEvent
from ledger.events.oversight import RestrictedDataHandled
from ledger.fsck.recorded import Recorded
from ledger.regulation.pack import Pack


@dataclass(slots=True)
class Erased:
    """Erasures: how many orders stand in the log, how many fields they destroy, and of how many nothing is left.

    ``fields`` and ``carried_out`` are None where only entries are at hand: openings are in no mirror.
    """

    orders: int = 0
    fields: int | None = None
    carried_out: int | None = None


@dataclass(slots=True)
class Account:
    """Filled while a log is verified. ``recorded`` takes the entries in, where the caller wants them for more."""

    recorded: Recorded | None = None
    size: int = 0
    #: SHA-256 of each document that entries name and that is kept with the log -> the first position naming it.
    documents: dict[str, int] = field(default_factory=dict)
    packs: dict[str, Pack] = field(default_factory=dict)
    erased: Erased = field(default_factory=Erased)

    @classmethod
    def with_law(cls) -> Account:
        """One that keeps the entries, so that they can be judged by the rules of today."""
        account = cls()
        account.recorded = Recorded(account.packs)
        return account

    def take(self, event: RecordedEvent) -> None:
        """One more entry that can be read."""
        statement = event.statement
        if isinstance(statement.payload, RestrictedDataHandled) and statement.payload.action == "erased":
            self.erased.orders += 1
        for digest in documents_of(event):
            self.documents.setdefault(digest, event.position)
        if self.recorded is not None:
            self.recorded.add(event)


def documents_of(event: RecordedEvent) -> list[str]:
    """Documents that an event names and that must be kept: the packs, without which nothing is derived from the log.

    All other hashes are of papers that the signer keeps: reports, minutes, attachments.
    """
    named = getattr(event.statement.payload, "pack_hash", None)
    return [named] if isinstance(named, str) else []
