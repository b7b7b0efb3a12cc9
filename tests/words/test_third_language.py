"""A third language is a file beside the code: a service that finds it speaks it on every page, and links to it.

The language is one that marks what it says, ⟦so⟧, and leaves out a few entries, which are told in English.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import Browser

from api.home.settings import Settings
from tests.pages.in_a_browser import chromium, opened
from tests.running_service import Service, end, start_from, until_it_answers
from tests.words.catalogues import PACKAGES, ROOT, compiled, path_of, renewed
from tests.workplace.cast import Cast

MARKED = "qps"
#: What the catalogues of the language leave out.
LEFT_OUT = {"Statistics", "no such path"}
AWARDS = f"/{MARKED}/zhongyuan/awards/"


def _put_catalogues(code: Path) -> None:
    for package in PACKAGES:
        marked = renewed(package, MARKED)
        for message in marked:
            said = message.id if isinstance(message.id, str) else message.id[-1]
            if said and said not in LEFT_OUT:
                forms = (f"⟦{said}⟧",) * marked.num_plurals
                message.string = forms[0] if isinstance(message.id, str) else forms
        to = code / path_of(package, MARKED).relative_to(ROOT).with_suffix(".mo")
        to.write_bytes(compiled(marked))


@pytest.fixture(scope="module")
def service(own_demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of these packages and the language, over the demo logs."""
    code = tmp_path_factory.mktemp("code")
    for package in ("ledger", "projections", "api"):
        shutil.copytree(ROOT / package, code / package, ignore=shutil.ignore_patterns("__pycache__"))
    _put_catalogues(code)
    service = start_from(code, own_demo_home)
    try:
        until_it_answers(service)
        yield service
    finally:
        end(service)


@pytest.fixture
def desk(service: Service, own_demo_home: Settings) -> httpx.Client:
    """A client logged in as who inspects."""
    service.client.cookies.clear()
    Cast(own_demo_home, service.client).enter("dis")  # type: ignore[arg-type]  # asks as a test's client does
    return service.client


class _Page(HTMLParser):
    """The texts of a page and its links between languages."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang, self.texts, self.links, self._skipped = "", list[str](), dict[str, str](), 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._skipped += tag in ("script", "style")
        if tag == "html":
            self.lang = given["lang"] or ""
        if tag == "a" and given.get("class") == "language" and given.get("hreflang"):
            self.links[given["hreflang"] or ""] = given["href"] or ""

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.texts.append(data.strip())


def page_of(client: httpx.Client, path: str) -> _Page:
    response = client.get(path)
    assert response.status_code == 200, (path, response.text[:300])
    return _Page(response.text)


@pytest.mark.parametrize("path", ["", "rules/", "zhongyuan/", "zhongyuan/awards/", "zhongyuan/verify/"])
def test_a_public_page_is_told_in_the_language(service: Service, path: str) -> None:
    page = page_of(service.client, f"/{MARKED}/{path}")
    assert page.lang == MARKED
    assert "⟦Rongjian⟧" in page.texts
    assert [t for t in page.texts if t in ("Holders", "Revocations", "Verify", "Skip to the content")] == []


def test_what_has_no_translation_is_told_in_english(service: Service) -> None:
    assert {"⟦Revocations⟧", "Statistics"} <= {*page_of(service.client, AWARDS).texts}


def test_names_of_tables_and_words_are_told_in_the_language(service: Service) -> None:
    page = page_of(service.client, f"/{MARKED}/zhongyuan/revocations/")
    assert "⟦fraud⟧" in page.texts
    assert "⟦28 ⟦November⟧ 2025⟧" in page.texts


def test_links_lead_to_the_language_and_back(service: Service) -> None:
    there = page_of(service.client, AWARDS)
    assert {tag: urljoin(AWARDS, to) for tag, to in there.links.items()} == {
        "zh-CN": "/zh/zhongyuan/awards/",
        "en": "/en/zhongyuan/awards/",
    }
    for other in ("zh", "en"):
        back = page_of(service.client, f"/{other}/zhongyuan/awards/")
        assert urljoin(f"/{other}/zhongyuan/awards/", back.links[MARKED]) == AWARDS


def test_who_asks_for_the_language_is_led_to_it(service: Service) -> None:
    asked = {"Accept": "text/html", "Accept-Language": "qps-Ploc, en;q=0.5"}
    assert service.client.get("/", headers=asked).headers["location"] == f"/{MARKED}/"


def test_a_problem_is_told_in_the_language(service: Service) -> None:
    response = service.client.get("/v1/logs/nowhere/awards", headers={"Accept-Language": MARKED})
    told: dict[str, Any] = response.json()
    assert (response.headers["content-language"], response.headers["vary"]) == (MARKED, "Accept-Language")
    assert told["title"].startswith("⟦no log 'nowhere' here; there are: ")
    assert (told["zh"][:7], told["en"][:21]) == ("此处没有账本“", "no log 'nowhere' here")
    english = service.client.get("/v1/nowhere", headers={"Accept-Language": MARKED})
    assert english.json()["title"] == "no such path"


def test_a_page_of_a_problem_is_told_in_the_language(service: Service) -> None:
    response = service.client.get(f"/{MARKED}/zhongyuan/awards/nobody/")
    assert (response.status_code, "⟦Not found⟧" in response.text) == (404, True)


def test_feeds_are_told_in_the_language(service: Service) -> None:
    feed = service.client.get(f"/{MARKED}/zhongyuan/feed.json").json()
    assert feed["language"] == MARKED
    assert {item["title"] for item in feed["items"] if "notices" in item["url"]} == {"⟦Public notice⟧ N-2023"}
    assert "⟦Public notice⟧ N-2023" in service.client.get(f"/{MARKED}/zhongyuan/feed.atom").text


def test_the_desk_and_its_calendar_are_told_in_the_language(desk: httpx.Client) -> None:
    page = page_of(desk, f"/{MARKED}/desk/zhongyuan/cases/ZY-2023/A/")
    assert page.lang == MARKED
    assert {"⟦Public notices⟧", "⟦Log out⟧", "⟦Rules⟧"} <= {*page.texts}
    assert (
        urljoin(f"/{MARKED}/desk/zhongyuan/cases/ZY-2023/A/", page.links["zh-CN"])
        == "/zh/desk/zhongyuan/cases/ZY-2023/A/"
    )
    calendar = desk.get(f"/{MARKED}/desk/zhongyuan/duties/?format=ics").text
    assert "⟦" in calendar.partition("SUMMARY:")[2]


def test_scripts_have_their_words_in_the_language(service: Service) -> None:
    words = service.client.get(f"/static/words.{MARKED}.json").json()
    assert words["Verify in this browser"] == "⟦Verify in this browser⟧"
    vocabulary = service.client.get(f"/static/vocabulary.{MARKED}.json").json()
    assert (vocabulary["members"]["amount"], vocabulary["words"]["fraud"]) == (
        ["金额", "⟦amount⟧"],
        ["弄虚作假", "⟦fraud⟧"],
    )


def test_files_for_others_lead_to_the_language(service: Service) -> None:
    assert f"Disallow: /{MARKED}/desk/" in service.client.get("/robots.txt").text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_a_verdict_of_the_browser_is_told_in_the_language(service: Service, browser: Browser) -> None:
    with opened(browser) as pages:
        page = pages()
        page.goto(str(service.client.base_url.join(f"/{MARKED}/zhongyuan/verify/")))
        page.get_by_role("button", name="⟦Verify in this browser⟧").click()
        page.wait_for_selector("[data-verify] .verdict.good")
        assert page.inner_text("[data-verify] .verdict").startswith("⟦Holds: these ")
        page.click(".languages [lang=en]")
        page.wait_for_url("**/en/zhongyuan/verify/")
        page.click(f".languages [lang={MARKED}]")
        page.wait_for_url(f"**/{MARKED}/zhongyuan/verify/")
        assert page.get_attribute("html", "lang") == MARKED
