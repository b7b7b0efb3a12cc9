"""Guards after the award: honours, reports, incidents, misuse of title, revocation (1.J)."""

from __future__ import annotations

from ledger.admission.guards import guard
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.bans import SEVERITY
from ledger.derivation.standing import award_of, validity
from ledger.regulation.pack import Absence
from ledger.regulation.periods import add_years


@guard("HigherAwardRecorded")
def _records_once(view: View) -> None:
    p = view.payload
    for other in view.live.of("HigherAwardRecorded", org=p.org):
        o = other.payload
        if o.higher_award_id == p.higher_award_id or (
            (o.level, o.award_name, o.award_kind, o.won_on.year) == (p.level, p.award_name, p.award_kind, p.won_on.year)
        ):
            refuse("higher_award_exists", "AUD", None, "this higher award is recorded", "该上级奖项已登记")


@guard("PostAwardReportFiled")
def _reports_within_validity(view: View) -> None:
    p = view.payload
    granted = view.award(p.award_id)
    view.acts_for(p.org)
    if granted.payload.org != p.org:
        refuse("award_of_another", "AUD", None, "the award is another organisation's", "奖项与组织不符")
    award = award_of(view.live, view.law, p.award_id)
    assert award is not None
    interval = validity(view.live, view.law, award)
    if interval.is_value and not interval.value()[0] <= p.done_on <= interval.value()[1]:
        period = view.law.parameter(award.enacted, "validity", view.on)
        refuse_by(period, "outside_validity", "the report lies outside the validity", "报告不在有效期内")


@guard("IncidentRecorded")
def _incident_is_determined(view: View) -> None:
    p = view.payload
    if p.determined_on < p.occurred_on:
        refuse("incident_unsound", "AUD", None, "determined before it occurred", "认定日期早于发生日期")
    if view.live.of("IncidentRecorded", incident_id=p.incident_id):
        refuse("incident_exists", "AUD", None, f"incident {p.incident_id} exists", f"负面事实 {p.incident_id} 已登记")


@guard("TitleMisuseFound")
def _misuse_is_forbidden(view: View) -> None:
    p = view.payload
    enacted = view.law.in_force(view.on)
    if p.award_id is not None:
        view.award(p.award_id)
        award = award_of(view.live, view.law, p.award_id)
        enacted = award.enacted if award else enacted
    forbidden = view.law.parameter(enacted, "title_use.forbidden", view.on)
    if not forbidden.stated or p.kind not in forbidden.value:
        refuse_by(forbidden, "use_not_forbidden", f"the text does not forbid {p.kind}", f"文本未禁止 {p.kind}")


@guard("SanctionImposed")
def _sanctions_on_facts(view: View) -> None:
    missing = [e for e in view.payload.facts if e not in view.named]
    if missing or not view.payload.facts:
        refuse("facts_missing", "AUD", None, "the facts are cited by event id", "须引用事实事件")


@guard("RevocationProposed", "AwardRevoked")
def _ground_is_in_the_text(view: View) -> None:
    p = view.payload
    granted = view.award(p.award_id)
    if granted.payload.org != p.org:
        refuse("award_of_another", "AUD", None, "the award is another organisation's", "奖项与组织不符")
    if view.live.of("AwardRevoked", award_id=p.award_id):
        refuse("already_revoked", "AUD", None, "the award is already revoked", "该奖项已撤销")
    enacted = view.enacted_for(granted.payload.case_id.rpartition("/")[0])
    if enacted is None or enacted.pack.status in ("legacy_stub", "interpretation_only"):
        return
    if p.ground not in enacted.pack.grounds:
        refuse(
            "ground_not_in_text", f"{enacted.pack.id}:revocation", None,
            f"the text knows the grounds {', '.join(enacted.pack.grounds)}, not {p.ground}",
            f"文本规定的撤销事由为 {'、'.join(enacted.pack.grounds)}，没有 {p.ground}",
        )  # fmt: skip


@guard("RevocationProposed")
def _fact_lies_in_the_window(view: View) -> None:
    p = view.payload
    award = award_of(view.live, view.law, p.award_id)
    if award is None or award.enacted is None:
        return
    window = view.law.parameter(award.enacted, f"revoke.{p.ground}.window", view.on)
    if not window.stated or window.value != "watch_window":
        return
    watch = view.law.parameter(award.enacted, "watch_window", view.on)
    interval = validity(view.live, view.law, award)
    if watch.absence is Absence.UNKNOWN or (
        not interval.is_value and watch.value and watch.value["kind"] == "validity"
    ):
        return
    start = interval.value()[0] if interval.is_value else award.granted.payload.granted_on
    end = interval.value()[1] if watch.value["kind"] == "validity" else add_years(start, watch.value["years"])
    for fact in p.facts:
        event = view.named.get(fact)
        if event is None or event.type != "IncidentRecorded":
            continue
        if not start <= event.payload.occurred_on <= end:
            refuse_by(
                watch, "fact_outside_window", f"occurred on {event.payload.occurred_on}, outside {start} to {end}",
                f"发生于 {event.payload.occurred_on}，不在 {start} 至 {end} 之内", reading="B-11:default",
            )  # fmt: skip
        smallest = view.law.parameter(award.enacted, "revoke.accident_min", view.on)
        if p.ground == "accident" and smallest.stated and (
            SEVERITY.index(event.payload.severity) < SEVERITY.index(smallest.value)
        ):  # fmt: skip
            refuse_by(smallest, "accident_too_small", f"severity {event.payload.severity} is below {smallest.value}",
                      f"事故等级 {event.payload.severity} 低于 {smallest.value}")  # fmt: skip
