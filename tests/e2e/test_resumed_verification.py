"""Verification that breaks off goes on where it was, and notices where what it had verified is no longer the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from api.cli.parser import main
from api.heads.mirror import follow, from_ledger, held_head
from api.heads.sources import fetch_from
from ledger.audit import entries
from ledger.errors import EvidenceError
from ledger.fsck import resume
from ledger.fsck.database import check_database
from ledger.fsck.resume import Mark, Resumption
from ledger.fsck.tiles import Progress, check_tiles
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash, root_of
from ledger.tlog.policy import parse_policy
from tests.builders import Town


class BrokenOffError(Exception):
    """The machine was switched off."""


def _until(position: int) -> Progress:
    def progress(done: int, _all: int) -> None:
        if done >= position:
            raise BrokenOffError

    return progress


@pytest.fixture(scope="module")
def long_town(new_lasting_town: Callable[[], Town]) -> Town:
    town = new_lasting_town()
    town.edition()
    town.grow(600, date(2023, 5, 5))
    return town


@pytest.fixture
def grown(long_town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Town, Path, list[int]]:
    """A log of 600 entries in which nothing is recorded any more, its mirror, and a list that grows with each signature
    that is verified."""
    town = long_town
    follow(from_ledger(town.ledger), tmp_path / "m", parse_policy(town.ledger.heads.own_policy().encode()))
    verified: list[int] = []
    real = entries._verdict
    monkeypatch.setattr(entries, "_verdict", lambda e, s, k: verified.append(e.position) or real(e, s, k))
    monkeypatch.setattr(resume, "INTERVAL", 100)
    return town, tmp_path / "m", verified


def test_files_are_verified_on_from_where_a_run_broke_off(grown: tuple[Town, Path, list[int]]) -> None:
    town, folder, verified = grown
    head = held_head(folder)
    assert head is not None
    marks: list[Mark] = []
    with pytest.raises(BrokenOffError):
        check_tiles(fetch_from(str(folder)), head, _until(512), cores=1, resumption=Resumption(None, marks.append))
    assert [m.size for m in marks] == [100, 200, 300, 400, 500]
    verified.clear()
    resumed = Resumption(marks[-1], marks.append)
    assert check_tiles(fetch_from(str(folder)), head, cores=1, resumption=resumed) == []
    assert set(verified) == set(range(501, head.size + 1))
    assert marks[-1] == Mark(head.size, head.root)
    verified.clear()
    assert check_database(town.ledger, cores=1, resumption=Resumption(marks[-1])) == []
    assert verified == []


def test_a_rewritten_prefix_is_not_passed_over(grown: tuple[Town, Path, list[int]]) -> None:
    """An operator who swaps an old entry and signs a new head meets the mark, even where the rest is sound."""
    town, folder, _ = grown
    head = held_head(folder)
    assert head is not None
    rows = [row.entry for row in town.ledger.recorder.entries()]
    rows[40] = rows[41]
    leaves = [leaf_hash(entry) for entry in rows]
    bundled = folder / "tile/entries/000"
    bundled.write_bytes(b"".join(len(e).to_bytes(2) + e for e in rows[:256]))
    (folder / "tile/0/000").write_bytes(b"".join(leaves[:256]))
    forged = Checkpoint(head.origin, head.size, root_of(leaves))
    good = Mark(500, root_of([leaf_hash(row.entry) for row in town.ledger.recorder.entries()][:500]))
    with pytest.raises(EvidenceError, match="the first 500 entries were verified before") as error:
        check_tiles(fetch_from(str(folder)), forged, cores=1, resumption=Resumption(good))
    assert error.value.code == "history_rewritten"
    longer = Mark(head.size + 1, head.root)
    for check in (
        lambda r: check_tiles(fetch_from(str(folder)), head, cores=1, resumption=r),
        lambda r: check_database(town.ledger, cores=1, resumption=r),
    ):
        with pytest.raises(EvidenceError, match="the log has"):
            check(Resumption(longer))


def test_a_log_with_a_finding_leaves_no_mark_after_it(grown: tuple[Town, Path, list[int]]) -> None:
    _, folder, _ = grown
    head = held_head(folder)
    assert head is not None
    tile = folder / "tile/0/001"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    marks: list[Mark] = []
    findings = check_tiles(fetch_from(str(folder)), head, cores=1, resumption=Resumption(None, marks.append))
    assert [(f.position, f.field) for f in findings] == [(257, "tile/0/001")]
    assert [m.size for m in marks] == [100, 200]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"ORIGIN":3}', '{"ORIGIN":{"size":0,"root":""}}', '{"ORIGIN":{"size":2,"root":"zz"}}']
)
def test_a_file_that_is_no_mark_is_refused(
    town: Town, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy"
    policy.write_text(town.ledger.heads.own_policy())
    follow(from_ledger(town.ledger), tmp_path / "m", parse_policy(policy.read_bytes()))
    mark = tmp_path / "mark.json"
    command = ["verify", str(tmp_path / "m"), "--policy", str(policy), "--resume", str(mark), "--json"]
    assert main(command) == 0
    good = mark.read_text()
    assert main(command) == 0
    assert mark.read_text() == good
    mark.write_text(text.replace("ORIGIN", town.ledger.origin))
    assert main(command) == 2
    assert "Traceback" not in capsys.readouterr().err
