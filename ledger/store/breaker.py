"""A database that is down fails callers at once: one of them asks it again now and then, the others do not wait for
that.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import psycopg

from ledger.errors import UnavailableError
from ledger.sentences import sentence

#: Seconds for which everybody is refused at once after the database did not answer; then one caller asks again.
COOLING = 1.0

#: Seconds in which a database that runs takes a connection.
ANSWER_TIMEOUT = 2

#: A server that refuses for these reasons is there: open connections are served, and others wait for one.
_CROWDED = re.compile(r"too many clients|too many connections|remaining connection slots")


#: SQLSTATE classes of a server that is there and does not let us in: who we are, and which database we ask for.
_NOT_ADMITTED = ("28", "3D")

#: The same in its words, English or Chinese: of a connection that was never made the driver knows no SQLSTATE.
_NOT_ADMITTED_WORDS = re.compile(
    r"authentication failed|no password supplied|(role|database|user) \".*\" does not exist|no pg_hba\.conf entry"
    r"|not permitted to log in|认证失败|(角色|数据库|用户).*不存在|pg_hba\.conf.*(没有|记录)|没有.*pg_hba\.conf"
)


def refuses_us(error: psycopg.Error) -> bool:
    """Is the server there, and the address, user or password that we come with wrong? Waiting does not mend that."""
    if error.sqlstate is not None:
        return error.sqlstate.startswith(_NOT_ADMITTED)
    return isinstance(error, psycopg.OperationalError) and _NOT_ADMITTED_WORDS.search(str(error)) is not None


def not_admitted() -> UnavailableError:
    """Says what the operator has to look at; nothing of the address is shown, which may hold a password."""
    return UnavailableError(
        "database_refuses_us",
        sentence(
            "the database server is there and does not let us in: the user, the password or the name of the database "
            "in RONGJIAN_DATABASE_URL is wrong, or its pg_hba.conf does not admit us; mend it, then start again"
        ),
    )


class CircuitBreaker:
    """Remembers that the database did not answer, or did not let us in. Safe to use from several threads.

    ``ask`` tries to reach the database and raises psycopg.Error where it cannot; ``retry_after`` is what callers are
    told.
    """

    def __init__(self, ask: Callable[[], None], retry_after: int) -> None:
        self._ask = ask
        self._retry_after = retry_after
        self._lock = threading.Lock()
        self._down = False
        self._admitted = True
        self._asking = False
        self._asked = -COOLING

    def check(self) -> None:
        """Raise UnavailableError at once where the database was down a moment ago; after that moment one caller finds
        out.
        """
        with self._lock:
            if not self._down:
                return
            if not self._turn():
                raise self._refusal()
        self._find_out()

    def look(self) -> None:
        """Find out whether the database answers, unless somebody has or does; raises UnavailableError where it is known
        not to.
        """
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
        down, admitted = True, True
        try:
            self._ask()
            down = False
        except psycopg.Error as error:
            down = _CROWDED.search(str(error)) is None
            admitted = not refuses_us(error)
            if down:
                raise (self._refusal() if admitted else not_admitted()) from error
        finally:
            with self._lock:
                self._down, self._admitted = down, admitted
                self._asking, self._asked = False, time.monotonic()

    def _refusal(self) -> UnavailableError:
        if not self._admitted:
            return not_admitted()
        return UnavailableError(
            "database_unavailable",
            sentence("the database does not answer; start it or check RONGJIAN_DATABASE_URL, then submit again"),
            retry_after=self._retry_after,
        )
