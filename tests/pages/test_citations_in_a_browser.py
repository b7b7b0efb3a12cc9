"""A script tells articles in the words in which pages tell them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from ledger.regulation.citations import cited
from tests.ledger.test_citations import TOLD, articles_of_packs
from tests.pages.in_a_browser import opened

IN_PAGE = """async (citations) => {
  const script = document.querySelector("script[type=module][src]").src;
  const { cited } = await import(new URL("citations.js", script));
  return citations.map((each) => cited([each].flat()));
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_script_tells_an_article_as_a_page_does(site: str, browser: Browser, language: str) -> None:
    citations = [*(given for given, _, _ in TOLD), *sorted(articles_of_packs()), "10(3)(5)", "5(12)", "四(十一)2"]
    with opened(browser) as pages:
        page = pages()
        page.goto(f"{site}/{language}/zhongyuan/verify/")
        told = page.evaluate(IN_PAGE, citations)
    assert dict(zip(map(str, citations), told, strict=True)) == {
        str(each): cited(each).in_language(language) for each in citations
    }
