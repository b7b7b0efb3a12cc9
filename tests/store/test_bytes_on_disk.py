"""What an entry takes on the disk of the database: everything that is kept of it, over the bytes of the entry."""

from __future__ import annotations

import pytest

from tests.benchmarks.disk import grown_by
from tests.benchmarks.writing import a_town

STATEMENTS = 600


@pytest.mark.parametrize("batch", [100, 1])
def test_what_is_kept_of_an_entry_is_at_most_four_times_its_bytes(database_url: str, batch: int) -> None:
    with a_town(database_url, both_heads=True) as town:
        taken, entries = grown_by(town, STATEMENTS, batch)
    assert taken <= 4 * entries
