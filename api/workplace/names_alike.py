"""Organisations whose name differs from a new one in width, case or blanks only: the clerk is asked, nobody is
refused.
"""

from __future__ import annotations

import unicodedata

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.application import Ledger
from ledger.statement import Statement

_NAMING = ("GenesisDeclared", "PrincipalRegistered", "PrincipalUpdated")


def alike(ledger: Ledger, statement: Statement) -> list[str]:
    """Names in the log, of other principals, that read like the one that a registration or a renaming brings."""
    name = getattr(
        statement.payload,
        {"PrincipalRegistered": "org_name", "PrincipalUpdated": "new_name"}.get(statement.type, ""),
        None,
    )
    if name is None:
        return []
    others = {
        other
        for event in ledger.events(DCBQuery([DCBQueryItem(types=list(_NAMING))]))
        for principal, other in _names(event.statement)
        if principal != statement.payload.principal_id and _read(other) == _read(name)
    }
    return sorted(others)


def _names(statement: Statement) -> list[tuple[str, str]]:
    p = statement.payload
    if statement.type == "GenesisDeclared":
        return [(f.principal_id, f.org_name) for f in p.founders if f.org_name is not None]
    name = p.org_name if statement.type == "PrincipalRegistered" else p.new_name
    return [(p.principal_id, name)] if name is not None else []


def _read(name: str) -> str:
    """The name as it is read: without width (NFKC), case and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
