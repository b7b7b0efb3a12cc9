"""Pages in a real browser: verification in the page itself, accessibility, widths, keyboard, no errors on the
console.
"""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import date, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from api.evidence import archive
from api.evidence.making import gather
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.public.pages import WHOLE, Window
from api.public.publishing import publish
from api.rendering.values import day_in
from api.v1.axes import axes
from ledger import canonical
from ledger.clock import shanghai_day
from tests.pages.in_a_browser import CHROMIUM, WCAG, look_at, opened, served
from tests.spoiling import without_events

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not looked at in a browser")

PATHS = (
    "",
    "rules/",
    "zhongyuan/",
    *(f"zhongyuan/{section}/" for section in WHOLE),
    "zhongyuan/awards/ZY-2023-A/",
    "zhongyuan/notices/N-2023/",
    "zhongyuan/editions/ZY-2023/",
    "zhongyuan/organisations/A/",
    "ganzhou/statistics/",
    "jinshui/rules/",
    "zhongyuan/rules/ZY%40draft-1/",
    "zhongyuan/awards/NO/",
    "zhongyuan/report/?page=zhongyuan/awards/ZY-2023-A",
    "ganzhou-practice/",
)


@pytest.fixture(scope="module")
def site(demo_home: Settings) -> Iterator[str]:
    with served(demo_home) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as pages:
        yield pages()


def _verdict(page: Page) -> tuple[str, str]:
    page.get_by_role("button").first.click()
    page.wait_for_selector(".verdict.good, .verdict.bad")
    verdict = page.locator(".verdict.good, .verdict.bad").first
    return verdict.get_attribute("class") or "", verdict.inner_text()


def test_the_browser_itself_proves_what_a_page_rests_on(site: str, page: Page) -> None:
    page.goto(f"{site}/zh/zhongyuan/awards/ZY-2023-A/")
    css, text = _verdict(page)
    assert css == "verdict good"
    assert text.startswith("成立：以上 8 条确在账本 demo.rongjian.example/zhongyuan 前 218 条之中")
    assert page.locator(".result.good").count() == 8
    # The day of recording is the office's, in Asia/Shanghai, as everywhere.
    for shown in page.locator("[data-position]").all():
        entry = page.request.get(f"{site}/logs/zhongyuan/entry/{shown.get_attribute('data-position')}").json()
        day = day_in("zh", shanghai_day(datetime.fromisoformat(entry["recorded_at"])))
        assert shown.locator(".result").inner_text().endswith(f"… 登记于 {day}")


@pytest.mark.parametrize("what", ["entry", "proof", "key", "signature"])
def test_a_tampered_answer_is_caught_in_the_page(what: str, site: str, page: Page) -> None:
    def spoil(route: Route) -> None:
        response = route.fetch()
        body = response.body()
        match what:
            case "entry":
                body = body.replace(b"2023-07-06", b"2023-07-05")
            case "proof":
                body = body.replace(b"\nindex 192\n", b"\nindex 191\n")
            case "key":
                body = body[:-6] + b"AAAA=\n"
            case _:
                head, _, rest = body.partition(b"\n\n")
                body = head + b"\n\n" + rest.replace(b"\n218\n", b"\n219\n", 1)
        route.fulfill(response=response, body=body)

    pattern = {
        "entry": "**/entry/193",
        "proof": "**/entry/193.tlog-proof",
        "key": "**/vkey",
        "signature": "**/entry/193.tlog-proof",
    }[what]
    page.route(pattern, spoil)
    page.goto(f"{site}/en/zhongyuan/awards/ZY-2023-A/")
    css, text = _verdict(page)
    assert css == "verdict bad"
    assert text.startswith("Does not hold:")


def test_another_key_than_the_one_seen_before_is_a_warning(site: str, page: Page) -> None:
    page.goto(f"{site}/en/zhongyuan/verify/")
    assert _verdict(page)[0] == "verdict good"
    page.evaluate("localStorage.setItem('rongjian-key demo.rongjian.example/zhongyuan', 'another')")
    page.reload()
    assert "not the one seen before" in _verdict(page)[1]


def test_a_document_is_looked_up_by_its_hash_and_goes_nowhere(site: str, page: Page, tmp_path: Path) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.post_data else None)
    file = tmp_path / "circular.txt"
    file.write_text("a document nobody knows", "utf-8")
    page.goto(f"{site}/en/zhongyuan/verify/")
    page.set_input_files("input[type=file]", str(file))
    page.wait_for_selector(".document .verdict.bad")
    assert page.locator(".document .verdict").inner_text().startswith("No public entry holds this document")
    assert sent == []


@pytest.fixture(scope="module")
def package(demo_home: Settings) -> Iterator[dict[str, bytes]]:
    logs = OpenLogs(demo_home, str(demo_home.database_url))
    yield gather(logs["zhongyuan"].ledger, "award", "ZY-2023-A", date(2026, 6, 1), flags=True)
    logs.close()


#: What is green in a part of the page (more green than red and blue by a third), and the size of the verdict's letters.
COLOURS = """() => {
  const green = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return a > 0 && g > 1.3 * Math.max(r, b);
  };
  const seen = [...document.querySelectorAll(".package, .package *")].filter((node) => {
    const style = getComputedStyle(node);
    return [style.color, style.backgroundColor, style.borderTopColor, style.fill]
      .some((c) => /^rgb/.test(c) && green(c));
  });
  return [seen.map((node) => node.className || node.nodeName),
    getComputedStyle(document.querySelector(".package .verdict")).fontSize];
}"""


def _opened(page: Page, address: str, folder: Path, files: dict[str, bytes]) -> str:
    file = folder / "package.zip"
    file.write_bytes(archive.write(files))
    page.goto(address)
    page.set_input_files(".package input[type=file]", str(file))
    page.wait_for_selector(".package .verdict.underived, .package .verdict.good, .package .verdict.bad")
    return page.locator(".package .verdict").inner_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_evidence_package_is_checked_and_read_in_the_browser(
    language: str, package: dict[str, bytes], site: str, page: Page, tmp_path: Path
) -> None:
    verdict = _opened(page, f"{site}/{language}/zhongyuan/verify/", tmp_path, package)
    assert verdict.startswith(
        {"zh": "字节已证明，答案未在此计算：", "en": "Bytes proven, answers not derived here:"}[language]
    )
    entries = json.loads(package["manifest.json"])["positions"]
    assert page.locator(".package .entry").count() == len(entries)
    status = page.locator(".package details").first
    status.locator("summary").click()
    assert {"zh": "已撤销", "en": "revoked"}[language] in status.inner_text()
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_package_whose_revocation_was_cut_out_is_green_nowhere_in_the_browser(
    language: str, package: dict[str, bytes], site: str, page: Page, tmp_path: Path
) -> None:
    address = f"{site}/{language}/zhongyuan/verify/"
    verdict = _opened(page, address, tmp_path, without_events(package, "AwardRevoked"))
    assert verdict.startswith(
        {"zh": "字节已证明，答案未在此计算：", "en": "Bytes proven, answers not derived here:"}[language]
    )
    assert [word for word in ("成立", "Holds", "holds") if word in verdict] == []
    assert [mark for mark in "✓✔☑" if mark in page.locator(".package").inner_text()] == []
    green, size = page.evaluate(COLOURS)
    assert green == []
    page.reload()
    _opened(page, address, tmp_path, {"manifest.json": b"{}"})
    assert page.evaluate(COLOURS)[1] == size


def test_a_spoilt_package_shows_nothing_in_the_browser_but_what_is_wrong(
    package: dict[str, bytes], site: str, page: Page, tmp_path: Path
) -> None:
    name = f"entries/{json.loads(package['manifest.json'])['positions'][-1]}.json"
    forged = package[name].replace(b'"recorded_at":"2', b'"recorded_at":"3')
    manifest = json.loads(package["manifest.json"])
    manifest["files"][name] = hashlib.sha256(forged).hexdigest()
    files = {**package, name: forged, "manifest.json": canonical.encode(manifest)}
    verdict = _opened(page, f"{site}/zh/zhongyuan/verify/", tmp_path, files)
    assert verdict == f"不成立：{name}：推算不出已签名的树头"
    assert page.locator(".package .contents").inner_text() == ""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_page_is_accessible_and_fits(language: str, path: str, site: str, page: Page) -> None:
    look_at(page, f"{site}/{language}/{path}")


def test_the_keyboard_reaches_the_content_first(site: str, page: Page) -> None:
    page.goto(f"{site}/zh/zhongyuan/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_everything_is_there_without_a_script(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{site}/zh/zhongyuan/awards/ZY-2023-A/")
    assert "弄虚作假" in plain.inner_text("main")
    assert plain.locator(".entries li").count() == 8
    context.close()


def test_the_published_files_verify_from_any_web_server(demo_home: Settings, page: Page, tmp_path: Path) -> None:
    logs = OpenLogs(demo_home, str(demo_home.database_url))
    try:
        publish(
            [Window(logs["zhongyuan"], axes(logs["zhongyuan"], "2026-01-10", None))],
            tmp_path,
            "https://honours.example/",
        )
    finally:
        logs.close()
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_port}/zh/zhongyuan/awards/ZY-2023-A/")
        assert _verdict(page)[0] == "verdict good"
        server.shutdown()
