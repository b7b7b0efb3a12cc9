"""A site that is written again: what an entry does not concern stands, and all is as it is made from nothing."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.home.open_logs import OpenLog, OpenLogs
from api.home.settings import Settings
from api.public.pages import Window
from api.public.publishing import publish
from api.v1.axes import axes
from ledger.errors import ConflictError
from ledger.tlog.proof import parse_proof

BASE, DAY = "https://honours.example/", "2026-01-10"


@pytest.fixture(scope="module")
def logs(demo_home: Settings) -> Iterator[OpenLogs]:
    opened = OpenLogs(demo_home, str(demo_home.database_url))
    yield opened
    opened.close()


def _window(log: OpenLog, known: int | None = None, day: str = DAY) -> Window:
    return Window(log, axes(log, day, None if known is None else str(known)))


def _files(folder: Path) -> dict[str, bytes]:
    """All but the proofs: each stands under the head under which it was written first."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".tlog-proof")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", ["zhongyuan", "ganzhou"])
def test_written_again_after_any_entries_it_is_what_is_written_from_nothing(
    logs: OpenLogs, tmp_path: Path, name: str
) -> None:
    log, seed = logs[name], random.randrange(10**6)
    print("seed", seed)
    size = log.ledger.size()
    steps = [*sorted(random.Random(seed).sample(range(20, size), 6)), size - 1, size]
    for step, known in enumerate(steps):
        publish([_window(log, known)], tmp_path / "again", BASE, tmp_path / "record")
        publish([_window(log, known)], tmp_path / f"{step}", BASE)
        assert _files(tmp_path / "again") == _files(tmp_path / f"{step}"), known


def test_an_entry_makes_only_the_pages_anew_that_it_may_concern(logs: OpenLogs, tmp_path: Path) -> None:
    log = logs["zhongyuan"]
    known = next(
        e.position
        for e in log.ledger.events()
        if e.position > log.ledger.size() // 2 and e.statement.type == "ScoreSubmitted"
    )
    first = publish([_window(log, known - 1)], tmp_path / "site", BASE, tmp_path / "record")
    before = _files(tmp_path / "site")
    again = publish([_window(log, known)], tmp_path / "site", BASE, tmp_path / "record")
    after = _files(tmp_path / "site")
    # What is told of who has seen the log's heads is live, and the first page of all names the place of each log.
    assert {path for path in after if before.get(path) != after[path]} <= {
        *(f"{language}/index.html" for language in ("zh", "en")),
        *(f"{language}/zhongyuan/seen/{file}" for language in ("zh", "en") for file in ("index.html", "data.json")),
    }
    assert again["written"] <= 6 < first["written"] // 10


def test_a_file_that_somebody_changed_or_removed_is_written_again(logs: OpenLogs, tmp_path: Path) -> None:
    window = _window(logs["zhongyuan"])
    publish([window], tmp_path / "site", BASE, tmp_path / "record")
    before = _files(tmp_path / "site")
    changed, gone = tmp_path / "site/zh/zhongyuan/awards/index.html", tmp_path / "site/zh/zhongyuan/notices/data.json"
    tile = next((tmp_path / "site/logs/zhongyuan/entry").glob("[0-9]*"))
    for path in (changed, tile):
        old = path.stat()
        content = bytearray(path.read_bytes())
        content[-2] ^= 1
        path.write_bytes(content)
        # Whoever hides it gives the file its old times.
        os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    gone.unlink()
    count = publish([window], tmp_path / "site", BASE, tmp_path / "record")
    assert (count["written"], _files(tmp_path / "site")) == (3, before)


def test_another_day_or_an_earlier_state_is_written_as_from_nothing(logs: OpenLogs, tmp_path: Path) -> None:
    log = logs["zhongyuan"]
    for number, (known, day) in enumerate([(None, DAY), (150, DAY), (None, "2024-01-01"), (None, DAY)]):
        publish([_window(log, known, day)], tmp_path / "site", BASE, tmp_path / "record")
        publish([_window(log, known, day)], tmp_path / f"{number}", BASE)
        assert _files(tmp_path / "site") == _files(tmp_path / f"{number}")


@pytest.mark.parametrize("damage", ["no database", "cut short", "rows of another form", "another history"])
def test_whatever_happens_to_the_record_the_site_is_what_it_should_be(
    logs: OpenLogs, tmp_path: Path, damage: str
) -> None:
    window, record = _window(logs["zhongyuan"]), tmp_path / "record"
    publish([window], tmp_path / "site", BASE, record)
    before = _files(tmp_path / "site")
    match damage:
        case "no database":
            record.write_bytes(b"not a database" * 1_000)
        case "cut short":
            record.write_bytes(record.read_bytes()[:50_000])
        case "rows of another form":
            with sqlite3.connect(record) as connection:
                connection.execute("UPDATE site SET form = 0")
        case _:
            with sqlite3.connect(record) as connection:
                connection.execute("UPDATE log SET root = 'other'")
    publish([window], tmp_path / "site", BASE, record)
    assert _files(tmp_path / "site") == before


def test_two_who_write_one_site_do_not_mix(logs: OpenLogs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.public.site_record._WAIT", 0.05)
    window, record = _window(logs["zhongyuan"]), tmp_path / "record"
    publish([window], tmp_path / "site", BASE, record)
    with sqlite3.connect(record, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConflictError) as refused:
            publish([window], tmp_path / "site", BASE, record)
    assert refused.value.code == "site_being_written"


def test_a_proof_stands_under_the_head_under_which_it_was_written(logs: OpenLogs, tmp_path: Path) -> None:
    log = logs["zhongyuan"]
    publish([_window(log)], tmp_path / "site", BASE, tmp_path / "record")
    folder = tmp_path / "site/logs/zhongyuan/entry"
    proofs = sorted(folder.glob("*.tlog-proof"))
    before = [path.stat().st_mtime_ns for path in proofs]
    publish([_window(log)], tmp_path / "site", BASE, tmp_path / "record")
    assert [path.stat().st_mtime_ns for path in proofs] == before
    for path in proofs:
        proof = parse_proof(path.read_bytes())
        assert proof.index == int(path.name.partition(".")[0]) - 1
