"""Leads: which further events a decision reads, from an application to its edition, from a winner to earlier awards.

A lead looks at what was read so far and asks for more, until nothing new is found: how far a succession or a chain of
acts goes is known only from the log. The reading plan says which of them a decision
follows (:mod:`ledger.admission.reading_plan`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from ledger.dcb import DCBQueryItem
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import Live, LiveEvent, only
from ledger.derivation.identity import IDENTITY_TYPES, Identities
from ledger.derivation.inquiries import open_inquiries
from ledger.derivation.law import law_of
from ledger.derivation.succession import predecessors
from ledger.events.after_award import AwardRevoked, AwardSetAside
from ledger.events.application import ApplicationFiled, EligibilityDecided
from ledger.events.decision import AnnouncementPublished, AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed, EditionOpened
from ledger.events.evaluation import CommitteeResolutionAdopted
from ledger.events.identity import PrincipalRegistered, PrincipalUpdated
from ledger.events.notice import ObjectionRaised
from ledger.events.oversight import (
    EventAnnulled,
    EventCorrected,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import Payload, topics
from ledger.regulation.pack import Pack
from ledger.statement import Statement, edition_of, events_named

A = TypeVar("A", bound=Payload)

#: What decides on an edition as a whole: what it offers, who sits where, whether it is over.
EDITION_TYPES = (
    EditionOpened,
    EditionClosed,
    BodyConstituted,
    BodyDissolved,
    CommitteeResolutionAdopted,
)
#: What an award's standing rests on: who won before, and whether it still counts.
_STANDING = (AwardGranted, AwardRevoked, AwardSetAside)


@dataclass(frozen=True)
class Seen:
    """What was read so far for a statement: live events of any day, and the entries that were asked for by their ids.

    ``keyids`` are the keys that it says it is signed with.
    """

    statement: Statement
    keyids: Collection[str]
    live: Live
    named: Mapping[str, LiveEvent]
    packs: Mapping[str, Pack]

    @cached_property
    def identities(self) -> Identities:
        """Persons, keys and roles, by what was read so far."""
        return self.live.once(Identities)

    @cached_property
    def kinds(self) -> frozenset[type[Payload]]:
        """The classes of all acts that were read."""
        return self.live.kinds | {type(event.payload) for event in self.named.values()}

    def of(self, kind: type[A]) -> list[A]:
        """Payloads of a class among all that was read."""
        found = [e.payload for e in self.live.of(kind)]
        return [*found, *(e.payload for e in only(kind, self.named.values()))] if self.named else found

    def tags_of_named(self) -> set[str]:
        """The tags of the entries that were asked for by their ids."""
        return {tag for event in self.named.values() for tag in event.recorded.statement.tags}


Lead = Callable[[Seen], Iterator[DCBQueryItem]]
#: The same, to entries by their ids; those never come or go, so they need no place in a query.
EntryLead = Callable[[Seen], Iterable[str]]


#: Leads that set out from acts of some classes: where none of them was read, they lead nowhere.
SETS_OUT_FROM: dict[Lead, frozenset[type[Payload]]] = {}


def sets_out_from(*kinds: type[Payload]) -> Callable[[Lead], Lead]:
    """Say of a lead from which acts it sets out."""

    def note(lead: Lead) -> Lead:
        SETS_OUT_FROM[lead] = frozenset(kinds)
        return lead

    return note


def leads_on(leads: Iterable[Lead], seen: Seen) -> Iterator[DCBQueryItem]:
    """What leads ask for, of what was seen."""
    kinds = seen.kinds
    for lead in leads:
        starts = SETS_OUT_FROM.get(lead)
        if starts is None or not starts.isdisjoint(kinds):
            yield from lead(seen)


def identities_named(statement: Statement) -> set[str]:
    """Whose identities every decision reads at once: the actor's, and those of whomever the statement's tags name."""
    return {statement.actor, *(tag[2:] for tag in statement.tags if tag.startswith(("p:", "m:", "o:")))}


def changes_of_the_record(ids: Iterable[str]) -> Iterator[DCBQueryItem]:
    """From entries to what annuls or corrects them."""
    types = topics(EventAnnulled, EventCorrected)
    yield from (DCBQueryItem(types=types, tags=[f"x:{event_id}"]) for event_id in sorted(ids))


def identities_of_signers(seen: Seen) -> Iterator[DCBQueryItem]:
    """From the keys to whose they are: what roles these hold, and which of their keys still count; from a role that is
    held in a body to that body.
    """
    identities = seen.identities
    signers = {identities.keys[keyid].principal_id for keyid in seen.keyids if keyid in identities.keys}
    for principal in sorted(signers):
        yield DCBQueryItem(types=topics(*IDENTITY_TYPES), tags=[f"p:{principal}"])
    held = [g.body for g in identities.grants if g.principal_id in {*signers, seen.statement.actor}]
    yield from (_body(body) for body in held if body is not None)


@sets_out_from(BodyConstituted)
def dissolutions_of_bodies(seen: Seen) -> Iterator[DCBQueryItem]:
    """From a body to its dissolution, which need not say of which edition it was."""
    yield from (_body(body.body_id) for body in seen.of(BodyConstituted))


@sets_out_from(BodyConstituted)
def cases_of_dissolved(seen: Seen) -> Iterator[DCBQueryItem]:
    """From the body that is dissolved to the cases that it serves: none of them is left unreported."""
    p = seen.statement.payload
    for body in seen.of(BodyConstituted):
        if isinstance(p, BodyDissolved) and body.body_id == p.body_id:
            yield from (_case(case_id) for case_id in body.cases or ())


def standing_supervision(seen: Seen) -> Iterator[DCBQueryItem]:
    """From a case to the bodies of no edition, where its text wants a supervision group: one that stands follows every
    edition, and only the type of its event tells where it is.
    """
    p, on = seen.statement.payload, seen.statement.effective_on
    if not isinstance(p, EligibilityDecided):
        return
    law = law_of(seen.live, seen.packs)
    enacted = pinned_pack(seen.live, law, edition_of(p.case_id))
    if law.parameter(enacted, "supervision_group.required", on).yes:
        yield DCBQueryItem(types=topics(BodyConstituted))


def cases_of_named(seen: Seen) -> Iterator[DCBQueryItem]:
    """From entries that the statement names to their whole cases, editions and objections: a correction has to see what
    was decided on it, and whether an entry may be opened depends on its edition's panels and end and on who
    investigates an objection.
    """
    tags = sorted(seen.tags_of_named())
    yield from (DCBQueryItem(tags=[tag]) for tag in tags if tag.startswith("ob:"))
    for case_id in (tag[2:] for tag in tags if tag.startswith("c:")):
        yield _edition(edition_of(case_id))
        yield _case(case_id)


@sets_out_from(AwardGranted)
def standing_of_winners(seen: Seen) -> Iterator[DCBQueryItem]:
    """From an award to its case, edition, decision and announcement, and to what else its winner has won, itself or as
    the heir of somebody.
    """
    for granted in seen.of(AwardGranted):
        yield DCBQueryItem(types=topics(AnnouncementPublished), tags=[f"a:{granted.award_id}"])
        yield _edition(edition_of(granted.case_id))
        yield _case(granted.case_id)
        yield _decision(granted.decision_id)
    for org in sorted({granted.org for granted in seen.of(AwardGranted)}):
        yield DCBQueryItem(types=topics(*_STANDING), tags=[f"o:{org}"])
        before = sorted(predecessors(seen.live, org))
        yield from (DCBQueryItem(types=topics(*_STANDING), tags=[f"o:{one}"]) for one in before)


def successions(seen: Seen) -> Iterator[DCBQueryItem]:
    """From an organisation that is named, applies or has won, to those it succeeds and those that succeed it, over any
    number of steps, and to the decisions that name the heirs: they say what passes on.
    """
    tags = {*seen.statement.tags, *seen.tags_of_named()}
    known = {tag[2:] for tag in tags if tag.startswith(("o:", "p:"))}
    known |= {*_own_applicants(seen), *(granted.org for granted in seen.of(AwardGranted))}
    families = [{p.principal_id, *p.successor_ids} for p in seen.of(PrincipalUpdated) if p.successor_ids]
    while joined := [family for family in families if family & known and not family <= known]:
        known |= set[str]().union(*joined)
    for one in sorted(known - identities_named(seen.statement)):
        yield DCBQueryItem(types=topics(PrincipalUpdated), tags=[f"p:{one}"])
    heirs = {heir for p in seen.of(PrincipalUpdated) if p.principal_id in known for heir in p.successor_ids or ()}
    for heir in sorted(heirs):
        yield DCBQueryItem(types=topics(GovernmentDecisionMade), tags=[f"o:{heir}"])


@sets_out_from(AwardRevoked)
def decisions_of_revocations(seen: Seen) -> Iterator[DCBQueryItem]:
    """From a revocation to the decision that it carries out."""
    yield from (_decision(revoked.decision_id) for revoked in seen.of(AwardRevoked))


@sets_out_from(ApplicationFiled)
def editions_of_applications(seen: Seen) -> Iterator[DCBQueryItem]:
    """From an application to its edition."""
    yield from (_edition(edition_of(filed.case_id)) for filed in seen.of(ApplicationFiled))


@sets_out_from(OversightFindingIssued)
def answers_of_findings(seen: Seen) -> Iterator[DCBQueryItem]:
    """From a finding to its answers: an open one may hold a case up."""
    for finding in seen.of(OversightFindingIssued):
        yield DCBQueryItem(types=topics(OversightFindingAnswered), tags=[f"f:{finding.finding_id}"])


@sets_out_from(ObjectionRaised)
def cases_of_objections(seen: Seen) -> Iterator[DCBQueryItem]:
    """From an objection to the case that it is about."""
    yield from (_case(raised.case_id) for raised in seen.of(ObjectionRaised) if raised.case_id)


@sets_out_from(ApplicationFiled)
def past_of_applicant(seen: Seen) -> Iterator[DCBQueryItem]:
    """From the statement's own case to all that its organisation ever did."""
    for org in _own_applicants(seen):
        yield from _everything_of(org)


def names_of_those_concerned(seen: Seen) -> Iterator[DCBQueryItem]:
    """From the statement's own cases and organisations to who applies and succeeds: refusals call them by name."""
    tags = seen.statement.tags
    cases, orgs = ({tag[2:] for tag in tags if tag.startswith(kind)} for kind in ("c:", "o:"))
    named = {filed.org for filed in seen.of(ApplicationFiled) if filed.case_id in cases}
    named |= {s for p in seen.of(PrincipalUpdated) if p.principal_id in orgs | named for s in p.successor_ids or ()}
    naming = topics(PrincipalRegistered, PrincipalUpdated)
    yield from (DCBQueryItem(types=naming, tags=[f"p:{org}"]) for org in sorted(named))


def past_of_predecessors(seen: Seen) -> Iterator[DCBQueryItem]:
    """To all that those did whom an organisation succeeds: bans and debts may have passed on (B-65)."""
    own = {tag[2:] for tag in seen.statement.tags if tag.startswith(("p:", "o:"))} | {*_own_applicants(seen)}
    for predecessor in sorted({before for org in own for before in predecessors(seen.live, org)}):
        yield from _everything_of(predecessor)


def _own_applicants(seen: Seen) -> list[str]:
    """Who applies in the cases that the statement names."""
    own = {tag[2:] for tag in seen.statement.tags if tag.startswith("c:")}
    return sorted({filed.org for filed in seen.of(ApplicationFiled) if filed.case_id in own})


@sets_out_from(OversightFindingIssued)
def cases_of_findings(seen: Seen) -> Iterator[DCBQueryItem]:
    """From the finding that is answered to the cases that it is about."""
    yield from (_case(case_id) for finding in _answered(seen) for case_id in finding.cases)


def targets_of_findings(seen: Seen) -> Iterator[str]:
    """From the finding that is answered to the entries that it is about: who made them may answer."""
    yield from (target for finding in _answered(seen) for target in finding.targets)


def _answered(seen: Seen) -> list[OversightFindingIssued]:
    return [f for f in seen.of(OversightFindingIssued) if f"f:{f.finding_id}" in seen.statement.tags]


def awards_of_named(seen: Seen) -> Iterator[DCBQueryItem]:
    """From named entries to their awards: one that comes back may find another in its place."""
    yield from (DCBQueryItem(tags=[tag]) for tag in sorted(seen.tags_of_named()) if tag.startswith("a:"))


@sets_out_from(AwardGranted)
def winners_beside_named(seen: Seen) -> Iterator[DCBQueryItem]:
    """From the award of a named entry to who else has won in its edition, and for which sector: one that comes back
    takes a place.
    """
    tags = seen.tags_of_named()
    for granted in seen.of(AwardGranted):
        if f"a:{granted.award_id}" in tags or f"c:{granted.case_id}" in tags:
            edition = edition_of(granted.case_id)
            yield DCBQueryItem(types=topics(*_STANDING, ApplicationFiled), tags=[f"ed:{edition}"])


def clawbacks_of_named(seen: Seen) -> Iterator[DCBQueryItem]:
    """From named entries to the money that is ordered back by them."""
    yield from (DCBQueryItem(tags=[tag]) for tag in sorted(seen.tags_of_named()) if tag.startswith("cb:"))


def targets_of_annulments(seen: Seen) -> Iterator[str]:
    """From an annulment that is annulled to what it had annulled."""
    named = [e.payload for e in only(EventAnnulled, seen.named.values())]
    yield from (annulment.target for annulment in named)


def debts_of_those_concerned(seen: Seen) -> Iterator[DCBQueryItem]:
    """From an entry to whomever it names, and to those whom they succeed: what they owe, and are owed."""
    tags = seen.tags_of_named()
    orgs = {tag[2:] for tag in tags if tag.startswith(("o:", "p:"))}
    orgs |= {before for org in orgs for before in predecessors(seen.live, org)}
    for org in sorted(orgs):
        yield from _everything_of(org)


def subjects_of_inquiries(seen: Seen) -> Iterator[DCBQueryItem]:
    """From an open inquiry to what else it is about: an award to its case, both to whose they are, a body to its
    members.
    """
    inquiries = open_inquiries(seen.live)
    tags = sorted({tag for inquiry in inquiries for tag in inquiry.tags if tag.startswith(("a:", "c:"))})
    objections = [i.opened.payload for i in inquiries if i.kind == "objection"]
    bodies = {p.body_id for p in objections if isinstance(p, ObjectionRaised) and p.body_id}
    yield from (DCBQueryItem(types=topics(ApplicationFiled, *_STANDING), tags=[tag]) for tag in tags)
    yield from (_body(body) for body in sorted(bodies))


def named_by_erased(seen: Seen) -> Iterator[str]:
    """From the entry whose fields are erased to those that it names: it is about what they are about."""
    p = seen.statement.payload
    target = seen.named.get(p.target_event) if isinstance(p, RestrictedDataHandled) else None
    yield from events_named(target.recorded.statement) if target is not None else ()


def _everything_of(principal: str) -> Iterator[DCBQueryItem]:
    yield from (DCBQueryItem(tags=[f"{kind}:{principal}"]) for kind in ("o", "p"))


def _body(body_id: str) -> DCBQueryItem:
    return DCBQueryItem(types=topics(BodyConstituted, BodyDissolved), tags=[f"b:{body_id}"])


def _edition(edition_id: str) -> DCBQueryItem:
    return DCBQueryItem(types=topics(*EDITION_TYPES), tags=[f"ed:{edition_id}"])


def _case(case_id: str) -> DCBQueryItem:
    return DCBQueryItem(tags=[f"c:{case_id}"])


def _decision(decision_id: str) -> DCBQueryItem:
    return DCBQueryItem(types=topics(GovernmentDecisionMade), tags=[f"d:{decision_id}"])
