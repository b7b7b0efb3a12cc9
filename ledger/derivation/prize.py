"""The prize that is due, to the fen, and its instalments (D18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Law
from ledger.derivation.owed_back import (
    came_back_in_vain,
    demanded_back,
    held,
    part_owed_back,
    silent_on_rulings,
    takes_back,
)
from ledger.derivation.procedure import ordered_steps
from ledger.derivation.record import Day, Money, Number, Record, Word
from ledger.derivation.standing import (
    NO_AWARD,
    Award,
    Earlier,
    award_of,
    first_win,
    wins_before,
)
from ledger.events.after_award import AwardRevoked, AwardSetAside, PostAwardReportFiled
from ledger.events.money import (
    ClawbackReceived,
    PostAwardCheckHeld,
    PrizePaid,
)
from ledger.regulation.periods import add_months
from ledger.regulation.readings import READINGS
from ledger.regulation.stated import Absence
from ledger.regulation.tables import PrizePart, TopUp
from ledger.sentences import sentence


def prize_due(live: Live, law: Law, award_id: str) -> Answer[int]:
    """The prize that the law (or, where it is silent, the government's decision) gives, in fen (D18).

    A revocation takes away what the text demands back, paid or not; a ruling what a reading says (B-91, B-92).
    """
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable(*sentence("not granted by that day")))
    # What is decided already, though it takes effect on a coming day, is not paid against.
    ruling = award.set_aside or live.last(AwardSetAside, award_id=award_id)
    revoked = award.revoked or live.last(AwardRevoked, award_id=award_id)
    if revoked is not None and (ruling is None or (not award.void and takes_back(live, law, award, revoked))):
        return _due_when_revoked(live, law, award, revoked)
    return prize_given(live, law, award) if ruling is None else _due_when_set_aside(live, law, award, ruling)


def prize_given(live: Live, law: Law, award: Award) -> Answer[int]:
    """The prize that winning brings, in fen, whatever became of the award afterwards."""
    won = wins_before(live, law, award)
    first, first_why = first_win(law, award, won)
    why = won.why | first_why
    if isinstance(first, Undetermined):
        return _decided(law, award, why | _what_either_win_brings(law, award), first)
    rule = top_up_rule(law, award, won.prior, first=first)
    if rule is not None:
        before = [p for p in won.prior if p.award == rule.after]
        top_up = law.parameter(award.enacted, "prize.top_up", award.granted.on)
        return _top_up(law, award, rule, before, why | top_up.why)
    why |= law.parameter(award.enacted, "prize.top_up", award.granted.on).left_open
    return _stated_prize(law, award, first=first, why=why)


def _what_gives_the_prize(law: Law, award: Award) -> Why:
    """The articles that give a prize, by their amounts and by the step: what they do not say, the text does not say."""
    _, steps = ordered_steps(law, award.enacted, award.granted.on)
    paid = [a for s in steps if s.step == "prize" and award.enacted for a in award.enacted.articles(s.article)]
    return _what_either_win_brings(law, award) | Why(articles=tuple(paid))


def _what_either_win_brings(law: Law, award: Award) -> Why:
    """The articles between which the question stands what a win is worth."""
    either = [law.parameter(award.enacted, f"prize.{win}.{award.kind}", award.granted.on) for win in ("first", "rewin")]
    return replace(either[0].why | either[1].why, events=(), readings=())


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
            return Answer(silent_on_rulings(), why | reading)


def _due_when_revoked(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> Answer[int]:
    """What is left of what was paid after what the text demands back; where it demands nothing, what was paid was due.

    Whether the rest may still be paid then is a question that none of the texts answers (B-92).
    """
    rule, why = demanded_back(live, law, award, revoked)
    why |= Why(events=(award.granted.id,))
    paid = held(live, law, award.award_id)
    if rule.stated and rule.yes:
        demanded = part_owed_back(live, law, award, revoked, paid, why)
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
        *sentence("the award was revoked; the text does not say whether a prize not yet paid is still to be paid"),
    )
    return Answer(gap, why | given.why | reading)


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
            *sentence("the earlier award was revoked; the government decides"),
        )
        return _decided(law, award, why | reading, gap)
    return Answer(rule.amount, why | reading)


def _stated_prize(law: Law, award: Award, *, first: bool, why: Why) -> Answer[int]:
    path = f"prize.{'first' if first else 'rewin'}.{award.kind}"
    stated = law.parameter(award.enacted, path, award.granted.on)
    why |= stated.why
    if stated.stated:
        return Answer(stated.number, why)
    if not first:
        # The clause that gives the prize is the one that does not say what winning again brings.
        why |= replace(law.parameter(award.enacted, f"prize.first.{award.kind}", award.granted.on).why, readings=())
        chosen, reading = law.reading(award.enacted, "reading.repeat_quality_prize", award.granted.on)
        why |= reading
        if chosen == "no_prize":
            return Answer(0, why)
        if chosen == "first_prize":
            return _stated_prize(law, award, first=True, why=why)
    return _decided(law, award, why, stated.undetermined())


def _decided(law: Law, award: Award, why: Why, gap: Undetermined) -> Answer[int]:
    """What the government's decision states where the text gives nothing (B-34, B-40); else the gap."""
    amount = _decided_amount(award)
    if award.enacted is None or READINGS["reading.prize_by_decision"].concerns(award.enacted.pack.id):
        why |= law.reading(award.enacted, "reading.prize_by_decision", award.granted.on)[1]
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


class Instalment(Record, frozen=True, kw_only=True):
    """One part of a prize: its amount in fen, and from when it may be paid (None: its condition is not met)."""

    part: Number
    amount: Money
    payable_from: Day | None
    condition: Word


class PaidInstalment(Instalment, frozen=True, kw_only=True):
    """One part of a prize, and what the winner has of it in fen (``held_of_parts``)."""

    paid: Money


class Instalments(Record, frozen=True, kw_only=True):
    """The schedule of a prize beside what was paid (D18)."""

    parts: tuple[PaidInstalment, ...]


def instalments(live: Live, law: Law, award_id: str) -> Answer[list[Instalment]]:
    """The schedule of a prize that the text pays in parts; the last part takes what rounding leaves."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable(*sentence("not granted by that day")))
    mode = law.parameter(award.enacted, "prize.mode", award.granted.on)
    stated = law.parameter(award.enacted, "prize.instalments", award.granted.on)
    why = mode.why | stated.why
    if mode.absence is Absence.UNKNOWN:
        return Answer(mode.undetermined(), why)
    if not (mode.stated and mode.text == "instalments" and stated.stated):
        said = NotApplicable(*sentence("the text does not pay in instalments"))
        return Answer(said, why if mode.stated else why | _what_gives_the_prize(law, award))
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


def held_of_parts(live: Live, law: Law, award_id: str) -> dict[int, int]:
    """What the winner has of each part of a prize, in fen: paid, less reversals and less what came back in vain.

    An order to pay back names no part: what came back is taken from the parts that were due last.
    """
    in_vain = {e.id for e in came_back_in_vain(live, law, award_id)}
    has = dict[int, int]()
    for event in live.of(PrizePaid, ClawbackReceived, award_id=award_id):
        match event.payload:
            case PrizePaid(reversal_of=None, part_no=part, amount=amount):
                has[part] = has.get(part, 0) + amount
            case PrizePaid(part_no=part, amount=amount):
                _take(has, amount, part)
            case ClawbackReceived(amount=amount) if event.id in in_vain:
                _take(has, amount)
    return has


def _take(has: dict[int, int], amount: int, first: int | None = None) -> None:
    """Take an amount from one part, and what that does not hold from the last part backwards."""
    for part in sorted(has, key=lambda part: (part != first, -part)):
        taken = min(has[part], amount)
        has[part], amount = has[part] - taken, amount - taken


def instalments_answer(live: Live, law: Law, award_id: str) -> Answer[Instalments]:
    """The schedule beside what was paid of each part."""
    answer = instalments(live, law, award_id)
    if not answer.is_value:
        return answer.without_value(answer.why)
    payments, has = live.of(PrizePaid, award_id=award_id), held_of_parts(live, law, award_id)
    rows = tuple(
        PaidInstalment(
            part=s.part,
            amount=s.amount,
            payable_from=s.payable_from,
            condition=s.condition,
            paid=has.get(s.part, 0),
        )
        for s in answer.value()
    )
    return Answer(Instalments(parts=rows), answer.why | Why(events=tuple(p.id for p in payments)), answer.turns_on)
