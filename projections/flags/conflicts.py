"""RF01 to RF04 and RF57: who acted although recused, undeclared or unqualified, and bodies that were not composed as
the text says.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.derivation.history import LiveEvent
from ledger.derivation.law import Resolved
from ledger.derivation.panels import recused_since
from ledger.derivation.words import word
from ledger.events.after_award import SanctionImposed
from ledger.events.application import EligibilityDecided
from ledger.events.edition import BodyConstituted, BodyDissolved
from ledger.events.evaluation import (
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    OnsiteVisitHeld,
    ReviewReportSubmitted,
    ScoreSubmitted,
)
from ledger.events.reviewers import InterestDeclared, RecusalOrdered, ReviewerQualified
from ledger.sentences import Pair, enumeration
from projections.flags.flag import Found, Hit, Severity, silent
from projections.flags.inspected import Inspected, before
from projections.labels import called
from projections.sentences import sentence


def acts_on_cases(v: Inspected) -> Iterator[tuple[str, str, LiveEvent]]:
    """Person, case and event of every score, report, visit and vote."""
    for event in v.own:
        p = event.payload
        match p:
            case CommitteeVoteCast() if p.vote == "recused":
                continue
            case OnsiteVisitHeld():
                people = p.attendees
            case ScoreSubmitted() | ReviewReportSubmitted() | CommitteeVoteCast():
                people = [event.actor]
            case _:
                continue
        for person in people:
            yield person, p.case_id, event


def recusals(v: Inspected, person: str, case: str) -> list[LiveEvent]:
    """Declarations of conflict and orders that took a person off a case, the first first."""
    own = [e for e in v.live.of(InterestDeclared, case_id=case, result="conflict") if e.actor == person]
    ordered = [e for e in v.live.of(RecusalOrdered, person=person) if case in e.payload.case_ids]
    return sorted([*own, *ordered], key=lambda e: (e.on, e.position))


def _scope(v: Inspected) -> Resolved:
    return v.parameter("recusal.scope", v.live.on)


def _weight(scope: Resolved) -> Severity:
    """Without a clause of the text the audit's own rule remains, a grade lower (G31)."""
    return "C" if scope.stated else "M"


def scored_after_recusal(v: Inspected) -> Found:
    """RF01: scored after recusal (ZY18 JD二(四)5 HY24 JS三)."""
    scope = _scope(v)
    recused = {e.actor for e in v.live.of(InterestDeclared, result="conflict")}
    recused |= {e.payload.person for e in v.live.of(RecusalOrdered)}
    for person, case, act in acts_on_cases(v):
        # Nearly nobody is recused from anything.
        for recusal in recusals(v, person, case)[:1] if person in recused else ():
            cited = [
                r
                for r in v.of(ReviewReportSubmitted, case_id=case)
                if act.id in r.payload.score_ids and before(recusal, r)
            ]
            if before(recusal, act) or cited:
                yield Hit(
                    ("case", case),
                    _weight(scope),
                    max(act.on, recusal.on),
                    (act, recusal, *cited[:1]),
                    *sentence(
                        "{person} is recused from {case} since {since}; the act of {on} ({act}) stands",
                        person=person,
                        case=case,
                        since=recusal.on,
                        on=act.on,
                        act=called(act.payload),
                    ),
                    case,
                    v.org(case),
                    person,
                    articles=scope.why.articles,
                )


def undeclared_conflict(v: Inspected) -> Found:
    """RF02: no declaration of interest (ZY18 JD二(四)5 HY24 JS三)."""
    scope = _scope(v)
    seen = set()
    for person, case, act in _acts_that_need_declaring(v, scope):
        declared = [e for e in v.known.of(InterestDeclared, case_id=case) if e.actor == person]
        if (person, case) not in seen and not any(e.position < act.position for e in declared):
            seen.add((person, case))
            yield Hit(
                ("case", case),
                "M",
                act.on,
                (act, *declared[:1]),
                *sentence("{person} acted on {case} with no declaration recorded before", person=person, case=case),
                case,
                v.org(case),
                person,
                articles=scope.why.articles,
            )
    for order in v.of(RecusalOrdered):
        for case in v.cases_of(order):
            person = order.payload.person
            declared = [e for e in v.live.of(InterestDeclared, case_id=case) if e.actor == person and before(e, order)]
            if not any(e.payload.result == "conflict" for e in declared):
                yield Hit(
                    ("case", case),
                    "C",
                    order.on,
                    (order, *declared[-1:]),
                    *sentence(
                        "{person} was ordered to withdraw from {case} and had declared no interest",
                        person=person,
                        case=case,
                    ),
                    case,
                    v.org(case),
                    person,
                    articles=scope.why.articles,
                )


def _acts_that_need_declaring(v: Inspected, scope: Resolved) -> Iterator[tuple[str, str, LiveEvent]]:
    who = set(scope.words) if scope.stated else {"reviewer"}
    for person, case, act in acts_on_cases(v):
        if not isinstance(act.payload, CommitteeVoteCast) or who & {"committee", "all"}:
            yield person, case, act
    if who & {"staff", "all"}:
        for act in v.of(EligibilityDecided):
            yield act.actor, act.payload.case_id, act


def unqualified_or_unassigned_reviewer(v: Inspected) -> Found:
    """RF03: reviewer not qualified or not assigned (ZY10(3),11,26 JD二(四) HY6,26 GZ11(2),32)."""
    stated = v.parameter("reviewer.criteria", v.live.on)
    for act in v.of(ScoreSubmitted, ReviewReportSubmitted):
        person, case = act.actor, act.payload.case_id
        found = _standing_problem(v, act)
        if found is not None:
            problem, events = found
            yield Hit(
                ("case", case),
                "H",
                act.on,
                (act, *events),
                *sentence("{person} on {case}: {name}", person=person, case=case, name=problem),
                case,
                v.org(case),
                person,
                articles=stated.why.articles,
            )


def _standing_problem(
    v: Inspected, act: LiveEvent[ScoreSubmitted | ReviewReportSubmitted]
) -> tuple[Pair, tuple[LiveEvent, ...]] | None:
    person, case, stage = act.actor, act.payload.case_id, act.payload.stage
    qualified = [e for e in v.live.of(ReviewerQualified, reviewer_id=person) if e.on <= act.on]
    if not qualified or (qualified[-1].payload.valid_until is not None and qualified[-1].payload.valid_until < act.on):
        return sentence("no valid entry in the pool"), tuple(qualified[-1:])
    if not any(person in {m.principal_id for m in p.payload.members} for p in panels(v, case, stage, act)):
        return sentence("no seat on the case's panel"), ()
    if v.identities.review_cancelled(person, act.on):
        return sentence("eligibility to review is cancelled"), tuple(v.live.of(SanctionImposed, subject=person))
    return None


def panels(v: Inspected, case: str, stage: str, act: LiveEvent) -> list[LiveEvent[BodyConstituted]]:
    """Panels that serve a case and stage when an act is done: of each body the latest revision by then."""
    latest: dict[str, LiveEvent[BodyConstituted]] = {}
    for body in v.live.of(BodyConstituted, kind="panel"):
        p = body.payload
        if before(body, act) and (p.edition_id == v.edition or (p.cases is not None and case in p.cases)):
            latest[p.body_id] = body
    serving = []
    for body in latest.values():
        p = body.payload
        gone = [d for d in v.live.of(BodyDissolved, body_id=p.body_id) if before(d, act) and before(body, d)]
        fits = stage == "comprehensive" or p.stages is None or stage in p.stages
        if (p.cases is None or case in p.cases) and fits and not gone:
            serving.append(body)
    return serving


def body_composition_wrong(v: Inspected) -> Found:
    """RF04: body not composed as the text says (ZY11 JD二,七(一) HY10(4))."""
    smallest, largest, leader = (v.parameter(f"panel.{n}") for n in ("size_min", "size_max", "leader"))
    watched = v.parameter("supervision_group.required")
    if not any(p.stated for p in (smallest, largest, leader, watched)):
        yield silent(smallest)
        return
    seen = set()
    for act in v.of(ScoreSubmitted, ReviewReportSubmitted):
        case, stage = act.payload.case_id, act.payload.stage
        for body in panels(v, case, stage, act):
            seats = {m.principal_id: m.seat for m in body.payload.members}
            then = v.at(act.on)
            able = [p for p in seats if recused_since(then, p, case) is None]
            leads = sum(seats[p] == "leader" for p in able)
            wrong = _size_problem(len(able), leads, smallest, largest, leader)
            if wrong is not None and (case, stage) not in seen:
                seen.add((case, stage))
                problem, stated = wrong
                yield Hit(
                    ("case", case),
                    "H",
                    act.on,
                    (act, body),
                    *sentence("{case}: {problem}", case=case, problem=problem),
                    case,
                    v.org(case),
                    articles=stated.why.articles,
                )
    yield from _supervision(v, watched)


def committee_lacks_a_group(v: Inspected) -> Found:
    """RF57: a group that the text names is missing in the committee (ZY8 HY5)."""
    stated = v.parameter("committee.composition")
    if not stated.stated:
        yield silent(stated)
        return
    seen = set()
    for act in v.of(CommitteeResolutionAdopted):
        bodies = [
            e
            for e in v.live.of(BodyConstituted, kind="committee")
            if before(e, act) and e.payload.edition_id in (None, v.edition)
        ]
        if not bodies or bodies[-1].id in seen:
            continue
        seen.add(bodies[-1].id)
        there = {m.capacity for m in bodies[-1].payload.members}
        missing = [word(group, "capacity") for group in stated.words if group not in there]
        if missing:
            yield Hit(
                ("edition", v.edition),
                "H",
                act.on,
                (act, bodies[-1]),
                *sentence(
                    "when the committee resolved, none of its members was: {missing}", missing=enumeration(missing)
                ),
                articles=stated.why.articles,
                thresholds={"committee.composition": list(stated.words)},
            )


def _size_problem(
    size: int, leads: int, smallest: Resolved, largest: Resolved, leader: Resolved
) -> tuple[Pair, Resolved] | None:
    if smallest.stated and size < smallest.number:
        return sentence("a panel of {size}, less than {least}", size=size, least=smallest.value), smallest
    if largest.stated and size > largest.number:
        return sentence("a panel of {size}, more than {most}", size=size, most=largest.value), largest
    if leader.yes and leads != 1:
        return sentence("{leads} leaders", leads=leads), leader
    return None


def _supervision(v: Inspected, watched: Resolved) -> Found:
    groups = [
        e for e in v.live.of(BodyConstituted, kind="supervision_group") if e.payload.edition_id in (None, v.edition)
    ]
    first = v.of(EligibilityDecided)[:1]
    if watched.yes and first and not any(before(g, first[0]) for g in groups):
        yield Hit(
            ("edition", v.edition),
            "H",
            first[0].on,
            (first[0], *groups[:1]),
            *sentence("no supervision group when eligibility was decided"),
            articles=watched.why.articles,
        )
    for group in groups:
        for member in group.payload.members:
            roles = v.roles(member.principal_id, group.on) & {"SEC", "SECH", "REV", "LEAD", "COM", "CHR"}
            if roles:
                yield Hit(
                    ("edition", v.edition),
                    "H",
                    group.on,
                    (group,),
                    *sentence(
                        "{principal_id} of the supervision group also holds {roles}",
                        principal_id=member.principal_id,
                        roles=enumeration(sorted(roles)),
                    ),
                    person=member.principal_id,
                    articles=watched.why.articles,
                )
