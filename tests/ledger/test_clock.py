"""Time never comes true by being recorded: a wrong clock records nothing, and what it recorded is named by two
founders.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.heads.mirror import follow, from_ledger
from api.heads.sources import fetch_from
from ledger.audit.entries import Finding, check_entries
from ledger.audit.notes import Strictness
from ledger.clock import TOLERANCE, format_instant
from ledger.derivation.doubts import Doubt
from ledger.entry import frame, unframe
from ledger.errors import PermissionRefusedError, RefusedError, UnavailableError
from ledger.fsck.database import check_database
from ledger.fsck.tiles import check_tiles
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import RestoredEntry
from ledger.store.timekeeping import Timekeeper
from ledger.tlog.policy import parse_policy
from tests.builders import Town

VERIFIER = Path(__file__).parents[2] / "docs" / "spec" / "verifier" / "verify.mjs"
TRUE_DAY, AHEAD = date(2023, 5, 4), timedelta(days=400)


@dataclass
class _Clocks:
    """A wall clock and a monotonic one, set by hand."""

    wall: datetime
    monotonic: float = 1_000.0

    def keeper(self) -> Timekeeper:
        return Timekeeper(lambda: self.wall, lambda: self.monotonic)

    def passes(self, seconds: float, *, by_wall: float | None = None) -> None:
        self.monotonic += seconds
        self.wall += timedelta(seconds=seconds if by_wall is None else by_wall)


@pytest.fixture
def clocks() -> _Clocks:
    return _Clocks(datetime(2023, 5, 4, 1, tzinfo=UTC))


def _set(town: Town, instant: datetime) -> None:
    town.clock._now = instant


def _recorded_ahead(town: Town) -> tuple[int, int, datetime]:
    """Two entries recorded while the clock was 400 days ahead; their positions, and the true time again."""
    town.edition()
    true = town.clock()
    _set(town, true + AHEAD)
    first = town.ledger.size() + 1
    for person in ("P1", "P2"):
        town.must(
            "PrincipalRegistered", TRUE_DAY, principal_id=person, kind="person", person_name="某", id_number=person
        )
    _set(town, true + timedelta(hours=1))
    return first, town.ledger.size(), true


def _corrected(town: Town, first: int, last: int, true: datetime, **changes: Any) -> Any:
    members = {
        "last_true_at": format_instant(true),
        "doubted_from": first,
        "doubted_to": last,
        "reason": "主机时钟超前",
    } | changes
    return town.act("ClockCorrected", TRUE_DAY, by="opr", with_=("gov",), refused=changes and {}, **members)


# The clocks of a machine


def test_a_clock_that_goes_on_with_the_monotonic_one_tells_the_time(clocks: _Clocks) -> None:
    keeper = clocks.keeper()
    clocks.passes(40 * 86_400, by_wall=40 * 86_400 + TOLERANCE.total_seconds() - 0.1)
    assert keeper() == clocks.wall


@pytest.mark.parametrize("by", [-400 * 86_400, -6, 6, 400 * 86_400])
def test_a_clock_that_was_set_while_the_process_runs_tells_none(clocks: _Clocks, by: float) -> None:
    keeper = clocks.keeper()
    clocks.passes(60, by_wall=60 + by)
    with pytest.raises(UnavailableError) as refused:
        keeper()
    assert refused.value.code == "clock_wrong"


def test_a_database_elsewhere_has_to_agree(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock is asked where it is another machine's; on this machine there is only one clock."""
    keeper = Timekeeper(lambda: datetime.now(UTC) + timedelta(seconds=7))
    PostgresRecorder(town.database, keeper).append_commands([])
    assert town.database.remote is False
    monkeypatch.setitem(town.database.__dict__, "remote", True)
    with pytest.raises(UnavailableError) as refused:
        PostgresRecorder(town.database, keeper).append_commands([])
    assert refused.value.code == "clock_wrong"
    PostgresRecorder(town.database, Timekeeper()).append_commands([])


# Recording


def test_a_log_that_ends_in_the_future_records_nothing_until_then(town: Town) -> None:
    first, last, true = _recorded_ahead(town)
    for instant in (true + timedelta(hours=1), true + AHEAD - timedelta(seconds=6)):
        _set(town, instant)
        with pytest.raises(UnavailableError) as refused:
            town.act(
                "PrincipalRegistered", TRUE_DAY, principal_id="P3", kind="person", person_name="某", id_number="P3"
            )
        assert (refused.value.code, town.ledger.size()) == ("clock_wrong", last)
    _set(town, true + AHEAD)
    town.must("PrincipalRegistered", TRUE_DAY, principal_id="P3", kind="person", person_name="某", id_number="P3")
    assert (first, town.ledger.size()) == (last - 1, last + 1)


def test_being_seconds_behind_the_last_entry_is_no_error_and_time_does_not_go_back(town: Town) -> None:
    town.edition()
    before = town.ledger.recorder.head().last_recorded_at
    assert before is not None
    _set(town, before - timedelta(seconds=4))
    town.must("PrincipalRegistered", TRUE_DAY, principal_id="P1", kind="person", person_name="某", id_number="P1")
    assert town.ledger.recorder.recorded_at(town.ledger.size()) == before


def test_what_is_decided_before_the_lock_is_decided_again_under_it(town: Town) -> None:
    """Somebody with a wrong clock recorded between our decision and our recording."""
    town.edition()
    submission = town.signed(
        "PrincipalRegistered", TRUE_DAY, principal_id="P1", kind="person", person_name="某", id_number="P1"
    )
    other = town.signed(
        "PrincipalRegistered", TRUE_DAY, principal_id="P2", kind="person", person_name="某", id_number="P2"
    )
    true, size, original = town.clock(), town.ledger.size(), town.ledger._sequencer.submit

    def overtaken(*asked: Any) -> Any:
        town.ledger._sequencer.submit = original  # type: ignore[method-assign]
        _set(town, true + AHEAD)
        town.ledger.submit(other)
        _set(town, true)
        return original(*asked)

    town.ledger._sequencer.submit = overtaken  # type: ignore[method-assign]
    with pytest.raises(UnavailableError) as refused:
        town.ledger.submit(submission)
    assert (refused.value.code, town.ledger.size()) == ("clock_wrong", size + 1)


# The correction


def test_two_founders_name_what_is_not_to_be_believed_and_recording_goes_on(town: Town) -> None:
    first, last, true = _recorded_ahead(town)
    outcome = _corrected(town, first, last, true)
    assert outcome.refusal is None
    town.must(
        "PrincipalRegistered", date(2023, 5, 5), principal_id="P3", kind="person", person_name="某", id_number="P3"
    )
    correction = last + 1
    corrected_at = town.ledger.recorder.recorded_at(correction)
    assert corrected_at is not None
    assert corrected_at < true + timedelta(hours=2)
    assert town.ledger.doubts() == [Doubt(first, last, true, correction, corrected_at)]
    # By a day before the correction nothing doubtful is known, and the answer says that more may have been.
    doubt = town.ledger.doubts()[0]
    assert town.ledger.known_at(true + timedelta(minutes=1)) == (first - 1, doubt)
    assert town.ledger.known_at(true - timedelta(microseconds=1)) == (first - 1 - _at(town, true), None)
    assert town.ledger.known_at(corrected_at) == (correction, None)
    assert town.ledger.known_at(true + AHEAD * 2) == (correction + 1, None)


def _at(town: Town, instant: datetime) -> int:
    return sum(row.recorded_at == instant for row in town.ledger.recorder.entries())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"doubted_to": 9_999}, "entries_unknown"),
        ({"doubted_from": 9_999}, "entries_unknown"),
        ({"last_true_at": "2024-12-01T00:00:00Z"}, "last_true_unsound"),
        ({"last_true_at": "2023-01-01T00:00:00Z"}, "last_true_unsound"),
        ({"doubted_to": -1}, "last_entry_believed"),
    ],
)
def test_a_correction_that_does_not_fit_the_log_is_refused(town: Town, changes: dict[str, Any], code: str) -> None:
    first, last, true = _recorded_ahead(town)
    if changes.get("doubted_to") == -1:
        changes = {"doubted_to": last - 1}
    outcome = _corrected(town, first, last, true, **changes)
    assert (outcome.refusal.code, town.ledger.size()) == (code, last)


def test_a_correction_takes_two_founders_and_stands(town: Town) -> None:
    first, last, true = _recorded_ahead(town)
    members = {"last_true_at": format_instant(true), "doubted_from": first, "doubted_to": last, "reason": "x"}
    for who, other in (("opr", ()), ("opr", ("opr",)), ("opr", ("dis",)), ("sup", ("gov",))):
        with pytest.raises(RefusedError):
            town.must("ClockCorrected", TRUE_DAY, by=who, with_=other, **members)
    with pytest.raises(PermissionRefusedError):
        town.must("ClockCorrected", TRUE_DAY, by="opr", with_=("dis",), **members)
    event = town.must("ClockCorrected", TRUE_DAY, by="sech", with_=("gov",), **members)
    assert town.refused("ClockCorrected", TRUE_DAY, by="opr", with_=("gov",), **members).code == "already_doubted"
    refused = town.refused(
        "EventAnnulled", TRUE_DAY, target=event, effect="void_ab_initio", reason="overturned", by="dis", as_="DIS"
    )
    assert refused.code == "correction_stands"


# Verifiers


def test_both_verifiers_take_a_step_back_at_a_correction_only(town: Town, tmp_path: Path) -> None:
    first, last, true = _recorded_ahead(town)
    _corrected(town, first, last, true)
    town.must(
        "PrincipalRegistered", date(2023, 5, 5), principal_id="P3", kind="person", person_name="某", id_number="P3"
    )
    assert _noted(lambda s: check_database(town.ledger, strictness=s)) == [(last + 1, "time_doubted")]
    follow(from_ledger(town.ledger), tmp_path, parse_policy(town.ledger.heads.own_policy().encode()))
    head = (
        parse_policy(town.ledger.heads.own_policy().encode()).verify((tmp_path / "checkpoint").read_bytes()).checkpoint
    )
    assert check_tiles(fetch_from(str(tmp_path)), head) == []
    assert _node(tmp_path, str(town.ledger.evidence.verifier_key)) == []


def test_time_that_steps_back_without_a_correction_is_a_finding(town: Town) -> None:
    first, last, true = _recorded_ahead(town)
    _corrected(town, first, last, true)
    town.must(
        "PrincipalRegistered", date(2023, 5, 5), principal_id="P3", kind="person", person_name="某", id_number="P3"
    )
    entries = [(row.position, row.entry) for row in town.ledger.recorder.entries()]

    def moved(position: int, to: datetime) -> list[int]:
        changed = [(p, frame(unframe(e)[0], to) if p == position else e) for p, e in entries]
        found = [f.position for f in check_entries(changed, town.ledger.origin)[0] if f.field == "recorded_at"]
        return found[:1]

    corrected_at = unframe(entries[last][1])[1]
    assert moved(last + 1, true - timedelta(microseconds=1)) == [last + 1], "before the last true instant"
    assert moved(last + 2, corrected_at - timedelta(microseconds=1)) == [last + 2], "no correction"
    assert moved(last + 1, true) == [], "at the last true instant"
    assert moved(first - 1, true + timedelta(microseconds=1)) == [last + 1], "an entry that is believed lies after it"


def test_verify_tells_what_was_recorded_in_the_future(town: Town) -> None:
    first, _, true = _recorded_ahead(town)
    strictness = Strictness(true)
    assert check_database(town.ledger, strictness=strictness) == []
    assert [(n.position, n.code) for n in strictness.notes] == [(first, "recorded_in_the_future")]


def test_the_database_keeps_the_head_from_going_back_elsewhere(town: Town, database_url: str) -> None:
    first, last, true = _recorded_ahead(town)
    _corrected(town, first, last, true)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'SET search_path TO "{town.database.schema}"'.encode())
        back = "UPDATE log_head SET size = size + 1, last_recorded_at = last_recorded_at - interval '1 day'"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(back.encode())


def test_a_log_with_a_correction_is_restored(town: Town, new_town: Callable[..., Town]) -> None:
    first, last, true = _recorded_ahead(town)
    _corrected(town, first, last, true)
    rows = town.ledger.recorder.entries()
    tags = town.ledger.recorder.tags_of([r.position for r in rows])
    other = new_town("ganzhou/2022")
    restored = [
        replace(RestoredEntry(r.id, r.type, tuple(tags[r.position]), r.recorded_at, r.entry), id=f"x{r.id[1:]}")
        for r in rows
    ]
    size = other.ledger.size()
    assert other.ledger.recorder.restore(restored) == size + len(rows)


def _noted(check: Callable[[Strictness], list[Finding]]) -> list[tuple[int, str]]:
    strictness = Strictness(datetime.now(UTC))
    assert check(strictness) == []
    return [(n.position, n.code) for n in strictness.notes]


def _node(folder: Path, key: str) -> list[dict[str, Any]]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine")
    done = subprocess.run(
        [node, str(VERIFIER), str(folder), key], capture_output=True, text=True, timeout=120, check=False
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found
