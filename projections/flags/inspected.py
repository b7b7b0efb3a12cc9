"""One edition as its checks see it: its events, cases and awards, the law that governs it, the audit's thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import overload

from ledger.clock import shanghai_day
from ledger.derivation.doubts import Doubt, doubts
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import EVER, FOLDING, A, B, ByMembers, C, Live, LiveEvent
from ledger.derivation.identity import Identities
from ledger.derivation.law import Law, Resolved
from ledger.errors import InvariantError
from ledger.events.after_award import AwardRevoked, SanctionImposed
from ledger.events.application import ApplicationFiled, EligibilityDecided
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.evaluation import (
    CandidateListProposed,
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)
from ledger.events.kinds import RoleCode
from ledger.events.money import ClawbackOrdered, ClawbackWaived, PrizePaid
from ledger.events.notice import CaseDisqualified, ObjectionResolved
from ledger.events.oversight import (
    ClockCorrected,
    EventAnnulled,
    EventCorrected,
    LateRecordingApproved,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import Payload
from ledger.regulation.tables import Step
from ledger.regulation.thresholds import THRESHOLDS
from ledger.sentences import Pair
from ledger.statement import edition_of

#: Events that decide something about a case, an award or money.
DECISIVE = (
    EligibilityDecided,
    ScoreSubmitted,
    ReviewReportSubmitted,
    ShortlistDecided,
    CandidateListProposed,
    CommitteeVoteCast,
    CommitteeResolutionAdopted,
    ObjectionResolved,
    CaseDisqualified,
    GovernmentDecisionMade,
    AwardGranted,
    AwardRevoked,
    PrizePaid,
    ClawbackOrdered,
    ClawbackWaived,
)


class OddThresholdError(Exception):
    """The pack of the edition states for a threshold what is none: the check that reads it cannot be judged."""

    def __init__(self, name: str, problem: Pair) -> None:
        super().__init__(f"{name}: {problem[1]}")
        self.name, self.problem = name, problem


class Inspected:
    """The live events of one edition at (D, K); everything here is derived and kept for the length of one
    inspection.
    """

    def __init__(self, live: Live, law: Law, edition: str) -> None:
        self.live, self.law, self.edition = live, law, edition
        self.opened = edition_opened(live, edition)
        self.enacted = pinned_pack(live, law, edition)
        self._states: dict[tuple[date, int | None], Live] = {}
        self._roles: dict[tuple[str, date], frozenset[RoleCode]] = {}

    # What belongs to the edition

    @cached_property
    def filed(self) -> dict[str, LiveEvent[ApplicationFiled]]:
        """Case -> its application."""
        return {e.payload.case_id: e for e in self.live.of(ApplicationFiled) if self.holds(e.payload.case_id)}

    @cached_property
    def grants(self) -> dict[str, LiveEvent[AwardGranted]]:
        """Award id -> its grant; imported history left out, whose steps nobody recorded."""
        return {
            e.payload.award_id: e
            for e in self.live.of(AwardGranted)
            if self.holds(e.payload.case_id) and not imported(e)
        }

    @cached_property
    def own(self) -> list[LiveEvent]:
        """The edition's own events, in folding order: by its tag, its awards' tag, or about one of these."""
        own, edition = list[LiveEvent](), f"ed:{self.edition}"
        awards, about_own = {f"a:{award}" for award in self._award_ids}, set[str]()
        about = [e for e in self.live if isinstance(e.payload, _ABOUT)]
        for event in (*(e for e in self.live if not isinstance(e.payload, _ABOUT)), *about):
            tags = event.recorded.statement.tags
            if edition in tags or not awards.isdisjoint(tags) or self._is_about(event, about_own):
                own.append(event)
                about_own.add(f"x:{event.id}")
        return sorted(own, key=FOLDING)

    @cached_property
    def _award_ids(self) -> set[str]:
        return {e.payload.award_id for e in self.live.of(AwardGranted) if self.holds(e.payload.case_id)}

    def _is_about(self, event: LiveEvent, own: Set[str]) -> bool:
        """Is it about one of the edition's own events, told by their tags, or does it change one that is no more?"""
        if not isinstance(event.payload, _ABOUT):
            return False
        if not own.isdisjoint(event.recorded.statement.tags):
            return True
        if not isinstance(event.payload, EventAnnulled | EventCorrected):
            return False
        target = self.live.recorded(event.payload.target)
        return target is not None and f"ed:{self.edition}" in target.statement.tags

    @cached_property
    def participants(self) -> frozenset[str]:
        """Principals whom the edition is about, or who acted or were seated in it."""
        seated = {t[2:] for e in self.own for t in e.recorded.statement.tags if t.startswith("m:")}
        return frozenset({e.actor for e in self.own} | {f.payload.org for f in self.filed.values()} | seated)

    @overload
    def of(self, kind: type[A], /, **members: object) -> list[LiveEvent[A]]: ...
    @overload
    def of(self, kind: type[A], second: type[B], /, **members: object) -> list[LiveEvent[A | B]]: ...
    @overload
    def of(
        self, kind: type[A], second: type[B], third: type[C], /, **members: object
    ) -> list[LiveEvent[A | B | C]]: ...
    @overload
    def of(self, kind: type[A], /, *more: type[A], **members: object) -> list[LiveEvent[A]]: ...

    def of(self, kind: type[Payload], /, *more: type[Payload], **members: object) -> Sequence[LiveEvent[Payload]]:
        """The edition's own events of these classes, in folding order."""
        found = [e for one in (kind, *more) for e in self._found.of(one, members)]
        return sorted(found, key=FOLDING) if more else found

    @cached_property
    def _found(self) -> ByMembers:
        return ByMembers(self.own)

    def holds(self, case_id: str) -> bool:
        return edition_of(case_id) == self.edition

    def org(self, case_id: str) -> str | None:
        filed = self.filed.get(case_id)
        return filed.payload.org if filed else None

    def cases_of(self, event: LiveEvent) -> list[str]:
        """Cases of this edition that an event names."""
        return [t[2:] for t in event.recorded.statement.tags if t.startswith("c:") and self.holds(t[2:])]

    # The law

    def parameter(self, path: str, on: date | None = None) -> Resolved:
        """A parameter as it governs the edition for an act on a day."""
        return self.law.parameter(self.enacted, path, on or (self.opened.on if self.opened else self.live.on))

    def audit(self, name: str) -> int:
        """A threshold of the audit that is a number: the pack's own, or the default."""
        value = self._audit(name)
        if not isinstance(value, int):
            raise InvariantError(f"the threshold {name} of the audit is no whole number but {value!r}")
        return value

    def audit_percent(self, name: str) -> Decimal:
        """A threshold of the audit that is a share, which a pack may state with decimals."""
        value = self._audit(name)
        if not isinstance(value, int | Decimal):
            raise InvariantError(f"the threshold {name} of the audit is no share but {value!r}")
        return Decimal(value)

    @property
    def working_hours(self) -> str:
        """From when to when people record (``08:00-18:00``)."""
        return str(self._audit("working_hours"))

    def _audit(self, name: str) -> object:
        """Raises OddThresholdError: a pack that was enacted before its thresholds were checked may state anything."""
        threshold = THRESHOLDS[name]
        stated: Mapping[str, object] = self.enacted.pack.audit if self.enacted else {}
        value = stated.get(name, threshold.default)
        wrong = threshold.wrong(value)
        if wrong is not None:
            raise OddThresholdError(name, wrong)
        return value

    @cached_property
    def steps(self) -> list[str]:
        """The steps of the text in its order; empty where they were not seen."""
        stated = self.parameter("procedure", self.live.on)
        return [s.step for s in stated.rows(Step)]

    # Other days and knowledge

    def at(self, on: date, known: int | None = None) -> Live:
        """The live events of another day, or as they were known earlier."""
        if (on, known) not in self._states:
            self._states[on, known] = self.live.at(on, known)
        return self._states[on, known]

    @cached_property
    def known(self) -> Live:
        """Everything known by K, whatever its day."""
        return self.at(EVER)

    @cached_property
    def _doubts(self) -> list[Doubt]:
        return doubts(e.recorded for e in self.known.of(ClockCorrected))

    def doubt(self, event: LiveEvent) -> Doubt | None:
        """What says that the time which an entry bears is not to be believed."""
        return next((d for d in self._doubts if d.covers(event.position)), None)

    @cached_property
    def identities(self) -> Identities:
        return Identities(self.known)

    def signers(self, event: LiveEvent) -> list[str]:
        """Principals whose keys signed, the actor first."""
        keys = self.identities.keys
        others = [keys[s.keyid].principal_id for s in event.recorded.envelope.signatures if s.keyid in keys]
        return list(dict.fromkeys([event.actor, *others]))

    def roles(self, person: str, on: date) -> frozenset[RoleCode]:
        """Roles that a person held on a day; asked for once for each."""
        if (person, on) not in self._roles:
            self._roles[person, on] = frozenset(self.identities.roles_of(person, on))
        return self._roles[person, on]


_ABOUT = (
    RestrictedDataHandled,
    EventCorrected,
    EventAnnulled,
    LateRecordingApproved,
    OversightFindingIssued,
    OversightFindingAnswered,
    SanctionImposed,
)


def imported(event: LiveEvent) -> bool:
    """History of before the ledger, entered with its sources."""
    late = event.recorded.statement.late
    return late is not None and late.kind == "legacy_import"


def recorded_day(event: LiveEvent) -> date:
    return shanghai_day(event.recorded.recorded_at)


def before(one: LiveEvent, other: LiveEvent) -> bool:
    """Did the one happen first: by instants where both have one, else by day, then by order of recording?"""
    a, b = one.recorded.statement.effective_instant, other.recorded.statement.effective_instant
    if a is not None and b is not None and a != b:
        return a < b
    return (one.on, one.position) < (other.on, other.position)
