"""An entry whose bytes are known from before is the same event when it is read again, with fewer looks at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.entry import frame, parse, parse_again
from ledger.tlog.tiles import split_bundle
from tests.given_out.given import GIVEN, Given
from tests.quick.played import SCENARIOS, played


@pytest.mark.parametrize("path", SCENARIOS)
def test_entries_are_the_same_when_they_are_parsed_again(path: Path) -> None:
    _, ledger = played(path)
    entries = [frame(e.envelope.to_bytes(), e.recorded_at) for e in ledger.events()]
    assert [parse_again(n, entry) for n, entry in enumerate(entries, 1)] == [
        parse(n, entry) for n, entry in enumerate(entries, 1)
    ]


@pytest.mark.parametrize("given", GIVEN, ids=str)
def test_entries_that_earlier_versions_gave_out_are_too(given: Given) -> None:
    tiles = sorted((given.folder / "export" / "tile" / "entries").rglob("*"))
    entries = [entry for tile in tiles if tile.is_file() for entry in split_bundle(tile.read_bytes())]
    assert len(entries) > 50
    assert [parse_again(n, entry) for n, entry in enumerate(entries, 1)] == [
        parse(n, entry) for n, entry in enumerate(entries, 1)
    ]
