"""The consistency boundary of a statement: which events its decision reads, and must not have changed since.

A boundary is a DCB query. It always holds the law, annulments and the identities of everybody who signs or is
named; the rest comes from the statement's own tags, so that nobody can step out of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.identity import IDENTITY_TYPES
from ledger.derivation.inquiries import open_inquiries
from ledger.derivation.succession import predecessors
from ledger.events.after_award import (
    AwardRevoked,
    AwardSetAside,
    RevocationProposed,
)
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AnnouncementPublished, AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed, EditionOpened
from ledger.events.evaluation import CommitteeResolutionAdopted
from ledger.events.identity import GenesisDeclared, PrincipalUpdated
from ledger.events.notice import (
    ObjectionInvestigated,
    ObjectionRaised,
    ObjectionResolved,
)
from ledger.events.oversight import (
    EventAnnulled,
    EventCorrected,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import topics
from ledger.events.reviewers import ReviewerQualified
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.statement import Statement, edition_of, events_named

LAW_TYPES = (
    RegulationEnacted,
    RegulationRepealed,
    RegulationInterpreted,
    CalendarPublished,
)
RECORD_TYPES = (
    EventAnnulled,
    EventCorrected,
)
_EDITION_TYPES = (
    EditionOpened,
    EditionClosed,
    BodyConstituted,
    BodyDissolved,
    CommitteeResolutionAdopted,
)

#: Tag kinds whose events every decision about the same thing has to see.
_KINDS = ("c", "a", "cb", "n", "ob", "f", "b", "d", "r", "u", "in", "h", "l", "v", "cal", "rv")

#: What an award's standing rests on: who won before, and whether it still counts.
_STANDING = (AwardGranted, AwardRevoked, AwardSetAside)
#: What an erasure looks at besides the entry that it names: inquiries and findings, whomever they are about.
_INQUIRIES = (
    ObjectionRaised,
    ObjectionInvestigated,
    ObjectionResolved,
    RevocationProposed,
    GovernmentDecisionMade,
    OversightFindingIssued,
    OversightFindingAnswered,
    PrincipalUpdated,
)


def first_boundary(statement: Statement, keyids: Iterable[str]) -> DCBQuery:
    """What can be asked before anything was read."""
    identity, reads = topics(*IDENTITY_TYPES), statement.spec.reads
    items = [
        DCBQueryItem(types=topics(*LAW_TYPES)),
        DCBQueryItem(types=topics(*RECORD_TYPES)),
        DCBQueryItem(types=topics(GenesisDeclared)),
    ]
    items += [DCBQueryItem(types=identity, tags=[f"k:{keyid}"]) for keyid in keyids]
    persons = {statement.actor}
    for tag in statement.tags:
        kind, _, value = tag.partition(":")
        if kind in _KINDS:
            items.append(DCBQueryItem(tags=[tag]))
        elif kind in ("p", "m"):
            persons.add(value)
        elif kind == "o":
            persons.add(value)
            if "past" in reads:
                items.append(DCBQueryItem(tags=[tag]))
        elif kind == "ed":
            types = [] if "edition" in reads else topics(*_EDITION_TYPES)
            items.append(DCBQueryItem(types=types, tags=[tag]))
        elif kind == "k":
            items.append(DCBQueryItem(types=identity, tags=[tag]))
    items += [DCBQueryItem(types=[*identity, *topics(ReviewerQualified)], tags=[f"p:{p}"]) for p in sorted(persons)]
    erasure = _erasure(statement)
    if erasure is not None:
        items.append(DCBQueryItem(types=topics(*_INQUIRIES)))
        items.append(DCBQueryItem(types=[statement.type], tags=[f"x:{erasure.target_event}"]))
    if "own_kind" in reads:
        items.append(DCBQueryItem(types=[statement.type]))
    if isinstance(statement.payload, PrincipalUpdated) or any(tag.startswith("o:") for tag in statement.tags):
        # Who succeeds whom, through however many: few, and read whole.
        items.append(DCBQueryItem(types=topics(PrincipalUpdated)))
    items.append(DCBQueryItem(types=topics(BodyConstituted), tags=[f"m:{statement.actor}"]))
    if "editions" in reads:
        items.append(DCBQueryItem(types=topics(GenesisDeclared, EditionOpened)))
    return DCBQuery(items)


def further_boundary(
    statement: Statement, seen: Live, named: Collection[LiveEvent], principals: Iterable[str]
) -> DCBQuery:
    """What the readings before showed to be needed: signers' identities, editions and cases of awards, an applicant's
    past.

    Of events that the statement names, the whole case, its edition and its objection are read: a correction has to see
    what was decided on it.
    """
    own_cases = {tag[2:] for tag in statement.tags if tag.startswith("c:")}
    items = [DCBQueryItem(types=topics(*IDENTITY_TYPES), tags=[f"p:{p}"]) for p in sorted(set(principals))]
    editions, cases, decisions, findings = set[str](), set[str](), set[str](), set[str]()
    tags = {tag for event in named for tag in event.recorded.statement.tags}
    cases |= {tag[2:] for tag in tags if tag.startswith("c:")}
    # Whether a named entry may be opened depends on its edition's panels and end, and on who investigates an objection.
    editions |= {edition_of(c) for c in cases}
    items += [DCBQueryItem(tags=[tag]) for tag in sorted(tags) if tag.startswith("ob:")]
    if isinstance(statement.payload, EventAnnulled):
        # An award that comes back may find another one of its case; money may rest on what goes.
        items += [DCBQueryItem(tags=[tag]) for tag in sorted(tags) if tag.startswith(("a:", "cb:"))]
    orgs, winners, awards, before = set[str](), set[str](), set[str](), set[str]()
    if _erasure(statement) is not None:
        # What is owed to, or by, whomever the entry is about, and what each open inquiry is about.
        orgs |= _debtors(seen, tags)
        items += [DCBQueryItem(tags=[tag]) for tag in sorted(tags) if tag.startswith("a:")]
        items += _of_inquiries(seen)
    for event in [*seen, *named]:
        if isinstance(event.payload, AwardGranted):
            winners.add(event.payload.org)
            awards.add(event.payload.award_id)
            cases.add(event.payload.case_id)
            editions.add(edition_of(event.payload.case_id))
            decisions.add(event.payload.decision_id)
        elif isinstance(event.payload, AwardRevoked):
            decisions.add(event.payload.decision_id)
        elif isinstance(event.payload, ApplicationFiled):
            editions.add(edition_of(event.payload.case_id))
            if "past" in statement.spec.reads and event.payload.case_id in own_cases:
                orgs.add(event.payload.org)
        elif isinstance(event.payload, PrincipalUpdated) and event.payload.successor_ids:
            before.add(event.payload.principal_id)
        elif isinstance(event.payload, OversightFindingIssued):
            findings.add(event.payload.finding_id)
            if isinstance(statement.payload, OversightFindingAnswered):
                cases |= set(event.payload.cases)
        elif isinstance(event.payload, ObjectionRaised) and event.payload.case_id:
            cases.add(event.payload.case_id)
    if "past" in statement.spec.reads:
        # A successor's bans and debts may be its predecessor's (B-65).
        orgs |= {p for p in before if p not in persons_named(statement)}
    items += [DCBQueryItem(tags=[f"{kind}:{org}"]) for org in sorted(orgs) for kind in ("o", "p")]
    items += [DCBQueryItem(types=topics(*_STANDING), tags=[f"o:{org}"]) for org in sorted(winners)]
    items += [DCBQueryItem(types=topics(AnnouncementPublished), tags=[f"a:{award}"]) for award in sorted(awards)]
    items += [DCBQueryItem(types=topics(*_EDITION_TYPES), tags=[f"ed:{e}"]) for e in sorted(editions)]
    items += [DCBQueryItem(tags=[f"c:{c}"]) for c in sorted(cases)]
    items += [DCBQueryItem(types=topics(OversightFindingAnswered), tags=[f"f:{f}"]) for f in sorted(findings)]
    items += [DCBQueryItem(types=topics(GovernmentDecisionMade), tags=[f"d:{d}"]) for d in sorted(decisions)]
    return DCBQuery(items)


def _debtors(seen: Live, tags: Collection[str]) -> set[str]:
    """Whomever tags name, and whom they succeed: debts may have passed on (B-65)."""
    named = {tag[2:] for tag in tags if tag.startswith(("o:", "p:"))}
    return named | {before for org in named for before in predecessors(seen, org)}


def _of_inquiries(seen: Live) -> list[DCBQueryItem]:
    """By what an open inquiry goes on to what else it is about: an award to its case, both to whose they are, a body to
    its members.
    """
    inquiries = open_inquiries(seen)
    tags = sorted({tag for inquiry in inquiries for tag in inquiry.tags if tag.startswith(("a:", "c:"))})
    objections = [i.opened.payload for i in inquiries if i.kind == "objection"]
    bodies = {p.body_id for p in objections if isinstance(p, ObjectionRaised) and p.body_id}
    items = [DCBQueryItem(types=topics(ApplicationFiled, *_STANDING), tags=[tag]) for tag in tags]
    return items + [DCBQueryItem(types=topics(BodyConstituted), tags=[f"b:{body}"]) for body in sorted(bodies)]


def named_by_erased(statement: Statement, named: Mapping[str, LiveEvent]) -> set[str]:
    """Ids of the events that an entry to be erased names: it is about what they are about."""
    erasure = _erasure(statement)
    target = named.get(erasure.target_event) if erasure is not None else None
    return events_named(target.recorded.statement) if target is not None else set()


def targets_of_findings(statement: Statement, live: Live) -> set[str]:
    """Ids of the events that an answered finding is about: who did them may answer."""
    if not isinstance(statement.payload, OversightFindingAnswered):
        return set()
    issued = live.of(OversightFindingIssued, finding_id=statement.payload.finding_id)
    return {target for event in issued for target in event.payload.targets}


def targets_of_annulments(statement: Statement, named: Iterable[LiveEvent]) -> set[str]:
    """Ids of what was annulled by an annulment that is to be annulled."""
    if not isinstance(statement.payload, EventAnnulled):
        return set()
    return {event.payload.target for event in named if isinstance(event.payload, EventAnnulled)}


def rounds_of(statement: Statement) -> int:
    """How often the reading is widened: decisions about an applicant follow it to its past, and that to its editions;
    an annulment follows an award to its case.
    """
    if "past" in statement.spec.reads or _erasure(statement) is not None:
        return 3
    return 2 if isinstance(statement.payload, EventAnnulled) else 1


def _erasure(statement: Statement) -> RestrictedDataHandled | None:
    p = statement.payload
    return p if isinstance(p, RestrictedDataHandled) and p.action == "erased" else None


def persons_named(statement: Statement) -> set[str]:
    """Principals whose own tags the statement carries."""
    return {tag[2:] for tag in statement.tags if tag.startswith(("p:", "o:"))}
