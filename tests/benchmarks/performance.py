"""``docs/performance.md``, written from the figures of a run (results.json) and from what is promised (goals.toml).

python -m tests.benchmarks.performance
"""

from __future__ import annotations

import json
import operator
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import pictures
from tests.benchmarks.results import FILE

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
GOALS = Path(__file__).with_name("goals.toml")

#: What the plan is for.
LOGS, ENTRIES, YEARS, PEAK = 3_000, 10_000_000_000, 10, 10
_SECONDS_A_YEAR = 365.25 * 86_400

Figures = Mapping[str, Any]
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}


def goals() -> dict[str, Any]:
    return tomllib.loads(GOALS.read_text("utf-8"))


def write() -> None:
    """Write the document and its picture anew."""
    results = json.loads(FILE.read_text("utf-8"))
    DOCUMENT.write_text(document(results, goals()), "utf-8")
    PICTURE.write_text(picture(results), "utf-8")


def document(results: Mapping[str, Any], promised: Mapping[str, Any]) -> str:
    """The whole text."""
    parts = [
        "# Performance",
        "Written by `make bench` from `tests/benchmarks/results.json`; nothing here is typed but what is promised, what"
        " stands in the way and what each step gave (`tests/benchmarks/goals.toml`). Ratios are over the stock"
        " `eventsourcing` library that saves one at a time, on the same server in the same run: by the clock and by"
        " processor time of ours and of the database; median (least to most) of the runs.",
        _machine(results["about"]),
        "## What is promised, and how it stands",
        "\n".join(_table(results, promised["row"])),
        "## Where something is missed",
        "\n".join(_missed(results, promised["row"])) or "Nothing is missed.",
        "## Growth",
        "![Processor time of a submission over the size of the log](performance.svg)",
        "\n".join(_growth(results)),
        "## Bytes on disk",
        "\n".join(_bytes(results["figures"])),
        "## What each step gave",
        "\n".join(["| step | gave |", "|---|---|", *(f"| {s['did']} | {s['gave']} |" for s in promised["step"])]),
        f"## A plan for {LOGS:,} logs and {ENTRIES // 10**9} billion entries",
        "\n".join(_plan(results)),
        "## All figures of the run",
        "\n".join(_all(results["figures"])),
    ]
    return "\n\n".join(parts) + "\n"


def _machine(about: Mapping[str, Any]) -> str:
    trial = ["**A trial: small sizes, or a part of it. Nothing here says how things stand.**", ""]
    libraries = ", ".join(f"{name} {version}" for name, version in about["libraries"].items())
    return "\n".join(
        [
            *(trial if about["trial"] else []),
            f"- **Machine**: {about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, {about['system']};"
            f" fdatasync {about['fdatasync_ms']} ms; load at the start {about['load_at_start']}",
            f"- **Versions**: code {about['code']}, Python {about['python']}, PostgreSQL {about['postgresql']},"
            f" {libraries}",
            f"- **Run**: {about['on']}, {about.get('minutes', '?')} minutes, settings {json.dumps(about['settings'])}",
            "- **Commands**: `make bench`; a larger log by `make bench GROWTH=1000000`; where the processor time of one"
            " submission, one answer and one page goes by `make profile`",
        ]
    )


# The table


def value_of(results: Mapping[str, Any], figure: Mapping[str, Any]) -> tuple[float, str] | None:
    """What was measured of one figure, and its spread in words; None where it was not measured."""
    figures = results["figures"]
    if "growth" in figure:
        costs = [figures[name][figure["as"]] for _, name in _sizes(results, f": {figure['growth']}") if name in figures]
        return (max(costs) / costs[0], "") if len(costs) > 1 else None
    found = _figure(results, figure["of"])
    if found is None or figure["as"] not in found:
        return None
    value = found[figure["as"]]
    spread = f" ({_number(value[1])} to {_number(value[2])})" if isinstance(value, list) else ""
    number = value[0] if isinstance(value, list) else value
    if "over" in figure:
        other = _figure(results, figure["over"])
        if other is None:
            return None
        of = other[figure["as"]]
        return number / (of[0] if isinstance(of, list) else of), ""
    if "by" in figure:
        return number / found[figure["by"]], ""
    return number, spread


def _figure(results: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """A figure by its name, or by how the only one of its name begins."""
    figures, wanted = results["figures"], _named(results, name)
    found: Mapping[str, Any] | None = figures.get(wanted)
    return found or next((value for key, value in figures.items() if key.startswith(f"{wanted}, ")), None)


def _named(results: Mapping[str, Any], name: str) -> str:
    settings = results["about"]["settings"]
    return name.replace("{size}", str(settings["growth"][-1])).replace("{applicants}", str(settings["applicants"]))


def verdict(value: float, figure: Mapping[str, Any]) -> str:
    """Whether it is as it must be, and as we want it."""
    said = []
    for name in ("must", "want"):
        if name in figure:
            sign, limit = figure[name].split()
            said.append(f"{name} {'met' if _COMPARED[sign](value, float(limit)) else '**missed**'}")
    return ", ".join(said) or "said beside it"


def _table(results: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| what | must | want | measured | |"
    yield "|---|---|---|---|---|"
    for row in rows:
        measured, judged = [], []
        for figure in row["figures"]:
            value = value_of(results, figure)
            measured.append(f"{_said(results, figure)}: " + (_number(value[0]) + value[1] if value else "not measured"))
            judged.append(verdict(value[0], figure) if value else "-")
        yield f"| {row['what']} | {row['must']} | {row['want']} | {'<br>'.join(measured)} | {'<br>'.join(judged)} |"


def _said(results: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
    """The words of a figure; of one that depends on the size of the log, with the size."""
    at = f", at {results['about']['settings']['growth'][-1]:,} entries" if "{size}" in figure.get("of", "") else ""
    return f"{figure['said']}{at}"


def _missed(results: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        found = [(figure, value_of(results, figure)) for figure in row["figures"]]
        missed = [f["said"] for f, value in found if value and "missed" in verdict(value[0], f)]
        unknown = [f["said"] for f, value in found if value is None]
        if missed:
            yield f"- **{row['what']}**: {'; '.join(missed)}. What stands in the way: {row['limit']}."
        if unknown:
            yield f"- **{row['what']}**: not measured by this run: {'; '.join(unknown)}."


# Growth, bytes, plan


def _sizes(results: Mapping[str, Any], end: str) -> list[tuple[int, str]]:
    return [(size, f"growth {size}{end}") for size in results["about"]["settings"]["growth"]]


_WAYS = ("batches of 100", "one by one")


def _growth(results: Mapping[str, Any]) -> Iterator[str]:
    figures = results["figures"]
    yield "| entries | way | processor time of a submission | SQL statements | rows | entries read |"
    yield "|---|---|---|---|---|---|"
    for way in _WAYS:
        for size, name in _sizes(results, f": {way}"):
            asked = figures.get(f"growth {size}: asked of the database, {way}")
            if name in figures and asked:
                yield (
                    f"| {size:,} | {way} | {figures[name]['processor_us']:,.0f} us | {_number(asked['sql'])} |"
                    f" {_number(asked['rows'])} | {_number(asked['entries'])} |"
                )


def picture(results: Mapping[str, Any]) -> str:
    """Processor time of a submission over the size of the log, a line for each way."""
    figures = results["figures"]
    lines = {
        way: [(size, figures[name]["processor_us"]) for size, name in _sizes(results, f": {way}") if name in figures]
        for way in _WAYS
    }
    return pictures.growth({way: points for way, points in lines.items() if points})


def _bytes(figures: Figures) -> Iterator[str]:
    yield "| way | an entry | all that is kept of it | ratio |"
    yield "|---|---|---|---|"
    for way in _WAYS:
        entry, kept, ratio = (
            figures.get(f"disk, {way}: {of}")
            for of in ("an entry", "all that is kept of it", "over the bytes of the entries")
        )
        if entry and kept and ratio:
            yield f"| {way} | {entry['bytes']:,.0f} | {kept['bytes']:,.0f} | {_number(ratio['x'])} |"


def _plan(results: Mapping[str, Any]) -> Iterator[str]:
    """Costs as measured, multiplied; nothing is guessed but how unevenly work comes."""
    figures, size = results["figures"], results["about"]["settings"]["growth"][-1]
    rate = ENTRIES / (YEARS * _SECONDS_A_YEAR)
    yield f"Taken as recorded over {YEARS} years: {rate:,.0f} a second on average, {rate * PEAK:,.0f} at the busiest."
    yield f"Each log comes to {ENTRIES / LOGS / 1e6:,.1f} million entries."
    yield ""
    yield "| | by batches of 100 | one by one |"
    yield "|---|---|---|"
    kept = [figures.get(f"disk, {way}: all that is kept of it") for way in _WAYS]
    yield (
        "| disk, all logs | "
        + " | ".join(_or(k, lambda k: f"{k['bytes'] * ENTRIES / 1e12:,.1f} TB") for k in kept)
        + " |"
    )
    yield (
        "| disk, one log | "
        + " | ".join(_or(k, lambda k: f"{k['bytes'] * ENTRIES / LOGS / 1e9:,.1f} GB") for k in kept)
        + " |"
    )
    costs = [figures.get(f"growth {size}: {way}") for way in _WAYS]
    for name, told in (
        ("processor time to record everything", lambda c: f"{c['processor_us'] * 1e-6 * ENTRIES:,.0f} s"),
        ("the same in cores over a year", lambda c: f"{c['processor_us'] * 1e-6 * ENTRIES / _SECONDS_A_YEAR:,.2f}"),
        ("cores at the busiest", lambda c: f"{c['processor_us'] * 1e-6 * rate * PEAK:,.2f}"),
    ):
        yield f"| {name} | " + " | ".join(_or(cost, told) for cost in costs) + " |"
    started, verified = figures.get(f"growth {size}: start with a full pass"), figures.get("verify, all cores: entries")
    yield ""
    if verified:
        hours = ENTRIES / verified["per_s"] / 3600
        yield f"Examining every entry anew takes {hours:,.0f} hours of a machine like this."
    if started:
        seconds = started["s"] / size * ENTRIES / LOGS
        yield f"One log is opened with a full pass in {seconds:,.0f} s at the measured rate."


def _or(found: Any, told: Callable[[Any], str]) -> str:
    return told(found) if found else "not measured"


def _all(figures: Figures) -> Iterator[str]:
    yield "| figure | |"
    yield "|---|---|"
    for name, value in figures.items():
        yield f"| {name} | {', '.join(f'{k} {_value(v)}' for k, v in value.items())} |"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"{_number(value[0])} ({_number(value[1])} to {_number(value[2])})"
    return _number(float(str(value)))


def _number(value: float) -> str:
    """With as many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return re.sub(r"\.?0+$", "", f"{value:.3g}" if value >= 0.001 else f"{value:.4f}") if value % 1 else f"{value:.0f}"


if __name__ == "__main__":
    write()
