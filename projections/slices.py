"""Which events an answer about one subject rests on: bounded replay by tags, never the whole log.

A slice follows an organisation to its cases and awards, these to their editions, notices, objections and
decisions, and adds what concerns everybody (law, calendars) and what annuls or corrects any of these.
Edition-wide events are taken, but not followed to other organisations' cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import A, History
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.after_award import AwardRevoked, AwardSetAside, HigherAwardRecorded, SanctionImposed
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed, EditionOpened
from ledger.events.evaluation import CommitteeResolutionAdopted, ScoreSubmitted
from ledger.events.identity import (
    GenesisDeclared,
    KeyRegistered,
    PrincipalRegistered,
    PrincipalUpdated,
    RoleGranted,
    RoleWithdrawn,
)
from ledger.events.labels import label
from ledger.events.money import ClawbackOrdered
from ledger.events.notice import ObjectionRaised, PublicNoticeOpened
from ledger.events.oversight import (
    AccessRecordAttested,
    ClockCorrected,
    EventAnnulled,
    EventCorrected,
    LateRecordingApproved,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import topics
from ledger.events.reviewers import ReviewerQualified
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.regulation.pack import Pack
from ledger.statement import edition_of
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
#: What changes the record of other events; read by what it changes, so that its cost does not grow with the log.
RECORD_TYPES = (EventAnnulled, EventCorrected)
_EDITION_TYPES = (EditionOpened, EditionClosed, BodyConstituted, BodyDissolved, CommitteeResolutionAdopted)
_PERSON_TYPES = (ReviewerQualified, RoleGranted, RoleWithdrawn, SanctionImposed, PrincipalRegistered)
_STANDING_TYPES = (AwardGranted, AwardRevoked, AwardSetAside)

#: Type and tag kind of index keys -> the version of the derivation since which a slice looks there.
LOOKED_UNDER_SINCE = {
    (kind.SPEC.topic, tag): 3
    for tag, kinds in {
        "b": (BodyConstituted, BodyDissolved),
        "p": (PrincipalUpdated,),
        "o": (*_STANDING_TYPES, GovernmentDecisionMade),
    }.items()
    for kind in kinds
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
    def __init__(self, source: Source, until: int) -> None:
        self._source = source
        self._until = until
        self.found: dict[int, RecordedEvent] = {}

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

    def follow_bodies(self) -> None:
        """From the bodies read to their dissolutions, which need not say of which edition they were."""
        bodies = {p.body_id for p in payloads(BodyConstituted, self.found.values())}
        types = topics(BodyConstituted, BodyDissolved)
        self.read(DCBQueryItem(types=types, tags=[f"b:{body}"]) for body in sorted(bodies))

    def follow_successions(self, orgs: Iterable[str]) -> set[str]:
        """From organisations to those whom they succeed, through however many: these, and they themselves."""
        found, pending = set[str](), {*orgs}
        while pending:
            found |= pending
            updated = self.read(DCBQueryItem(types=topics(PrincipalUpdated), tags=[f"p:{o}"]) for o in sorted(pending))
            pending = {before for org in pending for before in _predecessors(updated, org)} - found
        return found


def global_history(source: Source, until: int) -> History:
    """What concerns everybody: law and calendars, as corrected."""
    return _Reader(source, until).history()


def history_for(source: Source, kind: str, subject: str, until: int) -> History:
    """The slice of a subject: ``org``, ``case``, ``award``, ``notice``, ``edition``, ``finding``, ``principal``,
    ``key``.

    ``inspection`` is an edition with all that its flags look at.
    """
    match kind:
        case "org":
            return _organisation(source, subject, until).history()
        case "case":
            return _case(source, subject, until)
        case "award":
            return _organisation(source, _org_of(source, kind, subject, until), until).history()
        case "notice":
            return _notice(source, subject, until)
        case "edition":
            return _edition(source, subject, until)
        case "inspection":
            return _inspection(source, subject, until)
        case "principal":
            return _tagged(source, [f"p:{subject}"], until)
        case "finding":
            return _tagged(source, [f"f:{subject}"], until)
        case "key":
            return _tagged(source, [f"k:{subject}"], until)
        case _:
            raise NotFoundError("subject_kind_unknown", sentence("no kind of subject {kind}", kind=kind))


_TAG_OF = {"case": "c", "award": "a"}


def _org_of(source: Source, kind: str, subject: str, until: int) -> str:
    # A case whose award was granted without an application on record is known by its award.
    tags = [f"{_TAG_OF[kind]}:{subject}"]
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


def _case(source: Source, case_id: str, until: int) -> History:
    """The applicant's slice, and the persons of the panels with what was opened of the case."""
    reader = _organisation(source, _org_of(source, "case", case_id, until), until)
    events = list(reader.found.values())
    people = {m.principal_id for p in payloads(BodyConstituted, events) for m in p.members}
    people |= {e.statement.actor for e in events if isinstance(e.statement.payload, ScoreSubmitted)}
    reader.read(DCBQueryItem(types=topics(*_PERSON_TYPES), tags=[f"p:{person}"]) for person in sorted(people))
    own = [e for e in events if f"c:{case_id}" in e.statement.tags and e.statement.sd]
    reader.read(DCBQueryItem(types=topics(RestrictedDataHandled), tags=[f"x:{e.statement.id}"]) for e in own)
    return reader.history()


def _organisation(source: Source, org: str, until: int) -> _Reader:
    """The organisation, and all of whomever it succeeds."""
    reader, done, pending = _Reader(source, until), set[str](), {org}
    while pending:
        one = min(pending)
        own = _followed_from(reader, one)
        if not own and one == org:
            raise NotFoundError(
                "org_unknown", sentence("no organisation {org} is known at position {until}", org=org, until=until)
            )
        done.add(one)
        pending = (pending | _predecessors(own, one)) - done
    reader.follow_bodies()
    return reader


def _followed_from(reader: _Reader, org: str) -> list[RecordedEvent]:
    """What is about an organisation itself; its cases and awards, and what they lead to, are read beside."""
    own = reader.read([DCBQueryItem(tags=[f"o:{org}"]), DCBQueryItem(tags=[f"p:{org}"])])
    filed, granted = payloads(ApplicationFiled, own), payloads(AwardGranted, own)
    cases = {p.case_id for p in filed + granted}
    awards = {p.award_id for p in granted}
    around = reader.read(
        [
            *(DCBQueryItem(tags=[f"c:{case}"]) for case in sorted(cases)),
            *(DCBQueryItem(tags=[f"a:{award}"]) for award in sorted(awards)),
            *(
                DCBQueryItem(types=topics(*_EDITION_TYPES), tags=[f"ed:{e}"])
                for e in sorted({edition_of(c) for c in cases})
            ),
            *(DCBQueryItem(tags=[f"h:{h}"]) for h in sorted(_higher_awards(own))),
        ]
    )
    reader.read(_followed([*own, *around]))
    return own


def _predecessors(events: Iterable[RecordedEvent], org: str) -> set[str]:
    """Those whom the organisation succeeds: their bans and debts may have passed on (B-65)."""
    return {p.principal_id for p in payloads(PrincipalUpdated, events) if org in (p.successor_ids or ())}


def _higher_awards(events: Iterable[RecordedEvent]) -> set[str]:
    return {p.higher_award_id for p in payloads(HigherAwardRecorded, events)}


def _followed(events: Iterable[RecordedEvent]) -> list[DCBQueryItem]:
    items: dict[str, DCBQueryItem] = {}
    for event in events:
        p = event.statement.payload
        match p:
            case PublicNoticeOpened():
                items[f"n:{p.notice_id}"] = DCBQueryItem(tags=[f"n:{p.notice_id}"])
            case ObjectionRaised():
                items[f"ob:{p.objection_id}"] = DCBQueryItem(tags=[f"ob:{p.objection_id}"])
            case AwardGranted() | AwardRevoked() | ClawbackOrdered():
                items[f"d:{p.decision_id}"] = DCBQueryItem(
                    types=topics(GovernmentDecisionMade), tags=[f"d:{p.decision_id}"]
                )
            case _:
                continue
    return list(items.values())


def _notice(source: Source, notice: str, until: int) -> History:
    reader = _Reader(source, until)
    opened = reader.read([DCBQueryItem(tags=[f"n:{notice}"])])
    editions = {p.edition_id for p in payloads(PublicNoticeOpened, opened)}
    if not editions:
        raise NotFoundError("notice_unknown", sentence("no notice {notice} is known", notice=notice))
    around = reader.read(
        [
            *(DCBQueryItem(types=topics(*_EDITION_TYPES), tags=[f"ed:{e}"]) for e in sorted(editions)),
            *(DCBQueryItem(types=topics(ObjectionRaised), tags=[f"ed:{e}"]) for e in sorted(editions)),
        ]
    )
    reader.read(_followed(around))
    reader.follow_bodies()
    return reader.history()


def _edition(source: Source, edition: str, until: int) -> History:
    reader = _Reader(source, until)
    own = reader.read([DCBQueryItem(tags=[f"ed:{edition}"])])
    if not own:
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=edition))
    granted = payloads(AwardGranted, own)
    # A win of an heir is told by what its predecessors had won, and by the decisions that pass it on.
    orgs = sorted(reader.follow_successions(p.org for p in granted))
    types = topics(*_STANDING_TYPES, GovernmentDecisionMade)
    standing = reader.read([DCBQueryItem(types=types, tags=[f"o:{org}"]) for org in orgs])
    reader.read(DCBQueryItem(tags=[f"a:{p.award_id}"]) for p in granted)
    editions = {edition_of(p.case_id) for p in payloads(AwardGranted, standing)}
    reader.read([DCBQueryItem(types=topics(*_EDITION_TYPES), tags=[f"ed:{e}"]) for e in sorted(editions)])
    reader.read(_followed([*own, *standing]))
    reader.follow_bodies()
    return reader.history()


#: What inspectors and registrars do about other events: few, and read whole.
_OVERSIGHT_TYPES = (
    OversightFindingIssued,
    OversightFindingAnswered,
    RestrictedDataHandled,
    AccessRecordAttested,
)


def inspected_with(source: Source, kind: str, subject: str, until: int) -> History:
    """The editions in which a case, an award or an organisation took part, each with all that its flags look at."""
    org = subject if kind == "org" else _org_of(source, kind, subject, until)
    reader = _organisation(source, org, until)
    filed, granted = payloads(ApplicationFiled, reader.found.values()), payloads(AwardGranted, reader.found.values())
    cases = {p.case_id for p in filed + granted if p.org == org}
    if kind == "case":
        cases = {subject}
    if kind == "award":
        cases = {p.case_id for p in granted if p.award_id == subject}
    for edition in sorted({edition_of(case) for case in cases}):
        reader.found.update(_inspected(source, edition, until).found)
    return reader.history()


def _inspection(source: Source, edition: str, until: int) -> History:
    return _inspected(source, edition, until).history()


def _inspected(source: Source, edition: str, until: int) -> _Reader:
    """An edition, the whole record of everybody who applied, and of everybody who signed or was seated."""
    reader = _Reader(source, until)
    own = reader.read([DCBQueryItem(tags=[f"ed:{edition}"])])
    if not own:
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=edition))
    for org in sorted({p.org for p in payloads(ApplicationFiled, own) + payloads(AwardGranted, own)}):
        reader.found.update(_organisation(source, org, until).found)
    reader.read(
        [
            DCBQueryItem(
                types=topics(
                    EditionOpened, EditionClosed, BodyConstituted, BodyDissolved, *_OVERSIGHT_TYPES, *GLOBAL_TYPES
                )
            )
        ]
    )
    reader.read(_followed(list(reader.found.values())))
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


def _tagged(source: Source, tags: list[str], until: int) -> History:
    reader = _Reader(source, until)
    if not reader.read([DCBQueryItem(tags=[tag]) for tag in tags]):
        raise NotFoundError("subject_unknown", sentence("nothing is known of {tags}", tags=tags[0]))
    return reader.history()
