"""How an edition stands, and from when the next one is due by the cycle of its text."""

from __future__ import annotations

from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.cases import FINAL, case_status
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionClosed
from ledger.regulation.periods import period_end
from ledger.statement import edition_of


def edition_course(live: Live, law: Law, edition_id: str) -> Answer[dict[str, Any]]:
    """Open, completed, vacant (closed without a winner) or cancelled; open cases; the cycle and the next edition's day.

    A next edition opened earlier than the cycle says is a matter for the inspector, not refused.
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable("到该日届次未启动", "the edition was not opened by that day"))
    enacted = pinned_pack(live, law, edition_id)
    closed = live.last(EditionClosed, edition_id=edition_id)
    winners = [e for e in live.of(AwardGranted) if edition_of(e.payload.case_id) == edition_id]
    cycle = law.parameter(enacted, "cycle", opened.on)
    filed = [e.payload.case_id for e in live.of(ApplicationFiled) if edition_of(e.payload.case_id) == edition_id]
    states = {c: case_status(live, law, c).value()["state"] for c in dict.fromkeys(filed)}
    value: dict[str, Any] = {
        "state": "open",
        "number": opened.payload.number,
        "year": opened.payload.year,
        "winners": len(winners),
        "open_cases": {c: s for c, s in states.items() if s not in FINAL},
        "cycle": {"value": cycle.value, "unit": cycle.unit} if cycle.stated else None,
        "next_due_from": period_end(opened.on, cycle.value, cycle.period_unit, law.calendar) if cycle.stated else None,
    }
    why = Why(events=(opened.id, *(w.id for w in winners))) | cycle.why
    if closed is not None:
        cancelled = closed.payload.reason == "cancelled"
        value["state"] = "cancelled" if cancelled else "completed" if winners else "vacant"
        value["vacancies"] = dict(closed.payload.vacancies)
        why |= Why(events=(closed.id,))
    return Answer(value, why)
