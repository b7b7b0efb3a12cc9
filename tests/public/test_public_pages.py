"""Single pages of the public window: of the past, of what is not there, for whom, in which frame and title."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from api.home.open_logs import OpenLog
from api.public.feeds import atom
from api.public.pages import WHOLE, Window, page
from api.rendering.place import Place
from api.v1.axes import Axes
from ledger.clock import shanghai_day, system_clock
from ledger.errors import NotFoundError
from projections import public_pages
from tests.builders import Town
from tests.pages.links import offered


def test_pages_forbid_whatever_is_not_theirs(demo_client: TestClient) -> None:
    response = demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    again = demo_client.get("/zh/zhongyuan/awards/ZY-2023-A/", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


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


@pytest.mark.parametrize("path", ["/en/zhongyuan/", "/en/zhongyuan/awards/", "/en/"])
def test_the_title_of_an_english_page_says_in_english_what_it_is(path: str, demo_client: TestClient) -> None:
    text = demo_client.get(path).text
    title = text.partition("<title>")[2].partition("</title>")[0]
    said = title.removesuffix("· Rongjian").strip()
    assert re.search(r"[A-Za-z]{4}", said), title
    assert re.search(r"\b1 (holders|notices running)\b", text) is None


def test_every_section_of_a_log_is_linked_from_its_first_page(demo_client: TestClient) -> None:
    address = "/en/zhongyuan/"
    found = {urlsplit(link).path for link in offered(address, demo_client.get(address).text)}
    assert {f"{address}{section}/" for section in WHOLE} - found == set()
