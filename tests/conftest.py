"""Fixtures: a real PostgreSQL always; a log of its own per test."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import hypothesis
import psycopg
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from ledger.application import Ledger
from ledger.store import embedded
from ledger.store.database import Database, create_log_schema, schema_of
from ledger.store.vault import Vault
from tests.builders import Town
from tests.demo_logs import demo_client, demo_home, loaded_demos, one_demo, own_demo_home  # noqa: F401  (fixtures)
from tests.ended_homes import remove_databases

# No test is timed: a slow disk is not a fault.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command that runs in this process sets up logging to a stream that ends with its test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session", autouse=True)
def _no_database_outlives_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    yield
    remove_databases(tmp_path_factory.getbasetemp().resolve(), also_of_homes_that_stand=True)


@pytest.fixture(autouse=True)
def _no_database_outlives_its_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Torn down after ``tmp_path``, which is removed where the test passed."""
    yield
    remove_databases(tmp_path_factory.getbasetemp().resolve())


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """RONGJIAN_TEST_DATABASE_URL, or an embedded server for this run."""
    given = os.environ.get("RONGJIAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with embedded.running(Path(tmp_path_factory.mktemp("postgresql"))) as server:
        yield server.url


@contextmanager
def schemas(database_url: str) -> Iterator[Callable[[], tuple[str, str]]]:
    """Creates (origin, schema) pairs that are dropped afterwards."""
    made: list[str] = []

    def create() -> tuple[str, str]:
        origin = f"test.rongjian.example/{secrets.token_hex(6)}"
        schema = schema_of(origin)
        create_log_schema(database_url, schema)
        made.append(schema)
        return origin, schema

    yield create
    with psycopg.connect(database_url, autocommit=True) as connection:
        for schema in made:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


@contextmanager
def towns(database_url: str) -> Iterator[Callable[..., Town]]:
    """Makes simulated towns, each with officials, three organisations and five reviewers, ready to act."""
    made: list[Town] = []

    def make(pack: str = "ganzhou/2022", *, mode: str = "simulation", starts: date = date(2023, 1, 2)) -> Town:
        origin, schema = new_schema()
        database = Database(database_url, schema, size=6).open()
        kek, key = secrets.token_bytes(32), Ed25519PrivateKey.generate()
        vault = Vault(database, kek)
        vault.check()
        made.append(Town(origin, database, vault, key, kek, pack=pack, mode=mode, starts=starts))
        return made[-1]

    with schemas(database_url) as new_schema:
        yield make
        for town in made:
            town.ledger.close()


@pytest.fixture
def new_schema(database_url: str) -> Iterator[Callable[[], tuple[str, str]]]:
    with schemas(database_url) as create:
        yield create


@pytest.fixture
def new_town(database_url: str) -> Iterator[Callable[..., Town]]:
    """Makes towns of other regulations, modes and years."""
    with towns(database_url) as make:
        yield make


@pytest.fixture
def town(new_town: Callable[..., Town]) -> Town:
    """A simulated Ganzhou."""
    return new_town()


@pytest.fixture(scope="session")
def new_lasting_town(database_url: str) -> Iterator[Callable[..., Town]]:
    """Makes towns that last: for a module's tests that only read what took long to record."""
    with towns(database_url) as make:
        yield make


@pytest.fixture
def ledger(town: Town) -> Ledger:
    return town.ledger


@pytest.fixture
def new_town_from(new_town: Callable[..., Town]) -> Callable[[date], Town]:
    """A Ganzhou whose clock starts on another day; the text is taken as in force from then on."""
    return lambda starts: new_town("ganzhou/2022", starts=starts)
