"""Guards of evaluation."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Literal

from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.cases import eligible_cases
from ledger.derivation.editions import edition_opened
from ledger.derivation.history import LiveEvent
from ledger.derivation.panels import has_declared, live_scores, members_of, panel_for, recused_since
from ledger.derivation.procedure import ordered_steps
from ledger.derivation.scores import decisive_score
from ledger.derivation.words import word
from ledger.events.edition import BodyConstituted
from ledger.events.evaluation import (
    ApplicantNotified,
    CandidateListProposed,
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    RevieweeFeedbackGiven,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)
from ledger.identifiers import parse_decimal
from ledger.regulation.points import table_for, unsound_item
from ledger.sentences import enumeration, sentence
from ledger.statement import edition_of


def refuse_undeclared(view: View, case_id: str) -> None:
    """Refuse who reads or scores an applicant's material without having declared, for this case, interest or none."""
    actor = view.statement.actor
    if not has_declared(view.live, actor, case_id):
        refuse_by(
            view.parameter("recusal.scope", case_id=case_id),
            "interest_undeclared",
            sentence("{actor} has declared neither interest nor none for {case_id}", actor=actor, case_id=case_id),
            remedy=sentence("declare interests, or that there are none, first"),
        )


def scores_as_an_unconflicted_panel_member(view: View[ScoreSubmitted]) -> None:
    p, actor = view.payload, view.statement.actor
    view.case(p.case_id)
    recusal = view.parameter("recusal.scope", case_id=p.case_id)
    since = recused_since(view.live, actor, p.case_id)
    if since is not None and since <= view.on:
        refuse_by(
            recusal,
            "reviewer_recused",
            sentence(
                "{actor} is recused from {case_id} since {since}",
                actor=actor,
                case_id=view.case_called(p.case_id),
                since=since,
            ),
        )
    if actor not in members_of(panel_for(view.live, p.case_id, p.stage)):
        pool = view.parameter("panel.size_min", case_id=p.case_id)
        refuse_by(
            pool,
            "not_on_panel",
            sentence(
                "{actor} is not on the panel of {case_id} ({stage})",
                actor=actor,
                case_id=p.case_id,
                stage=word(p.stage, "stage"),
            ),
        )
    refuse_undeclared(view, p.case_id)


def score_is_sound(view: View[ScoreSubmitted]) -> None:
    p, actor = view.payload, view.statement.actor
    total = parse_decimal(p.total, "total")
    full = view.parameter("score.full", case_id=p.case_id)
    if full.stated and p.full != full.value:
        refuse_by(full, "full_score_differs", sentence("the full score is {full}", full=full.value))
    if not 0 <= total <= p.full:
        refuse_by(full, "score_out_of_range", sentence("a total lies between 0 and {full}", full=p.full))
    opened = view.opened("/item_scores", dict[str, str])
    if opened is not None and sum((Decimal(v) for v in opened.values()), Decimal()) != total:
        refuse_by(full, "items_differ_from_total", sentence("the items do not add up to the total"))
    if opened is not None:
        _items_fit_the_standard(view, {number: Decimal(v) for number, v in opened.items()})
    own = [e for e in view.live.of(ScoreSubmitted, case_id=p.case_id, stage=p.stage) if e.actor == actor]
    replaced = {e.payload.replaces for e in own}
    current = [e.id for e in own if e.id not in replaced]
    if p.replaces is not None and p.replaces not in current:
        refuse("score_unknown", "AUD", None, sentence("the replaced score is not your current one"))
    if p.replaces is None and current:
        refuse(
            "score_exists",
            "AUD",
            None,
            sentence("a score was submitted; a changed one names it"),
        )
    if p.replaces is not None and p.change_reason is None:
        refuse("change_without_reason", "AUD", None, sentence("a changed score states the reason of the change"))


def _items_fit_the_standard(view: View[ScoreSubmitted], scores: dict[str, Decimal]) -> None:
    """Item scores against the points of the standard that the edition announced, or whose items these are."""
    opened = edition_opened(view.live, edition_of(view.payload.case_id))
    table = table_for(opened.payload.standard_versions if opened else (), scores)
    wrong = unsound_item(table, scores)
    if wrong is not None:
        code, told = wrong
        refuse(
            code,
            "AUD",
            None,
            told,
            remedy=sentence("correct the item's score"),
            standard=table.standard if table else None,
        )


def refuse_who_leads_not(
    view: View[OnsiteVisitHeld | ReviewReportSubmitted], panel: LiveEvent[BodyConstituted] | None
) -> None:
    """The leader acts for a panel; any member where the text knows no leader."""
    case_id, actor = view.payload.case_id, view.statement.actor
    seat = members_of(panel).get(actor)
    leader = view.parameter("panel.leader", case_id=case_id)
    if seat != "leader" and not (seat is not None and leader.stated and not leader.yes):
        refuse_by(
            leader,
            "not_the_leader",
            sentence("{actor} does not lead the panel of {case_id}", actor=actor, case_id=case_id),
        )


def reports_all_live_scores(view: View[ReviewReportSubmitted]) -> None:
    p = view.payload
    view.case(p.case_id)
    stages: tuple[Literal["material", "onsite"], ...] = (
        ("material", "onsite") if p.stage == "comprehensive" else (p.stage,)
    )
    panel = panel_for(view.live, p.case_id, stages[-1])
    refuse_who_leads_not(view, panel)
    scores = {e.id for stage in stages for e in live_scores(view.live, p.case_id, stage)}
    missing = scores - set(p.score_ids)
    if missing:
        refuse(
            "score_not_cited",
            "AUD",
            None,
            sentence("the report leaves out {missing} live scores", missing=len(missing)),
            missing=sorted(missing),
        )


def shortlists_all_eligible(view: View[ShortlistDecided]) -> None:
    p = view.payload
    cases = [*p.selected, *(n.case for n in p.not_selected)]
    if not cases or len(set(cases)) != len(cases):
        refuse("case_twice", "AUD", None, sentence("every case appears once"))
    _fits_the_cap(view, cases[0])
    eligible = set(eligible_cases(view.live, edition_of(cases[0])))
    if set(cases) != eligible:
        wrong = sorted(set(cases) ^ eligible)
        refuse(
            "shortlist_incomplete",
            "AUD",
            None,
            sentence("not exactly the eligible cases: {wrong}", wrong=enumeration(wrong)),
        )


def _fits_the_cap(view: View[ShortlistDecided], case_id: str) -> None:
    """The cap on visits, for all kinds together or for each as the reading says (B-82)."""
    cap = view.parameter("shortlist.max", case_id=case_id)
    if not cap.stated:
        return
    chosen, why = view.law.reading(view.enacted_for(edition_of(case_id)), "reading.shortlist_both_kinds", view.on)
    kinds: dict[str, int] = {}
    for selected in view.payload.selected:
        kind = view.case(selected).payload.award if chosen == "each" else "*"
        kinds[kind] = kinds.get(kind, 0) + 1
    most = max(kinds.values(), default=0)
    if most > cap.number:
        refuse_by(
            cap,
            "shortlist_too_long",
            sentence("at most {cap} go on site, not {most}", cap=cap.value, most=most),
            reading=", ".join(why.readings),
        )


def visits_the_selected(view: View[OnsiteVisitHeld]) -> None:
    p = view.payload
    view.case(p.case_id)
    if p.to_on < p.from_on:
        refuse("visit_unsound", "AUD", None, sentence("the visit ends before it begins"))
    stated, steps = ordered_steps(view.law, view.enacted_for(edition_of(p.case_id)), view.on)
    selects = not stated.stated or any(s.step == "shortlist" for s in steps)
    if selects and not any(p.case_id in s.payload.selected for s in view.live.of(ShortlistDecided)):
        refuse(
            "not_selected",
            "AUD",
            None,
            sentence("{case_id} was not selected for a visit", case_id=view.case_called(p.case_id)),
        )
    for person in p.attendees:
        if recused_since(view.live, person, p.case_id) is not None:
            scope = view.parameter("recusal.scope", case_id=p.case_id)
            refuse_by(
                scope,
                "reviewer_recused",
                sentence("{person} is recused from {case_id}", person=person, case_id=view.case_called(p.case_id)),
            )


def confirms_a_report(view: View[OnsiteReportConfirmed]) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    reports = {e.id for e in view.live.of(ReviewReportSubmitted, case_id=p.case_id)}
    if p.report_id not in reports:
        refuse("report_unknown", "AUD", None, sentence("no such report of this case"))
    if any(p.case_id in {r.case for r in e.payload.rows} for e in view.live.of(CandidateListProposed)):
        confirmed = view.parameter("onsite.report_confirmed", case_id=p.case_id)
        refuse_by(confirmed, "list_already_proposed", sentence("the candidate list is already proposed"))


def feeds_back_after_a_visit(view: View[RevieweeFeedbackGiven]) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    if not view.live.of(OnsiteVisitHeld, case_id=p.case_id):
        refuse("no_visit", "AUD", None, sentence("no visit was held"))


def notifies_of_a_decision(view: View[ApplicantNotified]) -> None:
    view.case(view.payload.case_id)
    if view.payload.decision not in view.named:
        refuse("decision_unknown", "AUD", None, sentence("the cited decision is not in the log"))


def lists_reported_cases(view: View[CandidateListProposed]) -> None:
    rows = [row.case for row in view.payload.rows]
    if not rows or len(set(rows)) != len(rows):
        refuse("case_twice", "AUD", None, sentence("a candidate list names each case once"))
    for case_id in rows:
        view.case(case_id)
        if not view.live.of(ReviewReportSubmitted, case_id=case_id):
            refuse(
                "report_missing",
                "AUD",
                None,
                sentence("{case_id} has no review report", case_id=view.case_called(case_id)),
            )


def lists_scores_above_the_line(view: View[CandidateListProposed]) -> None:
    for row in view.payload.rows:
        meets_threshold(view, row.case, row.award)


def meets_threshold(view: View, case_id: str, award: str) -> None:
    """Refuse a case whose combined score lies below the threshold of the award kind (the number itself passes)."""
    line = view.parameter(f"score.threshold.{award}", case_id=case_id)
    if not line.stated or view.is_import:
        return
    score, rules = decisive_score(view.live, view.law, case_id)
    if score is None:
        refuse_by(
            line,
            "score_undetermined",
            sentence(
                "{case_id} has no combined score to hold against {line}",
                case_id=view.case_called(case_id),
                line=line.value,
            ),
            remedy=sentence("record review rules and the scores of the stage"),
            reading="G14:default",
        )
    if score < line.number:
        # Two decimals, and not rounded up to the line that it lies below.
        cut = score.quantize(Decimal("0.01"), ROUND_DOWN)
        shown = score if score == cut else cut
        refuse_by(
            line,
            "below_threshold",
            sentence(
                "{case_id} has {shown}, below {line}", case_id=view.case_called(case_id), shown=shown, line=line.value
            ),
            reading="B-16:default",
            score=str(score),
            rules=rules,
        )


def votes_once_as_a_member(view: View[CommitteeVoteCast]) -> None:
    p, actor = view.payload, view.statement.actor
    view.case(p.case_id)
    committees = [
        b
        for b in view.live.of(BodyConstituted, kind="committee")
        if b.payload.edition_id in (None, edition_of(p.case_id))
    ]
    seated = any(actor in members_of(b) for b in committees)
    if not seated:
        refuse("not_seated", "AUD", None, sentence("{actor} has no seat in the committee", actor=actor))
    votes = view.live.of(CommitteeVoteCast, case_id=p.case_id, resolution_ref=p.resolution_ref)
    if any(v.actor == actor for v in votes):
        refuse(
            "voted_already",
            "AUD",
            None,
            sentence("one live vote per member and case; annul the first"),
        )
    scope = view.parameter("recusal.scope", case_id=p.case_id)
    chosen, why = view.law.reading(view.enacted_for(edition_of(p.case_id)), "reading.interest_of_committee", view.on)
    blocked = chosen == "all" or not scope.stated or {"committee", "all"} & set(scope.words)
    if blocked and p.vote != "recused" and recused_since(view.live, actor, p.case_id) is not None:
        refuse_by(
            scope,
            "voter_recused",
            sentence("{actor} is recused from {case_id}", actor=actor, case_id=view.case_called(p.case_id)),
            reading=", ".join(why.readings),
        )


def resolves_something(view: View[CommitteeResolutionAdopted]) -> None:
    p = view.payload
    if view.live.of(CommitteeResolutionAdopted, resolution_id=p.resolution_id):
        refuse(
            "resolution_exists",
            "AUD",
            None,
            sentence("resolution {resolution_id} exists", resolution_id=p.resolution_id),
        )
    if p.subject == "review_rules" and p.rules is None:
        refuse("rules_missing", "AUD", None, sentence("a resolution on review rules carries the rules"))
    for case_id in [*(a.case for a in p.approved), *p.rejected]:
        view.case(case_id)
    if p.subject == "proposed_awardees" and p.approved and not view.is_import:
        _resolves_as_the_text_says(view)


def _resolves_as_the_text_says(view: View[CommitteeResolutionAdopted]) -> None:
    p = view.payload
    method = view.parameter("committee.method", case_id=p.approved[0].case)
    if method.stated and method.text == "plenary" and not p.present:
        refuse_by(method, "attendance_missing", sentence("a plenary resolution names who was present"))
    if method.stated and method.value in ("vote", "ballot"):
        for item in p.approved:
            if not view.live.of(CommitteeVoteCast, case_id=item.case):
                refuse_by(
                    method,
                    "votes_missing",
                    sentence("nobody has voted on {case}", case=view.case_called(item.case)),
                    remedy=sentence("record the vote of the committee first"),
                    case=item.case,
                    resolution=p.resolution_id,
                )
