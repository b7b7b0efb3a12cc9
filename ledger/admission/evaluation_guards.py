"""Guards of evaluation (1.F)."""

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
from ledger.statement import edition_of


def refuse_undeclared(view: View, case_id: str) -> None:
    """Whoever reads an applicant's material or scores it has declared interest, or none, for the case before."""
    actor = view.statement.actor
    if not has_declared(view.live, actor, case_id):
        refuse_by(
            view.parameter("recusal.scope", case_id=case_id),
            "interest_undeclared",
            f"{actor} has declared neither interest nor none for {case_id}",
            f"{actor} 尚未就 {case_id} 申明利害关系",
            remedy="declare interests, or that there are none, first",
            remedy_zh="请先登记利害关系申明",
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
            f"{actor} is recused from {view.case_called(p.case_id)[1]} since {since}",
            f"{actor} 自 {since} 起对 {view.case_called(p.case_id)[0]} 回避",
        )
    if actor not in members_of(panel_for(view.live, p.case_id, p.stage)):
        pool = view.parameter("panel.size_min", case_id=p.case_id)
        refuse_by(
            pool,
            "not_on_panel",
            f"{actor} is not on the {p.stage} panel of {p.case_id}",
            f"{actor} 不在 {p.case_id} 的评审组",
        )
    refuse_undeclared(view, p.case_id)


def score_is_sound(view: View[ScoreSubmitted]) -> None:
    p, actor = view.payload, view.statement.actor
    total = parse_decimal(p.total, "total")
    full = view.parameter("score.full", case_id=p.case_id)
    if full.stated and p.full != full.value:
        refuse_by(full, "full_score_differs", f"the full score is {full.value}", f"总分为 {full.value}")
    if not 0 <= total <= p.full:
        refuse_by(full, "score_out_of_range", f"a total lies between 0 and {p.full}", f"总分应在 0 与 {p.full} 之间")
    opened = view.opened("/item_scores", dict[str, str])
    if opened is not None and sum((Decimal(v) for v in opened.values()), Decimal()) != total:
        refuse_by(full, "items_differ_from_total", "the items do not add up to the total", "分项之和与总分不符")
    if opened is not None:
        _items_fit_the_standard(view, {number: Decimal(v) for number, v in opened.items()})
    own = [e for e in view.live.of(ScoreSubmitted, case_id=p.case_id, stage=p.stage) if e.actor == actor]
    replaced = {e.payload.replaces for e in own}
    current = [e.id for e in own if e.id not in replaced]
    if p.replaces is not None and p.replaces not in current:
        refuse("score_unknown", "AUD", None, "the replaced score is not your current one", "被替换的不是本人现有评分")
    if p.replaces is None and current:
        refuse(
            "score_exists",
            "AUD",
            None,
            "a score was submitted; a changed one names it",
            "已提交评分；变更须写明所替换的评分",
        )
    if p.replaces is not None and p.change_reason is None:
        refuse("change_without_reason", "AUD", None, "a changed score states change_reason", "变更评分须写明理由")


def _items_fit_the_standard(view: View[ScoreSubmitted], scores: dict[str, Decimal]) -> None:
    """Item scores against the points of the standard that the edition announced, or whose items these are."""
    opened = edition_opened(view.live, edition_of(view.payload.case_id))
    table = table_for(opened.payload.standard_versions if opened else (), scores)
    wrong = unsound_item(table, scores)
    if wrong is not None:
        code, en, zh = wrong
        refuse(
            code,
            "AUD",
            None,
            en,
            zh,
            remedy="correct the item's score",
            remedy_zh="请更正该项得分",
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
            f"{actor} does not lead the panel of {case_id}",
            f"{actor} 不是 {case_id} 评审组组长",
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
            f"the report leaves out {len(missing)} live scores",
            f"报告遗漏 {len(missing)} 份有效评分",
            missing=sorted(missing),
        )


def shortlists_all_eligible(view: View[ShortlistDecided]) -> None:
    p = view.payload
    cases = [*p.selected, *(n.case for n in p.not_selected)]
    if not cases or len(set(cases)) != len(cases):
        refuse("case_twice", "AUD", None, "every case appears once", "每个案件应出现且只出现一次")
    _fits_the_cap(view, cases[0])
    eligible = set(eligible_cases(view.live, edition_of(cases[0])))
    if set(cases) != eligible:
        wrong = sorted(set(cases) ^ eligible)
        refuse(
            "shortlist_incomplete",
            "AUD",
            None,
            f"not exactly the eligible cases: {', '.join(wrong)}",
            f"应恰为全部资格合格案件，差异：{'、'.join(wrong)}",
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
            f"at most {cap.value} go on site, not {most}",
            f"进入现场评审不超过 {cap.value} 家，现为 {most} 家",
            reading=", ".join(why.readings),
        )


def visits_the_selected(view: View[OnsiteVisitHeld]) -> None:
    p = view.payload
    view.case(p.case_id)
    if p.to_on < p.from_on:
        refuse("visit_unsound", "AUD", None, "the visit ends before it begins", "现场评审起止日期有误")
    stated, steps = ordered_steps(view.law, view.enacted_for(edition_of(p.case_id)), view.on)
    selects = not stated.stated or any(s.step == "shortlist" for s in steps)
    if selects and not any(p.case_id in s.payload.selected for s in view.live.of(ShortlistDecided)):
        refuse(
            "not_selected",
            "AUD",
            None,
            f"{view.case_called(p.case_id)[1]} was not selected for a visit",
            f"{view.case_called(p.case_id)[0]} 未进入现场评审",
        )
    for person in p.attendees:
        if recused_since(view.live, person, p.case_id) is not None:
            scope = view.parameter("recusal.scope", case_id=p.case_id)
            refuse_by(
                scope,
                "reviewer_recused",
                f"{person} is recused from {view.case_called(p.case_id)[1]}",
                f"{person} 对 {view.case_called(p.case_id)[0]} 已回避",
            )


def confirms_a_report(view: View[OnsiteReportConfirmed]) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    reports = {e.id for e in view.live.of(ReviewReportSubmitted, case_id=p.case_id)}
    if p.report_id not in reports:
        refuse("report_unknown", "AUD", None, "no such report of this case", "本案没有这份报告")
    if any(p.case_id in {r.case for r in e.payload.rows} for e in view.live.of(CandidateListProposed)):
        confirmed = view.parameter("onsite.report_confirmed", case_id=p.case_id)
        refuse_by(confirmed, "list_already_proposed", "the candidate list is already proposed", "候选名单已提出")


def feeds_back_after_a_visit(view: View[RevieweeFeedbackGiven]) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    if not view.live.of(OnsiteVisitHeld, case_id=p.case_id):
        refuse("no_visit", "AUD", None, "no visit was held", "尚未进行现场评审")


def notifies_of_a_decision(view: View[ApplicantNotified]) -> None:
    view.case(view.payload.case_id)
    if view.payload.decision not in view.named:
        refuse("decision_unknown", "AUD", None, "the cited decision is not in the log", "所引决定不在账本中")


def lists_reported_cases(view: View[CandidateListProposed]) -> None:
    rows = [row.case for row in view.payload.rows]
    if not rows or len(set(rows)) != len(rows):
        refuse("case_twice", "AUD", None, "a candidate list names each case once", "候选名单中每个案件出现一次")
    for case_id in rows:
        view.case(case_id)
        if not view.live.of(ReviewReportSubmitted, case_id=case_id):
            refuse(
                "report_missing",
                "AUD",
                None,
                f"{view.case_called(case_id)[1]} has no review report",
                f"{view.case_called(case_id)[0]} 没有评审报告",
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
            f"{view.case_called(case_id)[1]} has no combined score to hold against {line.value}",
            f"{view.case_called(case_id)[0]} 尚无可与 {line.value} 分比较的合成得分",
            remedy="record review rules and the scores of the stage",
            remedy_zh="请先登记评审细则与该阶段评分",
            reading="G14:default",
        )
    if score < line.number:
        # Two decimals, and not rounded up to the line that it lies below.
        cut = score.quantize(Decimal("0.01"), ROUND_DOWN)
        shown = score if score == cut else cut
        refuse_by(
            line,
            "below_threshold",
            f"{view.case_called(case_id)[1]} has {shown}, below {line.value}",
            f"{view.case_called(case_id)[0]} 得 {shown} 分，低于 {line.value} 分",
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
        refuse("not_seated", "AUD", None, f"{actor} has no seat in the committee", f"{actor} 不是评委会成员")
    votes = view.live.of(CommitteeVoteCast, case_id=p.case_id, resolution_ref=p.resolution_ref)
    if any(v.actor == actor for v in votes):
        refuse(
            "voted_already",
            "AUD",
            None,
            "one live vote per member and case; annul the first",
            "每名委员每案一票；如有误请先作废",
        )
    scope = view.parameter("recusal.scope", case_id=p.case_id)
    chosen, why = view.law.reading(view.enacted_for(edition_of(p.case_id)), "reading.interest_of_committee", view.on)
    blocked = chosen == "all" or not scope.stated or {"committee", "all"} & set(scope.words)
    if blocked and p.vote != "recused" and recused_since(view.live, actor, p.case_id) is not None:
        refuse_by(
            scope,
            "voter_recused",
            f"{actor} is recused from {view.case_called(p.case_id)[1]}",
            f"{actor} 对 {view.case_called(p.case_id)[0]} 已回避",
            reading=", ".join(why.readings),
        )


def resolves_something(view: View[CommitteeResolutionAdopted]) -> None:
    p = view.payload
    if view.live.of(CommitteeResolutionAdopted, resolution_id=p.resolution_id):
        refuse(
            "resolution_exists", "AUD", None, f"resolution {p.resolution_id} exists", f"决议 {p.resolution_id} 已存在"
        )
    if p.subject == "review_rules" and p.rules is None:
        refuse("rules_missing", "AUD", None, "a resolution on review rules carries the rules", "评审细则决议须载明规则")
    for case_id in [*(a.case for a in p.approved), *p.rejected]:
        view.case(case_id)
    if p.subject == "proposed_awardees" and p.approved and not view.is_import:
        _resolves_as_the_text_says(view)


def _resolves_as_the_text_says(view: View[CommitteeResolutionAdopted]) -> None:
    p = view.payload
    method = view.parameter("committee.method", case_id=p.approved[0].case)
    if method.stated and method.text == "plenary" and not p.present:
        refuse_by(
            method, "attendance_missing", "a plenary resolution names who was present", "全体会议决议须写明出席人员"
        )
    if method.stated and method.value in ("vote", "ballot"):
        for item in p.approved:
            if not view.live.of(CommitteeVoteCast, case_id=item.case):
                refuse_by(
                    method,
                    "votes_missing",
                    f"nobody has voted on {view.case_called(item.case)[1]}",
                    f"{view.case_called(item.case)[0]} 尚无表决记录",
                    remedy="record the vote of the committee first",
                    remedy_zh="请先登记委员表决",
                    case=item.case,
                    resolution=p.resolution_id,
                )
