"""Guards after the award: honours, reports, incidents, misuse of title, revocation."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import get_args

from ledger.admission.object_guards import award_held_by, award_won_by
from ledger.admission.view import View, refuse, refuse_by, refuse_set_aside
from ledger.derivation.history import LiveEvent
from ledger.derivation.law import Enacted, Resolved
from ledger.derivation.lookback import SEVERITY
from ledger.derivation.setting_aside import known_ruling, overturned_revocations
from ledger.derivation.standing import award_of, validity, watch_window
from ledger.derivation.words import listed, word
from ledger.errors import InvariantError, MalformedError
from ledger.events.after_award import (
    AwardRevoked,
    AwardSetAside,
    HigherAwardRecorded,
    IncidentCategory,
    IncidentRecorded,
    PostAwardReportFiled,
    RevocationProposed,
    SanctionImposed,
    TitleMisuseFound,
)
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.evaluation import CommitteeResolutionAdopted
from ledger.events.money import FundMisuseFound
from ledger.events.notice import CaseDisqualified, ObjectionInvestigated
from ledger.events.registry import Payload
from ledger.regulation.readings import READINGS
from ledger.sentences import enumeration, sentence, term
from ledger.statement import edition_of


def records_once(view: View[HigherAwardRecorded]) -> None:
    p = view.payload
    for other in view.live.of(HigherAwardRecorded, org=p.org):
        o = other.payload
        if o.higher_award_id == p.higher_award_id or (
            (o.level, o.award_name, o.award_kind, o.won_on.year) == (p.level, p.award_name, p.award_kind, p.won_on.year)
        ):
            refuse("higher_award_exists", "AUD", None, sentence("this higher award is recorded"))


def reports_within_validity(view: View[PostAwardReportFiled]) -> None:
    p = view.payload
    award_held_by(view, p.award_id, p.org)
    view.acts_for(p.org)
    award = award_of(view.live, view.law, p.award_id)
    if award is None:
        raise InvariantError("an award that a guard before has found")
    interval = validity(view.live, view.law, award)
    if interval.is_value and not interval.value()[0] <= p.done_on <= interval.value()[1]:
        period = view.law.parameter(award.enacted, "validity", view.on)
        refuse_by(period, "outside_validity", sentence("the report lies outside the validity"))


def incident_is_determined(view: View[IncidentRecorded]) -> None:
    p = view.payload
    if p.determined_on < p.occurred_on:
        refuse("incident_unsound", "AUD", None, sentence("determined before it occurred"))
    if max(p.occurred_on, p.determined_on) > view.on:
        refuse(
            "incident_unsound",
            "AUD",
            None,
            sentence("occurred and was determined by the day it is recorded for"),
        )
    if view.live.of(IncidentRecorded, incident_id=p.incident_id):
        refuse("incident_exists", "AUD", None, sentence("incident {incident_id} exists", incident_id=p.incident_id))


def misuse_is_forbidden(view: View[TitleMisuseFound]) -> None:
    p = view.payload
    enacted = view.law.in_force(view.on)
    if p.award_id is not None:
        view.award(p.award_id)
        award = award_of(view.live, view.law, p.award_id)
        enacted = award.enacted if award else enacted
    forbidden = view.law.parameter(enacted, "title_use.forbidden", view.on)
    if not forbidden.stated or p.kind not in forbidden.words:
        called = word(p.kind, "forbidden")
        refuse_by(forbidden, "use_not_forbidden", sentence("the text does not forbid “{name}”", name=called))


def sanctions_on_facts(view: View[SanctionImposed]) -> None:
    missing = [e for e in view.payload.facts if e not in view.named]
    if missing or not view.payload.facts:
        refuse("facts_missing", "AUD", None, sentence("the facts are cited by event id"))
    _measure_is_in_the_text(view)


#: Measures that other law gives: referral is never refused for want of a clause here.
_REFERRALS = frozenset({"referred_employer", "referred_discipline", "referred_judicial"})


#: Events that find something wrong.
_FINDINGS = (
    FundMisuseFound,
    TitleMisuseFound,
    IncidentRecorded,
    ObjectionInvestigated,
    AwardRevoked,
    RevocationProposed,
)


def _measure_is_in_the_text(view: View[SanctionImposed]) -> None:
    p = view.payload
    enacted = _text_of_facts(view) or view.law.in_force(view.on)
    if p.measure in _REFERRALS or enacted is None:
        return
    stated: Resolved
    if p.subject_kind in ("reviewer", "staff", "agency"):
        stated = view.law.parameter(enacted, "reviewer.measures", view.on)
        allowed = set(stated.words) if stated.stated else None
    else:
        stated = view.law.parameter(enacted, "fund_misuse.measures", view.on)
        allowed = set(stated.words) if stated.stated else None
        credit = [view.law.parameter(enacted, f"revoke.{g}.credit_record", view.on) for g in _grounds(view)]
        if p.measure == "credit_record":
            stated = next(iter(credit), stated)
            allowed = {"credit_record"} if any(c.yes for c in credit) else set()
    found = any(isinstance(view.named[f].payload, _FINDINGS) for f in p.facts)
    called = word(p.measure, "measure")
    if p.subject_kind == "organisation" and not found:
        refuse_by(
            stated,
            "finding_missing",
            sentence("“{name}” of an organisation rests on a finding", name=called),
            remedy=sentence(
                "cite a finding: {findings}", findings=enumeration((f.SPEC.zh, f.SPEC.en) for f in _FINDINGS)
            ),
        )
    if p.measure == "per_rules" and not view.statement.basis:
        refuse_by(
            stated,
            "basis_missing",
            sentence("a measure by other rules names them"),
        )
    if allowed is not None and p.measure not in allowed | {"per_rules"}:
        refuse_by(
            stated,
            "measure_not_in_text",
            sentence("the text has {allowed}, not “{name}”", allowed=listed(sorted(allowed), "measure"), name=called)
            if allowed
            else sentence("the text has no “{name}”", name=called),
            reading=_reading_of_measure(enacted, p.measure, stated),
            remedy=sentence("use a measure of the text, or “by other rules” with the other rule as basis"),
        )


def _reading_of_measure(enacted: Enacted, measure: str, stated: Resolved) -> str | None:
    """By what the measure is none of the text's: of the credit file a reading of its own says so (B-70)."""
    credit = READINGS["reading.credit_entry"]
    if measure == "credit_record" and credit.concerns(enacted.pack.id):
        return f"{credit.ids}:default"
    return ", ".join(stated.why.readings) or None


def _text_of_facts(view: View[SanctionImposed]) -> Enacted | None:
    """The text of the award that the cited facts are about."""
    for fact in view.payload.facts:
        award_id = getattr(view.named[fact].payload, "award_id", None)
        award = award_of(view.live, view.law, award_id) if award_id else None
        if award is not None:
            return award.enacted
    return None


def _grounds(view: View[SanctionImposed]) -> list[str]:
    """Grounds of the revocations among the cited facts."""
    facts = [view.named[f] for f in view.payload.facts]
    return [f.payload.ground for f in facts if isinstance(f.payload, AwardRevoked | RevocationProposed)]


def ground_is_in_the_text(view: View[RevocationProposed | AwardRevoked]) -> None:
    p = view.payload
    granted = award_won_by(view, p.award_id, p.org)
    if (revoked := view.live.last(AwardRevoked, award_id=p.award_id)) is not None:
        refuse("already_revoked", "AUD", None, sentence("the award is already revoked"), decided=revoked)
    refuse_set_aside(view, p.award_id, p.effective_on if isinstance(p, AwardRevoked) else None)
    if isinstance(p, AwardRevoked) and p.effective_on < granted.payload.granted_on and not view.is_import:
        refuse(
            "revocation_unsound",
            "AUD",
            None,
            sentence(
                "the award was granted on {granted_on}; a revocation takes effect after it, or from the start",
                granted_on=granted.payload.granted_on,
            ),
            field="effective_on",
        )
    enacted = view.enacted_for(granted.payload.case_id.rpartition("/")[0])
    if enacted is None or enacted.pack.status == "legacy_stub":
        return
    if enacted.pack.status == "interpretation_only":
        view.needs(view.law.parameter(enacted, f"revoke.{p.ground}.steps", view.on))
        return
    if p.ground not in enacted.pack.grounds:
        steps = [view.law.parameter(enacted, f"revoke.{g}.steps", view.on) for g in enacted.pack.grounds]
        given = [view.law.about_ground(enacted, g, view.on) for g in enacted.pack.grounds]
        called = listed(enacted.pack.grounds, "ground")
        refuse(
            "ground_not_in_text",
            next((s.rule for s in steps if s.rule), "AUD"),
            ", ".join(dict.fromkeys(article for why in given for article in why.articles)) or None,
            sentence(
                "the text knows the grounds {known}, not {ground}",
                known=called,
                ground=word(p.ground, "ground"),
            ),
            remedy=sentence("name a ground of the text"),
        )


def proposes_on_facts(view: View[RevocationProposed]) -> None:
    p = view.payload
    missing = [fact for fact in p.facts if fact not in view.named]
    if missing or not p.facts:
        refuse(
            "facts_missing",
            "AUD",
            None,
            sentence("a proposal cites the facts by event id"),
            remedy=sentence(
                "record the determination first: an incident, an investigated objection, or a check after the award"
            ),
        )


_OF_QUALITY: frozenset[IncidentCategory] = frozenset(
    {"quality_problem", "spot_check_failure", "export_claim", "service_quality", "major_complaint"}
)
#: What an "other" violation is not: the accidents and losses that the same article gives grounds of their own.
_UNLAWFUL: frozenset[IncidentCategory] = frozenset(get_args(IncidentCategory)) - {"accident", "loss_year"}

#: Ground -> the findings that can be a fact of it, by the words of ZY24, JD七(二) and 七(五), HY19 and 20, GZ28 and 30.
#: A ground that is not here says what came of the facts and not what they are (社会影响, 其他重大事项), or is a text's own.
#: Of "other" the category says nothing, so it may be what any ground but an accident means.
_FACTS_OF: Mapping[str, frozenset[IncidentCategory]] = {
    "fraud": frozenset({"award_fraud", "other"}),
    "accident": frozenset({"accident"}),
    "quality_problem": _OF_QUALITY | {"accident", "violation", "other"},
    "severe_loss": frozenset({"loss_year", "other"}),
    "tax": frozenset({"tax_dishonesty", "joint_punishment", "other"}),
    "violation": _UNLAWFUL,
    "discipline": _UNLAWFUL,
}
#: So many findings of a ground are listed in a sentence.
_FEW = 8
#: Grounds of which a misuse of prize or title can be a fact: both break rules of the texts themselves.
_OF_MISUSE = frozenset({"violation", "discipline"})


def _serves(fact: Payload, ground: str) -> bool:
    """Can this be a fact of the ground? What an investigation or a check has looked at may be of any."""
    allowed = _FACTS_OF.get(ground)
    if allowed is None:
        return True
    match fact:
        case IncidentRecorded():
            return fact.category in allowed
        case FundMisuseFound() | TitleMisuseFound():
            return ground in _OF_MISUSE
        case _:
            return True


def facts_are_of_the_ground(view: View[RevocationProposed | CaseDisqualified]) -> None:
    """What is proposed rests on a fact of its ground: an accident is no fraud, however it was proposed before."""
    p = view.payload
    facts = [view.named[f].payload for f in p.facts if f in view.named]
    if view.is_import or not facts or any(_serves(fact, p.ground) for fact in facts):
        return
    case_id = p.case_id if isinstance(p, CaseDisqualified) else view.award(p.award_id).payload.case_id
    enacted = view.enacted_for(edition_of(case_id))
    kinds = [f.category if isinstance(f, IncidentRecorded) else f.SPEC.topic for f in facts]
    ground, cited = word(p.ground, "ground"), listed(dict.fromkeys(kinds), "category")
    allowed = sorted(_FACTS_OF[p.ground])
    fits = listed(allowed, "category")
    # Where nearly all would do, to list them says less than what was cited.
    few = sentence(", which rests on: {fits}", fits=fits) if len(allowed) <= _FEW else ("", "")
    refuse(
        "facts_of_another_ground",
        view.law.parameter(enacted, f"revoke.{p.ground}.steps", view.on).rule or "AUD",
        ", ".join(view.law.about_ground(enacted, p.ground, view.on).articles) or None,
        sentence(
            "what is cited ({cited}) is no fact of the ground “{name}”{few}",
            cited=cited,
            name=ground,
            few=few,
        ),
        remedy=sentence("cite a finding that the ground is about, or name the ground that the fact is of"),
        field="facts",
        ground=p.ground,
    )


def revokes_step_by_step(view: View[AwardRevoked]) -> None:
    """The steps of the text; where it names none, the conferring government on the office's proposal (B-61)."""
    p = view.payload
    award = award_of(view.live, view.law, p.award_id)
    if award is None or view.is_import:
        return
    if any(undone.decision_id == p.decision_id for undone in overturned_revocations(view.live, p.award_id)):
        refuse(
            "decision_overturned",
            "AUD",
            None,
            sentence("the revocation under this decision was overturned; another needs a decision of its own"),
            field="decision_id",
        )
    stated = view.law.parameter(award.enacted, f"revoke.{p.ground}.steps", view.on)
    steps = stated.words if stated.stated else ("office_request", "government_decision")
    _, reading = view.law.reading(award.enacted, "reading.revoking_body", view.on)
    for step in steps:
        if _revocation_step(view, step, award.granted.payload.case_id, steps) is None:
            called = _REVOCATION_STEPS[step]
            refuse_by(
                stated,
                "revocation_step_missing",
                sentence("{name} is missing", name=called),
                step=step,
                remedy=sentence("record {name} first", name=called),
                reading=None if stated.stated else ", ".join(reading.readings),
            )
    done = [(step, e) for step in steps if (e := _revocation_step(view, step, award.granted.payload.case_id, steps))]
    for (step, earlier), (other, later) in pairwise(done):
        if earlier.on > later.on:
            called, then = _REVOCATION_STEPS[step], _REVOCATION_STEPS[other]
            refuse_by(
                stated,
                "revocation_steps_out_of_order",
                sentence(
                    "{name} ({on}) comes before {then} ({then_on})",
                    name=called,
                    on=earlier.on,
                    then=then,
                    then_on=later.on,
                ),
                remedy=sentence("record {then} anew, on {name}", then=then, name=called),
                reading=None if stated.stated else ", ".join(reading.readings),
            )


_REVOCATION_STEPS = {
    "office_request": sentence("the office's finding and request"),
    "committee_resolution": sentence("the committee's resolution to cancel"),
    "government_decision": term("of a revocation", "the government's decision"),
}


def _revocation_step(view: View[AwardRevoked], step: str, case_id: str, steps: Sequence[str]) -> LiveEvent | None:
    """The act by which a step towards a revocation was done: of several the first; of decisions the one it rests on.

    Where the government has no part in it, it rests on the committee's resolution. A request on another ground is none
    for this one: nobody has looked into it.
    """
    p = view.payload
    match step:
        case "office_request":
            return next(iter(view.live.of(RevocationProposed, award_id=p.award_id, ground=p.ground)), None)
        case "committee_resolution":
            adopted = view.live.of(CommitteeResolutionAdopted, subject="revocation_proposal")
            own = [e for e in adopted if any(item.case == case_id for item in e.payload.approved)]
            if "government_decision" not in steps:
                own = [e for e in own if e.payload.resolution_id == p.decision_id]
            return next(iter(own), None)
        case _:
            decision = view.live.last(GovernmentDecisionMade, decision_id=p.decision_id, subject="revocation")
            approved = decision is not None and any(i.award_id == p.award_id for i in decision.payload.approved)
            return decision if approved else None


def fact_lies_in_the_window(view: View[RevocationProposed]) -> None:
    p = view.payload
    award = award_of(view.live, view.law, p.award_id)
    if award is None or award.enacted is None:
        return
    window = view.law.parameter(award.enacted, f"revoke.{p.ground}.window", view.on)
    if not window.stated or window.text != "watch_window":
        return
    watch = view.law.parameter(award.enacted, "watch_window", view.on)
    interval = watch_window(view.live, view.law, award)
    if not interval.is_value:
        return
    start, end = interval.value()
    cited = [e.payload for e in (view.named.get(f) for f in p.facts) if e is not None]
    incidents = [i for i in cited if isinstance(i, IncidentRecorded)]
    within = [i for i in incidents if start <= i.occurred_on <= end]
    if incidents and not within:
        refuse_by(
            watch,
            "fact_outside_window",
            sentence(
                "occurred on {occurred_on}, outside {start} to {end}",
                occurred_on=incidents[0].occurred_on,
                start=start,
                end=end,
            ),
            reading="B-11:default",
        )
    if p.ground == "accident":
        _an_accident_suffices(view, award.enacted, [i for i in within if i.category == "accident"])


def _an_accident_suffices(view: View, enacted: Enacted, accidents: Sequence[IncidentRecorded]) -> None:
    """One of several that is of the kind and grave enough; where none is, the first says why."""
    smallest = view.law.parameter(enacted, "revoke.accident_min", view.on)
    fields = view.law.parameter(enacted, "revoke.accident_fields", view.on)
    least = SEVERITY.index(smallest.text) if smallest.stated else 0
    for accident in accidents:
        grave = accident.severity != "na" and SEVERITY.index(accident.severity) >= least
        if grave and (not fields.stated or accident.domain in fields.words):
            return
    for accident in accidents[:1]:
        _accident_is_of_the_kind(view, enacted, accident)
        refuse_by(
            smallest,
            "accident_too_small",
            sentence(
                "severity “{severity}” is below “{text}”", severity=word(accident.severity), text=word(smallest.text)
            ),
        )


def facts_are_grave_enough(view: View[RevocationProposed]) -> None:
    """Where the text revokes for what is grave, something that was determined to be general does not carry it; losses
    run for as many years as it says.
    """
    p = view.payload
    award = award_of(view.live, view.law, p.award_id)
    incidents = [e.payload for e in (view.named.get(f) for f in p.facts) if e is not None]
    found = [i for i in incidents if isinstance(i, IncidentRecorded)]
    if award is None or view.is_import or not found or len(found) < len(incidents):
        return
    called = word(p.ground, "ground")
    grave = view.law.parameter(award.enacted, f"revoke.{p.ground}.grave", view.on)
    if grave.yes and all(i.severity == "general" for i in found):
        refuse_by(
            grave,
            "fact_not_grave",
            sentence(
                "the ground “{name}” is about what is grave; what is cited was determined to be general", name=called
            ),
            remedy=sentence("cite a finding that says so"),
            field="facts",
        )
    running = view.law.parameter(award.enacted, "revoke.loss_years", view.on)
    losses = {i.occurred_on.year for i in found if i.category == "loss_year"}
    if p.ground == "severe_loss" and running.stated and losses and _in_a_row(losses) < running.number:
        refuse_by(
            running,
            "losses_not_running",
            sentence(
                "losses of {number} years in a row revoke; cited are those of {losses}",
                number=running.number,
                losses=_years(losses),
            ),
            remedy=sentence("cite the losses of each of the years"),
            field="facts",
        )


def _in_a_row(years: Collection[int]) -> int:
    """The most years of these that follow one another."""
    return max(next(n for n in itertools.count() if year + n not in years) for year in years)


def _years(years: Collection[int]) -> str:
    return ", ".join(str(year) for year in sorted(years))


def sets_aside_a_standing_award(view: View[AwardSetAside]) -> None:
    """A ruling ends an award once; what it says of its own days has to fit the award's (B-91)."""
    p = view.payload
    granted = award_won_by(view, p.award_id, p.org).payload
    if granted.decision_id != p.decision_id:
        refuse(
            "decision_differs",
            "AUD",
            None,
            sentence("the award was granted under decision {decision_id}", decision_id=granted.decision_id),
            field="decision_id",
        )
    revoked = view.live.last(AwardRevoked, award_id=p.award_id)
    if revoked is not None and not _reaches_behind(p, revoked.payload):
        refuse(
            "already_revoked",
            "AUD",
            None,
            sentence("the award was revoked before that day; a ruling about the revocation annuls that entry"),
            decided=revoked,
            field="from_on",
        )
    if (ruling := known_ruling(view.live, p.award_id)) is not None:
        refuse(
            "award_set_aside",
            "AUD",
            None,
            sentence(
                "{body}, {ruling_no}, has set the award aside already",
                body=ruling.payload.body,
                ruling_no=ruling.payload.ruling_no,
            ),
            decided=ruling,
        )
    _says_its_days(p, granted.granted_on, view.on)


def _accident_is_of_the_kind(view: View, enacted: Enacted, incident: IncidentRecorded) -> None:
    """An accident whose severity is determined, and in a field that the text names where its list is closed (B-59)."""
    if incident.severity == "na":
        refuse(
            "accident_not_determined",
            "AUD",
            None,
            sentence("the severity of the accident is not determined"),
            remedy=sentence("record the incident with the severity that was determined"),
        )
    fields = view.law.parameter(enacted, "revoke.accident_fields", view.on)
    if fields.stated and incident.domain not in fields.words:
        called = listed(fields.words, "domain")
        refuse_by(
            fields,
            "accident_of_another_field",
            sentence(
                "the text names accidents in these fields: {name}; not in “{domain}”",
                name=called,
                domain=word(incident.domain, "domain"),
            ),
        )


def _reaches_behind(ruling: AwardSetAside, revoked: AwardRevoked) -> bool:
    """Does the ruling end the award before the revocation did?"""
    if ruling.void_from == "origin":
        return True
    return revoked.void_from == "effective" and ruling.from_on is not None and ruling.from_on <= revoked.effective_on


def _says_its_days(p: AwardSetAside, granted_on: date, on: date) -> None:
    if (p.void_from == "date") != (p.from_on is not None):
        raise MalformedError(
            "malformed_payload",
            sentence("a day is stated where the award is set aside from that day on, and not from the start"),
            field="from_on",
        )
    if not granted_on <= p.ruled_on <= on:
        refuse(
            "ruling_unsound",
            "AUD",
            None,
            sentence("a ruling is given after the award, and by the day it is recorded for"),
            field="ruled_on",
        )
    if p.from_on is not None and p.from_on <= granted_on:
        refuse(
            "ruling_unsound",
            "AUD",
            None,
            sentence("an award that ends on or before the day it was granted is void from the start"),
            field="from_on",
        )
