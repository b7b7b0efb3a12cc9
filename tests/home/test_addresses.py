"""By which names the service is asked for, and what its links begin with."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings, read_settings, refuse_unsafe
from ledger.errors import MalformedError, UnavailableError
from tests.small_home import LOG, begun_home, own_database

#: Addresses that are written into what they answer.
FEED = f"/en/{LOG}/feed.atom"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, begun_home(folder, url) as settings:
        yield replace(settings, allowed_hosts=frozenset())


def _site(client: TestClient, host: str) -> str:
    given = client.post(f"/v1/logs/{LOG}/login/challenge", headers={"Host": host}).json()
    site: str = json.loads(base64.b64decode(given["challenge"]))["site"]
    return site


def test_a_request_for_another_host_is_misdirected(home: Settings) -> None:
    with TestClient(create_app(OpenLogs(replace(home, host="192.0.2.7"), str(home.database_url)))) as client:
        for host in ("localhost", "localhost:8321", "127.0.0.1:1", "[::1]:8321", "LOCALHOST", "192.0.2.7:8321"):
            answer = client.get(FEED, headers={"Host": host})
            assert (answer.status_code, f"http://{host.lower()}/" in answer.text.lower()) == (200, True), host
        for host in (
            "evil.example",
            "evil.example:8321",
            "localhost.evil.example",
            "",
            "a b",
            "[::1",
            "127.0.0.1:x",
            "127.0.0.1:65536",
            "localhost/health/live?",
            "localhost/health/ready#",
            "192.0.2.70",
        ):
            for path in (FEED, "/", f"/v1/logs/{LOG}/awards", f"/zh/{LOG}/", f"/zh/desk/{LOG}/login/"):
                answer = client.get(path, headers={"Host": host, "X-Forwarded-Host": "localhost"})
                assert answer.status_code == 421, (host, path)
                assert "evil" not in answer.text
        # A path that only looks like one that anybody may ask for by an address.
        for path in ("/he%09alth/live", "/health/%0Alive/../../v1/logs", f"/v1/logs/{LOG}/%09"):
            assert client.get(path, headers={"Host": "evil.example"}).status_code == 421, path
        problem = client.get("/v1/logs", headers={"Host": "evil.example"}).json()
        assert (problem["code"], problem["status"]) == ("misdirected_request", 421)
        # Whoever watches asks by an address.
        assert client.get("/health/live", headers={"Host": "10.1.2.3"}).json() == {"status": "live"}
        assert client.get("/health/ready", headers={"Host": "10.1.2.3"}).status_code == 200


def test_links_and_the_site_of_a_login_come_from_the_base_url(home: Settings) -> None:
    settings = replace(home, base_url="https://honours.example.gov", allowed_hosts=frozenset({"inner.example"}))
    with TestClient(create_app(OpenLogs(settings, str(home.database_url)))) as client:
        for host in ("honours.example.gov", "Honours.example.gov:443", "inner.example:8321"):
            feed = client.get(FEED, headers={"Host": host}).text
            assert "https://honours.example.gov/en/" in feed
            assert "inner.example" not in feed
            assert _site(client, host) == "honours.example.gov"
        for host in ("localhost", "127.0.0.1", "example.gov"):
            assert client.get(FEED, headers={"Host": host}).status_code == 421, host


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("RONGJIAN_BASE_URL", url)
            for url in (
                "honours.example.gov",
                "ftp://x",
                "https://",
                "https://x/y",
                "https://x?y",
                "https://u@x",
                "https://x:0",
                "https://x:y",
                "https://a b",
                "http://[::1",
            )
        ),
        *(("RONGJIAN_ALLOWED_HOSTS", hosts) for hosts in ("a b", "*", "https://x", "x/y")),
    ],
)
def test_what_is_no_address_is_refused_as_a_setting(name: str, value: str) -> None:
    with pytest.raises(MalformedError) as refused:
        read_settings({name: value})
    assert (refused.value.code, refused.value.details["field"]) == ("bad_setting", name)


def test_serving_every_address_needs_the_name_by_which_readers_know_the_service(tmp_path: Path) -> None:
    token = {"RONGJIAN_HOME": str(tmp_path), "RONGJIAN_READER_TOKEN": "x"}
    for host in ("0.0.0.0", "::", ""):
        with pytest.raises(UnavailableError) as refused:
            refuse_unsafe(read_settings(token | {"RONGJIAN_HOST": host}))
        assert (refused.value.code, "RONGJIAN_BASE_URL" in refused.value.en) == ("unsafe_start", True)
        refuse_unsafe(read_settings(token | {"RONGJIAN_HOST": host, "RONGJIAN_BASE_URL": "https://h.example"}))
    refuse_unsafe(read_settings(token | {"RONGJIAN_HOST": "192.0.2.7"}))
