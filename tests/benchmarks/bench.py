"""Measures what is promised (goals.toml) on this machine; figures travel only as ratios within one run.

    make bench                      everything, and docs/performance.md from it
    make bench GROWTH=1000000       the same with a log of that size too
    make bench PARTS=http,growth    some parts, printed and not kept
    make bench TINY=1               everything at tiny sizes, to see whether it runs; printed and not kept

Prints the commit latency of the disk first, and each rate as a multiple of the stock library's in the same run.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import psycopg
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.serve import settle_heap
from api.home.demo import load_demos
from api.home.open_logs import OpenLogs
from api.home.settings import read_settings
from api.home.telemetry import configure_logging
from api.rendering.environment import prepare
from api.workplace.login import LOGIN_TYPE
from ledger.signing.envelope import pre_authentication_encoding
from ledger.signing.suites import from_pem
from ledger.store import embedded
from tests.benchmarks import (
    disk,
    edition,
    following,
    growth,
    measuring,
    over_http,
    peers,
    performance,
    publishing,
    slow_commits,
    verifying,
    writing,
)
from tests.benchmarks.measuring import Line, measured
from tests.benchmarks.results import FILE, Results, about_this_machine
from tests.builders import Town
from tests.small_home import TEST_HOST, own_database

PEER = "stock eventsourcing, one event per save"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each is done: statements of a run, sizes of the log that grows, questions of each kind, applicants
    of the large edition, entries of the log whose site is written.
    """

    statements: int = 600
    events: int = 1_000
    growth: tuple[int, ...] = (1_000, 10_000, 100_000)
    questions: int = 50
    applicants: int = 200
    site: int = 26_000


TINY = Sizes(statements=100, events=100, growth=(500, 2_500), questions=4, applicants=4, site=1_500)

#: What can be measured by itself.
PARTS = ("writing", "http", "slow", "disk", "register", "edition", "verify", "growth", "pages", "site")


def main() -> None:
    options = _options()
    sizes = TINY if options.tiny else replace(Sizes(), growth=_sizes_up_to(options.growth))
    configure_logging(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="rongjian-bench-") as folder:
        synced = _fdatasync(Path(folder))
        print(f"fdatasync: {synced:.2f} ms (median of 50)")
        with embedded.running(Path(folder)) as server:
            measuring.count(server.data)
            results = Results(about_this_machine(synced, _version(server.url), asdict(sizes)))
            results.about["trial"] = options.tiny or set(options.parts) != set(PARTS)
            begun = time.perf_counter()
            for part in _measured(server.url, results, sizes, options.parts):
                print(part, flush=True)
                results.about["minutes"] = round((time.perf_counter() - begun) / 60, 1)
                # Whatever comes of the next part, this one was measured.
                results.save(Path(tempfile.gettempdir()) / "rongjian-bench.json")
    if options.keep or not results.about["trial"]:
        results.save(FILE)
        performance.write()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--growth", type=int, default=Sizes().growth[-1])
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--keep", action="store_true", help="write the results of a tiny or partial run too")
    options = parser.parse_args()
    if set(options.parts) - set(PARTS):
        parser.error(f"parts are {', '.join(PARTS)}")
    return options


def _sizes_up_to(most: int) -> tuple[int, ...]:
    return (*(size for size in Sizes().growth if size < most), most)


def _version(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row is not None else "unknown"


def _measured(url: str, results: Results, sizes: Sizes, parts: Sequence[str]) -> Iterator[str]:
    """Measure part by part; tells the name of each that is done."""
    settle_heap()
    peer = measured(PEER, sizes.events, peers.one_per_save(url, sizes.events))
    results.line(PEER, peer, peer)
    works: dict[str, Callable[[], None]] = {
        "writing": lambda: _writing(url, results, peer),
        "http": lambda: over_http.run(url, results, peer, sizes.statements),
        "slow": lambda: slow_commits.run(url, results, sizes.statements),
        "disk": lambda: disk.run(url, results, sizes.statements),
        "register": lambda: _registers(url, results, sizes),
        "edition": lambda: edition.run(url, results, sizes.applicants),
        "verify": lambda: _verified(url, results),
        "growth": lambda: growth.run(url, results, peer, sizes.growth, sizes.statements, sizes.questions),
        "pages": lambda: _pages(url, results),
        "site": lambda: publishing.run(url, results, sizes.site),
    }
    for part in parts:
        # What other parts have left is looked at no more, as by a service that has come to rest.
        settle_heap()
        works[part]()
        yield f"{part}: done"


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


def _writing(url: str, results: Results, peer: Line) -> None:
    """Signed statements through the whole of admission, in process."""
    for line in writing.lines(url):
        results.line(line.name, line, peer)
    for name, decisions in writing.decisions(url).items():
        results.number(name, decisions, "decisions_per_statement")


def _registers(url: str, results: Results, sizes: Sizes) -> None:
    """The registers of the demo logs, over the library's projection runner, which makes nothing of what it follows."""
    with own_database(url) as own:
        base = measured("stock projection runner", sizes.events, peers.following(own, sizes.events), 3)
    results.line(base.name, base, base)
    with tempfile.TemporaryDirectory() as folder, own_database(url) as own:
        settings = read_settings({"RONGJIAN_HOME": folder, "RONGJIAN_DATABASE_URL": own})
        load_demos(settings, own, date(2026, 6, 1), lambda *_: None)
        logs = OpenLogs(settings, own)
        for line in following.lines(logs):
            results.line(line.name, line, base)
        logs.close()
    for line in following.of_the_mixture(url):
        results.line(line.name, line, base)
    following.lag(url, results)


def _verified(url: str, results: Results) -> None:
    with writing.a_town(url, both_heads=False) as town:
        _verification(town, results)


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


def _pages(url: str, results: Results) -> None:
    """Pages of the demo of Zhongyuan: how large, how fast first and again, and what a browser that has one is told."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            {"RONGJIAN_HOME": folder, "RONGJIAN_DATABASE_URL": url, "RONGJIAN_ALLOWED_HOSTS": TEST_HOST}
        )
        load_demos(settings, url, date(2026, 6, 1), lambda *_: None)
        # As the service does before it answers.
        prepare()
        with TestClient(create_app(OpenLogs(settings, url))) as client:
            client.get("/health/live")
            # What the demo still has to do is done by then; the best of several, of both.
            base = max(_rate(50, lambda: [client.get("/health/live") for _ in range(50)]) for _ in range(5))
            for path in PAGES:
                _page(client, f"/zh/zhongyuan/{path}", base, results)
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
                _page(client, f"/zh/desk/zhongyuan/{path}", base, results)


def _page(client: TestClient, path: str, base: float, results: Results) -> None:
    first = _rate(1, lambda: client.get(path))
    page = client.get(path)
    again = max(_rate(20, lambda: [client.get(path) for _ in range(20)]) for _ in range(5))
    told = {
        "bytes": len(page.content),
        "packed": len(gzip.compress(page.content, mtime=0)),
        "first_ms": round(1_000 / first, 2),
        "again_over_nothing": round(again / base, 3),
    }
    results.figures[f"page {path}"] = told
    print(f"  {path:58} {told}", flush=True)


def _verification(town: Town, results: Results) -> None:
    told = verifying.measured(town.ledger.origin, [row.entry for row in town.ledger.recorder.entries()])
    results.number("verify, all cores: entries", told["entries"], "per_s")
    results.number("verify, all cores: over signatures alone", told["over signatures alone"], "x")


def _rate(count: int, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
