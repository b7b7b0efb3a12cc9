"""How an edition stands, and from when the next one is due by the cycle of its text."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.cases import FINAL, State, case_status
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.record import WORD, Count, Day, Number, Record
from ledger.derivation.setting_aside import void_from_the_start
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionClosed
from ledger.regulation.periods import Unit, period_end
from ledger.statement import edition_of
from projections.sentences import sentence


class Cycle(Record, frozen=True, kw_only=True):
    """How far apart the editions of a text are."""

    value: Number
    unit: Annotated[Unit, WORD]


class EditionCourse(Record, frozen=True, kw_only=True):
    """How an edition stands; ``open_cases`` are the states of those that are not over, ``vacancies`` places by award
    kind that nobody won.
    """

    state: Annotated[Literal["open", "completed", "vacant", "cancelled"], WORD]
    number: Number
    year: Number
    winners: Count
    open_cases: dict[str, Annotated[State, WORD]]
    cycle: Cycle | None
    next_due_from: Day | None
    vacancies: dict[str, Count] | UnsetType = UNSET


def edition_course(live: Live, law: Law, edition_id: str) -> Answer[EditionCourse]:
    """Open, completed, vacant (closed without a winner) or cancelled; open cases; the cycle and the next edition's day.

    A next edition opened earlier than the cycle says is a matter for the inspector, not refused.
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable(*sentence("the edition was not opened by that day")))
    enacted = pinned_pack(live, law, edition_id)
    closed = live.last(EditionClosed, edition_id=edition_id)
    granted = [e for e in live.of(AwardGranted) if edition_of(e.payload.case_id) == edition_id]
    rulings = [r for e in granted if (r := void_from_the_start(live, e.payload.award_id)) is not None]
    undone = {r.payload.award_id for r in rulings}
    winners = [e for e in granted if e.payload.award_id not in undone]
    cycle = law.parameter(enacted, "cycle", opened.on)
    filed = [e.payload.case_id for e in live.of(ApplicationFiled) if edition_of(e.payload.case_id) == edition_id]
    states = {c: case_status(live, law, c).value().state for c in dict.fromkeys(filed)}
    state: Literal["open", "completed", "vacant", "cancelled"] = "open"
    why = Why(events=(opened.id, *(g.id for g in granted), *(r.id for r in rulings))) | cycle.why
    if closed is not None:
        cancelled = closed.payload.reason == "cancelled"
        state = "cancelled" if cancelled else "completed" if winners else "vacant"
        why |= Why(events=(closed.id,))
    value = EditionCourse(
        state=state,
        number=opened.payload.number,
        year=opened.payload.year,
        winners=len(winners),
        open_cases={c: s for c, s in states.items() if s not in FINAL},
        cycle=Cycle(value=cycle.number, unit=cycle.period_unit) if cycle.stated else None,
        next_due_from=period_end(opened.on, cycle.number, cycle.period_unit, law.calendar) if cycle.stated else None,
        vacancies=dict(closed.payload.vacancies) if closed is not None else UNSET,
    )
    return Answer(value, why)
