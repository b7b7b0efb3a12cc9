"""RF10, RF11 and RF15: the order of steps, the lists that narrow, and the record of the visit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from ledger.derivation.cases import case_status, eligible_cases
from ledger.derivation.history import LiveEvent
from ledger.derivation.procedure import evidence
from ledger.derivation.scores import decisive_score
from projections.flags.flag import Found, Hit, flag, silent
from projections.flags.inspected import Inspected, before, imported
from projections.flags.scoring import total


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
    condition=("现场名单超过文本上限；对未入围的案件进行现场评审或列入候选；合格的案件未被入围决定提及；分数较高者未入选而较低者入选，且没有记载理由；名单所载分数与评分推导不符。",
               "More on site than the text allows; a visit or candidacy of a case that was not selected; an eligible case that the list does not name; a case with a higher score left out for one with a lower and no reason on record; a score on the list that differs from the one derived."),
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
        named = {*p.selected, *(n.case for n in p.not_selected)}
        for case in eligible_cases(v.at(shortlist.on, shortlist.position), v.edition):
            if case not in named:
                yield Hit(
                    ("case", case), "H", shortlist.on, (shortlist,), f"{case} 已合格，入围决定却未提及", f"{case} is eligible and the list does not name it",
                    case, v.org(case), articles=most.why.articles,
                )  # fmt: skip
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
