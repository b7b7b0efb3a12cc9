"""Money reconciled per award, organisation, edition and log: every line with its event and article, totals to the
fen.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Literal, TypedDict, get_args

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.answer import Answer
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Law
from ledger.derivation.money import MoneyOfAward, bonus_due, money
from ledger.errors import InvariantError, NotFoundError
from ledger.events.after_award import HigherAwardRecorded
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import EditionOpened
from ledger.events.money import ClawbackOrdered, ClawbackReceived, ClawbackWaived, PrizePaid
from ledger.events.registry import topics
from ledger.statement import edition_of
from projections.as_of import state
from projections.deriving import derived
from projections.sentences import sentence
from projections.slices import Source, history_for, payloads

Amount = Literal[
    "entitled",
    "decided",
    "paid",
    "reversed",
    "clawback_ordered",
    "received",
    "waived",
    "outstanding",
    "overdue",
]
#: Columns in the order of the money's way.
AMOUNTS: tuple[Amount, ...] = get_args(Amount)

#: Columns that single movements add up to.
Moved = Literal["paid", "reversed", "clawback_ordered", "received", "waived"]
_MOVED: tuple[Moved, ...] = get_args(Moved)


class AccountRow(TypedDict):
    """Money of one award in fen, or of a bonus for a higher one, which is of no edition; None cannot be told."""

    award_id: str
    org: str
    edition: str | None
    entitled: int | None
    decided: int | None
    paid: int
    reversed: int
    clawback_ordered: int
    received: int
    waived: int
    outstanding: int
    overdue: int
    articles: list[str]
    events: list[str]


class MoneyMoved(TypedDict):
    """One movement, in the column that it adds to."""

    award_id: str
    org: str
    column: Moved
    amount: int
    on: str
    event: str
    type: str
    articles: list[str]
    voucher_no: str | None


class Untold(TypedDict):
    """An amount that is in no sum; ``all`` of an award whose money could not be derived."""

    award_id: str
    amount: Literal["all", "entitled"]


class Reconciliation(TypedDict):
    """Awards with their movements, sums by column, and whether they agree."""

    as_of: str
    totals: dict[str, int]
    by_org: dict[str, dict[str, int]]
    by_edition: dict[str, dict[str, int]]
    rows: list[AccountRow]
    lines: list[MoneyMoved]
    undetermined: list[Untold]
    balanced: bool


def reconciliation(
    source: Source, on: date, known: int, *, org: str | None = None, edition: str | None = None
) -> Reconciliation:
    """Awards (and bonuses for higher awards) with their movements, and sums over them; undetermined amounts are named,
    not summed.
    """
    granted = source.events(DCBQuery([DCBQueryItem(types=topics(AwardGranted))]), until=known)
    wanted = [
        p
        for p in payloads(AwardGranted, granted)
        if (org is None or p.org == org) and (edition is None or edition_of(p.case_id) == edition)
    ]
    if edition is not None and not source.events(
        DCBQuery([DCBQueryItem(types=topics(EditionOpened), tags=[f"ed:{edition}"])]), until=known
    ):
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=edition))
    orgs = list(dict.fromkeys(p.org for p in wanted)) if org is None else [org]
    rows: list[AccountRow] = []
    lines: list[MoneyMoved] = []
    untold: list[Untold] = []
    for one in orgs:
        live, law = state(history_for(source, "org", one, known), source.packs(), on, known)
        own = dict.fromkeys(p.award_id for p in wanted if p.org == one)
        for award in own:
            if live.last(AwardGranted, award_id=award) is None:
                continue
            told = derived(f"award.money of {award}", partial(money, live, law, award))
            if not told.is_value:
                untold.append({"award_id": award, "amount": "all"})
                continue
            rows.append(_award(live, award, told))
            lines += _movements(live, award)
        if edition is None:
            for row, moved in _bonuses(live, law, one):
                rows.append(row)
                lines += moved
    totals: dict[str, int] = {name: sum(r[name] or 0 for r in rows) for name in AMOUNTS}
    return {
        "as_of": on.isoformat(),
        "totals": totals,
        "by_org": _by(rows, "org"),
        "by_edition": _by(rows, "edition"),
        "rows": rows,
        "lines": lines,
        "undetermined": [
            *(Untold(award_id=r["award_id"], amount="entitled") for r in rows if r["entitled"] is None),
            *untold,
        ],
        "balanced": _balanced(totals, lines),
    }


def _award(live: Live, award: str, value: Answer[MoneyOfAward]) -> AccountRow:
    granted = live.last(AwardGranted, award_id=award)
    if granted is None:
        raise InvariantError("an award that was met was never granted")
    p = granted.payload
    told = value.value()
    decision = live.last(GovernmentDecisionMade, decision_id=p.decision_id)
    decided = [i.prize_amount for i in decision.payload.approved if i.case == p.case_id] if decision else []
    payments = live.of(PrizePaid, award_id=award)
    return {
        "award_id": award,
        "org": p.org,
        "edition": edition_of(p.case_id),
        "entitled": told.due,
        "decided": decided[0] if decided else None,
        "paid": sum(e.payload.amount for e in payments if e.payload.reversal_of is None),
        "reversed": sum(e.payload.amount for e in payments if e.payload.reversal_of is not None),
        "clawback_ordered": told.clawback_ordered,
        "received": told.clawback_received,
        "waived": told.clawback_waived,
        "outstanding": told.clawback_outstanding,
        "overdue": told.clawback_overdue,
        "articles": list(value.why.articles),
        "events": list(value.why.events),
    }


def _movements(live: Live, award: str) -> list[MoneyMoved]:
    moved: list[LiveEvent[PrizePaid | ClawbackOrdered | ClawbackReceived | ClawbackWaived]] = live.of(
        PrizePaid, ClawbackOrdered, ClawbackReceived, ClawbackWaived, award_id=award
    )
    return [_moved(award, event.payload.org, event) for event in moved]


def _moved(
    award: str, org: str, event: LiveEvent[PrizePaid | ClawbackOrdered | ClawbackReceived | ClawbackWaived]
) -> MoneyMoved:
    column: Moved
    p, voucher = event.payload, None
    match p:
        case PrizePaid():
            column, day, voucher = "paid" if p.reversal_of is None else "reversed", p.paid_on, p.voucher_no
        case ClawbackOrdered():
            column, day = "clawback_ordered", event.on
        case ClawbackReceived():
            column, day, voucher = "received", p.received_on, p.voucher_no
        case ClawbackWaived():
            column, day = "waived", event.on
    return {
        "award_id": award,
        "org": org,
        "column": column,
        "amount": p.amount,
        "on": day.isoformat(),
        "event": event.id,
        "type": event.type,
        "articles": list(event.recorded.statement.basis),
        "voucher_no": voucher,
    }


def _bonuses(live: Live, law: Law, org: str) -> list[tuple[AccountRow, list[MoneyMoved]]]:
    result = []
    for won in live.of(HigherAwardRecorded, org=org):
        rules = law.parameter(law.in_force(won.payload.won_on), "prize.superior_bonus", won.on)
        payments = live.of(PrizePaid, higher_award_id=won.payload.higher_award_id)
        paid = [e for e in payments if e.payload.reversal_of is None]
        undone = [e for e in payments if e.payload.reversal_of is not None]
        row: AccountRow = {
            "entitled": bonus_due(rules, won) or 0,
            "decided": None,
            "paid": sum(e.payload.amount for e in paid),
            "reversed": sum(e.payload.amount for e in undone),
            "clawback_ordered": 0,
            "received": 0,
            "waived": 0,
            "outstanding": 0,
            "overdue": 0,
            "award_id": won.payload.higher_award_id,
            "org": org,
            "edition": None,
            "articles": list(rules.why.articles),
            "events": [won.id, *(e.id for e in payments)],
        }
        result.append((row, [_moved(row["award_id"], org, e) for e in payments]))
    return result


def _by(rows: list[AccountRow], name: Literal["org", "edition"]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        of = row[name]
        if of is not None:
            into = sums.setdefault(of, dict.fromkeys(AMOUNTS, 0))
            for column in AMOUNTS:
                into[column] += row[column] or 0
    return sums


def _balanced(totals: dict[str, int], lines: list[MoneyMoved]) -> bool:
    """The movements, added up, are the totals; and what is outstanding is what was ordered and neither received nor
    waived.
    """
    moved = {c: sum(line["amount"] for line in lines if line["column"] == c) for c in _MOVED}
    return (
        all(moved[c] == totals[c] for c in moved)
        and totals["outstanding"] == totals["clawback_ordered"] - totals["received"] - totals["waived"]
    )
