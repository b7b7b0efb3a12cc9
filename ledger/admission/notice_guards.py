"""Guards of public notice, objection and disqualification (1.G), with separation S6."""

from __future__ import annotations

from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.history import LiveEvent
from ledger.derivation.notices import ends_of_notice, extensions
from ledger.derivation.procedure import ordered_steps
from ledger.errors import PermissionRefusedError
from ledger.events.decision import AwardGranted
from ledger.events.evaluation import CandidateListProposed, CommitteeResolutionAdopted, ScoreSubmitted
from ledger.events.notice import (
    CaseDisqualified,
    ObjectionInvestigated,
    ObjectionRaised,
    ObjectionResolved,
    PublicNoticeClosed,
    PublicNoticeOpened,
)
from ledger.regulation.tables import Extension
from ledger.statement import edition_of


def notices_what_was_resolved(view: View[PublicNoticeOpened]) -> None:
    p = view.payload
    before = view.live.last(PublicNoticeOpened, notice_id=p.notice_id)
    if before is not None:
        _revises(view, before)
    elif p.revision != 1:
        refuse("revision_unsound", "AUD", None, "the first notice has revision 1", "首次公示的版次为 1")
    if p.promised_end < p.opened_on:
        refuse("notice_unsound", "AUD", None, "the notice ends before it begins", "公示起止日期有误")
    if p.kind != "candidates":
        return
    approved = _may_be_noticed(view)
    wrong = sorted(set(p.cases) - approved)
    if wrong or not p.cases:
        stated = view.law.parameter(view.enacted_for(p.edition_id), "notice.min", view.on)
        refuse_by(
            stated,
            "notice_differs_from_resolution",
            f"not on the list to be noticed: {', '.join(wrong) or 'nobody'}",
            f"不在应公示名单之列：{'、'.join(wrong) or '无'}",
        )


def _may_be_noticed(view: View[PublicNoticeOpened]) -> set[str]:
    """The committee's list; the candidate list where the text notices before the committee decides."""
    edition = view.payload.edition_id
    _, steps = ordered_steps(view.law, view.enacted_for(edition), view.on)
    names = [s.step for s in steps]
    if "notice" in names and "committee_decision" in names[names.index("notice") :]:
        lists = view.live.of(CandidateListProposed)
        return {r.case for e in lists for r in e.payload.rows if edition_of(r.case) == edition}
    resolutions = view.live.of(CommitteeResolutionAdopted, edition_id=edition, subject="proposed_awardees")
    return {a.case for r in resolutions for a in r.payload.approved}


def _revises(view: View[PublicNoticeOpened], before: LiveEvent[PublicNoticeOpened]) -> None:
    """A further announcement of the same notice: with a later end it extends it, else it changes how it is published.

    The list and the days already announced stay as they are: another list is another notice.
    """
    p, b = view.payload, before.payload
    if p.revision != b.revision + 1:
        refuse(
            "notice_exists",
            "AUD",
            None,
            f"notice {p.notice_id} exists; a revision has {b.revision + 1}",
            f"公示 {p.notice_id} 已存在；修订的版次为 {b.revision + 1}",
        )
    if (p.kind, p.cases, p.awards, p.opened_on) != (b.kind, b.cases, b.awards, b.opened_on):
        refuse(
            "revision_unsound",
            "AUD",
            None,
            "a revision keeps list and start of the notice",
            "修订公示应保持名单与起始日不变",
            remedy="another list is put on a notice of its own",
            remedy_zh="名单有变的，请另行公示",
        )
    if p.promised_end < b.promised_end:
        refuse(
            "revision_unsound",
            "AUD",
            None,
            f"the notice was announced to run through {b.promised_end}; a revision does not end earlier",
            f"公示已公布至 {b.promised_end} 届满，修订不得提前",
            field="promised_end",
        )
    if p.promised_end > b.promised_end:
        _may_extend(view, before)


def _may_extend(view: View[PublicNoticeOpened], before: LiveEvent[PublicNoticeOpened]) -> None:
    """As often as the text lets it: by an announcement with a reason, or for each objection during the notice."""
    notice = before.payload.notice_id
    stated = view.law.parameter(view.enacted_for(before.payload.edition_id), "notice.extension", view.on)
    rule = stated.table(Extension) if stated.stated else None
    done = len(extensions(view.live.of(PublicNoticeOpened, notice_id=notice)))
    caused = len(view.live.of(ObjectionRaised, during_notice=notice))
    if rule is None or done >= (rule.times if rule.when == "announcement" else min(rule.times, caused)):
        refuse_by(
            stated,
            "extension_not_allowed",
            "the text allows no (further) extension of this notice",
            "文本未规定（再次）延长该公示",
            remedy="a longer notice is promised when it opens",
            remedy_zh="如需更长，请在公示开始时载明",
        )
    if not view.payload.extension_reason:
        refuse_by(
            stated,
            "extension_unsound",
            "an extension gives its reason",
            "延长公示应说明理由",
            field="extension_reason",
        )


def closes_an_open_notice(view: View[PublicNoticeClosed]) -> None:
    p = view.payload
    opened = view.live.last(PublicNoticeOpened, notice_id=p.notice_id)
    if opened is None or view.live.of(PublicNoticeClosed, notice_id=p.notice_id):
        refuse(
            "notice_not_open", "AUD", None, f"notice {p.notice_id} is not open", f"公示 {p.notice_id} 未开始或已结束"
        )
    if set(p.cases) != set(opened.payload.cases):
        refuse(
            "notice_differs",
            "B-5",
            None,
            "the closed notice names other cases than the opened one",
            "结束与开始的名单不同",
        )
    raised = len([e for e in view.live.of(ObjectionRaised, during_notice=p.notice_id) if e.on <= p.closed_on])
    if p.objections != raised:
        refuse(
            "objections_miscounted",
            "AUD",
            None,
            f"{raised} objections were raised, not {p.objections}",
            f"公示期内异议为 {raised} 件，不是 {p.objections} 件",
        )


def names_its_target(view: View[ObjectionRaised]) -> None:
    p = view.payload
    target = {"case": p.case_id, "award": p.award_id, "person": p.person, "body": p.body_id}[p.target_kind]
    if target is None:
        refuse("target_missing", "AUD", None, f"an objection against a {p.target_kind} names it", "异议须写明对象")
    if view.live.of(ObjectionRaised, objection_id=p.objection_id):
        refuse("objection_exists", "AUD", None, f"objection {p.objection_id} exists", f"异议 {p.objection_id} 已存在")
    if p.case_id is not None:
        view.case(p.case_id)
    if p.during_notice is not None:
        _falls_in_the_notice(view, p.during_notice)


def _falls_in_the_notice(view: View[ObjectionRaised], notice_id: str) -> None:
    """It is raised between the first and the last day: the day of closing, the announced end, or the law's if later."""
    opened = view.live.of(PublicNoticeOpened, notice_id=notice_id)
    closed = view.live.last(PublicNoticeClosed, notice_id=notice_id)
    if not opened:
        refuse("notice_unknown", "AUD", None, f"notice {notice_id} was not opened", f"公示 {notice_id} 未开始")
    ends = [opened[-1].payload.promised_end, *ends_of_notice(view.live, view.law, notice_id).values()]
    last = closed.payload.closed_on if closed is not None else max(ends)
    if not opened[0].payload.opened_on <= view.on <= last:
        refuse(
            "not_during_notice",
            "AUD",
            None,
            f"notice {notice_id} ran from {opened[0].payload.opened_on} through {last}",
            f"公示 {notice_id} 自 {opened[0].payload.opened_on} 至 {last}",
            remedy="record it as an objection outside the notice",
            remedy_zh="不在公示期内的，请勿填写所属公示",
            field="during_notice",
        )


def _open_objection(view: View[ObjectionInvestigated | ObjectionResolved]) -> LiveEvent[ObjectionRaised]:
    objection = view.payload.objection_id
    raised = view.live.last(ObjectionRaised, objection_id=objection)
    if raised is None or view.live.of(ObjectionResolved, objection_id=objection):
        refuse(
            "objection_not_open", "AUD", None, f"objection {objection} is not open", f"异议 {objection} 不存在或已办结"
        )
    return raised


def investigates_without_own_interest(view: View[ObjectionInvestigated]) -> None:
    p = view.payload
    raised = _open_objection(view)
    target = raised.payload
    everyone = {view.statement.actor, *p.investigators}
    if target.case_id is not None:
        scorers = {e.actor for e in view.live.of(ScoreSubmitted, case_id=target.case_id)} & everyone
        if scorers:
            raise PermissionRefusedError(
                "duties_not_separated",
                f"{', '.join(sorted(scorers))} scored the case (separation S6)",
                f"{'、'.join(sorted(scorers))} 曾对该案评分（职责分离 S6）",
                separation="S6",
            )
    about_secretariat = target.person is not None and view.identities.roles_of(target.person, view.today) & {
        "SEC",
        "SECH",
    }
    if about_secretariat and view.statement.role == "SEC":
        raise PermissionRefusedError(
            "duties_not_separated",
            "a complaint against the secretariat goes to DIS or DEP (separation S6)",
            "反映秘书处的投诉应移送纪检监察或职能部门（职责分离 S6）",
            separation="S6",
        )


def resolves_after_investigation(view: View[ObjectionResolved]) -> None:
    p = view.payload
    raised = _open_objection(view)
    if p.case_id != raised.payload.case_id:
        refuse("case_differs", "AUD", None, "the objection is about another case", "异议所涉案件不符")
    if p.outcome not in ("not_admitted", "transferred") and not view.live.of(
        ObjectionInvestigated, objection_id=p.objection_id
    ):
        path, case_id = "objection.handling", raised.payload.case_id
        refuse_by(
            view.parameter(path, case_id=case_id) if case_id else view.parameter(path),
            "not_investigated",
            "an objection is investigated before it is resolved",
            "异议须先调查核实",
        )


def disqualifies_on_facts(view: View[CaseDisqualified]) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    if filed.payload.org != p.org:
        refuse("case_of_another", "AUD", None, "the case is another organisation's", "案件与组织不符")
    if not p.facts:
        refuse("facts_missing", "AUD", None, "the facts are cited by event id", "须引用事实事件")
    if (granted := view.live.last(AwardGranted, case_id=p.case_id)) is not None:
        said = ("the award is granted; it can only be revoked", "已授奖，应使用撤销授奖")
        refuse("already_granted", "AUD", None, *said, decided=granted)
