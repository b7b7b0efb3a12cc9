"""Who of those with a seat read what: an append-only table beside the log, read by those who are watched as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.clock import format_instant
from ledger.store.database import Database


@dataclass(frozen=True, slots=True)
class Visit:
    """One page read: by whom, with which key, holding which roles, and what for."""

    at: datetime
    principal: str
    key_id: str
    roles: str
    page: str
    purpose: str

    def to_json(self) -> dict[str, Any]:
        return {
            "at": format_instant(self.at), "person": self.principal, "key_id": self.key_id, "roles": self.roles,
            "page": self.page, "purpose": self.purpose,
        }  # fmt: skip


def record_visit(database: Database, visit: Visit) -> None:
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO visit (at, principal, key_id, roles, page, purpose) VALUES (%s, %s, %s, %s, %s, %s)",
            (visit.at, visit.principal, visit.key_id, visit.roles, visit.page, visit.purpose),
        )


def visits(database: Database, principal: str | None, limit: int) -> list[Visit]:
    """The newest visits, of one principal or of all."""
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT at, principal, key_id, roles, page, purpose FROM visit WHERE %s::text IS NULL OR principal = %s ORDER BY number DESC LIMIT %s",
            (principal, principal, limit),
        ).fetchall()
    return [Visit(*row) for row in rows]
