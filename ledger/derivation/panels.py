"""Panels, recusals and live scores of a case: what scores rest on (D10's inputs)."""

from __future__ import annotations

from datetime import date

from ledger.derivation.history import Live, LiveEvent
from ledger.events.edition import BodyConstituted, BodyDissolved
from ledger.events.evaluation import ScoreSubmitted
from ledger.events.kinds import Stage
from ledger.events.reviewers import InterestDeclared, RecusalOrdered


def panel_for(live: Live, case_id: str, stage: str) -> LiveEvent[BodyConstituted] | None:
    """The latest panel constituted for a case and stage; one that names no cases serves its whole edition."""
    edition = case_id.rpartition("/")[0]
    for event in reversed(live.of(BodyConstituted, kind="panel")):
        p = event.payload
        serves = case_id in p.cases if p.cases is not None else p.edition_id == edition
        if serves and (p.stages is None or stage in p.stages) and not live.of(BodyDissolved, body_id=p.body_id):
            return event
    return None


def members_of(panel: LiveEvent[BodyConstituted] | None) -> dict[str, str]:
    """Principal -> seat of a body."""
    return {m.principal_id: m.seat for m in panel.payload.members} if panel else {}


def recusal_of(live: Live, person: str, case_id: str) -> LiveEvent[InterestDeclared | RecusalOrdered] | None:
    """By what a person is recused from a case: the own declaration or an order; once recused, always."""
    declared = live.of(InterestDeclared, case_id=case_id, result="conflict")
    recusals: list[LiveEvent[InterestDeclared | RecusalOrdered]] = [e for e in declared if e.actor == person]
    recusals += [e for e in live.of(RecusalOrdered, person=person) if case_id in e.payload.case_ids]
    return min(recusals, key=lambda e: (e.on, e.position), default=None)


def recused_since(live: Live, person: str, case_id: str) -> date | None:
    """Since when a person is recused from a case."""
    recusal = recusal_of(live, person, case_id)
    return recusal.on if recusal is not None else None


def has_declared(live: Live, person: str, case_id: str) -> bool:
    """Did the person declare interest, or none, for the case?"""
    return any(e.actor == person for e in live.of(InterestDeclared, case_id=case_id))


def live_scores(live: Live, case_id: str, stage: Stage) -> list[LiveEvent[ScoreSubmitted]]:
    """The latest score of each reviewer, without replaced ones and without those of recused persons."""
    scores = live.of(ScoreSubmitted, case_id=case_id, stage=stage)
    replaced = {e.payload.replaces for e in scores if e.payload.replaces}
    latest = {e.actor: e for e in scores if e.id not in replaced}
    return [e for e in latest.values() if recused_since(live, e.actor, case_id) is None]
