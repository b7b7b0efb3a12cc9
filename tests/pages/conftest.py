"""A browser, demo logs of a module's own served to it, and people of the story logged in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from api.home.bootstrap import log_named
from api.home.settings import Settings
from tests.pages.in_a_browser import chromium, opened, served
from tests.pages.signing import Enter


@pytest.fixture(scope="module")
def home(own_demo_home: Settings) -> Settings:
    return own_demo_home


@pytest.fixture(scope="module")
def site(home: Settings) -> Iterator[str]:
    with served(home) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def enter(site: str, browser: Browser, home: Settings) -> Iterator[Enter]:
    """Log in as somebody of the story, with the key file that the demo hands out."""
    with opened(browser) as pages:

        def log_in(who: str, language: str = "en", log: str = "zhongyuan") -> Page:
            page = pages()
            file = log_named(home, log).folder / "cast" / f"{who}.pem"
            page.goto(f"{site}/{language}/desk/{log}/login/")
            page.wait_for_selector("[data-login][data-ready]")
            page.set_input_files("[name=file]", str(file))
            page.wait_for_selector(".verdict.good")
            page.fill("[name=purpose]", "case 7")
            page.click("[type=submit]")
            page.wait_for_url(f"**/bench/{log}/")
            return page

        yield log_in
