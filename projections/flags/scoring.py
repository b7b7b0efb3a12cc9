"""RF12 to RF14 and RF44: scores, the lines they decide about, and what was done to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from ledger.derivation.answer import Undetermined
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.panels import live_scores
from ledger.derivation.scores import STAGES, combine, decisive_score, stage_score
from ledger.events.evaluation import (
    CandidateListProposed,
    CommitteeResolutionAdopted,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)
from ledger.events.kinds import Stage
from ledger.events.oversight import EventAnnulled, EventCorrected
from ledger.events.registry import Payload
from ledger.sentences import Pair
from projections.flags.flag import Found, Gap, Hit, Severity, silent
from projections.flags.inspected import Inspected
from projections.labels import called
from projections.sentences import sentence, term

# Scores and the boundaries that they decide about


def total(v: Inspected, live: Live, case: str, stage: Stage) -> Decimal | None:
    """The combined score of a stage at one (D, K); None where there is none or nothing says how to combine."""
    answer = stage_score(live, v.law, case, stage)
    combined = answer.value().total if answer.is_value else None
    return Decimal(combined) if combined is not None else None


@dataclass(frozen=True, slots=True)
class _Boundary:
    """A line between those who went on and those who did not: a threshold, or the last in and the first out."""

    name: Pair
    case: str
    inside: bool
    line: Decimal

    def crossed_by(self, score: Decimal | None) -> bool:
        return score is not None and (score >= self.line) != self.inside


def boundaries(v: Inspected, case: str, stage: Stage) -> Iterator[_Boundary]:
    """Lines that the case's score of a stage decided about, with where the case came to lie."""
    listed = [row for e in v.of(CandidateListProposed) for row in e.payload.rows]
    own = next((row for row in listed if row.case == case), None)
    kind = own.award if own else (v.filed[case].payload.award if case in v.filed else "")
    threshold = v.parameter(f"score.threshold.{kind}")
    score = total(v, v.live, case, stage)
    if threshold.stated and score is not None:
        yield _Boundary(sentence("the award threshold"), case, score >= threshold.number, Decimal(threshold.number))
    lists: list[tuple[Pair, list[str], list[str]]] = []
    if stage == "material":
        for shortlist in v.of(ShortlistDecided):
            went, stayed = list(shortlist.payload.selected), [n.case for n in shortlist.payload.not_selected]
            lists.append((sentence("the cut of the on-site list"), went, stayed))
    for proposal in v.of(CandidateListProposed):
        rows = [r.case for r in proposal.payload.rows if r.award == kind]
        lists.append((sentence("the candidate list"), rows, list(proposal.payload.not_listed)))
    for name, inside, outside in lists:
        if case in inside or case in outside:
            others = outside if case in inside else inside
            scored = [s for other in others if other != case and (s := total(v, v.live, other, stage)) is not None]
            if scored:
                yield _Boundary(name, case, case in inside, max(scored) if case in inside else min(scored))


def score_below_threshold(v: Inspected) -> Found:
    """RF12: below the threshold (JD四(二) HY9)."""
    kinds = list(v.enacted.pack.awards) if v.enacted else []
    lines = {k: v.parameter(f"score.threshold.{k}") for k in kinds}
    if not any(p.stated for p in lines.values()):
        yield from (silent(p) for p in list(lines.values())[:1])
        return
    steps: dict[str, tuple[Severity, LiveEvent, str]] = {}
    for proposal in v.of(CandidateListProposed):
        steps |= {r.case: ("M", proposal, r.award) for r in proposal.payload.rows}
    for resolution in v.of(CommitteeResolutionAdopted, subject="proposed_awardees"):
        steps |= {a.case: ("H", resolution, a.award) for a in resolution.payload.approved}
    for grant in v.grants.values():
        steps[grant.payload.case_id] = ("C", grant, grant.payload.award)
    for case, (severity, act, award) in steps.items():
        line = lines.get(award)
        if line is None or not line.stated:
            continue
        score, rule = decisive_score(v.live, v.law, case)
        if score is None:
            if rule is None:
                yield Gap(
                    ("case", case),
                    Undetermined(
                        "score.aggregation", "G14", *sentence("the score of {case} cannot be combined", case=case)
                    ),
                )
        elif score < line.number:
            used = [e for s in STAGES for e in live_scores(v.live, case, s)]
            yield Hit(
                ("case", case),
                severity,
                act.on,
                (act, *used),
                *sentence("{case} scores {score}, below {line}", case=case, score=score, line=line.value),
                case,
                v.org(case),
                articles=line.why.articles,
                thresholds={f"score.threshold.{award}": line.value},
            )


def score_outlier(v: Inspected) -> Found:
    """RF13: outlying score (ZY26 JD七(六) HY25,26 GZ31,32 (AUD))."""
    percent = v.audit_percent("score.outlier_percent_of_full")
    for case in v.filed:
        for stage in STAGES:
            counted = live_scores(v.live, case, stage)
            if len(counted) < 3:
                continue
            for score in counted:
                others = [Decimal(e.payload.total) for e in counted if e.id != score.id]
                away = abs(Decimal(score.payload.total) - sum(others, Decimal()) / len(others))
                limit = percent * score.payload.full / 100
                if away <= limit:
                    continue
                crossed = [b for b in boundaries(v, case, stage) if b.crossed_by(_without(v, case, others))]
                severity: Severity = "H" if crossed else "L"
                told = sentence(
                    "{actor} gives {case} {points}, {away} from the mean of the others",
                    actor=score.actor,
                    case=case,
                    points=score.payload.total,
                    away=f"{away:.1f}",
                )
                yield Hit(
                    ("case", case),
                    severity,
                    score.on,
                    (score, *(e for e in counted if e.id != score.id)),
                    *(
                        sentence("{apart}; without it the case crosses {line}", apart=told, line=crossed[0].name)
                        if crossed
                        else told
                    ),
                    case,
                    v.org(case),
                    score.actor,
                    thresholds={"score.outlier_percent_of_full": int(percent), "points": str(limit)},
                )


def _without(v: Inspected, case: str, others: list[Decimal]) -> Decimal:
    rules = [e for e in v.of(CommitteeResolutionAdopted, subject="review_rules") if e.payload.rules is not None]
    rule = rules[-1].payload.rules if rules else None
    return combine(others, rule.aggregation if rule else "mean", rule.decimals if rule else None)


def score_changed_after_cut(v: Inspected) -> Found:
    """RF14: score changed after report or cut (ZY12,26 HY25 (AUD))."""
    for change, target, case, stage in _changes(v):
        closed: list[LiveEvent] = [
            r
            for r in v.known.of(ReviewReportSubmitted, case_id=case, stage=stage)
            if target.position < r.position < change.position
        ]
        if stage == "material":
            closed += [s for s in v.of(ShortlistDecided) if target.position < s.position < change.position]
        if not closed:
            continue
        old = total(v, v.at(v.live.on, change.position - 1), case, stage)
        new = total(v, v.at(v.live.on, change.position), case, stage)
        lines = [
            b
            for b in boundaries(v, case, stage)
            if old is not None and new is not None and (old >= b.line) != (new >= b.line)
        ]
        severity: Severity = "C" if lines else "H"
        told = sentence(
            "a score of {case} was {changed} after {closed}: {from_to}",
            case=case,
            changed=_CHANGED[type(change.payload)],
            closed=called(closed[0].payload),
            from_to=_from_to(old, new),
        )
        yield Hit(
            ("case", case),
            severity,
            change.on,
            (change, closed[0]),
            *(sentence("{changed}, across {line}", changed=told, line=lines[0].name) if lines else told),
            case,
            v.org(case),
            change.actor,
        )


#: How a score was changed: by which act.
_CHANGED: dict[type[Payload], Pair] = {
    ScoreSubmitted: term("by another score", "changed"),
    EventCorrected: term("by a correction", "changed"),
    EventAnnulled: term("by an annulment", "changed"),
}


def _from_to(old: Decimal | None, new: Decimal | None) -> Pair:
    """What a change made of the score of a stage, which may not have stood before it, or not after it."""
    if old is None and new is None:
        return sentence("there was no combined score before, and is none after")
    if new is None:
        return sentence("it was {old}, and no score stands any more", old=old)
    if old is None:
        return sentence("there was no combined score, now it is {new}", new=new)
    return sentence("{old} to {new}", old=old, new=new)


def _changes(v: Inspected) -> Iterator[tuple[LiveEvent, LiveEvent[ScoreSubmitted], str, Stage]]:
    """Change, the score changed, its case and stage."""
    for event in v.of(ScoreSubmitted, EventCorrected, EventAnnulled):
        name = event.payload.replaces if isinstance(event.payload, ScoreSubmitted) else event.payload.target
        target = v.live.recorded(name) if name else None
        if target is not None and isinstance(target.statement.payload, ScoreSubmitted):
            p = target.statement.payload
            yield event, LiveEvent(target, p), p.case_id, p.stage


def identical_scores(v: Inspected) -> Found:
    """RF44: identical scores of two reviewers (ZY26 JD七(六) HY25 GZ32 (AUD))."""
    least = v.audit("score.identical_cases")
    for stage in STAGES:
        rows: dict[str, dict[str, LiveEvent[ScoreSubmitted]]] = {}
        for case in v.filed:
            for score in live_scores(v.live, case, stage):
                rows.setdefault(score.actor, {})[case] = score
        for one, other in combinations(sorted(rows), 2):
            common = [c for c in rows[one] if c in rows[other]]
            if len(common) >= least and all(
                Decimal(rows[one][c].payload.total) == Decimal(rows[other][c].payload.total) for c in common
            ):
                events = tuple(rows[p][c] for c in common for p in (one, other))
                yield Hit(
                    ("person", other),
                    "M",
                    max(e.on for e in events),
                    events,
                    *sentence(
                        "{one} and {other} give the same {stage} totals to all {count} cases",
                        one=one,
                        other=other,
                        stage=term("of totals", "material") if stage == "material" else term("of totals", "onsite"),
                        count=len(common),
                    ),
                    person=other,
                    thresholds={"score.identical_cases": least},
                )
