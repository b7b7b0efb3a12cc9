"""How often each flag fires over the shipped scenarios: ``python -m tests.flags.fired`` counts and writes it."""

from __future__ import annotations

import logging
from collections import defaultdict
from pathlib import Path

import structlog

from api.reference.fired_flags import Fired, fired_file
from ledger.clock import shanghai_day
from ledger.events.edition import EditionOpened
from projections.as_of import tell
from projections.facts import EDITION_FLAGS
from tests.memory_ledger import MemoryLedger, in_memory

ROOT = Path(__file__).parents[2]
DEMO = sorted((ROOT / "api" / "scenario" / "demo").glob("*.toml"))
FILE = ROOT / "docs" / "flags" / "fired.toml"


def counted(ledger: MemoryLedger) -> tuple[int, dict[str, int]]:
    """The editions of a played scenario, and flag -> places where it fires on the last day."""
    events, places = ledger.events(), defaultdict[str, int](int)
    editions = {e.statement.payload.edition_id for e in events if isinstance(e.statement.payload, EditionOpened)}
    today = shanghai_day(events[-1].recorded_at)
    for edition in editions:
        for row in tell(ledger, EDITION_FLAGS, edition, today, ledger.size()).answer.to_json()["value"]["flags"]:
            places[row["flag"]] += len(row["hits"])
    return len(editions), {flag: count for flag, count in places.items() if count}


def count() -> Fired:
    editions, places = dict[str, int](), defaultdict[str, dict[str, int]](dict)
    for path in DEMO:
        editions[path.stem], found = counted(in_memory(path)[1])
        for flag, number in found.items():
            places[flag][path.stem] = number
    return Fired(editions, dict(places))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    FILE.write_text(fired_file(count()), "utf-8")
