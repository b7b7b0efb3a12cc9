"""Arrays in binary form are what the database and the library hold them to be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from ledger.store.arrays import Array, BlobArray, InstantArray, NumberArray, TextArray, understand_arrays

ARRAYS: list[tuple[type[Any], str, list[Any]]] = [
    (TextArray, "text[]", ["甲", "", '{"a,b"}', "NULL", "\\x"]),
    (BlobArray, "bytea[]", [b"", b"\0\xff", b"x" * 300]),
    (NumberArray, "bigint[]", [0, -1, 2**62]),
    (InstantArray, "timestamptz[]", [datetime(2026, 11, 30, 1, 2, 3, 456789, UTC), datetime(1990, 1, 1, tzinfo=UTC)]),
]


#: What the database calls a type that we write shorter.
_TYPE_NAMES = {"timestamptz[]": "timestamp with time zone[]"}


@pytest.mark.parametrize(("kind", "named", "values"), ARRAYS)
def test_an_array_arrives_as_it_was(database_url: str, kind: type[Any], named: str, values: list[Any]) -> None:
    with psycopg.connect(database_url) as connection:
        understand_arrays(connection)
        query = f"SELECT %s, pg_typeof(%s)::text, %s = %s::{named}".encode()
        for sent in (values, values[:1], []):
            array: Array = kind.of(sent)
            found = connection.execute(query, (array, array, array, sent)).fetchone()
            assert found == (sent, _TYPE_NAMES.get(named, named), True)
