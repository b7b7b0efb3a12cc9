"""What is kept of a subject from position to position answers as if it were made from nothing."""

from __future__ import annotations

import json
import random
import secrets
import warnings
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.entry import RecordedEvent
from ledger.events.decision import GovernmentDecisionMade
from projections.as_of import tell
from projections.deriving import NotDerivableWarning
from projections.facts import fact_named
from projections.followed import Followed, FollowedRoom
from projections.replayed import InMemory, replayed
from projections.runner import Batch
from projections.slices import Source
from tests.projections.mixed_up import Entries, annulled_in_a_circle, mixed_up
from tests.quick.played import SCENARIOS, played

AMPLE = 1_000_000_000
#: Room for a subject or two.
SCANT = 100_000


@cache
def _plain(path: Path) -> InMemory:
    _, ledger = played(path)
    return replayed(ledger, ledger.size(), ledger.size())


@pytest.mark.parametrize("room", [AMPLE, SCANT], ids=["ample", "scant"])
@pytest.mark.parametrize("path", SCENARIOS)
def test_a_register_that_follows_its_subjects_is_that_made_from_nothing(path: Path, room: int) -> None:
    _, ledger = played(path)
    followed = replayed(ledger, ledger.size(), ledger.size(), followed=Followed(FollowedRoom(room)))
    assert followed.rows() == _plain(path).rows()
    assert followed.links == _plain(path).links


@pytest.mark.parametrize("path", SCENARIOS[:8])
def test_how_a_log_is_cut_into_batches_makes_no_difference(path: Path) -> None:
    _, ledger = played(path)
    seed = secrets.randbelow(2**32)
    followed = _in_batches(ledger, ledger.events(), random.Random(seed), Followed(FollowedRoom(AMPLE)))
    assert followed.rows() == _plain(path).rows(), f"seed {seed}"
    assert followed.links == _plain(path).links, f"seed {seed}"


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in SCENARIOS
        if path.id in ("jinshui", "money-zhongyuan", "undone-zhongyuan", "succession-hengyang", "set-aside-yunlan")
    ],
)
@pytest.mark.parametrize("room", [AMPLE, SCANT], ids=["ample", "scant"])
def test_whatever_was_recorded_late_is_followed_as_from_nothing(path: Path, room: int) -> None:
    """The entries of a course in another order, with annulments from some day on and corrections among them."""
    _, ledger = played(path)
    seed = secrets.randbelow(2**32)
    chance = random.Random(seed)
    events = mixed_up(ledger.events(), chance)
    log = Entries(events, ledger.packs())
    with warnings.catch_warnings():
        # A record in such an order may be one that no fold foresaw: both ways say so.
        warnings.simplefilter("ignore", NotDerivableWarning)
        plain = _in_batches(log, events, random.Random(seed), None)
        followed = _in_batches(log, events, chance, Followed(FollowedRoom(room)))
    assert followed.rows() == plain.rows(), f"seed {seed}"
    assert followed.links == plain.links, f"seed {seed}"


def _in_batches(
    source: Source, events: list[RecordedEvent], chance: random.Random, followed: Followed | None
) -> InMemory:
    """The register of a log that was followed as it came in, a few entries at a time or many."""
    memory, cut = InMemory(), 0
    while cut < len(events):
        size = chance.choice((1, 2, 5, 20, 100))
        Batch(source, memory, events[cut : cut + size], followed).process()
        cut += size
    return memory


def test_annulments_in_a_circle_are_followed_as_from_nothing() -> None:
    """Nobody can record them; and whoever reads them says of each subject that it cannot be derived."""
    path = next(path for param in SCENARIOS if param.id == "undone-yunlan" for path in param.values)
    _, ledger = played(path)  # type: ignore[arg-type]
    log = Entries(annulled_in_a_circle(ledger.events()), ledger.packs())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotDerivableWarning)
        followed = _in_batches(log, log.events(), random.Random(1), Followed(FollowedRoom(AMPLE)))
        plain = _in_batches(log, log.events(), random.Random(2), None)
    assert followed.rows() == plain.rows()
    assert any('"not_derivable"' in row.answer for row in plain.rows())


def test_a_bar_that_cannot_be_told_rests_on_something_else_as_its_reasons_end() -> None:
    """Nobody can record a revocation without its decision; where one is missing, what is told of each day is told of
    every day of its row.
    """
    path = next(path for p in SCENARIOS if p.id == "money-zhongyuan" for path in p.values)
    _, ledger = played(path)  # type: ignore[arg-type]
    undecided = [e for e in ledger.events() if not isinstance(e.statement.payload, GovernmentDecisionMade)]
    log = Entries([replace(e, position=n) for n, e in enumerate(undecided, 1)], ledger.packs())
    known = len(undecided)
    rows = [r for r in replayed(log, known, known).rows() if r.fact == "org.reapply" and r.known_to is None]
    for row in rows:
        first = date.fromisoformat(row.valid_from)
        last = date.fromisoformat(row.valid_to) - timedelta(days=1) if row.valid_to else date(2035, 1, 1)
        days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 20)]
        told = {json.dumps(_reapply(log, row.subject, day, known), sort_keys=True) for day in [*days, last]}
        assert len(told) == 1, row
    assert any('"undetermined"' in row.answer for row in rows)


def _reapply(log: Entries, subject: str, day: date, known: int) -> dict[str, object]:
    return tell(log, fact_named("org.reapply"), subject.partition(":")[2], day, known).answer.to_json()
