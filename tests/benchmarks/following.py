"""The register of the shipped demo logs: built anew on PostgreSQL, and compared with what replay gives."""

from __future__ import annotations

import threading
import time
from collections import deque

from api.home.open_logs import OpenLogs
from ledger.application import Ledger
from ledger.submission import Receipt
from projections.register import Register
from projections.replayed import compare
from projections.runner import Runner
from tests.benchmarks.grown import a_grown_log, receipts
from tests.benchmarks.measuring import RUNS, Line, measured
from tests.benchmarks.results import Results
from tests.benchmarks.writing import BATCH, Mixture, a_town
from tests.builders import Town

#: Entries of a log that is built anew, and of those that are followed in one run.
BUILT = 10_000
FOLLOWED = 1_000


def lines(logs: OpenLogs) -> list[Line]:
    """Entries a second by which each log's register is built from nothing, five times."""
    told = []
    for log in logs.all():
        size = log.ledger.size()
        # A runner of its own each time: nothing is kept from the run before.
        told.append(
            measured(
                f"register of {log.home.name}, {size} entries",
                size,
                lambda _run, log=log: Runner(log.ledger, log.ledger.database, log.ledger.size).rebuild(),
            )
        )
        assert compare(log.ledger, log.register, size).differing == ()
    return told


#: Statements a second, and for how many seconds.
RATE, SECONDS = 300, 5.0
#: Statements that come together, and seconds between looks at the register.
_TOGETHER, _LOOK = 30, 0.01


def lag(url: str, results: Results) -> None:
    """How long after a commit the register has it, while statements come in at a steady rate."""
    with a_grown_log(url) as grown:
        grown.admit(1_000)
        ledger = grown.ledger
        runner = Runner(ledger, ledger.database, ledger.size, ledger.vault.seal_of)
        runner.catch_up()
        batches = [grown.mixture(_TOGETHER) for _ in range(int(RATE * SECONDS / _TOGETHER))]
        following = threading.Thread(target=runner.follow, daemon=True)
        following.start()
        waiting: deque[tuple[int, float]] = deque()
        lags, done = list[float](), threading.Event()
        watching = threading.Thread(target=_watch, args=(ledger, waiting, lags, done))
        watching.start()
        begun = time.perf_counter()
        for number, batch in enumerate(batches):
            time.sleep(max(0.0, begun + number * _TOGETHER / RATE - time.perf_counter()))
            receipts(ledger.submit_many(batch))
            waiting.append((ledger.size(), time.perf_counter()))
        took = time.perf_counter() - begun
        done.set()
        watching.join()
        runner.stop()
        following.join()
    results.number("register: statements that came in", len(batches) * _TOGETHER / took, "per_s")
    results.number(f"register: lag at {RATE} statements a second", max(lags), "s")


def _watch(ledger: Ledger, waiting: deque[tuple[int, float]], lags: list[float], done: threading.Event) -> None:
    while waiting or not done.is_set():
        with ledger.database.connection() as connection:
            row = connection.execute("SELECT position FROM register_cursor WHERE current").fetchone()
        now = time.perf_counter()
        while row is not None and waiting and waiting[0][0] <= row[0]:
            lags.append(now - waiting.popleft()[1])
        time.sleep(_LOOK)


def of_the_mixture(url: str) -> list[Line]:
    """Entries a second of a log with the mixture of statements: built from nothing, and followed batch by batch."""
    with a_town(url, both_heads=False) as town:
        mixture = Mixture(town)
        _recorded(town, mixture, BUILT)
        size = town.ledger.size()
        built = measured(f"rebuild of {size:,} entries", size, lambda _run: _runner(town).rebuild())
        runner = _runner(town)
        runner.catch_up()
        batches = FOLLOWED // BATCH
        costs = []
        for _ in range(RUNS):
            # The runner has to keep up with each batch: what was recorded is not among the costs.
            runs = []
            for _ in range(batches):
                _recorded(town, mixture, BATCH)
                runs += measured("", BATCH, lambda _run: runner.catch_up(), runs=1).runs
            costs.append(sum(runs[1:], start=runs[0]).over(batches))
        assert compare(town.ledger, Register(town.ledger.database), town.ledger.size()).differing == ()
    return [built, Line(f"follows batches of {BATCH}", costs)]


def _runner(town: Town) -> Runner:
    return Runner(town.ledger, town.ledger.database, town.ledger.size)


def _recorded(town: Town, mixture: Mixture, statements: int) -> None:
    for _ in range(statements // BATCH):
        for outcome in town.ledger.submit_many(mixture.signed(BATCH)):
            assert isinstance(outcome, Receipt)
