"""RF24, RF35 to RF39 and RF41 to RF43: how things were written down, by whom, and what was changed afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta

from ledger.clock import SHANGHAI, format_instant, shanghai_day
from ledger.derivation.answer import Undetermined
from ledger.derivation.history import FOLDING, LiveEvent
from ledger.derivation.panels import recused_since
from ledger.events.after_award import AwardRevoked, IncidentRecorded
from ledger.events.application import ApplicationFiled, EligibilityDecided, RecommendationIssued
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.evaluation import (
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    ReviewReportSubmitted,
    ScoreSubmitted,
)
from ledger.events.identity import KeyRevoked, RoleGranted
from ledger.events.money import ClawbackOrdered, ClawbackReceived, PrizePaid
from ledger.events.oversight import EventAnnulled, EventCorrected, LateRecordingApproved, RestrictedDataHandled
from ledger.events.registry import Payload
from ledger.regulation.periods import UnknownCalendarYearError
from ledger.sentences import Pair, enumeration
from projections.flags.conflicts import panels
from projections.flags.flag import Found, Gap, Hit, Severity, undated
from projections.flags.inspected import DECISIVE, Inspected, before, imported, recorded_day
from projections.labels import called
from projections.sentences import sentence, term
from projections.suspect_keys import suspect_signatures


def _first_case(v: Inspected, event: LiveEvent) -> str | None:
    return next(iter(v.cases_of(event)), None)


def _where(v: Inspected, event: LiveEvent) -> tuple[str, str]:
    case = _first_case(v, event)
    return ("case", case) if case else ("event", event.id)


def restricted_leak(v: Inspected) -> Found:
    """RF24: restricted data opened against the rules (ZY25 JD七(六) HY21,25 GZ31)."""
    for opened in v.of(RestrictedDataHandled):
        target = v.live.recorded(opened.payload.target_event)
        if opened.payload.action == "erased" or target is None:
            continue
        case = next((t[2:] for t in target.statement.tags if t.startswith("c:")), None)
        problem = _opening_problem(v, opened, LiveEvent(target, target.statement.payload), case)
        if problem is not None:
            yield Hit(
                ("case", case) if case else ("event", opened.id),
                "H",
                opened.on,
                (opened,),
                *sentence(
                    "{actor} opened data of {target_event}: {problem}",
                    actor=opened.actor,
                    target_event=case or opened.payload.target_event,
                    problem=problem,
                ),
                case,
                v.org(case) if case else None,
                opened.actor,
            )


def _opening_problem(
    v: Inspected, opened: LiveEvent[RestrictedDataHandled], target: LiveEvent, case: str | None
) -> tuple[str, str] | None:
    if not opened.payload.opening_ok:
        return sentence("the value does not match its commitment")
    if case is None or opened.recorded.statement.role not in ("REV", "LEAD"):
        return None
    since = recused_since(v.at(opened.on), opened.actor, case)
    if since is not None:
        return sentence("recused since {since}", since=since)
    if not any(
        opened.actor in {m.principal_id for m in p.payload.members}
        for s in ("material", "onsite")
        for p in panels(v, case, s, opened)
    ):
        return sentence("no seat on the case's panel")
    if isinstance(target.payload, ScoreSubmitted) and target.actor != opened.actor:
        own = [
            r
            for r in v.of(ReviewReportSubmitted, ScoreSubmitted, case_id=case)
            if r.actor == opened.actor and before(r, opened)
        ]
        if not own:
            return sentence("another's score before an own one")
    return None


def back_dated_record(v: Inspected) -> Found:
    """RF35: entered late (AUD)."""
    approved = {t for e in v.known.of(LateRecordingApproved) for t in e.payload.targets}
    decisive = [e for e in v.own if isinstance(e.payload, DECISIVE)]
    for event in (*v.own, *_incidents(v)):
        department = event.recorded.statement.role == "DEP" or isinstance(event.payload, IncidentRecorded)
        grace = v.audit("late.grace_days_department" if department else "late.grace_days")
        if event.recorded.statement.late is not None and event.id in approved:
            continue
        if doubt := v.doubt(event):
            if (shanghai_day(doubt.corrected_at) - event.on).days > grace:
                yield undated(event, doubt)
            continue
        if event.lag_days <= grace:
            continue
        cases = set(v.cases_of(event))
        after = [z for z in decisive if cases & set(v.cases_of(z)) and event.on <= z.on and z.position < event.position]
        severity: Severity = "C" if after else "M"
        case = _first_case(v, event)
        told = sentence(
            "{entry} of {on} was recorded {days} days late",
            entry=called(event.payload),
            on=event.on,
            days=event.lag_days,
        )
        yield Hit(
            _where(v, event),
            severity,
            recorded_day(event),
            (event, *after[:1]),
            *(
                sentence("{late}; {between} came in between", late=told, between=called(after[0].payload))
                if after
                else told
            ),
            case,
            v.org(case) if case else getattr(event.payload, "org", None),
            event.actor,
            thresholds={"grace_days": grace},
        )


def _incidents(v: Inspected) -> list[LiveEvent[IncidentRecorded]]:
    orgs, own = {f.payload.org for f in v.filed.values()}, {e.id for e in v.own}
    return [e for e in v.live.of(IncidentRecorded) if e.payload.org in orgs and e.id not in own]


def burst_or_out_of_hours(v: Inspected) -> Found:
    """RF36: out of hours, or in a burst (AUD)."""
    first, last = (time.fromisoformat(t) for t in v.working_hours.split("-"))
    decisive = [e for e in v.own if isinstance(e.payload, DECISIVE) and not imported(e)]
    for event in decisive:
        if doubt := v.doubt(event):
            yield undated(event, doubt)
            continue
        at = event.recorded.recorded_at.astimezone(SHANGHAI)
        try:
            rest = not v.law.calendar.is_workday(at.date())
        except UnknownCalendarYearError as error:
            yield Gap(
                ("event", event.id),
                Undetermined(
                    f"calendar.{error.year}",
                    "B-3",
                    *sentence("the calendar of {year} is not recorded", year=error.year),
                ),
            )
            return
        if rest or not first <= at.time().replace(tzinfo=None) <= last:
            case = _first_case(v, event)
            told = sentence("{entry} recorded at {at}", entry=called(event.payload), at=f"{at:%Y-%m-%d %H:%M}")
            yield Hit(
                _where(v, event),
                "L",
                at.date(),
                (event,),
                *(sentence("{recorded} (a rest day)", recorded=told) if rest else told),
                case,
                v.org(case) if case else None,
                event.actor,
                thresholds={"working_hours": v.working_hours},
            )
    yield from _bursts(v, [e for e in decisive if v.doubt(e) is None])


def _bursts(v: Inspected, decisive: list[LiveEvent]) -> Found:
    count, span = v.audit("burst.events"), timedelta(seconds=v.audit("burst.seconds"))
    by_actor: dict[str, list[LiveEvent]] = {}
    for event in sorted(decisive, key=lambda e: e.position):
        by_actor.setdefault(event.actor, []).append(event)
    for actor, events in by_actor.items():
        windows = [events[i : i + count] for i in range(len(events) - count + 1)]
        found = [w for w in windows if w[-1].recorded.recorded_at - w[0].recorded.recorded_at <= span]
        if found:
            burst = tuple({e.id: e for w in found for e in w}.values())
            yield Hit(
                ("person", actor),
                "M",
                recorded_day(burst[0]),
                burst,
                *sentence(
                    "{actor} recorded {burst} decisive events, {count} of them within {seconds} minutes",
                    actor=actor,
                    burst=len(burst),
                    count=count,
                    seconds=span.seconds // 60,
                ),
                person=actor,
                thresholds={"burst.events": count, "burst.seconds": span.seconds},
            )
    within = timedelta(seconds=v.audit("panel.burst_seconds"))
    for case in v.filed:
        for stage in ("material", "onsite"):
            scores = sorted(v.of(ScoreSubmitted, case_id=case, stage=stage), key=lambda e: e.position)
            if any(v.doubt(e) for e in scores):
                continue
            if (
                len({e.actor for e in scores}) >= 3
                and scores[-1].recorded.recorded_at - scores[0].recorded.recorded_at <= within
            ):
                yield Hit(
                    ("case", case),
                    "M",
                    recorded_day(scores[0]),
                    tuple(scores),
                    *sentence(
                        "{scores} scores of {case} recorded within {seconds} seconds",
                        scores=len(scores),
                        case=case,
                        seconds=within.seconds,
                    ),
                    case,
                    v.org(case),
                    thresholds={"panel.burst_seconds": within.seconds},
                )


_FUNCTIONS: dict[type[Payload], Pair] = {
    ApplicationFiled: sentence("application"),
    RecommendationIssued: sentence("recommendation"),
    EligibilityDecided: sentence("eligibility"),
    ScoreSubmitted: sentence("score"),
    ReviewReportSubmitted: sentence("score"),
    CommitteeVoteCast: sentence("vote"),
    CommitteeResolutionAdopted: sentence("vote"),
    GovernmentDecisionMade: sentence("decision"),
    PrizePaid: sentence("payment"),
}


def four_eyes_breach(v: Inspected) -> Found:
    """RF37: one person in two seats (ZY18,26 JD七(六) (AUD))."""
    seats: dict[tuple[str, str], dict[Pair, LiveEvent]] = {}
    for event in v.own:
        function = _FUNCTIONS.get(type(event.payload))
        if function is None:
            continue
        for case in _cases_or_award(v, event):
            for person in _signers(v, event):
                seats.setdefault((person, case), {}).setdefault(function, event)
    for (person, case), functions in seats.items():
        if len(functions) > 1:
            events = sorted(functions.values(), key=lambda e: e.position)
            yield Hit(
                ("case", case),
                "C",
                events[1].on,
                (events[1], events[0], *events[2:]),
                *sentence(
                    "{person} has {functions} of {case}",
                    person=person,
                    functions=enumeration(
                        (_FUNCTIONS[type(e.payload)] for e in events), term("functions of one person", " and ")
                    ),
                    case=case,
                ),
                case,
                v.org(case),
                person,
            )
    yield from _separation(v)


def _cases_or_award(v: Inspected, event: LiveEvent) -> list[str]:
    if isinstance(event.payload, PrizePaid) and event.payload.award_id in v.grants:
        return [v.grants[event.payload.award_id].payload.case_id]
    return v.cases_of(event)


def _signers(v: Inspected, event: LiveEvent) -> list[str]:
    """Who signed, without the second signature of an override, and without the office that keeps a resolution's
    record.
    """
    signers = [event.actor] if isinstance(event.payload, CommitteeResolutionAdopted) else v.signers(event)
    if event.recorded.statement.override is None:
        return signers
    return [p for p in signers if p == event.actor or not v.roles(p, event.on) & {"SUP", "GOV"}]


def _separation(v: Inspected) -> Found:
    for event in v.own:
        if isinstance(event.payload, DECISIVE):
            watching = [p for p in _signers(v, event) if v.roles(p, event.on) & {"SUP", "DIS"}]
            for person in watching:
                yield Hit(
                    _where(v, event),
                    "C",
                    event.on,
                    (event,),
                    *sentence(
                        "{person}, who supervises, signed {entry} (S5)", person=person, entry=called(event.payload)
                    ),
                    _first_case(v, event),
                    person=person,
                )
    ordered = {o.payload.clawback_id: o for o in v.of(ClawbackOrdered)}
    for received in v.of(ClawbackReceived):
        order = ordered.get(received.payload.clawback_id)
        if order is not None and received.actor in v.signers(order):
            yield Hit(
                ("award", received.payload.award_id),
                "C",
                received.on,
                (received, order),
                *sentence("{actor} ordered the clawback and confirms it (S3)", actor=received.actor),
                award=received.payload.award_id,
                person=received.actor,
            )
    for approval in v.of(LateRecordingApproved):
        targets = [
            LiveEvent(t, t.statement.payload) for i in approval.payload.targets if (t := v.live.recorded(i)) is not None
        ]
        for target in targets:
            both = set(v.signers(approval)) & set(v.signers(target))
            if both:
                yield Hit(
                    _where(v, target),
                    "C",
                    approval.on,
                    (approval, target),
                    *sentence("{both} approved an own late entry (S7)", both=enumeration(sorted(both))),
                    _first_case(v, target),
                    person=sorted(both)[0],
                )
    people = {e.actor for e in v.of(ScoreSubmitted, ReviewReportSubmitted)}
    for grant in v.live.of(RoleGranted):
        p = grant.payload
        if (
            p.role in ("REV", "LEAD")
            and (p.principal_id in people or p.scope.edition == v.edition)
            and v.identities.review_cancelled(p.principal_id, grant.on)
        ):
            yield Hit(
                ("person", p.principal_id),
                "C",
                grant.on,
                (grant,),
                *sentence(
                    "{principal_id} was granted a role with eligibility cancelled (S8)", principal_id=p.principal_id
                ),
                person=p.principal_id,
            )


def key_or_role_invalid(v: Inspected) -> Found:
    """RF38: invalid key, or role not held (AUD)."""
    revocations = sorted((e.recorded for e in v.known.of(KeyRevoked)), key=lambda e: e.position)
    for event in v.own:
        s = event.recorded.statement
        for suspect in suspect_signatures(event.recorded, revocations):
            shown = v.known.by_id(suspect.revocation)
            yield Hit(
                _where(v, event),
                "C",
                shanghai_day(event.recorded.recorded_at),
                (event, *([shown] if shown else [])),
                *sentence(
                    "the key of {person} was compromised since {since} and signed {entry} after that",
                    person=suspect.principal_id,
                    since=format_instant(suspect.compromised_since),
                    entry=called(event.payload),
                ),
                _first_case(v, event),
                person=suspect.principal_id,
            )
        days = [recorded_day(event)] + ([] if imported(event) or s.late is not None else [event.on])
        if any(not v.identities.has_role(event.actor, s.role, day) for day in days):
            yield Hit(
                _where(v, event),
                "C",
                event.on,
                (event,),
                *sentence("{actor} did not hold {role} on {on}", actor=event.actor, role=s.role, on=event.on),
                _first_case(v, event),
                person=event.actor,
            )


def decisive_correction(v: Inspected) -> Found:
    """RF39: what a decision rests on was changed (AUD)."""
    decisions = _decisions(v)
    for change in v.of(EventCorrected, EventAnnulled):
        target = v.live.recorded(change.payload.target)
        if target is None or "SUP" in {r for p in v.signers(change) for r in v.roles(p, change.on)}:
            continue
        old = LiveEvent(target, target.statement.payload)
        keys = (f"x:{old.id}", *(f"c:{case}" for case in v.cases_of(old)))
        found = {z.position: z for key in keys for z in decisions.get(key, ())}
        resting = [z for z in sorted(found.values(), key=FOLDING) if old.position < z.position < change.position]
        if not resting:
            continue
        annulled = isinstance(change.payload, EventAnnulled)
        severity: Severity = "C" if annulled and isinstance(old.payload, DECISIVE) else "H"
        entry, decision = called(old.payload), called(resting[0].payload)
        yield Hit(
            _where(v, old),
            severity,
            change.on,
            (change, resting[0]),
            *(
                sentence("{entry} of {on} was annulled after {decision}", entry=entry, on=old.on, decision=decision)
                if annulled
                else sentence(
                    "{entry} of {on} was corrected after {decision}", entry=entry, on=old.on, decision=decision
                )
            ),
            _first_case(v, old),
            person=change.actor,
        )


def _decisions(v: Inspected) -> dict[str, list[LiveEvent]]:
    """Decisive acts by the cases that they name, and by the entries that they cite, as tags write them."""
    found: dict[str, list[LiveEvent]] = {}
    for event in v.known:
        if isinstance(event.payload, DECISIVE):
            s = event.recorded.statement
            for tag in {*(f"x:{cause}" for cause in s.causes), *(t for t in s.tags if t[:2] in ("x:", "c:"))}:
                found.setdefault(tag, []).append(event)
    return found


def recorded_by_override(v: Inspected) -> Found:
    """RF41: recorded by override (AUD)."""
    for event in v.own:
        override = event.recorded.statement.override
        if override is not None:
            yield Hit(
                _where(v, event),
                "M",
                event.on,
                (event,),
                *sentence(
                    "{entry} recorded by override: {reason} ({instrument_no})",
                    entry=called(event.payload),
                    reason=override.reason,
                    instrument_no=override.instrument_no,
                ),
                _first_case(v, event),
                person=event.actor,
            )


_YEAR = re.compile(r"〔(\d{4})〕")


def document_number_defect(v: Inspected) -> Found:
    """RF42: year of a document number differs (AUD)."""
    for event in v.own:
        p = event.payload
        match p:
            case GovernmentDecisionMade():
                number = p.meeting_or_doc_no
            case AwardGranted() | AwardRevoked() | ClawbackOrdered():
                number = p.doc_no
            case _:
                continue
        found = _YEAR.search(number)
        if found and int(found[1]) != event.on.year and not imported(event):
            yield Hit(
                _where(v, event),
                "M",
                event.on,
                (event,),
                *sentence(
                    "{entry} of {on} has the number {number}", entry=called(event.payload), on=event.on, number=number
                ),
                _first_case(v, event),
            )


def shared_document(v: Inspected) -> Found:
    """RF43: two applicants with the same document (HY7(6) GZ28 (AUD))."""
    seen: dict[str, LiveEvent[ApplicationFiled]] = {}
    for event, digest in _documents(v):
        first = seen.setdefault(digest, event)
        if first.payload.org != event.payload.org:
            yield Hit(
                ("case", event.payload.case_id),
                "M",
                event.on,
                (event, first),
                *sentence(
                    "{case_id} and {first} have a document in common",
                    case_id=event.payload.case_id,
                    first=first.payload.case_id,
                ),
                event.payload.case_id,
                event.payload.org,
            )


def _documents(v: Inspected) -> Iterator[tuple[LiveEvent[ApplicationFiled], str]]:
    for event in v.filed.values():
        p = event.payload
        for digest in dict.fromkeys(h for h in (p.form_hash, p.self_assessment_hash, p.credit_report_hash) if h):
            yield event, digest
