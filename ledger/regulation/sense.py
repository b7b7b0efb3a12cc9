"""Whether a value makes sense beyond its type: parts that add up, members that a kind needs, units that fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: Parameter path -> kind -> the member that this kind needs.
_NEEDS: Mapping[str, Mapping[str, str]] = {
    "reapply": {"gap_editions": "editions", "after_months": "months"},
    "watch_window": {"years": "years", "months": "months"},
    "clawback_part": {"share": "percent"},
    "eligibility.money": {"no_loss": "years", "profit": "years", "tax_per_mu": "industrial_tax_per_mu_yuan"},
}

_WHOLE = 100

#: Parameters that make a step obligatory: a procedure that leaves it out contradicts them.
_STEPS_DEMANDED: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("opinions.required", bool, "opinions"),
    ("recommender.kinds", bool, "recommendation"),
    ("onsite.report_confirmed", bool, "report_confirmation"),
    ("notice.min", bool, "notice"),
    ("approval.chain", lambda chain: "chair_review" in (chain or ()), "chair_review"),
)


def nonsense(path: str, value: Any) -> str | None:
    """What is wrong with the value of one parameter, in English; None where it makes sense."""
    match value:
        case tuple() if path == "prize.instalments":
            total = sum(part["percent"] for part in value)
            return None if total == _WHOLE else f"the parts are {total} percent of the prize, not {_WHOLE}"
        case tuple() if path == "procedure":
            steps = [s["step"] for s in value]
            twice = [s for s in steps if steps.count(s) > 1]
            return f"step {twice[0]} is listed twice" if twice else None
        case tuple() if path in ("quota.by_sector", "quota.by_size"):
            names = [n for group in value for n in group["sectors" if path == "quota.by_sector" else "sizes"]]
            twice = [n for n in names if names.count(n) > 1]
            return f"{twice[0]} is in two groups" if twice else None
        case {"percent": percent} if percent > _WHOLE:
            return f"{percent} is more than {_WHOLE} percent"
        case {"min": least, "max": most} if least > most:
            return f"min {least} is more than max {most}"
        case {"kind": kind}:
            needed = next((needs.get(kind) for part, needs in _NEEDS.items() if _is(path, part)), None)
            return f"kind {kind} needs {needed}" if needed and needed not in value else None
        case _:
            return None


def _is(path: str, part: str) -> bool:
    return path == part or path.startswith(f"{part}.") or path.endswith(f".{part}")


def contradiction(values: Mapping[str, tuple[Any, str | None]]) -> tuple[str, str] | None:
    """(path, what) where two stated parameters of one pack do not go together; ``values`` maps path to value and
    unit.
    """

    def of(path: str) -> tuple[Any, str | None]:
        return values.get(path, (None, None))

    if of("prize.mode")[0] == "instalments" and not of("prize.instalments")[0]:
        return "prize.instalments", "prize.mode says instalments; state them"
    extension, minimum = of("notice.extension")[0], of("notice.min")
    if extension and minimum[1] is not None and extension["unit"] != minimum[1]:
        return "notice.extension", f"is in {extension['unit']}s, the notice in {minimum[1]}s"
    steps = {s["step"] for s in of("procedure")[0] or ()}
    for path, demands, step in _STEPS_DEMANDED:
        if steps and demands(of(path)[0]) and step not in steps:
            return "procedure", f"lists no step {step}, which {path} demands"
    least, most = of("panel.size_min")[0], of("panel.size_max")[0]
    if least is not None and most is not None and least > most:
        return "panel.size_min", f"{least} is more than panel.size_max {most}"
    return None
