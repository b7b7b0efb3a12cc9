"""A database whose owner has changed what it does: other columns, triggers, views, policies and settings than ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.home.settings import Settings
from tests.store.attacks import attacked

_DROPS = "CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
_ALTERS = (
    "CREATE FUNCTION alters() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.entry = NEW.entry || '\\x00'; "
    "RETURN NEW; END $$"
)
_MOVES = (
    "CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.pointer = NEW.pointer || 'x'; "
    "RETURN NEW; END $$"
)
_RENAMES = (
    "CREATE FUNCTION renames() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.subject = 'somebody else'; "
    "RETURN NEW; END $$"
)
_ALWAYS = "ALTER TABLE {} ENABLE ALWAYS TRIGGER lie"


def _nulled(table: str, column: str, where: str = "") -> tuple[str, ...]:
    return (f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL", f"UPDATE {table} SET {column} = NULL {where}")


def _trigger(function: str, table: str, when: str) -> tuple[str, ...]:
    name = function.split()[2][:-2]
    return (
        function,
        f"CREATE TRIGGER lie BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        _ALWAYS.format(table),
    )


_MIDDLE = "WHERE position = 9"


def _set(setting: str) -> tuple[str, ...]:
    return (f"DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET {setting}', current_database()); END $$",)


LIES: dict[str, tuple[tuple[str, ...], str, str]] = {
    **{
        f"no {c} of an entry": (_nulled("entry", c, _MIDDLE), "recorded", "schema_altered")
        for c in ("id", "type", "recorded_at", "entry", "leaf_hash")
    },
    **{
        f"no {c} of the head": (_nulled("log_head", c), "log_spoilt", "schema_altered")
        for c in ("size", "frontier", "last_recorded_at")
    },
    "no head": (("DELETE FROM log_head",), "log_spoilt", "log_spoilt"),
    "entries as text": (
        ("ALTER TABLE entry ALTER COLUMN entry TYPE text USING encode(entry, 'hex')",),
        "database_error",
        "schema_altered",
    ),
    "entries that are not kept": (_trigger(_DROPS, "entry", "INSERT"), "database_error", "schema_altered"),
    "entries kept with other bytes": (_trigger(_ALTERS, "entry", "INSERT"), "not_kept", "schema_altered"),
    "a head that does not move": (_trigger(_DROPS, "log_head", "UPDATE"), "not_kept", "schema_altered"),
    "tags that are not kept": (_trigger(_DROPS, "entry_tag", "INSERT"), "not_kept", "schema_altered"),
    "entries hidden from us": (
        ("ALTER TABLE entry ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON entry USING (position <> 9)"),
        "recorded",
        "schema_altered",
    ),
    "a view in the place of entries": (
        (
            "ALTER TABLE entry RENAME TO kept",
            "CREATE VIEW entry AS SELECT position, id, type, recorded_at, entry || '\\x00'::bytea AS entry, "
            "leaf_hash FROM kept",
            "GRANT ALL ON entry TO rongjian_app",
        ),
        "database_error",
        "schema_altered",
    ),
    "bytes in another spelling": (_set("bytea_output = escape"), "recorded", "recorded"),
    "times in another spelling": (_set("datestyle = ''German, DMY''"), "recorded", "recorded"),
    "text in another encoding": (_set("client_encoding = LATIN1"), "recorded", "recorded"),
    "text in no encoding": (_set("client_encoding = SQL_ASCII"), "recorded", "recorded"),
    "quotes of another kind": (_set("standard_conforming_strings = off"), "recorded", "recorded"),
    "no word in a tag": (
        (
            "ALTER TABLE entry_tag DROP CONSTRAINT entry_tag_pkey",
            "ALTER TABLE entry_tag ALTER COLUMN tag DROP NOT NULL",
            "UPDATE entry_tag SET tag = NULL WHERE position = 9",
        ),
        "recorded",
        "schema_altered",
    ),
    "times of another zone": (_set("timezone = ''Asia/Kathmandu''"), "recorded", "recorded"),
    "nothing may be written": (
        (
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET default_transaction_read_only = on', "
            "current_database()); END $$",
        ),
        "recorded",
        "recorded",
    ),
    "a function that bears the name of ours": (
        (
            "CREATE FUNCTION sha256(text) RETURNS bytea LANGUAGE sql AS $$ SELECT 'x'::bytea $$",
            "CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'infinity'::timestamptz $$",
        ),
        "recorded",
        "schema_altered",
    ),
    "nothing has to last": (_set("synchronous_commit = off"), "recorded", "recorded"),
    "transactions that see one moment": (_set("default_transaction_isolation = serializable"), "recorded", "recorded"),
    "names always in quotes": (_set("quote_all_identifiers = on"), "recorded", "recorded"),
    "a head more": (
        (
            "ALTER TABLE log_head DROP CONSTRAINT log_head_pkey, DROP CONSTRAINT log_head_one_check",
            "INSERT INTO log_head SELECT false, size, frontier, last_recorded_at FROM log_head",
        ),
        "database_error",
        "schema_altered",
    ),
    "no bytes of an opening": (_nulled("opening", "sealed"), "recorded", "schema_altered"),
    "no chain of a visit": (
        (
            "ALTER TABLE visit DROP CONSTRAINT visit_check, DROP CONSTRAINT visit_place_check",
            "INSERT INTO visit (at, principal, key_id, roles, page, purpose, place) VALUES (now(), 'x', '', '', "
            "'p', '', -5)",
        ),
        "recorded",
        "schema_altered",
    ),
    "no place of the register": (_nulled("register_cursor", "position"), "recorded", "schema_altered"),
    "no number of an entry": (
        (
            "ALTER TABLE entry_tag DROP CONSTRAINT entry_tag_position_fkey",
            "ALTER TABLE entry ALTER COLUMN position TYPE numeric",
        ),
        "not_kept",
        "schema_altered",
    ),
    "openings that are not kept": (_trigger(_DROPS, "opening", "INSERT"), "not_kept", "schema_altered"),
    "openings kept in another place": (_trigger(_MOVES, "opening", "INSERT"), "not_kept", "schema_altered"),
    "openings kept as somebody else's": (_trigger(_RENAMES, "opening", "INSERT"), "not_kept", "schema_altered"),
    "heads that are not kept": (_trigger(_DROPS, "checkpoint", "INSERT"), "recorded", "schema_altered"),
    "a table gone": (("DROP TABLE entry_tag CASCADE",), "database_error", "schema_altered"),
    "a column gone": (("ALTER TABLE entry DROP COLUMN type CASCADE",), "database_error", "schema_altered"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_database_that_is_not_ours_any_more_decides_nothing(
    lie: str, one_demo: Settings, database_url: str, tmp_path: Path
) -> None:
    statements, at_next, at_start = LIES[lie]
    with attacked(one_demo, database_url, tmp_path) as log:
        for statement in statements:
            log.root.does(statement)
        # What is said of it says that it is not as it was, and is never a fault of ours.
        assert log.verifies() == (at_start == "recorded")
        assert (log.submits(), log.starts()) == (at_next, at_start)
