"""What readers report of the public pages.

Nobody has signed it, so it stands beside the log, sealed, until it is old (docs/adr/0011).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ledger import canonical
from ledger.errors import ConflictError, NotFoundError, TooManyError
from ledger.sentences import sentence
from ledger.store.database import Database, Row
from ledger.store.vault import Vault

#: Answered reports go so long after the answer.
KEPT = timedelta(days=730)

#: So many may be unanswered in one log.
OPEN_MAX = 2_000

#: Seconds after which to try again where as many are: the office makes the room.
RETRY_AFTER = 3_600

Outcome = Literal["corrected", "no_error", "passed_on"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the office says to a report."""

    outcome: Outcome
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """A report without its text: ``page`` is the page's address, ``known_at`` the size of the log when it came."""

    id: str
    received_at: datetime
    page: str
    known_at: int
    answer: Answer | None


_COLUMNS = "id, received_at, page, known_at, outcome, answer, answered_by, answered_at"


def _report(row: Row) -> ErrorReport:
    name, received, page, known_at, outcome, answer, by, at = row
    return ErrorReport(name, received, page, known_at, None if at is None else Answer(outcome, answer, by, at))


class ErrorReports:
    """The reports about one log's pages."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def put(self, report: ErrorReport, text: str, contact: str) -> None:
        """Keep a new report; TooManyError while too many wait for an answer."""
        sealed = self._vault.seal_beside(
            "error-report", report.id, canonical.encode({"contact": contact, "text": text})
        )
        self.forget(report.received_at)
        with self._database.transaction() as connection:
            found = connection.execute("SELECT count(*) FROM error_report WHERE answered_at IS NULL").fetchone()
            if found is not None and found[0] >= OPEN_MAX:
                raise TooManyError(
                    "too_many_reports",
                    sentence("{open_max} reports wait for an answer already", open_max=OPEN_MAX),
                    retry_after=RETRY_AFTER,
                )
            connection.execute(
                "INSERT INTO error_report (id, received_at, page, known_at, sealed) VALUES (%s, %s, %s, %s, %s)",
                (report.id, report.received_at, report.page, report.known_at, sealed),
            )

    def forget(self, now: datetime) -> None:
        """Delete what was answered long enough ago: with every new report, and whenever the office looks."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM error_report WHERE answered_at < %s", (now - KEPT,))

    def get(self, report_id: str) -> ErrorReport:
        with self._database.connection() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM error_report WHERE id = %s", (report_id,)).fetchone()
        if row is None:
            raise _unknown()
        return _report(row)

    def rows(self, limit: int) -> list[ErrorReport]:
        """Unanswered ones first, then the newest."""
        with self._database.connection() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM error_report ORDER BY answered_at IS NOT NULL, received_at DESC, id LIMIT %s",
                (limit,),
            ).fetchall()
        return [_report(row) for row in rows]

    def waiting(self) -> int:
        """How many are unanswered."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT count(*) FROM error_report WHERE answered_at IS NULL").fetchone()
        return int(row[0]) if row else 0

    def said(self, report_id: str) -> tuple[str, str]:
        """Text and contact. Raises NotFoundError; EvidenceError where the row was altered."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT sealed FROM error_report WHERE id = %s", (report_id,)).fetchone()
        if row is None:
            raise _unknown()
        value = canonical.parse_object(self._vault.open_beside("error-report", report_id, bytes(row[0])), "report")
        return str(value["text"]), str(value["contact"])

    def settle(self, report_id: str, answer: Answer) -> None:
        """Answer a report, once; ConflictError where it has an answer."""
        with self._database.transaction() as connection:
            done = connection.execute(
                "UPDATE error_report SET outcome = %s, answer = %s, answered_by = %s, answered_at = %s WHERE id "
                "= %s AND answered_at IS NULL",
                (answer.outcome, answer.text, answer.by, answer.at, report_id),
            ).rowcount
        if not done:
            self.get(report_id)
            raise ConflictError("report_answered", sentence("the report has an answer already"))


def _unknown() -> NotFoundError:
    return NotFoundError("report_unknown", sentence("there is no report of this number"))
