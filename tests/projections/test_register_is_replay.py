"""The register says on every day, at every position, what replay says: also between the days on which it turns."""

from __future__ import annotations

import random
import secrets
from datetime import date, timedelta
from pathlib import Path

import pytest

from projections.as_of import tell
from projections.facts import fact_named
from projections.register import RegisterRow, normal
from projections.replayed import replayed
from projections.timelines import stored
from tests.projections.test_records import ROOT, played

#: A shipped scenario with every step from the call to the clawback, and the invented regulation's.
SCENARIOS = [
    ROOT / "api" / "scenario" / "demo" / "jinshui.toml",
    ROOT / "docs" / "examples" / "yunlan-course.toml",
]
CORNERS = 400


def _holds(row: RegisterRow, on: date, known: int) -> bool:
    day = on.isoformat()
    return (
        (row.valid_from or day) <= day
        and (row.valid_to is None or day < row.valid_to)
        and (row.known_from or 0) <= known
        and (row.known_to is None or known < row.known_to)
    )


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_the_register_answers_as_replay_does_on_random_days(path: Path) -> None:
    ledger, seed = played(path), secrets.randbelow(2**32)
    size = ledger.size()
    by_place: dict[tuple[str, str], list[RegisterRow]] = {}
    for row in replayed(ledger, size, size).rows():
        by_place.setdefault((row.subject, row.fact), []).append(row)
    chance = random.Random(seed)
    places, seen = sorted(by_place), 0
    for _ in range(CORNERS):
        subject, fact = chance.choice(places)
        rows = by_place[subject, fact]
        # A day near one on which the answer turns, or any other; a position from which something was known.
        turns = [date.fromisoformat(row.valid_from) for row in rows if row.valid_from]
        on = chance.choice(turns) + timedelta(days=chance.choice((0, -1, 1, chance.randrange(-400, 1200))))
        known = chance.randrange(min(row.known_from or 1 for row in rows), size + 1)
        fitting = [row for row in rows if _holds(row, on, known)]
        if on < min(turns) or not fitting:
            # Before its first day nothing is listed of a subject.
            continue
        told = tell(ledger, fact_named(fact), subject.partition(":")[2], on, known).answer
        expected = [normal(stored(told.to_json()))]
        assert [row.answer for row in fitting] == expected, (f"seed {seed}", subject, fact, str(on), known)
        seen += 1
    assert seen > CORNERS // 4, f"seed {seed}"
