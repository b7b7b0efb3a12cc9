"""Commits that take 4 ms, as on a disk that says when something is written: for us, our head file and the peer alike.

A trigger that fires at the end of a transaction sleeps once in it, holding what the transaction holds, as a slow write
of the log of the database would. Transactions that wait for one write together do not: that is to our disadvantage and
to nobody's advantage here, for the peer locks its table.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from ledger.newest_head import HeadFile, NewestHead
from ledger.store.database import schema_of
from ledger.submission import Submission
from tests.benchmarks import peers
from tests.benchmarks.grown import Grown, a_grown_log
from tests.benchmarks.measuring import RUNS, measured
from tests.benchmarks.results import Results
from tests.small_home import own_database

SECONDS = 0.004
CLIENTS = 64
BEGINS = 1_000

_FUNCTION = """
CREATE OR REPLACE FUNCTION {schema}.commits_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('bench.slept', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        PERFORM set_config('bench.slept', pg_current_xact_id()::text, true);
        PERFORM pg_sleep({seconds});
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE CONSTRAINT TRIGGER commits_slowly AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION {schema}.commits_slowly()
"""


def slow_down(url: str, schema: str, tables: Sequence[str]) -> None:
    """Let every transaction that writes to one of the tables take so much longer at its commit."""
    named = sql.Identifier(schema)
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL(_FUNCTION).format(schema=named, seconds=sql.Literal(SECONDS)))
        for table in tables:
            connection.execute(sql.SQL(_TRIGGER).format(table=sql.Identifier(schema, table), schema=named))


class SlowHeadFile(HeadFile):
    """The file of the newest head on a disk that takes as long."""

    def write(self, head: NewestHead) -> None:
        time.sleep(SECONDS)
        super().write(head)


def run(url: str, results: Results, statements: int) -> None:
    """The same clients against the stock library and against us, whose rate is told over the other's."""
    with own_database(url) as own:
        work, table = peers.many_savers(own, statements // 4, CLIENTS)
        slow_down(own, "public", [table])
        name = f"4 ms commit: stock eventsourcing, one event per save, {CLIENTS} clients"
        peer = measured(name, statements // 4, work)
        results.line(name, peer, peer)
    with a_grown_log(url) as grown:
        grown.admit(BEGINS)
        slow_down(grown.url, schema_of(grown.home.origin), ["log_head", "checkpoint"])
        continuity = grown.ledger.heads.continuity
        assert continuity is not None
        continuity._file.__class__ = SlowHeadFile
        runs = [grown.mixture(statements) for _ in range(RUNS)]
        before = grown.ledger.size()
        name = f"4 ms commit: {CLIENTS} clients"
        results.line(name, measured(name, statements, lambda run: _together(grown, runs[run])), peer)
        assert grown.ledger.size() == before + RUNS * statements


def _together(grown: Grown, statements: Sequence[Submission]) -> None:
    def client(part: Sequence[Submission]) -> None:
        for statement in part:
            grown.ledger.submit(statement)

    at_once([lambda part=statements[n::CLIENTS]: client(part) for n in range(CLIENTS)])


def at_once(works: Sequence[Callable[[], object]]) -> None:
    """All of them, each in a thread; raises the first failure there was."""
    failures: list[BaseException] = []

    def run_one(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that asked
            failures.append(error)

    threads = [threading.Thread(target=run_one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
