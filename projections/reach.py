"""From what is read of a subject to whatever else its answers rest on: which tags lead where, entry by entry.

A reach is the least set of entries that is closed under its leads: an entry found under a tag may lead to further tags,
by the rule under which it was found. Each further entry of the log is offered to it once and may lead on; so a reach
that has grown is the reach that is read from nothing at the same position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.events.after_award import AwardRevoked, AwardSetAside, HigherAwardRecorded, SanctionImposed
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed, EditionOpened
from ledger.events.evaluation import CommitteeResolutionAdopted, ScoreSubmitted
from ledger.events.identity import PrincipalRegistered, PrincipalUpdated, RoleGranted, RoleWithdrawn
from ledger.events.money import ClawbackOrdered
from ledger.events.notice import ObjectionRaised, PublicNoticeOpened
from ledger.events.oversight import EventAnnulled, EventCorrected, RestrictedDataHandled
from ledger.events.registry import topics
from ledger.events.reviewers import ReviewerQualified
from ledger.statement import edition_of

#: What changes the record of other events; read by what it changes, so that its cost does not grow with the log.
RECORD_TYPES = (EventAnnulled, EventCorrected)
EDITION_TYPES = (EditionOpened, EditionClosed, BodyConstituted, BodyDissolved, CommitteeResolutionAdopted)
STANDING_TYPES = (AwardGranted, AwardRevoked, AwardSetAside)
_PERSON_TYPES = (ReviewerQualified, RoleGranted, RoleWithdrawn, SanctionImposed, PrincipalRegistered)

_RECORD = tuple(topics(*RECORD_TYPES))
_EDITION = tuple(topics(*EDITION_TYPES))
_STANDING = tuple(topics(*STANDING_TYPES, GovernmentDecisionMade))
_BODY = tuple(topics(BodyConstituted, BodyDissolved))
_PERSON = tuple(topics(*_PERSON_TYPES))
_DECISION = tuple(topics(GovernmentDecisionMade))
_UPDATED = tuple(topics(PrincipalUpdated))
_RAISED = tuple(topics(ObjectionRaised))
_HANDLED = tuple(topics(RestrictedDataHandled))


class Events(Protocol):
    """Where entries are read from: positions up to ``until``, in order."""

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Parsed events that match at least one item of the query."""


class Rule(NamedTuple):
    """Where an entry leads that was found under a tag; ``about`` is whom the tag is about."""

    leads: Callable[[RecordedEvent, str], Iterable[Lead]]
    about: str


class Lead(NamedTuple):
    """Entries with a tag, of some types or of any, and what follows from them."""

    tag: str
    types: tuple[str, ...]
    rule: Rule

    def finds(self, event: RecordedEvent) -> bool:
        """Is an entry that has the tag of the types?"""
        return not self.types or event.statement.type in self.types


#: Where any entry leads, however it was found.
Everywhere = Callable[[RecordedEvent, str], Iterable[Lead]]


def about_entries(event: RecordedEvent) -> list[str]:
    """The ids of the entries that one which changes the record names: what it changes, and by whose order."""
    if not isinstance(event.statement.payload, RECORD_TYPES):
        return []
    return [tag.removeprefix("x:") for tag in event.statement.tags if tag.startswith("x:")]


class Looks(NamedTuple):
    """Where somebody looks for entries, and where any of them leads."""

    leads: tuple[Lead, ...]
    everywhere: Everywhere
    about: str

    def goes_on_from(self, event: RecordedEvent, found_by: Iterable[Lead]) -> bool:
        """Does an entry that some leads find lead to where nobody looks yet?"""
        onward = (lead for by in found_by for lead in by.rule.leads(event, by.rule.about))
        return any(lead not in self.leads for lead in (*onward, *self.everywhere(event, self.about)))


class Reach:
    """The entries that some leads come to, and what annuls or corrects any of them, from position to position."""

    def __init__(self, source: Events, everywhere: Everywhere, about: str = "", told: tuple[str, ...] = ()) -> None:
        """``told`` are the types that are read where leads find any; all where it is empty."""
        self._source = source
        self._everywhere = everywhere
        self._about = about
        self._told = told
        #: The leads followed so far, by their tags.
        self.leads: dict[str, dict[Lead, None]] = {}
        self.found: dict[int, RecordedEvent] = {}
        self.ids: set[str] = set()
        self._fresh: list[Lead] = []

    def fresh(self) -> list[Lead]:
        """The leads that were followed since this was asked last."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def looks(self) -> Looks:
        """Where it looks by now."""
        return Looks(tuple(lead for leads in self.leads.values() for lead in leads), self._everywhere, self._about)

    def read(self, leads: Iterable[Lead], until: int) -> list[RecordedEvent]:
        """Follow leads up to a position, through however many; the entries that were not held before."""
        return self._followed(leads, until, [])

    def offer(self, event: RecordedEvent) -> list[RecordedEvent]:
        """Take in a further entry, if any of its leads finds it or it changes what is held, and whatever that leads to
        up to its position.
        """
        new: list[RecordedEvent] = []
        following = self._held(event, self.leads, new)
        return self._followed(following, event.position, new) if new or following else new

    def _followed(self, leads: Iterable[Lead], until: int, new: list[RecordedEvent]) -> list[RecordedEvent]:
        pending, asked = self._further(leads), 0
        while pending or asked < len(new):
            items = {
                (lead.tag, lead.types): DCBQueryItem(types=lead.types or self._told, tags=[lead.tag])
                for lead in pending
            }
            # What changes an entry is asked for with the leads of the next round.
            changed = [DCBQueryItem(types=_RECORD, tags=[f"x:{e.statement.id}"]) for e in new[asked:]]
            asked = len(new)
            by_tag: dict[str, dict[Lead, None]] = {}
            for lead in pending:
                by_tag.setdefault(lead.tag, {})[lead] = None
            following: list[Lead] = []
            for event in self._source.events(DCBQuery([*items.values(), *changed]), until=until):
                following += self._held(event, by_tag, new)
            pending = self._further(following)
        return new

    def _held(self, event: RecordedEvent, by_tag: dict[str, dict[Lead, None]], new: list[RecordedEvent]) -> list[Lead]:
        """Hold an entry that leads find, or that changes what is held; where it leads."""
        rules = [lead.rule for tag in event.statement.tags for lead in by_tag.get(tag, ()) if lead.finds(event)]
        if not rules and self.ids.isdisjoint(about_entries(event)):
            return []
        following = [lead for rule in dict.fromkeys(rules) for lead in rule.leads(event, rule.about)]
        if event.position not in self.found:
            self.found[event.position] = event
            self.ids.add(event.statement.id)
            new.append(event)
            following += self._everywhere(event, self._about)
        return following

    def _further(self, leads: Iterable[Lead]) -> list[Lead]:
        """Those that were not followed yet."""
        further = []
        for lead in leads:
            under = self.leads.setdefault(lead.tag, {})
            if lead not in under:
                under[lead] = None
                further.append(lead)
        self._fresh += further
        return further


def _nowhere(_event: RecordedEvent, _about: str) -> Iterable[Lead]:
    return ()


NOWHERE = Rule(_nowhere, "")


def to_nothing_else(_event: RecordedEvent, _about: str) -> Iterable[Lead]:
    """However an entry was found, it leads where its rule says."""
    return ()


def to_bodies(event: RecordedEvent, _about: str) -> Iterator[Lead]:
    """To the dissolution of a body, which need not say of which edition it was."""
    if isinstance(event.statement.payload, BodyConstituted):
        yield Lead(f"b:{event.statement.payload.body_id}", _BODY, NOWHERE)


def to_panels(event: RecordedEvent, case_id: str) -> Iterator[Lead]:
    """As above; to the persons of the panels of a case, and to what was opened of it."""
    yield from to_bodies(event, "")
    statement = event.statement
    match statement.payload:
        case BodyConstituted() as body:
            yield from (Lead(f"p:{m.principal_id}", _PERSON, NOWHERE) for m in body.members)
        case ScoreSubmitted():
            yield Lead(f"p:{statement.actor}", _PERSON, NOWHERE)
        case _:
            pass
    if statement.sd and f"c:{case_id}" in statement.tags:
        yield Lead(f"x:{statement.id}", _HANDLED, NOWHERE)


def organisation(org: str) -> list[Lead]:
    """All that is about an organisation, its cases and awards, what these lead to, and of whomever it succeeds."""
    return [Lead(f"{kind}:{org}", (), Rule(_from_organisation, org)) for kind in ("o", "p")]


def _from_organisation(event: RecordedEvent, org: str) -> Iterator[Lead]:
    around = Rule(to_acts_named, "")
    match event.statement.payload:
        case ApplicationFiled() | AwardGranted() as p:
            yield Lead(f"c:{p.case_id}", (), around)
            yield Lead(f"ed:{edition_of(p.case_id)}", _EDITION, around)
            if isinstance(p, AwardGranted):
                yield Lead(f"a:{p.award_id}", (), around)
        case HigherAwardRecorded() as p:
            yield Lead(f"h:{p.higher_award_id}", (), around)
        case PrincipalUpdated() as p if org in (p.successor_ids or ()):
            # Its bans and debts may have passed on (B-65).
            yield from organisation(p.principal_id)
        case _:
            pass
    yield from to_acts_named(event, "")


def to_acts_named(event: RecordedEvent, _about: str) -> Iterator[Lead]:
    """To a notice, an objection or a decision that an entry opens, raises or rests on."""
    match event.statement.payload:
        case PublicNoticeOpened() as p:
            yield Lead(f"n:{p.notice_id}", (), NOWHERE)
        case ObjectionRaised() as p:
            yield Lead(f"ob:{p.objection_id}", (), NOWHERE)
        case AwardGranted() | AwardRevoked() | ClawbackOrdered() as p:
            yield Lead(f"d:{p.decision_id}", _DECISION, NOWHERE)
        case _:
            return


def notice(notice_id: str) -> list[Lead]:
    """A notice, and the course of its edition with the objections."""
    return [Lead(f"n:{notice_id}", (), Rule(_from_notice, ""))]


def _from_notice(event: RecordedEvent, _about: str) -> Iterator[Lead]:
    if isinstance(event.statement.payload, PublicNoticeOpened):
        tag = f"ed:{event.statement.payload.edition_id}"
        yield Lead(tag, _EDITION, Rule(to_acts_named, ""))
        yield Lead(tag, _RAISED, Rule(to_acts_named, ""))


def edition(edition_id: str) -> list[Lead]:
    """An edition; of the winners, what they and those whom they succeed had won, and what became of it."""
    return [Lead(f"ed:{edition_id}", (), Rule(_from_edition, ""))]


def _from_edition(event: RecordedEvent, _about: str) -> Iterator[Lead]:
    if isinstance(event.statement.payload, AwardGranted):
        yield from _standing(event.statement.payload.org)
        yield Lead(f"a:{event.statement.payload.award_id}", (), NOWHERE)
    yield from to_acts_named(event, "")


def _standing(org: str) -> Iterator[Lead]:
    """A win of an heir is told by what its predecessors had won, and by the decisions that pass it on."""
    yield Lead(f"o:{org}", _STANDING, Rule(_from_standing, ""))
    yield Lead(f"p:{org}", _UPDATED, Rule(_from_succession, org))


def _from_standing(event: RecordedEvent, _about: str) -> Iterator[Lead]:
    if isinstance(event.statement.payload, AwardGranted):
        yield Lead(f"ed:{edition_of(event.statement.payload.case_id)}", _EDITION, NOWHERE)
    yield from to_acts_named(event, "")


def _from_succession(event: RecordedEvent, org: str) -> Iterator[Lead]:
    p = event.statement.payload
    if isinstance(p, PrincipalUpdated) and org in (p.successor_ids or ()):
        yield from _standing(p.principal_id)
