"""Pictures as SVG: growth as lines, and a flame graph; nothing but rectangles, lines and words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

_WIDTH, _HEIGHT, _EDGE = 720, 360, 70
_COLOURS = ("#1f5fa8", "#b3541e", "#3b7d3b", "#7a3b8f")


def growth(lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Costs over sizes: the size by powers of ten, the cost from nothing."""
    points = [point for line in lines.values() for point in line]
    sizes = sorted({size for size, _ in points}) or [1]
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])
    most = max((cost for _, cost in points), default=1.0)

    def x(size: float) -> float:
        return _EDGE + (math.log10(size) - first) / (last - first or 1) * (_WIDTH - 2 * _EDGE)

    def y(cost: float) -> float:
        return _HEIGHT - _EDGE / 2 - cost / most * (_HEIGHT - _EDGE)

    parts = [_text(4, 14, "us of processor time"), _line(_EDGE, y(0), _WIDTH - _EDGE, y(0), "#888")]
    parts += [_text(x(size) - 20, _HEIGHT - 12, f"{size:,.0f}") for size in sizes]
    parts += [_text(4, y(cost) + 4, f"{cost:,.0f}") for cost in (0, most / 2, most)]
    for (name, line), colour in zip(lines.items(), _COLOURS, strict=False):
        drawn = " ".join(f"{x(size):.1f},{y(cost):.1f}" for size, cost in line)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        size, cost = line[-1]
        parts.append(_text(x(size) - 110, y(cost) - 8, name, colour))
    return _svg(_WIDTH, _HEIGHT, parts)


@dataclass
class Frame:
    """A function where it was called from; ``own`` seconds were spent in itself."""

    own: float = 0.0
    called: dict[str, Frame] = field(default_factory=dict)

    @property
    def whole(self) -> float:
        """Seconds in it and in whatever it called."""
        return self.own + sum(frame.whole for frame in self.called.values())


#: A frame that is narrower than so many pixels is not drawn.
_NARROW, _ROW, _BROAD = 0.5, 17, 1_600


def flames(title: str, root: Frame) -> str:
    """Where the time went: each frame as broad as its share, those it called above it."""
    whole = root.whole or 1.0
    parts = list(_flames(root, 0.0, 0, whole))
    deep = max((row for row, _ in parts), default=0) + 2
    drawn = [
        part.replace("{y}", str((deep - row) * _ROW)).replace("{t}", str((deep - row) * _ROW + 12))
        for row, part in parts
    ]
    return _svg(_BROAD, (deep + 2) * _ROW, [_text(4, 12, f"{title}: {whole * 1e3:,.2f} ms"), *drawn])


def _flames(frame: Frame, left: float, row: int, whole: float) -> Iterator[tuple[int, str]]:
    for name, called in sorted(frame.called.items(), key=lambda item: -item[1].whole):
        broad = called.whole / whole * _BROAD
        if broad >= _NARROW:
            shown = escape(name if len(name) * 6.2 < broad else name[: max(0, int(broad / 6.2) - 1)])
            told = escape(
                f"{name}: {called.whole * 1e3:,.3f} ms, {called.whole / whole:.1%}; itself {called.own * 1e3:,.3f} ms"
            )
            yield (
                row,
                f'<g><title>{told}</title><rect x="{left:.1f}" y="{{y}}" width="{max(broad - 0.4, 0.1):.1f}"'
                f' height="{_ROW - 1}" fill="{_warm(name)}"/>'
                f'<text x="{left + 2:.1f}" y="{{t}}" font-size="11">{shown}</text></g>',
            )
            yield from _flames(called, left, row + 1, whole)
        left += broad


def _warm(name: str) -> str:
    """Functions of one module have one colour."""
    number = sum(map(ord, name.partition(" ")[2] or name))
    return f"hsl({number % 60}, 80%, {65 + number % 15}%)"


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts, "</svg>", ""])


def _text(x: float, y: float, text: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{colour}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'
