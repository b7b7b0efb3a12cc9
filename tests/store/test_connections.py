"""A pool whose connections the server cuts: what lay idle is replaced before anybody notices."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest

from ledger.errors import UnavailableError
from ledger.store import database
from ledger.store.breaker import CircuitBreaker
from ledger.store.database import Database, create_log_schema


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


@pytest.mark.parametrize("wrong", [{"user": "nobody_such"}, {"password": "wrong"}, {"dbname": "no_such"}], ids=str)
def test_a_server_that_does_not_let_us_in_is_no_outage(wrong: dict[str, str], database_url: str) -> None:
    url = psycopg.conninfo.make_conninfo(**(psycopg.conninfo.conninfo_to_dict(database_url) | wrong))
    if "password" in wrong:
        with suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            pytest.skip("the server under test asks for no password")
    for reach in (
        lambda: Database(url, "log_x").open(timeout=0.5),
        lambda: create_log_schema(url, "log_x"),
        lambda: Database(url, "log_x").check_answering(),
    ):
        with pytest.raises(UnavailableError) as refusal:
            reach()
        assert (refusal.value.code, refusal.value.retry_after) == ("database_refuses_us", None)
        assert ("RONGJIAN_DATABASE_URL" in refusal.value.zh, "wrong" in refusal.value.zh) == (True, False)


def test_callers_are_told_the_same_while_nobody_asks_again() -> None:
    def ask() -> None:
        raise psycopg.OperationalError('connection failed: FATAL:  用户 "x" Password 认证失败')

    breaker = CircuitBreaker(ask, 10)
    codes = []
    for call in (breaker.look, breaker.check, breaker.look):
        with pytest.raises(UnavailableError) as refusal:
            call()
        codes.append((refusal.value.code, refusal.value.retry_after))
    assert codes == [("database_refuses_us", None)] * 3
