"""Submissions that wait for a second signature: kept sealed until they are recorded, withdrawn or too old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from ledger.errors import NotFoundError, TooManyError
from ledger.sentences import sentence
from ledger.store.database import Database, Row
from ledger.store.vault import Vault

#: Older ones are no longer shown, and go when the next one comes.
KEPT = timedelta(days=60)

#: So many may wait in one log.
WAITING_MAX = 2_000

#: Seconds after which to try again where as many wait: people make the room.
RETRY_AFTER = 3_600


_ROWS = """SELECT id, type, actor, role, waits_for, posted_at, sealed FROM pending_submission
    WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = pending_submission.id)"""


@dataclass(frozen=True, slots=True)
class Pending:
    """What is shown of a waiting submission without opening it."""

    id: str
    type: str
    actor: str
    role: str
    #: Roles whose second signature it may need.
    waits_for: tuple[str, ...]
    posted_at: datetime


def forget_recorded(connection: Connection[Row], *recorded: str) -> None:
    """Forget the copies of what is recorded, in the transaction that records it: erasing reaches no other place than
    the log's own.
    """
    connection.execute("DELETE FROM pending_submission WHERE id = ANY(%s)", (list(recorded),))


def forget_all_recorded(connection: Connection[Row]) -> None:
    """The same for whatever a restored backup brought back, or earlier versions left."""
    connection.execute("DELETE FROM pending_submission WHERE id IN (SELECT id FROM entry)")


class PendingSubmissions:
    """The waiting submissions of one log."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def put(self, row: Pending, submission: bytes) -> None:
        """Keep a submission; the same one posted again takes its place.

        What the log holds by now waits for nobody: not kept.
        """
        sealed = self._vault.seal_beside("pending", row.id, submission)
        with self._database.transaction() as connection:
            # A transaction that records holds this row to its end: what is recorded meanwhile is seen below.
            connection.execute("SELECT FROM log_head FOR SHARE")
            connection.execute("DELETE FROM pending_submission WHERE posted_at < %s", (row.posted_at - KEPT,))
            if connection.execute("SELECT FROM entry WHERE id = %s", (row.id,)).fetchone() is not None:
                return
            found = connection.execute("SELECT count(*) FROM pending_submission WHERE id <> %s", (row.id,)).fetchone()
            if found is not None and found[0] >= WAITING_MAX:
                raise TooManyError(
                    "too_many_pending",
                    sentence(
                        "{waiting_max} submissions wait already, until somebody signs or sends back some of them",
                        waiting_max=WAITING_MAX,
                    ),
                    retry_after=RETRY_AFTER,
                )
            connection.execute(
                "INSERT INTO pending_submission VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE "
                "SET sealed = EXCLUDED.sealed",
                (row.id, row.type, row.actor, row.role, list(row.waits_for), row.posted_at, sealed),
            )

    def rows(self) -> list[Pending]:
        """All that wait, the newest first; what the log holds by now waits no more, however it came there."""
        with self._database.connection() as connection:
            rows = connection.execute(f"{_ROWS} ORDER BY posted_at DESC, id").fetchall()
        return [Pending(name, kind, actor, role, tuple(waits), at) for name, kind, actor, role, waits, at, _ in rows]

    def get(self, statement_id: str) -> tuple[Pending, bytes]:
        """One that waits, and the submission; NotFoundError where none of this id does."""
        with self._database.connection() as connection:
            row = connection.execute(f"{_ROWS} AND id = %s", (statement_id,)).fetchone()
        if row is None:
            raise NotFoundError("pending_unknown", sentence("nothing of this id waits for a signature"))
        name, kind, actor, role, waits, at, sealed = row
        return Pending(name, kind, actor, role, tuple(waits), at), self._vault.open_beside(
            "pending", name, bytes(sealed)
        )

    def change(self, statement_id: str, change: Callable[[bytes], bytes]) -> bytes:
        """Change a submission in its place, one caller after the other, so that of two signatures added at once none is
        lost.
        """
        with self._database.transaction() as connection:
            row = connection.execute(f"{_ROWS} AND id = %s FOR UPDATE", (statement_id,)).fetchone()
            if row is None:
                raise NotFoundError("pending_unknown", sentence("nothing of this id waits for a signature"))
            changed = change(self._vault.open_beside("pending", statement_id, bytes(row[6])))
            connection.execute(
                "UPDATE pending_submission SET sealed = %s WHERE id = %s",
                (self._vault.seal_beside("pending", statement_id, changed), statement_id),
            )
        return changed

    def drop(self, statement_id: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM pending_submission WHERE id = %s", (statement_id,))
