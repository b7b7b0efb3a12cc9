"""RF25 to RF28, RF33, RF45, RF46 and RF50: prizes, their payment, and their recovery."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from ledger.derivation.answer import Undetermined
from ledger.derivation.history import LiveEvent
from ledger.derivation.money import money
from ledger.derivation.owed_back import basis_of, expected_clawback, held, paid_net, standing_orders
from ledger.derivation.prize import prize_due, prize_given, top_up_rule
from ledger.derivation.standing import award_of, first_win, wins_before
from ledger.derivation.words import word
from ledger.events.after_award import AwardRevoked, AwardSetAside
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.money import ClawbackOrdered, ClawbackReceived, ClawbackWaived, PrizePaid
from ledger.sentences import Pair
from ledger.yuan import grouped
from projections.flags.flag import Found, Gap, Hit, Off, silent
from projections.flags.inspected import Inspected, recorded_day
from projections.sentences import sentence, term


def _payments(v: Inspected, award: str) -> list[LiveEvent[PrizePaid]]:
    return v.live.of(PrizePaid, award_id=award)


def _unreversed(payments: list[LiveEvent[PrizePaid]]) -> list[LiveEvent[PrizePaid]]:
    undone = {e.payload.reversal_of for e in payments if e.payload.reversal_of}
    return [e for e in payments if e.payload.reversal_of is None and e.id not in undone]


def _due(v: Inspected, grant: LiveEvent[AwardGranted]) -> int | Undetermined | None:
    """The prize that was due on the day of the grant (D18), as known now: what a revocation or a ruling takes away was
    due then.
    """
    award = award_of(v.at(grant.on), v.law, grant.payload.award_id)
    result = prize_given(v.at(grant.on), v.law, award).result if award is not None else None
    return result if isinstance(result, int | Undetermined) else None


def prize_amount_differs(v: Inspected) -> Found:
    """RF25: amount of the prize differs (ZY4 JD六 GZ8)."""
    for award, grant in v.grants.items():
        due = _due(v, grant)
        if isinstance(due, Undetermined):
            yield Gap(("award", award), due)
        if not isinstance(due, int):
            continue
        p = grant.payload
        path = v.parameter(f"prize.first.{p.award}", grant.on)
        decision = v.live.last(GovernmentDecisionMade, decision_id=p.decision_id)
        decided = [i.prize_amount for i in decision.payload.approved if i.case == p.case_id] if decision else []
        payments = _payments(v, award)
        done = _unreversed(payments)
        complete = bool(done) and len({e.payload.part_no for e in done}) >= max(e.payload.parts for e in done)
        stated: list[tuple[Pair, int | None, tuple[LiveEvent, ...]]] = [
            (term("says an amount", "the award"), p.stated_prize, (grant,)),
            (
                sentence("the decision of the government"),
                decided[0] if decided else None,
                (decision,) if decision else (),
            ),
            (term("says an amount", "the payment"), paid_net(payments) if complete else None, tuple(done)),
        ]
        for name, amount, events in stated:
            if amount is not None and amount != due:
                yield Hit(
                    ("award", award),
                    "C",
                    events[-1].on,
                    (*events, grant) if events[0] is not grant else events,
                    *sentence(
                        "{award}: {name} says CNY {amount}, due is {due}",
                        award=award,
                        name=name,
                        amount=grouped(amount),
                        due=grouped(due),
                    ),
                    p.case_id,
                    p.org,
                    award=award,
                    articles=path.why.articles,
                    thresholds={"due": due},
                )
                break


def payment_before_approval(v: Inspected) -> Found:
    """RF26: paid before approval (ZY17(7) JD五(四)3 GZ9)."""
    for award, grant in v.grants.items():
        decision = v.live.last(GovernmentDecisionMade, decision_id=grant.payload.decision_id)
        basis = max([grant.on, grant.payload.granted_on, *([decision.payload.decided_on] if decision else [])])
        for payment in _unreversed(_payments(v, award)):
            if min(payment.payload.paid_on, recorded_day(payment)) < basis:
                yield Hit(
                    ("award", award),
                    "C",
                    payment.payload.paid_on,
                    (payment, grant),
                    *sentence(
                        "{award} was paid on {paid_on}, awarded on {basis}",
                        award=award,
                        paid_on=payment.payload.paid_on,
                        basis=basis,
                    ),
                    grant.payload.case_id,
                    grant.payload.org,
                    award=award,
                )


def paid_twice(v: Inspected) -> Found:
    """RF27: paid twice (JS四.7 GZ9 (AUD))."""
    mode = v.parameter("prize.mode")
    for award, grant in v.grants.items():
        payments, due = _payments(v, award), _due(v, grant)
        done = _unreversed(payments)
        problem: Pair | None = None
        parts = Counter(e.payload.part_no for e in done)
        vouchers = Counter(e.payload.voucher_no for e in done)
        net = held(v.live, v.law, award)
        if isinstance(due, int) and due > 0 and net > due:
            problem = sentence("CNY {net} paid, {due} due", net=grouped(net), due=grouped(due))
        elif max(vouchers.values(), default=0) > 1 or (
            net == paid_net(payments) and max(parts.values(), default=0) > 1
        ):
            problem = sentence("a part or a voucher is paid twice")
        elif mode.stated and mode.text == "lump_sum" and any(e.payload.parts > 1 for e in done):
            problem = sentence("paid in parts, the text pays at once")
        if problem is not None:
            yield Hit(
                ("award", award),
                "C",
                done[-1].on,
                (done[-1], *done[:-1]),
                *sentence("{award}: {problem}", award=award, problem=problem),
                grant.payload.case_id,
                grant.payload.org,
                award=award,
                articles=mode.why.articles,
                thresholds={"due": due if isinstance(due, int) else None},
            )


def second_prize_paid(v: Inspected) -> Found:
    """RF28: prize paid again on a re-win (ZY27 JD六(一) HY17 GZ8,27)."""
    for award, grant in v.grants.items():
        p = grant.payload
        own = award_of(v.live, v.law, award)
        if own is None:
            continue
        won = wins_before(v.at(grant.on), v.law, own)
        first, _ = first_win(v.law, own, won)
        if isinstance(first, Undetermined):
            # What a win after a revoked one is, is a question: whether anything is due, RF27 says.
            continue
        done = _unreversed(_payments(v, award))
        paid = held(v.live, v.law, award)
        again = v.parameter(f"prize.rewin.{p.award}", grant.on)
        top_up = top_up_rule(v.law, own, won.prior, first=first)
        expected = top_up.amount if top_up is not None else again.number if not first and again.stated else None
        if expected is not None and done and paid > expected:
            prior = [e for x in won.prior if (e := v.live.last(AwardGranted, award_id=x.award_id)) is not None]
            yield Hit(
                ("award", award),
                "C",
                done[-1].on,
                (done[-1], *done[:-1], grant, *prior),
                *sentence(
                    "{award} is a re-win: CNY {expected} is due, {paid} was paid",
                    award=award,
                    expected=grouped(expected),
                    paid=grouped(paid),
                ),
                p.case_id,
                p.org,
                award=award,
                articles=again.why.articles,
                thresholds={"due": expected},
            )


def clawback_outstanding(v: Inspected) -> Found:
    """RF33: clawback outstanding (ZY23,24 JD七 HY19 GZ28)."""
    for award, grant in v.grants.items():
        value, own = money(v.live, v.law, award), award_of(v.live, v.law, award)
        orders = standing_orders(v.live, v.law, award)
        if not orders or own is None or not value.is_value:
            continue
        amount = value.value().clawback_overdue
        if not value.value().clawback_outstanding or not amount:
            continue
        late = [o for o in orders if o.payload.due_on < v.live.on and _unsettled(v, o)]
        due: date = min(o.payload.due_on for o in late)
        why = v.parameter("clawback.due", v.live.on).why
        for order in late:
            why |= basis_of(v.live, v.law, own, order)
        yield Hit(
            ("award", award),
            "H",
            due + timedelta(days=1),
            tuple(late),
            *sentence("{award}: CNY {amount} overdue", award=award, amount=grouped(amount)),
            grant.payload.case_id,
            grant.payload.org,
            award=award,
            articles=why.articles,
            thresholds={"due_on": due},
        )


def _unsettled(v: Inspected, order: LiveEvent[ClawbackOrdered]) -> bool:
    settling = v.live.of(ClawbackReceived, ClawbackWaived, clawback_id=order.payload.clawback_id)
    return sum(e.payload.amount for e in settling) < order.payload.amount


def payment_channel_or_payee(v: Inspected) -> Found:
    """RF45: wrong channel or payee (GZ9 (AUD))."""
    stated = v.parameter("prize.channel")
    if not stated.stated:
        yield silent(stated)
    for award, grant in v.grants.items():
        for payment in _unreversed(_payments(v, award)):
            p = payment.payload
            if p.org != grant.payload.org:
                yield Hit(
                    ("award", award),
                    "H",
                    payment.on,
                    (payment, grant),
                    *sentence(
                        "the prize of {award} went to {org}, the winner is {winner}",
                        award=award,
                        org=p.org,
                        winner=grant.payload.org,
                    ),
                    grant.payload.case_id,
                    grant.payload.org,
                    award=award,
                )
            elif stated.stated and p.channel != stated.value:
                yield Hit(
                    ("award", award),
                    "M",
                    payment.on,
                    (payment,),
                    *sentence(
                        "{award} was paid by {channel}, the text says {text}",
                        award=award,
                        channel=word(p.channel, "channel"),
                        text=word(stated.text),
                    ),
                    grant.payload.case_id,
                    grant.payload.org,
                    award=award,
                    articles=stated.why.articles,
                )


def _ended_on(end: LiveEvent[AwardRevoked | AwardSetAside]) -> tuple[date, Pair]:
    """From which day an award has ended, and how."""
    p = end.payload
    if isinstance(p, AwardRevoked):
        return p.effective_on, term("of an award", "revoked")
    return p.from_on or p.ruled_on, term("of an award", "set aside")


def _still_payable(v: Inspected, award: str, end: LiveEvent[AwardRevoked | AwardSetAside]) -> bool:
    """Does a reading let the prize be paid after the end (B-91, B-92), and is no more paid than is due?"""
    path, choice = (
        ("reading.revoked_prize", "payable")
        if isinstance(end.payload, AwardRevoked)
        else ("reading.set_aside_money", "kept")
    )
    due = prize_due(v.live, v.law, award)
    chosen, _ = v.law.reading(v.enacted, path, end.on)
    return chosen == choice and due.is_value and held(v.live, v.law, award) <= due.value()


def paid_after_revocation(v: Inspected) -> Found:
    """RF46: paid after the revocation ((AUD)), or after the ruling that set the award aside."""
    for award, grant in v.grants.items():
        ends = v.live.of(AwardRevoked, AwardSetAside, award_id=award)
        for end in sorted(ends, key=lambda e: _ended_on(e)[0])[:1]:
            since, name = _ended_on(end)
            for payment in () if _still_payable(v, award, end) else _unreversed(_payments(v, award)):
                if payment.payload.paid_on >= since:
                    yield Hit(
                        ("award", award),
                        "C",
                        payment.on,
                        (payment, end),
                        *sentence(
                            "{award} was {name} on {since} and paid on {paid_on}",
                            award=award,
                            name=name,
                            since=since,
                            paid_on=payment.payload.paid_on,
                        ),
                        grant.payload.case_id,
                        grant.payload.org,
                        award=award,
                    )


def clawback_amount_differs(v: Inspected) -> Found:
    """RF50: amount of a clawback differs (ZY24 JD七 HY19 GZ28)."""
    applies = False
    for award, grant in v.grants.items():
        # All that is ordered back counts against all that the text demands, what was ordered for misuse too.
        orders = standing_orders(v.live, v.law, award)
        own = award_of(v.live, v.law, award)
        by_revocation = [o for o in orders if o.payload.reason in ("revoked_fraud", "revoked_other")]
        if not by_revocation or own is None or own.revoked is None:
            continue
        applies = True
        expected = expected_clawback(v.live, v.law, own)
        ordered = sum(o.payload.amount for o in orders)
        if isinstance(expected.result, int) and expected.result and ordered != expected.result:
            yield Hit(
                ("award", award),
                "M",
                orders[-1].on,
                (orders[-1], *orders[:-1], own.revoked),
                *sentence(
                    "{award}: CNY {ordered} ordered back, {result} by the text",
                    award=award,
                    ordered=grouped(ordered),
                    result=grouped(expected.result),
                ),
                grant.payload.case_id,
                grant.payload.org,
                award=award,
                articles=expected.why.articles,
                thresholds={"expected": expected.result},
            )
    if not applies:
        yield Off(*sentence("nothing was ordered back after a revocation"))
