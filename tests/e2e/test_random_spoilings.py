"""Random spoilings of every table by a superuser: verify always comes to its end, and names what counts."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.cli.stored_verification import compare_register, compare_search
from ledger.audit.entries import Finding
from ledger.fsck.database import check_database
from projections.finder import Finder
from projections.runner import Runner
from tests.builders import Town

D = date(2023, 6, 1)
SEED = 20261128

#: What no entry says anything about: kept beside the log for a time, counted by itself, or built anew whenever in
#: doubt.
_COUNTS_NOTHING = {
    ("index_entry", "*"),  # what is signed and no entry becomes one the next time
    ("checkpoint", "*"),
    ("tag_index", "*"),  # no entry says at which sizes heads were signed
    ("cosignature", "heard_at"),
    ("document", "*"),  # that one is kept which no entry names
    ("document", "media_type"),
    ("erasure_epoch", "size"),
    ("key_encryption_key", "probe"),
    ("search_cursor", "*"),  # rows that have come to nowhere are made anew
    ("search_cursor", "version"),
    ("search_cursor", "position"),
    ("search_cursor", "one"),
    ("register_cursor", "position"),
    ("register_cursor", "derivation"),
    ("register_cursor", "current"),
    ("opening", "kek_id"),
    ("register_cursor", "generation"),
    ("erasure_epoch", "one"),
    ("log_head", "one"),
    ("identity_link", "normal"),
    ("entry_tag", "position"),
    ("opening", "erased_by"),
}
_BESIDE = {
    "visit",
    "pending_submission",
    "error_report",
    "migration",
    "data_key",
    "erasure_epoch",
    "register_cursor",
    "timestamp_token",
    "cosignature",
}

#: Values that nobody would write, by type of column.
_ODD: dict[str, list[Any]] = {
    "bigint": [-1, 0, 2**62, -(2**63), 2**63 - 1],
    "integer": [-1, 2**31 - 1],
    "smallint": [-1, 32767],
    "bytea": [b"", b"\0" * 32, b"\xff\xfe\0garbage", b'{"envelope":{},"recorded_at":""}'],
    "text": ["", "\u202eodd\u0001\u200b", "x" * 5000, "\n\n", "— a b\n", "9999-99-99"],
    "timestamp with time zone": ["infinity", "-infinity", "200000-01-01", "0044-03-15 BC"],
    "ARRAY": ["{}", "{NULL}", "{x,y,z}"],
    "boolean": [False, True],
    "jsonb": ["{}", '{"value": 1e400}', '"x"'],
    "daterange": ["empty", "(,)", "[2023-01-01,2023-01-02)"],
    "int8range": ["empty", "(,)", "[-5,9223372036854775806)"],
}


@pytest.fixture(scope="module")
def lived(new_lasting_town: Callable[[], Town]) -> Town:
    town = new_lasting_town()
    town.edition()
    town.must("ApplicationFiled", D, org="A", award="quality", case_id="GZ-2023/A")
    town.must(
        "PrincipalRegistered",
        D,
        principal_id="wxm",
        kind="person",
        person_name="王小明",
        id_number="11010519491231002X",
    )
    town.ledger.evidence.tag_index(town.ledger.size())
    Runner(town.ledger, town.database, town.ledger.size).catch_up()
    Finder(town.ledger, town.database).catch_up()
    return town


class Superuser:
    """Spoils one row, and puts everything back."""

    def __init__(self, town: Town, connection: psycopg.Connection[Any], draw: random.Random) -> None:
        self._schema, self._connection, self._draw = town.database.schema, connection, draw
        self.columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = %s "
            "ORDER BY 1, ordinal_position",
            (self._schema,),
        ).fetchall():
            self.columns.setdefault(table, []).append((column, kind))
        for table in self.columns:
            self._run("CREATE TEMP TABLE {} AS SELECT * FROM {}", sql.Identifier(f"kept_{table}"), self._named(table))
        for table, name in connection.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND connamespace = "
            "%s::regnamespace",
            (f'"{self._schema}"',),
        ).fetchall():
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'.encode())

    def spoil(self) -> tuple[str, str, bool]:
        """Change, copy or delete one row; the table, the column, and whether anything changed."""
        table = self._draw.choice(sorted(t for t, c in self.columns.items() if t != "migration" and self._count(t)))
        column, kind = self._draw.choice(self.columns[table])
        row = self._connection.execute(
            sql.SQL("SELECT ctid::text FROM {} OFFSET %s LIMIT 1").format(self._named(table)),
            (self._draw.randrange(self._count(table)),),
        ).fetchone()
        assert row is not None
        if self._draw.random() < 0.2:
            self._run("DELETE FROM {} WHERE ctid = %s::tid", self._named(table), arguments=(row[0],))
            return table, "*", True
        value = self._draw.choice(_ODD[kind])
        try:
            changed = self._connection.execute(
                sql.SQL("UPDATE {} SET {} = %s WHERE ctid = %s::tid AND {} IS DISTINCT FROM %s").format(
                    self._named(table), sql.Identifier(column), sql.Identifier(column)
                ),
                (value, row[0], value),
            ).rowcount
        except psycopg.Error:
            return table, column, False  # the type or a key of the table refuses it, whoever asks
        return table, column, changed > 0

    def put_back(self, table: str) -> None:
        self._run("DELETE FROM {}", self._named(table))
        self._run(
            "INSERT INTO {} OVERRIDING SYSTEM VALUE SELECT * FROM {}",
            self._named(table),
            sql.Identifier(f"kept_{table}"),
        )

    def _count(self, table: str) -> int:
        row = self._connection.execute(sql.SQL("SELECT count(*) FROM {}").format(self._named(table))).fetchone()
        assert row is not None
        return int(row[0])

    def _named(self, table: str) -> sql.Identifier:
        return sql.Identifier(self._schema, table)

    def _run(self, text: str, *names: sql.Identifier, arguments: tuple[Any, ...] = ()) -> None:
        self._connection.execute(sql.SQL(text).format(*names), arguments)


def _verified(town: Town, table: str = "register_fact") -> list[Finding]:
    """The findings; the register is replayed only where its own table was touched, since that takes most of the
    time.
    """
    # That a superuser's constraints are gone is always named; here it is looked at what is said of rows.
    findings = [f for f in check_database(town.ledger) if f.field != "schema"]
    if table.startswith("search"):
        findings += compare_search(town.ledger, findings, town.ledger.size())
    if table.startswith("register"):
        findings += compare_register(town.ledger, findings, town.ledger.size(), lambda *_: None).findings
    return findings


def _is_named(findings: list[Finding], table: str) -> bool:
    about = {
        "entry": (
            "position",
            "entry",
            "leaf_hash",
            "column",
            "log_head",
            "id",
            "recorded_at",
            "lookalike",
            "opening",
            "signature",
        )
    }
    about |= {"entry_tag": ("column tags", "entry_tag"), "document": ("document",), "identity_link": ("identity_link",)}
    about |= {"search_text": ("search",), "search_hash": ("search",)}
    about |= {"register_fact": ("register",), "register_link": ("register",)}
    return any(f.field.startswith(about.get(table, (table,))) for f in findings)


@pytest.mark.parametrize("part", range(3))
def test_verify_ends_and_names_what_counts_wherever_a_row_is_spoilt(lived: Town, part: int) -> None:
    assert _verified(lived) == []
    draw, met = random.Random(SEED + part), set[str]()
    with psycopg.connect(lived.database.url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        superuser = Superuser(lived, connection, draw)
        for _ in range(80):
            table, column, changed = superuser.spoil()
            try:
                findings = _verified(lived, table)
            finally:
                superuser.put_back(table)
            counts = changed and table not in _BESIDE and (table, column) not in _COUNTS_NOTHING
            assert not counts or _is_named(findings, table), (table, column, [str(f) for f in findings])
            met.add(table)
    assert {"entry", "entry_tag", "opening", "register_fact"} <= met
    assert _verified(lived) == []
