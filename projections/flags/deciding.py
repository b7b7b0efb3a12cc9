"""RF17 to RF23: the notice, objections, approval, lists and places."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ledger.derivation.answer import Undetermined
from ledger.derivation.cases import BLOCKING_KINDS
from ledger.derivation.history import LiveEvent
from ledger.derivation.law import Resolved
from ledger.derivation.notices import notice_end
from ledger.derivation.quota import Winner, free_places
from ledger.regulation.periods import UnknownCalendarYearError, add_workdays, ends_by_counting
from projections.flags.flag import Found, Gap, Hit, flag, silent
from projections.flags.inspected import Inspected, before
from projections.labels import word


def candidate_notices(v: Inspected) -> list[LiveEvent]:
    """The first announcement of each notice of candidates."""
    first: dict[str, LiveEvent] = {}
    for event in v.of("PublicNoticeOpened", kind="candidates"):
        first.setdefault(event.payload.notice_id, event)
    return list(first.values())


def _ends(v: Inspected, opened: LiveEvent, extra: int) -> dict[str, date]:
    """The last day of a notice by each way of counting that Chinese practice knows."""
    stated = v.parameter("notice.min", opened.on)
    return ends_by_counting(opened.payload.opened_on, stated.value + extra, stated.unit or "", v.law.calendar)


@flag(
    "RF17", "notice-too-short", "公示期不足", "public notice too short", "C", "ZY17(6) JD五(四)2 HY10(6) GZ21",
    condition=("公示实际结束日，或公告所承诺的结束日，早于按文本推导的届满日（中断之日顺延）。按其他计日方法已足期的，为“有争议”。",
               "The notice closed, or was promised to close, before the last day derived from the text (days of interruption added). Long enough by another way of counting: disputed."),
    reason=("公示是公众唯一能提出异议的期间。", "The notice is the only time in which the public can object."),
    caution=("起算日是否计入、是否按工作日，文本多未写明；口径一经正式解释即不再有争议。",
             "Whether the first day or rest days count is mostly not written; a recorded interpretation ends the dispute."),
    example=("赣州 10 日公示第 8 日即结束。", "A notice of ten days in Ganzhou closed on the eighth."), companions=("RF18", "RF41"),
)  # fmt: skip
def _notice_short(v: Inspected) -> Found:
    stated = v.parameter("notice.min")
    if not stated.stated:
        yield silent(stated)
        return
    for opened in candidate_notices(v):
        name = opened.payload.notice_id
        ruler = notice_end(v.live, v.law, name)
        if not ruler.is_value:
            if isinstance(ruler.result, Undetermined):
                yield Gap(("notice", name), ruler.result)
            continue
        end: Any = ruler.value()["end"]
        closed = v.live.last("PublicNoticeClosed", notice_id=name)
        promised = max(e.payload.promised_end for e in v.of("PublicNoticeOpened", notice_id=name))
        actual = min([promised, *([closed.payload.closed_on] if closed else [])])
        if actual >= end:
            continue
        extra = len(closed.payload.interrupted_days) if closed else 0
        settled = any(v.law.interpretation(v.enacted.pack.id, r, opened.on) for r in _COUNTING) if v.enacted else False
        fits = [how for how, day in _ends(v, opened, extra).items() if actual >= day]
        yield Hit(
            ("notice", name),
            "C",
            actual,
            (opened, *([closed] if closed else [])),
            f"公示 {name} 至 {actual} 结束，应至 {end}{'；另有计日方法已足期：' + '、'.join(fits) if fits else ''}",
            f"notice {name} ended on {actual}, it had to run through {end}{'; long enough by ' + ', '.join(fits) if fits else ''}",
            articles=stated.why.articles,
            thresholds={"notice.min": stated.value, "unit": stated.unit, "end": end},
            disputed=bool(fits) and not settled,
        )


_COUNTING = ("reading.notice_first_day", "reading.plain_days", "reading.rest_day_at_end")


@flag(
    "RF18", "award-before-notice-end", "公示未满即决定", "decided before the notice ended", "C", "ZY17(7) JD五(四)3 HY10(7) GZ22",
    condition=("授奖决定或授奖日不晚于公示届满日；或没有任何公示包含该案。",
               "The decision or the grant is not later than the last day of the notice; or no notice names the case."),
    reason=("未经足期公示的授奖，公众的异议权被剥夺。", "An award without a whole notice takes the public's right to object."),
    caution=("“有争议”的计日方法与 RF17 相同。", "Disputed ways of counting as in RF17."),
    example=("公示第三天政府即审定。", "The government decides on the third day of the notice."), companions=("RF10", "RF17", "RF22", "RF41"),
)  # fmt: skip
def _decided_early(v: Inspected) -> Found:
    stated = v.parameter("notice.min")
    if not stated.stated:
        yield silent(stated)
        return
    acts = [
        (d.payload.decided_on, d, i.case)
        for d in v.of("GovernmentDecisionMade", subject="award")
        for i in d.payload.approved
    ]
    acts += [(g.payload.granted_on, g, g.payload.case_id) for g in v.grants.values()]
    first: dict[str, tuple[date, LiveEvent]] = {}
    for day, act, case in acts:
        if case is not None and v.holds(case) and (case not in first or day < first[case][0]):
            first[case] = (min(day, act.on), act)
    for case, (day, act) in first.items():
        notices = [n for n in candidate_notices(v) if case in n.payload.cases]
        rulers = [(n, notice_end(v.live, v.law, n.payload.notice_id)) for n in notices]
        gaps = [r.result for _, r in rulers if isinstance(r.result, Undetermined)]
        ends: list[tuple[Any, LiveEvent]] = [(r.value()["end"], n) for n, r in rulers if r.is_value]
        if any(day > end for end, _ in ends):
            continue
        if gaps:
            yield Gap(("case", case), gaps[0])
            continue
        shown = f"公示至 {ends[0][0]}" if ends else "未经公示"
        fits = [how for _, n in ends for how, end in _ends_or_none(v, n).items() if day > end]
        yield Hit(
            ("case", case),
            "C",
            day,
            (act, *notices),
            f"{case} 于 {day} 决定，{shown}",
            f"{case} was decided on {day}, {'the notice runs through ' + str(ends[0][0]) if ends else 'without any notice'}",
            case,
            v.org(case),
            articles=stated.why.articles,
            thresholds={"notice.min": stated.value, "unit": stated.unit},
            disputed=bool(fits),
        )


def _ends_or_none(v: Inspected, opened: LiveEvent) -> dict[str, date]:
    try:
        return _ends(v, opened, 0)
    except UnknownCalendarYearError:
        return {}


@flag(
    "RF19", "award-with-open-objection", "异议未结即授奖", "awarded with an objection open", "C", "JD五(四)2 HY10(7) GZ21,22 ZY17(6)",
    condition=("决定或授奖当日，已有对该案提出、尚无结论的异议、投诉或回避请求（按发生日；其后才登记的也算）。",
               "At the decision or the grant an objection, complaint or request for recusal against the case has been raised and not resolved, by effective day, also where it was recorded later."),
    reason=("异议未结，候选资格尚未确定。", "With an objection open the candidacy is not settled."),
    caution=("事后补录的异议会改变过去的判断；登记位置说明当时是否知悉。", "An objection entered late changes what is said of the past; positions say what was known."),
    example=("5月10日收到投诉，5月12日授奖，5月20日才补录投诉。", "A complaint of 10 May, the award on the 12th, the complaint recorded on the 20th."),
    companions=("RF20", "RF10", "RF35", "RF41"),
)  # fmt: skip
def _objection_open(v: Inspected) -> Found:
    handling = v.parameter("objection.handling", v.live.on)
    resolved = {e.payload.objection_id: e for e in v.live.of("ObjectionResolved")}
    decided: dict[str, LiveEvent] = {}
    for decision in v.of("GovernmentDecisionMade", subject="award"):
        decided |= {
            i.case: decision for i in decision.payload.approved if i.case and v.holds(i.case) and i.case not in decided
        }
    for grant in v.grants.values():
        decided.setdefault(grant.payload.case_id, grant)
    for case, act in decided.items():
        grant = next((g for g in v.grants.values() if g.payload.case_id == case), act)
        for raised in v.live.of("ObjectionRaised", case_id=case):
            end = resolved.get(raised.payload.objection_id)
            open_at = [a for a in (act, grant) if raised.on <= a.on and (end is None or end.on > a.on)]
            if raised.payload.kind in BLOCKING_KINDS and open_at:
                yield Hit(
                    ("case", case),
                    "C",
                    open_at[0].on,
                    (open_at[0], raised, *([end] if end else [])),
                    f"{case} 决定时异议 {raised.payload.objection_id} 未结",
                    f"objection {raised.payload.objection_id} to {case} was open at the decision",
                    case,
                    v.org(case),
                    articles=handling.why.articles,
                )


@flag(
    "RF20", "objection-stalled-or-conflicted", "异议久拖或自查自", "objection stalled, or investigated by those concerned", "M/H",
    "ZY10(7) JD二(二)4 HY23 GZ11(5)",
    condition=("提出后规定工作日内既无调查也无结论（M）；调查人就是被反映人、与其同属秘书处，或评过该案（H）；未经调查即作出实体结论（H）。",
               "Neither investigated nor resolved within the working days set (M); investigated by the person concerned, by the office against one of its own, or by one who scored the case (H); resolved on the merits without an investigation (H)."),
    reason=("不查、自查，异议制度就成空文。", "Objections that nobody, or the wrong one, looks into are worth nothing."),
    caution=("办理期限是审计阈值，文本没有规定。", "The time allowed is the audit's, no text sets one."),
    example=("投诉秘书处工作人员，由秘书处自行调查。", "A complaint about the office, investigated by the office."), thresholds=("objection.max_workdays",), companions=("RF37", "RF41"),
)  # fmt: skip
def _stalled(v: Inspected) -> Found:
    handling = v.parameter("objection.handling", v.live.on)
    most = v.audit("objection.max_workdays")
    for raised in v.of("ObjectionRaised"):
        name, case = raised.payload.objection_id, raised.payload.case_id
        looked = v.live.of("ObjectionInvestigated", objection_id=name)
        ended = v.live.of("ObjectionResolved", objection_id=name)
        subject = ("objection", name)
        try:
            limit = add_workdays(raised.on, most, v.law.calendar)
        except UnknownCalendarYearError as error:
            yield Gap(
                subject,
                Undetermined(
                    f"calendar.{error.year}",
                    "B-3",
                    f"{error.year} 年节假日安排未登记",
                    f"the calendar of {error.year} is not recorded",
                ),
            )
            limit = date.max
        if v.live.on > limit and not any(e.on <= limit for e in (*looked, *ended)):
            yield Hit(
                subject,
                "M",
                limit + timedelta(days=1),
                (raised,),
                f"异议 {name} 至 {limit} 未调查",
                f"objection {name} not looked into by {limit}",
                case,
                v.org(case) if case else None,
                articles=handling.why.articles,
                thresholds={"objection.max_workdays": most},
            )
        for e in looked:
            clash = _concerned(v, raised, e)
            if clash:
                yield Hit(
                    subject,
                    "H",
                    e.on,
                    (e, raised),
                    f"异议 {name} 由 {clash} 调查，其与被反映事项有关",
                    f"objection {name} was investigated by {clash}, who is concerned",
                    case,
                    v.org(case) if case else None,
                    clash,
                    articles=handling.why.articles,
                )
        for e in ended:
            if e.payload.outcome not in ("not_admitted", "transferred") and not any(before(i, e) for i in looked):
                yield Hit(
                    subject,
                    "H",
                    e.on,
                    (e, raised),
                    f"异议 {name} 未经调查即作结论",
                    f"objection {name} was resolved without an investigation",
                    case,
                    v.org(case) if case else None,
                    articles=handling.why.articles,
                )


def _concerned(v: Inspected, raised: LiveEvent, looked: LiveEvent) -> str | None:
    p = raised.payload
    people: dict[str, None] = dict.fromkeys([looked.actor, *looked.payload.investigators])
    scored = {e.actor for e in v.of("ScoreSubmitted", case_id=p.case_id)} if p.case_id else set()
    office = {"SEC", "SECH"}
    against_office = p.person is not None and v.roles(p.person, looked.on) & office
    for person in people:
        if person == p.person or person in scored or (against_office and v.roles(person, looked.on) & office):
            return person
    return None


@flag(
    "RF21", "approval-defective", "审批缺失或层级不符", "approval missing or by the wrong body", "C", "ZY17(7),23 JD五(四)3 HY10(7),19 GZ22,28,30",
    condition=("授奖、撤销、追缴没有政府决定批准，或决定在其后；撤销缺少文本所定的提请或决议；决定形式不是文本的审批层级；文本要求主任审核（衡阳）而没有。",
               "An award, a revocation or a clawback that no government decision approves, or one made later; a revocation without the request or resolution that the text wants; a form of decision that is not the text's; no review by the chair where the text wants it (Hengyang)."),
    reason=("授予与剥夺荣誉是政府的权力。", "To confer and to take away honours is the government's."),
    caution=("由评委会撤销的文本按其步骤判断。", "Where a text has the committee revoke, its own steps count."),
    example=("只有主任签字，没有市长同意。", "Signed by the chair, without the mayor's consent."), companions=("RF10", "RF22", "RF26", "RF41"),
)  # fmt: skip
def _approval(v: Inspected) -> Found:
    chain = v.parameter("approval.chain", v.live.on)
    for grant in v.grants.values():
        case = grant.payload.case_id
        found = v.live.of("GovernmentDecisionMade", decision_id=grant.payload.decision_id)
        approving = [d for d in found if any(i.case == case for i in d.payload.approved)]
        if not approving or before(grant, approving[0]):
            yield Hit(
                ("case", case),
                "C",
                grant.on,
                (grant, *approving),
                f"{case} 授奖没有在先的政府决定",
                f"no earlier decision approves the award of {case}",
                case,
                v.org(case),
                award=grant.payload.award_id,
                articles=chain.why.articles,
            )
            continue
        decision = approving[0]
        if chain.stated and decision.payload.form not in chain.value:
            yield Hit(
                ("case", case),
                "C",
                decision.on,
                (decision, grant),
                f"审批形式为{word(decision.payload.form)[0]}，文本为{'、'.join(word(w)[0] for w in chain.value)}",
                f"decided by {word(decision.payload.form)[1]}, the text wants {', '.join(word(w)[1] for w in chain.value)}",
                case,
                v.org(case),
                articles=chain.why.articles,
            )
        reviewed = [
            e
            for e in v.of("CommitteeResolutionAdopted", subject="chair_review")
            if any(a.case == case for a in e.payload.approved) and before(e, decision)
        ]
        if chain.stated and "chair_review" in chain.value and not reviewed:
            yield Hit(
                ("case", case),
                "C",
                decision.on,
                (decision,),
                f"{case} 未经主任审核",
                f"{case} was not reviewed by the chair",
                case,
                v.org(case),
                articles=chain.why.articles,
            )
    yield from _later_approval(v)


def _later_approval(v: Inspected) -> Found:
    for act in v.of("AwardRevoked", "ClawbackOrdered"):
        p = act.payload
        if act.type == "AwardRevoked" and v.enacted is not None:
            steps = v.parameter(f"revoke.{p.ground}.steps", act.on)
            yield from _skipped_steps(v, act, steps)
            if steps.stated and "government_decision" not in steps.value:
                continue
        found = [
            d for d in v.live.of("GovernmentDecisionMade", decision_id=p.decision_id)
            if any(i.award_id == p.award_id for i in d.payload.approved)
        ]  # fmt: skip
        if not found or before(act, found[0]):
            stated = v.parameter("revoke.decided_by" if act.type == "AwardRevoked" else "approval.chain", act.on)
            yield Hit(
                ("award", p.award_id),
                "C",
                act.on,
                (act, *found),
                f"{p.award_id} 的{act.payload.SPEC.zh}没有在先的政府决定",
                f"no earlier decision approves {act.payload.SPEC.en} of {p.award_id}",
                org=p.org,
                award=p.award_id,
                articles=stated.why.articles,
            )


def _skipped_steps(v: Inspected, revoked: LiveEvent, steps: Resolved) -> Found:
    """The office's request and the committee's resolution, where the text has them (B-61: the request always)."""
    award, case = (
        revoked.payload.award_id,
        v.grants[revoked.payload.award_id].payload.case_id if revoked.payload.award_id in v.grants else None,
    )
    wanted = steps.value if steps.stated else ("office_request",)
    done = {
        "office_request": [e for e in v.live.of("RevocationProposed", award_id=award) if before(e, revoked)],
        "committee_resolution": [
            e for e in v.of("CommitteeResolutionAdopted", subject="revocation_proposal")
            if any(a.case == case for a in e.payload.approved) and before(e, revoked)
        ],
    }  # fmt: skip
    names = {
        "office_request": ("办事机构的提请", "the office's request"),
        "committee_resolution": ("评委会决议", "the committee's resolution"),
    }
    for step in [s for s in wanted if s in done and not done[s]] if case is not None else []:
        yield Hit(
            ("award", award), "C", revoked.on, (revoked,), f"撤销 {award} 缺{names[step][0]}", f"the revocation of {award} lacks {names[step][1]}",
            case, revoked.payload.org, award=award, articles=steps.why.articles,
        )  # fmt: skip


@flag(
    "RF22", "granted-outside-list", "名单外授奖", "granted outside the lists", "H/C", "ZY17 JD五(四) HY10(5)-(7) GZ20-22",
    condition=("获奖案件不在候选名单、评委会决议、公示、政府决定之一（以文本有此步骤为限），或各名单所列奖项不同；公示的案件与评委会决议批准的不一致。",
               "A granted case is missing from the candidate list, the committee's resolution, the notice or the decision, as far as the text has these steps; or the award kind differs between them; a notice names other cases than the committee approved."),
    reason=("名单逐级收敛，任何一级之外的授奖都是绕过程序。", "Each list narrows the one before; an award from outside went round the procedure."),
    caution=("条文未见的文本只比对已登记的名单。", "Of a text that was not seen only the lists on record are compared."),
    example=("公示名单没有丙，授奖名单却有。", "C is awarded and was never on notice."), companions=("RF10", "RF18", "RF21", "RF41"),
)  # fmt: skip
def _outside_lists(v: Inspected) -> Found:
    names = {
        "candidate_list": ("候选名单", "the candidate list"), "committee_decision": ("评委会决议", "the resolution"),
        "notice": ("公示", "the notice"), "decision": ("政府决定", "the decision"),
    }  # fmt: skip
    yield from _notice_lists(v)
    for grant in v.grants.values():
        case, kind = grant.payload.case_id, grant.payload.award
        lists: dict[str, list[tuple[LiveEvent, str | None]]] = {
            "candidate_list": [(e, r.award) for e in v.of("CandidateListProposed") for r in e.payload.rows if r.case == case],
            "committee_decision": [(e, a.award) for e in v.of("CommitteeResolutionAdopted", subject="proposed_awardees") for a in e.payload.approved if a.case == case],
            "notice": [(e, None) for e in candidate_notices(v) if case in e.payload.cases],
            "decision": [(e, i.award) for e in v.of("GovernmentDecisionMade", subject="award") for i in e.payload.approved if i.case == case],
        }  # fmt: skip
        missing = [n for n in names if not lists[n] and n in v.steps]
        other = [(n, e, k) for n, found in lists.items() for e, k in found[-1:] if k not in (None, kind)]
        if missing:
            yield Hit(
                ("case", case),
                "C",
                grant.on,
                (grant,),
                f"{case} 获奖而不在：{'、'.join(names[n][0] for n in missing)}",
                f"{case} was awarded and is not in {', '.join(names[n][1] for n in missing)}",
                case,
                v.org(case),
                award=grant.payload.award_id,
                articles=v.parameter("procedure", v.live.on).why.articles,
            )
        for name, event, listed in other[:1]:
            yield Hit(
                ("case", case),
                "C",
                grant.on,
                (grant, event),
                f"{case} 授予 {kind}，{names[name][0]}为 {listed}",
                f"{case} was given {kind}, {names[name][1]} says {listed}",
                case,
                v.org(case),
                award=grant.payload.award_id,
            )


def _notice_lists(v: Inspected) -> Found:
    """A notice names the cases that the committee approved, no more and no fewer."""
    for notice in candidate_notices(v):
        earlier = [r for r in v.of("CommitteeResolutionAdopted", subject="proposed_awardees") if before(r, notice)]
        approved = {a.case for r in earlier for a in r.payload.approved}
        more = sorted(set(notice.payload.cases) - approved)
        left = sorted(approved - {c for n in candidate_notices(v) for c in n.payload.cases})
        if earlier and (more or left):
            yield Hit(
                ("notice", notice.payload.notice_id), "H", notice.on, (notice, earlier[-1]),
                f"公示 {notice.payload.notice_id} 与评委会决议不符：多 {'、'.join(more) or '无'}，少 {'、'.join(left) or '无'}",
                f"notice {notice.payload.notice_id} differs from the resolution: beyond it {', '.join(more) or 'none'}, left out {', '.join(left) or 'none'}",
            )  # fmt: skip


@flag(
    "RF23", "quota-exceeded", "超名额", "more than the places", "C", "JD一(五) HY3 GZ6",
    condition=("占名额的获奖数（总数、行业或规模组）超过文本或届次公告的上限；或评委会决议批准数超过上限。",
               "Wins that take a place, in all or in a group of sectors or sizes, exceed the maximum of the text or of the announcement; or a resolution approves more."),
    reason=("名额限定了荣誉的稀缺性。", "Places are what keeps the honour scarce."),
    caution=("不占名额的再次获奖不计。文本无名额的不适用。", "Re-wins outside the quota do not count. Off where the text sets no number."),
    example=("赣州质量奖制造业 4 家，上限 3 家。", "Four manufacturers in Ganzhou, where three is the most."), companions=("RF41",),
)  # fmt: skip
def _over_quota(v: Inspected) -> Found:
    granted = {g.payload.case_id: g for g in v.grants.values()}
    resolutions = v.of("CommitteeResolutionAdopted", subject="proposed_awardees")
    coming = {a.case: (a.award, r) for r in resolutions for a in r.payload.approved}
    winners = [Winner(c, k) for c, (k, _) in coming.items() if c in v.filed]
    winners += [Winner(c, g.payload.award) for c, g in granted.items() if c not in coming]
    places = free_places(v.live, v.law, v.edition, winners)
    if winners and not any(p.maximum is not None for p in places):
        yield from (silent(p.stated) for p in places[:1] if not p.stated.stated)
        return
    for place in places:
        if place.maximum is not None and place.used > place.maximum:
            events = tuple(granted.values()) or tuple(r for r in resolutions)
            yield Hit(
                ("edition", v.edition),
                "C",
                max(e.on for e in events),
                (events[-1], *events[:-1]),
                f"{place.name} 为 {place.used} 个，名额 {place.maximum} 个",
                f"{place.used} hold {place.name}, at most {place.maximum}",
                articles=place.stated.why.articles,
                thresholds={place.name: place.maximum},
            )
