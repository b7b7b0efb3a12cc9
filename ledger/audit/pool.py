"""Examining entries on all cores: pages go out to processes a few ahead, and come back in order."""

from __future__ import annotations

import gc
import multiprocessing
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from typing import Final

from ledger.audit.entries import Examined, examine
from ledger.entry import parse_again
from ledger.errors import UnavailableError
from ledger.sentences import sentence

#: Below this many entries starting processes costs more than it saves.
WORTH_IT = 4_000

#: Where a signature of an entry names its key.
_KEY_ID: Final = re.compile(rb'"keyid":"([0-9a-f]{64})"')

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
    resting = nullcontext() if behind else _collector_resting()
    with resting, ProcessPoolExecutor(cores, context, initializer=begin) as pool:
        pending: deque[tuple[Page, Future[list[_Seen]]]] = deque()
        try:
            for page in pages:
                pending.append((page, pool.submit(_see, *page, _signing(page[1], keys()), verified)))
                if len(pending) > 2 * cores:
                    yield _told(*pending.popleft())
            while pending:
                yield _told(*pending.popleft())
        except BrokenProcessPool as error:
            raise UnavailableError(
                "verification_stopped",
                sentence("a process that verifies was killed, perhaps for memory; nothing is decided"),
            ) from error


#: What a process says of an entry: its leaf hash, what is wrong with its bytes, and with signatures by known keys.
_Seen = tuple[bytes, str, Mapping[str, str]]


def _see(first: int, entries: list[bytes], keys: Mapping[str, str], verified: int) -> list[_Seen]:
    return [(seen.leaf, seen.problem, seen.verdicts) for seen in examine(first, entries, keys, verified)]


def _told(page: Page, seen: Future[list[_Seen]]) -> list[Examined]:
    """The same with the events: to parse bytes again that were just accepted takes less than to hand an event over."""
    first, entries = page
    return [
        Examined(position, leaf, None if problem else parse_again(position, entry), problem, verdicts)
        for position, (entry, (leaf, problem, verdicts)) in enumerate(zip(entries, seen.result(), strict=True), first)
    ]


def _signing(entries: list[bytes], keys: Mapping[str, str]) -> dict[str, str]:
    """Those of the known keys by which some entries say that they are signed."""
    named = {keyid.decode() for entry in entries for keyid in _KEY_ID.findall(entry)}
    return {keyid: keys[keyid] for keyid in named & keys.keys()}


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
