"""Who came before an organisation, and what passed on to it (B-65).

An organisation is its credit code: a renaming changes nothing. After a merger or a split the successor is a new
subject; bans, debts and earlier awards pass to it only by a reasoned decision of the government that names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.derivation.history import Live, LiveEvent
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.identity import PrincipalUpdated

What = Literal["bans", "debts", "awards"]


@dataclass(frozen=True, slots=True)
class Carried:
    """Something of a predecessor that a decision passed on."""

    predecessor: str
    decision: str


def predecessors(live: Live, org: str) -> dict[str, str]:
    """Everybody whom the organisation succeeds, directly or not -> the event that says so."""
    found: dict[str, str] = {}
    pending = [org]
    while pending:
        successor = pending.pop()
        for event in live.of(PrincipalUpdated):
            p = event.payload
            if p.successor_ids and successor in p.successor_ids and p.principal_id not in found:
                found[p.principal_id] = event.id
                pending.append(p.principal_id)
    return found


#: What ends an organisation, and what brings it back.
_ENDS = ("merged", "deregistered")
_ENDS_OR_BACK = (*_ENDS, "reinstated")


def gone(live: Live, org: str) -> LiveEvent[PrincipalUpdated] | None:
    """The entry by which an organisation is no more by D: merged into another, or struck off and not reinstated."""
    turns = [e for e in live.of(PrincipalUpdated, principal_id=org) if e.payload.kind in _ENDS_OR_BACK]
    return turns[-1] if turns and turns[-1].payload.kind in _ENDS else None


def taken_over(live: Live, org: str, what: What) -> set[str]:
    """Whose bans, debts or awards are the organisation's: its own, and those that decisions passed on to it, through
    however many.
    """
    found, pending = set[str](), [org]
    while pending:
        before = pending.pop()
        if before not in found:
            found.add(before)
            pending += [c.predecessor for c in carried(live, before, what)]
    return found


def carried(live: Live, org: str, what: What) -> list[Carried]:
    """Predecessors whose bans, debts or awards a decision passed on to the organisation by D."""
    known = predecessors(live, org)
    result = []
    for event in live.of(GovernmentDecisionMade, subject="succession"):
        result += [
            Carried(item.predecessor, event.id)
            for item in event.payload.approved
            if item.org == org and item.predecessor in known and what in item.carries
        ]
    return result
