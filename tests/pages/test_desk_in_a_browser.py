"""The desk in a real browser: accessible in both languages at every width, by keyboard, without a script, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.pages.in_a_browser import CHROMIUM, SHIFTS, look_at
from tests.pages.signing import Enter, verdict_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not looked at in a browser")

DESK = (
    "",
    "search/?q=演",
    "cases/ZY-2023%2FA/",
    "cases/ZY-2023%2FA/?density=compact&lane=happened",
    "cases/ZY-2023%2FA/?density=raw&phase=notice",
    "awards/ZY-2023-A/",
    "organisations/A/",
    "editions/ZY-2023/",
    "notices/",
    "notices/N-2023/",
    "persons/P3/",
    "state/?kind=award&subject=ZY-2023-A&as_of=2025-11-20&known_at=200",
    "difference/?kind=award&subject=ZY-2023-A&from_on=2025-11-01",
    "scores/",
    "money/",
    "duties/",
    "flags/",
    "rules/",
    "rules/RF02/",
    "four-eyes/",
    "integrity/",
    "package/?kind=award&subject=ZY-2023-A",
    "access/",
    "compare/?one=ZY-2023/A&other=ZY-2023/B",
    "patterns/",
    "ask/",
    "ask/narrative/?award=ZY-2023-A",
    "ask/who-knew/?award=ZY-2023-A",
    "ask/what-if/?revoke=ZY-2023-A&ground=fraud",
    "ask/reviewers/?case=ZY-2023/A",
    "ask/governing/?edition=ZY-2023",
    "flags/?large=1",
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_desk_is_accessible_and_fits(language: str, enter: Enter, site: str) -> None:
    page = enter("dis", language)
    for path in DESK:
        look_at(page, f"{site}/{language}/desk/zhongyuan/{path}", dark=language == "zh")


def test_nothing_moves_while_a_page_arrives_over_a_slow_line(enter: Enter, site: str) -> None:
    page = enter("dis", "zh")
    # The style sheets are kept from here on: a page may be painted as it arrives.
    page.goto(f"{site}/zh/desk/zhongyuan/")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 50, "downloadThroughput": 2_500, "uploadThroughput": 20_000},
    )
    page.goto(f"{site}/zh/desk/zhongyuan/ask/governing/?edition=ZY-2023")
    assert page.evaluate(SHIFTS) == []


def test_everything_on_the_desk_is_reached_by_keyboard(enter: Enter, site: str) -> None:
    page = enter("dis")
    page.goto(f"{site}/en/desk/zhongyuan/")
    page.keyboard.press("/")
    page.keyboard.type("ZY-2023-A")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=ZY-2023-A*")
    page.goto(f"{site}/en/desk/zhongyuan/awards/ZY-2023-A/?as_of=2025-12-01")
    assert "revoked" in page.locator("main section").nth(1).inner_text()
    page.focus("[name=known_at]")
    page.keyboard.type("2025-11-20")
    page.keyboard.press("Enter")
    page.wait_for_url("**known_at=2025-11-20*")
    assert "revoked" not in page.locator("main section").nth(1).inner_text()


def test_the_desk_is_read_without_a_script(enter: Enter, site: str, browser: Browser) -> None:
    cookies = enter("dis").context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{site}/zh/desk/zhongyuan/cases/ZY-2023%2FA/")
    assert "申报提交" in page.inner_text("main")
    context.close()


def test_a_tampered_entry_is_caught_on_the_integrity_page(enter: Enter, site: str) -> None:
    page = enter("dis")
    page.route(
        "**/entry/94", lambda route: route.fulfill(response=(response := route.fetch()), body=response.body() + b" ")
    )
    page.goto(f"{site}/en/desk/zhongyuan/integrity/?entry=94")
    page.get_by_role("button", name="Verify in this browser").click()
    assert "does not lead to the signed tree head" in verdict_of(page, "[data-verify] > .verdict")


def test_the_desk_prints_without_its_controls(enter: Enter, site: str) -> None:
    page = enter("dis", "zh")
    page.goto(f"{site}/zh/desk/zhongyuan/money/")
    page.emulate_media(media="print")
    shown = {s: page.locator(s).first.is_visible() for s in (".site nav", ".dials", ".asking", "h1", "table", "footer")}
    assert shown == {".site nav": False, ".dials": False, ".asking": False, "h1": True, "table": True, "footer": True}
