"""Six logs of one process keep what they read in one room, and read the same with little of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from ledger.ahead import Ahead
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.kept_slices import KeptSlices
from ledger.proven_log import ProvenLog
from ledger.room import Room
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import StoredEntry
from ledger.tlog.merkle import leaf_hash
from tests.memory_ledger import in_memory

SCENARIO = next(iter(sorted(Path("api/scenario/demo").glob("*.toml"))))


class _Rows:
    """The rows of a log, as its recorder reads them."""

    def __init__(self, rows: Sequence[StoredEntry]) -> None:
        self._rows = rows
        self.read = 0

    def entries_at(self, positions: Sequence[int]) -> dict[int, bytes]:
        self.read += len(positions)
        return {position: self._rows[position - 1].entry for position in positions}


def _stop(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("most", [0, 60_000, 500_000, 100_000_000])
def test_six_logs_stay_below_the_total_whatever_is_read(most: int) -> None:
    room = Room(most)

    class _InRoom(ProvenLog):
        pass

    _InRoom.room = room
    ledger = in_memory(SCENARIO)[1]
    events: list[RecordedEvent] = ledger.events()
    stored = [row for e in events if (row := ledger.log.by_id(e.statement.id)) is not None]
    rows = [StoredEntry(r.position, r.id, r.type, r.recorded_at, r.entry, leaf_hash(r.entry)) for r in stored]
    behind = [_Rows(rows) for _ in range(6)]
    logs = [_InRoom(cast(PostgresRecorder, each), events[0].statement.log, _stop) for each in behind]
    kept = [KeptSlices(log) for log in logs]
    tags = sorted({tag for e in events for tag in e.statement.tags})[:60]
    for log in logs:
        log.take(rows)
        assert room.bytes <= most
    for tag in tags:
        query = DCBQuery([DCBQueryItem(tags=(tag,))])
        expected = [e for e in events if e.matches(query)]
        for log, slices in zip(logs, kept, strict=True):
            assert slices.at(log.size, Ahead()).events(query) == expected
            assert log.events(query, until=log.size) == expected
            assert room.bytes <= most
    assert [log.events(until=log.size) for log in logs] == [events] * 6
    assert room.bytes <= most
    # Where there is room for all, nothing is read that was recorded here.
    assert [each.read > 0 for each in behind] == [most < 100_000_000] * 6
