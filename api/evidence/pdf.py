"""The report of a package on numbered A4 pages: the HTML page set in PDF, so that both say the same by construction.

The letters are those of Adobe's standard fonts, which PDF readers have or substitute: nothing is embedded, and the file
stays small. No date and no chance enters the file: the same page gives the same bytes.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Spacer

from api.sentences import term

FONT = "STSong-Light"
_LATIN_FONT = "Helvetica"
_LATIN = re.compile("([!-~\xb7][ -~\xb7]*)")
_INDENT = 10
_DEEPEST = 8
_MARGIN = 18 * mm


def pdf(page: str, *, chinese: bool) -> bytes:
    """A report page (api.evidence.report) as PDF."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    reader = _Reader(term("between name and value", ": ")[0 if chinese else 1])
    reader.feed(page)
    reader.close()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=reader.title,
        author="Rongjian",
        lang="zh-CN" if chinese else "en",
        invariant=1,
        pageCompression=0,
    )

    def numbered(canvas: Canvas, laid: SimpleDocTemplate) -> None:
        canvas.setFont(_LATIN_FONT, 8)
        canvas.drawCentredString(A4[0] / 2, 10 * mm, str(laid.page))

    flowables = [flowable for block in reader.blocks for flowable in _set(block, chinese=chinese)]
    document.build(flowables, onFirstPage=numbered, onLaterPages=numbered)
    return out.getvalue()


@dataclass(slots=True)
class _Line:
    depth: int
    text: str = ""


@dataclass(slots=True)
class _Block:
    """A heading, a paragraph, a list, or one row of a table with its heads."""

    kind: str
    lines: list[_Line] = field(default_factory=list)

    def begin(self, depth: int) -> None:
        self.lines.append(_Line(min(depth, _DEEPEST)))

    def write(self, text: str) -> None:
        if not self.lines:
            self.begin(0)
        self.lines[-1].text += text


class _Reader(HTMLParser):
    """Blocks of a page that report.py wrote; not a reader of HTML at large."""

    def __init__(self, colon: str) -> None:
        super().__init__()
        self._colon = colon
        self.blocks: list[_Block] = []
        self.title = ""
        self._heads: list[str] = []
        self._cell = 0
        self._depth = 0
        self._inside: list[str] = []

    def close(self) -> None:
        """Drops what has no words: an empty cell with its head, a list inside a list that begins with another."""
        super().close()
        for block in self.blocks:
            empty = [f"{head}{self._colon}" for head in self._heads]
            following = [*block.lines[1:], _Line(0, self._colon)][: len(block.lines)]
            block.lines = [
                line
                for line, after in zip(block.lines, following, strict=True)
                if line.text.strip() and not (line.text in empty and after.depth == line.depth)
            ]

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in ("meta", "br"):
            return self._broken(tag)
        self._inside.append(tag)
        match tag:
            case "h1" | "h2" | "p":
                self.blocks.append(_Block(tag))
            case "table":
                self._heads = []
            case "tr":
                self._cell = 0
                if "thead" not in self._inside:
                    self.blocks.append(_Block("row"))
            case "th":
                self._heads.append("")
            case "td":
                self.blocks[-1].begin(0)
                if self._heads:
                    self.blocks[-1].write(f"{self._heads[self._cell]}{self._colon}")
                self._cell += 1
            case "dl":
                self._depth += 1
                if "tr" not in self._inside and self._depth == 1:
                    self.blocks.append(_Block("list"))
            case "dt" | "div" | "details":
                if self._depth or "td" in self._inside:
                    self.blocks[-1].begin(self._depth)
            case _:
                pass
        return None

    def _broken(self, tag: str) -> None:
        if tag == "br":
            self.blocks[-1].begin(self._depth + 1)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass
        if tag == "dl":
            self._depth -= 1
        elif tag == "dt":
            self.blocks[-1].write(self._colon)

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1:]
        if inside == ["title"]:
            self.title += data
        elif inside == ["th"]:
            self._heads[-1] += data
        elif inside != ["style"] and self.blocks and data.strip():
            self.blocks[-1].write(data)


_SIZES = {"h1": (16, 22), "h2": (12, 18), "p": (9, 14), "list": (9, 14), "row": (9, 13)}


def _set(block: _Block, *, chinese: bool) -> list[Flowable]:
    size, leading = _SIZES[block.kind]
    flowables: list[Flowable] = []
    for line in block.lines:
        style = ParagraphStyle(
            block.kind,
            fontName=FONT,
            fontSize=size,
            leading=leading,
            leftIndent=line.depth * _INDENT,
            spaceBefore=10 if block.kind == "h2" else 0,
            keepWithNext=block.kind == "h2",
            wordWrap="CJK" if chinese else None,
        )
        flowables.append(Paragraph(_marked(line.text), style))
    if block.kind == "row":
        flowables.append(
            HRFlowable(width="100%", thickness=0.3, color=HexColor("#999999"), spaceBefore=3, spaceAfter=3)
        )
    return [*flowables, Spacer(1, 4)] if block.kind != "row" else flowables


def _marked(text: str) -> str:
    """Latin letters and digits in a Latin font: the Chinese one spaces them badly."""
    runs = enumerate(_LATIN.split(text))
    return "".join(f'<font name="{_LATIN_FONT}">{html.escape(r)}</font>' if i % 2 else html.escape(r) for i, r in runs)
