"""A trace as a graph for other programs: DOT and Mermaid. Ids and names are quoted; nothing of a payload is in it."""

from __future__ import annotations

from projections.tracing import Trace, TracedStep


def _nodes(traced: Trace) -> list[TracedStep]:
    return [*traced["rests_on"], traced["event"], *traced["rested_on_by"]]


def _label(step: TracedStep, *, chinese: bool) -> str:
    return (
        f"{step['position']} {step['zh'] if chinese else step['en']} {step['effective_at'][:10]} {step['actor']}/"
        f"{step['role']}"
    )


def dot(traced: Trace, *, chinese: bool) -> str:
    """Graphviz: an arrow leads from what came later to what it rests on."""
    shown = {s["position"] for s in _nodes(traced)}
    lines = ["digraph trace {", '  rankdir="BT"; node [shape=box];']
    for step in _nodes(traced):
        mark = " style=bold" if step["position"] == traced["event"]["position"] else ""
        label = _label(step, chinese=chinese).replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'  n{step["position"]} [label="{label}"{mark}];')
    lines += [f"  n{e['from']} -> n{e['to']};" for e in traced["edges"] if e["from"] in shown and e["to"] in shown]
    return "\n".join([*lines, "}", ""])


def mermaid(traced: Trace, *, chinese: bool) -> str:
    """Mermaid flowchart of the same."""
    shown = {s["position"] for s in _nodes(traced)}
    lines = ["flowchart BT"]
    for step in _nodes(traced):
        label = _label(step, chinese=chinese).replace('"', "#quot;")
        lines.append(f'  n{step["position"]}["{label}"]')
    lines += [f"  n{e['from']} --> n{e['to']}" for e in traced["edges"] if e["from"] in shown and e["to"] in shown]
    return "\n".join([*lines, f"  style n{traced['event']['position']} stroke-width:3px", ""])
