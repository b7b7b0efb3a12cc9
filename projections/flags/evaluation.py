"""RF10 to RF16 and RF44: the order of steps, selection, scores and votes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations, pairwise

from ledger.derivation.answer import Undetermined
from ledger.derivation.cases import case_status
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.panels import live_scores
from ledger.derivation.procedure import evidence
from ledger.derivation.scores import STAGES, combine, decisive_score, stage_score
from projections.flags.flag import Found, Gap, Hit, Severity, flag, silent
from projections.flags.inspected import Inspected, before, imported

# Scores and the boundaries that they decide about


def total(v: Inspected, live: Live, case: str, stage: str) -> Decimal | None:
    """The combined score of a stage at one (D, K); None where there is none or nothing says how to combine."""
    answer = stage_score(live, v.law, case, stage)
    return Decimal(answer.value()["total"]) if answer.is_value and answer.value()["total"] is not None else None


@dataclass(frozen=True, slots=True)
class _Boundary:
    """A line between those who went on and those who did not: a threshold, or the last in and the first out."""

    zh: str
    en: str
    case: str
    inside: bool
    line: Decimal

    def crossed_by(self, score: Decimal | None) -> bool:
        return score is not None and (score >= self.line) != self.inside


def boundaries(v: Inspected, case: str, stage: str) -> Iterator[_Boundary]:
    """Lines that the case's score of a stage decided about, with where the case came to lie."""
    listed = [row for e in v.of("CandidateListProposed") for row in e.payload.rows]
    own = next((row for row in listed if row.case == case), None)
    kind = own.award if own else (v.filed[case].payload.award if case in v.filed else "")
    threshold = v.parameter(f"score.threshold.{kind}")
    score = total(v, v.live, case, stage)
    if threshold.stated and score is not None:
        yield _Boundary("授奖分数线", "the threshold", case, score >= threshold.value, Decimal(threshold.value))
    lists: list[tuple[str, str, list[str], list[str]]] = []
    if stage == "material":
        for e in v.of("ShortlistDecided"):
            lists.append(
                (
                    "入围线",
                    "the cut of the on-site list",
                    list(e.payload.selected),
                    [n.case for n in e.payload.not_selected],
                )
            )
    for e in v.of("CandidateListProposed"):
        rows = [r.case for r in e.payload.rows if r.award == kind]
        lists.append(("候选名单", "the candidate list", rows, list(e.payload.not_listed)))
    for zh, en, inside, outside in lists:
        if case in inside or case in outside:
            others = outside if case in inside else inside
            scored = [s for other in others if other != case and (s := total(v, v.live, other, stage)) is not None]
            if scored:
                yield _Boundary(zh, en, case, case in inside, max(scored) if case in inside else min(scored))


@flag(
    "RF10", "step-out-of-order", "程序倒置", "steps out of order", "H", "ZY17 JD五 HY10 GZ16-22",
    condition=("按发生日，某一步骤在其前置步骤之前发生，或前置步骤缺失；或按发生日次序正确，而登记次序相反。",
               "By effective day a step of the case comes before one that has to precede it, or that one is missing; or the days are in order and the recording is in reverse."),
    reason=("程序次序由文本规定，倒置意味着结果先于依据。", "The order is the text's; reversed, the result comes before its reasons."),
    caution=("条文未见的文本（金水）只检查不可能的次序。补录造成的倒序另见 RF35。",
             "Of a text that was not seen (Jinshui) only impossible orders are judged. Late entries: see RF35."),
    example=("未经现场评审即列入候选名单。", "On the candidate list without an on-site review."),
    companions=("RF11", "RF35", "RF41"),
)  # fmt: skip
def _out_of_order(v: Inspected) -> Found:
    for case, filed in v.filed.items():
        if imported(filed):
            continue
        status = case_status(v.live, v.law, case)
        wrong = (
            [e for i in status.value()["out_of_order"] if (e := v.live.by_id(i)) is not None] if status.is_value else []
        )
        articles = v.parameter("procedure", v.live.on).why.articles
        if wrong:
            yield Hit(
                ("case", case),
                "H",
                wrong[0].on,
                tuple(wrong),
                f"{case}：{wrong[0].payload.SPEC.zh}不在其应有的次序",
                f"{case}: {wrong[0].payload.SPEC.en} is out of order",
                case,
                v.org(case),
                articles=articles,
            )
            continue
        done = [e for step in v.steps if step not in _UNORDERED and (e := evidence(v.live, step, case)) is not None]
        for earlier, later in pairwise(done):
            if later.position < earlier.position and earlier.on <= later.on:
                yield Hit(
                    ("case", case),
                    "H",
                    earlier.on,
                    (later, earlier),
                    f"{case}：{later.payload.SPEC.zh}先于{earlier.payload.SPEC.zh}登记",
                    f"{case}: {later.payload.SPEC.en} was recorded before {earlier.payload.SPEC.en}",
                    case,
                    v.org(case),
                    articles=articles,
                )
                break


#: Steps after the award, and the call, of which one serves many cases, may be recorded in any order.
_UNORDERED = frozenset({"call", "circular", "certificate", "prize", "publication"})


@flag(
    "RF11", "selection-anomaly", "入围异常", "selection does not follow the scores", "H", "JD五(三)2 HY10(3) ZY17(4)(5) GZ18",
    condition=("现场名单超过文本上限；对未入围的案件进行现场评审或列入候选；分数较高者未入选而较低者入选，且没有记载理由；名单所载分数与评分推导不符。",
               "More on site than the text allows; a visit or candidacy of a case that was not selected; a case with a higher score left out for one with a lower and no reason on record; a score on the list that differs from the one derived."),
    reason=("名单是分数变成结果的地方。", "Lists are where scores become results."),
    caution=("候选名单附有行业平衡说明的，不因名次与分数不一致触发。", "A note on the balance of industries on the list explains ranks that differ from scores."),
    example=("金东区现场评审 9 家，上限 8 家。", "Nine on site in Jindong, where eight is the most."),
    companions=("RF10", "RF41"),
)  # fmt: skip
def _selection(v: Inspected) -> Found:
    most = v.parameter("shortlist.max")
    chosen: set[str] = set()
    for shortlist in v.of("ShortlistDecided"):
        p = shortlist.payload
        chosen |= set(p.selected)
        if most.stated and len(p.selected) > most.value:
            yield Hit(
                ("edition", v.edition),
                "H",
                shortlist.on,
                (shortlist,),
                f"现场评审 {len(p.selected)} 家，上限 {most.value} 家",
                f"{len(p.selected)} on site, at most {most.value}",
                articles=most.why.articles,
                thresholds={"shortlist.max": most.value},
            )
        missing = [c for c in v.filed if c not in p.selected and c not in {n.case for n in p.not_selected}]
        yield from _inverted(v, shortlist, "material", list(p.selected), missing)
    if v.of("ShortlistDecided"):
        for visit in v.of("OnsiteVisitHeld"):
            if visit.payload.case_id not in chosen:
                yield Hit(
                    ("case", visit.payload.case_id),
                    "H",
                    visit.on,
                    (visit,),
                    f"{visit.payload.case_id} 未入围而进行了现场评审",
                    f"{visit.payload.case_id} was visited without being selected",
                    visit.payload.case_id,
                    v.org(visit.payload.case_id),
                )
    for proposal in v.of("CandidateListProposed"):
        yield from _list_problems(v, proposal, chosen)


def _list_problems(v: Inspected, proposal: LiveEvent, chosen: set[str]) -> Found:
    p = proposal.payload
    for row in p.rows:
        if chosen and row.case not in chosen:
            yield Hit(
                ("case", row.case),
                "H",
                proposal.on,
                (proposal,),
                f"{row.case} 未入围而列入候选名单",
                f"{row.case} is a candidate without being selected",
                row.case,
                v.org(row.case),
            )
        derived = decisive_score(v.at(proposal.on, proposal.position), v.law, row.case)[0]
        if (
            row.score is not None
            and derived is not None
            and Decimal(row.score) != derived.quantize(Decimal(row.score), ROUND_HALF_UP)
        ):
            yield Hit(
                ("case", row.case),
                "H",
                proposal.on,
                (proposal,),
                f"{row.case} 名单所载 {row.score} 分，评分推导为 {derived} 分",
                f"{row.case}: the list says {row.score}, the scores give {derived}",
                row.case,
                v.org(row.case),
                thresholds={"derived": str(derived)},
            )
    if "/industry_balance_note" in proposal.recorded.statement.sd:
        return
    for award in dict.fromkeys(r.award for r in p.rows):
        rows = sorted((r for r in p.rows if r.award == award), key=lambda r: r.rank)
        left = [c for c in p.not_listed if v.filed.get(c) is not None and v.filed[c].payload.award == award]
        yield from _inverted(v, proposal, "onsite", [r.case for r in rows], left)
        scored = [(r, s) for r in rows if (s := decisive_score(v.live, v.law, r.case)[0]) is not None]
        for (high, high_score), (low, low_score) in pairwise(scored):
            if high_score < low_score:
                yield Hit(
                    ("case", low.case),
                    "H",
                    proposal.on,
                    (proposal,),
                    f"{low.case}（{low_score}）名次在 {high.case}（{high_score}）之后，无理由记载",
                    f"{low.case} ({low_score}) ranks after {high.case} ({high_score}) with no reason on record",
                    low.case,
                    v.org(low.case),
                )


def _inverted(v: Inspected, decision: LiveEvent, stage: str, inside: Sequence[str], outside: Sequence[str]) -> Found:
    then = v.at(decision.on, decision.position)
    scores = {c: s for c in (*inside, *outside) if (s := total(v, then, c, stage)) is not None}
    lowest = min((scores[c] for c in inside if c in scores), default=None)
    for case in outside:
        if lowest is not None and case in scores and scores[case] > lowest:
            yield Hit(
                ("case", case),
                "H",
                decision.on,
                (decision,),
                f"{case}（{scores[case]} 分）未入选，而有 {lowest} 分者入选，无理由记载",
                f"{case} ({scores[case]}) was left out for one with {lowest} and no reason on record",
                case,
                v.org(case),
            )


@flag(
    "RF12", "score-below-threshold", "低于授奖分数线", "below the threshold", "M/H/C", "JD四(二) HY9",
    condition=("决定性阶段得分低于文本分数线（含本数）而被列入候选名单 M、评委会决议 H、授奖 C。",
               "A case whose decisive score lies under the text's threshold (inclusive) is on the candidate list M, approved by the committee H, granted the award C."),
    reason=("分数线是文本的硬性门槛。", "The threshold is hard."),
    caution=("未定分数合成方法的，不能判断。", "Undetermined where nothing says how scores are combined."),
    example=("衡阳 598 分获奖，分数线 600 分。", "An award with 598 in Hengyang, where 600 is needed."),
    companions=("RF11", "RF41"),
)  # fmt: skip
def _threshold(v: Inspected) -> Found:
    kinds = list(v.enacted.pack.awards) if v.enacted else []
    lines = {k: v.parameter(f"score.threshold.{k}") for k in kinds}
    if not any(p.stated for p in lines.values()):
        yield from (silent(p) for p in list(lines.values())[:1])
        return
    steps: dict[str, tuple[Severity, LiveEvent, str]] = {}
    for proposal in v.of("CandidateListProposed"):
        steps |= {r.case: ("M", proposal, r.award) for r in proposal.payload.rows}
    for resolution in v.of("CommitteeResolutionAdopted", subject="proposed_awardees"):
        steps |= {a.case: ("H", resolution, a.award) for a in resolution.payload.approved}
    for grant in v.grants.values():
        steps[grant.payload.case_id] = ("C", grant, grant.payload.award)
    for case, (severity, act, award) in steps.items():
        line = lines.get(award)
        if line is None or not line.stated:
            continue
        score, rule = decisive_score(v.live, v.law, case)
        if score is None:
            if rule is None:
                yield Gap(
                    ("case", case),
                    Undetermined(
                        "score.aggregation", "G14", f"{case} 的得分无法合成", f"the score of {case} cannot be combined"
                    ),
                )
        elif score < line.value:
            used = [e for s in STAGES for e in live_scores(v.live, case, s)]
            yield Hit(
                ("case", case),
                severity,
                act.on,
                (act, *used),
                f"{case} 得分 {score}，低于分数线 {line.value}",
                f"{case} scores {score}, below {line.value}",
                case,
                v.org(case),
                articles=line.why.articles,
                thresholds={f"score.threshold.{award}": line.value},
            )


@flag(
    "RF13", "score-outlier", "评分离群", "outlying score", "L/H", "ZY26 JD七(六) HY25,26 GZ31,32 (AUD)",
    condition=("一阶段至少三份有效评分，某份与其余平均之差超过满分的一定比例：L；去掉它会使该案越过分数线、入围线或候选线：H。",
               "Of at least three live scores of a stage one differs from the mean of the others by more than a share of the full score: L; without it the case would cross a threshold, the cut or the candidate line: H."),
    reason=("单个评审员不应左右结果。", "A single reviewer should not decide the result."),
    caution=("离群可能是有据的判断；应看评分理由。", "An outlier may be a sound judgement: read its reasons."),
    example=("四人 620 至 640，一人 900。", "Four between 620 and 640, one 900."), thresholds=("score.outlier_percent_of_full",),
)  # fmt: skip
def _outlier(v: Inspected) -> Found:
    percent = Decimal(v.audit("score.outlier_percent_of_full"))
    for case in v.filed:
        for stage in STAGES:
            counted = live_scores(v.live, case, stage)
            if len(counted) < 3:
                continue
            for score in counted:
                others = [Decimal(e.payload.total) for e in counted if e.id != score.id]
                away = abs(Decimal(score.payload.total) - sum(others, Decimal()) / len(others))
                limit = percent * score.payload.full / 100
                if away <= limit:
                    continue
                crossed = [b for b in boundaries(v, case, stage) if b.crossed_by(_without(v, case, others))]
                severity: Severity = "H" if crossed else "L"
                yield Hit(
                    ("case", case),
                    severity,
                    score.on,
                    (score, *(e for e in counted if e.id != score.id)),
                    f"{score.actor} 给 {case} {score.payload.total} 分，与其余平均相差 {away:.1f}{'，去掉后越过' + crossed[0].zh if crossed else ''}",
                    f"{score.actor} gives {case} {score.payload.total}, {away:.1f} from the mean of the others{'; without it the case crosses ' + crossed[0].en if crossed else ''}",
                    case,
                    v.org(case),
                    score.actor,
                    thresholds={"score.outlier_percent_of_full": int(percent), "points": str(limit)},
                )


def _without(v: Inspected, case: str, others: list[Decimal]) -> Decimal:
    rules = [e for e in v.of("CommitteeResolutionAdopted", subject="review_rules") if e.payload.rules is not None]
    rule = rules[-1].payload.rules if rules else None
    return combine(others, rule.aggregation if rule else "mean", rule.decimals if rule else None)


@flag(
    "RF14", "score-changed-after-cut", "入围或报告后改分", "score changed after report or cut", "H/C", "ZY12,26 HY25 (AUD)",
    condition=("该阶段评审报告或入围名单登记之后，又登记了替换、更正或作废评分：H；得分因此越过分数线、入围线或候选线：C。",
               "After the report or the on-site list of a stage was recorded, a score of it is replaced, corrected or annulled: H; the case's score crosses a threshold, the cut or the candidate line by it: C."),
    reason=("结果已知之后的改分，最可能是为结果而改。", "A score changed once the result is known may be changed for the result."),
    caution=("更正笔误也会触发；看变更理由与会签。", "The mending of a slip raises it too: read reason and countersignature."),
    example=("入围名单公布后 R1 将 590 改为 620。", "R1 turns 590 into 620 after the cut."), companions=("RF10", "RF39", "RF41"),
)  # fmt: skip
def _changed_after(v: Inspected) -> Found:
    for change, target, case, stage in _changes(v):
        closed = [
            r
            for r in v.known.of("ReviewReportSubmitted", case_id=case, stage=stage)
            if target.position < r.position < change.position
        ]
        if stage == "material":
            closed += [s for s in v.of("ShortlistDecided") if target.position < s.position < change.position]
        if not closed:
            continue
        old = total(v, v.at(v.live.on, change.position - 1), case, stage)
        new = total(v, v.at(v.live.on, change.position), case, stage)
        lines = [
            b
            for b in boundaries(v, case, stage)
            if old is not None and new is not None and (old >= b.line) != (new >= b.line)
        ]
        severity: Severity = "C" if lines else "H"
        yield Hit(
            ("case", case),
            severity,
            change.on,
            (change, closed[0]),
            f"{case} 的评分在{closed[0].payload.SPEC.zh}之后被{change.payload.SPEC.zh}改动：{old} → {new}{'，越过' + lines[0].zh if lines else ''}",
            f"a score of {case} was changed after {closed[0].payload.SPEC.en}: {old} to {new}{', across ' + lines[0].en if lines else ''}",
            case,
            v.org(case),
            change.actor,
        )


def _changes(v: Inspected) -> Iterator[tuple[LiveEvent, LiveEvent, str, str]]:
    """Change, the score changed, its case and stage."""
    for event in v.of("ScoreSubmitted", "EventCorrected", "EventAnnulled"):
        name = event.payload.replaces if event.type == "ScoreSubmitted" else event.payload.target
        target = v.live.recorded(name) if name else None
        if target is not None and target.statement.type == "ScoreSubmitted":
            p = target.statement.payload
            yield event, LiveEvent(target, p), p.case_id, p.stage


@flag(
    "RF15", "onsite-record-defect", "现场评审记录缺陷", "record of the on-site review incomplete", "L/M/H", "HY10(3),10(4),22",
    condition=("文本要求而：列入候选前没有申报单位确认报告，或拒绝确认而无后续（H）；现场天数不在文本范围（L）；未向未入围者反馈（M）；届次结束时没有被评单位评价（L）。",
               "Where the text wants it: no confirmation of the report by the applicant before the candidate list, or a refusal with nothing after it (H); days on site outside the range (L); no feedback to those left out (M); no feedback of the reviewee when the edition closes (L)."),
    reason=("确认与反馈是申报单位仅有的程序权利。", "Confirmation and feedback are the applicant's only rights in the procedure."),
    caution=("现场天数文本写“一般为”，只作轻微提示。", "The text says of the days `usually`: a light remark only."),
    example=("衡阳：未经企业确认报告即列入候选。", "Hengyang: a candidate whose report was never confirmed."), companions=("RF10", "RF41"),
)  # fmt: skip
def _onsite(v: Inspected) -> Found:
    confirm, days, feedback, tell = (
        v.parameter(f"onsite.{n}") for n in ("report_confirmed", "days", "reviewee_feedback", "notify_not_shortlisted")
    )
    if not any(p.stated for p in (confirm, days, feedback, tell)):
        yield silent(confirm)
        return
    if confirm.stated and confirm.value:
        for proposal in v.of("CandidateListProposed"):
            for row in proposal.payload.rows:
                given = [e for e in v.of("OnsiteReportConfirmed", case_id=row.case) if before(e, proposal)]
                if not given or given[-1].payload.outcome == "refused":
                    yield Hit(
                        ("case", row.case),
                        "H",
                        proposal.on,
                        (proposal, *given[-1:]),
                        f"{row.case} 的现场评审报告未经申报单位确认",
                        f"the on-site report of {row.case} was not confirmed by the applicant",
                        row.case,
                        v.org(row.case),
                        articles=confirm.why.articles,
                    )
    closed = v.of("EditionClosed")[:1]
    for visit in v.of("OnsiteVisitHeld"):
        case, length = visit.payload.case_id, (visit.payload.to_on - visit.payload.from_on).days + 1
        if days.stated and not days.value["min"] <= length <= days.value["max"]:
            yield Hit(
                ("case", case),
                "L",
                visit.on,
                (visit,),
                f"{case} 现场评审 {length} 天",
                f"{case} was visited for {length} days",
                case,
                v.org(case),
                articles=days.why.articles,
                thresholds=dict(days.value),
            )
        if feedback.stated and feedback.value and closed and not v.of("RevieweeFeedbackGiven", case_id=case):
            yield Hit(
                ("case", case),
                "L",
                closed[0].on,
                (closed[0], visit),
                f"{case} 没有被评审单位评价",
                f"no feedback of the reviewee of {case}",
                case,
                v.org(case),
                articles=feedback.why.articles,
            )
    if tell.stated and tell.value:
        yield from _untold(v, tell.why.articles, closed)


def _untold(v: Inspected, articles: tuple[str, ...], closed: list[LiveEvent]) -> Found:
    told = {e.payload.case_id for e in v.of("ApplicantNotified", about="not_shortlisted")}
    ends = [*v.of("CandidateListProposed")[:1], *closed]
    for shortlist in v.of("ShortlistDecided"):
        for left in shortlist.payload.not_selected:
            if left.case not in told and ends:
                yield Hit(
                    ("case", left.case),
                    "M",
                    ends[0].on,
                    (shortlist, ends[0]),
                    f"{left.case} 未入围，未见反馈",
                    f"{left.case} was left out and not told",
                    left.case,
                    v.org(left.case),
                    articles=articles,
                )


@flag(
    "RF16", "vote-irregular", "表决异常", "irregular vote", "H", "ZY17(5) JD五(四)2 HY10(5) GZ21",
    condition=("投票人不是在任委员；同一委员对同一案在同一决议中有两张有效票；决议所载票数与有效票不符；文本要求表决而所批准的案件没有一张票；一决议的全部票在 60 秒内登记。",
               "The voter holds no seat; two live votes of one member on one case and resolution; the tally differs from the live votes; the text wants a vote and an approved case has none; all votes of a resolution recorded within 60 seconds."),
    reason=("表决是集体决定的唯一证明。", "The vote is the only proof that a body decided."),
    caution=("会后由工作人员集中录入会触发；以会议记录核对。", "Votes typed in after the meeting raise it: compare the minutes."),
    example=("决议载 5 票赞成，有效票为 4。", "A tally of five in favour, with four live votes."), thresholds=("panel.burst_seconds",), companions=("RF36", "RF41"),
)  # fmt: skip
def _votes(v: Inspected) -> Found:
    method = v.parameter("committee.method", v.live.on)
    votes = v.of("CommitteeVoteCast")
    for vote in votes:
        bodies = [
            e
            for e in v.live.of("BodyConstituted", kind="committee")
            if before(e, vote) and e.payload.edition_id in (None, v.edition)
        ]
        seated = {m.principal_id for m in bodies[-1].payload.members} if bodies else set()
        if vote.actor not in seated:
            yield Hit(
                ("case", vote.payload.case_id),
                "H",
                vote.on,
                (vote, *bodies[-1:]),
                f"{vote.actor} 不是在任委员而投票",
                f"{vote.actor} votes without a seat",
                vote.payload.case_id,
                v.org(vote.payload.case_id),
                vote.actor,
                articles=method.why.articles,
            )
    seen: dict[tuple[str, str, str], LiveEvent] = {}
    for vote in votes:
        key = (vote.actor, vote.payload.case_id, vote.payload.resolution_ref)
        if key in seen:
            yield Hit(
                ("case", key[1]),
                "H",
                vote.on,
                (vote, seen[key]),
                f"{vote.actor} 对 {key[1]} 有两张票",
                f"{vote.actor} has two votes on {key[1]}",
                key[1],
                v.org(key[1]),
                vote.actor,
                articles=method.why.articles,
            )
        seen[key] = vote
    for resolution in v.of("CommitteeResolutionAdopted", subject="proposed_awardees"):
        own = [e for e in votes if e.payload.resolution_ref == resolution.payload.resolution_id]
        yield from _tally(
            v,
            resolution,
            own,
            voting=method.stated and method.value in ("vote", "ballot"),
            articles=method.why.articles,
        )


def _tally(
    v: Inspected, resolution: LiveEvent, votes: list[LiveEvent], *, voting: bool, articles: tuple[str, ...]
) -> Found:
    for case in dict.fromkeys([*resolution.payload.tally, *(a.case for a in resolution.payload.approved)]):
        cast = [e for e in votes if e.payload.case_id == case]
        count = {word: sum(e.payload.vote == word for e in cast) for word in ("for", "against", "abstain", "recused")}
        tally = resolution.payload.tally.get(case)
        stated = (
            {"for": tally.for_, "against": tally.against, "abstain": tally.abstain, "recused": tally.recused}
            if tally
            else None
        )
        if stated is not None and stated != count:
            yield Hit(
                ("case", case),
                "H",
                resolution.on,
                (resolution, *cast),
                f"{case} 决议所载票数 {_counted(stated)} 与有效票 {_counted(count)} 不符",
                f"the tally of {case} {_counted(stated)} differs from the votes {_counted(count)}",
                case,
                v.org(case),
                articles=articles,
            )
        if voting and not cast:
            yield Hit(
                ("case", case),
                "H",
                resolution.on,
                (resolution,),
                f"{case} 未经表决即批准",
                f"{case} was approved without a vote",
                case,
                v.org(case),
                articles=articles,
            )
    times = sorted(e.recorded.recorded_at for e in votes)
    span = timedelta(seconds=v.audit("panel.burst_seconds"))
    if len({e.actor for e in votes}) >= 3 and times[-1] - times[0] <= span:
        yield Hit(
            ("edition", v.edition),
            "H",
            resolution.on,
            (resolution, *votes),
            f"{len(votes)} 张票在 {span.seconds} 秒内登记",
            f"{len(votes)} votes recorded within {span.seconds} seconds",
            articles=articles,
            thresholds={"panel.burst_seconds": span.seconds},
        )


def _counted(count: dict[str, int]) -> str:
    return "/".join(str(n) for n in count.values())


@flag(
    "RF44", "identical-scores", "评分雷同", "identical scores of two reviewers", "M", "ZY26 JD七(六) HY25 GZ32 (AUD)",
    condition=("同一阶段，两名评审员共同评分的案件达到一定数量，且逐案总分完全相同。",
               "Two reviewers have scored at least a number of the same cases in one stage, and every total is the same."),
    reason=("“分工打分”、抄分使多人评审名存实亡。", "Copying or splitting the scoring makes a panel a fiction."),
    caution=("总分有限且案件少时可能巧合；启封分项可核实。", "With few cases it can be chance; the opened items tell."),
    example=("R1 与 R2 对 12 案的总分逐一相同。", "R1 and R2 agree to the point on twelve cases."), thresholds=("score.identical_cases",),
)  # fmt: skip
def _identical(v: Inspected) -> Found:
    least = v.audit("score.identical_cases")
    for stage in STAGES:
        rows: dict[str, dict[str, LiveEvent]] = {}
        for case in v.filed:
            for score in live_scores(v.live, case, stage):
                rows.setdefault(score.actor, {})[case] = score
        for one, other in combinations(sorted(rows), 2):
            common = [c for c in rows[one] if c in rows[other]]
            if len(common) >= least and all(
                Decimal(rows[one][c].payload.total) == Decimal(rows[other][c].payload.total) for c in common
            ):
                events = tuple(rows[p][c] for c in common for p in (one, other))
                yield Hit(
                    ("person", other),
                    "M",
                    max(e.on for e in events),
                    events,
                    f"{one} 与 {other} 对 {len(common)} 案的{'材料' if stage == 'material' else '现场'}评分逐一相同",
                    f"{one} and {other} give the same {stage} totals to all {len(common)} cases",
                    person=other,
                    thresholds={"score.identical_cases": least},
                )
