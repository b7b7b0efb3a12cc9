"""Feeds, files and pages are well formed for any text that an old entry may hold, and where days cannot be told."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import date
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from api.evidence.pdf import pdf
from api.languages import languages
from api.public import linked_data
from api.public.datafiles import sqlite_file
from api.public.feeds import atom_of, listed
from api.rendering.environment import render
from api.rendering.place import Place
from ledger.text import allowed, visible
from projections.public_data import instant

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00\+08:00")
_ATOM = "{http://www.w3.org/2005/Atom}"
_ODD = st.sampled_from(
    ["\0", "\v", "\r", "\u202e", "\u200b", "\U000e0041", "\ufffd", "</script>", "]]>", "&#0;", "\x85", "\u2028"]
)
TEXT = st.lists(_ODD | st.text(max_size=6), max_size=6).map("".join)
DAY = st.dates(date(1990, 1, 1), date(2999, 1, 1)).map(date.isoformat)
STATES = ("valid", "granted_no_validity_rule", "expired", "revoked", "set_aside", "undetermined", "not_derivable")


@st.composite
def awards(draw: st.DrawFn) -> dict[str, Any]:
    """An award as the pages have it: text as anybody may have recorded it, days that may not be told."""
    untold = draw(st.none() | st.fixed_dictionaries({"zh": TEXT, "en": TEXT}))
    return {
        **draw(
            st.fixed_dictionaries(
                dict.fromkeys(("award_id", "name", "org", "edition", "ground", "body", "ruling_no"), TEXT)
            )
        ),
        **draw(
            st.fixed_dictionaries(
                {
                    name: st.none() | DAY
                    for name in ("granted_on", "valid_from", "valid_until", "revoked_on", "set_aside_on")
                }
            )
        ),
        "recorded_on": draw(DAY),
        "status": draw(st.sampled_from(STATES)),
        "uscc": draw(st.none() | TEXT),
        "kind_zh": draw(TEXT),
        "kind_en": draw(TEXT),
        "year": 2023,
        "undetermined": untold,
        "not_derivable": None,
        "basis": draw(st.lists(TEXT, max_size=2)),
        "bans": [],
        "entries": [{"position": 1, "zh": "授奖", "en": "Award", "effective_on": draw(DAY), "basis": []}],
    }


NOTICES = st.fixed_dictionaries({"notice_id": TEXT, "opened_on": DAY})


class _Page(HTMLParser):
    """What a page holds of scripts, as a browser divides it."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.ends: list[str] = []
        self._within = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "script":
            self._within = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.ends.append(tag)
        self._within = False

    def handle_data(self, data: str) -> None:
        if self._within:
            self.scripts[-1] += data


def _unseen(text: str) -> set[str]:
    return {f"U+{ord(c):04X}" for c in text if not allowed(c) and c != "\n"}


@given(st.lists(NOTICES, max_size=3), st.lists(awards(), max_size=3), TEXT, st.sampled_from(languages()))
@settings(deadline=None)
def test_a_feed_is_well_formed_and_every_entry_has_a_day(
    notices: list[dict[str, Any]], given_awards: list[dict[str, Any]], title: str, language: str
) -> None:
    rows = listed(notices, given_awards, language)
    gone = [{"path": "notices/N", "on": "2024-01-01", "position": 3}]
    written = atom_of(title, "https://x/zh/l/", "urn:rongjian:x/l", rows, gone, "2024-01-01", language).decode()
    assert _unseen(written) == set()
    feed = ET.fromstring(written)
    moments = [e.text or "" for e in feed.iter(f"{_ATOM}updated")]
    assert [m for m in moments if not _MOMENT.fullmatch(m)] == []
    assert len(moments) == 1 + len(rows)
    assert len(rows) == len(notices) + len(given_awards) + sum(
        a["status"] in ("revoked", "set_aside") for a in given_awards
    )


@given(awards(), TEXT, st.none() | TEXT, st.sampled_from(languages()), st.booleans())
@settings(deadline=None, max_examples=60)
def test_an_award_page_is_well_formed_and_its_data_exact(
    award: dict[str, Any], jurisdiction: str, english: str | None, language: str, past: bool
) -> None:
    place = Place(language, ("l", "awards", award["award_id"]))
    said = linked_data.organisation_with_award(award, jurisdiction, "https://x/", "2024-01-01", past=past)
    text = render(
        "award.html",
        place,
        log={"name": "l", "jurisdiction": jurisdiction, "jurisdiction_en": english, "simulation": False},
        at={"as_of": "2024-01-01", "known_at": 3, "root_hash": "0" * 64},
        a=award,
        permalink="https://x/",
        data_file=None,
        csv_file=None,
        code="",
        ribbon=None,
        address="https://x/",
        jsonld=linked_data.script(said),
    )
    assert _unseen(text) == set()
    page = _Page()
    page.feed(text)
    page.close()
    assert page.ends[-2:] == ["body", "html"]
    assert page.ends.count("script") == len(page.scripts) == 2
    assert json.loads(page.scripts[1]) == said


@given(st.lists(awards(), min_size=1, max_size=3))
@settings(deadline=None, max_examples=30)
def test_an_sqlite_file_is_whole_and_holds_a_row_each(given_awards: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "public.sqlite"
        path.write_bytes(sqlite_file({"awards": given_awards}))
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            rows = db.execute("SELECT name, granted_on FROM awards ORDER BY rowid").fetchall()
    assert [_unseen(name) for name, _ in rows] == [set()] * len(given_awards)
    assert [on for _, on in rows] == [a["granted_on"] for a in given_awards]


@given(st.none() | DAY)
def test_a_moment_is_whole_or_none(day: str | None) -> None:
    moment = instant(day)
    assert moment is None if day is None else _MOMENT.fullmatch(str(moment))


@given(st.lists(TEXT, min_size=1, max_size=6), st.booleans())
def test_a_report_of_whatever_texts_is_a_whole_pdf(texts: list[str], chinese: bool) -> None:
    shown = [escape(visible(t)) for t in texts]
    cells = "".join(f"<td>{t}</td>" for t in shown)
    heads = "".join(f"<th>{t}</th>" for t in shown)
    items = "".join(f"<dt>{t}</dt><dd><div>{t}</div></dd>" for t in shown)
    page = (
        f"<title>{shown[0]}</title><h1>{shown[0]}</h1><p>{shown[-1]}<br>{shown[0]}</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table><dl>{items}</dl>"
    )
    written = pdf(page, chinese=chinese)
    start = int(re.findall(rb"startxref\s+([0-9]+)\s+%%EOF\s*$", written)[0])
    assert (written[:5], written[start : start + 4]) == (b"%PDF-", b"xref")
    assert pdf(page, chinese=chinese) == written
