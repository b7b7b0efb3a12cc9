"""What goes into the recorder and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ledger.ahead import Ahead
from ledger.dcb import DCBAppendCondition, DCBQuery, DCBQueryItem
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.errors import EvidenceError, SpoiltError
from ledger.sentences import sentence
from ledger.signing.envelope import Envelope
from ledger.statement import Statement
from ledger.store.database import Row, Server
from ledger.tlog.merkle import Frontier


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept, and what is destroyed, beside an entry in the transaction that records it.

    ``openings`` each with its subject; ``linked`` a principal with the hashes of its identity number; ``erases`` the
    entry whose fields it orders destroyed, and which.
    """

    openings: tuple[tuple[Opening, str], ...] = ()
    linked: tuple[str, frozenset[bytes]] | None = None
    erases: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append: ``data`` are envelope bytes; with it goes what is kept beside its entry.

    ``signed`` is the same, parsed, where whoever appends has parsed it.
    """

    id: str
    type: str
    data: bytes
    tags: tuple[str, ...]
    beside: Beside | None = None
    signed: tuple[Envelope, Statement] | None = None


@dataclass(frozen=True, slots=True)
class AppendCommand:
    """Events that are recorded together or not at all, and the condition on which their decision rests."""

    events: tuple[NewEvent, ...]
    condition: DCBAppendCondition | None = None
    #: The last position whose time is not to be believed, where the command says so: if it is the last entry, time may
    #: step back here.
    doubts_until: int | None = None
    #: Does it declare what was lost? Nothing else is recorded below a head that was signed.
    declares_loss: bool = False


class Deciding(Protocol):
    """A batch under the lock of the log's head, as a decision sees it: what is recorded, and what the batch has decided
    to record before.
    """

    @property
    def size(self) -> int:
        """Entries recorded before the batch."""

    @property
    def last_recorded_at(self) -> datetime | None:
        """The instant of the last entry, one of the batch where there is one."""

    @property
    def ahead(self) -> Ahead:
        """The events of the batch."""

    @property
    def about(self) -> Sequence[DCBQueryItem]:
        """What the decisions of the batch read first."""

    @property
    def linked(self) -> Mapping[str, frozenset[bytes]]:
        """Whom the batch registers with an identity number, with the hashes of the number."""

    def taken_for(self, tag: str) -> str | None:
        """The tag of an id, recorded or of the batch, that looks like this one and is another."""


#: Decides whether a command may be recorded: raises the reason why not.
Judge = Callable[[Deciding], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A command, and who decides on it under the lock; without a judge its condition alone decides.

    ``reads`` is what the judge reads first.
    """

    command: AppendCommand
    judge: Judge | None = None
    reads: Sequence[DCBQueryItem] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """The positions of a command's events; ``replayed`` when the ids were recorded before with the same bytes."""

    positions: tuple[int, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RestoredEntry:
    """An entry's exact bytes, and what is kept beside them."""

    id: str
    type: str
    tags: tuple[str, ...]
    recorded_at: datetime
    entry: bytes


class Placed(Protocol):
    """What a receipt says of an entry."""

    @property
    def position(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def leaf_hash(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A row of the log."""

    position: int
    id: str
    type: str
    recorded_at: datetime
    entry: bytes
    leaf_hash: bytes


class Proven(Protocol):
    """What a process has proven of the log (:mod:`ledger.proven_log`); with it nothing is decided by what a row
    says.
    """

    def agreed(self, head: Head) -> Head: ...
    def envelope_of(self, event_id: str) -> tuple[int, bytes] | None: ...
    def any_matching(self, query: DCBQuery, after: int) -> bool: ...
    def taken_for(self, tag: str) -> str | None: ...
    def take(self, entries: Sequence[StoredEntry], events: Iterable[RecordedEvent] = ()) -> None: ...


@dataclass(frozen=True, slots=True)
class Head:
    """Size and Merkle frontier of the log."""

    frontier: Frontier
    last_recorded_at: datetime | None

    @property
    def size(self) -> int:
        return self.frontier.size


@dataclass(frozen=True, slots=True)
class Answering:
    """What is told with the lock of the head: which server answers, and the homes whose signing of the log has ended
    (:mod:`ledger.store.head_keepers`).
    """

    server: Server
    retired: frozenset[str]


def stored_entry(row: Row) -> StoredEntry:
    """A row of entries: position, id, type, recorded_at, entry, leaf_hash. Raises EvidenceError (``log_spoilt``) where
    a column holds nothing, or something of another kind than was written.
    """
    for value, (name, kind) in zip(row, _COLUMNS, strict=True):
        if not isinstance(value, kind):
            raise spoilt_row(row[0] if isinstance(row[0], int) else 0, name)
    return StoredEntry(*row)


def not_kept() -> EvidenceError:
    """The error for what was written and is not there, or not as it was sent."""
    return SpoiltError(
        "not_kept",
        sentence(
            "the database does not keep what is written into it: somebody has given it a trigger, a rule or a view. "
            "Nothing was recorded; run rongjian verify, which names it"
        ),
    )


def spoilt_row(position: int, column: str) -> EvidenceError:
    """A row that holds what nobody here has written into it; position 0 is that of the head."""
    place = (
        sentence("entry {position}", position=position)
        if position
        else sentence("the row that says where the log ends")
    )
    return SpoiltError(
        "log_spoilt",
        sentence(
            "{place} is gone or holds something else in column {column}; nothing is signed or recorded. Run rongjian "
            "verify, then restore a backup or a mirror",
            place=place,
            column=column,
        ),
        position=position,
        field=column if position else "log_head",
    )


_COLUMNS = (
    ("position", int),
    ("id", str),
    ("type", str),
    ("recorded_at", datetime),
    ("entry", bytes),
    ("leaf_hash", bytes),
)
