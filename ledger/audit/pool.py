"""Examining entries on all cores: pages go out to processes a few ahead, and come back in order."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from ledger.audit.entries import Examined, examine
from ledger.errors import UnavailableError
from ledger.sentences import sentence

#: Below this many entries starting processes costs more than it saves.
WORTH_IT = 4_000

#: First position, and entries from there on.
Page = tuple[int, list[bytes]]


def examined(
    pages: Iterable[Page],
    size: int,
    keys: Callable[[], dict[str, str]],
    cores: int | None = None,
    verified: int = 0,
    *,
    behind: bool = False,
) -> Iterator[list[Examined]]:
    """Each page examined, in order. ``keys`` gives the public keys known by now; the caller learns them as it follows.

    Signatures up to position ``verified`` are not verified again. ``behind`` gives way to whatever else runs: one
    process of low priority examines.
    """
    cores = 1 if behind else cores or os.cpu_count() or 1
    if size - verified < WORTH_IT or (cores == 1 and not behind):
        for first, entries in pages:
            yield examine(first, entries, keys(), verified)
        return
    # Spawned, not forked: the caller holds database connections and threads.
    context = multiprocessing.get_context("spawn")
    begin = _begin_behind if behind else gc.disable
    with _collector_resting(), ProcessPoolExecutor(cores, context, initializer=begin) as pool:
        pending: deque[Future[list[Examined]]] = deque()
        try:
            for first, entries in pages:
                pending.append(pool.submit(examine, first, entries, keys(), verified))
                if len(pending) > 2 * cores:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool as error:
            raise UnavailableError(
                "verification_stopped",
                sentence("a process that verifies was killed, perhaps for memory; nothing is decided"),
            ) from error


def _begin_behind() -> None:
    gc.disable()
    os.nice(10)


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Entries hold no cycles, and the collector would look at all that were read before again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
