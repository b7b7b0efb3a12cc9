"""The command line in a process that is killed, or stopped, at a place in the writing of a newest head.

``python -m tests.store.stopped_at PLACE COUNT SIGNAL serve``: the process sends itself the signal when it comes to the
place for the COUNT-th time. What it runs is the product as it is; only the calls of the system by which files are
written are watched.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.cli.parser import main
from api.home.bootstrap import NEWEST_HEAD

#: Before the new file is made, with half of it written, before it takes the old one's place, before its folder is
#: synced.
PLACES = ("committed", "half", "unfinished", "replaced")

NOWHERE = "nowhere"


class Watch:
    """Counts how often the place is reached. The four calls are made in this order, for each head once."""

    def __init__(self, place: str, count: int, sent: signal.Signals) -> None:
        self._place, self._count, self._sent = place, count, sent
        self._reached = 0
        self._descriptor = -1

    def here(self, place: str, before: Callable[[], None] = lambda: None) -> None:
        if place == self._place:
            self._reached += 1
            if self._reached == self._count:
                before()
                os.kill(os.getpid(), self._sent)

    def watch(self) -> None:
        opened, synced, replaced = os.open, os.fsync, os.replace

        def open_(path: Any, *how: Any, **more: Any) -> int:
            ours = str(path).endswith(f"/{NEWEST_HEAD}.new")
            if ours:
                self.here("committed")
            descriptor = opened(path, *how, **more)
            self._descriptor = descriptor if ours else self._descriptor
            return descriptor

        def fsync(descriptor: int) -> None:
            if descriptor == self._descriptor:
                self.here("half", lambda: os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2))
                self._descriptor = -1
            synced(descriptor)

        def replace(source: Any, target: Any, **more: Any) -> None:
            ours = Path(target).name == NEWEST_HEAD
            if ours:
                self.here("unfinished")
            replaced(source, target, **more)
            if ours:
                self.here("replaced")

        os.open, os.fsync, os.replace = open_, fsync, replace


if __name__ == "__main__":
    place, count, sent, *arguments = sys.argv[1:]
    Watch(place, int(count), signal.Signals[sent]).watch()
    raise SystemExit(main(arguments))
