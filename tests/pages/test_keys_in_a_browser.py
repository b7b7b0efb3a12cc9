"""Keys in a real browser: a new one, a passkey, and an encrypted file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.home.bootstrap import log_named
from api.home.settings import Settings
from ledger.signing.suites import from_pem, to_pem
from tests.pages.in_a_browser import CHROMIUM, look_at, opened
from tests.pages.signing import Enter, verdict_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not looked at in a browser")


def test_the_login_page_is_accessible_and_says_what_a_new_key_is_for(site: str, browser: Browser) -> None:
    with opened(browser) as pages:
        page = pages()
        look_at(page, f"{site}/zh/desk/zhongyuan/login/")
        page.get_by_role("button", name="在浏览器中新建密钥").click()
        expect(page.locator(".public-key")).to_contain_text("公钥")
        page.get_by_role("button", name="登录", exact=True).click()
        assert "未在本账本登记" in verdict_of(page)


def test_a_passkey_is_made_and_signs_in_the_browser(site: str, browser: Browser) -> None:
    with opened(browser) as pages:
        page = pages()
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        page.goto(f"{site}/en/desk/zhongyuan/login/")
        page.wait_for_selector("[data-login][data-ready]")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.locator("[name=key] option")).to_have_count(1)
        page.get_by_role("button", name="Log in", exact=True).click()
        # The assertion went through; nobody has registered the key.
        assert "not registered" in verdict_of(page)


def test_an_encrypted_key_file_opens_with_its_password_only(
    enter: Enter, site: str, browser: Browser, home: Settings, tmp_path: Path
) -> None:
    plain = (log_named(home, "zhongyuan").folder / "cast" / "sec.pem").read_bytes()
    file = tmp_path / "sec.pem"
    file.write_bytes(to_pem(from_pem(plain, None), "口令 7".encode()))
    with opened(browser) as pages:
        page = pages()
        page.goto(f"{site}/en/desk/zhongyuan/login/")
        page.wait_for_selector("[data-login][data-ready]")
        page.fill("[name=password]", "口令 8")
        page.set_input_files("[name=file]", str(file))
        assert verdict_of(page) == "wrong password"
        page.fill("[name=password]", "口令 7")
        page.set_input_files("[name=file]", [])
        page.set_input_files("[name=file]", str(file))
        page.wait_for_selector(".verdict.good")
        page.click("[type=submit]")
        page.wait_for_url("**/bench/zhongyuan/")
