"""A statement decided twice: by the boundary that its plan reads, and by the whole log up to the same position."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import patch

from ledger import submitting
from ledger.admission.guards import check_guards
from ledger.admission.reading_plan import ReadingPlan
from ledger.admission.register import GUARDS
from ledger.admission.structure import check_structure
from ledger.admission.view import Signer, View, view_of
from ledger.admission.viewing import Beside, Keys, Reading, read_view, view_at
from ledger.dcb import DCBQuery
from ledger.derivation.history import EVER, History
from ledger.derivation.identity import Identities
from ledger.derivation.law import law_of
from ledger.entry import RecordedEvent
from ledger.errors import RefusedError, RongjianError
from ledger.regulation.pack import Pack
from ledger.submission import Submission
from ledger.submitting import Submitting
from tests.memory_ledger import MemoryLedger

#: What a guard may raise that is asked though one before it has refused.
_OUT_OF_ORDER = (RongjianError, LookupError, ValueError, TypeError, AttributeError)


class _Entries:
    """A log as a decision on a recorded entry asks for it."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        return self._ledger.events(query, after=after, until=until)

    def find(self, event_id: str) -> RecordedEvent | None:
        found: RecordedEvent | None = self._ledger.log.event(event_id)
        return found

    def at(self, position: int) -> RecordedEvent | None:
        return next(iter(self._ledger.events(after=position - 1, until=position)), None)

    def packs(self) -> dict[str, Pack]:
        return self._ledger.packs()


def by_the_whole(view: View, history: History) -> View:
    """What the same decision sees that has the whole log before it, up to the same position."""
    return view_of(
        history,
        view.statement,
        identities=Identities(live := history.live(EVER, view.live.known)),
        law=law_of(live, view.packs),
        signers=view.signers,
        openings=view.openings,
        instant=view.instant,
        today=view.today,
        mode=view.mode,
        packs=view.packs,
        named=view.named,
        known=view.live.known,
        same_person=view.same_person,
        taken_for=view.taken_for,
        recorded_at=view.recorded_at,
        lost=view.lost,
    )


def outcomes(view: View) -> list[tuple[str, str]]:
    """What structure and every guard say, each asked for itself, so that none hides what the next one sees."""
    checks: tuple[Callable[[View], object], ...] = (
        check_structure,
        check_guards,
        *GUARDS.get(type(view.payload), ()),
    )
    return [(check.__name__, said) for check in checks if (said := _said(check, view)) is not None]


def _said(check: Callable[[View], object], view: View) -> str | None:
    try:
        check(view)
    except RongjianError as error:
        return f"{error.code}: {error} {getattr(error, 'details', '')}"
    except _OUT_OF_ORDER as error:
        return type(error).__name__
    return None


def decided_otherwise(ledger: MemoryLedger) -> list[str]:
    """Recorded entries on which the plan's boundary decides otherwise than the whole log."""
    beside = Beside({}, lambda _ids: False, lambda _tag: None)
    entries, history = _Entries(ledger), History(ledger.events())
    found = []
    # Before the founding there is nothing that one could read.
    for event in ledger.events(after=1):
        view = view_at(entries, event, beside)
        by_plan, by_all = outcomes(view), outcomes(by_the_whole(view, history))
        if by_plan != by_all:
            found.append(f"{event.position} {event.statement.type}: {by_plan}, by the whole log {by_all}")
    return found


@dataclass
class Twice:
    """What came of statements while each was decided twice: who was refused why, and where the two differ."""

    refused: list[tuple[str, str]] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)


@contextmanager
def deciding_twice() -> Iterator[Twice]:
    """Submissions to any log are decided by the whole of it as well, those that are refused too."""
    twice, admit = Twice(), submitting.admit

    def read_twice(
        plan: ReadingPlan,
        signers_by: Callable[[Keys], tuple[Signer, ...]],
        instant: datetime,
        reading: Reading,
        beside: Beside,
    ) -> View:
        view = read_view(plan, signers_by, instant, reading, beside)
        by_plan, by_all = outcomes(view), outcomes(by_the_whole(view, History(reading.events(DCBQuery()))))
        if by_plan != by_all:
            twice.differing.append(f"{plan.statement.type}: {by_plan}, by the whole log {by_all}")
        return view

    def admit_noting(view: View) -> None:
        try:
            admit(view)
        except RefusedError as refusal:
            twice.refused.append((view.statement.type, refusal.code))
            raise

    with (
        patch.object(submitting, "read_view", read_twice),
        patch.object(submitting, "admit", admit_noting),
        patch.object(Submitting, "_view_in_turn", _plainly_too(twice)),
    ):
        yield twice


def _plainly_too(twice: Twice) -> Callable[..., View]:
    """What the writer's decision sees, who keeps what the ones before have read, is what anybody reads anew."""
    in_turn = Submitting._view_in_turn

    def compared(self: Submitting, plan: ReadingPlan, submission: Submission, instant: datetime, at: Any) -> View:
        view, statement = in_turn(self, plan, submission, instant, at), plan.statement
        plain = self.view(statement, submission, instant, at.size, at.ahead, at.taken_for)
        for name, of in _SEEN.items():
            if of(view) != of(plain):
                twice.differing.append(f"{statement.type}: {name}: {of(view)}, read anew {of(plain)}")
        return view

    return compared


#: What there is to a view.
_SEEN: dict[str, Callable[[View], object]] = {
    "signers": lambda v: v.signers,
    "days": lambda v: (v.instant, v.today, v.mode, v.lost),
    "events": lambda v: v.history.events,
    "live": lambda v: [(e.id, e.payload, e.corrected_by) for e in v.live],
    "named": lambda v: dict(v.named),
    "law": lambda v: (v.law.versions, v.law.interpretations, v.law.calendar.years),
    "identities": lambda v: vars(v.identities),
    "packs": lambda v: dict(v.packs),
}
