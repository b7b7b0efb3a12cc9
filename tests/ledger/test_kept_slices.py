"""What the writer keeps between decisions is what anybody would read anew, whatever became of the batch before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import kept_slices
from ledger.ahead import Ahead
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.kept_slices import KeptSlices
from ledger.room import Room
from ledger.stored_log import StoredLog
from tests.memory_ledger import in_memory

SCENARIO = next(iter(sorted(Path("api/scenario/demo").glob("*.toml"))))


class _Log(StoredLog):
    """Entries in order, as a log that is proven knows them."""

    def __init__(self) -> None:
        self.recorded: list[RecordedEvent] = []

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        within = [e for e in self.recorded if after < e.position and (until is None or e.position <= until)]
        return [e for e in within if e.matches(query)]

    def has_tag(self, tag: str) -> bool:
        return any(tag in e.statement.tags for e in self.recorded)

    def record(self, events: Iterable[RecordedEvent]) -> None:
        self.recorded += events


@pytest.fixture(scope="module")
def written() -> list[RecordedEvent]:
    return in_memory(SCENARIO)[1].events()[:120]


def _at(event: RecordedEvent, position: int) -> RecordedEvent:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=position)
    return RecordedEvent(position, moment, event.envelope, event.statement)


@pytest.mark.parametrize("room", [10_000_000, 20_000])
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_kept_parts_are_read_anew_at_every_step(written: list[RecordedEvent], room: int, data: st.DataObject) -> None:
    log = _Log()
    log.room = Room(room)
    kept, waiting = KeptSlices(log), [*written]
    tags = sorted({tag for e in written for tag in e.statement.tags})
    types = sorted({e.statement.type for e in written})
    named = {e.statement.id for e in written}
    items = st.builds(
        DCBQueryItem,
        st.sets(st.sampled_from(types), max_size=3).map(tuple),
        st.sets(st.sampled_from(tags), max_size=2).map(tuple),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_slices, "FOLLOWED_MAX", data.draw(st.sampled_from([3, 1_000])))
        while waiting and data.draw(st.integers(0, 9)):
            ahead, size = Ahead(), len(log.recorded)
            for _ in range(data.draw(st.integers(1, 6))):
                query = DCBQuery(data.draw(st.lists(items, min_size=1, max_size=4)))
                found = kept.at(size, ahead, query.items).events(query)
                assert found == [*log.events(query, until=size), *ahead.matching(query)]
                assert kept.touched(named) == {i for i in named if log.has_tag(f"x:{i}") or ahead.has_tag(f"x:{i}")}
                assert log.room.bytes <= room
                if waiting and data.draw(st.booleans()):
                    ahead.add(_at(waiting.pop(0), size + len(ahead) + 1))
            became = data.draw(st.sampled_from(["recorded", "nothing", "others came first"]))
            if became == "recorded":
                log.record(ahead)
                log.last_taken = ahead
            elif became == "others came first":
                log.record(_at(e, size + n) for n, e in enumerate(waiting[:5], 1))
                del waiting[:5]
            elif data.draw(st.booleans()):
                waiting = waiting[:20]
