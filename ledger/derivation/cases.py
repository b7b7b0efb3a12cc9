"""The state of an application case, and the objections against it (D07, D13).

Each live event of the case takes the state on where the order of steps allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import FOLDING, Live, LiveEvent
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.notices import BLOCKING_KINDS, notices_cut_short
from ledger.derivation.procedure import ordered_steps
from ledger.derivation.record import WORD, Day, EventRef, Name, Record, Word
from ledger.derivation.setting_aside import quashed_in
from ledger.events.application import (
    ApplicationFiled,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    EligibilityDecided,
)
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import EditionClosed
from ledger.events.evaluation import (
    CandidateListProposed,
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)
from ledger.events.notice import (
    CaseDisqualified,
    ObjectionRaised,
    ObjectionResolved,
    PublicNoticeClosed,
    PublicNoticeOpened,
)
from ledger.events.registry import Payload
from ledger.regulation.tables import Step
from ledger.sentences import sentence
from ledger.statement import edition_of

State = Literal[
    "filed",
    "returned",
    "eligible",
    "material_reviewed",
    "shortlisted",
    "onsite_done",
    "onsite_reported",
    "report_confirmed",
    "candidate",
    "proposed",
    "on_notice",
    "notice_done",
    "under_objection",
    "approved",
    "ineligible",
    "not_shortlisted",
    "not_candidate",
    "not_proposed",
    "not_approved",
    "disqualified",
    "withdrawn",
    "awarded",
    "closed_without_award",
]

#: States in which nothing further can happen to the case.
FINAL: frozenset[State] = frozenset(
    {
        "ineligible",
        "not_shortlisted",
        "not_candidate",
        "not_proposed",
        "not_approved",
        "disqualified",
        "withdrawn",
        "awarded",
        "closed_without_award",
    }
)

#: Steps that change the state, in the order that holds where the text's own was not seen.
_DEFAULT_ORDER = (
    "eligibility",
    "material_review",
    "shortlist",
    "onsite_review",
    "report_confirmation",
    "candidate_list",
    "committee_decision",
    "notice",
    "decision",
    "award",
)

#: Step -> (trigger, state) pairs on its way; the last is the state in which the step is over.
_MOVES: Mapping[str, tuple[tuple[str, State], ...]] = {
    "eligibility": (("eligibility:eligible", "eligible"),),
    "material_review": (("report:material", "material_reviewed"),),
    "shortlist": (("shortlist:selected", "shortlisted"),),
    "onsite_review": (("visit", "onsite_done"), ("report:onsite", "onsite_reported")),
    "report_confirmation": (("report_confirmed", "report_confirmed"),),
    "candidate_list": (("listed", "candidate"),),
    "committee_decision": (("resolution:approved", "proposed"),),
    "notice": (("notice_opened", "on_notice"), ("notice_closed", "notice_done")),
    "decision": (("decision:approved", "approved"),),
    "award": (("granted", "awarded"),),
}

#: Moves without which a step counts as done, here as for the guards (:mod:`ledger.derivation.procedure`): a record of
#: the visit beside its report, of the end of a notice beside its beginning, of the applicant's word on the report. One
#: that is missing is a defect (RF10, RF15), not a stop.
_OPTIONAL = frozenset({"visit", "notice_closed", "report_confirmed"})

#: Step -> the trigger by which a case drops out there, and its final state.
_DROPS: Mapping[str, tuple[str, State]] = {
    "eligibility": ("eligibility:ineligible", "ineligible"),
    "shortlist": ("shortlist:not_selected", "not_shortlisted"),
    "candidate_list": ("not_listed", "not_candidate"),
    "committee_decision": ("resolution:rejected", "not_proposed"),
    "decision": ("decision:rejected", "not_approved"),
}

Transitions = Mapping[tuple[State, str], State]


def transitions(order: Sequence[str], *, seen: bool) -> Transitions:
    """(state, trigger) -> next state, for the steps of a text in its order.

    Of a text that was not seen (``seen`` False) the order is not known: a case may move on to any later state.
    """
    table: dict[tuple[State, str], State] = {
        ("filed", "eligibility:returned"): "returned",
        ("returned", "supplemented"): "filed",
    }
    before: list[State] = ["filed"]
    entered: list[State] = ["filed"]
    for step in (s for s in order if s in _MOVES):
        sources = list(entered if seen else before)
        for trigger, state in _MOVES[step]:
            table |= {(source, trigger): state for source in (entered if seen else before)}
            entered = [*entered, state] if trigger in _OPTIONAL else [state]
            before.append(state)
        if step in _DROPS:
            trigger, state = _DROPS[step]
            table |= {(source, trigger): state for source in sources}
    return table


#: Events that stay within a state and are in order only there; everything else is not judged.
_WITHIN: dict[str, frozenset[State]] = {
    "score:material": frozenset({"eligible"}),
    "score:onsite": frozenset({"onsite_done"}),
    "report:comprehensive": frozenset({"material_reviewed", "onsite_reported", "report_confirmed"}),
    "vote": frozenset({"candidate", "on_notice", "notice_done"}),
}

_DISQUALIFIABLE_FROM: frozenset[State] = frozenset(
    {
        "eligible",
        "material_reviewed",
        "shortlisted",
        "onsite_done",
        "onsite_reported",
        "report_confirmed",
        "candidate",
        "proposed",
        "on_notice",
        "notice_done",
        "under_objection",
        "approved",
    }
)


class CaseStatus(Record, frozen=True, kw_only=True):
    """The state of a case, since when, and the events that were out of order (D07)."""

    case_id: Name
    org: Name
    award: Word
    state: Annotated[State, WORD]
    since: Day
    out_of_order: tuple[EventRef, ...]


def case_status(live: Live, law: Law, case_id: str) -> Answer[CaseStatus]:
    """The state of a case (D07), since when, and the events that were out of order (flag RF10).

    What was recorded out of order takes the case on all the same where it lies ahead, as far as a final state, and
    never back: no two facts about a case contradict each other, however it came to its award. A case whose award a
    ruling set aside from the start is where it was before the decision (B-91).
    """
    filed = live.of(ApplicationFiled, case_id=case_id)
    if not filed:
        return Answer(NotApplicable(*sentence("not filed by that day")))
    state: State = "filed"
    since: LiveEvent = filed[0]
    by: LiveEvent = filed[0]
    enacted = pinned_pack(live, law, edition_of(case_id))
    stated, steps = ordered_steps(law, enacted, live.on)
    table = transitions([s.step for s in steps] or _DEFAULT_ORDER, seen=stated.stated)
    out_of_order: list[str] = []
    quashed = quashed_in(live, case_id)
    notices = _Notices(frozenset(one.closed.id for one in notices_cut_short(live, law, case_id)))
    for event in _acts(live, case_id):
        trigger = _trigger(event, case_id)
        if trigger is None or event.id in quashed.acts:
            continue
        following = notices.leads_to(event, state) or _next(table, state, trigger, seen=stated.stated)
        if following is None:
            out_of_order.append(event.id)
            following = _ahead(state, trigger)
        if following != state:
            state, since, by = following, event, event
    objections = open_objections(live, case_id).value().blocking
    noticed = state == "on_notice" or isinstance(by.payload, PublicNoticeClosed)
    shown: State = "under_objection" if objections and noticed else state
    closed = live.last(EditionClosed, edition_id=case_id.rpartition("/")[0])
    if closed is not None and shown not in FINAL:
        shown, since, by = "closed_without_award", closed, closed
    value = CaseStatus(
        case_id=case_id,
        org=filed[0].payload.org,
        award=filed[0].payload.award,
        state=shown,
        since=since.on,
        out_of_order=tuple(out_of_order),
    )
    events = tuple(dict.fromkeys((filed[0].id, by.id, *quashed.rulings, *out_of_order)))
    why = Why(events=events, articles=by.recorded.statement.basis) | stated.left_open
    if shown == "withdrawn" or shown == "disqualified":
        left = rule_of_leaving(law, enacted, live.on, withdrawn=shown == "withdrawn")
        if left is not None:
            return Answer(value, why | Why(articles=left.why.articles))
    return Answer(value, why | Why(articles=_articles(enacted, steps, shown)))


@dataclass(slots=True)
class _Notices:
    """Where notices of a case lead, beside the order of the text, while its events are folded.

    One that is cut short (``short``: its closing) leads back to where the case was before it. After one that was
    interrupted another may be opened, though the days lost were made up for: that takes nothing from anybody.
    """

    short: frozenset[str]
    before: State = "filed"
    interrupted: bool = False

    def leads_to(self, event: LiveEvent, state: State) -> State | None:
        """The state after a notice is opened or closed in such a case; None where the order of the text says it."""
        match event.payload:
            case PublicNoticeOpened() if state == "notice_done" and self.interrupted:
                self.before = state
                return "on_notice"
            case PublicNoticeOpened() if state != "on_notice":
                self.before = state
            case PublicNoticeClosed() if event.id in self.short and state == "on_notice":
                return self.before
            case PublicNoticeClosed():
                self.interrupted = bool(event.payload.interrupted_days)
        return None


def rule_of_leaving(law: Law, enacted: Enacted | None, on: date, *, withdrawn: bool) -> Resolved | None:
    """By what a case leaves the procedure before its end; None where the text says nothing of it.

    An applicant may withdraw freely, which says nothing against the case; a disqualification is a finding against it.
    """
    if withdrawn:
        voluntary = law.parameter(enacted, "application.voluntary", on)
        return voluntary if voluntary.yes else None
    by: Resolved = law.parameter(enacted, "disqualify.by", on)
    return by if by.stated else law.parameter(enacted, "objection.handling", on)


def _articles(enacted: Enacted | None, steps: Sequence[Step], state: State) -> tuple[str, ...]:
    """The articles of the step by which a case comes to a state; of the whole procedure where no one step does."""
    if enacted is None:
        return ()
    own = [s.article for s in steps if s.step == _STEP_TO.get(state)]
    articles = (article for text in own or [s.article for s in steps] for article in enacted.articles(text))
    return tuple(dict.fromkeys(articles))


def _next(table: Transitions, state: State, trigger: str, *, seen: bool) -> State | None:
    """The state after a trigger, the same state if it stays, None if it is out of order."""
    if trigger in _WITHIN:
        return state if state in _WITHIN[trigger] or not seen else None
    if trigger == "withdrawn":
        return "withdrawn" if state not in FINAL else None
    if trigger == "disqualified":
        return "disqualified" if state in _DISQUALIFIABLE_FROM else None
    return table.get((state, trigger))


#: State -> the step that leads to it.
_STEP_TO: Mapping[State, str] = {
    "filed": "application",
    "withdrawn": "application",
    "returned": "eligibility",
    "under_objection": "notice",
    **{state: step for step, moves in _MOVES.items() for _, state in moves},
    **{state: step for step, (_, state) in _DROPS.items()},
}
#: Trigger -> where it leads, whatever was before.
_LEADS_TO = {trigger: state for moves in _MOVES.values() for trigger, state in moves} | dict(_DROPS.values())
_RANK = {state: rank for rank, state in enumerate(["filed", *(s for moves in _MOVES.values() for _, s in moves)])}


def _ahead(state: State, trigger: str) -> State:
    """The state that an act out of order leads to, where it lies ahead; an award that was granted is granted."""
    following = _LEADS_TO.get(trigger, state)
    if following == "awarded":
        return following
    if state in FINAL or _RANK.get(following, len(_RANK)) <= _RANK.get(state, 0):
        return state
    return following


def _trigger(event: LiveEvent, case_id: str) -> str | None:
    p = event.payload
    if getattr(p, "case_id", None) == case_id:
        match p:
            case EligibilityDecided():
                return f"eligibility:{p.outcome}"
            case ReviewReportSubmitted():
                return f"report:{p.stage}"
            case ScoreSubmitted():
                return f"score:{p.stage}"
            case _:
                return _SIMPLE.get(type(p))
    match p:
        case ShortlistDecided():
            if case_id in p.selected:
                return "shortlist:selected"
            return "shortlist:not_selected" if any(n.case == case_id for n in p.not_selected) else None
        case CandidateListProposed():
            if any(row.case == case_id for row in p.rows):
                return "listed"
            return "not_listed" if case_id in p.not_listed else None
        case CommitteeResolutionAdopted() if p.subject == "proposed_awardees":
            if any(a.case == case_id for a in p.approved):
                return "resolution:approved"
            return "resolution:rejected" if case_id in p.rejected else None
        case PublicNoticeOpened() if p.kind == "candidates" and p.revision == 1 and case_id in p.cases:
            return "notice_opened"
        case PublicNoticeClosed() if case_id in p.cases:
            return "notice_closed"
        case GovernmentDecisionMade() if p.subject == "award":
            if any(item.case == case_id for item in p.approved):
                return "decision:approved"
            return "decision:rejected" if case_id in p.rejected_cases else None
        case _:
            return None


_SIMPLE: Mapping[type[Payload], str] = {
    ApplicationSupplemented: "supplemented",
    ApplicationWithdrawn: "withdrawn",
    OnsiteVisitHeld: "visit",
    OnsiteReportConfirmed: "report_confirmed",
    CommitteeVoteCast: "vote",
    CaseDisqualified: "disqualified",
    AwardGranted: "granted",
}


def _acts(live: Live, case_id: str) -> list[LiveEvent]:
    """Acts that may take a case on, in folding order: those about it, and those about several."""
    either: list[LiveEvent] = [
        *live.of(EligibilityDecided, case_id=case_id),
        *live.of(ReviewReportSubmitted, case_id=case_id),
        *live.of(ScoreSubmitted, case_id=case_id),
        *live.of(ApplicationSupplemented, case_id=case_id),
        *live.of(ApplicationWithdrawn, case_id=case_id),
        *live.of(OnsiteVisitHeld, case_id=case_id),
        *live.of(OnsiteReportConfirmed, case_id=case_id),
        *live.of(CommitteeVoteCast, case_id=case_id),
        *live.of(CaseDisqualified, case_id=case_id),
        *live.of(AwardGranted, case_id=case_id),
        *live.of(ShortlistDecided),
        *live.of(CandidateListProposed),
        *live.of(CommitteeResolutionAdopted),
        *live.of(PublicNoticeOpened),
        *live.of(PublicNoticeClosed),
        *live.of(GovernmentDecisionMade),
    ]
    return sorted(either, key=FOLDING)


def turned_down_by(live: Live, case_id: str) -> LiveEvent | None:
    """The act by which a case was decided against, withdrawn or disqualified, if nothing has moved it since."""
    dropping = {*(trigger for trigger, _ in _DROPS.values()), "withdrawn", "disqualified"}
    moving = ((e, _trigger(e, case_id)) for e in reversed(_acts(live, case_id)))
    last, trigger = next(((e, t) for e, t in moving if t in _LEADS_TO or t in dropping), (None, None))
    return last if trigger in dropping else None


class Objections(Record, frozen=True, kw_only=True):
    """Objections against a case that have no resolution (D13); ``blocking`` are those that stop the award, also one
    that was upheld so that the candidate is to be disqualified.
    """

    open: tuple[Name, ...]
    blocking: tuple[Name, ...]


def open_objections(live: Live, case_id: str) -> Answer[Objections]:
    """Objections against a case without a resolution by D (D13); ``blocking`` stop the award."""
    resolved = {e.payload.objection_id: e for e in live.of(ObjectionResolved)}
    raised = [e for e in live.of(ObjectionRaised) if e.payload.case_id == case_id]
    unresolved = [e for e in raised if e.payload.objection_id not in resolved]
    blocking = [e for e in unresolved if e.payload.kind in BLOCKING_KINDS]
    upheld = to_be_disqualified(live, case_id)
    value = Objections(
        open=tuple(e.payload.objection_id for e in unresolved),
        blocking=(*(e.payload.objection_id for e in blocking), *(e.payload.objection_id for e in upheld)),
    )
    filed = live.of(ApplicationFiled, case_id=case_id)
    return Answer(value, Why(events=tuple(e.id for e in (*filed, *unresolved, *upheld))))


def to_be_disqualified(live: Live, case_id: str) -> list[LiveEvent[ObjectionResolved]]:
    """Resolutions that a candidate is to lose its candidacy, while nothing is recorded by which it does."""
    objections = {e.payload.objection_id for e in live.of(ObjectionRaised) if e.payload.case_id == case_id}
    if live.of(CaseDisqualified, case_id=case_id):
        return []
    resolved = (e for e in live.of(ObjectionResolved) if e.payload.objection_id in objections)
    return [e for e in resolved if "disqualify" in e.payload.measures]


def eligible_cases(live: Live, edition_id: str) -> list[str]:
    """Cases of an edition that passed the examination of conditions and were not withdrawn or disqualified."""
    result = []
    for event in live.of(EligibilityDecided, outcome="eligible"):
        case_id = event.payload.case_id
        if case_id.rpartition("/")[0] != edition_id or case_id in result:
            continue
        if live.of(ApplicationWithdrawn, CaseDisqualified, case_id=case_id):
            continue
        result.append(case_id)
    return result
