"""Bans, bars that look back from a filing, and the earliest re-application (D20, D21)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final, Literal

from msgspec import UNSET, UnsetType, field, structs

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import edition_number, pinned_pack
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.lookback import Reason, hits
from ledger.derivation.record import WORD, Article, Day, EventRef, Name, Number, Part, Record, Word, Yes, part
from ledger.derivation.standing import Award, awards_of, by_decision, validity
from ledger.derivation.succession import carried, gone, predecessors
from ledger.events.after_award import AwardRevoked, IncidentRecorded
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.evaluation import CommitteeResolutionAdopted
from ledger.events.notice import CaseDisqualified
from ledger.regulation.periods import period_end
from ledger.regulation.readings import READINGS
from ledger.regulation.stated import Absence
from ledger.regulation.tables import ReapplyRule, needed
from ledger.sentences import sentence
from ledger.statement import edition_of

#: Where a ban comes from: a revocation, cheating in an assessment, a list for joint punishment.
BanKind = Literal["revocation", "lookback", "joint_punishment"]


#: What a ban says of other awards than the text's own (B-66).
_OTHER_AWARDS: Final = "reading.ban_of_other_awards"


class Ban(Record, frozen=True, kw_only=True):
    """A ban or bar with its days, both inclusive. ``of`` is the predecessor from whom a decision passed it on."""

    kind: Annotated[BanKind, WORD]
    cause: EventRef
    ground: Word
    award_id: Name | UnsetType = UNSET
    scope: tuple[Word, ...]
    since: Day = field(name="from")
    until: Day
    articles: tuple[Article, ...]
    of: Name | UnsetType = UNSET


class NoBan(Record, frozen=True, kw_only=True):
    """A ground that brings no ban (``gap`` names the silence, and is empty for a period of nothing), or one without an
    end that could be derived.
    """

    kind: Annotated[BanKind, WORD]
    cause: EventRef
    ground: Word
    award_id: Name | UnsetType = UNSET
    gap: Article | UnsetType = UNSET
    scope: tuple[Word, ...] | UnsetType = UNSET
    since: Day | UnsetType = field(name="from", default=UNSET)
    articles: tuple[Article, ...] | UnsetType = UNSET
    undetermined: Undetermined | UnsetType = UNSET


class BansBefore(Record, frozen=True, kw_only=True):
    """Bans of somebody whom an organisation succeeds; they bind it where ``carried_by``, a decision, says so."""

    org: Name
    carried_by: EventRef | None
    bans: tuple[Ban, ...]


class Bans(Record, frozen=True, kw_only=True):
    """The bans of an organisation (D20). ``last_day`` is that of the ban that a revocation brings, ``barred_until``
    that of every bar (B-60).
    """

    banned: Yes
    last_day: Day | None
    barred_until: Day | None
    bans: tuple[Ban, ...]
    no_ban_laid_down: tuple[NoBan, ...]
    predecessors: tuple[BansBefore, ...] | UnsetType = UNSET

    def own_on(self, day: date) -> list[Ban]:
        """Those that run on a day against an application for this award."""
        return [b for b in self.bans if b.since <= day <= b.until and "own" in b.scope]


def bans(live: Live, law: Law, org: str) -> Answer[Bans]:
    """Every ban known for D, current, past or still to come; and grounds for which no ban is laid down (D20)."""
    known, why, turns = _known_bans(live, law, org)
    found = known.found
    if not found:
        why |= _what_bans(law, live.on)
    if known.unsettled and not any(b.since <= live.on <= b.until for b in found):
        return Answer(known.unsettled[0], why, turns)
    own = known.own_on(live.on)
    value = Bans(
        banned=bool(own),
        last_day=max((b.until for b in own if b.kind == "revocation"), default=None),
        barred_until=max((b.until for b in own), default=None),
        bans=tuple(found),
        no_ban_laid_down=tuple(known.without),
        predecessors=tuple(known.before) or UNSET,
    )
    return Answer(value, why, turns)


def running_ban(live: Live, law: Law, org: str) -> Answer[Ban]:
    """The longest of the bans that run on D against applying for the text's own award; where none does, an open
    question whether one runs.
    """
    known, why, turns = _known_bans(live, law, org)
    own = known.own_on(live.on)
    if own:
        return Answer(max(own, key=lambda ban: ban.until), why, turns)
    nothing = known.unsettled[0] if known.unsettled else NotApplicable(*sentence("no ban runs that day"))
    return Answer(nothing, why, turns)


@dataclass(frozen=True, slots=True)
class _Known:
    """The bans known of an organisation, its own and those passed on; grounds without one; and open questions."""

    found: list[Ban]
    without: list[NoBan]
    before: list[BansBefore]
    unsettled: list[Undetermined]

    def own_on(self, day: date) -> list[Ban]:
        return [b for b in self.found if b.since <= day <= b.until and "own" in b.scope]


def _known_bans(live: Live, law: Law, org: str) -> tuple[_Known, Why, frozenset[date]]:
    rows, coming = _bans_of_revocations(live, law, org)
    rows += [*_fraud_lookback(live, law, org), *_joint_punishment(live, law, org)]
    before, unsettled, heritage_why = _of_predecessors(live, law, org)
    why = Why()
    for _, ban_why in rows:
        why |= ban_why
    found = [ban for ban, _ in rows if isinstance(ban, Ban)]
    found += [structs.replace(ban, of=row.org) for row in before if row.carried_by for ban in row.bans]
    without = [ban for ban, _ in rows if isinstance(ban, NoBan)]
    turns = coming | {day for ban in found for day in (ban.since, next_day(ban.until))}
    unsettled = [*(w.undetermined for w in without if w.undetermined is not UNSET), *unsettled]
    return _Known(found, without, before, unsettled), why | heritage_why, frozenset(turns)


def _what_bans(law: Law, on: date) -> Why:
    """By what nobody is banned who is not: the articles in force that lay down a ban, and those that lay down none."""
    why, enacted = Why(), law.in_force(on)
    for ground in enacted.pack.grounds if enacted is not None else ():
        stated = law.parameter(enacted, f"revoke.{ground}.ban", on)
        why |= replace(stated.why, events=())
        if stated.absence is Absence.SILENT:
            why |= _silence(law, enacted, ground, stated, on)
    for path in ("fraud_lookback", "joint_punishment.bars"):
        why |= replace(law.parameter(enacted, path, on).why, events=())
    return why


def _silence(law: Law, enacted: Enacted | None, ground: str, stated: Resolved, on: date) -> Why:
    """The articles that give a ground lay down no ban; what their silence means is a reading."""
    return replace(law.about_ground(enacted, ground, on), events=()) | stated.left_open


def _of_predecessors(live: Live, law: Law, org: str) -> tuple[list[BansBefore], list[Undetermined], Why]:
    """Bans of those whom the organisation succeeds; they bind it only where a decision says so (B-65).

    Where one has passed on of which it cannot be told whether it runs, that is a question about the heir too.
    """
    decided = {c.predecessor: c.decision for c in carried(live, org, "bans")}
    rows, unsettled, why = [], list[Undetermined](), Why()
    for predecessor, event_id in predecessors(live, org).items():
        answer = bans(live, law, predecessor)
        own = answer.value().bans if answer.is_value else ()
        if isinstance(answer.result, Undetermined) and predecessor in decided:
            unsettled.append(answer.result)
            why |= answer.why | Why(events=(event_id, decided[predecessor]), readings=("B-65/G25:default",))
        if own:
            rows.append(BansBefore(org=predecessor, carried_by=decided.get(predecessor), bans=own))
            why |= answer.why | Why(events=(event_id,), readings=("B-65/G25:default",))
            why |= Why(events=(decided[predecessor],)) if predecessor in decided else Why()
    return rows, unsettled, why


def _bans_of_revocations(live: Live, law: Law, org: str) -> tuple[list[tuple[Ban | NoBan, Why]], frozenset[date]]:
    """What the revocations of an organisation's awards bring, and the days from which those to come will.

    A ban that runs from the decision runs before the revocation takes effect (B-17).
    """
    rows, coming = [], set[date]()
    for award in awards_of(live, law, org):
        known = live.known_of(AwardRevoked, award_id=award.award_id)
        event = award.revoked or (known[-1] if known else None)
        if event is None:
            continue
        ban, why = _ban_of_revocation(live, law, award, event)
        if award.revoked is not None or (isinstance(ban, Ban) and ban.since <= live.on):
            rows.append((ban, why))
        elif isinstance(ban, Ban):
            coming.add(ban.since)
    return rows, frozenset(coming)


def _ban_of_revocation(live: Live, law: Law, award: Award, event: LiveEvent[AwardRevoked]) -> tuple[Ban | NoBan, Why]:
    ground = event.payload.ground
    period, chosen_why = by_decision(live, law, award, f"revoke.{ground}.ban", event.payload.decision_id, event.on)
    why = Why(events=(event.id,)) | period.why | chosen_why
    without = NoBan(kind="revocation", cause=event.id, ground=ground, award_id=award.award_id)
    if not period.stated:
        if period.absence is Absence.SILENT:
            return structs.replace(without, gap=period.gap), why | _silence(
                law, award.enacted, ground, period, event.on
            )
        return structs.replace(without, undetermined=period.undetermined()), why
    chosen, start_why = law.reading(award.enacted, "reading.ban_runs_from", event.on)
    start = event.payload.effective_on
    if chosen == "decision":
        steps = law.parameter(award.enacted, f"revoke.{ground}.steps", event.on)
        decided = _decided(live, event.payload.decision_id)
        if decided is not None:
            start, why = decided[0], why | Why(events=(decided[1].id,))
        elif not steps.stated or "government_decision" in steps.words:
            gap = Undetermined(
                "reading.ban_runs_from",
                "B-17/G01",
                *sentence("the decision of revocation is not recorded"),
            )
            return structs.replace(without, undetermined=gap), why | start_why
        # Otherwise the text has another body decide; where its resolution is not cited, the revocation is its act.
    why |= start_why
    if period.number == 0:
        # A period of nothing is no ban.
        return structs.replace(without, gap=""), why
    scope = law.parameter(award.enacted, "ban.scope", event.on)
    if {*scope.words} - {"own"} and award.enacted and READINGS[_OTHER_AWARDS].concerns(award.enacted.pack.id):
        why |= law.reading(award.enacted, _OTHER_AWARDS, event.on)[1]
    ban = Ban(
        kind="revocation",
        cause=event.id,
        ground=ground,
        award_id=award.award_id,
        scope=scope.words or ("own",),
        since=start,
        until=period_end(start, period.number, period.period_unit, law.calendar),
        articles=period.why.articles,
    )
    return ban, why | _its_own(scope.why, period.why)


def _decided(live: Live, decision_id: str) -> tuple[date, LiveEvent] | None:
    """The day of the decision that a revocation rests on, the government's or the committee's, and its entry."""
    for decision in live.known_of(GovernmentDecisionMade, decision_id=decision_id):
        return decision.payload.decided_on, decision
    for resolution in live.known_of(CommitteeResolutionAdopted, resolution_id=decision_id):
        return resolution.on, resolution
    return None


def _its_own(scope: Why, ban: Why) -> Why:
    """Of a scope that several articles state together, those by which the ban itself is laid down."""
    own = tuple(a for a in scope.articles if a.partition("(")[0] in {b.partition("(")[0] for b in ban.articles})
    return replace(scope, articles=own or scope.articles)


def _fraud_lookback(live: Live, law: Law, org: str) -> list[tuple[Ban | NoBan, Why]]:
    """A bar after cheating in an assessment, won or not (ZY14(5); B-60: from the act)."""
    result: list[tuple[Ban | NoBan, Why]] = []
    for event in [
        *live.of(CaseDisqualified, org=org, ground="fraud"),
        *live.of(IncidentRecorded, org=org, category="award_fraud"),
    ]:
        enacted = law.in_force(event.on)
        if isinstance(event.payload, CaseDisqualified):
            enacted = pinned_pack(live, law, edition_of(event.payload.case_id)) or enacted
        period = law.parameter(enacted, "fraud_lookback", event.on)
        if not period.stated:
            continue
        start = event.payload.occurred_on if isinstance(event.payload, IncidentRecorded) else event.on
        ban = Ban(
            kind="lookback",
            cause=event.id,
            ground="award_fraud",
            scope=("own",),
            since=start,
            until=period_end(start, period.number, period.period_unit, law.calendar),
            articles=period.why.articles,
        )
        result.append((ban, Why(events=(event.id,), readings=("B-60:default",)) | period.why))
    return result


def _joint_punishment(live: Live, law: Law, org: str) -> list[tuple[Ban | NoBan, Why]]:
    """Organisations listed for joint punishment may not apply while listed (JS四.6)."""
    result = []
    for event in live.of(IncidentRecorded, org=org, category="joint_punishment"):
        bars = law.parameter(law.in_force(event.on), "joint_punishment.bars", event.on)
        if bars.yes:
            result.append((_while_listed(event, bars.why.articles), Why(events=(event.id,)) | bars.why))
    return result


def _while_listed(event: LiveEvent[IncidentRecorded], articles: tuple[str, ...]) -> Ban | NoBan:
    """The bar of a list, up to the day on which the organisation comes off it; undetermined where none is recorded."""
    since, until = event.payload.determined_on, event.payload.until
    if until is not None:
        return Ban(
            kind="joint_punishment",
            cause=event.id,
            ground="joint_punishment",
            scope=("own",),
            since=since,
            until=until,
            articles=articles,
        )
    return NoBan(
        kind="joint_punishment",
        cause=event.id,
        ground="joint_punishment",
        scope=("own",),
        since=since,
        articles=articles,
        undetermined=Undetermined(
            "incident.until",
            "JS-14a",
            *sentence("listed for joint punishment, no end recorded"),
        ),
    )


class Reapply(Record, frozen=True, kw_only=True):
    """From which day or edition on an organisation may apply for an award kind (D21), with the reason that binds."""

    date: Day | None
    edition_no: Number | None
    binding: Reason | None
    reasons: tuple[Reason, ...]


def earliest_reapply(live: Live, law: Law, org: str, kind: str) -> Answer[Reapply]:
    """From when the organisation may apply for an award kind, the binding reason first, the others beside (D21)."""
    reasons: list[Reason] = []
    why, turns = Why(), set[date]()
    for award in awards_of(live, law, org):
        if award.set_aside is not None:
            why |= Why(events=(award.set_aside.id,), readings=("B-91:default",))
        if award.kind != kind:
            # Whether a win of another kind stands in the way, no text says.
            why |= law.reading(award.enacted, "reading.reapply_per_kind", live.on)[1]
            continue
        if award.revoked is not None or award.void:
            continue
        own = _reapply_reason(live, law, award)
        if not own.is_value:
            return own.without_value(own.why)
        reasons.append(own.value())
        why |= own.why
    banned = bans(live, law, org)
    why |= banned.why
    turns |= banned.turns_on
    if banned.is_value:
        reasons += [
            Reason(reason="ban", ground=b.ground, date=next_day(b.until), articles=b.articles)
            for b in banned.value().bans
            if "own" in b.scope and b.until >= live.on
        ]
    for hit in hits(live, law, law.in_force(live.on), org, live.on):
        reasons.append(hit.reason())
        why |= hit.why
    turns |= {r.date for r in reasons if r.date is not UNSET}
    if not banned.is_value:
        # What it rests on turns with each reason that ends.
        return replace(banned.without_value(why), turns_on=frozenset(turns))
    return Answer(_binding(reasons, live.on), why, frozenset(turns))


def _binding(reasons: list[Reason], on: date) -> Reapply:
    """The latest day still to come binds; else the latest edition."""
    dated = [(r.date, r) for r in reasons if r.date is not UNSET and r.date > on and r.certain is not False]
    numbered = [(r.edition_no, r) for r in reasons if r.edition_no is not UNSET]
    day, by_day = max(dated, key=lambda d: d[0], default=(None, None))
    number, by_number = max(numbered, key=lambda n: n[0], default=(None, None))
    return Reapply(date=day, edition_no=number, binding=by_day or by_number, reasons=tuple(reasons))


def reapply(live: Live, law: Law, org: str) -> Answer[dict[str, Part[Reapply]]]:
    """From when an organisation may apply, for every award kind of the text in force that day (D21)."""
    enacted, ended = law.in_force(live.on), gone(live, org)
    if ended is not None:
        said = law.parameter(enacted, "eligibility.registered_locally", live.on).why
        return Answer(NotApplicable(*sentence("the organisation is no more")), said | Why(events=(ended.id,)))
    if enacted is None:
        return Answer(NotApplicable(*sentence("no text is in force that day")))
    answers = {kind: earliest_reapply(live, law, org, kind) for kind in enacted.pack.awards}
    why, turns = Why(), frozenset[date]()
    for answer in answers.values():
        why, turns = why | answer.why, turns | answer.turns_on
    return Answer({kind: part(answer) for kind, answer in answers.items()}, why, turns)


def _reapply_reason(live: Live, law: Law, award: Award) -> Answer[Reason]:
    """What an award that stands means for the next application for its kind."""
    rule = law.parameter(law.in_force(live.on) or award.enacted, f"reapply.{award.kind}", live.on)
    why, articles = Why(events=(award.granted.id,)) | rule.why, rule.why.articles
    if not rule.stated:
        if rule.absence is Absence.SILENT:
            return Answer(Reason(reason="no_rule", gap=rule.gap, award_id=award.award_id, articles=articles), why)
        return Answer(rule.undetermined(), why)
    stated = rule.table(ReapplyRule)
    match stated.kind:
        case "after_expiry":
            answer = validity(live, law, award)
            if not answer.is_value:
                return answer.without_value(answer.why)
            first = next_day(answer.value()[1])
            reason = Reason(reason="validity", date=first, award_id=award.award_id, articles=articles)
            return Answer(reason, why | answer.why)
        case "gap_editions":
            number = edition_number(live, award.edition)
            if number is None:
                gap = Undetermined(
                    "edition.number",
                    "B-22",
                    *sentence("the number of edition {edition} is not recorded", edition=award.edition),
                )
                return Answer(gap, why)
            chosen, reading = law.reading(award.enacted, "reading.gap_editions", award.granted.on)
            after = number + needed(stated.editions) + (1 if chosen == "whole_editions_between" else 0)
            reason = Reason(reason="gap_editions", edition_no=after, award_id=award.award_id, articles=articles)
            return Answer(reason, why | reading)
        case _:
            return Answer(Reason(reason="at_once", award_id=award.award_id, articles=articles), why)
