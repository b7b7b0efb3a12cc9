"""Orders of erasure, and what is left of the values that they name."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.errors import NotFoundError
from tests.builders import Town

D = date(2023, 6, 20)
LATER = date(2023, 7, 20)


def registered(town: Town, who: str) -> str:
    return next(
        e.statement.id
        for e in town.ledger.events()
        if e.statement.type == "PrincipalRegistered" and e.statement.payload.principal_id == who
    )


def order_of(target: str, *paths: str, subject: str | None = None, **more: Any) -> dict[str, Any]:
    members: dict[str, Any] = {
        "by": "opr",
        "as_": "OPR",
        "with_": ("dis",),
        "target_event": target,
        "paths": list(paths),
    }
    members |= {"action": "erased", "purpose": "本人申请", "legal_basis": "个人信息保护法第四十七条"}
    return members | ({"subject": subject} if subject else {}) | more


def states(town: Town, target: str) -> dict[str, str]:
    return {f.pointer: f.state for f in town.ledger.disclosing.fields(target)}


def opens(town: Town, target: str, pointer: str) -> bool:
    try:
        return bool(town.ledger.erasures.open(town.ledger.event(target), pointer).value)
    except NotFoundError:
        return False
