"""Panels, who of them may act on a case, and the register of recusals of an edition."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.identity import Identities
from ledger.derivation.law import Law
from ledger.derivation.panels import has_declared, live_scores, members_of, panel_for, recused_since
from ledger.derivation.record import WORD, Count, Day, EventRef, Name, Record, Word
from ledger.derivation.scores import STAGES
from ledger.events.after_award import SanctionImposed
from ledger.events.application import ApplicationFiled
from ledger.events.evaluation import ScoreSubmitted
from ledger.events.kinds import Stage
from ledger.events.reviewers import InterestDeclared, RecusalOrdered, ReviewerQualified
from ledger.statement import edition_of
from projections.sentences import sentence

#: Whether a person may act on a case: the first of these that applies.
ReviewerState = Literal[
    "not_qualified", "not_on_panel", "recused", "sanctioned", "key_or_role_invalid", "undeclared", "eligible"
]


class PanelOfStage(Record, frozen=True, kw_only=True):
    """A panel without those who may not act (``out``); ``size`` counts those who may."""

    body: Name
    members: tuple[Name, ...]
    size: Count
    leader: Name | None
    out: tuple[Name, ...]


class Panels(Record, frozen=True, kw_only=True):
    """The panel of each stage, and how many members the text asks for (D14)."""

    size_min: Count | None
    size_max: Count | None
    material: PanelOfStage | None
    onsite: PanelOfStage | None


def panel(live: Live, law: Law, case_id: str) -> Answer[Panels]:
    """Each stage's panel (D14), without those recused or not eligible; its lawful size beside."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable(*sentence("not filed by that day")))
    enacted = pinned_pack(live, law, edition_of(case_id))
    smallest, largest = (law.parameter(enacted, f"panel.{n}", live.on) for n in ("size_min", "size_max"))
    (material, material_why), (onsite, onsite_why) = (_panel_of_stage(live, case_id, stage) for stage in STAGES)
    value = Panels(
        size_min=smallest.number if smallest.stated else None,
        size_max=largest.number if largest.stated else None,
        material=material,
        onsite=onsite,
    )
    return Answer(value, Why(events=(filed.id,)) | smallest.why | largest.why | material_why | onsite_why)


def _panel_of_stage(live: Live, case_id: str, stage: Stage) -> tuple[PanelOfStage | None, Why]:
    body = panel_for(live, case_id, stage)
    if body is None:
        return None, Why()
    seats = members_of(body)
    judged = {p: eligibility_of(live, p, case_id, stage) for p in seats}
    able = [p for p, (state, _) in judged.items() if state == "eligible"]
    value = PanelOfStage(
        body=body.payload.body_id,
        members=tuple(able),
        size=len(able),
        leader=next((p for p in able if seats[p] == "leader"), None),
        out=tuple(sorted(set(seats) - set(able))),
    )
    return value, Why(events=(body.id, *(e for _, events in judged.values() for e in events)))


class Reviewer(Record, frozen=True, kw_only=True):
    """May a person act on the case; ``counted`` are those of their scores that count."""

    person: Name
    state: Annotated[ReviewerState, WORD]
    recused_since: Day | None
    counted: tuple[EventRef, ...]


class Reviewers(Record, frozen=True, kw_only=True):
    """Who may act on a case (D15). ``recusal_rule`` says from whom the text wants members recused; None where
    ``recusal_note`` says why not.
    """

    reviewers: tuple[Reviewer, ...]
    recusal_rule: tuple[Word, ...] | None
    recusal_note: Undetermined | UnsetType = UNSET


def reviewers(live: Live, law: Law, case_id: str) -> Answer[Reviewers]:
    """Everybody seated on a panel of the case, or who scored it, and whether they may act on it (D15); recusal and its
    rule.
    """
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable(*sentence("not filed by that day")))
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
        rows.append(Reviewer(person=person, state=state, recused_since=since, counted=tuple(counted)))
        why |= Why(events=(*events, *counted))
    value = Reviewers(
        reviewers=tuple(rows),
        recusal_rule=scope.words if scope.stated else None,
        recusal_note=UNSET if scope.stated else scope.undetermined(),
    )
    return Answer(value, why)


def eligibility_of(live: Live, person: str, case_id: str, stage: str | None) -> tuple[ReviewerState, tuple[str, ...]]:
    """Whether a reviewer may act on a case: the first word that applies (D15), and the events that show it."""
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


class Recusal(Record, frozen=True, kw_only=True):
    """A declaration (``declared_none``) or an order (``ordered_complaint``), and about which case."""

    event: EventRef
    person: Name
    case: Name
    how: Word
    on: Day


class Recusals(Record, frozen=True, kw_only=True):
    """The declarations of interest of an edition, then the orders to withdraw (D26)."""

    register: tuple[Recusal, ...]


def recusals(live: Live, law: Law, edition_id: str) -> Answer[Recusals]:
    """Every declaration of interest and every order to withdraw in an edition (D26)."""
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable(*sentence("the edition was not opened by that day")))
    declared = [e for e in live.of(InterestDeclared) if edition_of(e.payload.case_id) == edition_id]
    ordered = [e for e in live.of(RecusalOrdered) if any(edition_of(c) == edition_id for c in e.payload.case_ids)]
    rows = [
        Recusal(event=e.id, person=e.actor, case=e.payload.case_id, how=f"declared_{e.payload.result}", on=e.on)
        for e in declared
    ]
    rows += [
        Recusal(event=e.id, person=e.payload.person, case=c, how=f"ordered_{e.payload.source}", on=e.on)
        for e in ordered
        for c in e.payload.case_ids
    ]
    return Answer(Recusals(register=tuple(rows)), Why(events=(opened.id, *(r.event for r in rows))))
