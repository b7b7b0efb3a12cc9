"""Money reconciled per award, organisation, edition and log: every line with its event and article, totals to the
fen.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.derivation.answer import Answer, plain
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
from projections.slices import Source, history_for, payloads

#: Columns in the order of the money's way.
AMOUNTS = (
    "entitled",
    "decided",
    "paid",
    "reversed",
    "clawback_ordered",
    "received",
    "waived",
    "outstanding",
    "overdue",
)


def reconciliation(
    source: Source, on: date, known: int, *, org: str | None = None, edition: str | None = None
) -> dict[str, Any]:
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
        raise NotFoundError("edition_unknown", f"no edition {edition} is known", f"没有届次 {edition}")
    orgs = list(dict.fromkeys(p.org for p in wanted)) if org is None else [org]
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    untold: list[dict[str, Any]] = []
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
    totals = {name: sum(r[name] or 0 for r in rows) for name in AMOUNTS}
    return {
        "as_of": on.isoformat(),
        "totals": totals,
        "by_org": _by(rows, "org"),
        "by_edition": _by(rows, "edition"),
        "rows": rows,
        "lines": lines,
        "undetermined": [{"award_id": r["award_id"], "amount": "entitled"} for r in rows if r["entitled"] is None]
        + untold,
        "balanced": _balanced(totals, lines),
    }


def _award(live: Live, award: str, value: Answer[MoneyOfAward]) -> dict[str, Any]:
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


def _movements(live: Live, award: str) -> list[dict[str, Any]]:
    moved: list[LiveEvent[PrizePaid | ClawbackOrdered | ClawbackReceived | ClawbackWaived]] = live.of(
        PrizePaid, ClawbackOrdered, ClawbackReceived, ClawbackWaived, award_id=award
    )
    rows = []
    for event in moved:
        p = event.payload
        match p:
            case PrizePaid():
                column, day = "paid" if p.reversal_of is None else "reversed", p.paid_on
            case ClawbackOrdered():
                column, day = "clawback_ordered", event.on
            case ClawbackReceived():
                column, day = "received", p.received_on
            case ClawbackWaived():
                column, day = "waived", event.on
        rows.append(
            plain(
                {
                    "award_id": award,
                    "org": p.org,
                    "column": column,
                    "amount": p.amount,
                    "on": day,
                    "event": event.id,
                    "type": event.type,
                    "articles": list(event.recorded.statement.basis),
                    "voucher_no": getattr(p, "voucher_no", None),
                }
            )
        )
    return rows


def _bonuses(live: Live, law: Law, org: str) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    result = []
    for won in live.of(HigherAwardRecorded, org=org):
        rules = law.parameter(law.in_force(won.payload.won_on), "prize.superior_bonus", won.on)
        payments = live.of(PrizePaid, higher_award_id=won.payload.higher_award_id)
        paid = [e for e in payments if e.payload.reversal_of is None]
        undone = [e for e in payments if e.payload.reversal_of is not None]
        row = dict.fromkeys(AMOUNTS, 0) | {
            "award_id": won.payload.higher_award_id,
            "org": org,
            "edition": None,
            "entitled": bonus_due(rules, won) or 0,
            "decided": None,
            "paid": sum(e.payload.amount for e in paid),
            "reversed": sum(e.payload.amount for e in undone),
            "articles": list(rules.why.articles),
            "events": [won.id, *(e.id for e in payments)],
        }
        moved = [
            plain(
                {
                    "award_id": row["award_id"],
                    "org": org,
                    "column": "reversed" if e in undone else "paid",
                    "amount": e.payload.amount,
                    "on": e.payload.paid_on,
                    "event": e.id,
                    "type": e.type,
                    "articles": list(e.recorded.statement.basis),
                    "voucher_no": e.payload.voucher_no,
                }
            )
            for e in payments
        ]
        result.append((row, moved))
    return result


def _by(rows: list[dict[str, Any]], name: str) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        if row[name] is not None:
            into = sums.setdefault(row[name], dict.fromkeys(AMOUNTS, 0))
            for column in AMOUNTS:
                into[column] += row[column] or 0
    return sums


def _balanced(totals: dict[str, int], lines: list[dict[str, Any]]) -> bool:
    """The movements, added up, are the totals; and what is outstanding is what was ordered and neither received nor
    waived.
    """
    moved = {
        c: sum(line["amount"] for line in lines if line["column"] == c)
        for c in ("paid", "reversed", "clawback_ordered", "received", "waived")
    }
    return (
        all(moved[c] == totals[c] for c in moved)
        and totals["outstanding"] == totals["clawback_ordered"] - totals["received"] - totals["waived"]
    )
