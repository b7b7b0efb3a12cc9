"""RF05 to RF09 and RF48: files that were accepted although something stood against them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from msgspec import UNSET

from ledger.derivation.answer import NotApplicable, Undetermined
from ledger.derivation.bans import earliest_reapply
from ledger.derivation.editions import edition_number
from ledger.derivation.eligibility import findings
from ledger.derivation.history import LiveEvent
from ledger.derivation.lookback import hits
from ledger.derivation.words import word
from ledger.events.after_award import AwardRevoked, IncidentRecorded, RevocationProposed
from ledger.events.application import (
    ApplicationFiled,
    ApplicationWithdrawn,
    CreditRepairConfirmed,
    DepartmentOpinionGiven,
    EligibilityDecided,
    RecommendationIssued,
)
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.notice import CaseDisqualified
from projections.flags.flag import Found, Gap, Hit, Severity, silent
from projections.flags.inspected import Inspected, before, imported, recorded_day
from projections.sentences import sentence


def accepted(v: Inspected) -> Iterator[tuple[str, LiveEvent[ApplicationFiled], LiveEvent[EligibilityDecided]]]:
    """Case, application and the decision that it is eligible."""
    for decision in v.of(EligibilityDecided, outcome="eligible"):
        filed = v.filed.get(decision.payload.case_id)
        if filed is not None and not imported(filed):
            yield decision.payload.case_id, filed, decision


def missing_recommendation(v: Inspected) -> Found:
    """RF05: recommendation missing (ZY13(5) JD一(四),五(二) HY10(1) JS四.5)."""
    kinds = v.parameter("recommender.kinds")
    if not kinds.stated:
        yield silent(kinds)
        return
    for case, filed, decision in accepted(v):
        given = [e for e in v.live.of(RecommendationIssued, case_id=case) if before(e, decision)]
        fitting = [e for e in given if e.payload.recommender_kind in kinds.words]
        if not fitting or fitting[-1].payload.outcome != "recommend":
            yield Hit(
                ("case", case),
                "H",
                decision.on,
                (decision, filed, *given[-1:]),
                *sentence("{case} was found eligible without a valid recommendation", case=case),
                case,
                v.org(case),
                articles=kinds.why.articles,
                thresholds={"recommender.kinds": list(kinds.words)},
            )


def application_out_of_window(v: Inspected) -> Found:
    """RF06: filed outside the window (ZY17(1) JD五(二) GZ17)."""
    revisions = v.known.of(EditionOpened, edition_id=v.edition)
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
        told = sentence(
            "{case} was filed on {on}, the window runs from {first} to {last}",
            case=case,
            on=filed.on,
            first=p.window_from,
            last=p.window_to,
        )
        yield Hit(
            ("case", case),
            severity,
            filed.on,
            (filed, *known[-1:], *later[:1]),
            *(sentence("{filed}; it was extended afterwards", filed=told) if later else told),
            case,
            v.org(case),
            thresholds={"window_from": p.window_from, "window_to": p.window_to},
        )


def banned_applicant_accepted(v: Inspected) -> Found:
    """RF07: accepted during a ban or waiting time (ZY24,27 HY17,19 GZ27,28,30 JS四.6)."""
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
        others = [r for r in value.reasons if r.reason != "lookback"]
        dated = [r for r in others if r.date is not UNSET and r.date > filed.on]
        numbered = [r for r in others if r.edition_no is not UNSET and number is not None and r.edition_no > number]
        for reason in [*dated, *numbered][:1]:
            causes = [
                e
                for i in answer.why.events
                if (e := then.by_id(i)) is not None
                and isinstance(e.payload, AwardGranted | AwardRevoked | IncidentRecorded | CaseDisqualified)
            ]
            until = reason.date or sentence("edition {number}", number=reason.edition_no)
            known = all(e.position < decision.position for e in causes)
            yield Hit(
                ("case", case),
                "C",
                decision.on,
                (decision, filed, *causes),
                *(
                    sentence(
                        "the applicant of {case} may apply again from {until} (known then)", case=case, until=until
                    )
                    if known
                    else sentence(
                        "the applicant of {case} may apply again from {until} (recorded later)", case=case, until=until
                    )
                ),
                case,
                v.org(case),
                articles=reason.articles,
                thresholds={"earliest": reason.date or reason.edition_no, "known_then": known},
            )


def lookback_disqualifier_ignored(v: Inspected) -> Found:
    """RF08: disqualifying fact not acted on (ZY14 JD三(三) HY7(6) GZ13(6) JS四.6)."""
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
                *sentence(
                    "{case}: the {category} of {occurred_on} disqualifies and was not acted on",
                    case=case,
                    category=word(p.category),
                    occurred_on=p.occurred_on,
                ),
                case,
                v.org(case),
                articles=(hit.article,),
                thresholds={"lookback.cure_days": cure.days},
            )


def _acted_on(v: Inspected, case: str) -> LiveEvent | None:
    """The first step that takes the case out, or its award back."""
    awards = [a for a, g in v.grants.items() if g.payload.case_id == case]
    steps: list[LiveEvent] = [*v.live.of(CaseDisqualified, ApplicationWithdrawn, case_id=case)]
    steps += [e for a in awards for e in v.live.of(RevocationProposed, AwardRevoked, award_id=a)]
    return min(steps, key=lambda e: (e.on, e.position), default=None)


def opinion_missing(v: Inspected) -> Found:
    """RF09: department opinion or credit report missing (ZY17(2) JD三(四),五(三)1 JS四.7 GZ17)."""
    wanted, credit = v.parameter("opinions.required"), v.parameter("credit_report.required")
    if not wanted.stated and not credit.stated:
        yield silent(wanted)
    for case, filed, decision in accepted(v):
        given = [e for e in v.live.of(DepartmentOpinionGiven, case_id=case) if before(e, decision)]
        if wanted.yes and not given:
            yield Hit(
                ("case", case),
                "M",
                decision.on,
                (decision,),
                *sentence("{case} was found eligible without any department's opinion", case=case),
                case,
                v.org(case),
                articles=wanted.why.articles,
            )
        if credit.yes and filed.payload.credit_report_hash is None:
            yield Hit(
                ("case", case),
                "M",
                decision.on,
                (decision, filed),
                *sentence("the file of {case} has no credit report", case=case),
                case,
                v.org(case),
                articles=credit.why.articles,
            )
        for opinion in given:
            repaired = {
                e.payload.incident_id
                for e in v.live.of(CreditRepairConfirmed, org=filed.payload.org)
                if before(e, decision)
            }
            if opinion.payload.outcome != "clear" and not set(opinion.payload.incident_ids) <= repaired:
                yield Hit(
                    ("case", case),
                    "M",
                    decision.on,
                    (decision, opinion),
                    *(
                        sentence("{case} has an adverse opinion and no confirmed repair", case=case)
                        if opinion.payload.outcome == "adverse"
                        else sentence("{case} has a repairable opinion and no confirmed repair", case=case)
                    ),
                    case,
                    v.org(case),
                    articles=(wanted if wanted.stated else credit).why.articles,
                )


def condition_failed_but_eligible(v: Inspected) -> Found:
    """RF48: found eligible against the file (ZY13 JD三 HY7 GZ13)."""
    for case, filed, decision in accepted(v):
        for finding in findings(v.live, v.law, case):
            if finding.result == "fail" and finding.condition not in ("no_bar", "recommended"):
                yield Hit(
                    ("case", case),
                    "H",
                    decision.on,
                    (decision, filed),
                    *sentence(
                        "{case} fails “{condition}” ({detail})",
                        case=case,
                        condition=word(finding.kind or finding.condition),
                        detail=(word(finding.detail[0])[0], word(finding.detail[1])[1]),
                    ),
                    case,
                    v.org(case),
                    articles=tuple(finding.article.split(", ")) if finding.article else (),
                )
