"""What a submission and an answer cost as the log grows: the same mixture, and questions at random, at each size."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from api.cli.serve import settle_heap
from api.home.bootstrap import open_log
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.events.decision import AwardGranted, CertificateIssued
from ledger.events.registry import Payload, topics
from projections.as_of import tell_all
from projections.finder import Finder
from projections.inquiry.knowledge import who_could_have_known
from projections.inquiry.narrative import narrative
from projections.runner import Runner
from projections.tracing import trace
from tests.benchmarks import clients
from tests.benchmarks.counting import counting
from tests.benchmarks.grown import APPLICANTS, EACH, EDITIONS, Grown, a_grown_log, receipts
from tests.benchmarks.measuring import Line, measured, megabytes, seconds_of, timed
from tests.benchmarks.results import Results
from tests.running_service import Service, served

BATCH = 100
#: Statements that are submitted one by one.
SINGLE = 100
#: Entries up to which a history is admitted like anybody's statements; beyond, it is taken over undecided.
ADMITTED = 20_000
#: Seconds for a service to start that has a large log to prove.
STARTS = 600.0
#: Clients who ask at once.
AT_ONCE = 16
#: Processor seconds of a service in a second in which it is said to be at rest.
AT_REST = 0.06
Work = Callable[[], object]


def run(url: str, results: Results, peer: Line, sizes: Sequence[int], statements: int, questions: int) -> None:
    """Grow one log from size to size, and measure at each."""
    applicants = max(APPLICANTS, max(sizes) // (EDITIONS * EACH))
    with a_grown_log(url, applicants=applicants) as grown:
        for size in sizes:
            begun, had = time.process_time(), grown.ledger.size()
            grown.admit(min(size, ADMITTED))
            admitted = grown.ledger.size()
            if admitted > had:
                results.number(f"growth {size}: admitting the history", (admitted - had) / _since(begun), "per_cpu_s")
            grown.restore(size)
            # Signatures of what was taken over are checked here, not while something is measured.
            grown.ledger.size()
            settle_heap()
            _submissions(grown, results, peer, size, statements)
            _answers(grown, results, size, questions)
        _register(grown, results, sizes[-1])
        _start(grown, results, sizes[-1], questions)


def _since(begun: float) -> float:
    return max(time.process_time() - begun, 1e-9)


def _until_at_rest(service: Service) -> None:
    """Until a service has followed what there is, and passed again what it had taken over."""
    until = time.monotonic() + STARTS
    while time.monotonic() < until:
        spent = seconds_of(service.process.pid)
        time.sleep(1)
        if seconds_of(service.process.pid) - spent < AT_REST:
            return


def _submissions(grown: Grown, results: Results, peer: Line, size: int, statements: int) -> None:
    ledger = grown.ledger

    def batched(mixture: Sequence[object]) -> None:
        for first in range(0, len(mixture), BATCH):
            receipts(ledger.submit_many(mixture[first : first + BATCH]))  # type: ignore[arg-type]

    # Organisations that nobody asked for yet are read once; what is kept of them is in place then.
    batched(grown.mixture(statements))
    runs = [grown.mixture(statements) for _ in range(5)]
    name = f"growth {size}: batches of {BATCH}"
    results.line(name, measured(name, statements, lambda run: batched(runs[run])), peer)
    ones = [grown.mixture(SINGLE) for _ in range(5)]
    name = f"growth {size}: one by one"
    results.line(name, measured(name, SINGLE, lambda run: [ledger.submit(s) for s in ones[run]]), peer)
    counted_in = grown.mixture(statements), grown.mixture(SINGLE)
    with counting(ledger) as counted:
        batched(counted_in[0])
    results.figures[f"growth {size}: asked of the database, batches of {BATCH}"] = counted.to_json(statements)
    with counting(ledger) as counted:
        for statement in counted_in[1]:
            ledger.submit(statement)
    results.figures[f"growth {size}: asked of the database, one by one"] = counted.to_json(SINGLE)
    results.figures[f"growth {size}: entries"] = {"entries": ledger.size()}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Questions about one log at a size, drawn at random."""

    grown: Grown
    drawn: random.Random
    finder: Finder

    def subject(self) -> Work:
        """All facts of an award or of an organisation, on any day and as known at any time since."""
        kind, subject, day, known = self._one()
        return partial(tell_all, self.grown.ledger, kind, subject, day, known)

    def path(self) -> str:
        """The same as the service is asked for it."""
        kind, subject, day, known = self._one()
        plural = {"award": "awards", "org": "organisations"}[kind]
        return f"/v1/logs/{self.grown.home.name}/{plural}/{subject}?as_of={day}&known_at={known}"

    def _one(self) -> tuple[str, str, date, int]:
        position = self._position(AwardGranted)
        event = self.grown.ledger.at([position])[0].statement.payload
        kind, subject = self.drawn.choice((("award", event.award_id), ("org", event.org)))
        known = self.drawn.randint(position, self._size())
        return kind, subject, self._day(), known

    def trace(self) -> Work:
        return partial(trace, self.grown.ledger, self._id(AwardGranted), self._size())

    def narrative(self) -> Work:
        return partial(narrative, self.grown.ledger, self._id(AwardGranted), self._day(), self._size())

    def who_knew(self) -> Work:
        return partial(who_could_have_known, self.grown.ledger, self._id(AwardGranted), self._size())

    def search(self) -> Work:
        event = self._event(AwardGranted)
        return partial(self.finder.search, self.drawn.choice((event.award_id, event.org)), self._size())

    def certificate(self) -> Work:
        items = self._event(CertificateIssued).items
        return partial(self.finder.certificate, self.drawn.choice(items).serial, self._size())

    def _size(self) -> int:
        return self.grown.ledger.size()

    def _day(self) -> date:
        """Any day on which there was something to know."""
        first, now = self.grown.history.starts, self.grown.clock().date()
        return first + timedelta(days=self.drawn.randrange((now - first).days))

    def _position(self, kind: type[Payload]) -> int:
        """Of an entry of a class, at random: the next one after any place."""
        log, wanted = self.grown.ledger.log, topics(kind)
        size, place = self._size(), self.drawn.randrange(self._size())
        return next(p for n in range(size) if log.placed(p := (place + n) % size + 1).type in wanted)

    def _id(self, kind: type[Payload]) -> str:
        return self.grown.ledger.log.placed(self._position(kind)).id

    def _event(self, kind: type[Payload]) -> object:
        return self.grown.ledger.at([self._position(kind)])[0].statement.payload


def _answers(grown: Grown, results: Results, size: int, questions: int) -> None:
    if not all(_any(grown, kind) for kind in (AwardGranted, CertificateIssued)):
        print(f"  growth {size}: no award yet", flush=True)
        return
    finder = Finder(grown.ledger, grown.ledger.database)
    finder.catch_up()
    asked = _Asked(grown, random.Random(size), finder)
    kinds: dict[str, Callable[[], Work]] = {
        "one subject, all facts": asked.subject,
        "trace": asked.trace,
        "narrative": asked.narrative,
        "who knew": asked.who_knew,
        "search": asked.search,
        "certificate": asked.certificate,
    }
    for name, draw in kinds.items():
        draw()()
        for at_once in (1, AT_ONCE):
            calls = [draw() for _ in range(questions)]
            results.times(f"growth {size}: {name}, {at_once} at once", timed(calls, at_once))
        work = draw()
        with counting(grown.ledger) as counted:
            work()
        results.figures[f"growth {size}: asked of the database, {name}"] = counted.to_json()


def _any(grown: Grown, kind: type[Payload]) -> bool:
    query = DCBQuery([DCBQueryItem(types=topics(kind))])
    return grown.ledger.touched(query, 0, grown.ledger.size())


def _register(grown: Grown, results: Results, size: int) -> None:
    begun = time.perf_counter()
    Runner(grown.ledger, grown.ledger.database, grown.ledger.size, grown.ledger.vault.seal_of).catch_up()
    results.number(f"growth {size}: register, built from nothing", time.perf_counter() - begun, "s")


def _start(grown: Grown, results: Results, size: int, questions: int) -> None:
    """The log is opened again, everything is read and proven; then a service of its own is asked."""
    for name in ("start with a full pass", "start after a clean stop"):
        # Others are told of the last commit first.
        time.sleep(0.1)
        grown.ledger.close()
        if name == "start with a full pass":
            (grown.home.folder / "kept-index").unlink(missing_ok=True)
        begun = time.perf_counter()
        grown.ledger = open_log(grown.settings, grown.url, grown.home, grown.clock)
        grown.ledger.size()
        results.number(f"growth {size}: {name}", time.perf_counter() - begun, "s")
    if not _any(grown, AwardGranted):
        return
    asked = _Asked(grown, random.Random(size), Finder(grown.ledger, grown.ledger.database))
    paths = [asked.path() for _ in range(2 * questions)]
    with served(grown.settings, patience=STARTS) as service:
        port = int(service.client.base_url.port or 0)
        _until_at_rest(service)
        clients.ask(port, [[clients.get(asked.path())]])
        for at_once in (1, AT_ONCE):
            requests = [clients.get(path) for path in (paths.pop() for _ in range(questions))]
            times, answers = clients.ask(port, [requests[n::at_once] for n in range(at_once)])
            assert {status for status, _ in answers} == {200}
            results.times(f"growth {size}: one subject over HTTP, {at_once} at once", times)
        results.number(f"growth {size}: memory of the service", megabytes(service.process.pid), "MB")
