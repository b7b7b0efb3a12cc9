"""RF25 to RF28, RF33, RF45, RF46 and RF50: prizes, their payment, and their recovery."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from ledger.derivation.answer import Undetermined
from ledger.derivation.history import LiveEvent
from ledger.derivation.money import expected_clawback, money, paid_net, prize_due, top_up_rule
from ledger.derivation.standing import award_of, rewin
from projections.flags.flag import Found, Gap, Hit, Off, flag, silent
from projections.flags.inspected import Inspected, recorded_day
from projections.labels import word


def _payments(v: Inspected, award: str) -> list[LiveEvent]:
    return v.live.of("PrizePaid", award_id=award)


def _unreversed(payments: list[LiveEvent]) -> list[LiveEvent]:
    undone = {e.payload.reversal_of for e in payments if e.payload.reversal_of}
    return [e for e in payments if e.payload.reversal_of is None and e.id not in undone]


def _due(v: Inspected, grant: LiveEvent) -> int | Undetermined | None:
    """D18 on the day of the grant, as known now: what a later revocation takes away was due then."""
    result = prize_due(v.at(grant.on), v.law, grant.payload.award_id).result
    return result if isinstance(result, int | Undetermined) else None


def yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


@flag(
    "RF25", "prize-amount-differs", "奖金数额不符", "amount of the prize differs", "C", "ZY4 JD六 GZ8",
    condition=("授奖文件所载奖金、决定所载奖金，或付讫后的实付总额，不等于文本推导的应付数额（D18）。",
               "The prize stated in the award or in the decision, or the whole sum once it is paid out, is not the amount due by the text (D18)."),
    reason=("奖金标准由文本规定。", "The text sets the amount."),
    caution=("文本未定数额的，以政府决定为准。分期尚未付清的不触发。", "Where the text gives no amount the decision does. Parts still to be paid do not raise it."),
    example=("中原区付 30 万元，应为 20 万元。", "300,000 paid in Zhongyuan, where 200,000 is due."), companions=("RF27", "RF28", "RF41"),
)  # fmt: skip
def _amount(v: Inspected) -> Found:
    for award, grant in v.grants.items():
        due = _due(v, grant)
        if isinstance(due, Undetermined):
            yield Gap(("award", award), due)
        if not isinstance(due, int):
            continue
        p = grant.payload
        path = v.parameter(f"prize.first.{p.award}", grant.on)
        decision = v.live.last("GovernmentDecisionMade", decision_id=p.decision_id)
        decided = [i.prize_amount for i in decision.payload.approved if i.case == p.case_id] if decision else []
        payments = _payments(v, award)
        done = _unreversed(payments)
        complete = bool(done) and len({e.payload.part_no for e in done}) >= max(e.payload.parts for e in done)
        stated: list[tuple[str, str, int | None, tuple[LiveEvent, ...]]] = [
            ("授奖文件", "the award", p.stated_prize, (grant,)),
            ("政府决定", "the decision", decided[0] if decided else None, (decision,) if decision else ()),
            ("实付", "the payment", paid_net(payments) if complete else None, tuple(done)),
        ]
        for zh, en, amount, events in stated:
            if amount is not None and amount != due:
                yield Hit(
                    ("award", award),
                    "C",
                    events[-1].on,
                    (*events, grant) if events[0] is not grant else events,
                    f"{award}：{zh} {yuan(amount)} 元，应为 {yuan(due)} 元",
                    f"{award}: {en} says CNY {yuan(amount)}, due is {yuan(due)}",
                    p.case_id,
                    p.org,
                    award=award,
                    articles=path.why.articles,
                    thresholds={"due": due},
                )
                break


@flag(
    "RF26", "payment-before-approval", "先付后批", "paid before approval", "C", "ZY17(7) JD五(四)3 GZ9",
    condition=("付款日或其登记日早于授奖或政府决定；或付款没有指明奖项。",
               "The day of payment, or of its recording, precedes the award or the decision; or the payment names no award."),
    reason=("财政资金须凭决定支出。", "Public money is spent on a decision."),
    caution=("预付后补决定仍属先付。", "An advance that a decision covers later is still a payment before."),
    example=("6月1日付款，6月20日授奖。", "Paid on 1 June, awarded on the 20th."), companions=("RF10", "RF21", "RF41"),
)  # fmt: skip
def _paid_early(v: Inspected) -> Found:
    for award, grant in v.grants.items():
        decision = v.live.last("GovernmentDecisionMade", decision_id=grant.payload.decision_id)
        basis = max([grant.on, grant.payload.granted_on, *([decision.payload.decided_on] if decision else [])])
        for payment in _unreversed(_payments(v, award)):
            if min(payment.payload.paid_on, recorded_day(payment)) < basis:
                yield Hit(
                    ("award", award),
                    "C",
                    payment.payload.paid_on,
                    (payment, grant),
                    f"{award} 于 {payment.payload.paid_on} 付款，{basis} 方授奖",
                    f"{award} was paid on {payment.payload.paid_on}, awarded on {basis}",
                    grant.payload.case_id,
                    grant.payload.org,
                    award=award,
                )


@flag(
    "RF27", "paid-twice", "重复拨付", "paid twice", "C", "JS四.7 GZ9 (AUD)",
    condition=("实付净额超过应付（D18）；同一凭证号或同一期未冲销而付两次；文本要求一次性发放而分期。",
               "Net payments exceed what is due (D18); a voucher or a part is paid twice without reversal; instalments where the text pays at once."),
    reason=("多付即财政损失。", "What is paid twice is lost."),
    caution=("冲销后重付不触发。", "A payment after a reversal does not raise it."),
    example=("同一笔 50 万元拨付两次。", "The same 500,000 twice."), companions=("RF25", "RF28", "RF41"),
)  # fmt: skip
def _twice(v: Inspected) -> Found:
    mode = v.parameter("prize.mode")
    for award, grant in v.grants.items():
        payments, due = _payments(v, award), _due(v, grant)
        done = _unreversed(payments)
        problem: tuple[str, str] | None = None
        parts = Counter(e.payload.part_no for e in done)
        vouchers = Counter(e.payload.voucher_no for e in done)
        net = paid_net(payments)
        if isinstance(due, int) and due > 0 and net > due:
            problem = f"实付 {yuan(net)} 元，超过应付 {yuan(due)} 元", f"CNY {yuan(net)} paid, {yuan(due)} due"
        elif max([*parts.values(), *vouchers.values()], default=0) > 1:
            problem = "同一期或同一凭证付了两次", "a part or a voucher is paid twice"
        elif mode.stated and mode.value == "lump_sum" and any(e.payload.parts > 1 for e in done):
            problem = "应一次性发放而分期", "paid in parts, the text pays at once"
        if problem is not None:
            yield Hit(
                ("award", award),
                "C",
                done[-1].on,
                (done[-1], *done[:-1]),
                f"{award}：{problem[0]}",
                f"{award}: {problem[1]}",
                grant.payload.case_id,
                grant.payload.org,
                award=award,
                articles=mode.why.articles,
                thresholds={"due": due if isinstance(due, int) else None},
            )


@flag(
    "RF28", "second-prize-paid", "再次获奖仍发奖金", "prize paid again on a re-win", "C", "ZY27 JD六(一) HY17 GZ8,27",
    condition=("再次获得同一奖项而文本不再发奖金，仍有付款；创新奖之后获质量奖（金东）所付不是补差数额。",
               "A prize is paid for a re-win for which the text gives none; or, after the innovation award (Jindong), something else than the difference is paid for the quality award."),
    reason=("奖金只发一次。", "The prize is given once."),
    caution=("历史获奖须已登记才能识别。", "Earlier wins are seen only if they are on record."),
    example=("2019年、2023年两次获奖，两次都领 20 万元。", "Won in 2019 and 2023, and 200,000 both times."), companions=("RF25", "RF27", "RF41"),
)  # fmt: skip
def _second_prize(v: Inspected) -> Found:
    for award, grant in v.grants.items():
        p = grant.payload
        won = rewin(v.at(grant.on), v.law, award)
        own = award_of(v.live, v.law, award)
        if not won.is_value or own is None:
            continue
        done = _unreversed(_payments(v, award))
        paid = paid_net(done)
        again = v.parameter(f"prize.rewin.{p.award}", grant.on)
        top_up = top_up_rule(v.law, own, won.value())
        expected = (
            int(top_up["amount"])
            if top_up is not None
            else int(again.value)
            if not won.value()["first"] and again.stated
            else None
        )
        if expected is not None and done and paid > expected:
            prior = [
                e
                for x in won.value()["prior"]
                if (e := v.live.last("AwardGranted", award_id=x["award_id"])) is not None
            ]
            yield Hit(
                ("award", award),
                "C",
                done[-1].on,
                (done[-1], *done[:-1], grant, *prior),
                f"{award} 为再次获奖，应发 {yuan(expected)} 元，实付 {yuan(paid)} 元",
                f"{award} is a re-win: CNY {yuan(expected)} is due, {yuan(paid)} was paid",
                p.case_id,
                p.org,
                award=award,
                articles=again.why.articles,
                thresholds={"due": expected},
            )


@flag(
    "RF33", "clawback-outstanding", "追缴未到账", "clawback outstanding", "H", "ZY23,24 JD七 HY19 GZ28",
    condition=("追缴决定的期限已过，到账与减免之和少于应追缴额。", "After its last day less has been received and waived than was ordered."),
    reason=("追缴不到位，撤销就没有代价。", "A revocation without recovery has no price."),
    caution=("期限由追缴决定载明，多数文本未定。", "The last day is the order's; most texts set none."),
    example=("限 6月30日缴回 50 万元，至 7月1日分文未缴。", "500,000 by 30 June, nothing on 1 July."), companions=("RF32",),
)  # fmt: skip
def _outstanding(v: Inspected) -> Found:
    for award, grant in v.grants.items():
        value = money(v.live, v.law, award)
        orders = v.live.of("ClawbackOrdered", award_id=award)
        if (
            not orders
            or not value.is_value
            or not value.value()["clawback_outstanding"]
            or not value.value()["clawback_overdue"]
        ):
            continue
        late = [o for o in orders if o.payload.due_on < v.live.on]
        amount = value.value()["clawback_overdue"]
        due: date = min(o.payload.due_on for o in late)
        yield Hit(
            ("award", award),
            "H",
            due + timedelta(days=1),
            tuple(late),
            f"{award} 逾期未缴回 {yuan(amount)} 元",
            f"{award}: CNY {yuan(amount)} overdue",
            grant.payload.case_id,
            grant.payload.org,
            award=award,
            articles=v.parameter("clawback.due", v.live.on).why.articles,
            thresholds={"due_on": due},
        )


@flag(
    "RF45", "payment-channel-or-payee", "拨付渠道或收款人不符", "wrong channel or payee", "M/H", "GZ9 (AUD)",
    condition=("付款渠道不是文本规定的渠道（M）；收款组织不是获奖组织（H）。", "Paid through another channel than the text's (M); to another organisation than the winner (H)."),
    reason=("渠道与收款人是资金可追溯的前提。", "Channel and payee make money traceable."),
    caution=("合并承继后的付款须有承继决定。", "After a merger a decision on succession is needed."),
    example=("赣州未经惠企政策平台拨付。", "Not through the policy platform in Ganzhou."), companions=("RF41",),
)  # fmt: skip
def _channel(v: Inspected) -> Found:
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
                    f"{award} 的奖金付给 {p.org}，获奖者为 {grant.payload.org}",
                    f"the prize of {award} went to {p.org}, the winner is {grant.payload.org}",
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
                    f"{award} 经{word(p.channel)[0]}拨付，文本为{word(stated.value)[0]}",
                    f"{award} was paid by {word(p.channel)[1]}, the text says {word(stated.value)[1]}",
                    grant.payload.case_id,
                    grant.payload.org,
                    award=award,
                    articles=stated.why.articles,
                )


@flag(
    "RF46", "paid-after-revocation", "撤销后仍拨付", "paid after the revocation", "C", "(AUD)",
    condition=("付款日不早于撤销生效日。", "The day of payment is not before the day on which the revocation takes effect."),
    reason=("已撤销的奖项没有应付奖金。", "A revoked award has nothing due."),
    caution=("撤销溯及授奖日的，此前付款由追缴处理。", "Where a revocation reaches back, earlier payments are a matter of clawback."),
    example=("3月1日撤销，3月10日付款。", "Revoked on 1 March, paid on the 10th."), companions=("RF41",),
)  # fmt: skip
def _after_revocation(v: Inspected) -> Found:
    for award, grant in v.grants.items():
        for revoked in v.live.of("AwardRevoked", award_id=award)[:1]:
            for payment in _unreversed(_payments(v, award)):
                if payment.payload.paid_on >= revoked.payload.effective_on:
                    yield Hit(
                        ("award", award),
                        "C",
                        payment.on,
                        (payment, revoked),
                        f"{award} 于 {revoked.payload.effective_on} 撤销，{payment.payload.paid_on} 仍付款",
                        f"{award} was revoked on {revoked.payload.effective_on} and paid on {payment.payload.paid_on}",
                        grant.payload.case_id,
                        grant.payload.org,
                        award=award,
                    )


@flag(
    "RF50", "clawback-amount-differs", "追缴数额不符", "amount of a clawback differs", "M", "ZY24 JD七 HY19 GZ28",
    condition=("因撤销而作的追缴合计，不等于文本对该事由推导的应追缴额。", "What is ordered back after a revocation is not the amount that the text gives for its ground."),
    reason=("多追缺乏依据，少追放纵损失。", "More has no basis, less leaves a loss."),
    caution=("文本未写追缴的事由由 RF30 提示。", "Grounds for which a text has no clawback are RF30's."),
    example=("已付 50 万元，只追 30 万元。", "500,000 paid, 300,000 ordered back."), companions=("RF32", "RF41"),
)  # fmt: skip
def _clawback_amount(v: Inspected) -> Found:
    applies = False
    for award, grant in v.grants.items():
        orders = [o for o in v.live.of("ClawbackOrdered", award_id=award) if o.payload.reason.startswith("revoked")]
        own = award_of(v.live, v.law, award)
        if not orders or own is None or own.revoked is None:
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
                f"{award} 追缴 {yuan(ordered)} 元，应为 {yuan(expected.result)} 元",
                f"{award}: CNY {yuan(ordered)} ordered back, {yuan(expected.result)} by the text",
                grant.payload.case_id,
                grant.payload.org,
                award=award,
                articles=expected.why.articles,
                thresholds={"expected": expected.result},
            )
    if not applies:
        yield Off("没有因撤销而作的追缴", "nothing was ordered back after a revocation")
