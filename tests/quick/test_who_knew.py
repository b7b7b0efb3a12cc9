"""Who could have known is told from the keys that signed, not from everybody who was ever registered."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from projections.inquiry import knowledge
from projections.inquiry.knowledge import identities, who_could_have_known
from tests.quick.played import SCENARIOS, played


@pytest.mark.parametrize("path", SCENARIOS[::4])
def test_the_holders_of_the_keys_that_signed_are_those_whom_the_whole_log_knows(path: Path) -> None:
    _, ledger = played(path)
    events, known = ledger.events(), len(ledger.events())
    asked = [e.statement.id for e in events[::9]]
    told = [who_could_have_known(ledger, event_id, known) for event_id in asked]
    with patch.object(knowledge, "holders", lambda source, _signed, known: identities(source, known)):
        assert told == [who_could_have_known(ledger, event_id, known) for event_id in asked]
    assert any(row["acted"] for one in told for row in one["rows"])
