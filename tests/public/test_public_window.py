"""The public window: every page in both languages, links that lead somewhere, nothing that is not public."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient

from tests.pages.figures import FEN, LONG
from tests.pages.links import LINK

LENGTH_MAX = 60_000


def _crawl(client: TestClient, start: str) -> Iterator[tuple[str, str]]:
    """Every page and file that links lead to from one page, with its text."""
    pending, seen = [start], {start}
    while pending:
        path = pending.pop()
        response = client.get(path)
        assert response.status_code == 200, path
        yield path, response.text
        if "text/html" in response.headers["content-type"]:
            for link in LINK.findall(response.text):
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


def test_nobody_who_did_not_win_nor_any_score_or_reviewer_is_on_a_page(pages: dict[str, str]) -> None:
    story = " ".join(text for path, text in pages.items() if "/zhongyuan/" in path)
    # C was voted down and D was not eligible; P1 to P4 reviewed; C1 to C10 voted.
    assert re.findall(r"\bP[1-4]\b|\bC(?:10|[1-9])\b", story) == []
    assert re.findall(r"organisations/[CD]/", story) == []
    assert "ScoreSubmitted" not in story
    assert "评分提交" not in story
    assert "异议人" not in re.sub(r"异议人信息保密|异议人、投诉人", "", story)


def test_money_is_in_yuan_and_no_score_is_longer_than_two_decimals_on_any_page_or_sheet(pages: dict[str, str]) -> None:
    read = {
        p: t
        for p, t in pages.items()
        if not p.endswith((".json", ".js", ".mjs", ".css", ".sqlite")) and "/logs/" not in p
    }
    assert {p: found[0] for p, t in read.items() if (found := FEN.search(t) or LONG.search(t))} == {}
    rules = next(t for p, t in read.items() if p.startswith("/zh/zhongyuan/rules/ZY"))
    assert "200,000.00 元" in rules
    assert "CNY 200,000.00" in read["/en/rules/"]
    assert "CNY 500,000.00" in read["/en/rules/"]
