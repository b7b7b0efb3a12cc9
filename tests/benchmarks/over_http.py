"""Statements over HTTP: a service of its own, as its operator runs it, and clients that signed before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from ledger.clock import shanghai_day, system_clock
from ledger.submission import Submission
from tests.benchmarks import clients
from tests.benchmarks.grown import Grown, a_grown_log
from tests.benchmarks.measuring import RUNS, Line, Times, measured, megabytes, seconds_of
from tests.benchmarks.results import Results
from tests.running_service import Service, served

CLIENTS, BATCHERS, BATCH = 64, 4, 100
#: Entries before anything is asked.
BEGINS = 1_000


def run(url: str, results: Results, peer: Line, statements: int) -> None:
    """One statement in a request, then batches; ``statements`` of each run, all of which are recorded at the end."""
    with a_grown_log(url) as grown:
        grown.admit(BEGINS)
        mixture = partial(grown.mixture, on=shanghai_day(system_clock()), now=system_clock)
        ours = [[mixture(BATCH) for _ in range(statements // BATCH)] for _ in range(RUNS)]
        ones = [mixture(statements) for _ in range(RUNS)]
        many = [[mixture(BATCH) for _ in range(statements // BATCH)] for _ in range(RUNS)]
        in_process = _in_process(grown, ours, statements)
        results.line(f"grown log, batches of {BATCH}, in process", in_process, peer)
        before = grown.ledger.size()
        with served(grown.settings) as service:
            port = int(service.client.base_url.port or 0)
            # The first requests find nothing ready; they are not measured.
            _all(port, [_one(s) for s in mixture(CLIENTS)], CLIENTS, [])
            results.number("memory of the service, at rest", megabytes(service.process.pid), "MB")
            _line(results, f"HTTP, {CLIENTS} clients", service, peer, statements, [[_one(s) for s in r] for r in ones])
            batches = [[_batch(b) for b in r] for r in many]
            line = _line(results, f"HTTP, batches of {BATCH}", service, peer, statements, batches, BATCHERS)
            results.number("memory of the service, under load", megabytes(service.process.pid), "MB")
            results.figures[f"HTTP, batches of {BATCH}, over ours in process"] = line.over(in_process)
            base, _ = clients.ask(port, [[clients.get("/health/live")] * 20] * CLIENTS)
            results.times("HTTP, an answer that says nothing, 64 clients", base)
        assert grown.ledger.size() == before + CLIENTS + 2 * RUNS * statements


def _in_process(grown: Grown, runs: Sequence[Sequence[Sequence[Submission]]], statements: int) -> Line:
    # The service reads the same clock; statements in process are recorded by it too.
    grown.clock.advance(system_clock())
    return measured(
        f"grown log, batches of {BATCH}, in process",
        statements,
        lambda run: [grown.ledger.submit_many(batch) for batch in runs[run]],
    )


def _line(
    results: Results,
    name: str,
    service: Service,
    peer: Line,
    statements: int,
    runs: Sequence[Sequence[bytes]],
    at_once: int = CLIENTS,
) -> Line:
    port, times = int(service.client.base_url.port or 0), list[Times]()
    line = measured(
        name,
        statements,
        lambda run: _all(port, runs[run], at_once, times),
        spent=lambda: seconds_of(service.process.pid),
    )
    results.line(name, line, peer)
    each = [t for run in times for t in run.each]
    results.times(f"{name}, latency", Times(each, sum(run.wall for run in times)))
    return line


def _all(port: int, requests: Sequence[bytes], at_once: int, times: list[Times]) -> None:
    # An annulment follows what it annuls: whoever asks first is first in the mixture, and it comes much later.
    took, answers = clients.ask(port, [requests[n::at_once] for n in range(at_once)])
    for status, body in answers:
        if status == 200:
            refused = [o for o in json.loads(body)["outcomes"] if o["status"] != 201]
            assert refused == [], refused[0]
        else:
            assert status == 201, body
    times.append(took)


def _one(submission: Submission) -> bytes:
    return clients.post("/v1/logs/grown/statements", json.dumps(submission.to_json()).encode())


def _batch(submissions: Sequence[Submission]) -> bytes:
    body = json.dumps({"statements": [s.to_json() for s in submissions]}).encode()
    return clients.post("/v1/logs/grown/statements/batch", body)
