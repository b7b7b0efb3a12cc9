"""Where the lines and bars of a drawing stand. Templates draw them; tables beside them say the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from api.rendering.blocks import Arc, ArcNode, Arcs, Bar, BarGroup, Bars, Dot

#: Width of the lanes between their margins, and the left margin.
_SPAN, _MARGIN = 940, 30
#: An entry that was recorded later than this many days after it happened is drawn as late.
_LATE = 3


def dots(days: Sequence[tuple[date, date]], entries: Iterable[tuple[str, str, str]]) -> list[Dot]:
    """Entries on two lanes: the day each happened and was recorded; its state, title and address."""
    first, last = min(min(d) for d in days), max(max(d) for d in days)
    span = max(1, (last - first).days)

    def x(day: date) -> int:
        return _MARGIN + round((day - first).days / span * _SPAN)

    return [
        Dot(x(happened), x(recorded), (recorded - happened).days > _LATE, *entry)
        for (happened, recorded), entry in zip(days, entries, strict=True)
    ]


def arcs(name: str, nodes: Sequence[tuple[int, str, str, bool]], edges: Iterable[tuple[int, int]]) -> Arcs:
    """Nodes (number, text, address, whether it is the one asked about) one under the other; an edge joins two numbers,
    and is left out where one of them is not shown.
    """
    y = {number: 20 + i * 26 for i, (number, *_) in enumerate(nodes)}
    shown = [(y[a], y[b]) for a, b in edges if a in y and b in y]
    return Arcs(
        name,
        20 + 26 * len(nodes),
        [ArcNode(y[number], text, address, asked) for number, text, address, asked in nodes],
        [Arc(a, b, 250 - min(240, 40 + abs(a - b) // 3)) for a, b in shown],
    )


def bars(rows: Sequence[tuple[str, int, int]], labels: tuple[str, str]) -> Bars:
    """A chart of two series: name, first and second figure per row."""
    top = max([1, *(max(a, b) for _, a, b in rows)])
    width, height, gap = 380, 26, 14
    groups = []
    for i, (name, *figures) in enumerate(rows):
        y = i * (2 * height + gap) + 4
        drawn = [
            Bar(series, y + n * height, max(2, round(value / top * width)) if value else 0, value)
            for n, (value, series) in enumerate(zip(figures, ("bar-a", "bar-b"), strict=True))
        ]
        groups.append(BarGroup(name, y, drawn))
    return Bars(" / ".join(labels), len(rows) * (2 * height + gap) + 8, groups)
