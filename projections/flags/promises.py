"""RF51 to RF53: what was decided and not done, and what documents say that the rules do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ledger.derivation.history import LiveEvent
from ledger.derivation.money import expected_clawback
from ledger.derivation.standing import award_of, rewin, validity
from projections.flags.flag import Found, Hit, Severity, flag, silent
from projections.flags.inspected import Inspected, before
from projections.labels import word


@flag(
    "RF51", "upheld-objection-not-executed", "异议成立而未处理", "objection upheld and not acted on", "H/C", "ZY17(6) JD五(四)2 HY10(7),19,23 GZ21",
    condition=(
        "异议结论为成立或部分成立，所定措施（取消资格、回避、处理、更正、提请撤销）在规定日内没有落实：H；异议成立且措施为取消资格，而该案仍获奖：C。",
        "An objection was upheld, in whole or in part, and a measure it names (disqualify, recuse, sanction, correct, propose revocation)"
        " was not carried out within the days set: H; the measure was to disqualify and the case was awarded all the same: C.",
    ),
    reason=("结论不落实，异议制度就没有意义。", "A conclusion that nobody carries out is worth nothing."),
    caution=("期限是审计阈值。措施以针对同一案件、组织或引用该结论的事件认定。", "The days are the audit's. A measure counts if it is about the same case or organisation, or cites the conclusion."),
    example=("异议成立、决定取消资格，三个月后仍授奖。", "Upheld, to be disqualified, and awarded three months later."),
    thresholds=("follow_up_days",), companions=("RF10", "RF41"),
)  # fmt: skip
def _not_executed(v: Inspected) -> Found:
    days = timedelta(days=v.audit("follow_up_days"))
    handling = v.parameter("objection.handling", v.live.on)
    for ended in v.of("ObjectionResolved"):
        p = ended.payload
        raised = v.live.last("ObjectionRaised", objection_id=p.objection_id)
        if p.outcome not in ("upheld", "partly") or raised is None:
            continue
        case = raised.payload.case_id
        awarded = [g for g in v.grants.values() if case is not None and g.payload.case_id == case and before(ended, g)]
        undone = [m for m in p.measures if m != "none" and not _carried_out(v, m, raised, ended, ended.on + days)]
        kept = "disqualify" in undone and bool(awarded)
        if kept or (undone and v.live.on > ended.on + days):
            severity: Severity = "C" if kept else "H"
            since = awarded[0].on if kept else ended.on + days + timedelta(days=1)
            yield Hit(
                ("objection", p.objection_id), severity, since, (ended, raised, *awarded[:1]),
                f"异议 {p.objection_id} 成立，{'、'.join(word(m)[0] for m in undone)}未落实{'，该案仍获奖' if kept else ''}",
                f"objection {p.objection_id} was upheld; not done: {', '.join(word(m)[1] for m in undone)}{'; the case was awarded' if kept else ''}",
                case, v.org(case) if case else None, articles=handling.why.articles, thresholds={"follow_up_days": days.days},
            )  # fmt: skip


_CARRIES: dict[str, tuple[str, ...]] = {
    "disqualify": ("CaseDisqualified",), "recuse": ("RecusalOrdered",), "sanction": ("SanctionImposed",),
    "correct": ("EventCorrected", "EventAnnulled"), "revoke_proposal": ("RevocationProposed",),
}  # fmt: skip


def _carried_out(v: Inspected, measure: str, raised: LiveEvent, ended: LiveEvent, deadline: Any) -> bool:
    case, org, person = raised.payload.case_id, raised.payload.org, raised.payload.person
    subjects = {t for t in (case and f"c:{case}", org and f"o:{org}", person and f"p:{person}") if t}
    if case is not None and v.org(case) is not None:
        subjects.add(f"o:{v.org(case)}")
    for event in v.live.of(*_CARRIES[measure]):
        tags = set(event.recorded.statement.tags)
        cited = ended.id in event.recorded.statement.causes or f"x:{ended.id}" in tags
        if (
            (cited or subjects & tags or measure == "correct")
            and event.position > raised.position
            and event.on <= deadline
        ):
            return True
    return False


@flag(
    "RF52", "stated-value-differs", "文件所载与规定不符", "a document says something else than the rules", "M", "ZY24,27 HY17,19 GZ23,27,28,30 (AUD)",
    condition=(
        "授奖文件所载有效期、是否占名额，或撤销文件所载追缴数额、是否收回，与按文本推导的不同。",
        "The validity or the place in the quota that an award states, or the clawback or the return that a revocation states, is not the derived one.",
    ),
    reason=("公众与获奖者依文件行事，文件须与规定一致。", "People act on what the document says."),
    caution=("口径不同会造成差异；依据见事实的理由。", "A different reading makes a difference: see why of the fact."),
    example=("赣州证书写有效期五年，办法为三年。", "A certificate of five years in Ganzhou, where three are the rule."), companions=("RF41",),
)  # fmt: skip
def _stated(v: Inspected) -> Found:
    for award, act, zh, en, stated, derived, articles in _statements(v):
        if stated is not None and derived is not None and stated != derived:
            yield Hit(
                ("award", award), "M", act.on, (act,), f"{award} 文件所载{zh}为 {_text(stated, 0)}，推导为 {_text(derived, 0)}",
                f"{award}: the document says {en} {_text(stated, 1)}, the rules {_text(derived, 1)}", award=award, org=act.payload.org, articles=articles,
                thresholds={"derived": derived},
            )  # fmt: skip


def _statements(v: Inspected) -> Iterator[tuple[str, LiveEvent, str, str, Any, Any, tuple[str, ...]]]:
    """Award, document, what it states in both languages, the stated and the derived value, articles."""
    for award_id, grant in v.grants.items():
        award = award_of(v.live, v.law, award_id)
        if award is None:
            continue
        p = grant.payload
        interval = validity(v.live, v.law, award)
        yield (
            award_id,
            grant,
            "有效期至",
            "valid until",
            p.stated_valid_until,
            interval.value()[1] if interval.is_value else None,
            interval.why.articles,
        )
        won = rewin(v.at(grant.on), v.law, award_id)
        yield (
            award_id,
            grant,
            "占名额",
            "counts in the quota",
            p.stated_counts_quota,
            won.value()["counts_quota"] if won.is_value else None,
            won.why.articles,
        )
        if award.revoked is not None:
            r = award.revoked.payload
            claw = expected_clawback(v.live, v.law, award)
            yield (
                award_id,
                award.revoked,
                "追缴(分)",
                "clawback (fen)",
                r.stated_clawback,
                claw.result if isinstance(claw.result, int) else None,
                claw.why.articles,
            )
            back = v.parameter(f"revoke.{r.ground}.return", award.revoked.on)
            yield (
                award_id,
                award.revoked,
                "收回证书",
                "return of the certificate",
                r.stated_return,
                bool(back.value) if back.stated else None,
                back.why.articles,
            )


def _text(value: Any, column: int) -> str:
    return (("是", "yes") if value else ("否", "no"))[column] if isinstance(value, bool) else str(value)


@flag(
    "RF53", "result-not-published", "结果未公布", "result not published", "M", "JD五(四)3 HY10(7) GZ22 JS四.7",
    condition=(
        "文本要求向社会公布结果或通报表彰，届次结束时或授奖后规定日内没有任何公告、通报包含该奖项。",
        "The text wants the result published or a circular, and when the edition closes, or within the days set after the grant, none names the award.",
    ),
    reason=("公布使授奖接受社会监督。", "Publication is what puts an award before the public."),
    caution=("期限是审计阈值；公告须指明奖项。", "The days are the audit's; the announcement has to name the award."),
    example=("赣州授奖后两个月没有通报。", "No circular two months after the award in Ganzhou."), thresholds=("follow_up_days",), companions=("RF41",),
)  # fmt: skip
def _unpublished(v: Inspected) -> Found:
    wanted = v.parameter("result.published", v.live.on)
    steps = [s for s in ("publication", "circular") if s in v.steps]
    if not (wanted.stated and wanted.value) and not steps:
        yield silent(wanted)
        return
    closed = v.of("EditionClosed")[:1]
    told = [e for e in v.live.of("AnnouncementPublished") if e.payload.kind in ("award", "circular")]
    for award, grant in v.grants.items():
        deadline = min([grant.on + timedelta(days=v.audit("follow_up_days")), *(c.on for c in closed)])
        if v.live.on > deadline and not any(award in e.payload.awards and e.on <= deadline for e in told):
            yield Hit(
                ("award", award), "M", deadline + timedelta(days=1), (grant, *closed), f"{award} 未向社会公布", f"{award} was not published",
                grant.payload.case_id, grant.payload.org, award=award, articles=wanted.why.articles or v.parameter("procedure", v.live.on).why.articles,
                thresholds={"follow_up_days": v.audit("follow_up_days")},
            )  # fmt: skip
