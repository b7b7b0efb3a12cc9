"""Facts that bar an applicant: within the look-back of the filing day, or for as long as they stand (D09).

A rule of the pack matches an incident by equality on enumerations. Where the pack leaves the judgement to people
(``human``), or the period was not seen, the incident is shown and nothing is concluded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, cast

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Undetermined, Why
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.record import WORD, Article, Day, EventRef, Name, Number, Record, Word, Yes
from ledger.events.after_award import IncidentCategory, IncidentRecorded
from ledger.events.application import CreditRepairConfirmed
from ledger.regulation.periods import add_months, period_end
from ledger.regulation.tables import LookbackRule

#: Severity scale of IncidentRecorded, ascending.
SEVERITY = ("na", "general", "larger", "major", "extraordinary")


class Reason(Record, frozen=True, kw_only=True):
    """What stands between an organisation and an application, or that nothing does: a ban, the validity of an award,
    editions in between, an incident within the look-back, that it is no more.

    ``date`` is the first day on which it no longer does, ``edition_no`` the first edition. ``certain`` False says that
    a person has to judge, or that the period was not seen.
    """

    reason: Annotated[Literal["ban", "lookback", "validity", "gap_editions", "at_once", "no_rule", "dissolved"], WORD]
    incident: EventRef | UnsetType = UNSET
    category: Word | UnsetType = UNSET
    rule: Article | UnsetType = UNSET
    ground: Word | UnsetType = UNSET
    gap: Article | UnsetType = UNSET
    date: Day | UnsetType = UNSET
    edition_no: Number | UnsetType = UNSET
    award_id: Name | UnsetType = UNSET
    articles: tuple[Article, ...]
    certain: Yes | UnsetType = UNSET
    undetermined: Undetermined | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Hit:
    """An incident that bars, or may bar. ``until`` is its last barring day; None while it stands without an end."""

    incident: LiveEvent[IncidentRecorded]
    rule: str
    article: str
    until: date | None
    human: bool
    undetermined: Undetermined | None
    why: Why

    @property
    def bars(self) -> bool:
        """Without anybody's judgement."""
        return not self.human and self.undetermined is None

    def reason(self) -> Reason:
        return Reason(
            reason="lookback",
            incident=self.incident.id,
            category=self.incident.payload.category,
            rule=self.rule,
            articles=(self.article,),
            certain=self.bars,
            date=next_day(self.until) if self.until is not None else UNSET,
            undetermined=self.undetermined if self.undetermined is not None else UNSET,
        )


def hits(live: Live, law: Law, enacted: Enacted | None, org: str, filing: date) -> list[Hit]:
    """Incidents of an organisation that bear on an application filed that day, repaired ones left out."""
    rules = law.parameter(enacted, "lookback.rules", filing)
    if enacted is None or not rules.stated:
        return []
    period = law.parameter(enacted, "lookback", filing)
    repair = law.parameter(enacted, "credit_repair.allowed", filing)
    table, result = rules.rows(LookbackRule), []
    # Only what a rule may match: an organisation may have many incidents that no rule is about.
    categories = dict.fromkeys(cast("IncidentCategory", r.category) for r in table)
    about = [e for category in categories for e in live.of(IncidentRecorded, org=org, category=category)]
    for event in sorted(about, key=lambda e: (e.on, e.position)):
        rule = next((r for r in table if matches(r, event.payload)), None)
        if rule is None or not event.payload.responsible:
            continue
        if repair.yes and live.of(CreditRepairConfirmed, incident_id=event.payload.incident_id):
            continue
        hit = _hit(law, enacted, rule, event, period, filing)
        if hit is not None:
            result.append(hit)
    return result


def _hit(
    law: Law, enacted: Enacted, rule: LookbackRule, event: LiveEvent[IncidentRecorded], period: Resolved, filing: date
) -> Hit | None:
    p = event.payload
    article = f"{enacted.pack.id}:{rule.article}"
    why = Why(events=(event.id,), articles=(article,), packs=(enacted.pack.reference,), readings=("B-12/G18:default",))
    until: date | None = None
    gap: Undetermined | None = None
    if rule.standing:
        until = p.until
    elif rule.months is not None:
        until = add_months(p.occurred_on, rule.months)
    elif period.stated:
        until = period_end(p.occurred_on, period.number, period.period_unit, law.calendar)
        why |= period.why
    else:
        gap = period.undetermined()
    if filing < p.occurred_on or (until is not None and filing > until):
        return None
    return Hit(event, article if rule.rule is None else rule.rule, article, until, bool(rule.human), gap, why)


def matches(rule: LookbackRule, incident: IncidentRecorded) -> bool:
    """Equality on enumerations only: category, level, and severity at least the rule's."""
    if rule.category != incident.category:
        return False
    if rule.levels is not None and incident.level not in rule.levels:
        return False
    needed = rule.severity
    if needed == "any":
        return True
    if needed == "fatal":
        return incident.fatal
    return SEVERITY.index(incident.severity) >= SEVERITY.index(needed)
