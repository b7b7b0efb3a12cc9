"""Prize due, paid, and clawed back, to the fen (D18, D19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, NotDerivable, Undetermined, Why
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Law, Resolved
from ledger.derivation.record import WORD, Day, EventRef, Money, Name, Number, Record, Word
from ledger.derivation.standing import NO_AWARD, Award, Earlier, award_of, awards_of, by_decision, term, wins_before
from ledger.derivation.succession import carried, predecessors
from ledger.errors import InvariantError
from ledger.events.after_award import AwardRevoked, AwardSetAside, HigherAwardRecorded, PostAwardReportFiled
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.money import (
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    FundMisuseFound,
    PostAwardCheckHeld,
    PrizePaid,
)
from ledger.regulation.periods import add_months, months_between
from ledger.regulation.stated import Absence
from ledger.regulation.tables import ClawbackPart, PrizePart, SuperiorBonus, TopUp, needed


def prize_due(live: Live, law: Law, award_id: str) -> Answer[int]:
    """D18: the prize that the law (or, where it is silent, the government's decision) gives, in fen.

    A revocation takes away what the text demands back, paid or not; a ruling what a reading says (B-91, B-92).
    """
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    # What is decided already, though it takes effect on a coming day, is not paid against.
    ruling = award.set_aside or live.last(AwardSetAside, award_id=award_id)
    revoked = award.revoked or live.last(AwardRevoked, award_id=award_id)
    if revoked is not None and (ruling is None or (not award.void and _takes_back(live, law, award, revoked))):
        return _due_when_revoked(live, law, award, revoked)
    return prize_given(live, law, award) if ruling is None else _due_when_set_aside(live, law, award, ruling)


def prize_given(live: Live, law: Law, award: Award) -> Answer[int]:
    """The prize that winning brings, in fen, whatever became of the award afterwards."""
    won = wins_before(live, law, award)
    first, why = won.first, won.why
    if won.after_revocation:
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
        first = chosen == "first_win"
    rule = top_up_rule(law, award, won.prior, first=first)
    if rule is not None:
        before = [p for p in won.prior if p.award == rule.after]
        top_up = law.parameter(award.enacted, "prize.top_up", award.granted.on)
        return _top_up(law, award, rule, before, why | top_up.why)
    return _stated_prize(law, award, first=first, why=why)


def _due_when_set_aside(live: Live, law: Law, award: Award, ruling: LiveEvent[AwardSetAside]) -> Answer[int]:
    """Nothing is due where there never was an award; where it ended on a day, what a reading says of the prize."""
    why = Why(events=(award.granted.id, ruling.id))
    if award.void:
        return Answer(0, why | Why(readings=("B-91:default",)))
    chosen, reading = law.reading(award.enacted, "reading.set_aside_money", ruling.on)
    match chosen:
        case "kept":
            given = prize_given(live, law, award)
            return Answer(given.result, given.why | why | reading)
        case "owed_back":
            return Answer(0, why | reading)
        case _:
            return Answer(_silent_on_rulings(), why | reading)


def _due_when_revoked(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> Answer[int]:
    """What is left of what was paid after what the text demands back; where it demands nothing, what was paid was due.

    Whether the rest may still be paid then is a question that none of the texts answers (B-92).
    """
    rule, why = _demanded_back(live, law, award, revoked)
    why |= Why(events=(award.granted.id,))
    paid = paid_net(live.of(PrizePaid, award_id=award.award_id))
    if rule.stated and rule.yes:
        demanded = _part(live, law, award, revoked, paid, why)
        return Answer(paid - demanded.value(), demanded.why) if demanded.is_value else demanded
    if rule.absence is Absence.UNKNOWN:
        return Answer(rule.undetermined(), why)
    if revoked.payload.void_from == "origin":
        return Answer(0, why | Why(readings=("B-92:default",)))
    given = prize_given(live, law, award)
    chosen, reading = law.reading(award.enacted, "reading.revoked_prize", revoked.on)
    if not given.is_value or chosen == "payable" or paid >= given.value():
        return Answer(given.result, why | given.why | reading)
    if chosen == "not_payable":
        return Answer(paid, why | reading)
    gap = Undetermined(
        "reading.revoked_prize",
        "B-92",
        "授奖已被撤销，文本未规定尚未拨付的奖金是否仍须发放",
        "the award was revoked; the text does not say whether a prize not yet paid is still to be paid",
    )
    return Answer(gap, why | given.why | reading)


def _owed_when_set_aside(law: Law, award: Award, ruling: LiveEvent[AwardSetAside], paid: int) -> Answer[int]:
    """What was paid is owed back where a reading says so; where none does, that is the open question."""
    chosen, reading = law.reading(award.enacted, "reading.set_aside_money", ruling.on)
    why = Why(events=(ruling.id,)) | reading
    if chosen == "ask" and paid:
        return Answer(_silent_on_rulings(), why)
    return Answer(paid if chosen == "owed_back" else 0, why)


def _silent_on_rulings() -> Undetermined:
    return Undetermined(
        "reading.set_aside_money",
        "B-91",
        "授奖被依裁决撤除，文本未规定奖金是否发放、已拨付的是否追缴",
        "the award was set aside by a ruling; the text does not say whether the prize is due, or owed back where paid",
    )


def top_up_rule(law: Law, award: Award, prior: Sequence[Earlier], *, first: bool) -> TopUp | None:
    """The text's rule for a first win of this kind after a win of another, if it applies."""
    stated = law.parameter(award.enacted, "prize.top_up", award.granted.on)
    before = {p.award for p in prior}
    rules = stated.rows(TopUp) if first else ()
    return next((r for r in rules if r.award == award.kind and r.after in before), None)


def _top_up(law: Law, award: Award, rule: TopUp, before: Sequence[Earlier], why: Why) -> Answer[int]:
    chosen, reading = law.reading(award.enacted, "reading.top_up_literal", award.granted.on)
    if chosen == "ask" and all(p.revoked for p in before):
        gap = Undetermined(
            "prize.top_up",
            "B-36",
            "前次获奖已被撤销，补差须由政府决定",
            "the earlier award was revoked; the government decides",
        )
        return _decided(award, why | reading, gap)
    return Answer(rule.amount, why | reading)


def _stated_prize(law: Law, award: Award, *, first: bool, why: Why) -> Answer[int]:
    path = f"prize.{'first' if first else 'rewin'}.{award.kind}"
    stated = law.parameter(award.enacted, path, award.granted.on)
    why |= stated.why
    if stated.stated:
        return Answer(stated.number, why)
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
    why |= Why(readings=("B-40/G15:default",))
    if amount is None or award.decision is None:
        return Answer(gap, why)
    return Answer(amount, why | Why(events=(award.decision.id,)))


def _decided_amount(award: Award) -> int | None:
    if award.decision is None:
        return None
    for item in award.decision.payload.approved:
        if item.case == award.granted.payload.case_id and item.prize_amount is not None:
            return item.prize_amount
    return None


class MoneyOfAward(Record, frozen=True, kw_only=True):
    """D19 of an award, in fen. ``paid`` is less reversals; ``due`` is None where ``due_undetermined`` says why.

    ``given`` is what winning brought, whatever became of the award afterwards; None where that cannot be told.
    ``clawback_overdue`` is what is not settled of orders whose day has passed.
    """

    given: Money | None
    due: Money | None
    paid: Money
    outstanding_prize: Money | None
    clawback_ordered: Money
    clawback_received: Money
    clawback_waived: Money
    clawback_outstanding: Money
    clawback_overdue: Money
    expected_clawback: Money | Undetermined
    due_undetermined: Undetermined | UnsetType = UNSET


def money(live: Live, law: Law, award_id: str) -> Answer[MoneyOfAward]:
    """D19: due, paid (less reversals), clawback ordered, received, waived, outstanding and overdue, in fen."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    due = prize_due(live, law, award_id)
    payments = live.of(PrizePaid, award_id=award_id)
    paid = paid_net(payments)
    orders = live.of(ClawbackOrdered, award_id=award_id)
    received = live.of(ClawbackReceived, award_id=award_id)
    waived = live.of(ClawbackWaived, award_id=award_id)
    ordered, back, forgone = (sum(e.payload.amount for e in events) for events in (orders, received, waived))
    expected = expected_clawback(live, law, award)
    given = prize_given(live, law, award)
    value = MoneyOfAward(
        given=given.value() if given.is_value else None,
        due=due.value() if due.is_value else None,
        paid=paid,
        outstanding_prize=max(0, due.value() - paid) if due.is_value else None,
        clawback_ordered=ordered,
        clawback_received=back,
        clawback_waived=forgone,
        clawback_outstanding=ordered - back - forgone,
        clawback_overdue=_overdue(orders, [*received, *waived], live.on),
        expected_clawback=_value_or_gap(expected),
        due_undetermined=due.result if isinstance(due.result, Undetermined) else UNSET,
    )
    why = due.why | Why(events=tuple(e.id for e in (*payments, *orders, *received, *waived)))
    turns = frozenset(next_day(order.payload.due_on) for order in orders)
    return Answer(value, why | expected.why, turns)


def _value_or_gap(answer: Answer[int]) -> int | Undetermined:
    if isinstance(answer.result, NotApplicable | NotDerivable):
        raise InvariantError("what the law demands back is an amount, or a gap of the text")
    return answer.result


def paid_net(payments: Iterable[LiveEvent[PrizePaid]]) -> int:
    """Sum of payments less reversals."""
    return sum(-p.payload.amount if p.payload.reversal_of else p.payload.amount for p in payments)


def _overdue(
    orders: Iterable[LiveEvent[ClawbackOrdered]],
    settling: Sequence[LiveEvent[ClawbackReceived | ClawbackWaived]],
    on: date,
) -> int:
    """What is not settled of orders whose day has passed, in fen."""
    overdue = 0
    for order in orders:
        settled = sum(e.payload.amount for e in settling if e.payload.clawback_id == order.payload.clawback_id)
        if on > order.payload.due_on:
            overdue += max(0, order.payload.amount - settled)
    return overdue


def expected_clawback(live: Live, law: Law, award: Award) -> Answer[int]:
    """What the law demands back, in fen: all that was paid, or the part that the text states; 0 where it gives none.

    A ruling that sets aside an award that was revoked before leaves to the text what it demands of the revocation.
    """
    paid = paid_net(live.of(PrizePaid, award_id=award.award_id))
    event = award.revoked
    if event is None:
        return Answer(0) if award.set_aside is None else _owed_when_set_aside(law, award, award.set_aside, paid)
    rule, why = _demanded_back(live, law, award, event)
    if rule.stated and rule.yes:
        return _part(live, law, award, event, paid, why)
    if award.set_aside is not None:
        return _owed_when_set_aside(law, award, award.set_aside, paid)
    if rule.stated:
        return Answer(0, why)
    if rule.absence is Absence.UNKNOWN:
        return Answer(rule.undetermined(), why)
    # B-55, B-56: silence after an explicit list elsewhere in the same text is no clawback, unless so interpreted.
    reading, reading_why = law.reading(award.enacted, "reading.silent_consequence", event.on)
    return Answer(0 if reading == "none" else rule.undetermined(), why | reading_why)


def _takes_back(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> bool:
    return _demanded_back(live, law, award, revoked)[0].yes


def _demanded_back(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> tuple[Resolved, Why]:
    """Does the text take the prize back for this ground? Where it does not say, the articles that give the ground."""
    p = revoked.payload
    rule, chosen = by_decision(live, law, award, f"revoke.{p.ground}.clawback", p.decision_id, revoked.on)
    why = Why(events=(revoked.id,)) | rule.why | chosen
    return rule, why if rule.stated else why | law.about_ground(award.enacted, p.ground, revoked.on)


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


def _part(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked], paid: int, why: Why) -> Answer[int]:
    """A share in percent, or by whole months of validity that remain; halves of a fen go to the debtor."""
    path = f"revoke.{revoked.payload.ground}.clawback_part"
    part, chosen = by_decision(live, law, award, path, revoked.payload.decision_id, revoked.on)
    why |= chosen
    if not part.stated:
        return Answer(paid, why | Why(readings=("B-50:default",)))
    given = part.table(ClawbackPart)
    if given.kind == "share":
        return Answer(paid * needed(given.percent) // 100, why | part.why)
    interval = term(live, law, award)
    if not interval.is_value:
        return interval.without_value(why | part.why)
    start, last = interval.value()
    whole = months_between(start, last)
    left = min(whole, months_between(max(start, revoked.payload.effective_on), last))
    return Answer(paid * left // whole if whole else 0, why | part.why | interval.why)


class Instalment(Record, frozen=True, kw_only=True):
    """One part of a prize: its amount in fen, and from when it may be paid (None: its condition is not met)."""

    part: Number
    amount: Money
    payable_from: Day | None
    condition: Word


class PaidInstalment(Instalment, frozen=True, kw_only=True):
    """One part of a prize, and what was paid of it in fen, less reversals."""

    paid: Money


class Instalments(Record, frozen=True, kw_only=True):
    """D18: the schedule of a prize beside what was paid."""

    parts: tuple[PaidInstalment, ...]


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
    if award.void:
        return Answer(NO_AWARD, Why(events=(award.granted.id, *((award.set_aside.id,) if award.set_aside else ()))))
    given, due = prize_given(live, law, award), prize_due(live, law, award_id)
    if not given.is_value:
        return given.without_value(given.why)
    rules = stated.rows(PrizePart)
    parts = [given.value() * rule.percent // 100 for rule in rules]
    parts[-1] = given.value() - sum(parts[:-1])
    # What a revocation or a ruling took away, or left open, is payable no more.
    payable = due.result == given.result
    schedule = [
        Instalment(
            part=i + 1,
            amount=amount,
            payable_from=_payable_from(live, award, rule) if payable else None,
            condition=rule.after,
        )
        for i, (amount, rule) in enumerate(zip(parts, rules, strict=True))
    ]
    return Answer(
        schedule, due.why | stated.why | mode.why, frozenset(s.payable_from for s in schedule if s.payable_from)
    )


def _payable_from(live: Live, award: Award, rule: PrizePart) -> date | None:
    match rule.after:
        case "report":
            reports = live.of(PostAwardReportFiled, award_id=award.award_id)
            start = reports[0].on if reports else None
        case "reassessment":
            held = live.of(PostAwardCheckHeld, award_id=award.award_id, kind="reassessment", outcome="maintained")
            start = held[0].on if held else None
        case _:
            start = award.granted.payload.granted_on
    return add_months(start, rule.months or 0) if start else None


def instalments_answer(live: Live, law: Law, award_id: str) -> Answer[Instalments]:
    """The schedule beside what was paid of each part."""
    answer = instalments(live, law, award_id)
    if not answer.is_value:
        return answer.without_value(answer.why)
    payments = live.of(PrizePaid, award_id=award_id)
    rows = tuple(
        PaidInstalment(
            part=s.part,
            amount=s.amount,
            payable_from=s.payable_from,
            condition=s.condition,
            paid=paid_net([p for p in payments if p.payload.part_no == s.part]),
        )
        for s in answer.value()
    )
    return Answer(Instalments(parts=rows), answer.why | Why(events=tuple(p.id for p in payments)), answer.turns_on)


class OpenAmount(Record, frozen=True, kw_only=True):
    """An amount that cannot be told, and so is in no sum."""

    award_id: Name
    amount: Annotated[Literal["due", "outstanding_prize"], WORD]


class Inherited(Record, frozen=True, kw_only=True):
    """Open clawback of somebody whom an organisation succeeds, in fen; owed where ``carried_by`` a decision."""

    org: Name
    carried_by: EventRef | None
    clawback_outstanding: Money


class OrgMoney(Record, frozen=True, kw_only=True):
    """D19 summed over an organisation's awards, in fen; bonuses for higher awards are in ``due`` and ``paid``."""

    due: Money
    paid: Money
    outstanding_prize: Money
    clawback_ordered: Money
    clawback_received: Money
    clawback_waived: Money
    clawback_outstanding: Money
    clawback_overdue: Money
    undetermined: tuple[OpenAmount, ...]
    inherited: tuple[Inherited, ...] | UnsetType = UNSET


def org_money(live: Live, law: Law, org: str) -> Answer[OrgMoney]:
    """D19 summed over an organisation's awards, with bonuses for higher awards (JD六(二))."""
    answers = {award.award_id: money(live, law, award.award_id) for award in awards_of(live, law, org)}
    accounts = {award_id: answer.value() for award_id, answer in answers.items()}
    bonuses = _bonuses(live, law, org)
    inherited, inherited_why = _inherited(live, law, org)
    each = accounts.values()
    value = OrgMoney(
        due=sum(a.due or 0 for a in each) + sum(b.due for b in bonuses),
        paid=sum(a.paid for a in each) + sum(b.paid for b in bonuses),
        outstanding_prize=sum(a.outstanding_prize or 0 for a in each),
        clawback_ordered=sum(a.clawback_ordered for a in each),
        clawback_received=sum(a.clawback_received for a in each),
        clawback_waived=sum(a.clawback_waived for a in each),
        clawback_outstanding=sum(a.clawback_outstanding for a in each),
        clawback_overdue=sum(a.clawback_overdue for a in each),
        undetermined=tuple(open_ for award_id, a in accounts.items() for open_ in _open_amounts(award_id, a)),
        inherited=tuple(inherited) or UNSET,
    )
    why, turns = Why(), frozenset[date]()
    for answer in answers.values():
        why, turns = why | answer.why, turns | answer.turns_on
    for bonus in bonuses:
        why |= bonus.why
    if not value.due and not value.undetermined:
        why |= _what_pays(law, live.on)
    return Answer(value, why | inherited_why, turns)


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


def _open_amounts(award_id: str, account: MoneyOfAward) -> Iterator[OpenAmount]:
    if account.due is None:
        yield OpenAmount(award_id=award_id, amount="due")
    if account.outstanding_prize is None:
        yield OpenAmount(award_id=award_id, amount="outstanding_prize")


def _inherited(live: Live, law: Law, org: str) -> tuple[list[Inherited], Why]:
    """Open clawback of those whom the organisation succeeds; it owes it only where a decision says so (B-65)."""
    decided = {c.predecessor: c.decision for c in carried(live, org, "debts")}
    rows, why = [], Why()
    for predecessor, event_id in predecessors(live, org).items():
        answer = org_money(live, law, predecessor)
        outstanding = answer.value().clawback_outstanding
        if outstanding:
            rows.append(
                Inherited(org=predecessor, carried_by=decided.get(predecessor), clawback_outstanding=outstanding)
            )
            why |= answer.why | Why(events=(event_id,), readings=("B-65/G25:default",))
            why |= Why(events=(decided[predecessor],)) if predecessor in decided else Why()
    return rows, why


def bonus_due(stated: Resolved, won: LiveEvent[HigherAwardRecorded]) -> int | None:
    """What the text gives for a higher award, in fen; None where it states no amount for this level and kind."""
    if not stated.stated:
        return None
    wanted = (won.payload.level, won.payload.award_kind)
    amounts = [r.amount for r in stated.rows(SuperiorBonus) if (r.level, r.kind) == wanted]
    return sum(amounts) if amounts else None


def bonus_outstanding(live: Live, law: Law, org: str) -> int:
    """Fen that the text in force gives an organisation for higher awards and that were not paid yet (D19)."""
    return sum(max(0, bonus.due - bonus.paid) for bonus in _bonuses(live, law, org))


@dataclass(frozen=True, slots=True)
class _Bonus:
    """What a higher award brings and what was paid of it, in fen."""

    due: int
    paid: int
    why: Why


def _bonuses(live: Live, law: Law, org: str) -> list[_Bonus]:
    result = []
    for event in live.of(HigherAwardRecorded, org=org):
        rules = law.parameter(law.in_force(event.payload.won_on), "prize.superior_bonus", event.on)
        payments = live.of(PrizePaid, higher_award_id=event.payload.higher_award_id)
        why = Why(events=(event.id, *(p.id for p in payments))) | rules.why
        result.append(_Bonus(bonus_due(rules, event) or 0, paid_net(payments), why))
    return result
