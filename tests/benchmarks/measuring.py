"""What a piece of work costs: by the clock, and in processor time of this process and of the database's."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

#: Runs of each line of a table; its median and spread are told.
RUNS = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for one event: by the clock, of this process's processor time, and of the database's."""

    wall: float
    client: float
    server: float

    @property
    def processor(self) -> float:
        return self.client + self.server

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.client + other.client, self.server + other.server)

    def over(self, runs: int) -> Cost:
        """The mean of a sum of costs."""
        return Cost(self.wall / runs, self.client / runs, self.server / runs)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: what was measured, run by run."""

    name: str
    runs: Sequence[Cost]

    def median(self, of: Callable[[Cost], float]) -> float:
        return statistics.median(map(of, self.runs))

    def over(self, base: Line) -> dict[str, list[float]]:
        """How many times as much as another line, by the clock and by processor time: median, least, most."""
        wall = [base.median(lambda c: c.wall) / c.wall for c in self.runs]
        spent = [base.median(lambda c: c.processor) / c.processor for c in self.runs if c.processor]
        return {name: _spread(of) for name, of in (("wall", wall), ("processor", spent)) if of}

    def told(self, base: Line) -> str:
        """Events a second and what one costs, and both as multiples of another line, with their spread."""
        wall, processor = self.median(lambda c: c.wall), self.median(lambda c: c.processor)
        over = self.over(base)
        (by_clock, slow, fast), (spent, most, least) = over["wall"], over.get("processor", [0.0, 0.0, 0.0])
        return (
            f"  {self.name:52} {1 / wall:8,.0f}/s {processor * 1e6:8,.0f} us"
            f"   wall x{by_clock:5.2f} ({slow:.2f}-{fast:.2f})"
            f"   processor x{spent:5.2f} ({most:.2f}-{least:.2f})"
        )


def _spread(of: Sequence[float]) -> list[float]:
    return [round(x, 3) for x in (statistics.median(of), min(of), max(of))]


class Database:
    """The server whose processor time is counted: its own processes, and nobody else's on this machine."""

    def __init__(self, data: Path) -> None:
        """``data`` is the folder of the server, in which it writes the number of its first process."""
        self._first = int((data / "postmaster.pid").read_text().split()[0])

    def seconds(self) -> float:
        """Processor seconds of the server so far, of its processes that have ended too."""
        return seconds_of(self._first, *_children_of(self._first))


#: The server of this bench; without one nothing is counted of a database.
_server: list[Database] = []


def count(data: Path) -> None:
    """Count the processor time of the server of a folder from now on."""
    _server[:] = [Database(data)]


def seconds_of(*processes: int) -> float:
    """Processor seconds of processes so far, and of their children that have ended."""
    ticks = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # utime, stime, and of children that were waited for: cutime, cstime.
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(process: int) -> float:
    """What a process holds in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _children_of(parent: int) -> list[int]:
    children = []
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            children.append(int(process.parent.name))
    return children


def measured(
    name: str,
    count: int,
    work: Callable[[int], object],
    runs: int | None = None,
    spent: Callable[[], float] = time.process_time,
) -> Line:
    """``work`` does ``count`` events, each time others: it is given the number of the run.

    ``spent`` tells the processor seconds of whoever works: this process, unless a service of its own does.
    """
    costs = []
    for run in range(RUNS if runs is None else runs):
        wall, client, server = time.perf_counter(), spent(), _of_the_database()
        work(run)
        costs.append(
            Cost(
                (time.perf_counter() - wall) / count,
                (spent() - client) / count,
                max(0.0, _of_the_database() - server) / count,
            )
        )
    return Line(name, costs)


def _of_the_database() -> float:
    return _server[0].seconds() if _server else 0.0


@dataclass(frozen=True, slots=True)
class Times:
    """How long each of some calls took, in seconds, and all of them together."""

    each: Sequence[float]
    wall: float

    def percentile(self, share: float) -> float:
        """The time within which so large a share of the calls was answered."""
        ordered = sorted(self.each)
        return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]

    def to_json(self) -> dict[str, float]:
        """Milliseconds, and calls a second."""
        return {
            "p50_ms": round(self.percentile(0.5) * 1e3, 3),
            "p99_ms": round(self.percentile(0.99) * 1e3, 3),
            "rate": round(len(self.each) / self.wall, 2),
            "calls": len(self.each),
        }


def timed(calls: Sequence[Callable[[], object]], clients: int = 1) -> Times:
    """Each of the calls once, by so many clients at once."""
    each: list[float] = []

    def one(call: Callable[[], object]) -> None:
        begun = time.perf_counter()
        call()
        each.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    if clients == 1:
        for call in calls:
            one(call)
    else:
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(one, calls))
    return Times(each, time.perf_counter() - begun)
