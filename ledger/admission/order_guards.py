"""Guards of order: no step of the text is skipped, and nothing goes on after the review has ended.

The order is the pack's; what makes a step done is ``ledger.derivation.procedure``. A refusal names the step, the
cases it is missing for, and the event that records it.
"""

from __future__ import annotations

from datetime import date
from typing import NoReturn

from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.answer import Why
from ledger.derivation.cases import rule_of_leaving, turned_down_by
from ledger.derivation.history import LiveEvent
from ledger.derivation.notices import notices_cut_short
from ledger.derivation.procedure import STEP_NAMES, cases_of, ordered_steps, skipped, step_of
from ledger.derivation.setting_aside import void_from_the_start
from ledger.errors import InvariantError
from ledger.events.application import ApplicationFiled, ApplicationWithdrawn, EligibilityDecided
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed
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
from ledger.events.money import PrizePaid
from ledger.events.notice import CaseDisqualified, PublicNoticeOpened
from ledger.events.registry import Payload
from ledger.sentences import sentence
from ledger.statement import edition_of


def _cases(
    view: View[
        AwardGranted
        | CandidateListProposed
        | CommitteeResolutionAdopted
        | CommitteeVoteCast
        | EligibilityDecided
        | GovernmentDecisionMade
        | OnsiteReportConfirmed
        | OnsiteVisitHeld
        | PrizePaid
        | PublicNoticeOpened
        | ReviewReportSubmitted
        | ScoreSubmitted
        | ShortlistDecided
    ],
) -> list[str]:
    """The cases that an act takes forward; a payment names its award.

    What a ruling has undone takes none forward: it is refused as that.
    """
    p = view.payload
    if isinstance(p, PrizePaid):
        granted = view.live.last(AwardGranted, award_id=p.award_id) if p.award_id else None
        gone = granted is not None and void_from_the_start(view.live, granted.payload.award_id)
        return [granted.payload.case_id] if granted and not gone else []
    if isinstance(p, AwardGranted) and view.live.of(AwardGranted, case_id=p.case_id, decision_id=p.decision_id):
        return []
    return cases_of(p)


def skips_no_step(
    view: View[
        EligibilityDecided
        | ScoreSubmitted
        | ReviewReportSubmitted
        | ShortlistDecided
        | OnsiteVisitHeld
        | OnsiteReportConfirmed
        | CandidateListProposed
        | CommitteeVoteCast
        | CommitteeResolutionAdopted
        | GovernmentDecisionMade
        | AwardGranted
        | PrizePaid
        | PublicNoticeOpened
    ],
) -> None:
    step = step_of(view.payload)
    if step is None or view.is_import:
        return
    for case_id in _cases(view):
        if not view.live.of(ApplicationFiled, case_id=case_id):
            continue
        enacted = view.enacted_for(edition_of(case_id))
        _, steps = ordered_steps(view.law, enacted, view.on)
        missing = skipped(view.live, view.law, steps, step, case_id)
        if missing:
            first = missing[0]
            zh, en, _ = STEP_NAMES[first.step]
            if enacted is None:
                raise InvariantError("a step is stated by no text")
            turned_down = turned_down_by(view.live, case_id)
            if turned_down is not None and isinstance(turned_down.payload, ApplicationWithdrawn | CaseDisqualified):
                refuse_departed(view, case_id, turned_down)
            if first.step == "notice":
                _notice_was_not_cut_short(view, case_id)
            case = view.case_called(case_id)
            refuse(
                "step_missing",
                "AUD" if first.rule is None else first.rule,
                f"{enacted.pack.id}:{first.article}",
                sentence(
                    "{case}: {name} comes before {step}",
                    case=case,
                    name=(zh, en),
                    step=STEP_NAMES[step][:2],
                ),
                remedy=sentence("record {name} first", name=(zh, en)) if turned_down is None else None,
                decided=turned_down,
                steps=[m.step for m in missing],
                case=case_id,
            )


def _notice_was_not_cut_short(view: View[Payload], case_id: str) -> None:
    """A notice that was closed too early is said to be that; none at all is a step like any other."""
    short = notices_cut_short(view.live, view.law, case_id)
    if short:
        refuse_cut_short(view, case_id, short[-1].closed.payload.closed_on, short[-1].why)


def refuse_cut_short(view: View, case_id: str, closed_on: date, why: Why) -> NoReturn:
    """No step rests on a notice that was closed before its days were over; ``why`` has the way in which they count."""
    called = view.case_called(case_id)
    refuse_by(
        view.parameter("notice.min", case_id=case_id),
        "notice_cut_short",
        sentence(
            "the notice of {name} was closed on {closed_on}, before it had lasted as long as it must",
            name=called,
            closed_on=closed_on,
        ),
        remedy=sentence("open a notice anew, and let it last"),
        reading=", ".join(why.readings) or None,
    )


def refuse_departed(view: View, case_id: str, departed: LiveEvent) -> NoReturn:
    """A case that has left goes no further: by what the organisation did itself, or by what was found against it."""
    withdrawn = isinstance(departed.payload, ApplicationWithdrawn)
    enacted, called = view.enacted_for(edition_of(case_id)), view.case_called(case_id)
    by = rule_of_leaving(view.law, enacted, view.on, withdrawn=withdrawn)
    finds = view.parameter("disqualify.by", case_id=case_id).rule if not withdrawn else None
    refuse(
        "no_longer_a_candidate",
        finds or (by.rule if by is not None else None) or "AUD",
        (", ".join(by.why.articles) if by is not None else None) or None,
        sentence("{name} withdrew by itself on {on}", name=called, on=departed.on)
        if withdrawn
        else sentence("{name} was disqualified on {on}", name=called, on=departed.on),
        reading=", ".join(by.why.readings) or None if by is not None else None,
        decided=departed,
        cause=departed.id,
        case=case_id,
    )


def review_has_not_ended(
    view: View[
        ScoreSubmitted
        | ReviewReportSubmitted
        | ShortlistDecided
        | OnsiteVisitHeld
        | CandidateListProposed
        | CommitteeVoteCast
    ],
) -> None:
    for case_id in _cases(view)[:1]:
        edition = edition_of(case_id)
        if (closed := view.live.last(EditionClosed, edition_id=edition)) is not None:
            refuse_by(
                view.parameter("panel.dissolves", case_id=case_id),
                "edition_closed",
                sentence("edition {edition} is closed and its panels dissolved", edition=edition),
                remedy=sentence("a closed edition is reopened by annulling its closing"),
                decided=closed,
            )


def scores_under_review_rules(view: View[ScoreSubmitted]) -> None:
    stated = view.parameter("review_rules.by_committee", case_id=view.payload.case_id)
    edition = edition_of(view.payload.case_id)
    adopted = view.live.of(CommitteeResolutionAdopted, edition_id=edition, subject="review_rules")
    if stated.yes and not adopted:
        refuse_by(
            stated,
            "review_rules_missing",
            sentence("the committee has not approved the review rules of {edition}", edition=edition),
            remedy=sentence("record the committee's resolution on the review rules first"),
            edition=edition,
            reading="G14:default",
        )


def review_is_supervised(view: View[EligibilityDecided]) -> None:
    stated = view.parameter("supervision_group.required", case_id=view.payload.case_id)
    if not stated.yes:
        return
    edition = edition_of(view.payload.case_id)
    groups = [
        b for b in view.live.of(BodyConstituted, kind="supervision_group") if b.payload.edition_id in (None, edition)
    ]
    if not any(not view.live.of(BodyDissolved, body_id=b.payload.body_id) for b in groups):
        refuse_by(
            stated,
            "supervision_group_missing",
            sentence("no supervision group follows {edition}", edition=edition),
            remedy=sentence("record who is in the supervision group first"),
            edition=edition,
        )
