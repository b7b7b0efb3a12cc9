"""What an entry takes on the disk of the database: everything that is kept of it, over the bytes of the entry."""

from __future__ import annotations

import pytest

from ledger.submission import Receipt
from tests.benchmarks.writing import Mixture, a_town
from tests.builders import Town

STATEMENTS = 600


def _taken(town: Town) -> tuple[int, int]:
    """Bytes of all tables and indexes of a log, and of its entries alone."""
    query = (
        "SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace ="
        " current_schema()::regnamespace), (SELECT sum(octet_length(entry)) FROM entry)"
    )
    with town.database.connection() as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


@pytest.mark.parametrize("batch", [100, 1])
def test_what_is_kept_of_an_entry_is_at_most_four_times_its_bytes(database_url: str, batch: int) -> None:
    with a_town(database_url, both_heads=True) as town:
        mixture = Mixture(town)
        taken, entries = _taken(town)
        statements = mixture.signed(STATEMENTS)
        for first in range(0, STATEMENTS, batch):
            outcomes = town.ledger.submit_many(statements[first : first + batch])
            assert all(isinstance(outcome, Receipt) for outcome in outcomes)
        taken_then, entries_then = _taken(town)
    assert taken_then - taken <= 4 * (entries_then - entries)
