"""Where the processor time of one submission, one answer and one page goes: flame graphs, and what each asks of the
database.

    make profile        into profiles/, which git does not keep

Every call is watched, which costs more than most of them: shares are to be read, not times. What the database works is
not in the pictures; what is asked of it is counted.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.telemetry import configure_logging
from ledger.application import Ledger
from ledger.events.decision import AwardGranted
from ledger.store import embedded
from projections.as_of import tell_all
from tests.benchmarks import pictures
from tests.benchmarks.counting import counting
from tests.benchmarks.grown import Grown, a_grown_log
from tests.benchmarks.pictures import Frame

FOLDER = Path(__file__).parents[2] / "profiles"
ENTRIES, APPLICANTS, EDITIONS, TIMES, FEW = 3_000, 8, 20, 20, 4

_ROOT = str(Path(__file__).parents[2])


class Watch:
    """Adds up the processor time of each function where it was called from, in all threads that begin under it."""

    def __init__(self) -> None:
        self.root = Frame()
        self._threads = threading.local()

    def begin(self) -> None:
        """Forget what was seen so far."""
        self.root = Frame()

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        now, of = time.thread_time(), self._threads
        if getattr(of, "root", None) is not self.root:
            of.root, of.stack, of.last = self.root, [self.root], now
        of.stack[-1].own += now - of.last
        if event in ("call", "c_call"):
            name = _name(frame) if event == "call" else _builtin(argument)
            of.stack.append(of.stack[-1].called.setdefault(name, Frame()))
        elif len(of.stack) > 1:
            of.stack.pop()
        of.last = time.thread_time()


def _name(frame: FrameType) -> str:
    code = frame.f_code
    file = code.co_filename.removeprefix(_ROOT + os.sep)
    return f"{code.co_qualname} {file.rpartition('site-packages/')[2]}"


def _builtin(function: Any) -> str:
    return f"{getattr(function, '__qualname__', '?')} {getattr(function, '__module__', None) or 'built in'}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=Path, default=FOLDER)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    options = parser.parse_args()
    options.to.mkdir(exist_ok=True)
    configure_logging(logging.ERROR)
    with (
        tempfile.TemporaryDirectory(prefix="rongjian-profile-") as folder,
        embedded.running(Path(folder)) as server,
        a_grown_log(server.url, applicants=APPLICANTS, editions=EDITIONS) as grown,
    ):
        grown.admit(options.entries)
        told = _profiled(grown, options.to)
    (options.to / "counts.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _profiled(grown: Grown, folder: Path) -> dict[str, dict[str, float]]:
    ledger, day = grown.ledger, grown.clock().date() + timedelta(days=1)
    singles, batches = iter(grown.mixture(2 * TIMES + 1)), iter([grown.mixture(100) for _ in range(2 * FEW + 1)])
    awards = ledger.acts(AwardGranted)
    award = awards[0][1]
    told = {
        "submission": _one("submission", ledger, lambda: ledger.submit(next(singles)), folder),
        "batch of 100": _one("batch of 100", ledger, lambda: ledger.submit_many(next(batches)), folder, times=FEW),
        "answer": _one("answer", ledger, lambda: tell_all(ledger, "award", award.award_id, day, ledger.size()), folder),
    }
    time.sleep(0.1)
    ledger.close()
    watch = Watch()
    # The threads of the service are watched from their beginning.
    threading.setprofile(watch)
    logs = OpenLogs(grown.settings, grown.url)
    with TestClient(create_app(logs)) as client:
        pages = [f"/zh/{grown.home.name}/awards/{granted.award_id}/" for _, granted in awards]

        def asked(page: str) -> None:
            answer = client.get(page)
            assert answer.status_code == 200, answer.text[:300]

        unseen, served = iter(pages[1:]), logs.all()[0].ledger
        told["page, written already"] = _one("page, written already", served, lambda: asked(pages[0]), folder, watch)
        told["page, first writing"] = _one(
            "page, first writing", served, lambda: asked(next(unseen)), folder, watch, FEW
        )
    threading.setprofile(None)  # type: ignore[arg-type]
    return told


def _one(
    name: str, ledger: Ledger, work: Callable[[], object], folder: Path, watch: Watch | None = None, times: int = TIMES
) -> dict[str, float]:
    # What is made once is made before.
    work()
    watch = watch or Watch()
    watch.begin()
    sys.setprofile(watch)
    try:
        for _ in range(times):
            work()
    finally:
        sys.setprofile(None)
    (folder / f"{name.replace(',', '').replace(' ', '-')}.svg").write_text(
        pictures.flames(f"{times} x {name}", watch.root), "utf-8"
    )
    with counting(ledger) as counted:
        for _ in range(times):
            work()
    told = counted.to_json(times)
    print(f"  {name:30} " + "  ".join(f"{of} {value:,.2f}" for of, value in told.items()), flush=True)
    return told


if __name__ == "__main__":
    main()
