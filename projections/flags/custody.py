"""RF54, RF55 and RF59: what was destroyed, keys that others brought for a person who has one, and who read what."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from ledger.clock import shanghai_day
from ledger.derivation.history import LiveEvent
from ledger.errors import InvariantError
from ledger.events.edition import EditionClosed
from ledger.events.identity import KeyRegistered, PrincipalRegistered
from ledger.events.oversight import AccessRecordAttested, RestrictedDataHandled
from ledger.sentences import Pair
from projections.flags.flag import Found, Hit, Off, Severity, undated
from projections.flags.inspected import DECISIVE, Inspected, recorded_day
from projections.further_keys import brought_by_others
from projections.sentences import sentence

#: Grounds that hold only once what the data were collected for is over.
_AFTER_THE_EDITION = ("purpose_achieved", "retention_expired")


def erased_without_ground(v: Inspected) -> Found:
    """RF54: erased without ground (AUD)."""
    for event in v.known.of(RestrictedDataHandled, action="erased"):
        target = v.known.recorded(event.payload.target_event)
        if event.on > v.live.on or not (event in v.own or _is_of_a_participant(v, event)):
            continue
        found = _weakness(v, event)
        if found is not None and target is not None:
            severity, problem = found
            case = next((t[2:] for t in target.statement.tags if t.startswith("c:")), None)
            yield Hit(
                ("event", event.id),
                severity,
                event.on,
                (event,),
                *sentence(
                    "restricted data of entry {position} were erased: {name}", position=target.position, name=problem
                ),
                case,
                v.org(case) if case else None,
                event.actor,
            )


def _is_of_a_participant(v: Inspected, event: LiveEvent[RestrictedDataHandled]) -> bool:
    target = v.known.recorded(event.payload.target_event)
    return (
        target is not None
        and isinstance(target.statement.payload, PrincipalRegistered)
        and target.statement.payload.principal_id in v.participants
    )


def _weakness(v: Inspected, event: LiveEvent[RestrictedDataHandled]) -> tuple[Severity, Pair] | None:
    """What is wrong with an erasure, the gravest first."""
    p, day = event.payload, recorded_day(event)
    others = {role for who in v.signers(event) if who != event.actor for role in v.roles(who, day)}
    if event.recorded.statement.role != "OPR" or "DIS" not in others:
        return "C", sentence("not signed by registrar and discipline together")
    if p.ground is None or p.instrument_no is None:
        return "H", sentence("neither ground nor instrument is stated in full")
    closed = v.live.at(event.on).of(EditionClosed, edition_id=v.edition)
    if p.ground in _AFTER_THE_EDITION and not closed:
        return "M", sentence("the stated ground would hold once the edition is over")
    if p.ground == "recorded_by_mistake" and _rested_on(v, p.target_event):
        return "M", sentence("said to be recorded by mistake, while something decisive rests on it")
    return None


def _rested_on(v: Inspected, target: str) -> bool:
    return any(target in e.recorded.statement.causes for e in v.own if isinstance(e.payload, DECISIVE))


def further_key_without_holder(v: Inspected) -> Found:
    """RF55: further key without its holder (AUD)."""
    registered = sorted((e.recorded for e in v.known.of(KeyRegistered)), key=lambda e: e.position)
    happened = {e.id: e for e in v.live.of(KeyRegistered)}
    for further in brought_by_others(registered, v.identities.keys):
        event = happened.get(further.registration.statement.id)
        if event is not None and further.key.principal_id in v.participants:
            yield _further(v, event, further.had_one)


def _further(v: Inspected, event: LiveEvent[KeyRegistered], had_one: bool) -> Hit:
    p = event.payload
    used = [
        e
        for e in v.own
        if isinstance(e.payload, DECISIVE) and any(s.keyid == p.key_id for s in e.recorded.envelope.signatures)
    ]
    severity: Severity = ("C" if used else "H") if had_one else "M"
    person, day = p.principal_id, shanghai_day(event.recorded.recorded_at)
    told = (
        sentence("a further key of {person} was registered on {day}; none of theirs signed", person=person, day=day)
        if had_one
        else sentence(
            "a further key of {person} was registered on {day}; all of theirs had ended", person=person, day=day
        )
    )
    return Hit(
        ("person", person),
        severity,
        event.on,
        (event, *(used if had_one else [])),
        *(
            sentence("{registered}; it has signed {count} decisive events", registered=told, count=len(used))
            if used
            else told
        ),
        person=person,
    )


def access_record_overdue(v: Inspected) -> Found:
    """RF59: access record overdue (AUD)."""
    attested = [e for e in v.known.of(AccessRecordAttested) if recorded_day(e) <= v.live.on]
    if not attested:
        yield Off(*sentence("this log has not attested its record of visits yet"))
        return
    days, opened = v.audit("access_record.days"), v.opened
    closed = v.of(EditionClosed)
    for event, following in pairwise([*sorted(attested, key=lambda e: e.position), None]):
        if event is None:
            raise InvariantError("an event that was met is not there")
        doubt = v.doubt(event)
        if doubt is not None:
            yield undated(event, doubt)
            continue
        overdue = recorded_day(event) + timedelta(days=days + 1)
        in_time = following is not None and recorded_day(following) < overdue
        ended = closed[-1].on if closed else v.live.on
        if in_time or opened is None or overdue > v.live.on or not opened.on <= overdue <= ended:
            continue
        yield Hit(
            ("event", event.id),
            "M",
            overdue,
            (event, *([following] if following is not None else [])),
            *sentence(
                "no record of visits was attested within {days} days after entry {position}",
                days=days,
                position=event.position,
            ),
            thresholds={"access_record.days": days},
        )
