"""RF29 to RF32, RF34, RF47 and RF49: what has to follow an award, a misuse and a revocation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.derivation.answer import NotApplicable, Undetermined
from ledger.derivation.bans import bans
from ledger.derivation.history import LiveEvent
from ledger.derivation.lookback import SEVERITY
from ledger.derivation.owed_back import expected_clawback, standing_orders
from ledger.derivation.setting_aside import overturned_revocations
from ledger.derivation.standing import Award, award_of, watch_window
from ledger.derivation.words import listed, word
from ledger.events.after_award import (
    AwardRevoked,
    AwardSetAside,
    IncidentRecorded,
    RevocationProposed,
    SanctionImposed,
    TitleMisuseFound,
)
from ledger.events.decision import AnnouncementPublished, AwardGranted, GovernmentDecisionMade
from ledger.events.money import ClawbackOrdered, ClawbackWaived, FundMisuseFound, FundUseReported, PostAwardCheckHeld
from ledger.events.oversight import OversightFindingIssued
from ledger.regulation.stated import Absence
from projections.duties import Duty, duties_of
from projections.flags.flag import Found, Gap, Hit, Severity, silent
from projections.flags.inspected import Inspected, before, imported, recorded_day
from projections.labels import called
from projections.oversight import finding_state
from projections.sentences import sentence, term


def _awards(v: Inspected) -> Iterator[tuple[str, LiveEvent[AwardGranted], Award]]:
    for award_id, grant in v.grants.items():
        award = award_of(v.live, v.law, award_id)
        if award is not None:
            yield award_id, grant, award


def misuse_without_follow_up(v: Inspected) -> Found:
    """RF29: misuse without follow-up (ZY23,29 JD七(四) HY13,15 JS四.9 GZ23,26,33)."""
    days = v.audit("follow_up_days")
    orgs = {g.payload.org for g in v.grants.values()}
    found = [e for e in v.live.of(FundMisuseFound, TitleMisuseFound) if _about(v, e, orgs)]
    for misuse in found:
        deadline = misuse.on + timedelta(days=days)
        if v.live.on <= deadline or any(e.on <= deadline for e in _answers(v, misuse)):
            continue
        p = misuse.payload
        path = "fund_misuse.measures" if isinstance(p, FundMisuseFound) else "title_use.forbidden"
        yield Hit(
            ("org", p.org),
            "H",
            deadline + timedelta(days=1),
            (misuse,),
            *sentence(
                "{misuse} of {org} ({on}): nothing followed within {days} days",
                misuse=called(p),
                org=p.org,
                on=misuse.on,
                days=days,
            ),
            org=p.org,
            award=p.award_id,
            articles=v.parameter(path, misuse.on).why.articles,
            thresholds={"follow_up_days": days},
        )


def _about(v: Inspected, misuse: LiveEvent[FundMisuseFound | TitleMisuseFound], orgs: set[str]) -> bool:
    award = misuse.payload.award_id
    return award in v.grants if award is not None else misuse.payload.org in orgs


def _answers(v: Inspected, misuse: LiveEvent[FundMisuseFound | TitleMisuseFound]) -> list[LiveEvent]:
    p = misuse.payload
    cited: list[LiveEvent] = [e for e in v.live.of(SanctionImposed, RevocationProposed) if misuse.id in e.payload.facts]
    cited += [e for e in v.live.of(AnnouncementPublished) if misuse.id in e.payload.about]
    cited += [e for e in v.live if misuse.id in e.recorded.statement.causes]
    if isinstance(p, FundMisuseFound):
        cited += [e for e in v.live.of(ClawbackOrdered, award_id=p.award_id, reason="fund_misuse") if before(misuse, e)]
    return cited


def measure_not_allowed(v: Inspected) -> Found:
    """RF30: measure without a basis (JS四.9(§23) HY20 GZ30 (G05, G06))."""
    orgs = {g.payload.org for g in v.grants.values()}
    for sanction in v.live.of(SanctionImposed):
        p = sanction.payload
        facts = [f for i in p.facts if (f := v.live.recorded(i)) is not None]
        own = any(
            f"ed:{v.edition}" in f.statement.tags or any(f"a:{a}" in f.statement.tags for a in v.grants) for f in facts
        )
        if not own and not (p.subject in orgs and p.subject_kind == "organisation"):
            continue
        people = p.subject_kind in ("reviewer", "staff", "agency")
        stated = v.parameter("reviewer.measures" if people else "fund_misuse.measures", sanction.on)
        allowed = set(stated.words) if stated.stated else None
        if p.measure == "credit_record":
            grounds = [
                f.statement.payload.ground
                for f in facts
                if isinstance(f.statement.payload, AwardRevoked | RevocationProposed)
            ]
            credit = [v.parameter(f"revoke.{g}.credit_record", sanction.on) for g in grounds]
            allowed = {"credit_record"} if any(c.yes for c in credit) else set()
        if allowed is not None and p.measure not in allowed | _OTHER_LAW:
            yield Hit(
                ("org" if not people else "person", p.subject),
                "H",
                sanction.on,
                (sanction,),
                *sentence("{measure} of {subject} is not in the text", measure=word(p.measure), subject=p.subject),
                org=None if people else p.subject,
                person=p.subject if people else None,
                articles=stated.why.articles,
                thresholds={"measures": sorted(allowed)},
            )
    yield from _clawbacks(v)


#: Measures that other law gives.
_OTHER_LAW = frozenset({"per_rules", "referred_employer", "referred_discipline", "referred_judicial"})


def _clawbacks(v: Inspected) -> Found:
    for order in v.of(ClawbackOrdered):
        p = order.payload
        if p.reason == "overpaid" or p.award_id not in v.grants:
            continue
        called = word(p.reason, "reason")
        if order not in standing_orders(v.live, v.law, p.award_id):
            problem = sentence("the ground “{name}” it rests on was annulled", name=called)
            yield _unfounded(order, None, problem, ())
            continue
        revoked = v.live.last(AwardRevoked, award_id=p.award_id)
        path = "fund_misuse.clawback"
        if p.reason != "fund_misuse":
            path = f"revoke.{revoked.payload.ground}.clawback" if revoked else ""
        stated = v.parameter(path, order.on) if path else None
        if stated is not None and stated.absence is Absence.UNKNOWN:
            yield Gap(("award", p.award_id), stated.undetermined())
        elif stated is None or not stated.stated or not stated.value:
            problem = sentence("“{name}” has no basis in the text", name=called)
            yield _unfounded(order, revoked, problem, stated.why.articles if stated else ())
    for waived in v.of(ClawbackWaived):
        if not waived.recorded.statement.basis:
            yield Hit(
                ("award", waived.payload.award_id),
                "H",
                waived.on,
                (waived,),
                *sentence("waived without a basis"),
                org=waived.payload.org,
                award=waived.payload.award_id,
            )


def _unfounded(
    order: LiveEvent[ClawbackOrdered], revoked: LiveEvent | None, problem: tuple[str, str], articles: tuple[str, ...]
) -> Hit:
    p = order.payload
    return Hit(
        ("award", p.award_id),
        "H",
        order.on,
        (order, revoked) if revoked is not None else (order,),
        *sentence(
            "the clawback {clawback_id} from {award_id}: {problem}",
            clawback_id=p.clawback_id,
            award_id=p.award_id,
            problem=problem,
        ),
        org=p.org,
        award=p.award_id,
        articles=articles,
    )


def ground_not_acted_on(v: Inspected) -> Found:
    """RF31: ground of revocation not acted on (ZY24 JD七(二),七(五) HY19,20 GZ28,30)."""
    days = v.audit("follow_up_days")
    for award_id, grant, award in _awards(v):
        if award.void:
            continue
        proposed = v.live.of(RevocationProposed, award_id=award_id)
        for incident in v.live.of(IncidentRecorded, org=award.org):
            yield from _unanswered(v, award, incident, days)
        for proposal in proposed:
            deadline = proposal.on + timedelta(days=days)
            decided = [
                d
                for d in v.live.of(GovernmentDecisionMade, subject="revocation")
                if award_id in {*(i.award_id for i in d.payload.approved), *d.payload.rejected_awards}
            ]
            revoked = v.live.of(AwardRevoked, award_id=award_id)
            if v.live.on > deadline and not any(e.on <= deadline for e in (*decided, *revoked)):
                yield Hit(
                    ("award", award_id),
                    "H",
                    deadline + timedelta(days=1),
                    (proposal, grant),
                    *sentence(
                        "{award_id}: no decision within {days} days of the proposal", award_id=award_id, days=days
                    ),
                    grant.payload.case_id,
                    award.org,
                    award=award_id,
                    articles=v.parameter("revoke.decided_by", proposal.on).why.articles,
                    thresholds={"follow_up_days": days},
                )


def _unanswered(v: Inspected, award: Award, incident: LiveEvent[IncidentRecorded], days: int) -> Found:
    p = incident.payload
    ground = _ground(v, incident)
    if ground is None or not p.responsible:
        return
    window = watch_window(v.live, v.law, award)
    unlimited = v.parameter(f"revoke.{ground}.window", incident.on)
    if not (unlimited.stated and unlimited.text == "unlimited"):
        if isinstance(window.result, Undetermined):
            yield Gap(("award", award.award_id), window.result)
        if not window.is_value or not window.value()[0] <= p.occurred_on <= window.value()[1]:
            return
    start = max(recorded_day(incident), incident.on, award.granted.on)
    deadline = start + timedelta(days=days)
    answered: list[LiveEvent] = [
        e for e in v.live.of(RevocationProposed, AwardRevoked, award_id=award.award_id) if e.on <= deadline
    ]
    answered += [
        e
        for e in v.live.of(PostAwardCheckHeld, award_id=award.award_id, outcome="maintained")
        if start <= e.on <= deadline
    ]
    if v.live.on > deadline and not answered and p.occurred_on >= award.granted.payload.granted_on:
        yield Hit(
            ("award", award.award_id),
            "H",
            deadline + timedelta(days=1),
            (incident, award.granted),
            *sentence(
                "the {category} of {org} ({occurred_on}) is a ground of revocation; nothing followed within {days} "
                "days",
                category=word(p.category),
                org=award.org,
                occurred_on=p.occurred_on,
                days=days,
            ),
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


def _ground(v: Inspected, incident: LiveEvent[IncidentRecorded]) -> str | None:
    ground = _GROUND_OF.get(incident.payload.category)
    if ground is None or v.enacted is None or ground not in v.enacted.pack.grounds:
        return None
    if ground == "accident":
        least = v.parameter("revoke.accident_min", incident.on)
        if not least.stated or SEVERITY.index(incident.payload.severity) < SEVERITY.index(least.text):
            return None
    return ground


def revocation_incomplete(v: Inspected) -> Found:
    """RF32: revocation not carried out (ZY24 JD七(二),七(五) HY19,20 GZ28,30)."""
    days = v.audit("revocation.settle_days")
    for award_id, grant, award in _awards(v):
        yield from _decided_and_not_revoked(v, award, days)
        if award.set_aside is not None:
            yield from _after_a_ruling(v, award, award.set_aside, days)
        if award.revoked is None:
            continue
        deadline = award.revoked.payload.effective_on + timedelta(days=days)
        rows = duties_of(v.live, v.law, award_id)
        for row in rows if v.live.on > deadline else ():
            if row.period == "revocation" and not _settled(v, award, row, deadline):
                called = _CONSEQUENCES[row.duty]
                yield Hit(
                    ("award", award_id),
                    "H",
                    deadline + timedelta(days=1),
                    (award.revoked,),
                    *sentence(
                        "{award_id}: {name} not done {days} days after the revocation",
                        award_id=award_id,
                        name=called,
                        days=days,
                    ),
                    grant.payload.case_id,
                    award.org,
                    award=award_id,
                    articles=row.article,
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
                *sentence(
                    "{award_id}: the document bans until {stated}, the text until {derived}",
                    award_id=award_id,
                    stated=stated,
                    derived=derived or term("of a ban", "no day"),
                ),
                grant.payload.case_id,
                award.org,
                award=award_id,
                articles=v.parameter(f"revoke.{award.revoked.payload.ground}.ban", award.revoked.on).why.articles,
            )


def _decided_and_not_revoked(v: Inspected, award: Award, days: int) -> Found:
    """The last decision about an award revokes it, and no revocation followed."""
    award_id = award.award_id
    about = [
        d
        for d in v.live.of(GovernmentDecisionMade, subject="revocation")
        if award_id in {*(i.award_id for i in d.payload.approved), *d.payload.rejected_awards}
    ]
    if not about or award_id in about[-1].payload.rejected_awards or v.live.known_of(AwardRevoked, award_id=award_id):
        return
    decision = about[-1].payload.decision_id
    if any(undone.decision_id == decision for undone in overturned_revocations(v.live, award_id)):
        return
    deadline = about[-1].payload.decided_on + timedelta(days=days)
    if v.live.on > deadline and not award.void:
        yield Hit(
            ("award", award_id),
            "H",
            deadline + timedelta(days=1),
            (about[-1], award.granted),
            *sentence(
                "{award_id}: to be revoked by the decision of {decided_on}; {days} days later no revocation is "
                "recorded",
                award_id=award_id,
                decided_on=about[-1].payload.decided_on,
                days=days,
            ),
            award.granted.payload.case_id,
            award.org,
            award=award_id,
            articles=v.parameter("revoke.decided_by", about[-1].on).why.articles,
            thresholds={"revocation.settle_days": days},
        )


def _after_a_ruling(v: Inspected, award: Award, ruling: LiveEvent[AwardSetAside], days: int) -> Found:
    """What was paid is owed back where a reading says so; where none does, nobody can say (B-91)."""
    owed = expected_clawback(v.live, v.law, award)
    if isinstance(owed.result, Undetermined):
        yield Gap(("award", award.award_id), owed.result)
        return
    ordered = sum(o.payload.amount for o in standing_orders(v.live, v.law, award.award_id))
    deadline = ruling.on + timedelta(days=days)
    if v.live.on > deadline and ordered < owed.value():
        yield Hit(
            ("award", award.award_id),
            "H",
            deadline + timedelta(days=1),
            (ruling,),
            *sentence(
                "{award_id}: the clawback not done {days} days after the ruling that set it aside",
                award_id=award.award_id,
                days=days,
            ),
            award.granted.payload.case_id,
            award.org,
            award=award.award_id,
            articles=owed.why.articles,
            thresholds={"revocation.settle_days": days},
        )


_CONSEQUENCES = {
    "return": sentence("return of the items"),
    "publish": sentence("publication"),
    "credit_record": sentence("entry in credit record"),
    "clawback": sentence("the clawback ordered"),
}


def _settled(v: Inspected, award: Award, row: Duty, deadline: date) -> bool:
    """Done by the deadline; a clawback is RF33's once it is ordered."""
    done = row.fulfilled_by
    if row.state in ("undetermined", "nothing_due"):
        return True
    if row.duty == "clawback":
        orders = standing_orders(v.live, v.law, award.award_id)
        return row.state == "fulfilled" or any(order.on <= deadline for order in orders)
    return row.state in ("fulfilled", "late") and all(
        e.on <= deadline for i in done if (e := v.live.by_id(i)) is not None
    )


def _ban_end(v: Inspected, award: Award) -> date | None:
    answer = bans(v.live, v.law, award.org)
    own = [b.until for b in answer.value().bans if b.award_id == award.award_id] if answer.is_value else []
    return max(own, default=None)


def duty_overdue(v: Inspected) -> Found:
    """RF34: duty after the award overdue (ZY28 JS四.2 GZ24,25 JD七(一))."""
    weights: dict[str, Severity] = {"annual_report": "M", "reassessment": "H"}
    for award_id, grant, award in _awards(v):
        for row in duties_of(v.live, v.law, award_id):
            if row.state == "overdue" and row.due is not None:
                yield Hit(
                    ("award", award_id),
                    weights.get(row.duty, "L"),
                    row.due + timedelta(days=1),
                    (grant,),
                    *sentence(
                        "{award_id}: {duty} ({period}) was due on {due}",
                        award_id=award_id,
                        duty=word(row.duty),
                        period=word(row.period),
                        due=row.due,
                    ),
                    grant.payload.case_id,
                    award.org,
                    award=award_id,
                    articles=row.article,
                    thresholds={"due": row.due},
                )
    for issued in v.of(OversightFindingIssued):
        if finding_state(v.live, v.law, issued.payload.finding_id).value().state == "overdue":
            name = issued.payload.finding_id
            yield Hit(
                ("finding", name),
                "M",
                issued.payload.answer_due + timedelta(days=1),
                (issued,),
                *sentence("finding {name} is not answered", name=name),
                thresholds={"due": issued.payload.answer_due},
            )


def spending_outside_purposes(v: Inspected) -> Found:
    """RF47: spending outside the purposes (ZY23 HY13 GZ26)."""
    purposes = v.parameter("fund_use.categories")
    if not purposes.stated:
        yield silent(purposes)
        return
    for report in v.of(FundUseReported):
        outside = [i.category for i in report.payload.items if i.category not in purposes.words and i.amount]
        if outside:
            p = report.payload
            yield Hit(
                ("award", p.award_id),
                "M",
                report.on,
                (report,),
                *sentence("{award_id}: {spent} is none of the purposes", award_id=p.award_id, spent=listed(outside)),
                org=p.org,
                award=p.award_id,
                articles=purposes.why.articles,
                thresholds={"fund_use.categories": list(purposes.words)},
            )


def ground_outside_window(v: Inspected) -> Found:
    """RF49: revoked on a fact outside the window (JD七(五) HY20 GZ30 ZY24(2))."""
    for award_id, grant, award in _awards(v):
        for proposal in v.live.of(RevocationProposed, award_id=award_id):
            if imported(proposal):
                continue
            window = v.parameter(f"revoke.{proposal.payload.ground}.window", proposal.on)
            interval = watch_window(v.live, v.law, award)
            if not window.stated or window.text != "watch_window" or isinstance(interval.result, NotApplicable):
                continue
            if isinstance(interval.result, Undetermined):
                yield Gap(("award", award_id), interval.result)
                continue
            for fact in proposal.payload.facts:
                incident = v.live.by_id(fact)
                if incident is None or not isinstance(incident.payload, IncidentRecorded):
                    continue
                start, end = interval.value()
                least = v.parameter("revoke.accident_min", proposal.on)
                small = (
                    proposal.payload.ground == "accident"
                    and least.stated
                    and SEVERITY.index(incident.payload.severity) < SEVERITY.index(least.text)
                )
                if small or not start <= incident.payload.occurred_on <= end:
                    yield Hit(
                        ("award", award_id),
                        "H",
                        proposal.on,
                        (proposal, incident),
                        *sentence(
                            "{award_id}: the fact is of {occurred_on} ({severity}), the window runs from {start} to "
                            "{end}",
                            award_id=award_id,
                            occurred_on=incident.payload.occurred_on,
                            severity=incident.payload.severity,
                            start=start,
                            end=end,
                        ),
                        grant.payload.case_id,
                        award.org,
                        award=award_id,
                        articles=window.why.articles,
                        thresholds={"from": start, "until": end},
                    )
