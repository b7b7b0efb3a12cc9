"""A page says what it says in one language: no English tail on a Chinese page, no Chinese on an English one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from api.rate_limit import RateLimit
from api.workplace.desk.pages import SECTIONS as DESK
from ledger.clock import system_clock
from tests.pages.links import offered, shape
from tests.words.other_letters import CHINESE, strings, tails_of_page
from tests.workplace.cast import Cast


def typed_into(client: TestClient) -> set[str]:
    """What people typed into the logs in Chinese, and the ids by which they sign."""
    logs = client.app.state.logs  # type: ignore[attr-defined]
    events = [event.statement for log in logs.all() for event in log.ledger.events()]
    chinese = {s for e in events for s in strings(json.loads(e.body)["payload"]) if CHINESE.search(s)}
    return chinese | {e.actor for e in events}


def _beginnings(language: str, log: str, who: str) -> list[str]:
    if who == "public":
        return [f"/{language}/{log}/", f"/{language}/", f"/{language}/{log}/login/"]
    bench = [f"/{language}/bench/{log}/", f"/{language}/bench/{log}/mine/"]
    if who != "dis":
        return bench
    return [*bench, *(f"/{language}/desk/{log}/{s}/" if s else f"/{language}/desk/{log}/" for s in DESK)]


def _pages(client: TestClient, language: str, log: str, who: str) -> Iterator[tuple[str, str]]:
    """One page of each kind that a seat is led to, in three steps."""
    kinds: set[str] = set()
    level = _beginnings(language, log, who)
    for _ in range(3):
        following: list[str] = []
        for address in level:
            kind = shape(address)
            if kind in kinds or not address.startswith(f"/{language}/"):
                continue
            kinds.add(kind)
            response = client.get(address, headers={"Accept": "text/html"})
            if response.headers["content-type"].startswith("text/html"):
                yield address, response.text
                following += offered(address, response.text)
        level = following


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("log", "who"),
    [
        *((log, "public") for log in ("zhongyuan", "ganzhou", "hengyang", "jindong", "jinshui")),
        *(("zhongyuan", who) for who in ("dis", "sech", "A")),
        *(("ganzhou-practice", who) for who in ("sec", "R1", "C")),
    ],
)
def test_a_page_says_everything_in_its_own_language(
    log: str, who: str, language: str, demo_client: TestClient, demo_home: Settings
) -> None:
    client = demo_client
    client.app.state.doors.tries = RateLimit(10_000, timedelta(minutes=1), system_clock)  # type: ignore[attr-defined]
    client.cookies.clear()
    if who != "public":
        Cast(demo_home, client, log).enter(who)
    typed = typed_into(client)
    pages = dict(_pages(client, language, log, who))
    found = {text: address for address, page in pages.items() for text in tails_of_page(language, page, typed)}
    assert found == {}
    assert len(pages) > 10
