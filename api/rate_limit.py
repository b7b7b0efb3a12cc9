"""How often a client may call, kept in this process."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from api.sentences import sentence
from ledger.errors import TooManyError

_CLIENTS_MAX: Final = 10_000


class RateLimit:
    """At most so many calls of one client in a stretch of time."""

    def __init__(self, most: int, stretch: timedelta, clock: Callable[[], datetime]) -> None:
        self._most, self._stretch, self._clock = most, stretch, clock
        self._lock = threading.Lock()
        self._calls: OrderedDict[str, deque[datetime]] = OrderedDict()

    def count(self, client: str) -> None:
        """Count a call; raises TooManyError where there were too many, with the seconds until one is let in again."""
        now = self._clock()
        with self._lock:
            calls = self._calls.setdefault(client, deque())
            self._calls.move_to_end(client)
            while calls and calls[0] <= now - self._stretch:
                calls.popleft()
            # The place of the oldest call is free as soon as that has left the stretch.
            wait = calls[0] + self._stretch - now if len(calls) >= self._most else None
            if wait is None:
                calls.append(now)
            while len(self._calls) > _CLIENTS_MAX:
                self._calls.popitem(last=False)
        if wait is not None:
            seconds = int(self._stretch.total_seconds())
            raise TooManyError(
                "too_many_requests",
                sentence("at most {most} in {seconds} seconds", most=self._most, seconds=seconds),
                retry_after=math.ceil(wait.total_seconds()),
            )
