"""Measures submissions and answers on this machine; figures travel only as ratios within one run.

    make bench

Prints the commit latency of the disk beside every figure, and each rate as a multiple of the first line of its
block: one statement at a time.
"""

from __future__ import annotations

import base64
import gzip
import logging
import os
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from api.home.demo import load_demos
from api.home.open_logs import OpenLogs
from api.home.settings import read_settings
from api.home.telemetry import configure_logging
from api.workplace.login import LOGIN_TYPE
from ledger.audit.entries import EntryChecker
from ledger.audit.pool import examined
from ledger.signing.envelope import pre_authentication_encoding
from ledger.signing.suites import from_pem
from ledger.store import embedded
from ledger.store.database import Database, create_log_schema, schema_of
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import AppendCommand, NewEvent
from ledger.store.sequencer import Sequencer
from projections.as_of import tell
from projections.facts import AWARD_STATUS
from tests.benchmarks import following, peers, writing
from tests.benchmarks.measuring import measured
from tests.builders import Town
from tests.small_home import TEST_HOST, own_database

VERIFIED = 30_000
APPENDS = 3_000
DAY = date(2023, 6, 1)


def main() -> None:
    configure_logging(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="rongjian-bench-") as folder:
        print(f"fdatasync: {_fdatasync(Path(folder)):.2f} ms (median of 50)")
        with embedded.running(Path(folder)) as server:
            _appends(server.url)
            _submissions(server.url)
            _pages(server.url)


def _fdatasync(folder: Path) -> float:
    times = []
    with (folder / "probe").open("wb") as file:
        for _ in range(50):
            file.write(b"x" * 512)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _appends(url: str) -> None:
    """The recorder alone: one per transaction against group commit."""
    origin = f"bench.rongjian.example/{secrets.token_hex(4)}"
    create_log_schema(url, schema_of(origin))
    database = Database(url, schema_of(origin), size=40).open()
    recorder = PostgresRecorder(database)
    data = b"x" * 500

    def event() -> AppendCommand:
        return AppendCommand((NewEvent(secrets.token_hex(16), "T", data, ("a:1", "b:2")),))

    single = _rate(APPENDS // 10, lambda: [recorder.append_commands([event()]) for _ in range(APPENDS // 10)])
    sequencer = Sequencer(recorder)

    def grouped(clients: int) -> None:
        def client() -> None:
            for _ in range(APPENDS // clients):
                sequencer.submit(event()).result()

        _in_threads(clients, client)

    print("appends of 500 bytes, no admission")
    _report("one per transaction", single, single)
    for clients in (8, 64):
        _report(f"group commit, {clients} clients", _rate(APPENDS, lambda clients=clients: grouped(clients)), single)
    sequencer.close()
    database.close()


def _submissions(url: str) -> None:
    """Signed statements through the whole of admission, then answers by replay."""
    peer = measured("stock eventsourcing, one event per save", 1_000, peers.one_per_save(url, 1_000))
    print(
        "statements through admission, each with its receipt; over the stock library, which admits and proves nothing"
    )
    for line in (peer, *writing.lines(url)):
        print(line.told(peer))
    with writing.a_town(url, both_heads=False) as town:
        answers = _rate(
            100, lambda: [tell(town.ledger, AWARD_STATUS, "GZ-2023-A", DAY, town.ledger.size()) for _ in range(100)]
        )
        print(f"answers by replay: {answers:,.0f}/s at {town.ledger.size()} entries")
        _verification(town)
    _registers(url)


def _registers(url: str) -> None:
    """The register over the library's own projection runner, which keeps its position and makes nothing."""
    peer = measured("stock eventsourcing, projection runner", 3_000, peers.following(url, 3_000))
    print("the register; over the stock library's projection runner")
    for line in (peer, *following.of_the_mixture(url)):
        print(line.told(peer))
    with tempfile.TemporaryDirectory() as folder, own_database(url) as own:
        settings = read_settings({"RONGJIAN_HOME": folder, "RONGJIAN_DATABASE_URL": own})
        load_demos(settings, own, date(2026, 6, 1), lambda *_: None)
        logs = OpenLogs(settings, own)
        print("registers of the demo logs, built from nothing and equal to replay")
        for line in following.lines(logs):
            print(line.told(peer))
        logs.close()


#: One page of each kind of the public window, and of the desk.
PAGES = (
    "",
    "notices/N-2023/",
    "awards/",
    "awards/ZY-2023-A/",
    "revocations/",
    "editions/ZY-2023/",
    "organisations/A/",
    "statistics/",
    "rules/",
)
VIEWS = ("", "cases/ZY-2023%2FA/", "flags/", "scores/", "money/", "persons/P3/")


def _pages(url: str) -> None:
    """Pages of the demo of Zhongyuan: how large, how fast first and again, and what a browser that has one is told."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            {"RONGJIAN_HOME": folder, "RONGJIAN_DATABASE_URL": url, "RONGJIAN_ALLOWED_HOSTS": TEST_HOST}
        )
        load_demos(settings, url, date(2026, 6, 1), lambda *_: None)
        with TestClient(create_app(OpenLogs(settings, url))) as client:
            client.get("/health/live")
            base = _rate(50, lambda: [client.get("/health/live") for _ in range(50)])
            print("pages, over the rate of an answer that says nothing (/health/live)")
            print(f"  {'':34} {'bytes':>7} {'packed':>7}  {'first':>8} {'again':>8} {'304':>8}")
            for path in PAGES:
                _page(client, f"/zh/zhongyuan/{path}", base)
            key = from_pem((settings.home / "logs" / "zhongyuan" / "cast" / "dis.pem").read_bytes(), None)
            challenge = base64.b64decode(client.post("/v1/logs/zhongyuan/login/challenge").json()["challenge"])
            signature = key.sign(pre_authentication_encoding(challenge, LOGIN_TYPE))
            said = {
                "challenge": base64.b64encode(challenge).decode(),
                "key_id": key.public.keyid,
                "signature": base64.b64encode(signature).decode(),
                "purpose": "bench",
            }
            client.post("/v1/logs/zhongyuan/login", json=said)
            for path in VIEWS:
                _page(client, f"/zh/desk/zhongyuan/{path}", base)


def _page(client: TestClient, path: str, base: float) -> None:
    first = _rate(1, lambda: client.get(path))
    page = client.get(path)
    etag = {"If-None-Match": page.headers.get("etag", "")}
    again = _rate(20, lambda: [client.get(path) for _ in range(20)])
    known = (
        f"x{_rate(20, lambda: [client.get(path, headers=etag) for _ in range(20)]) / base:.2f}"
        if "etag" in page.headers
        else "-"
    )
    packed = len(gzip.compress(page.content, mtime=0))
    print(f"  {path:34} {len(page.content):7,} {packed:7,}  x{first / base:7.2f} x{again / base:7.2f} {known:>8}")


def _verification(town: Town) -> None:
    """Entries examined as ``rongjian verify`` does, the log's own over and over: one process, then one per core."""
    entries = [row.entry for row in town.ledger.recorder.entries()]
    checker = EntryChecker(town.ledger.origin)
    for position, entry in enumerate(entries, 1):
        list(checker.check(position, entry))
    pages = [(1, entries)] * (VERIFIED // len(entries))
    size = len(pages) * len(entries)

    def work(cores: int) -> Callable[[], object]:
        return lambda: sum(len(page) for page in examined(pages, size, lambda: checker.keys, cores))

    one = _rate(size, work(1))
    print("entries examined: form, canonical bytes, signatures")
    _report("one process", one, one)
    cores = os.cpu_count() or 1
    _report(f"{cores} processes, started anew", _rate(size, work(cores)), one)


def _in_threads(count: int, *works: Callable[[], object]) -> None:
    threads = [threading.Thread(target=works[i % len(works)]) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _rate(count: int, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def _report(name: str, rate: float, base: float) -> None:
    print(f"  {name:28} {rate:10,.0f}/s   x{rate / base:.2f}")


if __name__ == "__main__":
    main()
