"""What people may have kept here beside the log: documents by content, counted by who brought them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from ledger.errors import InvariantError, TooManyError
from ledger.sentences import sentence
from ledger.store.database import Database

#: In which uploads are counted.
STRETCH = timedelta(hours=24)

#: Documents and bytes of one principal, and documents of one log, in that time.
PRINCIPAL_MAX = 100
PRINCIPAL_BYTES_MAX = 20_000_000
LOG_MAX = 500

#: Seconds after which to try again where as many were brought: some of them will be a day old.
RETRY_AFTER = 3_600


class Uploads:
    """Who brought which documents to one log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, principal: str, key_id: str, content: bytes, now: datetime) -> None:
        """Count a document against the quotas; one that is here already counts for nothing. Raises TooManyError."""
        digest = hashlib.sha256(content).digest()
        with self._database.transaction() as connection:
            if connection.execute("SELECT FROM document WHERE sha256 = %s", (digest,)).fetchone() is not None:
                return
            # One after the other: two at once would both find the last place free.
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{self._database.schema} uploads",)
            )
            row = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE principal = %(p)s),"
                " coalesce(sum(length) FILTER (WHERE principal = %(p)s), 0) FROM document_upload WHERE at > %(since)s",
                {"p": principal, "since": now - STRETCH},
            ).fetchone()
            if row is None:
                raise InvariantError("a query that gives one row gave none")
            if row[0] >= LOG_MAX or row[1] >= PRINCIPAL_MAX or row[2] + len(content) > PRINCIPAL_BYTES_MAX:
                raise TooManyError(
                    "too_many_documents",
                    sentence(
                        "in 24 hours a log keeps at most {log_max} new documents, and of one principal "
                        "{principal_max} with {principal_bytes_max} bytes",
                        log_max=LOG_MAX,
                        principal_max=PRINCIPAL_MAX,
                        principal_bytes_max=f"{PRINCIPAL_BYTES_MAX:,}",
                    ),
                    retry_after=RETRY_AFTER,
                )
            connection.execute(
                "INSERT INTO document_upload (at, principal, key_id, sha256, length) VALUES (%s, %s, %s, %s, %s)",
                (now, principal, key_id, digest, len(content)),
            )
