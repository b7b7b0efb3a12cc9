"""A log that is open while somebody writes into its database what he likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from api.home.bootstrap import log_named, open_log
from api.home.settings import Settings
from ledger.application import Ledger
from ledger.errors import RongjianError
from ledger.fsck.database import check_against, check_database
from ledger.store.database import schema_of
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.tiles import TileLevels
from tests.demo_logs import copied
from tests.small_home import Home

LOG = "zhongyuan"


class Superuser:
    """Somebody who may write any row of a log's schema; no trigger or constraint stops him."""

    def __init__(self, url: str, schema: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema)))
        self._connection.execute("SET session_replication_role = replica")

    def does(self, text: str, *arguments: object) -> None:
        self._connection.execute(text.encode(), arguments)

    def reads(self, text: str, *arguments: object) -> list[Any]:
        return self._connection.execute(text.encode(), arguments).fetchall()

    def entries(self) -> list[bytes]:
        return [bytes(row[0]) for row in self.reads("SELECT entry FROM entry ORDER BY position")]

    def close(self) -> None:
        self._connection.close()

    def rewrites(self, entries: list[bytes], rows: list[tuple[str, str, Any, list[str]]]) -> None:
        """A whole new history: entries with id, type, instant and tags; every hash, the head, no signed head after
        it.
        """
        levels = TileLevels()
        for table in ("entry_tag", "tile_node", "tag_index", "entry"):
            self.does(f"DELETE FROM {table}")
        for position, (entry, (name, kind, at, tags)) in enumerate(zip(entries, rows, strict=True), 1):
            levels.add(leaf_hash(entry))
            self.does(
                "INSERT INTO entry VALUES (%s, %s, %s, %s, %s, %s)", position, name, kind, at, entry, leaf_hash(entry)
            )
            for tag in tags:
                self.does("INSERT INTO entry_tag VALUES (%s, %s, %s)", tag, position, kind)
        for level, hashes in levels.nodes.items():
            for index, node in enumerate(hashes):
                self.does("INSERT INTO tile_node VALUES (%s, %s, %s)", level, index, node)
        self.does("DELETE FROM checkpoint")
        frontier = levels.frontier
        self.does(
            "UPDATE log_head SET size = %s, frontier = %s, last_recorded_at = %s",
            frontier.size,
            list(frontier.hashes),
            rows[-1][2],
        )

    def history(self) -> tuple[list[bytes], list[tuple[str, str, Any, list[str]]]]:
        rows = self.reads(
            "SELECT id, type, recorded_at, ARRAY(SELECT tag FROM entry_tag t WHERE t.position = e.position) FROM "
            "entry e ORDER BY position"
        )
        return self.entries(), [(i, t, at, list(tags)) for i, t, at, tags in rows]


@dataclass
class Attacked:
    """A log that is open in one process, the superuser of its database, and the home that it is started from."""

    home: Home
    ledger: Ledger
    root: Superuser

    def submits(self) -> str:
        """What becomes of the next submission: its position follows, or why not."""
        size = self.root.reads("SELECT count(*) FROM entry")[0][0]
        told = self.home.outcome(self.ledger)
        recorded = self.root.reads("SELECT count(*) FROM entry")[0][0] - size
        assert recorded == (1 if told == "recorded" else 0), "it was recorded all the same"
        return told

    def verifies(self) -> bool:
        """Does a verification of the database, as its rows say, fit?"""
        with self.home.open(proving=False) as ledger:
            newest = self.home.file.read()
            seen = Checkpoint(newest.origin, newest.size, newest.root)
            return not check_database(ledger) and not check_against(ledger, seen)

    def starts(self) -> str:
        """What becomes of a process that starts now and records."""
        self.ledger.close()
        try:
            self.ledger = opened(self.home)
        except RongjianError as error:
            return error.code
        return self.submits()


def opened(home: Home) -> Ledger:
    return open_log(home.settings, str(home.settings.database_url), log_named(home.settings, LOG))


@contextmanager
def attacked(one_demo: Settings, database_url: str, folder: Path) -> Iterator[Attacked]:
    with copied(one_demo, database_url, folder) as settings:
        home = Home(settings, LOG, "cast")
        ledger = opened(home)
        root = Superuser(str(settings.database_url), schema_of(ledger.origin))
        found = Attacked(home, ledger, root)
        try:
            assert found.submits() == "recorded"
            yield found
        finally:
            found.ledger.close()
            root.close()
