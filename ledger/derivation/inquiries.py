"""Inquiries that are open - objections, revocations on their way, findings of inspectors - and what each of them is
about.

What something is about is told in tags, as statements have them: ``x:`` an entry, ``c:`` a case, ``a:`` an award,
``p:`` a person (``o:`` and other tags of principals too), ``ed:`` an edition, ``ob:``, ``f:``, ``in:``. An award
stands for its case and its organisation, a case for its award and its organisation, a body for its members. Two things
concern each other where they share a tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ledger.derivation.history import Live, LiveEvent
from ledger.entry import RecordedEvent
from ledger.events.after_award import AwardRevoked, AwardSetAside, RevocationProposed
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted
from ledger.events.notice import ObjectionInvestigated, ObjectionRaised, ObjectionResolved
from ledger.events.oversight import OversightFindingAnswered, OversightFindingIssued
from ledger.statement import edition_of

#: Kinds of tags that name a principal, whatever its part was.
_PRINCIPALS = frozenset({"o", "p", "m", "rv", "by"})
_THINGS = frozenset({"c", "a", "ob", "f", "in", "ed"})


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Something open: the event that opened it, its name, and the tags of what its own events say that it is about."""

    kind: Literal["objection", "revocation", "finding"]
    name: str
    opened: LiveEvent
    tags: frozenset[str]


def open_inquiries(live: Live) -> list[Inquiry]:
    """Every inquiry that is open."""
    return [*_objections(live), *_revocations(live), *_findings(live)]


def about(event: RecordedEvent) -> frozenset[str]:
    """What an entry is about by its own tags, itself too."""
    split = [tag.partition(":") for tag in event.statement.tags]
    things = {f"{kind}:{value}" for kind, _, value in split if kind in _THINGS}
    return frozenset(
        things | {f"p:{value}" for kind, _, value in split if kind in _PRINCIPALS} | {f"x:{event.statement.id}"}
    )


def with_what_belongs(live: Live, tags: Iterable[str]) -> frozenset[str]:
    """The tags, and those of the award of a case, of the case of an award, and of whose they are."""
    found = set(tags)
    for granted in live.of(AwardGranted):
        both = {f"a:{granted.payload.award_id}", f"c:{granted.payload.case_id}"}
        if not found.isdisjoint(both):
            found |= both
    found |= {
        f"p:{e.payload.org}" for e in live.of(ApplicationFiled, AwardGranted) if f"c:{e.payload.case_id}" in found
    }
    return frozenset(found)


def with_editions(tags: Iterable[str]) -> frozenset[str]:
    """The tags, and those of the editions of the cases among them."""
    found = frozenset(tags)
    return found | {f"ed:{edition_of(tag[2:])}" for tag in found if tag.startswith("c:")}


def _tagged(kind: str, *values: str | None) -> set[str]:
    return {f"{kind}:{value}" for value in values if value is not None}


def _rests_on(*events: LiveEvent) -> set[str]:
    """Events themselves and what they state as their causes."""
    return _tagged("x", *(e.id for e in events), *(c for e in events for c in e.recorded.statement.causes))


def _objections(live: Live) -> Iterator[Inquiry]:
    resolved = {e.payload.objection_id for e in live.of(ObjectionResolved)}
    for raised in live.of(ObjectionRaised):
        p = raised.payload
        if p.objection_id in resolved:
            continue
        investigated = live.of(ObjectionInvestigated, objection_id=p.objection_id)
        incidents = [i for e in investigated for i in e.payload.incident_ids]
        tags = (
            _tagged("ob", p.objection_id)
            | _tagged("c", p.case_id)
            | _tagged("a", p.award_id)
            | _tagged("in", *incidents)
        )
        tags |= _tagged("p", p.org, p.person, *_members(live, p.body_id)) | _rests_on(raised, *investigated)
        yield Inquiry("objection", p.objection_id, raised, frozenset(tags))


def _members(live: Live, body_id: str | None) -> list[str]:
    """Everybody who was a member of a body in any of its revisions."""
    constituted = live.of(BodyConstituted, body_id=body_id) if body_id is not None else []
    return [m.principal_id for e in constituted for m in e.payload.members]


def _revocations(live: Live) -> Iterator[Inquiry]:
    """Open from the request, or the decision where none is recorded, until the award is revoked or the revocation
    rejected.
    """
    decisions = live.of(GovernmentDecisionMade, subject="revocation")
    started: list[tuple[str, LiveEvent[RevocationProposed | GovernmentDecisionMade]]]
    started = [(p.payload.award_id, p) for p in live.of(RevocationProposed)]
    started += [(item.award_id, d) for d in decisions for item in d.payload.approved if item.award_id is not None]
    for award_id, event in started:
        rejected = any(d.position > event.position and award_id in d.payload.rejected_awards for d in decisions)
        if rejected or live.of(AwardRevoked, AwardSetAside, award_id=award_id):
            continue
        tags = _tagged("a", award_id)
        if isinstance(event.payload, RevocationProposed):
            tags |= _tagged("p", event.payload.org) | _tagged("x", *event.payload.facts)
        yield Inquiry("revocation", award_id, event, frozenset(tags | _rests_on(event)))


def _findings(live: Live) -> Iterator[Inquiry]:
    """Open until its issuer accepts an answer. One that names neither cases nor events is about its whole edition."""
    accepted = {e.payload.finding_id for e in live.of(OversightFindingAnswered, step="accept")}
    for issued in live.of(OversightFindingIssued):
        p = issued.payload
        if p.finding_id in accepted:
            continue
        answers = live.of(OversightFindingAnswered, finding_id=p.finding_id)
        named = [*p.targets, *(action for a in answers for action in a.payload.actions)]
        tags = _tagged("f", p.finding_id) | _tagged("c", *p.cases) | _tagged("x", *named) | _rests_on(issued, *answers)
        if not p.cases and not p.targets:
            tags |= _tagged("ed", p.edition_id)
        yield Inquiry("finding", p.finding_id, issued, frozenset(tags))
