"""What somebody logged in does on the page of an act: opens it, fills it in, checks and signs."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

Enter = Callable[..., Page]


def signed_in(enter: Enter, who: str, path: str, language: str = "en") -> Page:
    page = enter(who, language)
    base = page.url.partition(f"/{language}/")[0]
    page.goto(f"{base}/{language}/bench/zhongyuan/{path}")
    return page


def checked(page: Page) -> str:
    page.wait_for_selector("[data-record][data-ready]")
    page.get_by_role("button", name="Check before signing").click()
    page.wait_for_selector(".preview .verdict, form > .verdict.bad")
    said = page.inner_text(".preview")
    assert said, page.inner_text("form > .verdict")
    return said


def verdict_of(page: Page, selector: str = "form > .verdict") -> str:
    page.wait_for_selector(f"{selector}.good, {selector}.bad")
    return page.inner_text(selector)


def fill_in(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        field = page.get_by_label(label, exact=False).first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def sign_and_record(page: Page) -> None:
    page.get_by_role("button", name="签名前核对").click()
    page.wait_for_selector(".preview .verdict, form > .verdict.bad")
    assert "规则允许登记" in page.inner_text("[data-record]"), page.inner_text("[data-record]")
    page.get_by_role("button", name="签名并登记").click()
    assert verdict_of(page).startswith("已登记为第 ")
