"""What comes next for a case, who must act, and by when; most texts set no day, and the answer says so (D08)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.bans import running_ban
from ledger.derivation.cases import FINAL, State, case_status, open_objections, to_be_disqualified
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.notices import first_day_to_decide, notices_cut_short
from ledger.derivation.owed_back import held
from ledger.derivation.prize import PaidInstalment, instalments_answer, prize_due, prize_given
from ledger.derivation.procedure import STEP_NAMES, award_of_case, done, ordered_steps
from ledger.derivation.record import WORD, Article, Day, EventRef, Name, Record, Said, Text, Word
from ledger.derivation.standing import Award, award_of
from ledger.derivation.succession import gone
from ledger.derivation.words import word
from ledger.events.application import (
    ApplicationFiled,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    EligibilityDecided,
)
from ledger.events.money import PrizePaid
from ledger.events.notice import CaseDisqualified, ObjectionRaised, PublicNoticeOpened
from ledger.events.registry import topics
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.events.vocabulary import EVENTS
from ledger.statement import edition_of
from projections.sentences import sentence

#: Acts that stay possible whatever the next step is.
_ALWAYS = (ApplicationWithdrawn, ObjectionRaised, InterestDeclared, RecusalOrdered, CaseDisqualified)

#: What comes next for an application that was sent back.
_SUPPLEMENT = (*sentence("the completion of the file"), ApplicationSupplemented.SPEC.topic)


class Deadline(Record, frozen=True, kw_only=True):
    """The last day of a step, or the first."""

    by: Day | UnsetType = UNSET
    not_before: Day | UnsetType = UNSET


_NO_DAY: Answer[Deadline] = Answer(NotApplicable(*sentence("no legal deadline")))


class NextStep(Record, frozen=True, kw_only=True):
    """The next step of a case (D08). ``event`` is the type that records it, ``signed_by`` the roles that may sign that.

    ``missing`` is what an application that was sent back lacks, ``remaining`` every step that is not done, and
    ``always_possible`` what may happen whatever comes next. ``note`` says why a step comes again, or what stops the
    case whatever comes next; ``undetermined`` is the question that is open about it: how much is to be paid.
    """

    state: Annotated[State, WORD]
    step: Word
    zh: Text
    en: Text
    event: Word
    signed_by: tuple[Word, ...]
    rule: Article | None
    article: Article
    deadline: Deadline | None
    deadline_note: Said | None
    missing: tuple[Text, ...]
    sent_back_by: EventRef | None
    remaining: tuple[Word, ...]
    blocked_by: tuple[Name, ...]
    always_possible: tuple[Word, ...]
    note: Said | UnsetType = UNSET
    undetermined: Undetermined | UnsetType = UNSET


def next_step(live: Live, law: Law, case_id: str) -> Answer[NextStep]:
    """The first stated step that the case has not done, the event that records it, who signs it, and its deadline."""
    status = case_status(live, law, case_id)
    if not status.is_value:
        return status.without_value(status.why)
    state = status.value().state
    if state in FINAL and state != "awarded":
        return Answer(NotApplicable(*sentence("the case is over; there is no next step")), status.why)
    enacted = pinned_pack(live, law, edition_of(case_id))
    stated, steps = ordered_steps(law, enacted, live.on)
    why = status.why | stated.why
    if not stated.stated:
        return Answer(stated.undetermined(), why)
    payment = _payment(live, law, case_id)
    why |= payment.why
    missing = [s for s in steps if (payment.open if s.step == "prize" else not done(live, law, s.step, case_id))]
    if payment.ended is not None:
        # What is left of an award that has ended is the money; nothing else of it is carried on.
        missing = [s for s in missing if s.step == "prize"]
    if not missing:
        return Answer(payment.ended or NotApplicable(*sentence("all steps are done")), why, payment.turns_on)
    # Sent back within the examination: it is the applicant's turn, by the article of that step, whatever else is
    # missing. A part of the prize that is not payable yet holds up nothing else.
    turn = [s for s in steps if s.step == "eligibility"] if state == "returned" else []
    ready = [s for s in missing if s.step != "prize" or not payment.waits]
    first = (turn or ready or missing)[0]
    zh, en, topic = STEP_NAMES[first.step]
    deadline = payment.deadline if first.step == "prize" else _deadline(live, law, case_id, first.step)
    note = _note(live, law, case_id, first.step)
    why |= deadline.why | note.why
    wanted, sent_back = tuple[str, ...](), None
    if turn:
        zh, en, topic = _SUPPLEMENT
        returned = live.of(EligibilityDecided, case_id=case_id, outcome="returned")[-1]
        wanted, sent_back, why = tuple(returned.payload.missing), returned.id, why | Why(events=(returned.id,))
    value = NextStep(
        state=state,
        step="supplement" if turn else first.step,
        zh=zh,
        en=en,
        event=topic,
        signed_by=tuple(sorted({seat.originator for seat in EVENTS[topic].SPEC.seats})),
        rule=first.rule,
        article=f"{enacted.pack.id if enacted else ''}:{first.article}",
        deadline=deadline.value() if deadline.is_value else None,
        deadline_note=Said(zh=deadline.absent.zh, en=deadline.absent.en) if deadline.absent else None,
        missing=wanted,
        sent_back_by=sent_back,
        remaining=tuple(s.step for s in missing),
        blocked_by=open_objections(live, case_id).value().blocking,
        always_possible=tuple(topics(*_ALWAYS)) if state != "awarded" else (),
        note=note.value() if note.is_value else UNSET,
        undetermined=payment.question if first.step == "prize" else UNSET,
    )
    return Answer(value, why, deadline.turns_on | payment.turns_on | note.turns_on)


@dataclass(frozen=True, slots=True)
class _Payment:
    """What is still to be paid of a prize, as the guards of a payment ask it (D18 less what was paid).

    ``open``: something is, or ``question`` says why that cannot be told. It ``waits`` for a day or a report. ``ended``
    says that the award has been revoked or set aside.
    """

    open: bool = True
    waits: bool = False
    question: Undetermined | UnsetType = UNSET
    deadline: Answer[Deadline] = _NO_DAY
    ended: NotApplicable | None = None
    why: Why = field(default_factory=Why)
    turns_on: frozenset[date] = frozenset()


def _payment(live: Live, law: Law, case_id: str) -> _Payment:
    award_id = award_of_case(live, case_id)
    award = award_of(live, law, award_id) if award_id is not None else None
    if award is None:
        return _Payment()
    due, (ended, ended_why) = prize_due(live, law, award.award_id), _end_of(award)
    why = due.why | ended_why
    payments, has = live.of(PrizePaid, award_id=award.award_id), held(live, law, award.award_id)
    why |= Why(events=tuple(p.id for p in payments))
    if isinstance(due.result, Undetermined):
        given = prize_given(live, law, award)
        # Of a prize that was paid whole it is open whether it goes back, and nothing is left to pay.
        whole = given.is_value and has >= given.value()
        return _Payment(open=not whole, question=due.result, ended=ended, why=why)
    if not due.is_value or due.value() <= has:
        return _Payment(open=False, ended=ended, why=why)
    parts = instalments_answer(live, law, award.award_id)
    unpaid = [p for p in parts.value().parts if p.paid < p.amount] if parts.is_value else []
    if not unpaid:
        return _Payment(ended=ended, why=why)
    waits = unpaid[0].payable_from is None or unpaid[0].payable_from > live.on
    return _Payment(
        waits=waits,
        deadline=_of_part(unpaid[0]) if waits else _NO_DAY,
        ended=ended,
        why=why | parts.why,
        turns_on=parts.turns_on,
    )


def _of_part(part: PaidInstalment) -> Answer[Deadline]:
    """From when a part may be paid; while that cannot be told, after what."""
    if part.payable_from is not None:
        return Answer(Deadline(not_before=part.payable_from))
    called = word(part.condition, "after")
    return Answer(NotApplicable(*sentence("part {part}: {name}", part=part.part, name=called)))


def _end_of(award: Award) -> tuple[NotApplicable | None, Why]:
    """That an award has ended before its time, if it has."""
    if award.set_aside is not None:
        said = NotApplicable(*sentence("the award was set aside; there is no next step"))
        return said, Why(events=(award.set_aside.id,))
    if award.revoked is not None:
        said = NotApplicable(*sentence("the award was revoked; there is no next step"))
        return said, Why(events=(award.revoked.id,))
    return None, Why()


def _note(live: Live, law: Law, case_id: str, step: str) -> Answer[Said]:
    """What stops the case, or why a notice is to be opened again."""
    held_up = _held_up(live, law, case_id)
    short = notices_cut_short(live, law, case_id) if step == "notice" and not held_up.is_value else []
    if not short:
        return held_up
    day = short[-1].closed.payload.closed_on
    zh, en = sentence(
        "the notice was closed on {day}, before it had lasted as long as it must; open one anew, and let it last",
        day=day,
    )
    return Answer(Said(zh=zh, en=en), short[-1].why, held_up.turns_on)


_GOES_ON = NotApplicable(*sentence("nothing stops the case"))


def _held_up(live: Live, law: Law, case_id: str) -> Answer[Said]:
    """What stops a case that has won nothing yet, whatever step it is at."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None or award_of_case(live, case_id) is not None:
        return Answer(_GOES_ON)
    if upheld := to_be_disqualified(live, case_id):
        zh, en = sentence(
            "an objection was upheld on {day}: the candidate is to be disqualified, and wins nothing before",
            day=upheld[0].on,
        )
        return Answer(Said(zh=zh, en=en), Why(events=tuple(e.id for e in upheld)))
    if (ended := gone(live, filed.payload.org)) is not None:
        zh, en = sentence("the applicant is no more; it wins nothing")
        return Answer(Said(zh=zh, en=en), Why(events=(ended.id,)))
    standing = running_ban(live, law, filed.payload.org)
    why = standing.why | Why(readings=("B-18:default",))
    if isinstance(standing.result, Undetermined):
        zh, en = sentence(
            "whether the applicant is banned is open: {why}", why=(standing.result.zh, standing.result.en)
        )
        return Answer(Said(zh=zh, en=en), why, standing.turns_on)
    if not standing.is_value:
        return Answer(_GOES_ON, standing.why, standing.turns_on)
    last = standing.value().until
    zh, en = sentence(
        "the applicant is banned until {last}; its pending application is closed as inadmissible", last=last
    )
    return Answer(Said(zh=zh, en=en), why, standing.turns_on)


def _deadline(live: Live, law: Law, case_id: str, step: str) -> Answer[Deadline]:
    """The day by which (or from which) a step is to be done, where anything sets one."""
    match step:
        case "application" | "recommendation":
            opened = edition_opened(live, edition_of(case_id))
            if opened is None:
                return _NO_DAY
            return Answer(Deadline(by=opened.payload.window_to), Why(events=(opened.id,)))
        case "decision" | "chair_review":
            if not any(case_id in e.payload.cases for e in live.of(PublicNoticeOpened)):
                return _NO_DAY
            first = first_day_to_decide(live, law, case_id)
            if not first.is_value:
                return first.without_value(first.why)
            return Answer(Deadline(not_before=first.value()), first.why)
        case _:
            return _NO_DAY
