"""The log that a measurement grows is one that the product would have: decided or taken over, its statements are the
same, it is proven when it is opened, and the mixture is recorded in it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from api.home.bootstrap import open_log
from ledger.entry import unframe
from tests.benchmarks.counting import counting
from tests.benchmarks.grown import Grown, a_grown_log, receipts


def _envelopes(grown: Grown) -> list[bytes]:
    return [unframe(row.entry)[0] for row in grown.ledger.recorder.entries()]


def test_a_log_taken_over_undecided_holds_what_was_decided_and_goes_on(database_url: str) -> None:
    with a_grown_log(database_url) as decided:
        decided.admit(300)
        expected = _envelopes(decided)
    with a_grown_log(database_url) as grown:
        grown.admit(100)
        grown.restore(300)
        assert _envelopes(grown) == expected
        size = grown.ledger.size()
        with counting(grown.ledger) as counted:
            receipts(grown.ledger.submit_many(grown.mixture(100)))
        assert grown.ledger.size() == size + 100
        types = [event.statement.type for event in grown.ledger.events(after=size)]
        assert {t: types.count(t) for t in sorted(set(types))} == {
            "EventAnnulled": 2,
            "IncidentRecorded": 80,
            "PrincipalRegistered": 18,
        }
        assert counted.sql > 0
        assert counted.entries > 0
        # Others are told of the last commit first.
        time.sleep(0.1)
        grown.ledger.close()
        grown.ledger = open_log(grown.settings, grown.url, grown.home, grown.clock)
        assert grown.ledger.size() == size + 100
        grown.clock.advance(datetime.now(UTC))
        receipts(grown.ledger.submit_many(grown.mixture(10)))
