"""RF05 to RF09 and RF48: files that were accepted although something stood against them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ledger.derivation.answer import NotApplicable, Undetermined
from ledger.derivation.bans import earliest_reapply
from ledger.derivation.editions import edition_number
from ledger.derivation.eligibility import findings
from ledger.derivation.history import LiveEvent
from ledger.derivation.lookback import hits
from projections.flags.flag import Found, Gap, Hit, Severity, flag, silent
from projections.flags.inspected import Inspected, before, imported, recorded_day
from projections.labels import word


def accepted(v: Inspected) -> Iterator[tuple[str, LiveEvent, LiveEvent]]:
    """Case, application and the decision that it is eligible."""
    for decision in v.of("EligibilityDecided", outcome="eligible"):
        filed = v.filed.get(decision.payload.case_id)
        if filed is not None and not imported(filed):
            yield decision.payload.case_id, filed, decision


@flag(
    "RF05", "missing-recommendation", "缺推荐意见", "recommendation missing", "H", "ZY13(5) JD一(四),五(二) HY10(1) JS四.5",
    condition=("资格审查通过时，没有文本所列推荐单位此前作出的、仍有效的推荐意见。",
               "A case is found eligible without a live recommendation, given before, by a recommender of the kinds that the text lists."),
    reason=("推荐是文本规定的入口条件。", "The recommendation is a condition that the text sets."),
    caution=("程序中没有推荐环节的文本（赣州）不适用。", "Off for texts without that step (Ganzhou)."),
    example=("未经街道或区级部门推荐即通过审查。", "Found eligible with no street's or department's recommendation."),
    companions=("RF10", "RF41"),
)  # fmt: skip
def _unrecommended(v: Inspected) -> Found:
    kinds = v.parameter("recommender.kinds")
    if not kinds.stated:
        yield silent(kinds)
        return
    for case, filed, decision in accepted(v):
        given = [e for e in v.live.of("RecommendationIssued", case_id=case) if before(e, decision)]
        fitting = [e for e in given if e.payload.recommender_kind in kinds.value]
        if not fitting or fitting[-1].payload.outcome != "recommend":
            yield Hit(
                ("case", case),
                "H",
                decision.on,
                (decision, filed, *given[-1:]),
                f"{case} 通过资格审查时没有有效推荐意见",
                f"{case} was found eligible without a valid recommendation",
                case,
                v.org(case),
                articles=kinds.why.articles,
                thresholds={"recommender.kinds": list(kinds.value)},
            )


@flag(
    "RF06", "application-out-of-window", "逾期申报", "filed outside the window", "M/H", "ZY17(1) JD五(二) GZ17",
    condition=("申报日不在当时已登记的申报公告所定期间内：M；申报之后才延长期间的：H。",
               "The day of filing lies outside the window of the announcement known when it was recorded: M; the window was extended after the filing: H."),
    reason=("对个别申报者放宽期限，就是对其他人不公。", "A deadline relaxed for one is unfair to the others."),
    caution=("期间由申报公告决定，不是法律期间。", "The window is the announcement's, not the law's."),
    example=("6月30日截止，7月2日申报；7月3日公告延期。", "Closed on 30 June, filed on 2 July; extended on 3 July."),
    companions=("RF41",),
)  # fmt: skip
def _out_of_window(v: Inspected) -> Found:
    revisions = v.known.of("EditionOpened", edition_id=v.edition)
    for case, filed in v.filed.items():
        known = [e for e in revisions if e.position < filed.position]
        if not known or imported(filed):
            continue
        p = max(known, key=lambda e: (e.payload.revision, e.position)).payload
        if p.window_from <= filed.on <= p.window_to:
            continue
        later = [
            e
            for e in revisions
            if e.position > filed.position and e.payload.window_from <= filed.on <= e.payload.window_to
        ]
        severity: Severity = "H" if later else "M"
        yield Hit(
            ("case", case),
            severity,
            filed.on,
            (filed, *known[-1:], *later[:1]),
            f"{case} 于 {filed.on} 申报，公告期间为 {p.window_from} 至 {p.window_to}{'，其后才延期' if later else ''}",
            f"{case} was filed on {filed.on}, the window runs from {p.window_from} to {p.window_to}{'; it was extended afterwards' if later else ''}",
            case,
            v.org(case),
            thresholds={"window_from": p.window_from, "window_to": p.window_to},
        )


@flag(
    "RF07", "banned-applicant-accepted", "禁申期内受理", "accepted during a ban or waiting time", "C",
    "ZY24,27 HY17,19 GZ27,28,30 JS四.6",
    condition=("资格审查通过，而申报当日该组织尚在禁止申报期内，或最早可再申报的日期、届次尚未到来。",
               "Found eligible although on the day of filing a ban covered the organisation, or its earliest re-application, by day or by edition, lay ahead."),
    reason=("禁止期是文本对失信与重复获奖的核心后果。", "Bans and waiting times are what the text attaches to dishonesty and to repeated wins."),
    caution=("事后才登记的撤销也会使当时的受理显示于此；登记位置说明当时是否知悉。",
             "A revocation recorded afterwards shows an earlier acceptance here as well; positions say what was known then."),
    example=("2024年被撤销、禁申四年，2025年又被受理。", "Revoked in 2024 with a ban of four years, accepted again in 2025."),
    companions=("RF41",),
)  # fmt: skip
def _banned(v: Inspected) -> Found:
    number = edition_number(v.live, v.edition)
    for case, filed, decision in accepted(v):
        then = v.at(filed.on)
        answer = earliest_reapply(then, v.law, filed.payload.org, filed.payload.award)
        if isinstance(answer.result, Undetermined | NotApplicable):
            if isinstance(answer.result, Undetermined):
                yield Gap(("case", case), answer.result)
            continue
        value = answer.value()
        # Incidents of the look-back are RF08's.
        dated = [r for r in value["reasons"] if r["reason"] != "lookback" and r.get("date") and r["date"] > filed.on]
        numbered = [
            r for r in value["reasons"] if "edition_no" in r and number is not None and r["edition_no"] > number
        ]
        for reason in [*dated, *numbered][:1]:
            causes = [
                e
                for i in answer.why.events
                if (e := then.by_id(i)) is not None
                and e.type in ("AwardGranted", "AwardRevoked", "IncidentRecorded", "CaseDisqualified")
            ]
            until = reason.get("date") or f"第 {reason['edition_no']} 届"
            known = all(e.position < decision.position for e in causes)
            yield Hit(
                ("case", case),
                "C",
                decision.on,
                (decision, filed, *causes),
                f"{case} 的申报者最早可于 {until} 申报（{'当时已知悉' if known else '当时尚未登记'}）",
                f"the applicant of {case} may apply again from {reason.get('date') or 'edition ' + str(reason['edition_no'])} ({'known then' if known else 'recorded later'})",
                case,
                v.org(case),
                articles=tuple(reason.get("articles", ())),
                thresholds={"earliest": reason.get("date") or reason.get("edition_no"), "known_then": known},
            )


@flag(
    "RF08", "lookback-disqualifier-ignored", "否决情形未处理", "disqualifying fact not acted on", "C/H", "ZY14 JD三(三) HY7(6) GZ13(6) JS四.6",
    condition=("资格审查通过，而回溯期内有应予否决的事实：决定前已登记的为 C；其后才登记、且登记后 30 日内既未取消该案资格、也未提请撤销的为 H。",
               "Found eligible although a disqualifying fact lies in the look-back: recorded before the decision C; recorded later and within 30 days neither disqualified nor proposed for revocation H."),
    reason=("“一票否决”事项不容裁量。", "The text leaves no discretion here."),
    caution=("须由人判断的情形（如“社会影响”）不自动触发。信用修复已登记的不计。",
             "Facts that need a person's judgement do not raise it. A confirmed credit repair lifts it where the text allows."),
    example=("申报前一年发生死亡事故，仍判合格。", "A fatal accident a year before filing, and still eligible."),
    thresholds=("lookback.cure_days",), companions=("RF48", "RF41"),
)  # fmt: skip
def _lookback(v: Inspected) -> Found:
    cure = timedelta(days=v.audit("lookback.cure_days"))
    for case, filed, decision in accepted(v):
        for hit in hits(v.live, v.law, v.enacted, filed.payload.org, filed.on):
            if hit.undetermined is not None and not hit.human:
                yield Gap(("case", case), hit.undetermined)
            if not hit.bars:
                continue
            known = hit.incident.position < decision.position
            out = _acted_on(v, case)
            deadline = recorded_day(hit.incident) + cure
            if not known and (v.live.on <= deadline or (out is not None and out.on <= deadline)):
                continue
            if known and out is not None and not any(g.payload.case_id == case for g in v.grants.values()):
                continue
            p = hit.incident.payload
            yield Hit(
                ("case", case),
                "C" if known else "H",
                decision.on if known else deadline + timedelta(days=1),
                (decision, filed, hit.incident),
                f"{case}：{p.occurred_on} 的负面事实（{word(p.category)[0]}）应予否决而未处理",
                f"{case}: the {word(p.category)[1]} of {p.occurred_on} disqualifies and was not acted on",
                case,
                v.org(case),
                articles=(hit.article,),
                thresholds={"lookback.cure_days": cure.days},
            )


def _acted_on(v: Inspected, case: str) -> LiveEvent | None:
    """The first step that takes the case out, or its award back."""
    awards = [a for a, g in v.grants.items() if g.payload.case_id == case]
    steps = v.live.of("CaseDisqualified", "ApplicationWithdrawn", case_id=case)
    steps += [e for a in awards for e in v.live.of("RevocationProposed", "AwardRevoked", award_id=a)]
    return min(steps, key=lambda e: (e.on, e.position), default=None)


@flag(
    "RF09", "opinion-missing", "缺部门意见或信用核查", "department opinion or credit report missing", "M", "ZY17(2) JD三(四),五(三)1 JS四.7 GZ17",
    condition=("文本要求征求部门意见，而资格审查前没有；意见为“不宜”或“可修复”，却没有信用修复确认即通过；文本要求信用报告而申报材料中没有。",
               "The text wants departments' opinions and none was given before; an adverse or repairable one was passed without a confirmed repair; a credit report that the text wants is not in the file."),
    reason=("部门意见是发现否决情形的法定渠道。", "The opinions are the channel by which disqualifying facts are found."),
    caution=("文本未列明部门清单，有一个部门意见即视为已征求。", "The texts list no departments; one opinion counts as asked."),
    example=("信用部门出具不宜意见，未经修复即判合格。", "An adverse opinion on credit, and eligible with no repair."),
    companions=("RF08", "RF41"),
)  # fmt: skip
def _opinions(v: Inspected) -> Found:
    wanted, credit = v.parameter("opinions.required"), v.parameter("credit_report.required")
    if not wanted.stated and not credit.stated:
        yield silent(wanted)
    for case, filed, decision in accepted(v):
        given = [e for e in v.live.of("DepartmentOpinionGiven", case_id=case) if before(e, decision)]
        if wanted.stated and wanted.value and not given:
            yield Hit(
                ("case", case),
                "M",
                decision.on,
                (decision,),
                f"{case} 未经部门意见即通过资格审查",
                f"{case} was found eligible without any department's opinion",
                case,
                v.org(case),
                articles=wanted.why.articles,
            )
        if credit.stated and credit.value and filed.payload.credit_report_hash is None:
            yield Hit(
                ("case", case),
                "M",
                decision.on,
                (decision, filed),
                f"{case} 的申报材料没有信用核查报告",
                f"the file of {case} has no credit report",
                case,
                v.org(case),
                articles=credit.why.articles,
            )
        for opinion in given:
            repaired = {
                e.payload.incident_id for e in v.live.of("CreditRepairConfirmed", org=filed.payload.org) if before(e, decision)
            }  # fmt: skip
            if opinion.payload.outcome != "clear" and not set(opinion.payload.incident_ids) <= repaired:
                yield Hit(
                    ("case", case),
                    "M",
                    decision.on,
                    (decision, opinion),
                    f"{case} 有{'不宜' if opinion.payload.outcome == 'adverse' else '可修复'}意见而未经信用修复",
                    f"{case} has an {opinion.payload.outcome} opinion and no confirmed repair",
                    case,
                    v.org(case),
                    articles=(wanted if wanted.stated else credit).why.articles,
                )


@flag(
    "RF48", "condition-failed-but-eligible", "不符条件仍判合格", "found eligible against the file", "H", "ZY13 JD三 HY7 GZ13",
    condition=("申报材料自身已表明不符合文本某项条件（年限、证书、注册地等），资格审查仍通过。",
               "The file itself shows that a condition of the text is not met (years, certificates, place …), and the case was found eligible."),
    reason=("条件由文本规定，审查机构无权豁免。", "Conditions are the text's; the office cannot waive them."),
    caution=("须启封才能判断的条件（财务数字）不在此列。", "Conditions that need an opening (figures) are not judged here."),
    example=("成立两年，文本要求三年。", "Two years in operation where three are wanted."),
    companions=("RF41",),
)  # fmt: skip
def _conditions(v: Inspected) -> Found:
    for case, filed, decision in accepted(v):
        for finding in findings(v.live, v.law, case):
            if finding.result == "fail" and finding.condition not in ("no_bar", "recommended"):
                yield Hit(
                    ("case", case),
                    "H",
                    decision.on,
                    (decision, filed),
                    f"{case} 不符合条件“{word(finding.kind or finding.condition)[0]}”（{word(finding.detail[0])[0]}）",
                    f"{case} fails “{word(finding.kind or finding.condition)[1]}” ({word(finding.detail[1])[1]})",
                    case,
                    v.org(case),
                    articles=tuple(finding.article.split(", ")) if finding.article else (),
                )
