"""What is owed back of a prize, to the fen: by the text when an award is revoked, by a ruling, for misuse (D19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.derivation.answer import Answer, Undetermined, Why
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Law, Resolved
from ledger.derivation.standing import (
    Award,
    award_of,
    by_decision,
    term,
)
from ledger.events.after_award import AwardRevoked, AwardSetAside
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.money import (
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    FundMisuseFound,
    PrizePaid,
)
from ledger.regulation.periods import months_between
from ledger.regulation.stated import Absence
from ledger.regulation.tables import ClawbackPart, needed
from ledger.sentences import sentence


def expected_clawback(live: Live, law: Law, award: Award) -> Answer[int]:
    """What the law demands back, in fen: all that was paid, or the part that the text states; 0 where it gives none.

    A ruling that sets aside an award that was revoked before leaves to the text what it demands of the revocation.
    """
    paid = held(live, law, award.award_id)
    event = award.revoked
    if event is None:
        return Answer(0) if award.set_aside is None else _owed_when_set_aside(law, award, award.set_aside, paid)
    rule, why = demanded_back(live, law, award, event)
    if rule.stated and rule.yes:
        return part_owed_back(live, law, award, event, paid, why)
    if award.set_aside is not None:
        return _owed_when_set_aside(law, award, award.set_aside, paid)
    if rule.stated:
        return Answer(0, why)
    if rule.absence is Absence.UNKNOWN:
        return Answer(rule.undetermined(), why)
    # B-55, B-56: silence after an explicit list elsewhere in the same text is no clawback, unless so interpreted.
    reading, reading_why = law.reading(award.enacted, "reading.silent_consequence", event.on)
    return Answer(0 if reading == "none" else rule.undetermined(), why | reading_why)


def _owed_when_set_aside(law: Law, award: Award, ruling: LiveEvent[AwardSetAside], paid: int) -> Answer[int]:
    """What was paid is owed back where a reading says so; where none does, that is the open question."""
    chosen, reading = law.reading(award.enacted, "reading.set_aside_money", ruling.on)
    why = Why(events=(ruling.id,)) | reading
    if chosen == "ask" and paid:
        return Answer(silent_on_rulings(), why)
    return Answer(paid if chosen == "owed_back" else 0, why)


def silent_on_rulings() -> Undetermined:
    """What stays open about the prize of an award that a ruling set aside (B-91)."""
    return Undetermined(
        "reading.set_aside_money",
        "B-91",
        *sentence(
            "the award was set aside by a ruling; the text does not say whether the prize is due, or owed back where "
            "paid"
        ),
    )


def takes_back(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> bool:
    """Does the text take the prize back for the ground of a revocation?"""
    return demanded_back(live, law, award, revoked)[0].yes


def demanded_back(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> tuple[Resolved, Why]:
    """Does the text take the prize back for this ground? Where it does not say, the articles that give the ground."""
    p = revoked.payload
    rule, chosen = by_decision(live, law, award, f"revoke.{p.ground}.clawback", p.decision_id, revoked.on)
    why = Why(events=(revoked.id,)) | rule.why | chosen
    return rule, why if rule.stated else why | law.about_ground(award.enacted, p.ground, revoked.on)


def part_owed_back(
    live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked], paid: int, why: Why
) -> Answer[int]:
    """A share in percent, or by whole months of validity that remain; halves of a fen go to the debtor."""
    path = f"revoke.{revoked.payload.ground}.clawback_part"
    part, chosen = by_decision(live, law, award, path, revoked.payload.decision_id, revoked.on)
    why |= chosen
    if not part.stated:
        return Answer(paid, why | part.left_open | Why(readings=("B-50:default",)))
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


def grave_misuse(live: Live, law: Law, award: Award) -> list[LiveEvent[FundMisuseFound]]:
    """Findings of misuse for which the text lets the prize be ordered back, each by what was law on its day; none where
    it gives no clawback (B-51, B-67).
    """
    return [found for found in live.of(FundMisuseFound, award_id=award.award_id) if _is_grave(law, award, found)]


def _is_grave(law: Law, award: Award, found: LiveEvent[FundMisuseFound]) -> bool:
    rule = law.parameter(award.enacted, "fund_misuse.clawback", found.on)
    return rule.stated and (rule.text == "any_with_government_approval" or found.payload.severity == "serious")


def misuse_not_ordered(live: Live, law: Law, award: Award) -> bool:
    """Was prize money misused, and neither ordered back nor its clawback rejected by the government?"""
    decisions = live.of(GovernmentDecisionMade, subject="clawback")
    rejected = max((d.position for d in decisions if award.award_id in d.payload.rejected_awards), default=0)
    grave = [e for e in grave_misuse(live, law, award) if e.position > rejected]
    orders = [o for o in standing_orders(live, law, award.award_id) if o.payload.reason == "fund_misuse"]
    ordered = sum(e.payload.amount for e in orders if e.position > rejected)
    return ordered < sum(e.payload.amount for e in grave)


def standing_orders(live: Live, law: Law, award_id: str) -> list[LiveEvent[ClawbackOrdered]]:
    """Orders to pay back whose ground stands: not those on a revocation or a finding that was annulled since.

    What was paid on one that has lost its ground is not owed, and is a prize not paid out again.
    """
    award = award_of(live, law, award_id)
    return [o for o in live.of(ClawbackOrdered, award_id=award_id) if _has_its_ground(live, law, award, o)]


def held(live: Live, law: Law, award_id: str) -> int:
    """What the winner has of a prize, in fen: paid, less reversals, less what it gave back on orders without ground."""
    in_vain = sum(e.payload.amount for e in came_back_in_vain(live, law, award_id))
    return paid_net(live.of(PrizePaid, award_id=award_id)) - in_vain


def came_back_in_vain(live: Live, law: Law, award_id: str) -> list[LiveEvent[ClawbackReceived]]:
    """What was received on orders to pay back that have lost their ground since."""
    standing = {order.id for order in standing_orders(live, law, award_id)}
    ids = {o.payload.clawback_id for o in live.of(ClawbackOrdered, award_id=award_id) if o.id not in standing}
    return [e for e in live.of(ClawbackReceived, award_id=award_id) if e.payload.clawback_id in ids]


def _has_its_ground(live: Live, law: Law, award: Award | None, order: LiveEvent[ClawbackOrdered]) -> bool:
    match order.payload.reason:
        case "overpaid":
            return True
        case "fund_misuse":
            grounds: Sequence[LiveEvent] = grave_misuse(live, law, award) if award is not None else ()
        case _:
            grounds = live.known_of(AwardRevoked, award_id=order.payload.award_id)
    late = order.recorded.statement.late
    # Of an earlier text the single steps are not known (B-28).
    imported = late is not None and late.kind == "legacy_import"
    return imported or any(ground.position < order.position for ground in grounds)


def basis_of(live: Live, law: Law, award: Award, order: LiveEvent[ClawbackOrdered]) -> Why:
    """The text by which an order to pay back was given, as of its ground; nothing where the ground is gone."""
    match order.payload.reason:
        case "fund_misuse":
            found = live.last(FundMisuseFound, award_id=award.award_id)
            if found is None:
                return Why()
            paths = ("fund_misuse.clawback", "fund_misuse.clawback_limit")
            texts = [law.parameter(award.enacted, path, found.on).why for path in paths]
            return Why(events=(found.id,)) | texts[0] | texts[1]
        case "overpaid":
            return Why()
        case _:
            return demanded_back(live, law, award, award.revoked)[1] if award.revoked is not None else Why()


def settled_of(
    live: Live, orders: Iterable[LiveEvent[ClawbackOrdered]]
) -> tuple[list[LiveEvent[ClawbackReceived]], list[LiveEvent[ClawbackWaived]]]:
    """What was received and what was waived of some orders."""
    ids = {order.payload.clawback_id for order in orders}
    return (
        [e for e in live.of(ClawbackReceived) if e.payload.clawback_id in ids],
        [e for e in live.of(ClawbackWaived) if e.payload.clawback_id in ids],
    )


def paid_net(payments: Iterable[LiveEvent[PrizePaid]]) -> int:
    """Sum of payments less reversals."""
    return sum(-p.payload.amount if p.payload.reversal_of else p.payload.amount for p in payments)
