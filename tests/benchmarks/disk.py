"""Bytes on the disk of the database: everything that is kept of entries, over the bytes of the entries."""

from __future__ import annotations

from tests.benchmarks.results import Results
from tests.benchmarks.writing import Mixture, a_town
from tests.builders import Town

BATCH = 100

_TAKEN = (
    "SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace ="
    " current_schema()::regnamespace), (SELECT sum(octet_length(entry)) FROM entry)"
)


def taken(town: Town) -> tuple[int, int]:
    """Bytes of all tables and indexes of a log, and of its entries alone."""
    with town.database.connection() as connection:
        row = connection.execute(_TAKEN).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def grown_by(town: Town, statements: int, batch: int) -> tuple[int, int]:
    """By how many bytes both grow with so many statements of the mixture."""
    before, made = taken(town), Mixture(town).signed(statements)
    for first in range(0, statements, batch):
        for outcome in town.ledger.submit_many(made[first : first + batch]):
            if isinstance(outcome, BaseException):
                raise outcome
    after = taken(town)
    return after[0] - before[0], after[1] - before[1]


def run(url: str, results: Results, statements: int) -> None:
    """In batches, and one by one."""
    for name, batch in ((f"batches of {BATCH}", BATCH), ("one by one", 1)):
        with a_town(url, both_heads=True) as town:
            all_, entries = grown_by(town, statements, batch)
        results.number(f"disk, {name}: an entry", entries / statements, "bytes")
        results.number(f"disk, {name}: all that is kept of it", all_ / statements, "bytes")
        results.number(f"disk, {name}: over the bytes of the entries", all_ / entries, "x")
