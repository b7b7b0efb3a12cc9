"""The service over a log as an earlier version gave it out, for tests of what it shows."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.scenario.cast import Cast
from api.scenario.document import parse_scenario
from api.workplace.login import LOGIN_TYPE
from ledger.signing import envelope as dsse
from tests.builders import HEAD
from tests.given_out.given import GIVEN, home_of

_LINK = re.compile(r'(?:href|src)="([^"#]+)')


@contextmanager
def given_home(name: str, folder: Path, database_url: str) -> Iterator[Settings]:
    """A home with the log of the newest version that gave one out under this name."""
    given = [g for g in GIVEN if g.name == name][-1]
    with home_of(given, folder / "home", database_url, restored=True) as settings:
        yield settings


@contextmanager
def client_of(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(settings, str(settings.database_url)))) as client:
        yield client


def enter(client: TestClient, log: str, who: str) -> None:
    """Log in to the log ``odd`` or ``erased`` with a key of its cast, which is derived from its name."""
    cast = Cast(log.encode(), parse_scenario(_scenario(), Path(f"{log}.toml")))
    challenge = base64.b64decode(client.post(f"/v1/logs/{log}/login/challenge").json()["challenge"])
    signature = cast.key(who).sign(dsse.pre_authentication_encoding(challenge, LOGIN_TYPE))
    body = {
        "challenge": base64.b64encode(challenge).decode(),
        "key_id": cast.key(who).public.keyid,
        "signature": base64.b64encode(signature).decode(),
        "purpose": "核对",
    }
    response = client.post(f"/v1/logs/{log}/login", json=body)
    assert response.status_code == 200, response.text


def _scenario() -> bytes:
    return HEAD.format(pack="ganzhou/2022", mode="simulation", starts=date(2023, 1, 2)).encode()


def links(path: str, text: str) -> set[str]:
    """Addresses of this service that a page leads to."""
    found = set()
    for link in _LINK.findall(text):
        target = urlsplit(urljoin(f"http://testserver{path}", link.replace("&amp;", "&")))
        if target.netloc == "testserver":
            found.add(f"{target.path}{'?' + target.query if target.query else ''}")
    return found
