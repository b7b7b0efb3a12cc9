"""Scores of an edition laid open: who gave what, what was changed or void, and what each reviewer did to the result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import TypedDict

from ledger.clock import format_instant
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Law
from ledger.derivation.panels import live_scores, recused_since
from ledger.derivation.scores import STAGES, combine, stage_score
from ledger.errors import NotFoundError
from ledger.events.evaluation import CommitteeResolutionAdopted, ScoreSubmitted, ShortlistDecided
from ledger.events.kinds import Stage
from ledger.events.oversight import EventAnnulled
from projections.as_of import state
from projections.flags.inspected import Inspected
from projections.sentences import sentence
from projections.slices import Source, history_for

#: (event, pointer) -> an opened value, for the matrix of items; without it the matrix says what would have to be
#: opened.
Opened = Mapping[tuple[str, str], object]


class Cell(TypedDict):
    """A score that counts; ``items`` as they were opened, ``needs_opening`` what would have to be."""

    case: str
    reviewer: str
    total: str
    full: int
    event: str
    items: object
    needs_opening: list[str]


class CellOfStage(Cell):
    stage: str


class CaseScores(TypedDict):
    """How the scores of a case lie; ``away`` is each reviewer's distance from the mean."""

    count: int
    mean: str
    median: str
    sd: str
    combined: str | None
    away: dict[str, str]


class Revision(TypedDict):
    """A score that took the place of an earlier one."""

    event: str
    replaces: str | None
    case: str
    reviewer: str
    total: str
    reason: str | None
    recorded_at: str


class Voided(TypedDict):
    """A score that was annulled, by which act and why."""

    event: str
    case: str
    reviewer: str
    total: str
    by: str
    reason: str


class OfRecused(TypedDict):
    """A score by somebody who was to keep away, since when."""

    event: str
    case: str
    reviewer: str
    since: str


class Alike(TypedDict):
    """Two reviewers over the cases that both scored."""

    one: str
    other: str
    cases: int
    equal: int
    mean_distance: str
    correlation: str | None


Without = TypedDict(
    "Without", {"reviewer": str, "order": list[str], "in": list[str], "out": list[str], "changes": bool}
)


class StageOfScores(TypedDict):
    """One stage laid open."""

    matrix: list[Cell]
    cases: dict[str, CaseScores]
    revisions: list[Revision]
    void: list[Voided]
    recused: list[OfRecused]
    similarity: list[Alike]
    without: list[Without]


class Forensics(TypedDict):
    """The scores of an edition by stage; ``rows`` are the cells of all matrices."""

    edition: str
    stages: dict[str, StageOfScores]
    rows: list[CellOfStage]


def forensics(source: Source, edition: str, on: date, known: int, opened: Opened | None = None) -> Forensics:
    """Per stage: the matrix of live totals, every revision and void, spread, similarity, and the result without each
    reviewer.
    """
    live, law = state(history_for(source, "inspection", edition, known), source.packs(), on, known)
    v = Inspected(live, law, edition)
    if v.opened is None:
        raise NotFoundError(
            "edition_unknown", sentence("no edition {edition} is known on {on}", edition=edition, on=on)
        )
    stages: dict[str, StageOfScores] = {stage: _stage(v, live, law, stage, opened or {}) for stage in STAGES}
    rows: list[CellOfStage] = [{"stage": name, **row} for name, told in stages.items() for row in told["matrix"]]
    return {"edition": edition, "stages": stages, "rows": rows}


def _stage(v: Inspected, live: Live, law: Law, stage: Stage, opened: Opened) -> StageOfScores:
    counted = {case: live_scores(live, case, stage) for case in v.filed}
    matrix = [_cell(score, case, opened) for case, scores in counted.items() for score in scores]
    return {
        "matrix": matrix,
        "cases": {case: _case(live, law, case, stage, scores) for case, scores in counted.items() if scores},
        "revisions": [_revision(e) for e in v.of(ScoreSubmitted, stage=stage) if e.payload.replaces],
        "void": _void(v, stage),
        "recused": _recused(v, live, stage),
        "similarity": _similarity(counted),
        "without": _without(v, counted, stage),
    }


def _cell(score: LiveEvent[ScoreSubmitted], case: str, opened: Opened) -> Cell:
    restricted = "/item_scores" in score.recorded.statement.sd
    items = opened.get((score.id, "/item_scores"))
    return {
        "case": case,
        "reviewer": score.actor,
        "total": score.payload.total,
        "full": score.payload.full,
        "event": score.id,
        "items": items,
        "needs_opening": ["/item_scores"] if restricted and items is None else [],
    }


def _case(live: Live, law: Law, case: str, stage: Stage, scores: list[LiveEvent[ScoreSubmitted]]) -> CaseScores:
    totals = [Decimal(e.payload.total) for e in scores]
    mean = sum(totals, Decimal()) / len(totals)
    variance = sum(((t - mean) ** 2 for t in totals), Decimal()) / len(totals)
    answer = stage_score(live, law, case, stage)
    return {
        "count": len(totals),
        "mean": _round(mean),
        "median": _round(combine(totals, "median", None)),
        "sd": _round(variance.sqrt()),
        "combined": answer.value().total if answer.is_value else None,
        "away": {e.actor: _round(Decimal(e.payload.total) - mean) for e in scores},
    }


def _revision(event: LiveEvent[ScoreSubmitted]) -> Revision:
    p = event.payload
    return {
        "event": event.id,
        "replaces": p.replaces,
        "case": p.case_id,
        "reviewer": event.actor,
        "total": p.total,
        "reason": p.change_reason,
        "recorded_at": format_instant(event.recorded.recorded_at),
    }


def _void(v: Inspected, stage: Stage) -> list[Voided]:
    rows: list[Voided] = []
    for act in v.of(EventAnnulled):
        target = v.live.recorded(act.payload.target)
        if (
            target is not None
            and isinstance(target.statement.payload, ScoreSubmitted)
            and target.statement.payload.stage == stage
        ):
            rows.append(
                {
                    "event": target.statement.id,
                    "case": target.statement.payload.case_id,
                    "reviewer": target.statement.actor,
                    "total": target.statement.payload.total,
                    "by": act.id,
                    "reason": act.payload.reason,
                }
            )
    return rows


def _recused(v: Inspected, live: Live, stage: Stage) -> list[OfRecused]:
    scores = [(e, recused_since(live, e.actor, e.payload.case_id)) for e in v.of(ScoreSubmitted, stage=stage)]
    return [
        {"event": e.id, "case": e.payload.case_id, "reviewer": e.actor, "since": since.isoformat()}
        for e, since in scores
        if since is not None
    ]


def _similarity(counted: dict[str, list[LiveEvent[ScoreSubmitted]]]) -> list[Alike]:
    """Each two reviewers: cases in common, equal totals, mean distance, correlation."""
    given: dict[str, dict[str, Decimal]] = {}
    for case, scores in counted.items():
        for e in scores:
            given.setdefault(e.actor, {})[case] = Decimal(e.payload.total)
    rows: list[Alike] = []
    for one, other in combinations(sorted(given), 2):
        common = [c for c in given[one] if c in given[other]]
        if common:
            xs, ys = [given[one][c] for c in common], [given[other][c] for c in common]
            away = sum((abs(x - y) for x, y in zip(xs, ys, strict=True)), Decimal()) / len(common)
            rows.append(
                {
                    "one": one,
                    "other": other,
                    "cases": len(common),
                    "equal": sum(x == y for x, y in zip(xs, ys, strict=True)),
                    "mean_distance": _round(away),
                    "correlation": _correlation(xs, ys),
                }
            )
    return rows


def _correlation(xs: list[Decimal], ys: list[Decimal]) -> str | None:
    n = len(xs)
    mx, my = sum(xs, Decimal()) / n, sum(ys, Decimal()) / n
    sx, sy = sum(((x - mx) ** 2 for x in xs), Decimal()), sum(((y - my) ** 2 for y in ys), Decimal())
    if n < 3 or not sx or not sy:
        return None
    return _round(sum(((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)), Decimal()) / (sx * sy).sqrt())


def _without(v: Inspected, counted: dict[str, list[LiveEvent[ScoreSubmitted]]], stage: Stage) -> list[Without]:
    """The order of cases if one reviewer had not scored, and who would then have been among those who went on."""
    rules = [
        e.payload.rules for e in v.of(CommitteeResolutionAdopted, subject="review_rules") if e.payload.rules is not None
    ]
    if not rules:
        return []
    on = (
        {c for e in v.of(ShortlistDecided) for c in e.payload.selected}
        if stage == "material"
        else {g.payload.case_id for g in v.grants.values()}
    )
    everybody = sorted({e.actor for scores in counted.values() for e in scores})
    rows: list[Without] = []
    for reviewer in everybody:
        left = {c: [Decimal(e.payload.total) for e in scores if e.actor != reviewer] for c, scores in counted.items()}
        ranked = {c: combine(t, rules[-1].aggregation, rules[-1].decimals) for c, t in left.items() if t}
        order = sorted(ranked, key=lambda c: (-ranked[c], c))
        first = set(order[: len(on)])
        rows.append(
            {
                "reviewer": reviewer,
                "order": order,
                "in": sorted(first - on) if on else [],
                "out": sorted(on & set(order) - first),
                "changes": bool(on) and bool(on & set(order) - first),
            }
        )
    return rows


def _round(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.01"), ROUND_HALF_UP), "f")
