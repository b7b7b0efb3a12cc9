"""The register: of the shipped demo logs, and of a log of many statements; built anew on PostgreSQL, and following.

What it has made is compared with what replay gives.
"""

from __future__ import annotations

from api.home.open_logs import OpenLogs
from ledger.submission import Receipt
from projections.register import Register
from projections.replayed import compare
from projections.runner import Runner
from tests.benchmarks.measuring import RUNS, Line, measured
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
