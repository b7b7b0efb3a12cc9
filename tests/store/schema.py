"""Writes what the migrations make into ``ledger/store/schema.txt``: ``python -m tests.store.schema`` after a new
migration.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg

from ledger.store import catalogue, embedded
from ledger.store.database import create_log_schema


def written(url: str) -> str:
    """The parts of a schema that is made now, in order."""
    create_log_schema(url, "log_of_parts")
    with psycopg.connect(url) as connection:
        return "".join(f"{part}\n" for part in sorted(catalogue.parts(connection, "log_of_parts")))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, embedded.running(Path(folder)) as server:
        Path(catalogue.__file__).with_name("schema.txt").write_text(written(server.url), "utf-8")
