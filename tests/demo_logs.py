"""The demo logs, loaded once for the tests that only read them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from api.app import create_app
from api.demo import load_demos
from api.open_logs import OpenLogs
from api.settings import Settings, read_settings


@contextmanager
def demo_logs(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    """A home of its own with the demo logs, dropped afterwards."""
    name = f"demo_{secrets.token_hex(6)}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    info = psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}
    folder = tmp_path_factory.mktemp("home")
    settings = read_settings(
        {"RONGJIAN_HOME": str(folder), "RONGJIAN_DATABASE_URL": psycopg.conninfo.make_conninfo(**info)}
    )
    load_demos(settings, str(settings.database_url), date(2026, 6, 1), lambda *_: None)
    yield settings
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    with demo_logs(tmp_path_factory, database_url) as settings:
        yield settings


@pytest.fixture(scope="session")
def demo_client(demo_home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(demo_home, str(demo_home.database_url)))) as client:
        yield client
