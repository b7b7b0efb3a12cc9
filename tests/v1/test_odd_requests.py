"""Odd requests: whatever stands in a path, a query, a header, a cookie or a body, no route fails for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi import Request
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.public import entrance
from api.public.reporting import form_fields
from api.rate_limit import RateLimit
from ledger.clock import system_clock
from ledger.errors import MalformedError
from tests.small_home import LOG, begin_log, environment_of, own_database, settings_of

#: Percent-encoded, as they stand in an address.
ODD = (
    "%00",
    "%FF%FE",
    "%0A%0D",
    "%E2%80%AE",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "%25",
    "%2F..%2F..",
    "%27%22%3C",
    "9" * 400,
    "-1",
    "%5B",
    "%7B0%7D",
)
BODIES = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"a":"\\ud800"}',
    b"9" * 5_000,
    b"a=%00&b=%ff",
    b"null",
    b"[]",
)
HEADERS = {
    "host": ("[", "a b", "\xff", "x" * 300),
    "accept-language": ("\xff", "zh;q=9e99", "," * 2_000),
    "accept-datetime": ("\xff", "Thu, 99 Foo 0000 99:99:99 GMT", "9" * 400),
    "authorization": ("\xff", "Bearer", "Bearer \xff"),
    "if-none-match": ("\xff", '"'),
    "range": ("bytes=9-1",),
    "cookie": ("=", "rongjian=\xff", "rongjian-town=" + "a" * 5_000, ";;;", 'a="\\'),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[TestClient]:
    """The service over a log that holds its genesis."""
    folder: Path = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(folder, url).items():
            patch.setenv(name, value)
        begin_log()
        app: Any = create_app(OpenLogs(settings_of(folder, url), url))
        with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as opened:
            app.state.doors.tries = app.state.report_limit = RateLimit(100_000, timedelta(minutes=1), system_clock)
            yield opened


def _routes(client: TestClient, method: str) -> list[str]:
    routes = client.app.routes  # type: ignore[attr-defined]
    return sorted({r.path for r in routes if isinstance(r, APIRoute) and method in r.methods})


def _at(path: str, odd: str) -> list[str]:
    """The route with every parameter odd, and with the log's own name where it takes one."""
    filled = [
        "/".join(
            odd if p.startswith("{") and (p != "{log}" or not log) else LOG if p == "{log}" else p
            for p in path.split("/")
        )
        for log in (True, False)
    ]
    return list(dict.fromkeys(filled))


def test_no_route_fails_for_what_stands_in_its_address(client: TestClient) -> None:
    failed = []
    for path in _routes(client, "GET"):
        for odd in ODD:
            for address in _at(path, odd):
                for asked in (address, f"{address}?as_of={odd}&known_at={odd}&q={odd}&format={odd}&{odd}={odd}"):
                    status = client.get(asked).status_code
                    if status >= 500:
                        failed.append((status, asked[:200]))
    assert failed == []


def test_no_route_fails_for_its_body(client: TestClient) -> None:
    failed = []
    for path in _routes(client, "POST"):
        for body in BODIES:
            for address in _at(path, "a"):
                status = client.post(address, content=body).status_code
                if status >= 500:
                    failed.append((status, address, body[:20]))
    assert failed == []


@pytest.mark.parametrize("name", HEADERS)
def test_no_page_fails_for_a_header(name: str, client: TestClient) -> None:
    failed = []
    for value in HEADERS[name]:
        for path in (
            "/",
            "/zh/",
            f"/zh/{LOG}/",
            f"/zh/desk/{LOG}/",
            f"/v1/logs/{LOG}/awards",
            f"/logs/{LOG}/checkpoint",
            "/nowhere",
        ):
            status = client.get(path, headers={name.encode(): value.encode("latin-1")}).status_code
            if status >= 500:
                failed.append((status, path, value[:20]))
    assert failed == []


@pytest.mark.parametrize("path", ["*", "", "/", "//", "zh"])
def test_an_address_without_a_beginning_is_no_page(path: str) -> None:
    assert not entrance.is_page(Request({"type": "http", "path": path, "headers": []}))


@pytest.mark.parametrize("purpose", ["查\0阅", "查\u202e阅", "查\n阅", "查\ufffd阅"])
def test_a_purpose_that_cannot_be_kept_is_refused_before_the_challenge_is_used(
    purpose: str, client: TestClient
) -> None:
    login = {"challenge": "YQ==", "key_id": "k", "signature": "YQ==", "purpose": purpose}
    response = client.post(f"/v1/logs/{LOG}/login", json=login)
    assert (response.status_code, response.json()["code"], response.json()["field"]) == (
        400,
        "text_not_allowed",
        "purpose",
    )


@pytest.mark.parametrize("odd", ["\0", "\u202e", "\u200b", "\ufffd", "\ue000"])
@pytest.mark.parametrize("name", ["text", "contact"])
def test_a_form_with_what_no_text_holds_names_field_and_character(name: str, odd: str) -> None:
    given = {"text": "有误", "contact": "电话", name: f"甲{odd}乙"}
    with pytest.raises(MalformedError) as refused:
        form_fields(urlencode(given).encode(), ("text", "contact"))
    assert refused.value.code == "text_not_allowed"
    assert refused.value.details["field"] == name
    assert refused.value.details["code_point"] == f"U+{ord(odd):04X}"


def test_how_a_keyboard_composes_letters_is_no_fault_of_the_writer() -> None:
    given = form_fields(urlencode({"text": "Cafe\u0301\r\n二"}).encode(), ("text",))
    assert given == {"text": "Caf\u00e9\n二"}


def test_an_address_to_report_about_is_filled_in_so_that_it_can_be_sent(client: TestClient) -> None:
    response = client.get(f"/zh/{LOG}/report/?page={quote('/zh/town/' + chr(0x202E))}")
    assert response.status_code == 200
    assert "⟨U+202E⟩" in response.text
    assert chr(0x202E) not in response.text
