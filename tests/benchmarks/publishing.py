"""The public window of many editions as files, and again: with an incident more, and with what concerns an award."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

from api.home.open_logs import OpenLogs
from api.public.pages import Window
from api.public.publishing import publish
from api.v1.axes import Axes
from ledger.clock import shanghai_day, system_clock
from ledger.events.after_award import PostAwardReportFiled
from tests.benchmarks.grown import Grown, a_grown_log, checked
from tests.benchmarks.results import Results

#: Editions of a dozen applicants each: some fourteen hundred pages.
EDITIONS = 60
BASE = "https://example.org/"


def run(url: str, results: Results, entries: int) -> None:
    """Told for ten thousand pages, at the rate of those that there are."""
    with a_grown_log(url, editions=EDITIONS) as grown, tempfile.TemporaryDirectory() as folder:
        grown.admit(entries)
        today = shanghai_day(system_clock())
        report = max(recorded.position for recorded, _ in grown.ledger.acts(PostAwardReportFiled))
        # The service opens the log itself.
        time.sleep(0.1)
        grown.ledger.close()
        logs = OpenLogs(grown.settings, grown.url)
        for name, known in (
            ("ten thousand pages", report - 1),
            ("again with a report on an award", report),
            ("the others since then", None),
            ("again with nothing more", None),
            ("again with one entry more", None),
        ):
            if name == "again with one entry more":
                checked(logs[grown.home.name].ledger.submit_many(grown.mixture(1, today, system_clock)))
            took, pages = _published(grown, logs, Path(folder), today, known)
            results.number(f"publishing: {name}", took / pages * 10_000, "s")
        results.number("publishing: pages that were written", pages, "pages")


def _published(grown: Grown, logs: OpenLogs, folder: Path, today: date, known: int | None) -> tuple[float, int]:
    """Seconds, and how many pages there are."""
    log = logs[grown.home.name]
    window = Window(log, Axes(today, log.ledger.size() if known is None else known))
    begun = time.perf_counter()
    publish([window], folder / "site", BASE, folder / "record")
    return time.perf_counter() - begun, len(list((folder / "site").rglob("index.html")))
