"""The notes that a log has signed, kept one per size in tables that the owner of the database can change.

A row counts where its note bears this log's own signature over the text of its size. Any other row decides nothing and
stands in nobody's way: ``rongjian verify`` names it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, LiteralString

import structlog
from psycopg import sql

from ledger.errors import RongjianError, SpoiltError
from ledger.log_signer import LogSigner
from ledger.sentences import sentence
from ledger.store.database import Database
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.checkpoint import parse as parse_checkpoint
from ledger.tlog.note import NoteKey, verified
from ledger.tlog.tag_index import IndexHead

#: Rows that are read at once in search of a note of ours.
_PAGE: Final = 50

#: Of the heads that receipts show one is stored in so many sizes, a full tile of hashes (docs/adr/0040).
APART: Final = 256

_log = structlog.get_logger(__name__)


class SignedNotes:
    """One table of notes, and where witnesses cosign them, the table of what they said."""

    def __init__(
        self, database: Database, signer: LogSigner, table: LiteralString, cosignatures: LiteralString | None = None
    ) -> None:
        self._database = database
        self._signer = signer
        self._table = sql.Identifier(table)
        self._cosignatures = sql.Identifier(cosignatures or table)
        self._kind = table
        #: The last note that was signed here or found to be ours, and its text.
        self._given = ("", "")
        #: The head that was signed last, and its note: whoever asks for the same one is given the same note.
        self._last: tuple[Checkpoint | IndexHead, str] | None = None
        #: The largest size of which a note of ours is known to be stored; None until it was looked.
        self._newest: int | None = None
        self._signing = threading.Lock()

    def once(self, head: Checkpoint | IndexHead, sign: Callable[[], str]) -> str:
        """The note of a head, signed and stored first if there is none: never two roots of one size (EvidenceError)."""
        note = self._row(head.size)
        if note is None:
            self._database.check_confirmed()
            note = self._stored(head, sign) or self._row(head.size)
        text = self._text(note) if note is not None else None
        if note is not None and text == head.text:
            return note
        if text is not None and text.startswith(head.named):
            raise SpoiltError(
                "two_heads",
                sentence(
                    "a {kind} of size {size} with another root was signed before; nothing more is signed. "
                    "Run rongjian verify",
                    kind=sentence("tag index") if self._kind == "tag_index" else sentence("checkpoint"),
                    size=head.size,
                ),
            )
        # Somebody has put a row there, or keeps ours from being kept. What decides is proven elsewhere: the tree, and
        # the newest head beside the key, from which this one follows.
        _log.error("stored_note_not_ours", log=self._signer.origin, table=self._kind, size=head.size)
        return sign()

    def given(self, head: Checkpoint, sign: Callable[[], str]) -> str:
        """The note of a head for who carries it away, as receipts do: stored once in :data:`APART` sizes.

        Of several who ask for one head the first has it signed, and the others are given what it was given.
        """
        with self._signing:
            if self._last is None or self._last[0] != head:
                self._last = head, self.once(head, sign) if self._due(head.size) else self._unstored(sign)
            return self._last[1]

    def _due(self, size: int) -> bool:
        """Is a head of a size one that is stored: is none there yet, or one of as many entries, of more, or of far
        fewer?
        """
        if self._newest is None:
            newest = next(self.newest_first(), None)
            self._newest = newest.size if newest is not None else 0
        return self._newest == 0 or not self._newest < size < self._newest + APART

    def _unstored(self, sign: Callable[[], str]) -> str:
        self._database.check_confirmed()
        return sign()

    def keep(self, head: Checkpoint, note: str) -> None:
        """Keep a note that was signed before, where its size has none."""
        self._stored(head, lambda: note)

    def of(self, head: Checkpoint) -> str | None:
        """The stored note of a head; None where there is none of ours."""
        note = self._row(head.size)
        return note if note is not None and self._text(note) == head.text else None

    def newest_first(self) -> Iterator[Checkpoint]:
        """Every head whose stored note is ours, the largest first."""
        below: int | None = None
        query = sql.SQL("SELECT size, note FROM {} WHERE %s::bigint IS NULL OR size < %s ORDER BY size DESC LIMIT %s")
        while True:
            with self._database.connection() as connection:
                rows = connection.execute(query.format(self._table), (below, below, _PAGE)).fetchall()
            for size, note in rows:
                found = parsed(self._text(str(note)))
                if found is not None and (found.origin, found.size) == (self._signer.origin, size):
                    yield found
            if len(rows) < _PAGE:
                return
            below = int(rows[-1][0])

    def cosigned_sizes(self, until: int, limit: int) -> list[int]:
        """Sizes of at most ``until`` that rows say somebody has cosigned, the largest first."""
        query = sql.SQL(
            "SELECT DISTINCT size FROM {} JOIN {} USING (size) WHERE size <= %s ORDER BY size DESC LIMIT %s"
        )
        with self._database.connection() as connection:
            rows = connection.execute(query.format(self._cosignatures, self._table), (until, limit)).fetchall()
        return [int(size) for (size,) in rows]

    def cosignatures(self, head: Checkpoint, witnesses: Sequence[NoteKey]) -> str:
        """The lines by which ``witnesses`` have cosigned a head; a reader refuses a note with a line of theirs that
        does not hold.
        """
        if not witnesses:
            return ""
        query = sql.SQL("SELECT line FROM {} WHERE size = %s ORDER BY key").format(self._cosignatures)
        with self._database.connection() as connection:
            lines = [str(line) for (line,) in connection.execute(query, (head.size,)).fetchall()]
        return "".join(dict.fromkeys(line for line in lines if _holds(head, line, witnesses)))

    def add_cosignatures(self, size: int, lines: Iterable[tuple[NoteKey, bytes]], at: datetime) -> None:
        """Keep verified cosignatures of the head of a size; the first of a key stays."""
        add = sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING").format(self._cosignatures)
        with self._database.transaction() as connection:
            for key, signature in lines:
                connection.execute(add, (size, str(key), key.line(signature), at))

    def _row(self, size: int) -> str | None:
        query = sql.SQL("SELECT note FROM {} WHERE size = %s").format(self._table)
        with self._database.connection() as connection:
            row = connection.execute(query, (size,)).fetchone()
        return str(row[0]) if row is not None else None

    def _stored(self, head: Checkpoint | IndexHead, sign: Callable[[], str]) -> str | None:
        """The note, stored; None where its size has one already."""
        add = sql.SQL("INSERT INTO {} VALUES (%s, %s, %s) ON CONFLICT (size) DO NOTHING RETURNING note")
        # In a transaction: its commit has a deadline, and says whether a standby has it.
        with self._database.transaction() as connection:
            row = connection.execute(add.format(self._table), (head.size, head.root, sign())).fetchone()
        if self._newest is not None:
            self._newest = max(self._newest, head.size)
        return str(row[0]) if row is not None else None

    def _text(self, note: str) -> str | None:
        """The text of a note that this log has signed; None of any other."""
        if self._given[0] != note:
            try:
                text, lines = verified(note.encode(), self._signer.all_keys)
            except RongjianError:
                return None
            if all(key is not self._signer.verifier_key for key, _ in lines):
                return None
            self._given = (note, text)
        return self._given[1]


def parsed(text: str | None) -> Checkpoint | None:
    """The checkpoint of a text; None where it is none."""
    try:
        return parse_checkpoint(text) if text is not None else None
    except RongjianError:
        return None


def _holds(head: Checkpoint, line: str, witnesses: Sequence[NoteKey]) -> bool:
    try:
        return len(verified(f"{head.text}\n{line}".encode(), witnesses)[1]) == 1
    except RongjianError:
        return False
