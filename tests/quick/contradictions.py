"""What two facts about the same thing may not say: each line names a pair that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ledger.derivation.history import EVER, History, Live
from ledger.derivation.setting_aside import void_from_the_start
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.statement import edition_of
from projections.as_of import tell
from projections.facts import fact_named

#: States of a case to which a decision that approves it leads, and those by which it is out all the same.
_AFTER_APPROVAL = ("approved", "awarded", "disqualified", "withdrawn", "closed_without_award")


def _said(ledger: Any, fact: str, subject: str, on: date) -> dict[str, Any]:
    answer: dict[str, Any] = tell(ledger, fact_named(fact), subject, on, ledger.size()).answer.to_json()
    return answer


def contradictions(ledger: Any, on: date) -> Iterator[str]:
    """Every pair of answers at a day, with all that is known, that contradict each other."""
    live = History(ledger.events()).live(on, ledger.size())
    yield from _of_cases(ledger, live, on)
    yield from _of_awards(ledger, live, on)
    yield from _of_editions(ledger, live, on)


def days(ledger: Any) -> list[date]:
    """Four of the days on which something happened, one in each quarter of them, and the last."""
    known = sorted(History(ledger.events()).live(EVER, ledger.size()).days())
    return [*(known[len(known) * quarter // 4] for quarter in range(4)), known[-1]]


def _of_cases(ledger: Any, live: Live, on: date) -> Iterator[str]:
    """A ruling that takes effect from the start leaves neither the award nor the approval of its case."""
    granted = live.of(AwardGranted)
    void = {e.payload.award_id for e in granted if void_from_the_start(live, e.payload.award_id)}
    won = {e.payload.case_id for e in granted if e.payload.award_id not in void}
    quashed = {(e.payload.case_id, e.payload.decision_id) for e in granted if e.payload.award_id in void}
    approved = {
        i.case
        for e in live.of(GovernmentDecisionMade, subject="award")
        for i in e.payload.approved
        if i.case is not None and (i.case, e.payload.decision_id) not in quashed
    }
    for filed in live.of(ApplicationFiled):
        case = filed.payload.case_id
        told = _said(ledger, "case.status", case, on)
        state = told["value"]["state"] if told["state"] == "value" else told["state"]
        if (case in won) != (state == "awarded"):
            yield f"{on} {case}: {state}, and its award was {'' if case in won else 'not '}granted"
        if case in approved and state not in _AFTER_APPROVAL:
            yield f"{on} {case}: {state}, and the government approved it"


def _of_awards(ledger: Any, live: Live, on: date) -> Iterator[str]:
    for granted in live.of(AwardGranted):
        award = granted.payload.award_id
        due, money = _said(ledger, "award.prize_due", award, on), _said(ledger, "award.money", award, on)
        if due.get("value") != money["value"]["due"]:
            yield f"{on} {award}: {due.get('value')} are due, and {money['value']['due']} of its money"
        status = _said(ledger, "award.status", award, on)
        if status["state"] == "not_applicable":
            yield f"{on} {award}: granted, and of no status"


def _of_editions(ledger: Any, live: Live, on: date) -> Iterator[str]:
    grants = [e.payload for e in live.of(AwardGranted) if void_from_the_start(live, e.payload.award_id) is None]
    for edition in sorted({edition_of(p.case_id) for p in grants}):
        quota = _said(ledger, "edition.quota", edition, on)
        if quota["state"] != "value":
            continue
        counted = [
            p.award
            for p in grants
            if edition_of(p.case_id) == edition
            and _said(ledger, "award.rewin", p.award_id, on)["value"]["counts_quota"]
        ]
        for award, places in quota["value"].items():
            if places["used"] != counted.count(award):
                yield (
                    f"{on} {edition}: {places['used']} places of {award} used, and {counted.count(award)} wins take one"
                )
