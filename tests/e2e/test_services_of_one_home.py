"""Services of one home in processes of their own: killed, stopped and refused by the disk while they write the newest
head.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.home.settings import Settings
from ledger.application import Ledger
from ledger.fsck.database import check_database
from ledger.log_signer import LogSigner
from ledger.store.database import schema_of
from ledger.store.sealed_file import SealedFile
from ledger.tlog import checkpoint
from ledger.tlog.merkle import verify_consistency, verify_inclusion
from tests.running_service import NO_ANSWER, Service, served, served_twice
from tests.small_home import LOG, ORIGIN, Home, begun_home, own_database, registration
from tests.store.stopped_at import PLACES

Outcome = tuple[int, dict[str, Any]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Iterator[Settings]:
    with own_database(database_url) as url, begun_home(tmp_path / "home", url) as settings:
        yield settings


def _statements(settings: Settings, *names: str) -> list[dict[str, Any]]:
    return [registration(settings, name) for name in names]


def _recorded(settings: Settings) -> int:
    """Entries that the database holds."""
    with psycopg.connect(str(settings.database_url)) as connection:
        row = connection.execute(
            sql.SQL("SELECT count(*) FROM {}.entry").format(sql.Identifier(schema_of(ORIGIN)))
        ).fetchone()
    assert row is not None
    return int(row[0])


def _check_receipts(settings: Settings, outcomes: list[Outcome]) -> None:
    """Every one is a receipt, each of another entry, signed, proven, under a head that the log still leads through; and
    nothing is amiss.
    """
    assert {status for status, _ in outcomes} <= {200, 201}, outcomes
    receipts = [receipt for _, receipt in outcomes]
    with Home(settings).open() as ledger:
        keys: LogSigner = ledger.heads.signer
        now = checkpoint.verify(ledger.evidence.checkpoint().encode(), keys.all_keys, ledger.origin)
        for receipt in receipts:
            then = checkpoint.verify(receipt["checkpoint"].encode(), keys.all_keys, ledger.origin)
            leaf, position = base64.b64decode(receipt["leaf_hash"]), receipt["position"]
            proof = [base64.b64decode(h) for h in receipt["inclusion_proof"]]
            verify_inclusion(leaf, position - 1, then.size, proof, then.root)
            verify_consistency(
                then.size, now.size, then.root, now.root, ledger.evidence.consistency(then.size, now.size)
            )
            assert ledger.entry(position).leaf_hash == leaf
        assert check_database(ledger) == []
        assert Home(settings).file.read().size == ledger.size() == now.size
    assert len({receipt["position"] for receipt in receipts}) == len(receipts)


@pytest.mark.parametrize("place", PLACES)
def test_a_service_killed_at_the_newest_head_loses_nothing_and_goes_on(settings: Settings, place: str) -> None:
    before = _statements(settings, "before-1", "before-2")
    crowd = _statements(settings, *(f"crowd-{n}" for n in range(6)))
    with served(settings, place, count=3) as service:
        first = [service.submit(s) for s in before]
        assert [status for status, _ in first] == [201, 201]
        assert service.submit_all(crowd) == [(NO_ANSWER, {})] * len(crowd)
        assert service.process.wait(60) == -signal.SIGKILL
    # What was committed has no receipt; the file is whole, and of before or after.
    recorded, written = _recorded(settings), Home(settings).file.read().size
    assert recorded > 3
    assert (3 < written <= recorded) if place == "replaced" else written == 3
    with served(settings) as service:
        assert service.signing() == "ok"
        assert _recorded(settings) == recorded
        again = [service.submit(s) for s in before]
        assert [r["position"] for _, r in again] == [r["position"] for _, r in first]
        outcomes = service.submit_all(crowd)
    assert _recorded(settings) == 3 + len(crowd)
    _check_receipts(settings, first + outcomes)


def test_two_services_of_one_home_take_hundreds_at_once(settings: Settings) -> None:
    halves = [_statements(settings, *(f"{side}-{n}" for n in range(100))) for side in "ab"]
    with served_twice(settings) as services:
        outcomes = _submitted_at_once(services, halves)
        assert [service.signing() for service in services] == ["ok", "ok"]
    assert _recorded(settings) == 201
    _check_receipts(settings, outcomes)


def _submitted_at_once(services: Sequence[Service], halves: list[list[dict[str, Any]]]) -> list[Outcome]:
    with ThreadPoolExecutor(len(services)) as pool:
        found = pool.map(lambda pair: pair[0].submit_all(pair[1]), zip(services, halves, strict=True))
    return [outcome for outcomes in found for outcome in outcomes]


def test_a_service_killed_with_the_lock_of_the_file_does_not_stop_another(settings: Settings) -> None:
    halves = [_statements(settings, *(f"{side}-{n}" for n in range(40))) for side in "ab"]
    with served_twice(settings, "unfinished", 10) as (stays, killed):
        outcomes = _submitted_at_once((stays, killed), halves)
        assert killed.process.wait(60) == -signal.SIGKILL
        assert {status for status, _ in outcomes[:40]} == {201}
        answered = {status for status, _ in outcomes[40:]}
        assert answered == {201, NO_ANSWER}
        later = stays.submit_all(
            s for s, (status, _) in zip(halves[1], outcomes[40:], strict=True) if status == NO_ANSWER
        )
        assert stays.signing() == "ok"
    assert _recorded(settings) == 81
    _check_receipts(settings, [outcome for outcome in outcomes if outcome[0] != NO_ANSWER] + later)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="no prlimit on this system")
def test_a_disk_without_room_for_the_newest_head_lets_no_receipt_out_and_passes(settings: Settings) -> None:
    """A limit on the size of files takes the place of a full disk: what is written beyond it is refused by the
    system.
    """
    one, other, third = _statements(settings, "one", "other", "third")
    with served(settings) as service:
        first = service.submit(one)
        size = Home(settings).file.read().size
        _limit(service, 100)
        refused = service.submit(other)
        assert (refused[0], refused[1]["code"], refused[1]["retry_after"]) == (503, "newest_head_unwritable", 60)
        # It is recorded; nothing shows a head over it, and nothing more is recorded.
        assert (_recorded(settings), Home(settings).file.read().size) == (size + 1, size)
        for statement in (one, other, third):
            status, problem = service.submit(statement)
            assert (status, problem["code"]) == (503, "newest_head_unwritable")
        event = _id(other)
        for path in (
            f"/v1/logs/{LOG}/statements/{event}/receipt",
            f"/logs/{LOG}/checkpoint",
            f"/logs/{LOG}/entry/2.tlog-proof",
        ):
            answer = service.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "newest_head_unwritable"), path
        assert service.signing() == "newest_head_unwritable"
        assert service.get(f"/v1/logs/{LOG}/awards").status_code == 200
        assert _recorded(settings) == size + 1
        _limit(service, resource.RLIM_INFINITY)
        assert service.signing() == "ok"
        outcomes = [first, *service.submit_all([other, third])]
    _check_receipts(settings, outcomes)


def _limit(service: Service, size: int) -> None:
    """The size beyond which the service can write no file."""
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _id(statement: dict[str, Any]) -> str:
    found: str = json.loads(base64.b64decode(statement["envelope"]["payload"]))["id"]
    return found


def test_a_service_that_hangs_with_the_lock_of_the_file_does_not_hang_another(settings: Settings) -> None:
    one, other = _statements(settings, "one", "other")
    with served_twice(settings, "unfinished", 1, "SIGSTOP") as (free, hanging), ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(hanging.submit, one)
        os.waitid(os.P_PID, hanging.process.pid, os.WSTOPPED | os.WNOWAIT)
        status, problem = free.submit(other)
        assert (status, problem["code"]) == (503, "newest_head_held")
        assert free.signing() == "newest_head_held"
        hanging.process.send_signal(signal.SIGCONT)
        first = stuck.result()
        outcomes = [first, free.submit(other)]
        assert free.signing() == "ok"
    _check_receipts(settings, outcomes)


def test_index_heads_asked_of_two_services_at_once_are_signed_by_both(settings: Settings) -> None:
    """Their newest head lies in a file of its own beside the key."""
    with served_twice(settings) as (one, other), ThreadPoolExecutor(8) as pool:
        for n in (1, 2):
            [(_, receipt)] = one.submit_all(_statements(settings, f"n{n}"))
            index = f"/logs/{LOG}/index/{receipt['tree_size']}"
            assert n > 1 or one.get(index).status_code == 200
            asked = [
                (service, path) for path in (index, f"/logs/{LOG}/index-log/checkpoint") * 4 for service in (one, other)
            ]
            assert {answer.status_code for answer in pool.map(lambda a: a[0].get(a[1]), asked)} == {200}
    with Home(settings).open() as ledger:
        assert _newest_index_head(Home(settings)) == ledger.index_log.size() == 2
        assert check_database(ledger) == []


def _index_heads(ledger: Ledger, home: Home) -> None:
    """One index head more in the log of them."""
    ledger.evidence.tag_index(home.records(ledger).tree_size)


def test_the_newest_index_head_never_goes_back(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One writes what it read a while ago, while another has come further."""
    home, write, both = Home(settings), SealedFile.write, threading.Event()
    first = iter([True])

    def slowly(file: SealedFile, value: dict[str, Any]) -> None:
        if file.path.name == "newest-index-head.json":
            _ = both.wait(0.5) if next(first, False) else both.set()
        write(file, value)

    with home.open() as one, home.open() as other, ThreadPoolExecutor(1) as pool:
        _index_heads(one, home)
        monkeypatch.setattr(SealedFile, "write", slowly)
        behind = pool.submit(one.index_log.sign)
        _index_heads(other, home)
        assert (other.index_log.sign()[0], behind.result()[0]) == (2, 1)
        assert _newest_index_head(home) == 2


def test_an_index_head_that_another_has_passed_is_no_spoilt_log(settings: Settings) -> None:
    home = Home(settings)
    with home.open() as one, home.open() as other:
        _index_heads(one, home)

        def meanwhile() -> int:
            _index_heads(other, home)
            other.index_log.sign()
            return 0

        one.index_log._losses = meanwhile
        assert one.index_log.sign()[0] == 1
        assert _newest_index_head(home) == 2


def _newest_index_head(home: Home) -> int:
    return int(json.loads((home.folder / "newest-index-head.json").read_text())["size"])
