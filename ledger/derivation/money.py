"""Prize due, paid, and clawed back, to the fen (D18, D19)."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Law
from ledger.derivation.standing import Award, award_of, awards_of, rewin


def prize_due(live: Live, law: Law, award_id: str) -> Answer[int]:
    """D18: the prize that the law (or, where it is silent, the government's decision) gives, in fen."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    if award.revoked is not None and award.revoked.payload.void_from == "origin":
        return Answer(0, Why(events=(award.granted.id, award.revoked.id)))
    history = rewin(live, law, award_id)
    won = history.value()
    why = Why(events=(award.granted.id,)) | history.why
    if won["after_revocation"]:
        chosen, reading = law.reading(award.enacted, "reading.rewin_after_revocation", award.granted.on)
        why |= reading
        if chosen == "ask":
            return Answer(
                Undetermined(
                    "prize",
                    "B-27/G16",
                    "前次获奖已被撤销，须由政府决定",
                    "the earlier award was revoked; the government decides",
                ),
                why,
            )
        won = won | {"first": chosen == "first_win"}
    top_up = law.parameter(award.enacted, "prize.top_up", award.granted.on)
    if won["first"] and top_up.stated:
        for rule in top_up.value:
            if rule["award"] == award.kind and any(p["award"] == rule["after"] for p in won["prior"]):
                return Answer(int(rule["amount"]), why | top_up.why)
    path = f"prize.{'first' if won['first'] else 'rewin'}.{award.kind}"
    stated = law.parameter(award.enacted, path, award.granted.on)
    why |= stated.why
    if stated.stated:
        return Answer(int(stated.value), why)
    decided = _decided_amount(award)
    if decided is not None and won["first"]:
        assert award.decision is not None
        return Answer(decided, why | Why(events=(award.decision.id,), readings=("B-40:default",)))
    return Answer(stated.undetermined(), why)


def _decided_amount(award: Award) -> int | None:
    if award.decision is None:
        return None
    for item in award.decision.payload.approved:
        if item.case == award.granted.payload.case_id and item.prize_amount is not None:
            return int(item.prize_amount)
    return None


def money(live: Live, law: Law, award_id: str) -> Answer[dict[str, Any]]:
    """D19: due, paid (less reversals), clawback ordered, received, waived, outstanding and overdue, in fen."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    due = prize_due(live, law, award_id)
    payments = live.of("PrizePaid", award_id=award_id)
    paid = paid_net(payments)
    claw, claw_events, turns = _clawback(live, award_id)
    value: dict[str, Any] = {
        "due": due.value() if due.is_value else None,
        "paid": paid,
        "outstanding_prize": max(0, due.value() - paid) if due.is_value else None,
        **claw,
        "expected_clawback": _expected(live, law, award, paid),
    }
    if isinstance(due.result, Undetermined):
        value["due_undetermined"] = due.result.to_json()
    why = due.why | Why(events=(*(p.id for p in payments), *claw_events))
    return Answer(value, why | _expected_why(law, award), turns)


def paid_net(payments: list[LiveEvent]) -> int:
    """Sum of payments less reversals."""
    return sum(-p.payload.amount if p.payload.reversal_of else p.payload.amount for p in payments)


def _clawback(live: Live, award_id: str) -> tuple[dict[str, int], tuple[str, ...], frozenset[date]]:
    orders = live.of("ClawbackOrdered", award_id=award_id)
    received = live.of("ClawbackReceived", award_id=award_id)
    waived = live.of("ClawbackWaived", award_id=award_id)
    overdue = 0
    for order in orders:
        settled = sum(
            e.payload.amount for e in (*received, *waived) if e.payload.clawback_id == order.payload.clawback_id
        )
        if live.on > order.payload.due_on:
            overdue += max(0, order.payload.amount - settled)
    totals = [sum(e.payload.amount for e in events) for events in (orders, received, waived)]
    value = {
        "clawback_ordered": totals[0],
        "clawback_received": totals[1],
        "clawback_waived": totals[2],
        "clawback_outstanding": totals[0] - totals[1] - totals[2],
        "clawback_overdue": overdue,
    }
    turns = frozenset(next_day(order.payload.due_on) for order in orders)
    return value, tuple(e.id for e in (*orders, *received, *waived)), turns


def _expected(live: Live, law: Law, award: Award, paid: int) -> Any:
    """What the law demands back: the whole prize where the ground has clawback; 0 where the text gives none."""
    if award.revoked is None:
        return 0
    rule = law.parameter(award.enacted, f"revoke.{award.revoked.payload.ground}.clawback", award.revoked.on)
    if rule.stated:
        return paid if rule.value else 0
    # B-55, B-56: silence after an explicit list elsewhere in the same text is no clawback; a text that was
    # not seen leaves the question open.
    return 0 if rule.absence == "silent" else rule.undetermined().to_json()


def _expected_why(law: Law, award: Award) -> Why:
    if award.revoked is None:
        return Why()
    return law.parameter(award.enacted, f"revoke.{award.revoked.payload.ground}.clawback", award.revoked.on).why | Why(
        events=(award.revoked.id,)
    )


def org_money(live: Live, law: Law, org: str) -> Answer[dict[str, Any]]:
    """D19 summed over an organisation's awards, with bonuses for higher awards (JD六(二))."""
    names = (
        "due",
        "paid",
        "outstanding_prize",
        "clawback_ordered",
        "clawback_received",
        "clawback_waived",
        "clawback_outstanding",
        "clawback_overdue",
    )
    totals: dict[str, Any] = dict.fromkeys(names, 0)
    why, turns = Why(), frozenset[date]()
    open_points: list[Any] = []
    for award in awards_of(live, law, org):
        answer = money(live, law, award.award_id)
        why, turns = why | answer.why, turns | answer.turns_on
        for name in names:
            amount = answer.value()[name]
            if amount is None:
                open_points.append({"award_id": award.award_id, "amount": name})
            else:
                totals[name] += amount
    for bonus, bonus_why in _bonuses(live, law, org):
        totals["due"] += bonus["due"]
        totals["paid"] += bonus["paid"]
        why |= bonus_why
    return Answer(totals | {"undetermined": open_points}, why, turns)


def _bonuses(live: Live, law: Law, org: str) -> list[tuple[dict[str, int], Why]]:
    result = []
    for event in live.of("HigherAwardRecorded", org=org):
        rules = law.parameter(law.in_force(event.payload.won_on), "prize.superior_bonus", event.on)
        payments = live.of("PrizePaid", higher_award_id=event.payload.higher_award_id)
        due = 0
        if rules.stated:
            due = sum(
                int(r["amount"])
                for r in rules.value
                if (r["level"], r["kind"]) == (event.payload.level, event.payload.award_kind)
            )
        result.append(
            (
                {"due": due, "paid": paid_net(payments)},
                Why(events=(event.id, *(p.id for p in payments))) | rules.why,
            )
        )
    return result
