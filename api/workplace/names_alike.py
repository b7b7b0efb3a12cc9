"""Organisations whose name differs from a new one in width, case or blanks only: the clerk is asked, nobody is
refused.
"""

from __future__ import annotations

import unicodedata

from ledger.application import Ledger
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.events.identity import GenesisDeclared, PrincipalRegistered, PrincipalUpdated
from ledger.events.registry import Payload, topics
from ledger.statement import Statement

_NAMING = (GenesisDeclared, PrincipalRegistered, PrincipalUpdated)


def alike(ledger: Ledger, statement: Statement) -> list[str]:
    """Names in the log, of other principals, that read like the one that a registration or a renaming brings."""
    if not isinstance(statement.payload, PrincipalRegistered | PrincipalUpdated):
        return []
    named = dict(_names(statement.payload))
    others = {
        other
        for event in ledger.events(DCBQuery([DCBQueryItem(types=topics(*_NAMING))]))
        for principal, other in _names(event.statement.payload)
        for own, name in named.items()
        if principal != own and _read(other) == _read(name)
    }
    return sorted(others)


def _names(payload: Payload) -> list[tuple[str, str]]:
    match payload:
        case GenesisDeclared(founders=founders):
            named = [(f.principal_id, f.org_name) for f in founders]
        case PrincipalRegistered(principal_id=principal, org_name=name):
            named = [(principal, name)]
        case PrincipalUpdated(principal_id=principal, new_name=name):
            named = [(principal, name)]
        case _:
            named = []
    return [(principal, name) for principal, name in named if name is not None]


def _read(name: str) -> str:
    """The name as it is read: without width (NFKC), case and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
