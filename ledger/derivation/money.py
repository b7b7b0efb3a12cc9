"""Prize due, paid, and clawed back, to the fen (D18, D19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Law, Resolved
from ledger.derivation.standing import Award, award_of, awards_of, by_decision, rewin, validity
from ledger.derivation.succession import carried, predecessors
from ledger.events.after_award import HigherAwardRecorded, PostAwardReportFiled
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.money import (
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    FundMisuseFound,
    PostAwardCheckHeld,
    PrizePaid,
)
from ledger.regulation.pack import Absence
from ledger.regulation.periods import add_months, months_between


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
            return _decided(
                award,
                why,
                Undetermined(
                    "prize",
                    "B-27/G16",
                    "前次获奖已被撤销，须由政府决定",
                    "the earlier award was revoked; the government decides",
                ),
            )
        won = won | {"first": chosen == "first_win"}
    rule = top_up_rule(law, award, won)
    if rule is not None:
        before = [p for p in won["prior"] if p["award"] == rule["after"]]
        top_up = law.parameter(award.enacted, "prize.top_up", award.granted.on)
        return _top_up(law, award, rule, before, why | top_up.why)
    return _stated_prize(law, award, first=won["first"], why=why)


def top_up_rule(law: Law, award: Award, won: dict[str, Any]) -> dict[str, Any] | None:
    """The text's rule for a first win of this kind after a win of another, if it applies; ``won`` is D17's value."""
    stated = law.parameter(award.enacted, "prize.top_up", award.granted.on)
    before = {p["award"] for p in won["prior"]}
    rules = stated.value if stated.stated and won["first"] else ()
    return next((r for r in rules if r["award"] == award.kind and r["after"] in before), None)


def _top_up(law: Law, award: Award, rule: dict[str, Any], before: list[dict[str, Any]], why: Why) -> Answer[int]:
    chosen, reading = law.reading(award.enacted, "reading.top_up_literal", award.granted.on)
    if chosen == "ask" and all(p["revoked"] for p in before):
        gap = Undetermined(
            "prize.top_up",
            "B-36",
            "前次获奖已被撤销，补差须由政府决定",
            "the earlier award was revoked; the government decides",
        )
        return _decided(award, why | reading, gap)
    return Answer(int(rule["amount"]), why | reading)


def _stated_prize(law: Law, award: Award, *, first: bool, why: Why) -> Answer[int]:
    path = f"prize.{'first' if first else 'rewin'}.{award.kind}"
    stated = law.parameter(award.enacted, path, award.granted.on)
    why |= stated.why
    if stated.stated:
        return Answer(int(stated.value), why)
    if not first:
        chosen, reading = law.reading(award.enacted, "reading.repeat_quality_prize", award.granted.on)
        why |= reading
        if chosen == "no_prize":
            return Answer(0, why)
        if chosen == "first_prize":
            return _stated_prize(law, award, first=True, why=why)
    return _decided(award, why, stated.undetermined())


def _decided(award: Award, why: Why, gap: Undetermined) -> Answer[int]:
    """What the government's decision states where the text gives nothing (B-34, B-40); else the gap."""
    amount = _decided_amount(award)
    if amount is None or award.decision is None:
        return Answer(gap, why)
    return Answer(amount, why | Why(events=(award.decision.id,), readings=("B-40/G15:default",)))


def _decided_amount(award: Award) -> int | None:
    if award.decision is None:
        return None
    for item in award.decision.payload.approved:
        if item.case == award.granted.payload.case_id and item.prize_amount is not None:
            return item.prize_amount
    return None


def money(live: Live, law: Law, award_id: str) -> Answer[dict[str, Any]]:
    """D19: due, paid (less reversals), clawback ordered, received, waived, outstanding and overdue, in fen."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    due = prize_due(live, law, award_id)
    payments = live.of(PrizePaid, award_id=award_id)
    paid = paid_net(payments)
    claw, claw_events, turns = _clawback(live, award_id)
    expected = expected_clawback(live, law, award)
    value: dict[str, Any] = {
        "due": due.value() if due.is_value else None,
        "paid": paid,
        "outstanding_prize": max(0, due.value() - paid) if due.is_value else None,
        **claw,
        "expected_clawback": expected.value() if expected.is_value else expected.to_json()["undetermined"],
    }
    if isinstance(due.result, Undetermined):
        value["due_undetermined"] = due.result.to_json()
    why = due.why | Why(events=(*(p.id for p in payments), *claw_events))
    return Answer(value, why | expected.why, turns)


def paid_net(payments: Iterable[LiveEvent[PrizePaid]]) -> int:
    """Sum of payments less reversals."""
    return sum(-p.payload.amount if p.payload.reversal_of else p.payload.amount for p in payments)


def _clawback(live: Live, award_id: str) -> tuple[dict[str, int], tuple[str, ...], frozenset[date]]:
    orders = live.of(ClawbackOrdered, award_id=award_id)
    received = live.of(ClawbackReceived, award_id=award_id)
    waived = live.of(ClawbackWaived, award_id=award_id)
    settling: list[LiveEvent[ClawbackReceived | ClawbackWaived]] = [*received, *waived]
    overdue = 0
    for order in orders:
        settled = sum(e.payload.amount for e in settling if e.payload.clawback_id == order.payload.clawback_id)
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


def expected_clawback(live: Live, law: Law, award: Award) -> Answer[int]:
    """What the law demands back, in fen: all that was paid, or the part that the text states; 0 where it gives none."""
    if award.revoked is None:
        return Answer(0)
    event = award.revoked
    paid = paid_net(live.of(PrizePaid, award_id=award.award_id))
    path = f"revoke.{event.payload.ground}.clawback"
    rule, chosen = by_decision(live, law, award, path, event.payload.decision_id, event.on)
    why = Why(events=(event.id,)) | rule.why | chosen
    if rule.stated:
        return _part(live, law, award, paid, why) if rule.value else Answer(0, why)
    # The articles that give the ground say nothing of a clawback.
    why |= law.about_ground(award.enacted, event.payload.ground, event.on)
    if rule.absence is Absence.UNKNOWN:
        return Answer(rule.undetermined(), why)
    # B-55, B-56: silence after an explicit list elsewhere in the same text is no clawback, unless so interpreted.
    reading, reading_why = law.reading(award.enacted, "reading.silent_consequence", event.on)
    return Answer(0 if reading == "none" else rule.undetermined(), why | reading_why)


def grave_misuse(live: Live, law: Law, award: Award, on: date) -> list[LiveEvent[FundMisuseFound]]:
    """Findings of misuse for which the text lets the prize be ordered back; none where it gives no clawback (B-51,
    B-67).
    """
    rule = law.parameter(award.enacted, "fund_misuse.clawback", on)
    if not rule.stated:
        return []
    found = live.of(FundMisuseFound, award_id=award.award_id)
    anyhow = rule.value == "any_with_government_approval"
    return found if anyhow else [e for e in found if e.payload.severity == "serious"]


def misuse_not_ordered(live: Live, law: Law, award: Award) -> bool:
    """Was prize money misused, and neither ordered back nor its clawback rejected by the government?"""
    decisions = live.of(GovernmentDecisionMade, subject="clawback")
    rejected = max((d.position for d in decisions if award.award_id in d.payload.rejected_awards), default=0)
    found = [e for e in live.of(FundMisuseFound, award_id=award.award_id) if e.position > rejected]
    grave = [e for e in found if e in grave_misuse(live, law, award, e.on)]
    orders = live.of(ClawbackOrdered, award_id=award.award_id, reason="fund_misuse")
    ordered = sum(e.payload.amount for e in orders if e.position > rejected)
    return ordered < sum(e.payload.amount for e in grave)


def _part(live: Live, law: Law, award: Award, paid: int, why: Why) -> Answer[int]:
    """A share in percent, or by whole months of validity that remain; halves of a fen go to the debtor."""
    assert award.revoked is not None
    part = law.parameter(award.enacted, f"revoke.{award.revoked.payload.ground}.clawback_part", award.revoked.on)
    if not part.stated:
        return Answer(paid, why | Why(readings=("B-50:default",)))
    if part.value["kind"] == "share":
        return Answer(paid * part.value["percent"] // 100, why | part.why)
    interval = validity(live, law, award)
    if not interval.is_value:
        return Answer(interval.result, why | part.why)  # type: ignore[arg-type]
    start, last = interval.value()
    whole = months_between(start, last)
    left = min(whole, months_between(max(start, award.revoked.payload.effective_on), last))
    return Answer(paid * left // whole if whole else 0, why | part.why | interval.why)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of a prize: its amount in fen, and from when it may be paid (None: its condition is not met)."""

    part: int
    amount: int
    payable_from: date | None
    condition: str

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def instalments(live: Live, law: Law, award_id: str) -> Answer[list[Instalment]]:
    """The schedule of a prize that the text pays in parts; the last part takes what rounding leaves."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    mode = law.parameter(award.enacted, "prize.mode", award.granted.on)
    stated = law.parameter(award.enacted, "prize.instalments", award.granted.on)
    if not (mode.stated and mode.value == "instalments" and stated.stated):
        return Answer(
            NotApplicable("文本未规定分期拨付", "the text does not pay in instalments"), mode.why | stated.why
        )
    due = prize_due(live, law, award_id)
    if not due.is_value:
        return Answer(due.result, due.why)  # type: ignore[arg-type]
    parts = [due.value() * rule["percent"] // 100 for rule in stated.value]
    parts[-1] = due.value() - sum(parts[:-1])
    schedule = [
        Instalment(i + 1, amount, _payable_from(live, award, rule), rule["after"])
        for i, (amount, rule) in enumerate(zip(parts, stated.value, strict=True))
    ]
    return Answer(
        schedule, due.why | stated.why | mode.why, frozenset(s.payable_from for s in schedule if s.payable_from)
    )


def _payable_from(live: Live, award: Award, rule: dict[str, Any]) -> date | None:
    match rule["after"]:
        case "report":
            reports = live.of(PostAwardReportFiled, award_id=award.award_id)
            start = reports[0].on if reports else None
        case "reassessment":
            held = live.of(PostAwardCheckHeld, award_id=award.award_id, kind="reassessment", outcome="maintained")
            start = held[0].on if held else None
        case _:
            start = award.granted.payload.granted_on
    return add_months(start, rule.get("months", 0)) if start else None


def instalments_answer(live: Live, law: Law, award_id: str) -> Answer[Any]:
    """The schedule beside what was paid of each part."""
    answer = instalments(live, law, award_id)
    if not answer.is_value:
        return answer
    payments = live.of(PrizePaid, award_id=award_id)
    rows = [
        s.to_json() | {"paid": paid_net([p for p in payments if p.payload.part_no == s.part])} for s in answer.value()
    ]
    return Answer({"parts": rows}, answer.why | Why(events=tuple(p.id for p in payments)), answer.turns_on)


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
    if not totals["due"] and not open_points:
        why |= _what_pays(law, live.on)
    totals["undetermined"] = open_points
    inherited, inherited_why = _inherited(live, law, org)
    if inherited:
        totals["inherited"] = inherited
    return Answer(totals, why | inherited_why, turns)


def _what_pays(law: Law, on: date) -> Why:
    """The articles in force that give prizes: whoever has won none is owed none by these."""
    why, enacted = Why(), law.in_force(on)
    for kind in enacted.pack.awards if enacted is not None else ():
        stated = law.parameter(enacted, f"prize.first.{kind}", on)
        why |= replace(stated.why, events=())
        if stated.absence is Absence.UNKNOWN:
            why |= Why(readings=("B-45/G26:default",))
        elif stated.absence is Absence.SILENT:
            # Where the text gives no amount, a decision of the government does (B-40).
            why |= Why(readings=("B-40/G15:default",))
    return why


def _inherited(live: Live, law: Law, org: str) -> tuple[list[dict[str, Any]], Why]:
    """Open clawback of those whom the organisation succeeds; it owes it only where a decision says so (B-65)."""
    decided = {c.predecessor: c.decision for c in carried(live, org, "debts")}
    rows, why = [], Why()
    for predecessor, event_id in predecessors(live, org).items():
        answer = org_money(live, law, predecessor)
        outstanding = answer.value()["clawback_outstanding"]
        if outstanding:
            rows.append(
                {"org": predecessor, "carried_by": decided.get(predecessor), "clawback_outstanding": outstanding}
            )
            why |= answer.why | Why(events=(event_id,), readings=("B-65/G25:default",))
            why |= Why(events=(decided[predecessor],)) if predecessor in decided else Why()
    return rows, why


def bonus_due(stated: Resolved, won: LiveEvent[HigherAwardRecorded]) -> int | None:
    """What the text gives for a higher award, in fen; None where it states no amount for this level and kind."""
    if not stated.stated:
        return None
    wanted = (won.payload.level, won.payload.award_kind)
    amounts = [int(r["amount"]) for r in stated.value if (r["level"], r["kind"]) == wanted]
    return sum(amounts) if amounts else None


def bonus_outstanding(live: Live, law: Law, org: str) -> int:
    """Fen that the text in force gives an organisation for higher awards and that were not paid yet (D19)."""
    return sum(max(0, amounts["due"] - amounts["paid"]) for amounts, _ in _bonuses(live, law, org))


def _bonuses(live: Live, law: Law, org: str) -> list[tuple[dict[str, int], Why]]:
    result = []
    for event in live.of(HigherAwardRecorded, org=org):
        rules = law.parameter(law.in_force(event.payload.won_on), "prize.superior_bonus", event.on)
        payments = live.of(PrizePaid, higher_award_id=event.payload.higher_award_id)
        due = bonus_due(rules, event) or 0
        result.append(
            (
                {"due": due, "paid": paid_net(payments)},
                Why(events=(event.id, *(p.id for p in payments))) | rules.why,
            )
        )
    return result
