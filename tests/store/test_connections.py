"""A pool whose connections the server cuts: what lay idle is replaced before anybody notices."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
import pytest

from ledger.errors import UnavailableError
from ledger.store import database
from ledger.store.database import Database


def _pid(pool: Database) -> int:
    with pool.connection() as connection:
        return connection.info.backend_pid


def _cut(url: str, pid: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


@pytest.fixture
def pool(database_url: str, new_schema: Callable[[], tuple[str, str]]):  # type: ignore[no-untyped-def]
    found = Database(database_url, new_schema()[1], size=1).open()
    yield found
    found.close()


def test_a_connection_that_was_cut_while_it_lay_idle_is_replaced(pool: Database) -> None:
    first = _pid(pool)
    _cut(pool.url, first)
    time.sleep(database.FRESH)
    assert _pid(pool) != first


def test_one_that_was_cut_a_moment_after_its_use_fails_once_and_is_replaced(
    pool: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "FRESH", 3600)
    first = _pid(pool)
    _cut(pool.url, first)
    with pytest.raises(UnavailableError) as refusal, pool.connection() as connection:
        connection.execute("SELECT 1")
    assert refusal.value.code == "database_unavailable"
    assert _pid(pool) != first
