"""Demo logs of a module's own, served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings


@pytest.fixture(scope="module")
def home(own_demo_home: Settings) -> Settings:
    return own_demo_home


@pytest.fixture(scope="module")
def client(home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        yield client
