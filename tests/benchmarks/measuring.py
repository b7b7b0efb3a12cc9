"""What a piece of work costs: by the clock, and in processor time of this process and of the database's."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
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

    def told(self, base: Line) -> str:
        """Events a second and what one costs, and both as multiples of another line, with their spread."""
        wall, processor = self.median(lambda c: c.wall), self.median(lambda c: c.processor)
        over = [base.median(lambda c: c.wall) / c.wall for c in self.runs]
        spent = [base.median(lambda c: c.processor) / c.processor for c in self.runs]
        return (
            f"  {self.name:52} {1 / wall:8,.0f}/s {processor * 1e6:8,.0f} us"
            f"   wall x{statistics.median(over):5.2f} ({min(over):.2f}-{max(over):.2f})"
            f"   processor x{statistics.median(spent):5.2f} ({min(spent):.2f}-{max(spent):.2f})"
        )


def measured(name: str, count: int, work: Callable[[int], object], runs: int = RUNS) -> Line:
    """``work`` does ``count`` events, each time others: it is given the number of the run."""
    costs = []
    for run in range(runs):
        wall, client, server = time.perf_counter(), time.process_time(), _of_the_database()
        work(run)
        costs.append(
            Cost(
                (time.perf_counter() - wall) / count,
                (time.process_time() - client) / count,
                max(0.0, _of_the_database() - server) / count,
            )
        )
    return Line(name, costs)


def _of_the_database() -> float:
    """Processor seconds of all processes of PostgreSQL on this machine, those that have ended included."""
    ticks = 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            name = (process / "comm").read_text().strip()
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if name == "postgres":
            # utime, stime, and of children that were waited for: cutime, cstime.
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
