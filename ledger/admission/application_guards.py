"""Guards of application, recommendation and eligibility (1.E)."""

from __future__ import annotations

from ledger.admission.guards import guard
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.bans import bans
from ledger.derivation.editions import edition_number, edition_opened
from ledger.derivation.standing import award_of, awards_of, validity
from ledger.regulation.periods import add_years
from ledger.statement import edition_of


@guard("ApplicationFiled")
def _files_into_an_open_edition(view: View) -> None:
    p = view.payload
    edition = edition_of(p.case_id)
    opened = edition_opened(view.live, edition)
    if opened is None or view.live.of("EditionClosed", edition_id=edition):
        refuse("edition_not_open", "AUD", None, f"edition {edition} is not open", f"届次 {edition} 未启动或已结束")
    if p.award not in opened.payload.awards:
        refuse("award_kind_unknown", "AUD", None, f"{p.award} is not awarded in {edition}", f"{edition} 不设 {p.award}")
    principal = view.identities.principals.get(p.org)
    if principal is None:
        refuse("principal_unknown", "AUD", None, f"{p.org} is not registered", f"{p.org} 未登记")
    view.acts_for(p.org)
    if view.live.of("ApplicationFiled", case_id=p.case_id):
        refuse("case_exists", "AUD", None, f"case {p.case_id} exists", f"案件 {p.case_id} 已存在")
    for other in view.live.of("ApplicationFiled", org=p.org, award=p.award):
        same_edition = edition_of(other.payload.case_id) == edition
        if same_edition and not view.live.of("ApplicationWithdrawn", case_id=other.payload.case_id):
            refuse(
                "already_applied",
                "AUD",
                None,
                f"{p.org} has applied for {p.award} in {edition}",
                f"{p.org} 本届已申报 {p.award}",
            )
    if not p.truth_declared:
        stated = view.parameter("eligibility.conditions", case_id=p.case_id)
        refuse_by(
            stated, "truth_not_declared", "the applicant declares that the file is true", "申报单位须承诺材料真实"
        )
    for claim in p.secrecy_claims:
        if claim.path not in p.SPEC.restricted:
            refuse("secret_in_clear", "HY-21", "HY:21", f"{claim.path} is declared secret and cannot stand in clear",
                   f"{claim.path} 已申明为秘密，不得以明文提交")  # fmt: skip


@guard("ApplicationFiled")
def _is_not_barred(view: View) -> None:
    """A ban runs on the filing day (B-17); validity must be over when filing (B-24); editions lie between (B-21)."""
    p = view.payload
    live = view.live
    # Only bans that run on the filing day count; the view knows everything recorded, whatever its day.
    standing = bans(view.as_of(view.on), view.law, p.org)
    if standing.is_value and standing.value()["banned"]:
        ban = max((b for b in standing.value()["bans"] if b["from"] <= view.on <= b["until"]), key=lambda b: b["until"])
        revoked = next((e for e in live.of("AwardRevoked", org=p.org) if e.id == ban["cause"]), None)
        path = f"revoke.{ban['ground']}.ban" if revoked is not None else "fraud_lookback"
        award = award_of(live, view.law, revoked.payload.award_id) if revoked is not None else None
        stated = view.law.parameter(award.enacted if award else view.law.in_force(view.on), path, view.on)
        refuse_by(
            stated, "banned", f"{p.org} is banned until {ban['until']}", f"{p.org} 禁报至 {ban['until']}",
            remedy=f"file after {ban['until']}", remedy_zh=f"请于 {ban['until']} 之后申报", reading="B-17:default",
            until=ban["until"].isoformat(), cause=ban["cause"],
        )  # fmt: skip
    for award in awards_of(live, view.law, p.org):
        if award.kind == p.award and award.revoked is None:
            _check_interval(view, award.award_id)


def _check_interval(view: View, award_id: str) -> None:
    award = award_of(view.live, view.law, award_id)
    assert award is not None
    rule = view.law.parameter(award.enacted, f"reapply.{award.kind}", view.on)
    if not rule.stated:
        return
    if rule.value["kind"] == "after_expiry":
        answer = validity(view.live, view.law, award)
        if answer.is_value and view.on <= answer.value()[1]:
            last = answer.value()[1]
            refuse_by(
                rule, "still_valid", f"{award.label} is valid until {last}; a holder may apply after that",
                f"{award.label} 有效期至 {last}，期满后方可再次申报", reading="B-24:default",
                remedy=f"file after {last}", remedy_zh=f"请于 {last} 之后申报", until=last.isoformat(),
            )  # fmt: skip
    if rule.value["kind"] == "gap_editions":
        won, now = edition_number(view.live, award.edition), edition_number(view.live, edition_of(view.payload.case_id))
        chosen, _ = view.law.reading(award.enacted, "reading.gap_editions", view.on)
        extra = 1 if chosen == "whole_editions_between" else 0
        if won is not None and now is not None and now < won + rule.value["editions"] + extra:
            first = won + rule.value["editions"] + extra
            refuse_by(
                rule, "interval_of_editions", f"won in edition {won}; may apply again from edition {first}",
                f"第 {won} 届获奖，自第 {first} 届起方可再次申报", reading="B-21/G02:default", edition_no=first,
            )  # fmt: skip


@guard("ApplicationSupplemented")
def _supplements_undecided(view: View) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    decided = view.live.last("EligibilityDecided", case_id=p.case_id)
    if decided is not None and decided.payload.outcome != "returned":
        refuse(
            "eligibility_decided",
            "AUD",
            None,
            "eligibility is decided; the file can no longer change",
            "资格已审定，材料不得再补正",
        )


@guard("ApplicationWithdrawn")
def _withdraws_before_the_award(view: View) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    if view.live.of("AwardGranted", case_id=p.case_id):
        refuse("already_granted", "AUD", None, "the award is granted", "已授奖，不能撤回申报")


@guard("RecommendationIssued")
def _recommends_as_the_text_allows(view: View) -> None:
    p = view.payload
    view.case(p.case_id)
    kinds = view.parameter("recommender.kinds", case_id=p.case_id)
    if kinds.stated and p.recommender_kind not in kinds.value:
        refuse_by(
            kinds, "recommender_not_allowed", f"{p.recommender_kind} may not recommend; allowed: {', '.join(kinds.value)}",
            f"{p.recommender_kind} 无推荐权；可推荐单位：{'、'.join(kinds.value)}",
        )  # fmt: skip
    if view.statement.actor == p.org:
        refuse_by(kinds, "recommends_itself", "an applicant does not recommend itself", "申报单位不得自荐")


@guard("DepartmentOpinionGiven")
def _covers_the_lookback(view: View) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    years = view.parameter("lookback", case_id=p.case_id)
    if years.stated and (p.period_from > add_years(filed.on, -years.value) or p.period_to < filed.on):
        refuse_by(
            years, "period_too_short", f"the opinion covers the {years.value} years before filing on {filed.on}",
            f"意见应覆盖 {filed.on} 申报前 {years.value} 年", reading="B-12/G18:default",
        )  # fmt: skip
    if p.outcome == "adverse" and not p.incident_ids:
        refuse_by(years, "adverse_without_incident", "an adverse opinion cites incidents", "否定意见须列明负面事实")
    known = {e.payload.incident_id for e in view.live.of("IncidentRecorded")}
    for incident in p.incident_ids:
        if incident not in known:
            refuse(
                "incident_unknown", "AUD", None, f"incident {incident} is not recorded", f"负面事实 {incident} 未登记"
            )


@guard("CreditRepairConfirmed")
def _repairs_where_allowed(view: View) -> None:
    p = view.payload
    allowed = view.law.parameter(view.law.in_force(view.on), "credit_repair.allowed", view.on)
    if not (allowed.stated and allowed.value):
        refuse_by(allowed, "repair_not_allowed", "the text in force knows no credit repair", "现行文本没有信用修复规定")
    incident = view.live.last("IncidentRecorded", incident_id=p.incident_id)
    if incident is None or incident.payload.org != p.org:
        refuse("incident_unknown", "AUD", None, f"no such incident of {p.org}", f"{p.org} 没有这项负面事实")
    if incident.payload.category == "award_fraud":
        refuse_by(allowed, "fraud_not_repairable", "cheating in an assessment is not repairable", "评审作假不得修复")


@guard("EligibilityDecided")
def _decides_every_condition(view: View) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    if filed.payload.org != p.org:
        refuse("case_of_another", "AUD", None, "the case is another organisation's", "案件与组织不符")
    before = view.live.last("EligibilityDecided", case_id=p.case_id)
    if before is not None and before.payload.outcome != "returned":
        refuse("eligibility_decided", "AUD", None, "eligibility is already decided", "资格已审定")
    conditions = view.parameter("eligibility.conditions", case_id=p.case_id)
    if conditions.stated and p.outcome != "returned":
        checked = {c.condition_id for c in p.checks}
        unchecked = [c["id"] for c in conditions.value if c["id"] not in checked]
        if unchecked:
            refuse_by(
                conditions,
                "condition_unchecked",
                f"unchecked: {', '.join(unchecked)}",
                f"未审查：{'、'.join(unchecked)}",
            )
    failed = [c.condition_id for c in p.checks if c.result in ("fail", "unclear")]
    if p.outcome == "eligible" and failed:
        refuse_by(
            conditions,
            "condition_failed",
            f"not eligible with {', '.join(failed)}",
            f"{'、'.join(failed)} 不符合，不得审定合格",
        )
    if p.outcome == "ineligible" and not failed:
        refuse_by(
            conditions, "no_condition_failed", "ineligible needs a failed condition", "审定不合格须有不符合的条件"
        )
    if p.outcome == "returned" and not p.missing:
        refuse_by(conditions, "nothing_missing", "a returned file names what is missing", "退回补正须写明所缺材料")
