"""What the flags of an edition look at holds the whole record of everybody who took part, read for all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.statement import edition_of
from projections.slices import history_for, payloads, reach_of
from tests.quick.played import SCENARIOS, played


@pytest.mark.parametrize("path", SCENARIOS)
def test_each_record_is_in_it_as_if_it_were_read_by_itself(path: Path) -> None:
    _, ledger = played(path)
    events, known = ledger.events(), len(ledger.events())
    took_part = [*payloads(ApplicationFiled, events), *payloads(AwardGranted, events)]
    for opened in payloads(EditionOpened, events):
        edition = opened.edition_id
        own = {e.position for e in events if f"ed:{edition}" in e.statement.tags}
        for org in {p.org for p in took_part if edition_of(p.case_id) == edition}:
            own |= reach_of(ledger, "org", org, known).found.keys()
        assert own <= {e.position for e in history_for(ledger, "inspection", edition, known).events}
