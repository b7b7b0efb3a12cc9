"""Demo logs of a module's own, served, and the people of the demo before them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.rate_limit import RateLimit
from ledger.clock import system_clock
from tests.workplace.cast import Cast


@pytest.fixture(scope="module")
def home(own_demo_home: Settings) -> Settings:
    return own_demo_home


@pytest.fixture(scope="module")
def app_client(home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        client.app.state.doors.tries = RateLimit(10_000, timedelta(minutes=1), system_clock)
        yield client


@pytest.fixture
def client(app_client: TestClient) -> TestClient:
    app_client.cookies.clear()
    return app_client


@pytest.fixture
def cast(home: Settings, client: TestClient) -> Cast:
    return Cast(home, client)
