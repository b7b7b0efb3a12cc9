"""Awards that a review body or a court has set aside, and decisions that were annulled on the record.

A ruling that takes effect from the start leaves no award behind, at any D, once it is recorded by K; one that takes
effect from a day leaves the award as it was before that day. It is no revocation: the text's grounds, bans and clawback
are not asked. What the five texts do not say of it, no answer makes up (B-91).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.derivation.history import Live, LiveEvent
from ledger.events.after_award import AwardRevoked, AwardSetAside
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.oversight import EventAnnulled


def set_aside(live: Live, award_id: str) -> LiveEvent[AwardSetAside] | None:
    """The ruling that has ended an award by D."""
    rulings = [e for e in live.known_of(AwardSetAside, award_id=award_id) if _ended(e.payload, live.on)]
    return rulings[-1] if rulings else None


def _ended(ruling: AwardSetAside, on: date) -> bool:
    return ruling.void_from == "origin" or (ruling.from_on is not None and ruling.from_on <= on)


def known_ruling(live: Live, award_id: str) -> LiveEvent[AwardSetAside] | None:
    """The ruling that ends an award, though its day may be yet to come."""
    rulings = live.known_of(AwardSetAside, award_id=award_id)
    return rulings[-1] if rulings else None


def void_from_the_start(live: Live, award_id: str) -> LiveEvent[AwardSetAside] | None:
    """The ruling after which there never was such an award."""
    ruling = set_aside(live, award_id)
    return ruling if ruling is not None and ruling.payload.void_from == "origin" else None


@dataclass(frozen=True, slots=True)
class Quashed:
    """What of a case does not count any more: ids of its grants and of the decisions under them, and of the rulings."""

    acts: frozenset[str]
    rulings: tuple[str, ...]


def quashed_in(live: Live, case_id: str) -> Quashed:
    """What rulings that take effect from the start have undone in a case.

    A decision counts still for the other cases that it names: a ruling ends the awards that it is about.
    """
    acts, rulings = set[str](), list[str]()
    for grant in live.of(AwardGranted, case_id=case_id):
        ruling = void_from_the_start(live, grant.payload.award_id)
        if ruling is not None:
            decisions = live.of(GovernmentDecisionMade, decision_id=grant.payload.decision_id)
            acts |= {grant.id, *(d.id for d in decisions)}
            rulings.append(ruling.id)
    return Quashed(frozenset(acts), tuple(rulings))


def annulled_decision(live: Live, decision_id: str) -> LiveEvent[EventAnnulled] | None:
    """The annulment by which a decision that was recorded is none any more at D."""
    for annulment in live.known_of(EventAnnulled):
        target = live.recorded(annulment.payload.target)
        if target is None or not isinstance(target.statement.payload, GovernmentDecisionMade):
            continue
        from_on = annulment.payload.from_on or annulment.on
        counts = annulment.payload.effect == "void_ab_initio" or from_on <= live.on
        if target.statement.payload.decision_id == decision_id and counts:
            return annulment
    return None


def overturned_revocations(live: Live, award_id: str) -> list[AwardRevoked]:
    """Revocations of an award that were carried out and have lost their effect since, and with it their decisions."""
    targets = [live.recorded(e.payload.target) for e in live.of(EventAnnulled) if e.payload.reason in _UNDONE]
    payloads = [target.statement.payload for target in targets if target is not None]
    return [p for p in payloads if isinstance(p, AwardRevoked) and p.award_id == award_id]


#: Annulments by which an act has lost its effect, and not its record alone.
_UNDONE = ("overturned", "ordered")


def turns_of_rulings(live: Live) -> set[date]:
    """The days from which awards are set aside, though nothing happens on them."""
    return {e.payload.from_on for e in live.known_of(AwardSetAside) if e.payload.from_on is not None}
