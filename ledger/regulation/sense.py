"""Whether a value makes sense beyond its type: parts that add up, members that a kind needs, units that fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ledger.regulation.stated import Absence, Parameter, Value
from ledger.regulation.tables import (
    ClawbackPart,
    Extension,
    MoneyCondition,
    PrizePart,
    ReapplyRule,
    SectorGroup,
    SiteDays,
    SizeGroup,
    Step,
    Table,
    WatchWindow,
)

#: Table -> kind -> the member that this kind needs.
_NEEDS: Mapping[type[Table], Mapping[str, str]] = {
    ReapplyRule: {"gap_editions": "editions", "after_months": "months"},
    WatchWindow: {"years": "years", "months": "months"},
    ClawbackPart: {"share": "percent"},
    MoneyCondition: {"no_loss": "years", "profit": "years", "tax_per_mu": "industrial_tax_per_mu_yuan"},
}

_WHOLE = 100

#: Parameters that make a step obligatory: a procedure that leaves it out contradicts them.
_STEPS_DEMANDED: tuple[tuple[str, Callable[[Parameter], bool], str], ...] = (
    ("opinions.required", lambda p: p.yes, "opinions"),
    ("recommender.kinds", lambda p: bool(p.words), "recommendation"),
    ("onsite.report_confirmed", lambda p: p.yes, "report_confirmation"),
    ("notice.min", lambda p: bool(p.value), "notice"),
    ("approval.chain", lambda p: "chair_review" in p.words, "chair_review"),
)

#: Parameters that say that a step is not taken: a procedure that lists it would demand what the text does not.
_STEPS_DENIED: tuple[tuple[str, Callable[[Parameter], bool], tuple[str, ...]], ...] = (
    ("opinions.required", lambda p: p.value is False, ("opinions",)),
    ("onsite.report_confirmed", lambda p: p.value is False, ("report_confirmation",)),
    ("result.published", lambda p: p.value is False, ("publication", "circular")),
)


def nonsense(path: str, value: Value) -> str | None:
    """What is wrong with the value of one parameter, in English; None where it makes sense."""
    match value:
        case tuple() if path == "prize.instalments":
            total = sum(part.percent for part in value if isinstance(part, PrizePart))
            return None if total == _WHOLE else f"the parts are {total} percent of the prize, not {_WHOLE}"
        case tuple() if path == "procedure":
            twice = _twice([s.step for s in value if isinstance(s, Step)])
            return None if twice is None else f"step {twice} is listed twice"
        case tuple():
            twice = _twice([n for group in value if isinstance(group, SectorGroup | SizeGroup) for n in group.among])
            return None if twice is None else f"{twice} is in two groups"
        case ClawbackPart(percent=int() as percent) if percent > _WHOLE:
            return f"{percent} is more than {_WHOLE} percent"
        case SiteDays() if value.min > value.max:
            return f"min {value.min} is more than max {value.max}"
        case ReapplyRule() | WatchWindow() | ClawbackPart() | MoneyCondition():
            needed = _NEEDS[type(value)].get(value.kind)
            return f"kind {value.kind} needs {needed}" if needed and needed not in value.members() else None
        case _:
            return None


def _twice(names: list[str]) -> str | None:
    return next((n for n in names if names.count(n) > 1), None)


def contradiction(values: Mapping[str, Parameter]) -> tuple[str, str] | None:
    """(path, what) where two stated parameters of one pack do not go together; ``values`` are those stated, by path."""

    def of(path: str) -> Parameter:
        return values.get(path) or Parameter(path, None, Absence.SILENT, None)

    if of("prize.mode").value == "instalments" and not of("prize.instalments").value:
        return "prize.instalments", "prize.mode says instalments; state them"
    extension, minimum = of("notice.extension").value, of("notice.min")
    if isinstance(extension, Extension) and minimum.unit is not None and extension.unit != minimum.unit:
        return "notice.extension", f"is in {extension.unit}s, the notice in {minimum.unit}s"
    steps = {s.step for s in of("procedure").rows(Step)}
    for path, demands, step in _STEPS_DEMANDED:
        if steps and demands(of(path)) and step not in steps:
            return "procedure", f"lists no step {step}, which {path} demands"
    for path, denies, listed in _STEPS_DENIED:
        denied = next((s for s in listed if denies(of(path)) and s in steps), None)
        if denied is not None:
            return (
                "procedure",
                f"lists the step {denied}, which {path} = false denies: state true, or leave the step out",
            )
    least, most = of("panel.size_min").value, of("panel.size_max").value
    if isinstance(least, int) and isinstance(most, int) and least > most:
        return "panel.size_min", f"{least} is more than panel.size_max {most}"
    return None
