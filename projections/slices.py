"""Which events an answer about one subject rests on: bounded replay by tags, never the whole log.

A slice follows an organisation to its cases and awards, these to their editions, notices, objections and
decisions, and adds what concerns everybody (law, calendars) and what annuls or corrects any of these.
Edition-wide events are taken, but not followed to other organisations' cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Protocol

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import A, History
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.application import (
    ApplicationFiled,
    ApplicationSupplemented,
    DepartmentOpinionGiven,
    EligibilityDecided,
    RecommendationIssued,
)
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed, EditionOpened
from ledger.events.evaluation import (
    ApplicantNotified,
    CandidateListProposed,
    CommitteeVoteCast,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    RevieweeFeedbackGiven,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)
from ledger.events.identity import GenesisDeclared, KeyRegistered, PrincipalUpdated
from ledger.events.labels import label
from ledger.events.notice import PublicNoticeOpened
from ledger.events.oversight import (
    AccessRecordAttested,
    ClockCorrected,
    LateRecordingApproved,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import Payload, all_events, topics
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.regulation.pack import Pack
from ledger.statement import edition_of
from projections import reach
from projections.reach import RECORD_TYPES, STANDING_TYPES, Lead, Reach
from projections.sentences import sentence

#: Events that concern every subject.
GLOBAL_TYPES = (
    GenesisDeclared,
    RegulationEnacted,
    RegulationRepealed,
    RegulationInterpreted,
    CalendarPublished,
    LateRecordingApproved,
    ClockCorrected,
)

#: Type and tag kind of index keys -> the version of the derivation since which a slice looks there.
LOOKED_UNDER_SINCE = {
    (kind.SPEC.topic, tag): 3
    for tag, kinds in {
        "b": (BodyConstituted, BodyDissolved),
        "p": (PrincipalUpdated,),
        "o": (*STANDING_TYPES, GovernmentDecisionMade),
    }.items()
    for kind in kinds
}

#: What the facts about an organisation do not look at: who examined its cases, and what was said meanwhile.
_UNTOLD_OF_ORG = (
    ApplicantNotified,
    DepartmentOpinionGiven,
    InterestDeclared,
    RecommendationIssued,
    RecusalOrdered,
    RevieweeFeedbackGiven,
)

#: What the public is not told of an edition: how its cases were examined.
_UNTOLD_OF_PUBLIC = (
    *_UNTOLD_OF_ORG,
    ApplicationSupplemented,
    CandidateListProposed,
    CommitteeVoteCast,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)

#: Kind of subject -> acts that none of its facts looks at. Most of what is recorded of a case is how it was examined.
UNTOLD: dict[str, tuple[type[Payload], ...]] = {
    "org": _UNTOLD_OF_ORG,
    "award": (*_UNTOLD_OF_PUBLIC, EligibilityDecided),
    "publication": _UNTOLD_OF_PUBLIC,
}


class Source(Protocol):
    """Where events come from: positions ``after < position <= until``, in order; the same query gives the same."""

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Parsed events that match at least one item of the query."""

    def event(self, event_id: str) -> RecordedEvent:
        """One event by id; NotFoundError if the log has none."""

    def packs(self) -> dict[str, Pack]:
        """Parsed packs by hash of their bytes."""


def payloads(kind: type[A], events: Iterable[RecordedEvent]) -> list[A]:
    """What those of some recorded events that are of a class say."""
    return [e.statement.payload for e in events if isinstance(e.statement.payload, kind)]


def changes_of(source: Source, events: Iterable[RecordedEvent], until: int) -> list[RecordedEvent]:
    """What has annulled or corrected some events by a position, what has annulled that, and so on."""
    found, ids = dict[str, RecordedEvent](), {e.statement.id for e in events}
    types = topics(*RECORD_TYPES)
    while ids:
        query = DCBQuery([DCBQueryItem(types=types, tags=[f"x:{event_id}"]) for event_id in sorted(ids)])
        new = {e.statement.id: e for e in source.events(query, until=until) if e.statement.id not in found}
        found |= new
        ids = {*new}
    return list(found.values())


class _Reader:
    """Reads for one answer: what was found so far."""

    def __init__(self, source: Source, until: int, found: Iterable[RecordedEvent] = ()) -> None:
        self._source = source
        self._until = until
        self.found = {e.position: e for e in found}

    def read(self, items: Iterable[DCBQueryItem]) -> list[RecordedEvent]:
        wanted = list(items)
        events = self._source.events(DCBQuery(wanted), until=self._until) if wanted else []
        self.found.update({e.position: e for e in events})
        return events

    def history(self) -> History:
        self.read([DCBQueryItem(types=topics(*GLOBAL_TYPES))])
        self.follow_changes()
        return History(self.found.values())

    def follow_changes(self) -> None:
        """From whatever was read to what annuls or corrects it."""
        self.found.update({e.position: e for e in changes_of(self._source, self.found.values(), self._until)})


def global_history(source: Source, until: int) -> History:
    """What concerns everybody: law and calendars, as corrected."""
    return _Reader(source, until).history()


def history_for(source: Source, kind: str, subject: str, until: int) -> History:
    """The slice of a subject: ``org``, ``case``, ``award``, ``notice``, ``edition``, ``finding``, ``principal``,
    ``key``.

    ``inspection`` is an edition with all that its flags look at, ``publication`` one with what the public is told.
    """
    if kind == "inspection":
        return _inspected(source, subject, until).history()
    own = reach_of(source, kind, subject, until).found.values()
    return History([*own, *global_history(source, until).events])


def told_history(source: Source, kind: str, subject: str, until: int) -> History:
    """The slice of a subject without the acts that none of its facts looks at."""
    if kind not in UNTOLD:
        return history_for(source, kind, subject, until)
    if kind == "publication":
        own = _edition(source, subject, until, _told(kind))
    else:
        own = _organisation(
            source, subject if kind == "org" else org_of(source, kind, subject, until), until, _told(kind)
        )
    return History([*own.found.values(), *global_history(source, until).events])


@cache
def _told(kind: str) -> tuple[str, ...]:
    untold = topics(*UNTOLD[kind])
    return tuple(topic for topic in all_events() if topic not in untold)


def reach_of(source: Source, kind: str, subject: str, until: int) -> Reach:
    """What is a subject's own of its slice: all but what concerns everybody. It can go on from there."""
    match kind:
        case "org":
            return _organisation(source, subject, until)
        case "award":
            return _organisation(source, org_of(source, kind, subject, until), until)
        case "case":
            found = Reach(source, reach.to_panels, subject)
            return _read(found, reach.organisation(org_of(source, kind, subject, until)), until)
        case "notice":
            return _notice(source, subject, until)
        case "edition" | "publication":
            return _edition(source, subject, until)
        case "principal" | "finding" | "key":
            tag = f"{subject_tag(kind)}:{subject}"
            found = _read(Reach(source, reach.to_nothing_else), [Lead(tag, (), reach.NOWHERE)], until)
            if not found.found:
                raise NotFoundError("subject_unknown", sentence("nothing is known of {tags}", tags=tag))
            return found
        case _:
            raise NotFoundError("subject_kind_unknown", sentence("no kind of subject {kind}", kind=kind))


def subject_tag(kind: str) -> str:
    """The kind of tag that entries about a subject of a kind have."""
    return {"case": "c", "award": "a", "principal": "p", "finding": "f", "key": "k"}[kind]


def _read(found: Reach, leads: Iterable[Lead], until: int) -> Reach:
    found.read(leads, until)
    return found


def org_of(source: Source, kind: str, subject: str, until: int) -> str:
    """The organisation that a case or an award is about."""
    # A case whose award was granted without an application on record is known by its award.
    tags = [f"{subject_tag(kind)}:{subject}"]
    naming: tuple[type[ApplicationFiled | AwardGranted], ...] = (AwardGranted,)
    if kind == "case":
        naming = (ApplicationFiled, AwardGranted)
    for named_by in naming:
        events = source.events(DCBQuery([DCBQueryItem(types=topics(named_by), tags=tags)]), until=until)
        for p in payloads(named_by, events):
            return p.org
    raise NotFoundError(
        f"{kind}_unknown",
        sentence("no {kind} {subject} is known at position {until}", kind=label(kind), subject=subject, until=until),
    )


def _organisation(source: Source, org: str, until: int, told: tuple[str, ...] = ()) -> Reach:
    found = _read(Reach(source, reach.to_bodies, told=told), reach.organisation(org), until)
    if not found.found:
        raise NotFoundError(
            "org_unknown", sentence("no organisation {org} is known at position {until}", org=org, until=until)
        )
    return found


def _edition(source: Source, edition: str, until: int, told: tuple[str, ...] = ()) -> Reach:
    found = _read(Reach(source, reach.to_bodies, told=told), reach.edition(edition), until)
    if not found.found:
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=edition))
    return found


def _notice(source: Source, notice: str, until: int) -> Reach:
    found = _read(Reach(source, reach.to_bodies), reach.notice(notice), until)
    opened = payloads(PublicNoticeOpened, found.found.values())
    if not any(p.notice_id == notice for p in opened):
        raise NotFoundError("notice_unknown", sentence("no notice {notice} is known", notice=notice))
    return found


#: What inspectors and registrars do about other events: few, and read whole.
_OVERSIGHT_TYPES = (
    OversightFindingIssued,
    OversightFindingAnswered,
    RestrictedDataHandled,
    AccessRecordAttested,
)


def inspected_with(source: Source, kind: str, subject: str, until: int) -> History:
    """The editions in which a case, an award or an organisation took part, each with all that its flags look at."""
    org = subject if kind == "org" else org_of(source, kind, subject, until)
    reader = _Reader(source, until, _organisation(source, org, until).found.values())
    filed, granted = payloads(ApplicationFiled, reader.found.values()), payloads(AwardGranted, reader.found.values())
    cases = {p.case_id for p in filed + granted if p.org == org}
    if kind == "case":
        cases = {subject}
    if kind == "award":
        cases = {p.case_id for p in granted if p.award_id == subject}
    for edition in sorted({edition_of(case) for case in cases}):
        reader.found.update(_inspected(source, edition, until).found)
    return reader.history()


def _inspected(source: Source, edition: str, until: int) -> _Reader:
    """An edition, the whole record of everybody who applied, and of everybody who signed or was seated."""
    reader = _Reader(source, until)
    own = reader.read([DCBQueryItem(tags=[f"ed:{edition}"])])
    if not own:
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=edition))
    orgs = sorted({p.org for p in payloads(ApplicationFiled, own) + payloads(AwardGranted, own)})
    # Followed together: many of them lead to the same entries.
    leads = (lead for org in orgs for lead in reach.organisation(org))
    reader.found.update(_read(Reach(source, reach.to_bodies), leads, until).found)
    reader.read(
        [
            DCBQueryItem(
                types=topics(
                    EditionOpened, EditionClosed, BodyConstituted, BodyDissolved, *_OVERSIGHT_TYPES, *GLOBAL_TYPES
                )
            )
        ]
    )
    acts = (lead for e in list(reader.found.values()) for lead in reach.to_acts_named(e, ""))
    reader.read({lead: DCBQueryItem(types=lead.types, tags=[lead.tag]) for lead in acts}.values())
    # Who changed the record is looked at as whoever else has signed.
    reader.follow_changes()
    events = list(reader.found.values())
    keys = {s.keyid for e in events for s in e.envelope.signatures}
    owned = reader.read(DCBQueryItem(tags=[f"k:{key}"]) for key in sorted(keys))
    people = {e.statement.actor for e in events} | {
        t[2:] for e in events for t in e.statement.tags if t.startswith("m:")
    }
    people |= {p.principal_id for p in payloads(KeyRegistered, owned)}
    reader.read(DCBQueryItem(tags=[f"p:{person}"]) for person in sorted(people))
    return reader
