"""Which members are amounts and which are scores, as the records of facts say; beside them those of payloads and
inquiries.

Pages, sheets and sentences know a value by the name of its member: whole numbers of the one are fen, texts of the other
are scores.
"""

from __future__ import annotations

from ledger.derivation.record import Kind
from ledger.events.schema import money_members
from ledger.events.vocabulary import EVENTS
from projections.facts import ALL
from projections.figures import OTHER_SCORES

#: The name of ``due`` where it is an amount of money, and not a day on which something is due.
DUE_AMOUNT = "due_amount"


def member_of(name: str, value: object) -> str:
    """The member whose label and kind a value has under a name: in an answer about money ``due`` is a number."""
    return DUE_AMOUNT if name == "due" and isinstance(value, int) else name


def named(kind: Kind) -> frozenset[str]:
    """Members of answers that are of a kind, and the facts whose value is."""
    return frozenset(member.name or fact.name for fact in ALL for member in fact.members() if member.kind == kind)


MONEY: frozenset[str] = frozenset().union(*map(money_members, EVENTS.values())) | named("money") | {DUE_AMOUNT}
SCORES: frozenset[str] = OTHER_SCORES | named("score")
