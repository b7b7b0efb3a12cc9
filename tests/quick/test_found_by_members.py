"""Acts that are asked for by their members are those that a look through all acts of the class finds."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from ledger.derivation.growing import GrowingHistory
from ledger.derivation.history import EVER, History
from tests.quick.played import SCENARIOS, played


@pytest.mark.parametrize("path", SCENARIOS)
def test_what_is_found_by_members_is_what_a_look_through_all_finds(path: Path) -> None:
    _, ledger = played(path)
    events, known = ledger.events(), len(ledger.events())
    grown = GrowingHistory()
    grown.grow(events)
    for live in (History(events).live(EVER, known), grown.live(EVER, known)):
        asked = 0
        for kind in live.kinds:
            acts = live.of(kind)
            names = [*kind.__struct_fields__[:6]]
            for one, other in combinations(names, 2):
                wanted = {one: getattr(acts[-1].payload, one), other: getattr(acts[-1].payload, other)}
                for members in ({one: wanted[one]}, wanted, {one: wanted[other]}):
                    by_hand = [e for e in acts if all(getattr(e.payload, n) == v for n, v in members.items())]
                    assert live.of(kind, **members) == by_hand == live.known_of(kind, **members)
                    asked += 1
        assert asked > 100
    assert all(live.by_id(e.id) == e for e in live)
    assert live.by_id("nobody") is None
