"""D08: what comes next for a case, who must act, and by when; most texts set no day, and the answer says so."""

from __future__ import annotations

from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.cases import FINAL, case_status, open_objections
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.notices import notice_end
from ledger.derivation.procedure import STEP_NAMES, done, ordered_steps
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


def next_step(live: Live, law: Law, case_id: str) -> Answer[dict[str, Any]]:
    """The first stated step that the case has not done, the event that records it, who signs it, and its deadline."""
    status = case_status(live, law, case_id)
    if not status.is_value:
        return status
    state = status.value()["state"]
    if state in FINAL and state != "awarded":
        return Answer(NotApplicable("案件已终结，没有下一步", "the case is over, nothing comes next"), status.why)
    enacted = pinned_pack(live, law, edition_of(case_id))
    stated, steps = ordered_steps(law, enacted, live.on)
    why = status.why | stated.why
    if not stated.stated:
        return Answer(stated.undetermined(), why)
    missing = [s for s in steps if not done(live, s["step"], case_id)]
    if not missing:
        return Answer(NotApplicable("全部步骤已完成", "every step is done"), why)
    # Sent back within the examination: it is the applicant's turn, by the article of that step, whatever else is
    # missing.
    turn = [s for s in steps if s["step"] == "eligibility"] if state == "returned" else []
    first = turn[0] if turn else missing[0]
    zh, en, topic = STEP_NAMES[first["step"]]
    deadline = _deadline(live, law, case_id, first["step"])
    why |= deadline.why
    wanted, sent_back = [], None
    if turn:
        zh, en, topic = _SUPPLEMENT
        returned = live.of(EligibilityDecided, case_id=case_id, outcome="returned")[-1]
        wanted, sent_back, why = list(returned.payload.missing), returned.id, why | Why(events=(returned.id,))
    value = {
        "state": state,
        "step": "supplement" if turn else first["step"],
        "zh": zh,
        "en": en,
        "event": topic,
        "signed_by": sorted({seat.originator for seat in EVENTS[topic].SPEC.seats}),
        "rule": first.get("rule"),
        "article": f"{enacted.pack.id if enacted else ''}:{first['article']}",
        "deadline": deadline.result if deadline.is_value else None,
        "deadline_note": None if deadline.is_value else _note(deadline.result),
        "missing": wanted,
        "sent_back_by": sent_back,
        "remaining": [s["step"] for s in missing],
        "blocked_by": open_objections(live, case_id).value()["blocking"],
        "always_possible": topics(*_ALWAYS) if state != "awarded" else [],
    }
    return Answer(value, why, deadline.turns_on)


def _note(result: Any) -> dict[str, str]:
    return {"zh": result.zh, "en": result.en}


def _deadline(live: Live, law: Law, case_id: str, step: str) -> Answer[Any]:
    """The day by which (or from which) a step is to be done, where anything sets one."""
    none: Answer[Any] = Answer(NotApplicable("文本未规定期限", "no legal deadline"))
    match step:
        case "application" | "recommendation":
            opened = edition_opened(live, edition_of(case_id))
            if opened is None:
                return none
            return Answer({"by": opened.payload.window_to}, Why(events=(opened.id,)))
        case "decision" | "chair_review":
            notices = [e for e in live.of(PublicNoticeOpened) if case_id in e.payload.cases]
            if not notices:
                return none
            ruler = notice_end(live, law, notices[-1].payload.notice_id)
            if not ruler.is_value:
                gap = ruler.result
                assert isinstance(gap, Undetermined)
                return Answer(gap, ruler.why)
            return Answer({"not_before": ruler.value()["earliest_decision"]}, ruler.why)
        case _:
            return none
