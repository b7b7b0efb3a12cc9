"""Whatever a log of an earlier version holds, everything that is given out of it answers and is well formed."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from api.evidence import archive
from api.evidence.check import check
from api.evidence.making import gather
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.public.pages import Window
from api.public.publishing import publish
from api.v1.axes import axes
from ledger.text import allowed
from ledger.tlog.policy import parse_policy
from projections import public_pages
from tests.given_out.served import client_of, enter, given_home, links

#: RFC 3339, as every document of ours writes a moment.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+08:00|Z)")
_ATOM = "{http://www.w3.org/2005/Atom}"

#: Elements that have no end (HTML 13.1.2).
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class _Nesting(HTMLParser):
    """Raises where an element is closed that is not open, or stays open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        last = self.open.pop()
        assert last == tag, f"</{tag}> closes <{last}> at {self.getpos()}"


def _well_formed(path: str, text: str) -> None:
    odd = {f"U+{ord(c):04X}" for c in text if not allowed(c) and c not in "\r\n"}
    assert odd == set(), (path, odd)
    nesting = _Nesting()
    nesting.feed(text)
    assert nesting.open == [], path


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    with given_home("odd", tmp_path_factory.mktemp("odd"), database_url) as settings:
        yield settings


@pytest.fixture(scope="module")
def client(odd: Settings) -> Iterator[TestClient]:
    with client_of(odd) as made:
        yield made


def _crawl(client: TestClient, start: str, below: tuple[str, ...]) -> dict[str, tuple[str, bytes]]:
    """Address -> media type and content of all that links lead to, once per page whatever its question."""
    found, pending, seen = dict[str, tuple[str, bytes]](), [start], {start}
    while pending:
        path = pending.pop()
        response = client.get(path)
        assert response.status_code == 200, (path, response.text[:300])
        media = response.headers["content-type"].partition(";")[0]
        found[path] = media, response.content
        if media != "text/html":
            continue
        _well_formed(path, response.text)
        for link in links(path, response.text):
            known = urlsplit(link).path if "format=" not in link else link
            if known not in seen and link.startswith(below) and "as_of=" not in link and "known_at=" not in link:
                seen.add(known)
                pending.append(link)
    return found


def test_every_public_page_and_file_of_odd_entries_answers(client: TestClient) -> None:
    found = _crawl(client, "/zh/odd/", ("/zh/odd/", "/data/odd/"))
    named = {unquoted for unquoted in found if unquoted.startswith("/zh/odd/awards/")}
    assert {"/zh/odd/awards/GZ-2023-V/", "/zh/odd/awards/GZ-2023-N/", "/zh/odd/awards/GZ-2023-A/"} <= named
    assert "子⟨U+0000⟩公司" in found["/zh/odd/awards/GZ-2023-N/"][1].decode()
    for media, content in found.values():
        if media.endswith("json"):
            json.loads(content)
        elif media.endswith("xml"):
            ET.fromstring(content)
    assert {media for media, _ in found.values()} >= {
        "text/html",
        "application/json",
        "text/csv",
        "application/vnd.sqlite3",
    }


def test_pages_of_odd_entries_answer_on_other_days_and_in_english(client: TestClient) -> None:
    pages = (
        "",
        "awards/",
        "awards/GZ-2023-V/",
        "awards/GZ-2023-N/",
        "notices/N-open/",
        "notices/N-open/embed/",
        "revocations/",
        "statistics/",
        "editions/GZ-2023/",
        "organisations/V/",
        "log/",
    )
    for page in pages:
        for query in (
            "",
            "?as_of=2023-06-30",
            "?as_of=2030-01-01",
            "?known_at=60",
            "?as_of=1999-01-01",
            "?as_of=2023-06-20&known_at=90",
        ):
            response = client.get(f"/en/odd/{page}{query}")
            assert response.status_code in (200, 404), (page, query, response.text[:300])
            _well_formed(page + query, response.text)


def test_an_award_of_no_known_day_is_in_the_feeds_with_the_day_of_its_recording(client: TestClient) -> None:
    feed = ET.fromstring(client.get("/zh/odd/feed.atom").content)
    moments = [e.text or "" for e in feed.iter(f"{_ATOM}updated")]
    assert [m for m in moments if not _MOMENT.fullmatch(m)] == []
    entries = {e.findtext(f"{_ATOM}id"): e for e in feed.iter(f"{_ATOM}entry")}
    name = "urn:rongjian:given.rongjian.example/odd:award/GZ-2023-N"
    assert entries[name].findtext(f"{_ATOM}updated") == "2023-06-20T00:00:00+08:00"
    assert (entries[name].findtext(f"{_ATOM}title") or "").startswith("子⟨U+0000⟩公司 · ")
    items = {i["id"]: i for i in client.get("/zh/odd/feed.json").json()["items"]}
    assert items.keys() == entries.keys()
    assert items[name]["date_published"] == "2023-06-20T00:00:00+08:00"
    assert items[name]["title"].startswith("子\0公司 · ")
    assert items[name]["url"] == "http://testserver/zh/odd/awards/GZ-2023-N/"


def test_data_files_of_odd_entries_are_whole(client: TestClient, tmp_path: Path) -> None:
    for name in ("releases.json", "records.json"):
        package = client.get(f"/data/odd/{name}").json()
        assert _MOMENT.fullmatch(package["publishedDate"])
        assert package["uri"].startswith("http://testserver/data/odd/")
    (tmp_path / "public.sqlite").write_bytes(client.get("/data/odd/public.sqlite").content)
    with closing(sqlite3.connect(tmp_path / "public.sqlite")) as db:
        names = {name for (name,) in db.execute("SELECT name FROM awards")}
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {"子⟨U+0000⟩公司", "癸⟨U+000B⟩公司"} <= names


def test_every_desk_page_of_odd_entries_answers(client: TestClient) -> None:
    enter(client, "odd", "dis")
    found = _crawl(client, "/zh/desk/odd/", ("/zh/desk/odd/",))
    sections = {path.split("/")[4].partition("?")[0] for path in found if path.count("/") > 4}
    assert sections >= {"cases", "awards", "organisations", "editions", "notices", "events", "duties", "flags", "ask"}
    assert any(media == "text/calendar" for media, _ in found.values())


def test_the_site_of_odd_entries_is_published(odd: Settings, tmp_path: Path) -> None:
    logs = OpenLogs(odd, str(odd.database_url))
    try:
        window = Window(logs["odd"], axes(logs["odd"], None, None))
        count = publish([window], tmp_path / "site", "https://honours.example/")
    finally:
        logs.close()
    assert count["written"] > 50
    for page in (tmp_path / "site").rglob("*.html"):
        _well_formed(str(page), page.read_text("utf-8"))
    for file in (tmp_path / "site").rglob("*.json"):
        json.loads(file.read_text("utf-8"))


def test_packages_and_reports_of_odd_awards_are_made(odd: Settings) -> None:
    logs = OpenLogs(odd, str(odd.database_url))
    try:
        log = logs["odd"]
        at = axes(log, None, None)
        rows = public_pages.editions(log.ledger, public_pages.Corner(at.as_of, at.known_at))
        ids = sorted(a["award_id"] for a in public_pages.awards(rows))
        policy = parse_policy(log.ledger.heads.own_policy().encode())
        for award in ids:
            files = archive.read(archive.write(gather(log.ledger, "award", award, at.as_of, flags=True)))
            assert check(files, policy).answers
            for name, content in files.items():
                if name.endswith(".html"):
                    _well_formed(f"{award}: {name}", content.decode())
    finally:
        logs.close()
    assert ids == ["GZ-2023-A", "GZ-2023-N", "GZ-2023-V"]
