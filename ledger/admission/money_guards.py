"""Guards of money; who pays does not decide about awards (separation S3).

A clawback without a basis in the text is refused (readings B-55, B-56)."""

from __future__ import annotations

from datetime import date
from typing import NoReturn

from ledger.admission.dissolved import refuse_holder_dissolved
from ledger.admission.object_guards import award_held_by, belongs_to, refuse_award_of_another
from ledger.admission.view import View, refuse, refuse_by, refuse_set_aside
from ledger.derivation.answer import Answer, Undetermined
from ledger.derivation.history import LiveEvent
from ledger.derivation.law import Resolved
from ledger.derivation.money import bonus_due
from ledger.derivation.owed_back import demanded_back, expected_clawback, grave_misuse, held, paid_net, standing_orders
from ledger.derivation.panels import recused_since
from ledger.derivation.prize import Instalment, held_of_parts, instalments, prize_due, prize_given, top_up_rule
from ledger.derivation.setting_aside import void_from_the_start
from ledger.derivation.standing import Award, award_of, by_decision, first_win, wins_before
from ledger.derivation.words import word
from ledger.errors import InvariantError, PermissionRefusedError
from ledger.events.after_award import AwardRevoked, HigherAwardRecorded
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.money import (
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    FundMisuseFound,
    FundUseReported,
    PostAwardCheckHeld,
    PrizePaid,
)
from ledger.regulation.periods import period_end
from ledger.sentences import sentence
from ledger.yuan import in_words


def _paid(view: View[ClawbackOrdered | FundMisuseFound | FundUseReported | PrizePaid]) -> int:
    """What the winner has of the prize, in fen."""
    return held(view.live, view.law, view.payload.award_id or "")


def pays_for_an_award(view: View[PrizePaid]) -> None:
    p = view.payload
    if p.award_id is None and p.higher_award_id is None:
        refuse("award_missing", "AUD", None, sentence("a payment names an award or a higher award"))
    if p.award_id is not None:
        award_held_by(view, p.award_id, p.org)
        if p.reversal_of is None:
            refuse_holder_dissolved(view)
        if p.reversal_of is None and void_from_the_start(view.live, p.award_id):
            refuse_set_aside(view, p.award_id)
    elif p.higher_award_id is not None:
        higher = view.live.last(HigherAwardRecorded, higher_award_id=p.higher_award_id)
        if higher is None:
            refuse("award_unknown", "AUD", None, sentence("the higher award is not recorded"))
        if not belongs_to(view, p.org, higher.payload.org):
            refuse_award_of_another()
    if p.amount == 0 or not 1 <= p.part_no <= p.parts:
        refuse("payment_unsound", "AUD", None, sentence("amount and part number are positive and in range"))
    if view.live.of(PrizePaid, voucher_no=p.voucher_no):
        refuse("voucher_taken", "AUD", None, sentence("voucher {voucher_no} is used", voucher_no=p.voucher_no))
    if p.reversal_of is not None:
        _reverses_a_payment(view, p.reversal_of)
        if view.live.of(PrizePaid, reversal_of=p.reversal_of):
            refuse("reversed_already", "AUD", None, sentence("this payment is reversed already"))
        ordered = sum(e.payload.amount for e in standing_orders(view.live, view.law, p.award_id or ""))
        if p.award_id and _paid(view) < p.amount:
            refuse(
                "reversal_below_returned",
                "AUD",
                None,
                sentence("the winner has {paid} of the prize, the rest came back", paid=in_words(_paid(view))),
                remedy=sentence("pay anew what is due; nothing is left to reverse"),
            )
        if p.award_id and _paid(view) - p.amount < ordered:
            refuse(
                "reversal_below_ordered",
                "AUD",
                None,
                sentence("{ordered} of it are ordered back", ordered=in_words(ordered)),
                remedy=sentence("annul the order first"),
            )


#: What a reversal has in common with the payment that it takes back.
_OF_A_PAYMENT = ("org", "award_id", "higher_award_id", "kind", "amount")


def _reverses_a_payment(view: View, payment: str) -> None:
    target = view.named.get(payment)
    if target is None or not isinstance(target.payload, PrizePaid):
        refuse("reversal_unsound", "AUD", None, sentence("a reversal names a payment"), field="reversal_of")
    if target.payload.reversal_of is not None:
        refuse(
            "reversal_unsound",
            "AUD",
            None,
            sentence("a reversal is not reversed; pay anew"),
            field="reversal_of",
        )
    differing = [n for n in _OF_A_PAYMENT if getattr(target.payload, n) != getattr(view.payload, n)]
    if differing:
        refuse(
            "reversal_unsound",
            "AUD",
            None,
            sentence("a reversal takes back one payment: of the same organisation, award, kind and amount"),
            field=differing[0],
        )


def pays_what_is_due(view: View[PrizePaid]) -> None:
    """The amount is the law's (D18): whole, or part by part where the text pays in instalments."""
    p = view.payload
    if p.award_id is None or p.reversal_of is not None or view.is_import:
        return
    award = award_of(view.live, view.law, p.award_id)
    if award is None:
        raise InvariantError("an award that a guard before has found")
    mode = view.law.parameter(award.enacted, "prize.mode", award.granted.on)
    due = prize_due(view.live, view.law, p.award_id)
    if due.is_value and _paid(view) + p.amount > due.value():
        if award.set_aside is not None:
            refuse_set_aside(view, p.award_id)
        if award.revoked is not None:
            _refuse_after_revocation(view, award, award.revoked, due)
    stated = view.law.parameter(award.enacted, _prize_path(view, award), award.granted.on)
    if not due.is_value:
        if not isinstance(due.result, Undetermined):
            raise InvariantError(f"due.result is a {type(due.result).__name__}, no Undetermined")
        refuse(
            "prize_undetermined",
            stated.rule or due.result.gap,
            None,
            sentence("the prize is not determined: {why}", why=(due.result.zh, due.result.en)),
            remedy=sentence("a signed decision or interpretation states the amount"),
            reading=due.result.gap,
            path=due.result.parameter,
        )
    channel = view.law.parameter(award.enacted, "prize.channel", award.granted.on)
    if channel.stated and p.channel != channel.value:
        refuse_by(
            channel,
            "channel_differs",
            sentence(
                "paid through “{text}”, not “{channel}”",
                text=word(channel.text, "channel"),
                channel=word(p.channel, "channel"),
            ),
        )
    schedule = instalments(view.live, view.law, p.award_id)
    if schedule.is_value:
        _pays_the_part(view, mode, schedule.value())
        return
    came_back = _paid(view) < paid_net(view.live.of(PrizePaid, award_id=p.award_id))
    if mode.stated and mode.text == "lump_sum" and (p.parts != 1 or (_paid(view) and not came_back)):
        refuse_by(
            mode,
            "paid_in_one_sum",
            sentence("the prize is paid once, in one sum"),
            remedy=sentence("reverse the payment before paying anew"),
        )
    total = _paid(view) + p.amount
    if total > due.value() or (p.parts == 1 and total != due.value()):
        refuse_by(
            stated,
            "amount_differs",
            sentence(
                "{due} are due, {paid} paid; {amount} does not fit",
                due=in_words(due.value()),
                paid=in_words(_paid(view)),
                amount=in_words(p.amount),
            ),
            due=due.value(),
            paid=_paid(view),
            reading=", ".join(due.why.readings) or None,
        )


def _refuse_after_revocation(
    view: View[PrizePaid], award: Award, revoked: LiveEvent[AwardRevoked], due: Answer[int]
) -> NoReturn:
    p = revoked.payload
    rule, _ = by_decision(view.live, view.law, award, f"revoke.{p.ground}.clawback", p.decision_id, revoked.on)
    refuse_by(
        rule,
        "award_revoked",
        sentence(
            "the award was revoked; {due} of its prize are due, {paid} paid",
            due=in_words(due.value()),
            paid=in_words(_paid(view)),
        ),
        decided=revoked,
        reading=", ".join(due.why.readings) or None,
    )


def _prize_path(view: View, award: Award) -> str:
    won = wins_before(view.live, view.law, award)
    first, _ = first_win(view.law, award, won)
    if first is True and top_up_rule(view.law, award, won.prior, first=True) is not None:
        return "prize.top_up"
    return f"prize.{'rewin' if first is False else 'first'}.{award.kind}"


def _pays_the_part(view: View[PrizePaid], mode: Resolved, schedule: list[Instalment]) -> None:
    p = view.payload
    part = next((s for s in schedule if s.part == p.part_no), None)
    if part is None or p.parts != len(schedule):
        refuse_by(mode, "part_unknown", sentence("the prize is paid in {schedule} parts", schedule=len(schedule)))
    if part.payable_from is None or view.on < part.payable_from:
        told = word(part.condition, "after")
        called = sentence("from {payable_from}", payable_from=part.payable_from) if part.payable_from else told
        refuse_by(
            mode,
            "part_not_payable",
            sentence("part {part} is payable {since}", part=part.part, since=called),
        )
    paid = held_of_parts(view.live, view.law, p.award_id or "").get(p.part_no, 0)
    if paid + p.amount != part.amount:
        refuse_by(
            mode,
            "amount_differs",
            sentence(
                "part {part} is {amount}, {paid} paid",
                part=part.part,
                amount=in_words(part.amount),
                paid=in_words(paid),
            ),
            due=part.amount,
            paid=paid,
        )


def pays_the_bonus_of_the_text(view: View[PrizePaid]) -> None:
    p = view.payload
    if p.higher_award_id is None or p.reversal_of is not None:
        return
    won = view.live.last(HigherAwardRecorded, higher_award_id=p.higher_award_id)
    if won is None:
        return
    stated = view.law.parameter(view.law.in_force(won.payload.won_on), "prize.superior_bonus", view.on)
    due = bonus_due(stated, won)
    paid = paid_net(view.live.of(PrizePaid, higher_award_id=p.higher_award_id))
    if due is not None and paid + p.amount != due:
        refuse_by(
            stated,
            "amount_differs",
            sentence("{due} are due for this higher award, {paid} paid", due=in_words(due), paid=in_words(paid)),
            due=due,
            paid=paid,
            reading="B-39:default",
        )


def reports_no_more_than_paid(view: View[FundUseReported]) -> None:
    award_held_by(view, view.payload.award_id, view.payload.org)
    view.acts_for(view.payload.org)
    used = sum(i.amount for e in view.live.of(FundUseReported, award_id=view.payload.award_id) for i in e.payload.items)
    if used + sum(i.amount for i in view.payload.items) > _paid(view):
        refuse("more_than_paid", "AUD", None, sentence("more is reported than was paid"))


def checks_a_granted_award(view: View[PostAwardCheckHeld]) -> None:
    case_id = award_held_by(view, view.payload.award_id, view.payload.org).payload.case_id
    for signer in view.signers:
        if recused_since(view.live, signer.principal_id, case_id) is not None:
            scope = view.parameter("recusal.scope", case_id=case_id)
            refuse_by(
                scope,
                "inspector_conflicted",
                sentence(
                    "{principal_id} is recused from {case_id}",
                    principal_id=signer.principal_id,
                    case_id=view.case_called(case_id),
                ),
            )


def misuse_at_most_paid(view: View[FundMisuseFound]) -> None:
    award_held_by(view, view.payload.award_id, view.payload.org)
    if not 0 < view.payload.amount <= _paid(view):
        refuse("misuse_out_of_range", "AUD", None, sentence("0 < amount <= paid"))


def orders_what_the_text_gives(view: View[ClawbackOrdered]) -> None:
    p = view.payload
    award_held_by(view, view.payload.award_id, view.payload.org)
    award = award_of(view.live, view.law, p.award_id)
    if award is None:
        raise InvariantError("an award that a guard before has found")
    if p.reason == "fund_misuse":
        found = view.live.last(FundMisuseFound, award_id=p.award_id)
        # What a finding leads to is asked as of its day, here as by the facts.
        on = found.on if found is not None else view.on
        rule: Resolved = view.law.parameter(award.enacted, "fund_misuse.clawback", on)
        if not rule.stated:
            refuse_by(
                rule,
                "clawback_without_basis",
                sentence("the text gives no clawback for misuse"),
            )
        grave = grave_misuse(view.live, view.law, award)
        if not grave:
            refuse_by(
                rule,
                "misuse_not_serious",
                sentence("no serious misuse is found"),
                remedy=sentence("record the finding with the severity that was determined"),
                reading=None,
            )
        _within_the_ceiling(view, award, sum(e.payload.amount for e in grave), on)
    elif p.reason in ("revoked_fraud", "revoked_other"):
        if award.revoked is None:
            refuse("not_revoked", "AUD", None, sentence("the award is not revoked"))
        ground = award.revoked.payload.ground
        rule, _ = demanded_back(view.live, view.law, award, award.revoked)
        view.needs(rule)
        if not rule.yes:
            refuse_by(
                rule,
                "clawback_without_basis",
                sentence("the text states no clawback for the ground “{ground}”", ground=word(ground, "ground")),
                remedy=sentence("a signed interpretation may settle a silent text"),
            )
    decision = view.live.last(GovernmentDecisionMade, decision_id=p.decision_id)
    if decision is None or p.award_id not in {i.award_id for i in decision.payload.approved}:
        path = "fund_misuse.clawback" if award.revoked is None else f"revoke.{award.revoked.payload.ground}.clawback"
        refuse_by(
            view.law.parameter(award.enacted, path, award.revoked.on if award.revoked is not None else view.on),
            "decision_missing",
            sentence("no government decision approves it"),
            remedy=sentence("record the government's decision on the clawback or the revocation first"),
            reading=None,
        )
    _orders_at_most_what_is_owed(view, award)
    if view.live.of(ClawbackOrdered, clawback_id=p.clawback_id):
        refuse("clawback_exists", "AUD", None, sentence("clawback {clawback_id} exists", clawback_id=p.clawback_id))


def _within_the_ceiling(view: View[ClawbackOrdered], award: Award, misused: int, on: date) -> None:
    """The whole prize, or the misused part where text or reading says so (B-51)."""
    limit = view.law.parameter(award.enacted, "fund_misuse.clawback_limit", on)
    chosen, why = view.law.reading(award.enacted, "reading.misuse_clawback", on)
    part_only = limit.text == "misused" if limit.stated else chosen == "misused_part"
    ordered = sum(
        e.payload.amount
        for e in standing_orders(view.live, view.law, view.payload.award_id)
        if e.payload.reason == "fund_misuse"
    )
    if part_only and ordered + view.payload.amount > misused:
        refuse_by(
            limit,
            "more_than_misused",
            sentence("{misused} were misused{ordered}", misused=in_words(misused), ordered=_ordered_before(ordered)),
            reading=", ".join(why.readings),
        )


def _orders_what_was_overpaid(view: View[ClawbackOrdered], award: Award) -> None:
    """At most what was paid beyond what winning brought; refused while nobody can say how much that was.

    What a revocation takes back is ordered by its ground; what a ruling leaves without basis is overpaid.
    """
    paid = _paid(view)
    ordered = sum(e.payload.amount for e in view.live.of(ClawbackOrdered, award_id=award.award_id, reason="overpaid"))
    if award.set_aside is not None:
        owed = expected_clawback(view.live, view.law, award)
    else:
        given = prize_given(view.live, view.law, award)
        owed = Answer(max(0, paid - given.value()), given.why) if given.is_value else given
    if isinstance(owed.result, Undetermined):
        gap = owed.result
        refuse(
            "clawback_without_basis",
            gap.gap,
            None,
            sentence("what is owed back is not determined: {why}", why=(gap.zh, gap.en)),
            reading=gap.gap,
            remedy=sentence("a signed interpretation may settle a silent text"),
            path=gap.parameter,
        )
    most = owed.value()
    if ordered + view.payload.amount > most:
        refuse(
            "more_than_overpaid",
            "AUD",
            ", ".join(owed.why.articles) or None,
            sentence(
                "{paid} were paid, {most} of it rightly{ordered}; {left} can be ordered back",
                paid=in_words(paid),
                most=in_words(paid - most),
                ordered=_ordered_before(ordered),
                left=in_words(most - ordered),
            ),
            reading=", ".join(owed.why.readings) or None,
        )


def _orders_at_most_what_is_owed(view: View[ClawbackOrdered], award: Award) -> None:
    p = view.payload
    ordered = sum(e.payload.amount for e in standing_orders(view.live, view.law, p.award_id))
    most, code = _paid(view), "more_than_paid"
    stated: Resolved | None = None
    if award.revoked is not None and p.reason in ("revoked_fraud", "revoked_other"):
        expected = expected_clawback(view.live, view.law, award)
        path = f"revoke.{award.revoked.payload.ground}.clawback_part"
        stated, _ = by_decision(view.live, view.law, award, path, award.revoked.payload.decision_id, award.revoked.on)
        if expected.is_value and expected.value() < most:
            most, code = expected.value(), "more_than_owed"
    if p.reason == "overpaid":
        _orders_what_was_overpaid(view, award)
    if ordered + p.amount > most:
        called = _ordered_before(ordered)
        if stated is not None and stated.stated:
            refuse_by(
                stated,
                code,
                sentence("at most {most} are owed{before}", most=in_words(most), before=called),
            )
        refuse(
            "more_than_paid",
            "B-50",
            None,
            sentence(
                "with {amount} more would be ordered than was paid: at most {most}{before}",
                amount=in_words(p.amount),
                most=in_words(most),
                before=called,
            ),
            reading="B-50:default",
            ordered=ordered,
            remedy=sentence("order what was paid and not yet ordered back"),
        )
    due = view.law.parameter(award.enacted, "clawback.due", view.on)
    if due.stated:
        last = period_end(view.on, due.number, due.period_unit, view.law.calendar)
        if p.due_on > last:
            refuse_by(due, "due_too_late", sentence("repayment is due by {last}", last=last))


def _ordered_before(ordered: int) -> tuple[str, str]:
    """What earlier orders already demand, for a sentence about one that goes too far with them."""
    return sentence("; {ordered} were ordered before", ordered=in_words(ordered)) if ordered else ("", "")


def settles_at_most_ordered(view: View[ClawbackWaived | ClawbackReceived]) -> None:
    p = view.payload
    order = view.live.last(ClawbackOrdered, clawback_id=p.clawback_id)
    if order is None or order.payload.award_id != p.award_id:
        refuse(
            "clawback_unknown",
            "AUD",
            None,
            sentence("clawback {clawback_id} was not ordered", clawback_id=p.clawback_id),
        )
    settled = sum(e.payload.amount for e in view.live.of(ClawbackReceived, ClawbackWaived, clawback_id=p.clawback_id))
    if p.amount == 0 or settled + p.amount > order.payload.amount:
        refuse(
            "more_than_ordered",
            "AUD",
            None,
            sentence(
                "{amount} were ordered, {settled} of it is settled; {left} are open",
                amount=in_words(order.payload.amount),
                settled=in_words(settled),
                left=in_words(order.payload.amount - settled),
            ),
        )
    if isinstance(view.payload, ClawbackReceived) and order.actor == view.statement.actor:
        raise PermissionRefusedError(
            "duties_not_separated",
            sentence("who ordered a clawback does not confirm its receipt (separation S3)"),
            separation="S3",
        )


def waives_on_an_outside_basis(view: View[ClawbackWaived]) -> None:
    decision = view.live.last(GovernmentDecisionMade, decision_id=view.payload.decision_id, subject="waiver")
    if decision is None or view.payload.award_id not in {i.award_id for i in decision.payload.approved}:
        refuse(
            "decision_missing",
            "AUD",
            None,
            sentence("no government decision on a waiver names this award"),
            remedy=sentence("record the government's decision on the waiver first"),
        )
    if not view.statement.basis:
        refuse(
            "basis_missing",
            "AUD",
            None,
            sentence("none of the texts grants a waiver; name the legal basis"),
        )
