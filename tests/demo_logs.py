"""The demo logs, loaded once, and copied for whoever writes into them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.app import create_app
from api.home.bootstrap import head_file_of, keeps_newest_head, logs_of
from api.home.demo import load_demos
from api.home.open_logs import OpenLogs
from api.home.settings import Settings, read_settings
from ledger.store.database import schema_of
from tests.small_home import TEST_HOST


@pytest.fixture(scope="session")
def loaded_demos(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Settings]:
    """The demo logs as they were loaded. Nobody opens these: every other home is a copy of them, and PostgreSQL
    copies no database that is in use."""
    with _own_database(database_url) as url:
        settings = settings_of(tmp_path_factory.mktemp("loaded"), url)
        load_demos(settings, url, date(2026, 6, 1), lambda *_: None)
        yield settings


#: The log that is spoilt, rolled back and copied most often.
ONE = "zhongyuan"


@pytest.fixture(scope="session")
def one_demo(loaded_demos: Settings, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The demo log :data:`ONE` alone, of which PostgreSQL makes copies in less than half the time.

    Nobody opens it either.
    """
    with copied(loaded_demos, database_url, tmp_path_factory.mktemp("one")) as settings:
        with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
            for log in logs_of(settings):
                if log.name != ONE:
                    schema = sql.Identifier(schema_of(log.origin))
                    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))
                    shutil.rmtree(log.folder)
        yield settings


@contextmanager
def copied(loaded: Settings, database_url: str, folder: Path) -> Iterator[Settings]:
    """A home of its own with the demo logs, dropped afterwards."""
    shutil.copytree(loaded.home, folder, dirs_exist_ok=True)
    with _own_database(database_url, str(conninfo_to_dict(str(loaded.database_url))["dbname"])) as url:
        settings = settings_of(folder, url)
        settle(settings)
        yield settings


def settle(settings: Settings) -> None:
    """A copied home is a home of its own: nothing goes on in the one that it was copied from."""
    for log in logs_of(settings):
        if keeps_newest_head(log):
            head_file_of(settings, log).settle()


@contextmanager
def _own_database(server: str, template: str = "template1") -> Iterator[str]:
    """A database on a server, a copy of another; dropped afterwards."""
    name = f"demo_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(create)
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def settings_of(home: Path, url: str) -> Settings:
    return read_settings(
        {"RONGJIAN_HOME": str(home), "RONGJIAN_DATABASE_URL": url, "RONGJIAN_ALLOWED_HOSTS": TEST_HOST}
    )


@pytest.fixture(scope="session")
def demo_home(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, loaded_demos: Settings
) -> Iterator[Settings]:
    with copied(loaded_demos, database_url, tmp_path_factory.mktemp("home")) as settings:
        yield settings


@pytest.fixture(scope="module")
def own_demo_home(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, loaded_demos: Settings
) -> Iterator[Settings]:
    """Demo logs of a module's own: what is signed there stays there."""
    with copied(loaded_demos, database_url, tmp_path_factory.mktemp("home")) as settings:
        yield settings


@pytest.fixture(scope="session")
def demo_client(demo_home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(demo_home, str(demo_home.database_url)))) as client:
        yield client
