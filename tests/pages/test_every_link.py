"""Every link that a page offers, in every seat, leads somewhere that the seat may be."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.submissions import new_statement_id
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.rate_limit import RateLimit
from api.workplace.desk.pages import SECTIONS as DESK
from ledger.clock import shanghai_day, system_clock
from ledger.signing import envelope as dsse
from ledger.statement import compose
from ledger.store.error_reports import ErrorReport, ErrorReports
from tests.pages.links import offered, shape
from tests.workplace.cast import Cast

#: Pages of one kind that are opened among the links, and among the links of these: of the desk, of anything else.
OF_A_KIND = {True: (3, 1), False: (4, 2)}

DONE, PRACTICE, IMPORTED = "zhongyuan", "ganzhou-practice", "ganzhou"


@pytest.fixture(scope="module")
def guarded(demo_home: Settings) -> Iterator[TestClient]:
    """The demo logs with a reader token, which nobody here has: what a page offers opens without it."""
    settings = replace(demo_home, reader_token=secrets.token_hex(8))
    with TestClient(create_app(OpenLogs(settings, str(demo_home.database_url)))) as client:
        client.app.state.doors.tries = RateLimit(10_000, timedelta(minutes=1), system_clock)
        yield client


@pytest.fixture(scope="module")
def with_something_to_do(guarded: TestClient, demo_home: Settings) -> Iterator[TestClient]:
    """A report of an error to answer, and a submission that waits for a second signature; both are taken back."""
    ledger = guarded.app.state.logs[PRACTICE].ledger  # type: ignore[attr-defined]
    report = ErrorReport(secrets.token_hex(16), system_clock(), f"{PRACTICE}/notices", ledger.size(), None)
    ErrorReports(ledger.database, ledger.vault).put(report, "公示截止日有误", "")
    cast = Cast(demo_home, guarded, PRACTICE)
    header, waiting = cast.enter("opr"), _calendar(cast)
    put = guarded.post(f"/v1/logs/{PRACTICE}/pending", json=waiting, headers=header)
    assert put.status_code == 202, put.text
    yield guarded
    header = cast.enter("opr")
    assert guarded.delete(f"/v1/logs/{PRACTICE}/pending/{put.json()['id']}", headers=header).status_code == 204
    with ledger.database.connection() as connection:
        connection.execute("DELETE FROM error_report")


def _calendar(cast: Cast) -> dict[str, Any]:
    payload = {"year": 2077, "holidays": [], "makeup_workdays": [], "source_doc_no": "国办1号"}
    body = compose(
        type="CalendarPublished",
        log=f"demo.rongjian.example/{PRACTICE}",
        id=new_statement_id(),
        actor="opr",
        role="OPR",
        effective_at=shanghai_day(system_clock()).isoformat(),
        payload=payload,
    )
    return {"envelope": json.loads(dsse.sign(body, cast.key("opr")).to_bytes()), "openings": {}}


def _sections(log: str, who: str) -> list[str]:
    """Pages that a seat begins with: every section of its area that needs no subject."""
    if who == "public":
        return [f"/zh/{log}/", "/en/"]
    bench = [f"/zh/bench/{log}/", f"/en/bench/{log}/mine/"]
    if who not in ("dis", "sup"):
        return bench
    sections = ("", "search") if log == IMPORTED else [s for s in DESK if s != "package"]
    return [*bench, *(f"/zh/desk/{log}/{s}/" if s else f"/zh/desk/{log}/" for s in sections)]


def _opened(client: TestClient, address: str) -> tuple[int, list[str]]:
    """The status of a page, and what it offers; where it leads on, that alone."""
    response = client.get(address, headers={"Accept": "text/html"}, follow_redirects=False)
    if response.is_redirect:
        return response.status_code, offered(address, f'<a href="{response.headers["location"]}">')
    page = response.headers["content-type"].startswith("text/html")
    return response.status_code, offered(address, response.text) if page else []


def _sample(addresses: dict[str, str], most: int) -> dict[str, str]:
    """Of each kind of page the first ones and the last."""
    kinds: dict[str, list[str]] = {}
    for address in addresses:
        kinds.setdefault(shape(address), []).append(address)
    chosen = [a for same in kinds.values() for a in (*same[: most - 1], same[-1])]
    return {a: addresses[a] for a in dict.fromkeys(chosen)}


@pytest.mark.parametrize(
    ("log", "who"),
    [
        *((DONE, who) for who in ("public", "dis", "sech", "gov", "P1", "A", "fin1")),
        *(
            (PRACTICE, who)
            for who in ("public", "sup", "sec", "sech", "chr", "C2", "opr", "dep", "rec", "R1", "R2", "C")
        ),
        *((IMPORTED, who) for who in ("public", "dis", "V")),
    ],
)
def test_every_link_of_a_seat_leads_where_it_may_be(
    log: str, who: str, with_something_to_do: TestClient, demo_home: Settings
) -> None:
    client = with_something_to_do
    client.cookies.clear()
    if who != "public":
        Cast(demo_home, client, log).enter(who)
    seen: dict[str, int] = {}
    most = OF_A_KIND[who in ("dis", "sup")]
    wrong, level = [], dict.fromkeys(_sections(log, who), "")
    for depth in range(3):
        following: dict[str, str] = {}
        for address, origin in (_sample(level, most[depth - 1]) if depth else level).items():
            seen[address], on = _opened(client, address)
            if seen[address] >= 400:
                wrong.append((seen[address], address, origin))
            following |= {a: address for a in on if a not in seen and a not in following}
        level = following
    assert wrong == []
    assert len(seen) > 30
