"""The score of a case and stage, combined as the edition's review rules say and not otherwise (D10, G14)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.panels import live_scores, recusal_of
from ledger.derivation.record import Count, EventRef, Part, Record, Score, part
from ledger.events.application import ApplicationFiled
from ledger.events.evaluation import CommitteeResolutionAdopted, ReviewRules, ScoreSubmitted
from ledger.events.kinds import Stage
from ledger.sentences import sentence
from ledger.statement import edition_of

STAGES: tuple[Stage, ...] = ("material", "onsite")


class StageScore(Record, frozen=True, kw_only=True):
    """The scores of one stage: those that count, every one ever submitted (``history``), and what they come to.

    ``total`` is combined as the law or the edition's rules say; ``rules`` is the resolution that adopted these.
    """

    count: Count
    min: Score | None
    max: Score | None
    median: Score | None
    counted: tuple[EventRef, ...]
    history: tuple[EventRef, ...]
    total: Score | None
    rules: EventRef | UnsetType = UNSET


class Scores(Record, frozen=True, kw_only=True):
    """The scores of both stages of a case (D10)."""

    material: Part[StageScore]
    onsite: Part[StageScore]

    def stages(self) -> dict[Stage, Part[StageScore]]:
        return {"material": self.material, "onsite": self.onsite}


def scores(live: Live, law: Law, case_id: str) -> Answer[Scores]:
    """Each stage with its total (or the gap), spread, count, and every score ever submitted beside it."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable(*sentence("not filed by that day")))
    material, onsite = (stage_score(live, law, case_id, stage) for stage in STAGES)
    value = Scores(material=part(material), onsite=part(onsite))
    return Answer(value, Why(events=(filed.id,)) | material.why | onsite.why)


def stage_score(live: Live, law: Law, case_id: str, stage: Stage) -> Answer[StageScore]:
    """The score of one stage (D10). Scores of recused reviewers, and replaced or annulled ones, do not count."""
    history = live.of(ScoreSubmitted, case_id=case_id, stage=stage)
    if not history:
        return Answer(NotApplicable(*sentence("no score in this stage")))
    counted = live_scores(live, case_id, stage)
    totals = [Decimal(e.payload.total) for e in counted]
    recusals = [recusal_of(live, reviewer, case_id) for reviewer in dict.fromkeys(e.actor for e in history)]
    left = tuple(e.id for e in recusals if e is not None)
    # That the score of somebody recused later leaves the result is a reading (B-78).
    why = Why(events=(*(e.id for e in history), *left), readings=("B-78:default",) if left else ())

    def combined(total: Decimal | None, rules: str | UnsetType = UNSET) -> StageScore:
        return StageScore(
            count=len(totals),
            min=_text(min(totals)) if totals else None,
            max=_text(max(totals)) if totals else None,
            median=_text(median(totals)) if totals else None,
            counted=tuple(e.id for e in counted),
            history=tuple(e.id for e in history),
            total=_text(total) if total is not None else None,
            rules=rules,
        )

    if not totals:
        return Answer(combined(None), why)
    adopted = _review_rules(live, case_id)
    stated = law.parameter(pinned_pack(live, law, edition_of(case_id)), "score.aggregation", history[0].on)
    if adopted is None and stated.stated:
        return Answer(combined(combine(totals, stated.text, None)), why | stated.why)
    if adopted is None:
        gap = Undetermined("score.aggregation", "G14", *sentence("no review rules say how scores are combined"))
        return Answer(gap, why)
    rules, resolution = adopted
    total = combine(totals, rules.aggregation, rules.decimals)
    return Answer(combined(total, resolution), why | stated.left_open | Why(events=(resolution,)))


def _review_rules(live: Live, case_id: str) -> tuple[ReviewRules, str] | None:
    """The latest review rules of a case's edition, and the resolution that adopted them."""
    adopted = live.of(CommitteeResolutionAdopted, edition_id=edition_of(case_id), subject="review_rules")
    return next(((e.payload.rules, e.id) for e in reversed(adopted) if e.payload.rules is not None), None)


def decisive_score(live: Live, law: Law, case_id: str) -> tuple[Decimal | None, str | None]:
    """The combined score of the stage that decides, and the resolution that says so; None where either is missing."""
    adopted = _review_rules(live, case_id)
    resolution = adopted[1] if adopted is not None else None
    answer = stage_score(live, law, case_id, adopted[0].decisive_stage if adopted is not None else "onsite")
    total = answer.value().total if answer.is_value else None
    return Decimal(total) if total is not None else None, resolution


def combine(totals: Sequence[Decimal], aggregation: str, decimals: int | None) -> Decimal:
    """Mean, median or mean without the highest and the lowest (with three or more); exact unless rounded by rule."""
    match aggregation:
        case "median":
            result = Decimal(median(totals))
        case "trimmed_mean" if len(totals) >= 3:
            inner = sorted(totals)[1:-1]
            result = sum(inner, Decimal()) / len(inner)
        case _:
            result = sum(totals, Decimal()) / len(totals)
    if decimals is not None:
        result = result.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return result


def _text(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
