"""Who outside has attested a log's heads, as far as it is proven here.

A cosignature counts where it is of a witness that the log asks, over the root that this process has proven; a
time-stamp where it is of an authority that the log asks, over such a root, and its chain ends in that authority's
certificates. Rows that say anything else are passed over: ``rongjian verify`` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509

from ledger.errors import NotFoundError, RongjianError
from ledger.sentences import sentence
from ledger.store.seen import Cosigned, SeenRows, TimestampToken
from ledger.stored_log import StoredLog
from ledger.tlog import checkpoint, timestamp
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import timestamp_of
from ledger.tlog.note import NoteKey, split, verified

Roots = tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A head of ``size`` entries that somebody outside attested, and when, by the attester's own clock."""

    size: int
    at: datetime


class Outside:
    """Of one log. ``authorities`` are those that it asks: name -> certificates that a chain must end in."""

    def __init__(self, rows: SeenRows, log: StoredLog, origin: str, index_origin: str) -> None:
        self.rows = rows
        self.authorities: Mapping[str, Roots] = {}
        self._log = log
        self._origin = origin
        self._index_origin = index_origin

    def newest_cosigned(self, witness: NoteKey) -> Seen | None:
        """The largest head that a witness has cosigned."""
        return self._cosigned(witness, self.rows.cosignatures(str(witness), self._log.head().size))

    def first_cosigned(self, witness: NoteKey, size: int) -> Seen | None:
        """The smallest head of at least ``size`` entries that a witness has cosigned."""
        until = self._log.head().size
        return self._cosigned(witness, (c for c in self.rows.first_cosignatures(str(witness), size) if c.size <= until))

    def newest_index_cosigned(self, witness: NoteKey) -> Seen | None:
        """The largest head of the log of index heads that a witness has cosigned."""
        for cosigned, note in self.rows.index_cosignatures(str(witness)):
            text = _text_of(note)
            if text is not None and (text.origin, text.size) == (self._index_origin, cosigned.size):
                seen = _cosigned(text.text, cosigned, witness)
                if seen is not None:
                    return seen
        return None

    def stamped(self, position: int) -> TimestampToken | None:
        """The earliest time-stamp over a head that holds a position: the entry is no younger than that."""
        found = (self._stamped(name, position, newest=False) for name in self.authorities)
        return min(filter(None, found), key=lambda token: (token.at, token.size), default=None)

    def newest_stamp(self, authority: str) -> TimestampToken | None:
        """The latest time-stamp of an authority."""
        return self._stamped(authority, 0, newest=True)

    def newest_timestamp(self) -> tuple[TimestampToken, Checkpoint]:
        """The latest time-stamp of all, and the head it is over. Raises NotFoundError where there is none."""
        found = filter(None, map(self.newest_stamp, self.authorities))
        token = max(found, key=lambda token: (token.at, token.size), default=None)
        if token is None:
            raise NotFoundError(
                "no_timestamp",
                sentence(
                    "no head of this log has been time-stamped yet by an authority that it asks (timestamps.toml)"
                ),
            )
        return token, self._head(token.size)

    def _head(self, size: int) -> Checkpoint:
        return Checkpoint(self._origin, size, self._log.proved(lambda subtree: subtree(0, size)))

    def _cosigned(self, witness: NoteKey, rows: Iterable[Cosigned]) -> Seen | None:
        found = (_cosigned(self._head(row.size).text, row, witness) for row in rows if row.size > 0)
        return next(filter(None, found), None)

    def _stamped(self, authority: str, first: int, *, newest: bool) -> TimestampToken | None:
        roots = self.authorities.get(authority, ())
        for token in self.rows.stamps(authority, max(first, 1), self._log.head().size, newest=newest):
            if _states(token.response, self._head(token.size).text, roots) == token.at:
                return token
        return None


def _cosigned(text: str, row: Cosigned, witness: NoteKey) -> Seen | None:
    try:
        [(_, signature)] = verified(f"{text}\n{row.line}".encode(), [witness])[1]
        return Seen(row.size, datetime.fromtimestamp(timestamp_of(signature), UTC))
    except (RongjianError, ValueError, OverflowError):
        return None


def _text_of(note: str) -> Checkpoint | None:
    try:
        return checkpoint.parse(split(note.encode())[0])
    except (RongjianError, ValueError):
        return None


@lru_cache(maxsize=256)
def _states(response: bytes, text: str, roots: Sequence[x509.Certificate]) -> datetime | None:
    """The time of a time-stamp, once its signature and chain are seen to be good; kept, since a page asks again and
    again.
    """
    try:
        return timestamp.verify(response, text, roots).at
    except RongjianError:
        return None
