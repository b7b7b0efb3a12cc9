"""D08: what comes next for a case, who must act, and by when; most texts set no day, and the answer says so."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.cases import FINAL, State, case_status, open_objections
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.notices import notice_end
from ledger.derivation.procedure import STEP_NAMES, done, ordered_steps
from ledger.derivation.record import WORD, Article, Day, EventRef, Name, Record, Said, Text, Word
from ledger.events.application import ApplicationSupplemented, ApplicationWithdrawn, EligibilityDecided
from ledger.events.notice import CaseDisqualified, ObjectionRaised, PublicNoticeOpened
from ledger.events.registry import topics
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.events.vocabulary import EVENTS
from ledger.statement import edition_of

#: Acts that stay possible whatever the next step is.
_ALWAYS = (ApplicationWithdrawn, ObjectionRaised, InterestDeclared, RecusalOrdered, CaseDisqualified)

#: What comes next for an application that was sent back.
_SUPPLEMENT = ("补正材料", "the completion of the file", ApplicationSupplemented.SPEC.topic)


class Deadline(Record, frozen=True, kw_only=True):
    """The last day of a step, or the first."""

    by: Day | UnsetType = UNSET
    not_before: Day | UnsetType = UNSET


class NextStep(Record, frozen=True, kw_only=True):
    """D08: the next step of a case. ``event`` is the type that records it, ``signed_by`` the roles that may sign that.

    ``missing`` is what an application that was sent back lacks, ``remaining`` every step that is not done, and
    ``always_possible`` what may happen whatever comes next.
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


def next_step(live: Live, law: Law, case_id: str) -> Answer[NextStep]:
    """The first stated step that the case has not done, the event that records it, who signs it, and its deadline."""
    status = case_status(live, law, case_id)
    if not status.is_value:
        return status.without_value(status.why)
    state = status.value().state
    if state in FINAL and state != "awarded":
        return Answer(NotApplicable("案件已终结，没有下一步", "the case is over, nothing comes next"), status.why)
    enacted = pinned_pack(live, law, edition_of(case_id))
    stated, steps = ordered_steps(law, enacted, live.on)
    why = status.why | stated.why
    if not stated.stated:
        return Answer(stated.undetermined(), why)
    missing = [s for s in steps if not done(live, s.step, case_id)]
    if not missing:
        return Answer(NotApplicable("全部步骤已完成", "every step is done"), why)
    # Sent back within the examination: it is the applicant's turn, by the article of that step, whatever else is
    # missing.
    turn = [s for s in steps if s.step == "eligibility"] if state == "returned" else []
    first = turn[0] if turn else missing[0]
    zh, en, topic = STEP_NAMES[first.step]
    deadline = _deadline(live, law, case_id, first.step)
    why |= deadline.why
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
    )
    return Answer(value, why, deadline.turns_on)


def _deadline(live: Live, law: Law, case_id: str, step: str) -> Answer[Deadline]:
    """The day by which (or from which) a step is to be done, where anything sets one."""
    none: Answer[Deadline] = Answer(NotApplicable("文本未规定期限", "no legal deadline"))
    match step:
        case "application" | "recommendation":
            opened = edition_opened(live, edition_of(case_id))
            if opened is None:
                return none
            return Answer(Deadline(by=opened.payload.window_to), Why(events=(opened.id,)))
        case "decision" | "chair_review":
            notices = [e for e in live.of(PublicNoticeOpened) if case_id in e.payload.cases]
            if not notices:
                return none
            ruler = notice_end(live, law, notices[-1].payload.notice_id)
            if not ruler.is_value:
                return ruler.without_value(ruler.why)
            return Answer(Deadline(not_before=ruler.value().earliest_decision or UNSET), ruler.why)
        case _:
            return none
