"""Blocks are drawn by templates: each class by a macro of its name, what they hold escaped."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from api.rendering import blocks
from api.rendering.blocks import Content
from api.rendering.drawings import arcs, bars, dots
from api.rendering.environment import drawn, environment

HOSTILE = '<b onclick="x">&'
ESCAPED = "&lt;b onclick=&#34;x&#34;&gt;&amp;"


def test_every_block_has_a_macro_of_its_name() -> None:
    macros = vars(environment("zh").get_template("blocks.html").module)
    assert [b.__name__ for b in get_args(blocks.Block) if b.__name__.lower() not in macros] == []


@pytest.mark.parametrize(
    ("content", "html"),
    [
        (HOSTILE, ESCAPED),
        (("a", " ", blocks.Code("b", "whole")), 'a <code title="whole">b</code>'),
        (blocks.Link(HOSTILE, "../x/?q=1&r=2"), f'<a href="../x/?q=1&amp;r=2">{ESCAPED}</a>'),
        (blocks.Link("a", "b", "id"), '<a class="id" href="b">a</a>'),
        (blocks.Moment("3 May 2026", "2026-05-03"), '<time datetime="2026-05-03">3 May 2026</time>'),
        (blocks.Hint("1.00", "0.999999"), '<span title="0.999999">1.00</span>'),
        (blocks.Hint("H", "high", "severity H"), '<abbr class="severity H" title="high">H</abbr>'),
        (blocks.Status("over", "closed"), '<span class="status closed">over</span>'),
        (blocks.Named("A Ltd", "A"), 'A Ltd <span class="beside" lang="zxx">A</span>'),
        (blocks.Named("甲<", "A"), '<span lang="zh-CN">甲&lt;</span> <span class="beside" lang="zxx">A</span>'),
        (blocks.Id(HOSTILE), f'<span lang="zxx">{ESCAPED}</span>'),
        (blocks.Quoted("as A wrote"), "as A wrote"),
        (blocks.Quoted("甲<"), '<span lang="zh-CN">甲&lt;</span>'),
        (blocks.Strong(HOSTILE), f"<strong>{ESCAPED}</strong>"),
        (blocks.Paragraph("a", "none"), '<p class="none">a</p>'),
        (blocks.Box(blocks.Paragraph("a"), "silent"), '<div class="silent"><p>a</p></div>'),
        (blocks.Heading("a"), "<h3>a</h3>"),
        (blocks.links(["a", "b"]), '<ul class="plain links"><li>a</li><li>b</li></ul>'),
        (blocks.Numbered([(4, "a"), (None, "b")]), '<ol><li value="4">a</li><li class="unnumbered">b</li></ol>'),
        (blocks.Members([("a", "1"), ("b", "2")]), "<dl><dt>a</dt><dd>1</dd><dt>b</dt><dd>2</dd></dl>"),
        (blocks.Folded("a", "b", "why"), '<details class="why"><summary>a</summary>b</details>'),
        (blocks.Preformatted(HOSTILE), f'<pre tabindex="0"><code>{ESCAPED}</code></pre>'),
        (
            blocks.Table("name", ["h"], [["1"], [blocks.Strong("2")]], "caption"),
            '<div class="table" role="region" tabindex="0" aria-label="name"><table><caption>caption</caption><thead>'
            '<tr><th scope="col">h</th></tr></thead><tbody><tr><td>1</td></tr><tr><td><strong>2</strong></td></tr>'
            "</tbody></table></div>",
        ),
        (
            blocks.Ruler("days", [blocks.RulerDay("2026-05-03", "work made-up", "make-up")]),
            '<ol class="ruler" aria-label="days"><li class="work made-up"><time datetime="2026-05-03">3 May</time>'
            "<span>make-up</span></li></ol>",
        ),
    ],
)
def test_blocks_are_written_as_html(content: Content, html: str) -> None:
    assert drawn("en", content) == html


def test_lanes_place_each_entry_at_the_day_it_happened_and_the_day_it_was_recorded() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 11)
    placed = dots([(first, last), (last, last)], [("live", "a", "x"), ("annulled", "b", "y")])
    assert placed == [
        blocks.Dot(30, 970, late=True, state="live", title="a", address="x"),
        blocks.Dot(970, 970, late=False, state="annulled", title="b", address="y"),
    ]
    html = drawn("en", blocks.Lanes("lanes", "happened", "recorded", "2026-01-01", "2026-01-11", placed))
    assert '<line x1="30" y1="34" x2="970" y2="86" class="late"/>' in html
    assert '<a href="y"><circle cx="970" cy="34" r="6" class="annulled"><title>b</title></circle></a>' in html


def test_arcs_join_the_events_that_are_shown() -> None:
    nodes = [(3, "three", "x", False), (7, HOSTILE, "y", True)]
    picture = arcs("name", nodes, [(3, 7), (7, 99)])
    assert picture.arcs == [blocks.Arc(20, 46, 202)]
    html = drawn("en", picture)
    assert f'<circle cx="250" cy="46" r="7"/><text x="262" y="51" class="asked">{ESCAPED}</text>' in html


def test_bars_are_as_long_as_their_figures() -> None:
    chart = bars([("2023", 4, 0), ("2024", 8, 1)], ("filed", "granted"))
    assert [[(b.series, b.length, b.value) for b in g.bars] for g in chart.groups] == [
        [("bar-a", 190, 4), ("bar-b", 0, 0)],
        [("bar-a", 380, 8), ("bar-b", 48, 1)],
    ]
    assert 'aria-label="filed / granted"' in drawn("en", chart)


def test_a_reply_form_offers_each_outcome_by_its_word() -> None:
    form = blocks.ReplyForm("reports/1", "token", "Outcome", [("corrected", "put right")], "Answer", 200, "Send")
    html = drawn("en", form)
    assert '<option value="corrected">put right</option>' in html
    assert '<input type="hidden" name="csrf" value="token">' in html
