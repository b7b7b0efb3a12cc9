"""What a log's schema is made of, compared with what its migrations make.

Rows can be proven; what a table does with them can not: a trigger drops what is written, a policy hides what is read, a
column takes another type, a function of our own name is called in the place of PostgreSQL's. Each of these stands in
PostgreSQL's catalogue, and a schema that differs from the one that the migrations make is named part by part. Further
indexes are anybody's to add.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Final

from psycopg import Connection, sql

from ledger.errors import SpoiltError
from ledger.sentences import Pair, enumeration, sentence, term
from ledger.store.database import Row, migrations

#: Every part in a line of its own, the schema's own name left out: the kind, what it belongs to, and what it says.
_PARTS: Final = """
WITH own AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname = %(schema)s),
     relation AS (SELECT c.* FROM pg_catalog.pg_class c JOIN own ON c.relnamespace = own.oid
                  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))
SELECT 'relation ' || relname || ' ' || relkind::text
       || CASE WHEN relpersistence <> 'p' THEN ' not logged' ELSE '' END
       || CASE WHEN relrowsecurity OR relforcerowsecurity THEN ' with row security' ELSE '' END
  FROM relation
UNION ALL
SELECT 'column ' || r.relname || '.' || a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
       || a.attidentity::text || a.attgenerated::text
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
 WHERE r.relkind <> 'S'
UNION ALL
SELECT 'constraint ' || r.relname || ' ' || pg_catalog.pg_get_constraintdef(k.oid)
       || CASE WHEN k.convalidated THEN '' ELSE ' not validated' END
  FROM relation r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid WHERE k.contype <> 'n'
UNION ALL
SELECT 'index ' || r.relname || ' ' || pg_catalog.pg_get_indexdef(i.indexrelid)
  FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid WHERE i.indisunique
UNION ALL
SELECT 'trigger ' || r.relname || ' ' || t.tgenabled::text || ' ' || pg_catalog.pg_get_triggerdef(t.oid)
  FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule ' || r.relname || ' ' || w.rulename
  FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid
UNION ALL
SELECT 'policy ' || r.relname || ' ' || p.polname
  FROM relation r JOIN pg_catalog.pg_policy p ON p.polrelid = r.oid
UNION ALL
SELECT 'heir ' || r.relname || ' ' || h.inhrelid::pg_catalog.regclass::text
  FROM relation r JOIN pg_catalog.pg_inherits h ON h.inhparent = r.oid
UNION ALL
SELECT 'function ' || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ') '
       || pg_catalog.md5(p.prosrc)
  FROM pg_catalog.pg_proc p JOIN own ON p.pronamespace = own.oid
UNION ALL
SELECT 'operator ' || o.oprname || ' ' || o.oprleft::pg_catalog.regtype::text || ' '
    || o.oprright::pg_catalog.regtype::text
  FROM pg_catalog.pg_operator o JOIN own ON o.oprnamespace = own.oid
UNION ALL
SELECT 'type ' || t.typname
  FROM pg_catalog.pg_type t JOIN own ON t.typnamespace = own.oid
 WHERE t.typtype IN ('d', 'e', 'r', 'm') OR (t.typtype = 'b' AND t.typelem = 0)
"""

_EXPECTED: Final = "schema.txt"


def parts(connection: Connection[Row], schema: str) -> frozenset[str]:
    """Every part of a schema, a line each, without the schema's name."""
    # Of what the schema itself holds nothing may have a say in how it is looked at; names of it are told in full.
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path TO pg_catalog")
        rows = connection.execute(_PARTS.encode(), {"schema": schema}).fetchall()
    return frozenset(str(line).replace(f"{schema}.", "").replace(f'"{schema}".', "") for (line,) in rows)


def expected() -> frozenset[str]:
    """The parts that the shipped migrations make; ``make spec`` writes them from a new schema."""
    text = resources.files("ledger.store").joinpath(_EXPECTED).read_text("utf-8")
    return frozenset(text.splitlines())


def differences(connection: Connection[Row], schema: str) -> list[tuple[str, str]]:
    """What a schema, migrated to the newest version, has and should not, or has not and should: (expected, found), in
    order.

    The record of its migrations is compared as well. A part that is there on one side alone is "nothing" on the other.
    """
    found, wanted = parts(connection, schema), expected()
    told = _paired(sorted(wanted - found), sorted(found - wanted))
    shipped = {(number, name, hashlib.sha256(text.encode()).hexdigest()) for number, name, text in migrations()}
    noted = _noted(connection, schema) if "relation migration r" in found else set()
    told += [(f"migration {number} {name}", "nothing, or other bytes") for number, name, _ in sorted(shipped - noted)]
    return told + [("nothing", f"migration {row[0]} {row[1]}") for row in sorted(noted - shipped, key=str)]


def _paired(wanted: Sequence[str], found: Sequence[str]) -> list[tuple[str, str]]:
    """What is missing beside what is there instead: the same table, column or trigger, said otherwise."""
    instead = {_subject(part): part for part in found}
    told = [(part, instead.pop(_subject(part), "nothing")) for part in wanted]
    return told + [("nothing", part) for part in found if instead.get(_subject(part)) == part]


def _subject(part: str) -> str:
    """What a part is about: its kind and name, and of a trigger its name too, which stands after its text's second
    word.
    """
    words = part.split(" ")
    named = words[:2] if words[0] in ("relation", "column", "function") else words
    if words[0] == "trigger":
        named = [*words[:2], words[words.index("TRIGGER") + 1]]
    return " ".join(named)


def check_unaltered(connection: Connection[Row], schema: str) -> None:
    """Raise EvidenceError (``schema_altered``) where a schema is not what the migrations make: what it keeps and shows
    is not ours to know.
    """
    told = differences(connection, schema)
    if told:
        named = enumeration((_in_words(*pair) for pair in told[:3]), term("between parts", "; "))
        more = f" (+{len(told) - 3})" if len(told) > 3 else ""
        raise SpoiltError(
            "schema_altered",
            sentence(
                "the tables of this log are not as this version makes them: {parts}{more}. Somebody has changed what "
                "the database does; nothing is read or recorded until they are as they were. rongjian verify names "
                "every part",
                parts=named,
                more=more,
            ),
            parts=[f"{wanted} -> {found}" for wanted, found in told],
        )


def _in_words(wanted: str, found: str) -> Pair:
    if wanted == "nothing":
        return sentence("{found} is none of ours", found=found)
    if found.startswith("nothing"):
        return sentence("{wanted} is missing", wanted=wanted)
    return sentence("{found} instead of {wanted}", found=found, wanted=wanted)


def _noted(connection: Connection[Row], schema: str) -> set[Row]:
    query = sql.SQL("SELECT number, name, sha256 FROM {}.migration").format(sql.Identifier(schema))
    return set(connection.execute(query).fetchall())
