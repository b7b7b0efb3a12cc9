"""RF29 to RF32, RF34, RF47 and RF49: what has to follow an award, a misuse and a revocation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.derivation.answer import NotApplicable, Undetermined
from ledger.derivation.bans import bans
from ledger.derivation.history import LiveEvent
from ledger.derivation.lookback import SEVERITY
from ledger.derivation.standing import Award, award_of, watch_window
from ledger.regulation.pack import Absence
from projections.duties import duties
from projections.flags.flag import Found, Gap, Hit, Severity, flag, silent
from projections.flags.inspected import Inspected, before, imported, recorded_day
from projections.labels import word
from projections.oversight import finding_state


def _awards(v: Inspected) -> Iterator[tuple[str, LiveEvent, Award]]:
    for award_id, grant in v.grants.items():
        award = award_of(v.live, v.law, award_id)
        if award is not None:
            yield award_id, grant, award


@flag(
    "RF29", "misuse-without-follow-up", "违规后无处理", "misuse without follow-up", "H", "ZY23,29 JD七(四) HY13,15 JS四.9 GZ23,26,33",
    condition=("认定奖金使用不当或荣誉使用违规后规定日内，没有引用该认定的处理、追缴、通报或提请撤销。",
               "Within the days set after a finding of misuse of funds or title no sanction, clawback, announcement or proposal to revoke cites it."),
    reason=("认定之后不处理，等于默许。", "A finding without consequence condones."),
    caution=("期限是审计阈值，文本没有规定。", "The days are the audit's; no text sets any."),
    example=("3月认定挪用奖金，至 6月没有任何处理。", "Misuse found in March, nothing by June."), thresholds=("follow_up_days",), companions=("RF31",),
)  # fmt: skip
def _no_follow_up(v: Inspected) -> Found:
    days = v.audit("follow_up_days")
    orgs = {g.payload.org for g in v.grants.values()}
    found = [e for e in v.live.of("FundMisuseFound", "TitleMisuseFound") if _about(v, e, orgs)]
    for misuse in found:
        deadline = misuse.on + timedelta(days=days)
        if v.live.on <= deadline or any(e.on <= deadline for e in _answers(v, misuse)):
            continue
        p = misuse.payload
        path = "fund_misuse.measures" if misuse.type == "FundMisuseFound" else "title_use.forbidden"
        yield Hit(
            ("org", p.org),
            "H",
            deadline + timedelta(days=1),
            (misuse,),
            f"{p.org} 的{p.SPEC.zh}（{misuse.on}）{days} 日内未见处理",
            f"{p.SPEC.en} of {p.org} ({misuse.on}): nothing followed within {days} days",
            org=p.org,
            award=p.award_id,
            articles=v.parameter(path, misuse.on).why.articles,
            thresholds={"follow_up_days": days},
        )


def _about(v: Inspected, misuse: LiveEvent, orgs: set[str]) -> bool:
    award = misuse.payload.award_id
    return award in v.grants if award is not None else misuse.payload.org in orgs


def _answers(v: Inspected, misuse: LiveEvent) -> list[LiveEvent]:
    p = misuse.payload
    cited = [e for e in v.live.of("SanctionImposed", "RevocationProposed") if misuse.id in e.payload.facts]
    cited += [e for e in v.live.of("AnnouncementPublished") if misuse.id in e.payload.about]
    cited += [e for e in v.live if misuse.id in e.recorded.statement.causes]
    if misuse.type == "FundMisuseFound":
        cited += [
            e for e in v.live.of("ClawbackOrdered", award_id=p.award_id, reason="fund_misuse") if before(misuse, e)
        ]
    return cited


@flag(
    "RF30", "measure-not-allowed", "处理措施无依据", "measure without a basis", "H", "JS四.9(§23) HY20 GZ30 (G05, G06)",
    condition=("对该类主体的处理措施不在文本所列之内；追缴的事由文本没有规定追缴；减免没有文本之外的依据。",
               "A measure that the text does not list for such a subject; a clawback on a ground for which it has none; a waiver without a basis outside the text."),
    reason=("规范性文件不得设定其没有规定的不利后果。", "No measure without a rule."),
    caution=("以其他法律为依据的，写明 basis 并用 per_rules。", "Measures by other law are `per_rules` with their basis."),
    example=("金水：对获奖组织通报批评（该项已删除）。", "Public criticism of a winner in Jinshui, which was deleted."), companions=("RF41",),
)  # fmt: skip
def _measures(v: Inspected) -> Found:
    orgs = {g.payload.org for g in v.grants.values()}
    for sanction in v.live.of("SanctionImposed"):
        p = sanction.payload
        facts = [f for i in p.facts if (f := v.live.recorded(i)) is not None]
        own = any(
            f"ed:{v.edition}" in f.statement.tags or any(f"a:{a}" in f.statement.tags for a in v.grants) for f in facts
        )
        if not own and not (p.subject in orgs and p.subject_kind == "organisation"):
            continue
        people = p.subject_kind in ("reviewer", "staff", "agency")
        stated = v.parameter("reviewer.measures" if people else "fund_misuse.measures", sanction.on)
        allowed = set(stated.value) if stated.stated else None
        if p.measure == "credit_record":
            grounds = [
                f.statement.payload.ground for f in facts if f.statement.type in ("AwardRevoked", "RevocationProposed")
            ]
            credit = [v.parameter(f"revoke.{g}.credit_record", sanction.on) for g in grounds]
            allowed = {"credit_record"} if any(c.stated and c.value for c in credit) else set()
        if allowed is not None and p.measure not in allowed | _OTHER_LAW:
            yield Hit(
                ("org" if not people else "person", p.subject),
                "H",
                sanction.on,
                (sanction,),
                f"对 {p.subject} 的措施“{word(p.measure)[0]}”不在文本之内",
                f"{word(p.measure)[1]} of {p.subject} is not in the text",
                org=None if people else p.subject,
                person=p.subject if people else None,
                articles=stated.why.articles,
                thresholds={"measures": sorted(allowed)},
            )
    yield from _clawbacks(v)


#: Measures that other law gives.
_OTHER_LAW = frozenset({"per_rules", "referred_employer", "referred_discipline", "referred_judicial"})


def _clawbacks(v: Inspected) -> Found:
    for order in v.of("ClawbackOrdered"):
        p = order.payload
        if p.reason == "overpaid" or p.award_id not in v.grants:
            continue
        revoked = v.live.last("AwardRevoked", award_id=p.award_id)
        path = (
            "fund_misuse.clawback"
            if p.reason == "fund_misuse"
            else f"revoke.{revoked.payload.ground}.clawback"
            if revoked
            else None
        )
        stated = v.parameter(path, order.on) if path else None
        if stated is not None and stated.absence is Absence.UNKNOWN:
            yield Gap(("award", p.award_id), stated.undetermined())
        elif stated is None or not stated.stated or not stated.value:
            yield Hit(
                ("award", p.award_id),
                "H",
                order.on,
                (order, *([revoked] if revoked else [])),
                f"{p.award_id} 的追缴没有文本依据",
                f"the clawback from {p.award_id} has no basis in the text",
                org=p.org,
                award=p.award_id,
                articles=stated.why.articles if stated else (),
            )
    for waived in v.of("ClawbackWaived"):
        if not waived.recorded.statement.basis:
            yield Hit(
                ("award", waived.payload.award_id),
                "H",
                waived.on,
                (waived,),
                "减免没有依据",
                "waived without a basis",
                org=waived.payload.org,
                award=waived.payload.award_id,
            )


@flag(
    "RF31", "ground-not-acted-on", "应撤未撤", "ground of revocation not acted on", "H", "ZY24 JD七(二),七(五) HY19,20 GZ28,30",
    condition=("观察期内发生的、文本列为撤销事由的负面事实登记后规定日内，没有提请撤销，也没有“维持”的复核；或提请后规定日内没有政府决定。",
               "Within the days set after a fact that the text makes a ground of revocation, and that occurred inside the window, was recorded there is neither a proposal to revoke nor a check that maintains the award; or no decision within these days of a proposal."),
    reason=("撤销是强制后果，不是选项。", "Revocation is what the text demands, not an option."),
    caution=("“连续两年严重亏损”等须由人认定的事由不自动触发。", "Grounds that need a person's finding (two years of severe loss) do not raise it."),
    example=("获奖后发生较大事故，两个月未启动撤销。", "A larger accident after the award, and nothing for two months."), thresholds=("follow_up_days",), companions=("RF29",),
)  # fmt: skip
def _not_acted_on(v: Inspected) -> Found:
    days = v.audit("follow_up_days")
    for award_id, grant, award in _awards(v):
        proposed = v.live.of("RevocationProposed", award_id=award_id)
        for incident in v.live.of("IncidentRecorded", org=award.org):
            yield from _unanswered(v, award, incident, days)
        for proposal in proposed:
            deadline = proposal.on + timedelta(days=days)
            decided = [
                d
                for d in v.live.of("GovernmentDecisionMade", subject="revocation")
                if award_id in {*(i.award_id for i in d.payload.approved), *d.payload.rejected_awards}
            ]
            revoked = v.live.of("AwardRevoked", award_id=award_id)
            if v.live.on > deadline and not any(e.on <= deadline for e in (*decided, *revoked)):
                yield Hit(
                    ("award", award_id),
                    "H",
                    deadline + timedelta(days=1),
                    (proposal, grant),
                    f"{award_id} 提请撤销后 {days} 日没有决定",
                    f"{award_id}: no decision within {days} days of the proposal",
                    grant.payload.case_id,
                    award.org,
                    award=award_id,
                    articles=v.parameter("revoke.decided_by", proposal.on).why.articles,
                    thresholds={"follow_up_days": days},
                )


def _unanswered(v: Inspected, award: Award, incident: LiveEvent, days: int) -> Found:
    p = incident.payload
    ground = _ground(v, incident)
    if ground is None or not p.responsible:
        return
    window = watch_window(v.live, v.law, award)
    unlimited = v.parameter(f"revoke.{ground}.window", incident.on)
    if not (unlimited.stated and unlimited.value == "unlimited"):
        if isinstance(window.result, Undetermined):
            yield Gap(("award", award.award_id), window.result)
        if not window.is_value or not window.value()[0] <= p.occurred_on <= window.value()[1]:
            return
    start = max(recorded_day(incident), incident.on, award.granted.on)
    deadline = start + timedelta(days=days)
    answered = [e for e in v.live.of("RevocationProposed", "AwardRevoked", award_id=award.award_id) if e.on <= deadline]
    answered += [
        e
        for e in v.live.of("PostAwardCheckHeld", award_id=award.award_id, outcome="maintained")
        if start <= e.on <= deadline
    ]
    if v.live.on > deadline and not answered and p.occurred_on >= award.granted.payload.granted_on:
        yield Hit(
            ("award", award.award_id),
            "H",
            deadline + timedelta(days=1),
            (incident, award.granted),
            f"{award.org} 的{word(p.category)[0]}（{p.occurred_on}）属撤销事由，{days} 日内未处理",
            f"the {word(p.category)[1]} of {award.org} ({p.occurred_on}) is a ground of revocation; nothing followed within {days} days",
            award.granted.payload.case_id,
            award.org,
            award=award.award_id,
            articles=unlimited.why.articles,
            thresholds={"follow_up_days": days},
        )


#: Category of an incident -> the ground it is, where no person has to judge.
_GROUND_OF = {
    "accident": "accident",
    "award_fraud": "fraud",
    "quality_problem": "quality_problem",
    "tax_dishonesty": "tax",
    "social_impact": "social_impact",
}


def _ground(v: Inspected, incident: LiveEvent) -> str | None:
    ground = _GROUND_OF.get(incident.payload.category)
    if ground is None or v.enacted is None or ground not in v.enacted.pack.grounds:
        return None
    if ground == "accident":
        least = v.parameter("revoke.accident_min", incident.on)
        if not least.stated or SEVERITY.index(incident.payload.severity) < SEVERITY.index(least.value):
            return None
    return ground


@flag(
    "RF32", "revocation-incomplete", "撤销未到位", "revocation not carried out", "H", "ZY24 JD七(二),七(五) HY19,20 GZ28,30",
    condition=("撤销生效规定日后，文本要求的公告、收回、信用记录、追缴尚未完成；或撤销文件所载禁申截止日与推导不符。",
               "The days set after a revocation publication, return, credit record or clawback that the text demands are not done; or the end of the ban that the document states is not the derived one."),
    reason=("撤销的每一项后果都由文本规定。", "The text demands each consequence."),
    caution=("期限是审计阈值，文本没有规定。", "The days are the audit's."),
    example=("撤销后一个月未公告。", "Not published a month after the revocation."), thresholds=("revocation.settle_days",), companions=("RF33", "RF41"),
)  # fmt: skip
def _incomplete(v: Inspected) -> Found:
    days = v.audit("revocation.settle_days")
    for award_id, grant, award in _awards(v):
        if award.revoked is None:
            continue
        deadline = award.revoked.payload.effective_on + timedelta(days=days)
        rows = duties(v.live, v.law, award_id).value()["duties"]
        for row in rows if v.live.on > deadline else ():
            if row["period"] == "revocation" and not _settled(v, row, deadline):
                zh, en = _CONSEQUENCES[row["duty"]]
                yield Hit(
                    ("award", award_id),
                    "H",
                    deadline + timedelta(days=1),
                    (award.revoked,),
                    f"{award_id} 撤销后 {days} 日：{zh}未完成",
                    f"{award_id}: {en} not done {days} days after the revocation",
                    grant.payload.case_id,
                    award.org,
                    award=award_id,
                    articles=row["article"],
                    thresholds={"revocation.settle_days": days},
                )
        stated = award.revoked.payload.stated_ban_until
        derived = _ban_end(v, award)
        if stated is not None and derived != stated:
            yield Hit(
                ("award", award_id),
                "H",
                award.revoked.on,
                (award.revoked,),
                f"{award_id} 撤销文件载禁申至 {stated}，推导为 {derived or '未规定'}",
                f"{award_id}: the document bans until {stated}, the text until {derived or 'no day'}",
                grant.payload.case_id,
                award.org,
                award=award_id,
                articles=v.parameter(f"revoke.{award.revoked.payload.ground}.ban", award.revoked.on).why.articles,
            )


_CONSEQUENCES = {"return": ("证书奖牌收回", "return"), "publish": ("公告", "publication"), "credit_record": ("信用记录", "the credit record"), "clawback": ("追缴决定", "the clawback")}  # fmt: skip


def _settled(v: Inspected, row: dict[str, object], deadline: date) -> bool:
    """Done by the deadline; a clawback is RF33's once it is ordered."""
    done: list[str] = list(row["fulfilled_by"])  # type: ignore[call-overload]
    if row["state"] == "undetermined":
        return True
    if row["duty"] == "clawback":
        return (
            any(e.type == "ClawbackOrdered" and e.on <= deadline for i in done if (e := v.live.by_id(i)) is not None)
            or row["state"] == "fulfilled"
        )
    return row["state"] in ("fulfilled", "late") and all(
        e.on <= deadline for i in done if (e := v.live.by_id(i)) is not None
    )


def _ban_end(v: Inspected, award: Award) -> date | None:
    answer = bans(v.live, v.law, award.org)
    own = [b["until"] for b in answer.value()["bans"] if b.get("award_id") == award.award_id] if answer.is_value else []
    return max(own, default=None)


@flag(
    "RF34", "duty-overdue", "获奖后义务逾期", "duty after the award overdue", "L/M/H", "ZY28 JS四.2 GZ24,25 JD七(一)",
    condition=("年度报告逾期（M）；有效期届满未复核评估（H）；总结、交流逾期（L）；监督意见逾期未答复（M）。",
               "The yearly report is overdue (M); no re-assessment by the end of validity (H); summary or exchange overdue (L); a finding not answered in time (M)."),
    reason=("荣誉附有义务。", "The honour comes with duties."),
    caution=("文本未定期日的义务不触发。未履行本身没有法律后果（B-68）。", "Duties without a day do not raise it. By itself a duty not met has no consequence (B-68)."),
    example=("获奖第一年未提交绩效报告。", "No performance report for the first year."),
)  # fmt: skip
def _overdue(v: Inspected) -> Found:
    weights: dict[str, Severity] = {"annual_report": "M", "reassessment": "H"}
    for award_id, grant, award in _awards(v):
        rows = duties(v.live, v.law, award_id).value()["duties"]
        for row in rows:
            if row["state"] == "overdue":
                yield Hit(
                    ("award", award_id),
                    weights.get(row["duty"], "L"),
                    row["due"] + timedelta(days=1),
                    (grant,),
                    f"{award_id} 的{word(row['duty'])[0]}（{row['period']}）于 {row['due']} 逾期",
                    f"{award_id}: {word(row['duty'])[1]} ({row['period']}) was due on {row['due']}",
                    grant.payload.case_id,
                    award.org,
                    award=award_id,
                    articles=row["article"],
                    thresholds={"due": row["due"]},
                )
    for issued in v.of("OversightFindingIssued"):
        state = finding_state(v.live, v.law, issued.payload.finding_id).value()
        if state["state"] == "overdue":
            name = issued.payload.finding_id
            yield Hit(
                ("finding", name),
                "M",
                issued.payload.answer_due + timedelta(days=1),
                (issued,),
                f"监督意见 {name} 逾期未答复",
                f"finding {name} is not answered",
                thresholds={"due": issued.payload.answer_due},
            )


@flag(
    "RF47", "spending-outside-purposes", "奖金用途不符", "spending outside the purposes", "M", "ZY23 HY13 GZ26",
    condition=("使用报告列有文本用途之外的支出。", "A report on the use of funds lists spending on none of the text's purposes."),
    reason=("奖金专款专用。", "The prize is for named purposes."),
    caution=("用途清单带“等”字的文本把“其他”视为在内。", "Where the list is open, `other` is inside."),
    example=("奖金用于福利。", "The prize spent on staff outings."), companions=("RF41",),
)  # fmt: skip
def _purposes(v: Inspected) -> Found:
    purposes = v.parameter("fund_use.categories")
    if not purposes.stated:
        yield silent(purposes)
        return
    for report in v.of("FundUseReported"):
        outside = [i.category for i in report.payload.items if i.category not in purposes.value and i.amount]
        if outside:
            p = report.payload
            yield Hit(
                ("award", p.award_id),
                "M",
                report.on,
                (report,),
                f"{p.award_id} 的支出“{'、'.join(word(w)[0] for w in outside)}”不在用途之内",
                f"{p.award_id}: {', '.join(word(w)[1] for w in outside)} is none of the purposes",
                org=p.org,
                award=p.award_id,
                articles=purposes.why.articles,
                thresholds={"fund_use.categories": list(purposes.value)},
            )


@flag(
    "RF49", "ground-outside-window", "以期外事实撤销", "revoked on a fact outside the window", "H", "JD七(五) HY20 GZ30 ZY24(2)",
    condition=("以观察期之外发生的事实，或低于文本等级的事故，提请撤销或撤销。", "A revocation rests on a fact that occurred outside the window, or on an accident below the text's grade."),
    reason=("期限与等级是获奖者的保障。", "Window and grade protect the winner."),
    caution=("弄虚作假没有期限。", "Fraud has no time limit."),
    example=("金东：获奖三年后的事故，期限两年。", "An accident three years after the award in Jindong, where two count."), companions=("RF41",),
)  # fmt: skip
def _window(v: Inspected) -> Found:
    for award_id, grant, award in _awards(v):
        for proposal in v.live.of("RevocationProposed", award_id=award_id):
            if imported(proposal):
                continue
            window = v.parameter(f"revoke.{proposal.payload.ground}.window", proposal.on)
            interval = watch_window(v.live, v.law, award)
            if not window.stated or window.value != "watch_window" or isinstance(interval.result, NotApplicable):
                continue
            if isinstance(interval.result, Undetermined):
                yield Gap(("award", award_id), interval.result)
                continue
            for fact in proposal.payload.facts:
                incident = v.live.by_id(fact)
                if incident is None or incident.type != "IncidentRecorded":
                    continue
                start, end = interval.value()
                least = v.parameter("revoke.accident_min", proposal.on)
                small = (
                    proposal.payload.ground == "accident"
                    and least.stated
                    and SEVERITY.index(incident.payload.severity) < SEVERITY.index(least.value)
                )
                if small or not start <= incident.payload.occurred_on <= end:
                    yield Hit(
                        ("award", award_id),
                        "H",
                        proposal.on,
                        (proposal, incident),
                        f"{award_id} 的撤销事实发生于 {incident.payload.occurred_on}（{incident.payload.severity}），期间为 {start} 至 {end}",
                        f"{award_id}: the fact is of {incident.payload.occurred_on} ({incident.payload.severity}), the window runs from {start} to {end}",
                        grant.payload.case_id,
                        award.org,
                        award=award_id,
                        articles=window.why.articles,
                        thresholds={"from": start, "until": end},
                    )
