"""A log's schema against what its migrations make: what a table does with rows is not to be seen in rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from ledger.errors import EvidenceError
from ledger.store import catalogue
from ledger.store.catalogue import check_unaltered, differences
from tests.store.schema import written


def test_the_file_of_parts_is_what_the_migrations_make(database_url: str) -> None:
    assert Path(catalogue.__file__).with_name("schema.txt").read_text("utf-8") == written(database_url)


ALTERATIONS = {
    "a trigger": (
        "CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
        "CREATE TRIGGER lie BEFORE INSERT ON checkpoint FOR EACH ROW EXECUTE FUNCTION drops()",
        {"function drops()", "trigger checkpoint O"},
    ),
    "a trigger that is silent": ("ALTER TABLE entry DISABLE TRIGGER append_only", {"trigger entry D"}),
    "a trigger gone": ("DROP TRIGGER append_only ON entry", {"trigger entry O"}),
    "a column that may be empty": (
        "ALTER TABLE opening ALTER COLUMN sealed DROP NOT NULL",
        {"column opening.sealed bytea"},
    ),
    "a column of another type": (
        "ALTER TABLE visit ALTER COLUMN page TYPE varchar(3)",
        {"column visit.page character"},
    ),
    "a column more": ("ALTER TABLE entry ADD COLUMN note text DEFAULT current_user", {"column entry.note text"}),
    "a constraint gone": ("ALTER TABLE log_head DROP CONSTRAINT log_head_pkey", {"constraint log_head PRIMARY"}),
    "a constraint more": ("ALTER TABLE entry ADD CHECK (position < 9) NOT VALID", {"constraint entry CHECK"}),
    "a rule": ("CREATE RULE lie AS ON INSERT TO opening DO INSTEAD NOTHING", {"rule opening lie"}),
    "rows that are hidden": (
        "ALTER TABLE entry ENABLE ROW LEVEL SECURITY; CREATE POLICY lie ON entry USING (position <> 9)",
        {"policy entry lie", "relation entry r with row security"},
    ),
    "a view": (
        "ALTER TABLE document RENAME TO kept; CREATE VIEW document AS SELECT * FROM kept",
        {"relation document v"},
    ),
    "a table that inherits": (
        "CREATE TABLE beside () INHERITS (entry_tag)",
        {"heir entry_tag beside", "relation beside r"},
    ),
    "a function with the name of PostgreSQL's": (
        "CREATE FUNCTION hashtextextended(text, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        {"function hashtextextended(text, integer)"},
    ),
    "an operator": (
        "CREATE OPERATOR = (FUNCTION = pg_catalog.texteq, LEFTARG = text, RIGHTARG = text)",
        {"operator = text text"},
    ),
    "a unique index": ("CREATE UNIQUE INDEX one ON entry (type)", {"index entry CREATE UNIQUE INDEX one"}),
    "a table that is not logged": (
        "ALTER TABLE pending_submission SET UNLOGGED",
        {"relation pending_submission r not logged"},
    ),
    "a migration that is none of ours": ("INSERT INTO migration VALUES (9999, 'x', 'y')", {"migration 9999 x"}),
    "a migration that was another": (
        "UPDATE migration SET sha256 = 'x' WHERE number = 2",
        {"migration 2 0002_vault.sql"},
    ),
    "a migration forgotten": ("DELETE FROM migration WHERE number = 2", {"migration 2 0002_vault.sql"}),
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_what_somebody_has_changed_about_the_tables_is_named(
    alteration: str, database_url: str, new_schema: Callable[[], tuple[str, str]]
) -> None:
    statement, parts = ALTERATIONS[alteration]
    _, schema = new_schema()
    with psycopg.connect(database_url, autocommit=True) as owner:
        assert differences(owner, schema) == []
        check_unaltered(owner, schema)
        owner.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema)))
        owner.execute(statement.encode())
        told = {expected if found.startswith("nothing") else found for expected, found in differences(owner, schema)}
        assert [part for part in parts if not any(line.startswith(part) for line in told)] == []
        with pytest.raises(EvidenceError) as refused:
            check_unaltered(owner, schema)
        assert refused.value.code == "schema_altered"


def test_a_further_index_changes_nothing(database_url: str, new_schema: Callable[[], tuple[str, str]]) -> None:
    _, schema = new_schema()
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE INDEX faster ON {}.entry (id, type)").format(sql.Identifier(schema)))
        assert differences(owner, schema) == []


def test_what_is_otherwise_is_told_beside_what_was_expected(
    database_url: str, new_schema: Callable[[], tuple[str, str]]
) -> None:
    _, schema = new_schema()
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            sql.SQL("ALTER TABLE {}.opening ALTER COLUMN sealed DROP NOT NULL").format(sql.Identifier(schema))
        )
        owner.execute(sql.SQL("ALTER TABLE {}.entry DISABLE TRIGGER append_only").format(sql.Identifier(schema)))
        said = (
            "CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE "
            "FUNCTION refuse_change()"
        )
        assert differences(owner, schema) == [
            ("column opening.sealed bytea not null", "column opening.sealed bytea"),
            (f"trigger entry O {said}", f"trigger entry D {said}"),
        ]
        with pytest.raises(EvidenceError) as refused:
            check_unaltered(owner, schema)
        assert "column opening.sealed bytea，应为 column opening.sealed bytea not null" in refused.value.zh
