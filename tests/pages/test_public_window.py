"""The public window: every page in both languages, links that lead somewhere, nothing that is not public, files that
can be published.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from babel.messages.extract import extract
from fastapi.testclient import TestClient

from api.home.open_logs import OpenLog, OpenLogs
from api.home.settings import Settings
from api.public.feeds import atom
from api.public.pages import Window, addresses, page
from api.public.publishing import publish
from api.public.rendering import Place, catalogue
from api.v1.axes import Axes, axes
from ledger.clock import shanghai_day, system_clock
from ledger.errors import NotFoundError
from ledger.tlog.tiles import Tile
from projections import public_pages
from tests.builders import Town

LENGTH_MAX = 60_000
_LINK = re.compile(r'(?:href|src)="([^"]+)"')


def _crawl(client: TestClient, start: str) -> Iterator[tuple[str, str]]:
    """Every page and file that links lead to from one page, with its text."""
    pending, seen = [start], {start}
    while pending:
        path = pending.pop()
        response = client.get(path)
        assert response.status_code == 200, path
        yield path, response.text
        if "text/html" in response.headers["content-type"]:
            for link in _LINK.findall(response.text):
                target = urlsplit(urljoin(f"http://testserver{path}", link.replace("&amp;", "&")))
                address = f"{target.path}{'?' + target.query if target.query else ''}"
                if target.netloc == "testserver" and address not in seen and "known_at=" not in address:
                    seen.add(address)
                    pending.append(address)


@pytest.fixture(scope="module")
def pages(demo_client: TestClient) -> dict[str, str]:
    """Everything that can be reached from the two beginnings."""
    return dict(page for start in ("/zh/", "/en/") for page in _crawl(demo_client, start))


def test_every_page_is_reached_and_small_and_in_its_language(pages: dict[str, str]) -> None:
    html = {path: text for path, text in pages.items() if text.startswith("<!doctype html>")}
    assert len(html) > 150
    for path, text in html.items():
        assert len(text.encode()) < LENGTH_MAX, path
        assert f'<html lang="{"zh-CN" if path.startswith("/zh/") else "en"}">' in text
        assert (
            re.search(r"<style|style=|<script(?! type=\"(module|application/ld\+json)\")|onclick|javascript:", text)
            is None
        ), path
    assert {p.split("/")[2] for p in html if p.count("/") > 2} >= {
        "zhongyuan",
        "jindong",
        "hengyang",
        "jinshui",
        "ganzhou",
        "rules",
    }
    assert {p.replace("/zh/", "/en/") for p in html if p.startswith("/zh/")} == {
        p for p in html if p.startswith("/en/")
    }


def test_pages_forbid_whatever_is_not_theirs(demo_client: TestClient) -> None:
    response = demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    again = demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


@cache
def _messages() -> frozenset[str]:
    found = set()
    options = {"trim_blocks": "true", "lstrip_blocks": "true"}
    templates = [f for package in ("api.public", "api.workplace") for f in (files(package) / "templates").iterdir()]
    for template in templates:
        for message in extract("jinja2.ext:babel_extract", io.BytesIO(template.read_bytes()), options=options):
            forms = message[1] if isinstance(message[1], tuple) else (message[1],)
            found |= {str(form) for form in forms if form is not None}
    for module in Path(str(files("api.public"))).glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="t"), args=[ast.Constant(value=str(message))]):
                    found.add(message)
    return frozenset(found)


def test_every_message_has_its_chinese_and_the_catalogue_has_no_other() -> None:
    known = catalogue("zh")
    assert sorted(_messages() - {m for m, text in known.items() if text}) == []
    assert sorted(known.keys() - _messages()) == []


def test_nobody_who_did_not_win_nor_any_score_or_reviewer_is_on_a_page(pages: dict[str, str]) -> None:
    story = " ".join(text for path, text in pages.items() if "/zhongyuan/" in path)
    # C was voted down and D was not eligible; P1 to P4 reviewed; C1 to C10 voted.
    assert re.findall(r"\bP[1-4]\b|\bC(?:10|[1-9])\b", story) == []
    assert re.findall(r"organisations/[CD]/", story) == []
    assert "ScoreSubmitted" not in story
    assert "评分提交" not in story
    assert "异议人" not in re.sub(r"异议人信息保密|异议人、投诉人", "", story)


#: An amount of the demo in fen, or the word for it, where yuan are read; JSON and the scripts' vocabulary keep fen.
_FEN = re.compile(r"\(分\)|\(fen\)|(?<![\d,])(?:20,?000,?000|30,?000,?000|50,?000,?000|100,?000,?000)(?![\d,.])")
#: A decimal of a score or a mean with more than two places.
_LONG = re.compile(r"(?<![\w.])\d+\.\d{3,}(?![\w.])")


def test_money_is_in_yuan_and_no_score_is_longer_than_two_decimals_on_any_page_or_sheet(pages: dict[str, str]) -> None:
    read = {
        p: t
        for p, t in pages.items()
        if not p.endswith((".json", ".js", ".mjs", ".css", ".sqlite")) and "/logs/" not in p
    }
    assert {p: found[0] for p, t in read.items() if (found := _FEN.search(t) or _LONG.search(t))} == {}
    rules = next(t for p, t in read.items() if p.startswith("/zh/zhongyuan/rules/ZY"))
    assert "200,000.00 元" in rules
    assert "CNY 200,000.00" in read["/en/rules/"]
    assert "CNY 500,000.00" in read["/en/rules/"]


def test_a_page_of_the_past_says_what_was_true_then(demo_client: TestClient) -> None:
    now, then = (demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/", params=q) for q in ({}, {"as_of": "2025-01-01"}))
    assert ("已撤销" in now.text, "已撤销" in then.text, 'class="status valid"' in then.text) == (True, False, True)
    assert then.headers["memento-datetime"] == "Wed, 01 Jan 2025 15:59:59 GMT"
    assert "as_of=2025-01-01" in then.text
    known = demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/", params={"as_of": "2025-12-01", "known_at": "2025-11-20"})
    assert 'class="status valid"' in known.text


@pytest.mark.parametrize(
    "path",
    [
        "/zh/nowhere/",
        "/zh/zhongyuan/nothing/",
        "/zh/zhongyuan/awards/NO/",
        "/en/zhongyuan/organisations/D/",
        "/zh/zhongyuan/awards/ZY-2023-A/x/",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(path: str, demo_client: TestClient) -> None:
    response = demo_client.get(path)
    assert response.status_code == 404
    assert response.text.startswith("<!doctype html>")
    assert ("没有" if path.startswith("/zh/") else "no") in response.text.lower()
    assert demo_client.get("/zh/zhongyuan/", params={"as_of": "2025-02-30"}).status_code == 400


@pytest.mark.parametrize(
    ("accept_language", "leads_to"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "/zh/"),
        ("en-GB,en;q=0.9", "/en/"),
        ("fr-FR,fr;q=0.9,en;q=0.3,zh;q=0.5", "/zh/"),
        ("zh;q=0,en;q=0.1", "/en/"),
        ("fr", "/zh/"),
        ("", "/zh/"),
        ("en;q=x", "/zh/"),
        (",;q=,;", "/zh/"),
        ("en ; q=0.9, zh; q=0.800", "/en/"),
        ("en;q=nan,en;q=inf,en;q=1.5", "/zh/"),
        ("EN-us", "/en/"),
        ("en,zh", "/en/"),
        ("english", "/zh/"),
        ("en;q=0.", "/zh/"),
    ],
)
def test_a_browser_that_names_no_page_is_led_to_ours_in_its_language(
    accept_language: str, leads_to: str, demo_client: TestClient
) -> None:
    browser = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": accept_language}
    response = demo_client.get("/", headers=browser, follow_redirects=False)
    assert (response.status_code, response.headers["location"], response.headers["vary"]) == (
        303,
        leads_to,
        "Accept, Accept-Language",
    )
    assert demo_client.get("/", headers={"Accept": "*/*"}).json()["vocabulary"] == "/v1/vocabulary"


@pytest.mark.parametrize("path", ["/nothing", "/nothing/at/all", "/v2/logs/x"])
def test_an_address_of_nobody_is_a_page_for_browsers_whose_links_lead_to_ours(
    path: str, demo_client: TestClient
) -> None:
    response = demo_client.get(path, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert (response.status_code, "no such path" in response.text) == (404, True)
    assert "default-src 'none'" in response.headers["content-security-policy"]
    links = {
        urlsplit(urljoin(f"http://testserver{path}", link)).path
        for link in re.findall(r'(?:href|src)="([^"#]+)"', response.text)
    }
    assert links == {"/en/", "/zh/", "/static/public.css", "/static/seal.svg"}
    assert demo_client.get(path).json()["code"] == "path_unknown"


def test_crawlers_are_told_what_is_for_them(demo_client: TestClient) -> None:
    rules = RobotFileParser()
    rules.parse(demo_client.get("/robots.txt").text.splitlines())
    paths = ("/zh/", "/en/zhongyuan/awards/ZY-2023-A/", "/zh/desk/zhongyuan/login/", "/en/bench/zhongyuan/")
    assert [rules.can_fetch("anybody", path) for path in paths] == [True, True, False, False]


def test_feeds_tell_notices_awards_and_revocations(demo_client: TestClient) -> None:
    atom = ET.fromstring(demo_client.get("/zh/zhongyuan/feed.atom").content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    ids = [e.findtext("a:id", namespaces=space) for e in atom.findall("a:entry", space)]
    assert ids[0] == "urn:rongjian:demo.rongjian.example/zhongyuan:revocation/ZY-2023-A"
    assert len(ids) == len(set(ids)) == 4
    feed = demo_client.get("/zh/zhongyuan/feed.json").json()
    assert [i["id"] for i in feed["items"]] == ids


def test_data_files_say_what_the_page_says_under_which_head(demo_client: TestClient) -> None:
    rows = list(
        csv.DictReader(io.StringIO(demo_client.get("/zh/zhongyuan/awards/data.csv").content.decode("utf-8-sig")))
    )
    value = demo_client.get("/zh/zhongyuan/awards/data.json").json()
    assert [r["award_id"] for r in rows] == [a["award_id"] for a in value["data"]] == ["ZY-2023-A", "ZY-2023-B"]
    assert {r["root_hash"] for r in rows} == {value["checkpoint"]["root_hash"]}


def test_data_files_follow_the_columns_that_others_read(demo_client: TestClient, tmp_path: Path) -> None:
    content = demo_client.get("/data/zhongyuan/grants.csv", params={"as_of": "2026-01-10"}).content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    revoked = rows[0]
    assert (
        revoked["Amount Awarded"],
        revoked["Amount Disbursed"],
        revoked["amountRecovered"],
        revoked["revokedDate"],
        revoked["status"],
    ) == (
        "200000.00",
        "200000.00",
        "200000.00",
        "2025-11-28",
        "revoked",
    )
    assert revoked["Recipient Org:Identifier"].startswith("CN-USCI-")
    package = demo_client.get("/data/zhongyuan/releases.json").json()
    assert next(r["tag"] for r in package["releases"] if r["awards"][0]["id"] == "ZY-2023-A") == ["award"]
    records = {r["ocid"]: r for r in demo_client.get("/data/zhongyuan/records.json").json()["records"]}
    ids = {r["id"] for r in package["releases"]}
    assert all({x["id"] for x in r["releases"]} <= ids for r in records.values())
    assert (
        records["rongjian-demo.rongjian.example-zhongyuan-ZY-2023-A"]["compiledRelease"]["awards"][0]["status"]
        == "cancelled"
    )
    file = tmp_path / "public.sqlite"
    file.write_bytes(demo_client.get("/data/zhongyuan/public.sqlite").content)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT award_id, status FROM awards ORDER BY award_id").fetchall() == [
            ("ZY-2023-A", "revoked"),
            ("ZY-2023-B", "valid"),
        ]
        assert connection.execute("SELECT edition, prize_paid_yuan FROM editions").fetchall() == [
            ("ZY-2023", "400000.00")
        ]
    assert demo_client.get("/data/zhongyuan/other").status_code == 404


def test_a_document_is_found_by_its_hash_only_in_public_entries(demo_client: TestClient) -> None:
    notice = demo_client.get("/zh/zhongyuan/notices/N-2023/data.json").json()["data"]["entries"][0]["event"]
    entries = [json.loads(demo_client.get(f"/logs/zhongyuan/entry/{n}").text) for n in (184,)]
    assert entries
    assert notice
    unknown = demo_client.get(f"/v1/logs/zhongyuan/document/{'0' * 64}").json()
    assert unknown["entries"] == []
    assert demo_client.get("/v1/logs/zhongyuan/document/xyz").status_code == 400


def test_the_site_is_published_the_same_each_time_with_links_that_lead_to_files(
    demo_home: Settings, tmp_path: Path
) -> None:
    logs = OpenLogs(demo_home, str(demo_home.database_url))
    try:
        windows = [Window(log, axes(log, "2026-01-10", None)) for log in logs.all()]
        one, other = (publish(windows, tmp_path / name, "https://honours.example/") for name in ("one", "other"))
        again = publish(windows, tmp_path / "one", "https://honours.example/")
        expected = {(w.log.home.name, parts) for w in windows for parts in addresses(w)}
    finally:
        logs.close()
    assert one == other
    assert (again["written"], again["removed"]) == (0, 0)
    first, second = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for root in (tmp_path / "one", tmp_path / "other")
    )
    assert first == second
    for name, parts in expected:
        assert (tmp_path / "one" / "zh" / name / Path(*parts) / "index.html").is_file()
    for path, content in first.items():
        if path.suffix == ".html":
            for link in _LINK.findall(content.decode()):
                target = urlsplit(urljoin(f"http://site/{path.as_posix()}", link.replace("&amp;", "&")))
                if target.netloc == "site":
                    file = tmp_path / "one" / unquote(target.path).lstrip("/")
                    assert file.is_file() or (file / "index.html").is_file(), (path, link)


def test_a_time_map_names_the_days_on_which_a_page_changed(demo_client: TestClient) -> None:
    page = "http://testserver/zh/zhongyuan/awards/ZY-2023-A/"
    body = demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/timemap.link")
    assert body.headers["content-type"] == "application/link-format; charset=utf-8"
    lines = body.text.rstrip("\n").split(",\n")
    assert lines[:2] == [
        f'<{page}>;rel="original timegate"',
        f'<{page}timemap.link>;rel="self";type="application/link-format"',
    ]
    assert f'<{page}?as_of=2025-11-28>;rel="memento";datetime="Fri, 28 Nov 2025 15:59:59 GMT"' in lines
    assert 'rel="timemap"' in demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/").headers["link"]
    assert demo_client.get("/zh/zhongyuan/awards/NO/timemap.link").status_code == 404


def test_a_date_in_the_request_leads_to_the_page_of_that_day(demo_client: TestClient) -> None:
    wanted = {"Accept-Datetime": "Thu, 01 Jan 2025 20:00:00 GMT"}
    answer = demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/", headers=wanted, follow_redirects=False)
    # In Shanghai it is the second of January by then.
    assert (answer.status_code, answer.headers["location"]) == (302, "/zh/zhongyuan/awards/ZY-2023-A/?as_of=2025-01-02")
    assert demo_client.get("/zh/zhongyuan/", headers={"Accept-Datetime": "soon"}).status_code == 400
    # In Shanghai there is no such day any more: it is after today all the same.
    last = {"Accept-Datetime": "Fri, 31 Dec 9999 23:59:59 GMT"}
    led = demo_client.get("/zh/zhongyuan/", headers=last, follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (302, f"/zh/zhongyuan/?as_of={shanghai_day(system_clock())}")
    # What there never was has no days.
    assert demo_client.get("/zh/zhongyuan/awards/NOPE/", headers=wanted, follow_redirects=False).status_code == 404


def test_a_notice_is_shown_within_other_sites(demo_client: TestClient) -> None:
    page = demo_client.get("/zh/zhongyuan/notices/N-2023/embed/")
    assert (page.status_code, "frame-ancestors *" in page.headers["content-security-policy"]) == (200, True)
    assert "2023年6月27日" in page.text
    assert "<script" not in page.text
    assert "/notices/N-2023/embed/" in demo_client.get("/zh/zhongyuan/notices/N-2023/").text
    assert demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/embed/").status_code == 404


def test_a_page_whose_subject_was_annulled_is_gone_and_the_feed_says_so(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    opened = next(e for e in town.ledger.events() if e.statement.type == "PublicNoticeOpened")
    notice = opened.statement.payload.notice_id
    window = Window(
        cast(OpenLog, SimpleNamespace(ledger=town.ledger, home=SimpleNamespace(name="town"))),
        Axes(date(2024, 1, 1), town.ledger.size()),
    )
    assert public_pages.withdrawn(window.source, window.corner) == []
    town.must(
        "EventAnnulled",
        date(2023, 9, 1),
        by="dis",
        as_="DIS",
        target=opened.statement.id,
        reason="ordered",
        effect="void_ab_initio",
    )
    size = town.ledger.size()
    window = replace(window, at=Axes(date(2024, 1, 1), size))
    assert public_pages.withdrawn(window.source, window.corner) == [
        {"path": f"notices/{notice}", "on": "2023-09-01", "position": size}
    ]
    with pytest.raises(NotFoundError) as gone:
        page(window, Place("zh", ("town", "notices", notice)), "notices", (notice,))
    assert (gone.value.code, gone.value.zh) == ("page_withdrawn", f"已于 2023-09-01 由第 {size} 条登记撤回")
    feed = ET.fromstring(atom(window, Place("zh", ("town",)), "https://x/"))
    stones = feed.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert [(s.get("ref"), s.get("when")) for s in stones] == [
        (f"urn:rongjian:{town.ledger.origin}:notice/{notice}", "2023-09-01T00:00:00+08:00")
    ]


def test_the_published_site_has_the_hash_tiles_and_no_bundle_of_entries(demo_home: Settings, tmp_path: Path) -> None:
    logs = OpenLogs(demo_home, str(demo_home.database_url))
    try:
        log = logs["zhongyuan"]
        publish([Window(log, axes(log, "2026-01-10", None))], tmp_path, "https://honours.example/")
        size = log.ledger.heads.published()[0]
        tile = log.ledger.evidence.tile(Tile(0, 0, size))
    finally:
        logs.close()
    assert (tmp_path / "logs" / "zhongyuan" / "tile" / "0" / f"000.p/{size}").read_bytes() == tile
    assert not (tmp_path / "logs" / "zhongyuan" / "tile" / "entries").exists()


@pytest.mark.parametrize("path", ["/en/zhongyuan/", "/en/zhongyuan/awards/", "/en/"])
def test_the_title_of_an_english_page_says_in_english_what_it_is(path: str, demo_client: TestClient) -> None:
    text = demo_client.get(path).text
    title = text.partition("<title>")[2].partition("</title>")[0]
    said = title.removesuffix("· Rongjian").strip()
    assert re.search(r"[A-Za-z]{4}", said), title
    assert re.search(r"\b1 (holders|notices running)\b", text) is None
