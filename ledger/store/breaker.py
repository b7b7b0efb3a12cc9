"""A database that is down fails callers at once: one of them asks it again now and then, the others do not wait for that."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import psycopg

from ledger.errors import UnavailableError

#: Seconds for which everybody is refused at once after the database did not answer; then one caller asks again.
COOLING = 1.0

#: Seconds in which a database that runs takes a connection.
ANSWER_TIMEOUT = 2

#: A server that refuses for these reasons is there: whoever holds a connection is served, and others wait for one.
_CROWDED = re.compile(r"too many clients|too many connections|remaining connection slots")


class CircuitBreaker:
    """Remembers that the database did not answer. Safe to use from several threads.

    ``ask`` tries to reach the database and raises psycopg.Error where it cannot; ``retry_after`` is what callers are told.
    """

    def __init__(self, ask: Callable[[], None], retry_after: int) -> None:
        self._ask = ask
        self._retry_after = retry_after
        self._lock = threading.Lock()
        self._down = False
        self._asking = False
        self._asked = -COOLING

    def check(self) -> None:
        """Raise UnavailableError at once where the database was down a moment ago; after that moment one caller finds out."""
        with self._lock:
            if not self._down:
                return
            if not self._turn():
                raise self._refusal()
        self._find_out()

    def look(self) -> None:
        """Find out whether the database answers, unless somebody has or does; raises UnavailableError where it is known not to."""
        with self._lock:
            if not self._turn():
                if self._down:
                    raise self._refusal()
                return
        self._find_out()

    def _turn(self) -> bool:
        """Is it this caller's turn to ask?"""
        if self._asking or time.monotonic() < self._asked + COOLING:
            return False
        self._asking = True
        return True

    def _find_out(self) -> None:
        down = True
        try:
            self._ask()
            down = False
        except psycopg.Error as error:
            down = _CROWDED.search(str(error)) is None
            if down:
                raise self._refusal() from error
        finally:
            with self._lock:
                self._down, self._asking, self._asked = down, False, time.monotonic()

    def _refusal(self) -> UnavailableError:
        return UnavailableError(
            "database_unavailable",
            "the database does not answer; start it or check RONGJIAN_DATABASE_URL, then submit again",
            "数据库无响应；请启动数据库或检查 RONGJIAN_DATABASE_URL，然后重新提交",
            retry_after=self._retry_after,
        )
