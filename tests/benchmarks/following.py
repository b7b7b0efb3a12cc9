"""The register of the shipped demo logs: built anew on PostgreSQL, and compared with what replay gives."""

from __future__ import annotations

from api.home.open_logs import OpenLogs
from projections.replayed import compare
from projections.runner import Runner
from tests.benchmarks.measuring import Line, measured


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
