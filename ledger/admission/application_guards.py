"""Guards of application, recommendation and eligibility."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from msgspec import UNSET

from ledger.admission.dissolved import refuse_dissolved
from ledger.admission.order_guards import refuse_departed
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.answer import Undetermined, Why
from ledger.derivation.bans import Ban, bans
from ledger.derivation.editions import edition_number, edition_opened
from ledger.derivation.eligibility import Finding, findings
from ledger.derivation.history import Live
from ledger.derivation.law import Enacted, Resolved
from ledger.derivation.lookback import hits
from ledger.derivation.procedure import ordered_steps
from ledger.derivation.standing import award_of, awards_of, validity
from ledger.derivation.succession import carried
from ledger.derivation.words import listed, word
from ledger.errors import InvariantError
from ledger.events.after_award import AwardRevoked, IncidentRecorded
from ledger.events.application import (
    ApplicationFiled,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CreditRepairConfirmed,
    DepartmentOpinionGiven,
    EligibilityDecided,
    RecommendationIssued,
    YearFigures,
)
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionClosed
from ledger.events.identity import PrincipalRegistered
from ledger.events.kinds import SECTORS
from ledger.events.labels import label
from ledger.events.notice import CaseDisqualified
from ledger.regulation.periods import add_months
from ledger.regulation.tables import MoneyCondition, ReapplyRule, SectorGroup, StatedCondition, needed
from ledger.sentences import Pair, enumeration, sentence
from ledger.statement import edition_of
from ledger.yuan import in_words


def _applies_once(view: View[ApplicationFiled], edition: str) -> None:
    p = view.payload
    if view.live.of(ApplicationFiled, case_id=p.case_id):
        refuse("case_exists", "AUD", None, sentence("case {case_id} exists", case_id=p.case_id))
    for other in view.live.of(ApplicationFiled, org=p.org, award=p.award):
        same_edition = edition_of(other.payload.case_id) == edition
        if same_edition and not view.live.of(ApplicationWithdrawn, case_id=other.payload.case_id):
            called = view.award_called(p.award, edition)
            refuse(
                "already_applied",
                "AUD",
                None,
                sentence(
                    "{org} has applied for {name} in {edition}", org=view.called(p.org), name=called, edition=edition
                ),
            )


def files_into_an_open_edition(view: View[ApplicationFiled]) -> None:
    p = view.payload
    edition = edition_of(p.case_id)
    opened = edition_opened(view.live, edition)
    if opened is None or view.live.of(EditionClosed, edition_id=edition):
        rule, article = _step_rule(view, edition, "call")
        refuse(
            "edition_not_open",
            rule,
            article,
            sentence("edition {edition} is not open", edition=edition),
            remedy=sentence("record the opening of the edition first"),
        )
    if not view.is_import and not opened.payload.window_from <= view.on <= opened.payload.window_to:
        rule, article = _step_rule(view, edition, "application")
        window = f"{opened.payload.window_from} – {opened.payload.window_to}"
        refuse(
            "outside_window",
            rule,
            article,
            sentence("applications to {edition} are filed {window}", edition=edition, window=window),
            remedy=sentence(
                "the office may extend the window by an announcement, recorded as the next revision of the edition"
            ),
            window_to=opened.payload.window_to.isoformat(),
        )
    if p.award not in opened.payload.awards:
        called = view.award_called(p.award, edition)
        refuse(
            "award_kind_unknown",
            "AUD",
            None,
            sentence("{name} is not awarded in {edition}", name=called, edition=edition),
        )
    principal = view.identities.principals.get(p.org)
    if principal is None:
        refuse("principal_unknown", "AUD", None, sentence("{org} is not registered", org=p.org))
    refuse_dissolved(view, view.payload.case_id)
    view.acts_for(p.org, view.parameter("application.voluntary", case_id=p.case_id))
    _applies_once(view, edition)
    if not p.truth_declared:
        stated = view.parameter("application.truth_declared", case_id=p.case_id)
        refuse_by(stated, "truth_not_declared", sentence("the applicant declares that the file is true"))
    secrets = view.parameter("confidentiality", case_id=p.case_id)
    if p.state_secret_claimed and view.statement.sd:
        refuse_by(
            secrets,
            "state_secret_in_vault",
            sentence("state secrets never enter; the matter is handled outside the ledger"),
            remedy=sentence("leave the restricted members away"),
        )
    for claim in p.secrecy_claims:
        if claim.path not in p.SPEC.restricted:
            refuse_by(
                secrets,
                "secret_in_clear",
                sentence("“{path}” is declared secret and cannot stand in clear", path=label(claim.path[1:])),
            )


def _step_rule(view: View, edition: str, step: str) -> tuple[str, str | None]:
    """Rule id and article of a step in the text of an edition."""
    enacted = view.enacted_for(edition) or view.law.in_force(view.on)
    _, steps = ordered_steps(view.law, enacted, view.on)
    found = next((s for s in steps if s.step == step), None)
    if found is None or enacted is None:
        return "AUD", None
    return "AUD" if found.rule is None else found.rule, f"{enacted.pack.id}:{found.article}"


def may_apply_at_all(view: View[ApplicationFiled]) -> None:
    """Who the award is for, and which papers the file must hold."""
    p = view.payload
    enacted = view.enacted_for(edition_of(p.case_id))
    forms = view.parameter("eligibility.org_forms", case_id=p.case_id)
    registered = view.live.last(PrincipalRegistered, principal_id=p.org)
    if registered is not None:
        form = registered.payload.org_form
        if registered.payload.kind != "organisation":
            refuse_by(
                forms,
                "not_an_organisation",
                sentence("{org} is no organisation: {kind}", org=p.org, kind=word(registered.payload.kind)),
            )
        if forms.stated and form is not None and form not in forms.words:
            refuse_by(
                forms,
                "form_not_eligible",
                sentence(
                    "“{form}” may not apply; the award is for {words}", form=word(form), words=listed(forms.words)
                ),
            )
    sectors = view.parameter("eligibility.sectors", case_id=p.case_id)
    among = sectors.stated and any(s in SECTORS for s in sectors.words)
    known = {*SECTORS, *_named_sectors(view, enacted)}
    if (among and p.sector not in sectors.words) or p.sector not in known:
        called = listed(sectors.words if among else sorted(known), "sector")
        named = word(p.sector, "sector")
        refuse_by(
            sectors,
            "sector_not_eligible",
            sentence("the sector “{name}” is not one of {allowed}", name=named, allowed=called),
        )
    report = view.parameter("credit_report.required", case_id=p.case_id)
    if report.yes and p.credit_report_hash is None:
        refuse_by(
            report,
            "credit_report_missing",
            sentence("the file holds no credit check report"),
            remedy=sentence("add the credit check report"),
        )
    _check_figures(view)


def _named_sectors(view: View, enacted: Enacted | None) -> set[str]:
    """Sectors that a pack names beyond the catalogue's."""
    groups = view.law.parameter(enacted, "quota.by_sector", view.on)
    conditions = view.law.parameter(enacted, "eligibility.sectors", view.on)
    named = {sector for group in groups.rows(SectorGroup) for sector in group.sectors}
    return named | set(conditions.words)


def _check_figures(view: View[ApplicationFiled]) -> None:
    """The financial condition, where the opening travels with the file; a year not given is not assumed (B-13)."""
    p = view.payload
    stated = view.parameter("eligibility.money", case_id=p.case_id)
    if not stated.stated:
        return
    rule = stated.table(MoneyCondition)
    per_mu, figures = view.opened("/tax_per_mu", int), view.opened("/financials", dict[str, YearFigures])
    concerned = rule.sectors is None or p.sector in rule.sectors
    if rule.kind == "tax_per_mu" and concerned and per_mu is not None:
        least = needed(rule.industrial_tax_per_mu_yuan) * 100
        if per_mu < least:
            called = in_words(least)
            refuse_by(
                stated,
                "tax_per_mu_too_low",
                sentence("tax per mu is below {name}", name=called),
                reading="B-13:default",
            )
    if rule.kind in ("no_loss", "profit") and figures is not None and p.for_profit is not False:
        _check_years(view, stated, rule, figures)


def _check_years(
    view: View[ApplicationFiled], stated: Resolved, rule: MoneyCondition, figures: Mapping[str, YearFigures]
) -> None:
    years = [view.on.year - back for back in range(1, needed(rule.years) + 1)]
    missing = [year for year in years if str(year) not in figures]
    if missing:
        refuse_by(
            stated,
            "figures_missing",
            sentence("figures of {missing} are not in the file", missing=missing[0]),
            reading="B-13:default",
        )
    profits = [figures[str(year)].profit for year in years]
    failed = [
        year
        for year, profit in zip(years, profits, strict=True)
        if profit < 0 or (rule.kind == "profit" and not profit)
    ]
    # "Loss-making in three years" may mean any of them or all; a profit that lasts is one of every year.
    chosen, why = "any_year", Why(readings=("B-13:default",))
    if rule.kind == "no_loss":
        chosen, why = view.law.reading(
            view.enacted_for(edition_of(view.payload.case_id)), "reading.loss_years", view.on
        )
    if failed if chosen == "any_year" else len(failed) == len(years):
        called = sentence("there was a loss") if rule.kind == "no_loss" else sentence("there was no profit")
        refuse_by(
            stated,
            "financial_condition_not_met",
            sentence("{name} in {failed}", name=called, failed=enumeration(str(year) for year in sorted(failed))),
            reading=", ".join(why.readings),
        )


def is_not_listed_while_filing(view: View[ApplicationFiled]) -> None:
    """Facts that bar for as long as they stand: listings, missing licences, policy (JS-14a, ZY-14-1, ZY-14-2)."""
    p = view.payload
    enacted = view.enacted_for(edition_of(p.case_id))
    for hit in hits(view.live, view.law, enacted, p.org, view.on):
        if hit.bars and hit.incident.payload.category == "joint_punishment":
            refuse(
                "listed_for_joint_punishment",
                hit.rule,
                hit.article,
                sentence("{org} is listed for joint punishment", org=view.called(p.org)),
                remedy=sentence("file again once the listing has ended"),
                cause=hit.incident.id,
            )


def is_not_barred(view: View[ApplicationFiled]) -> None:
    """A ban runs on the filing day (B-17); validity must be over when filing (B-24); editions lie between (B-21)."""
    p = view.payload
    live = view.live
    refuse_banned(view, p.org, view.on)
    for award in awards_of(live, view.law, p.org):
        if award.kind == p.award and award.revoked is None and not award.void:
            _check_interval(view, award.award_id)


def refuse_banned(view: View, org: str, day: date) -> None:
    """Refuse if a ban on this award runs on a day; the view knows everything recorded, whatever its day."""
    live, name = view.as_of(day), view.called(org)
    standing = bans(live, view.law, org)
    if isinstance(standing.result, Undetermined) and standing.result.parameter.startswith("revoke."):
        # An earlier award was revoked under a text that was not seen: whether a ban runs cannot be said (B-45).
        gap = standing.result
        refuse(
            "parameter_unknown",
            "B-45",
            None,
            sentence("whether {name} is banned is undetermined: {why}", name=name, why=(gap.zh, gap.en)),
            remedy=sentence("a signed interpretation that cites the promulgated article settles it"),
            reading="B-45/G26:default",
            parameter=gap.parameter,
        )
    if not (standing.is_value and standing.value().banned):
        return
    _refuse_by_ban(view, org, max(standing.value().own_on(day), key=lambda b: b.until), live)


def _refuse_by_ban(view: View, org: str, ban: Ban, live: Live) -> NoReturn:
    """The longest of the bans that run; one of somebody before binds by the decision that passed it on (B-65)."""
    day, name = live.on, view.called(org)
    revoked = next((e for e in view.live.of(AwardRevoked) if e.id == ban.cause), None)
    path = f"revoke.{ban.ground}.ban" if revoked is not None else "fraud_lookback"
    award = award_of(view.live, view.law, revoked.payload.award_id) if revoked is not None else None
    if ban.kind == "joint_punishment":
        path = "joint_punishment.bars"
    stated = view.law.parameter(award.enacted if award else view.law.in_force(day), path, day)
    readings = _readings_of_ban(view, ban, award.enacted if award else None, day)
    decided, told, more = view.live.by_id(ban.cause), None, dict[str, object]()
    if ban.of is not UNSET:
        passed_on = {c.predecessor: c.decision for c in carried(live, org, "bans")}[ban.of]
        decided, readings = view.live.by_id(passed_on), (*readings, "B-65/G25:default")
        on = decided.on if decided is not None else day
        told = sentence(
            "{name} is banned until {until}: the ban of {predecessor}, which it succeeds, passed on by a decision of "
            "{on}",
            name=name,
            until=ban.until,
            predecessor=view.called(ban.of),
            on=on,
        )
        more = {"of": ban.of, "passed_on_by": passed_on}
    applies = isinstance(view.payload, ApplicationFiled)
    refuse_by(
        stated,
        "banned",
        told or sentence("{name} is banned until {until}", name=name, until=ban.until),
        remedy=sentence("file after {until}", until=ban.until)
        if applies
        else sentence("the pending application is closed as inadmissible"),
        reading=", ".join(readings) or None,
        until=ban.until.isoformat(),
        cause=ban.cause,
        decided=decided,
        org=org,
        **more,
    )


def _readings_of_ban(view: View, ban: Ban, enacted: Enacted | None, day: date) -> tuple[str, ...]:
    """By what a ban begins when it does: the decision (B-17), or the act of cheating (B-60); a list says so itself."""
    match ban.kind:
        case "revocation":
            return view.law.reading(enacted, "reading.ban_runs_from", day)[1].readings
        case "lookback":
            return ("B-60:default",)
        case "joint_punishment":
            return ()


def _check_interval(view: View[ApplicationFiled], award_id: str) -> None:
    award = award_of(view.live, view.law, award_id)
    if award is None:
        raise InvariantError("an award that a guard before has found")
    # Conditions are those of the edition applied to (B-42), also after an award under an earlier text (B-28).
    current = view.enacted_for(edition_of(view.payload.case_id))
    rule = view.needs(view.law.parameter(current, f"reapply.{award.kind}", view.on))
    if not rule.stated:
        return
    stated = rule.table(ReapplyRule)
    if stated.kind == "after_months":
        first = add_months(award.granted.on, needed(stated.months))
        if view.on <= first:
            refuse_by(
                rule,
                "interval_of_months",
                sentence("may apply again after {first}", first=first),
                remedy=sentence("file after {first}", first=first),
                until=first.isoformat(),
            )
    if stated.kind == "after_expiry":
        view.needs(view.law.parameter(award.enacted, "validity", award.granted.on))
        answer = validity(view.live, view.law, award)
        if answer.is_value and view.on <= answer.value()[1]:
            last = answer.value()[1]
            refuse_by(
                rule,
                "still_valid",
                sentence("{label} is valid until {last}; a holder may apply after that", label=award.label, last=last),
                reading="B-24:default",
                remedy=sentence("file after {last}", last=last),
                until=last.isoformat(),
            )
    if stated.kind == "gap_editions":
        won, now = edition_number(view.live, award.edition), edition_number(view.live, edition_of(view.payload.case_id))
        chosen, why = view.law.reading(award.enacted, "reading.gap_editions", view.on)
        extra = 1 if chosen == "whole_editions_between" else 0
        between = needed(stated.editions) + extra
        if won is not None and now is not None and now < won + between:
            refuse_by(
                rule,
                "interval_of_editions",
                sentence(
                    "won in edition {won}; may apply again from edition {between}", won=won, between=won + between
                ),
                reading=", ".join(why.readings),
                edition_no=won + between,
            )


def supplements_undecided(view: View[ApplicationSupplemented]) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    decided = view.live.last(EligibilityDecided, case_id=p.case_id)
    if decided is not None and decided.payload.outcome != "returned":
        refuse(
            "eligibility_decided",
            "AUD",
            None,
            sentence("eligibility is decided; the file can no longer change"),
            decided=decided,
        )


def withdraws_before_the_award(view: View[ApplicationWithdrawn]) -> None:
    p = view.payload
    view.case(p.case_id)
    view.acts_for(p.org)
    if (granted := view.live.last(AwardGranted, case_id=p.case_id)) is not None:
        refuse("already_granted", "AUD", None, sentence("the award is granted"), decided=granted)
    out = view.live.last(CaseDisqualified, ApplicationWithdrawn, case_id=p.case_id)
    if out is not None and out.on <= view.on:
        refuse_departed(view, p.case_id, out)


def recommends_as_the_text_allows(view: View[RecommendationIssued]) -> None:
    p = view.payload
    view.case(p.case_id)
    kinds = view.parameter("recommender.kinds", case_id=p.case_id)
    if kinds.stated and p.recommender_kind not in kinds.words:
        refuse_by(
            kinds,
            "recommender_not_allowed",
            sentence(
                "“{recommender_kind}” may not recommend; allowed: {words}",
                recommender_kind=word(p.recommender_kind),
                words=listed(kinds.words),
            ),
        )
    if view.may_act_for(p.org):
        refuse_by(kinds, "recommends_itself", sentence("an applicant does not recommend itself"))


def covers_the_lookback(view: View[DepartmentOpinionGiven]) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    years = view.parameter("lookback", case_id=p.case_id)
    months = (years.number if years.stated else 0) * (12 if years.unit == "year" else 1)
    if years.stated and (p.period_from > add_months(filed.on, -months) or p.period_to < filed.on):
        refuse_by(
            years,
            "period_too_short",
            sentence(
                "the opinion covers the {years} {unit}s before filing on {on}",
                years=years.value,
                unit=word(str(years.unit), "unit"),
                on=filed.on,
            ),
            reading="B-12/G18:default",
        )
    if p.outcome == "adverse" and not p.incident_ids:
        refuse_by(years, "adverse_without_incident", sentence("an adverse opinion cites incidents"))
    known = {e.payload.incident_id for e in view.live.of(IncidentRecorded)}
    for incident in p.incident_ids:
        if incident not in known:
            refuse("incident_unknown", "AUD", None, sentence("incident {incident} is not recorded", incident=incident))


def repairs_where_allowed(view: View[CreditRepairConfirmed]) -> None:
    p = view.payload
    allowed = view.law.parameter(view.law.in_force(view.on), "credit_repair.allowed", view.on)
    if not allowed.yes:
        refuse_by(allowed, "repair_not_allowed", sentence("the text in force knows no credit repair"))
    incident = view.live.last(IncidentRecorded, incident_id=p.incident_id)
    if incident is None or incident.payload.org != p.org:
        name = view.called(p.org)
        refuse("incident_unknown", "AUD", None, sentence("no such incident of {name}", name=name))
    if incident.payload.category == "award_fraud":
        refuse_by(allowed, "fraud_not_repairable", sentence("cheating in an assessment is not repairable"))


def _contradicts_no_fact(view: View[EligibilityDecided]) -> None:
    """What the events themselves show as failed cannot be decided eligible; a ban since the filing closes it (B-18)."""
    p = view.payload
    for finding in findings(view.live, view.law, p.case_id):
        if finding.result == "fail":
            refuse(
                "condition_not_met",
                finding.rule,
                finding.article,
                sentence("{condition}: {detail}", condition=_not_met(finding), detail=_in_words(finding.detail)),
                remedy=sentence("decide ineligible, or record what changes the fact"),
                condition=finding.condition,
                reading="B-12/G18:default" if finding.condition == "no_bar" else None,
            )
    refuse_dissolved(view, p.case_id)
    refuse_banned(view, p.org, view.on)


def _in_words(detail: Pair) -> Pair:
    """What an examiner said; a single word of it by its name."""
    return word(detail[0])[0], word(detail[1])[1]


def _not_met(finding: Finding) -> Pair:
    """That a condition is not met; of a bar, of which kind it is."""
    called = word(finding.kind or finding.condition, "condition")
    if finding.condition == "no_bar" and finding.kind is not None:
        return sentence("there is a bar to applying ({name})", name=called)
    return sentence("the condition “{name}” is not met", name=called)


def decides_every_condition(view: View[EligibilityDecided]) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    if filed.payload.org != p.org:
        refuse("case_of_another", "AUD", None, sentence("the case is another organisation's"))
    before = view.live.last(EligibilityDecided, case_id=p.case_id)
    if before is not None and before.payload.outcome != "returned":
        refuse("eligibility_decided", "AUD", None, sentence("eligibility is already decided"), decided=before)
    conditions = view.parameter("eligibility.conditions", case_id=p.case_id)
    if conditions.stated and p.outcome != "returned":
        checked = {c.condition_id for c in p.checks}
        unchecked = [c.id for c in conditions.rows(StatedCondition) if c.id not in checked]
        if unchecked:
            refuse_by(
                conditions,
                "condition_unchecked",
                sentence("unchecked: {unchecked}", unchecked=listed(unchecked, "condition")),
            )
    if p.outcome == "eligible":
        _contradicts_no_fact(view)
    failed = [c.condition_id for c in p.checks if c.result in ("fail", "unclear")]
    if p.outcome == "eligible" and failed:
        own = next((c.rule for c in conditions.rows(StatedCondition) if c.id == failed[0]), None)
        refuse(
            "condition_failed",
            own or conditions.rule or "AUD",
            ", ".join(conditions.why.articles) or None,
            sentence(
                "conditions failed or unclear: {failed}; so it is not decided eligible",
                failed=listed(failed, "condition"),
            ),
            remedy=sentence("decide ineligible, or return the file for completion"),
        )
    if p.outcome == "ineligible" and not failed:
        refuse_by(conditions, "no_condition_failed", sentence("ineligible needs a failed condition"))
    if p.outcome == "returned" and not p.missing:
        refuse_by(conditions, "nothing_missing", sentence("a returned file names what is missing"))
