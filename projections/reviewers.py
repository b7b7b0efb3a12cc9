"""D14, D15 and D26: panels, who of them may act on a case, and the register of recusals of an edition."""

from __future__ import annotations

from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.identity import Identities
from ledger.derivation.law import Law
from ledger.derivation.panels import has_declared, live_scores, members_of, panel_for, recused_since
from ledger.derivation.scores import STAGES
from ledger.events.after_award import SanctionImposed
from ledger.events.application import ApplicationFiled
from ledger.events.evaluation import ScoreSubmitted
from ledger.events.reviewers import InterestDeclared, RecusalOrdered, ReviewerQualified
from ledger.statement import edition_of


def panel(live: Live, law: Law, case_id: str) -> Answer[dict[str, Any]]:
    """D14: each stage's panel without those recused or not eligible; its lawful size beside."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable("到该日尚未申报", "not filed by that day"))
    enacted = pinned_pack(live, law, edition_of(case_id))
    smallest, largest = (law.parameter(enacted, f"panel.{n}", live.on) for n in ("size_min", "size_max"))
    value: dict[str, Any] = {"size_min": smallest.value, "size_max": largest.value}
    why = Why(events=(filed.id,)) | smallest.why | largest.why
    for stage in STAGES:
        body = panel_for(live, case_id, stage)
        if body is None:
            value[stage] = None
            continue
        seats = members_of(body)
        judged = {p: eligibility_of(live, p, case_id, stage) for p in seats}
        able = [p for p, (state, _) in judged.items() if state == "eligible"]
        value[stage] = {
            "body": body.payload.body_id,
            "members": able,
            "size": len(able),
            "leader": next((p for p in able if seats[p] == "leader"), None),
            "out": sorted(set(seats) - set(able)),
        }
        why |= Why(events=(body.id, *(e for _, events in judged.values() for e in events)))
    return Answer(value, why)


def reviewers(live: Live, law: Law, case_id: str) -> Answer[dict[str, Any]]:
    """D15 for everybody seated on a panel of the case, or who scored it; recusal and its rule beside."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable("到该日尚未申报", "not filed by that day"))
    scope = law.parameter(pinned_pack(live, law, edition_of(case_id)), "recusal.scope", live.on)
    people: dict[str, None] = {}
    for stage in STAGES:
        people |= dict.fromkeys(members_of(panel_for(live, case_id, stage)))
    people |= dict.fromkeys(e.actor for e in live.of(ScoreSubmitted, case_id=case_id))
    rows, why = [], Why(events=(filed.id,)) | scope.why
    for person in people:
        state, events = eligibility_of(live, person, case_id, None)
        counted = [e.id for s in STAGES for e in live_scores(live, case_id, s) if e.actor == person]
        since = recused_since(live, person, case_id)
        rows.append({"person": person, "state": state, "recused_since": since, "counted": counted})
        why |= Why(events=(*events, *counted))
    rule = {"recusal_rule": list(scope.value) if scope.stated else None}
    if not scope.stated:
        rule["recusal_note"] = scope.undetermined().to_json()  # type: ignore[assignment]
    return Answer({"reviewers": rows, **rule}, why)


def eligibility_of(live: Live, person: str, case_id: str, stage: str | None) -> tuple[str, tuple[str, ...]]:
    """D15, the first that applies, and the events that show it."""
    identities = Identities(live)
    qualified = live.last(ReviewerQualified, reviewer_id=person)
    if qualified is None or (qualified.payload.valid_until is not None and qualified.payload.valid_until < live.on):
        return "not_qualified", (qualified.id,) if qualified else ()
    stages = (stage,) if stage else STAGES
    panels = [p for s in stages if (p := panel_for(live, case_id, s)) is not None and person in members_of(p)]
    if not panels:
        return "not_on_panel", (qualified.id,)
    since = recused_since(live, person, case_id)
    if since is not None:
        acts = [e.id for e in live.of(InterestDeclared, case_id=case_id, result="conflict") if e.actor == person]
        acts += [e.id for e in live.of(RecusalOrdered, person=person) if case_id in e.payload.case_ids]
        return "recused", tuple(acts)
    if identities.review_cancelled(person, live.on):
        return "sanctioned", tuple(e.id for e in live.of(SanctionImposed, subject=person))
    if not (identities.has_role(person, "REV", live.on) or identities.has_role(person, "LEAD", live.on)):
        return "key_or_role_invalid", (qualified.id,)
    if not has_declared(live, person, case_id):
        return "undeclared", (panels[0].id,)
    return "eligible", (qualified.id, panels[0].id)


def recusals(live: Live, law: Law, edition_id: str) -> Answer[dict[str, Any]]:
    """D26: every declaration of interest and every order to withdraw in an edition."""
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable("到该日届次未启动", "the edition was not opened by that day"))
    declared = [e for e in live.of(InterestDeclared) if edition_of(e.payload.case_id) == edition_id]
    ordered = [e for e in live.of(RecusalOrdered) if any(edition_of(c) == edition_id for c in e.payload.case_ids)]
    rows: list[dict[str, Any]] = [
        {"event": e.id, "person": e.actor, "case": e.payload.case_id, "how": f"declared_{e.payload.result}", "on": e.on}
        for e in declared
    ]
    rows += [
        {"event": e.id, "person": e.payload.person, "case": c, "how": f"ordered_{e.payload.source}", "on": e.on}
        for e in ordered
        for c in e.payload.case_ids
    ]
    return Answer({"register": rows}, Why(events=(opened.id, *(r["event"] for r in rows))))
