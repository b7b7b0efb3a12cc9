"""Whose submission is taken next, where more come than are decided at once: the logs take turns, and so do the keys.

A request waits here without a thread, so that whoever floods one log takes neither the others' turns nor the threads
that write pages. What is taken stands in the order of the log's one writer, so no more is taken than is soon decided;
a large batch counts for several. Whoever finds the line too long is told when it will have moved on.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from api.sentences import sentence
from ledger.errors import UnavailableError

#: Requests of up to SHARE bytes that are taken at once, over all logs; each further SHARE of a request counts for one
#: more.
AT_ONCE: Final = 32
SHARE: Final = 16_384

#: Requests that may wait for one key of one log, and bytes that may wait for it, for a log and over all.
WAITING_EACH: Final = 500
BYTES_EACH: Final = 32_000_000
BYTES_OF_LOG: Final = 64_000_000
BYTES_MAX: Final = 256_000_000

#: How much the newest request counts in how long they take.
_NEWEST: Final = 0.05

_PATH = re.compile(r"/v1/logs/([^/]+)/(?:statements|statements/batch|disclosures)")
_KEY = re.compile(rb'"keyid"\s*:\s*"([0-9a-f]{64})"')

#: A log and one of its keys.
Who = tuple[str, str]


@dataclass(slots=True)
class _Line:
    """The requests of one key that wait: what each counts for, and whom its turn is told."""

    waiting: deque[tuple[int, int, asyncio.Future[None]]] = field(default_factory=deque)
    length: int = 0


class Turns:
    """Of one process; used by its event loop alone."""

    def __init__(self, at_once: int = AT_ONCE, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once, self._clock = at_once, clock
        self._taken = 0
        #: By log and by key, in the order of their turns.
        self._lines: OrderedDict[str, OrderedDict[str, _Line]] = OrderedDict()
        self._length = 0
        #: How long a request that counts for one has taken lately, in seconds.
        self._seconds = 0.01

    @asynccontextmanager
    async def turn(self, who: Who, length: int) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises UnavailableError (``busy``) where too much waits already."""
        weight = min(self._at_once, 1 + length // SHARE)
        if self._lines or self._taken + weight > self._at_once:
            await self._wait(who, weight, length)
        else:
            self._taken += weight
        begun = self._clock()
        try:
            yield
        finally:
            self._seconds += _NEWEST * ((self._clock() - begun) / weight - self._seconds)
            self._taken -= weight
            self._go_on()

    async def _wait(self, who: Who, weight: int, length: int) -> None:
        log, key = who
        lines = self._lines.setdefault(log, OrderedDict())
        line = lines.setdefault(key, _Line())
        full = self._full(lines, line, length)
        if full is not None:
            self._forget_empty(log, key)
            raise self._busy(full)
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append((weight, length, told))
        line.length += length
        self._length += length
        try:
            await told
        except asyncio.CancelledError:
            # Its turn was perhaps told in the same moment.
            if told.done() and not told.cancelled():
                self._taken -= weight
                self._go_on()
            raise

    def _go_on(self) -> None:
        """Give turns, as far as there is room: to the log whose turn it is, and there to the key whose turn it is."""
        while self._lines:
            log, lines = next(iter(self._lines.items()))
            key, line = next(iter(lines.items()))
            weight, length, told = line.waiting[0]
            if not told.cancelled() and self._taken + weight > self._at_once:
                return
            line.waiting.popleft()
            line.length -= length
            self._length -= length
            lines.move_to_end(key)
            self._lines.move_to_end(log)
            self._forget_empty(log, key)
            if not told.cancelled():
                self._taken += weight
                told.set_result(None)

    def _forget_empty(self, log: str, key: str) -> None:
        lines = self._lines[log]
        if not lines[key].waiting:
            del lines[key]
        if not lines:
            del self._lines[log]

    def _full(self, lines: Mapping[str, _Line], line: _Line, length: int) -> int | None:
        """Where there is no room for a request: for how many turns it has to wait until there is; None where there is
        room. While one line is worked off, every other one has as many turns.
        """
        all_ = [one for of_log in self._lines.values() for one in of_log.values()]
        if len(line.waiting) >= WAITING_EACH or line.length + length > BYTES_EACH:
            return len(all_) * _weight([line])
        if sum(one.length for one in lines.values()) + length > BYTES_OF_LOG:
            return len(self._lines) * _weight(lines.values())
        return _weight(all_) if self._length + length > BYTES_MAX else None

    def _busy(self, turns: int) -> UnavailableError:
        return UnavailableError(
            "busy",
            sentence("too many submissions are waiting; submit again with the same id"),
            retry_after=max(1, math.ceil(turns * self._seconds / self._at_once)),
        )


def _weight(lines: Iterable[_Line]) -> int:
    return sum(weight for line in lines for weight, _, _ in line.waiting)


def whose(path: str, body: bytes, keys_of: Callable[[str], Callable[[str], bool] | None]) -> Who | None:
    """The log that a request submits to and the key that signed first; ``keys_of`` gives of a log that is open what
    says whether it knows a key.

    All keys that it does not know have one share. None for a request that submits nothing, or to no log that is open.
    """
    found = _PATH.fullmatch(path)
    has_key = keys_of(found[1]) if found is not None else None
    if found is None or has_key is None:
        return None
    key = _KEY.search(body)
    keyid = key[1].decode("ascii") if key is not None else ""
    return found[1], keyid if has_key(keyid) else ""
