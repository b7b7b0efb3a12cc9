"""Accounts, to the fen: what is due, paid and clawed back of an award, and of all that an organisation has (D19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, NotDerivable, Undetermined, Why
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Law, Resolved
from ledger.derivation.owed_back import basis_of, expected_clawback, held, paid_net, settled_of, standing_orders
from ledger.derivation.prize import prize_due, prize_given
from ledger.derivation.record import WORD, EventRef, Money, Name, Record
from ledger.derivation.standing import (
    award_of,
    awards_of,
)
from ledger.derivation.succession import carried, predecessors
from ledger.errors import InvariantError
from ledger.events.after_award import HigherAwardRecorded
from ledger.events.money import (
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    PrizePaid,
)
from ledger.regulation.tables import SuperiorBonus
from ledger.sentences import sentence


class MoneyOfAward(Record, frozen=True, kw_only=True):
    """The account of an award, in fen (D19). ``paid`` is what the winner has; where ``due`` is None,
    ``due_undetermined`` says why.

    ``given`` is what winning brought, whatever became of the award afterwards; None where that cannot be told.
    ``clawback_overdue`` is what is not settled of orders whose day has passed. An order whose ground was annulled
    counts no more; what was received on it and not paid out again is not ``paid``, as little as what was reversed.
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
    """The account of an award: due, paid (less reversals), clawback ordered, received, waived, outstanding and overdue,
    in fen.
    """
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable(*sentence("not granted by that day")))
    due = prize_due(live, law, award_id)
    payments = live.of(PrizePaid, award_id=award_id)
    paid = held(live, law, award_id)
    orders = standing_orders(live, law, award_id)
    received, waived = settled_of(live, orders)
    in_vain = [e for e in live.of(ClawbackReceived, award_id=award_id) if e not in received]
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
    why = due.why | given.why | Why(events=tuple(e.id for e in (*payments, *orders, *received, *waived, *in_vain)))
    for order in orders:
        why |= basis_of(live, law, award, order)
    turns = frozenset(next_day(order.payload.due_on) for order in orders)
    return Answer(value, why | expected.why, turns)


def _value_or_gap(answer: Answer[int]) -> int | Undetermined:
    if isinstance(answer.result, NotApplicable | NotDerivable):
        raise InvariantError("what the law demands back is an amount, or a gap of the text")
    return answer.result


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


class OpenAmount(Record, frozen=True, kw_only=True):
    """An amount that cannot be told, and so is in no sum, and the question that is open.

    Of a ``bonus``, ``award_id`` is the higher award's.
    """

    award_id: Name
    amount: Annotated[Literal["due", "outstanding_prize", "expected_clawback", "bonus"], WORD]
    undetermined: Undetermined


class Inherited(Record, frozen=True, kw_only=True):
    """Open clawback of somebody whom an organisation succeeds, in fen; owed where ``carried_by`` a decision."""

    org: Name
    carried_by: EventRef | None
    clawback_outstanding: Money


class OrgMoney(Record, frozen=True, kw_only=True):
    """The accounts of an organisation's awards, summed, in fen (D19); bonuses for higher awards are in ``due`` and
    ``paid``.
    """

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
    """The accounts of an organisation's awards, summed (D19), with bonuses for higher awards (JD六(二))."""
    answers = {award.award_id: money(live, law, award.award_id) for award in awards_of(live, law, org)}
    accounts = {award_id: answer.value() for award_id, answer in answers.items()}
    bonuses = _bonuses(live, law, org)
    inherited, inherited_why = _inherited(live, law, org)
    each = accounts.values()
    value = OrgMoney(
        due=sum(a.due or 0 for a in each) + sum(b.due or 0 for b in bonuses),
        paid=sum(a.paid for a in each) + sum(b.paid for b in bonuses),
        outstanding_prize=sum(a.outstanding_prize or 0 for a in each),
        clawback_ordered=sum(a.clawback_ordered for a in each),
        clawback_received=sum(a.clawback_received for a in each),
        clawback_waived=sum(a.clawback_waived for a in each),
        clawback_outstanding=sum(a.clawback_outstanding for a in each),
        clawback_overdue=sum(a.clawback_overdue for a in each),
        undetermined=(
            *(open_ for award_id, a in accounts.items() for open_ in _open_amounts(award_id, a)),
            *(b.question for b in bonuses if b.question is not None),
        ),
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
    """The articles in force that give prizes: an organisation without an award is owed nothing by these."""
    why, enacted = Why(), law.in_force(on)
    for kind in enacted.pack.awards if enacted is not None else ():
        stated = law.parameter(enacted, f"prize.first.{kind}", on)
        why |= replace(stated.why, events=())
    return why


def _open_amounts(award_id: str, account: MoneyOfAward) -> Iterator[OpenAmount]:
    if account.due_undetermined is not UNSET:
        yield OpenAmount(award_id=award_id, amount="due", undetermined=account.due_undetermined)
        yield OpenAmount(award_id=award_id, amount="outstanding_prize", undetermined=account.due_undetermined)
    if isinstance(account.expected_clawback, Undetermined):
        yield OpenAmount(award_id=award_id, amount="expected_clawback", undetermined=account.expected_clawback)


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


def _no_amount(won: LiveEvent[HigherAwardRecorded]) -> OpenAmount:
    question = Undetermined(
        "prize.superior_bonus",
        "silent",
        *sentence("the text states no amount for a higher award of this level"),
    )
    return OpenAmount(award_id=won.payload.higher_award_id, amount="bonus", undetermined=question)


def bonus_due(stated: Resolved, won: LiveEvent[HigherAwardRecorded]) -> int | None:
    """What the text gives for a higher award, in fen; None where it states no amount for this level and kind."""
    if not stated.stated:
        return None
    wanted = (won.payload.level, won.payload.award_kind)
    amounts = [r.amount for r in stated.rows(SuperiorBonus) if (r.level, r.kind) == wanted]
    return sum(amounts) if amounts else None


def bonus_outstanding(live: Live, law: Law, org: str) -> int:
    """Fen that the text in force gives an organisation for higher awards and that were not paid yet (D19)."""
    return sum(max(0, (bonus.due or 0) - bonus.paid) for bonus in _bonuses(live, law, org))


@dataclass(frozen=True, slots=True)
class _Bonus:
    """What a higher award brings and what was paid of it, in fen; ``due`` is None where ``question`` says why."""

    due: int | None
    paid: int
    question: OpenAmount | None
    why: Why


def _bonuses(live: Live, law: Law, org: str) -> list[_Bonus]:
    result = []
    for event in live.of(HigherAwardRecorded, org=org):
        rules = law.parameter(law.in_force(event.payload.won_on), "prize.superior_bonus", event.on)
        payments = live.of(PrizePaid, higher_award_id=event.payload.higher_award_id)
        why = Why(events=(event.id, *(p.id for p in payments))) | rules.why
        due = bonus_due(rules, event)
        # A text that rewards higher awards may leave the amount for some of them to other rules.
        open_ = _no_amount(event) if rules.stated and due is None else None
        result.append(_Bonus(due if open_ is not None else due or 0, paid_net(payments), open_, why))
    return result
