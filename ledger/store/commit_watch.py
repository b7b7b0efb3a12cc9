"""How long a COMMIT may take, and whether what it says can be believed.

Where a synchronous standby is gone, COMMIT waits for it without limit. A wait that is cancelled ends in success:
PostgreSQL has committed on this server, and says by a warning that no standby may have it (``SyncRepWaitForLSN`` in its
source). If this server is lost, what was committed then is lost with it, so for us the outcome is unknown.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import psycopg
import structlog
from psycopg import Connection
from psycopg.errors import Diagnostic

from ledger.errors import RongjianError, UnknownOutcomeError
from ledger.sentences import sentence

#: Seconds that a COMMIT may take before it is cancelled, and then until its connection is cut.
DEADLINE = 10.0
CUT_AFTER = 5.0

#: Seconds between two looks at the COMMITs that are under way.
LOOK = 0.1

#: Seconds between two attempts to have what was committed confirmed.
PAUSE = 1.0

#: What PostgreSQL warns with when a wait for a standby ends early: cancelled, or because the server is stopped. Nothing
#: else of ours warns while it commits.
_UNCONFIRMED = frozenset({"01000", "57P01"})

_log = structlog.get_logger(__name__)


class CommitWatch:
    """Watches one COMMIT of a connection."""

    def __init__(self, connection: Connection[object]) -> None:
        self._connection = connection
        self._over = threading.Event()
        self._ending = threading.Lock()
        #: When the COMMIT began, in monotonic seconds; None before.
        self.began: float | None = None
        #: Was its wait for a standby given up?
        self.unconfirmed = False
        #: Has it taken too long?
        self.late = False

    def begin(self) -> None:
        """The next thing that the connection does is to commit."""
        self._connection.add_notice_handler(self._heard)
        self.began = time.monotonic()

    def end(self) -> None:
        """The COMMIT is over, however."""
        with self._ending:
            self._over.set()
        if self.began is not None:
            self._connection.remove_notice_handler(self._heard)
        if self.late:
            # The cancel may still be under way, and would meet whatever this connection did next.
            self._connection.close()

    def look(self, now: float) -> None:
        """End it where it takes too long."""
        with self._ending:
            if self.late or self._over.is_set() or self.began is None or now - self.began < DEADLINE:
                return
            self.late = True
        # It waits for the server, and others may be late as well.
        threading.Thread(target=self._cancel, name="cancelling", daemon=True).start()

    def _heard(self, notice: Diagnostic) -> None:
        self.unconfirmed = self.unconfirmed or notice.sqlstate in _UNCONFIRMED

    def _cancel(self) -> None:
        _log.error("commit_late", seconds=DEADLINE)
        try:
            self._connection.cancel_safe(timeout=CUT_AFTER)
        except psycopg.Error as error:
            _log.error("commit_cancel_failed", kind=type(error).__name__)
        if not self._over.wait(CUT_AFTER):
            self._cut()

    def _cut(self) -> None:
        """Nobody is there to hear the cancel: end the connection under the thread that waits for it."""
        try:
            with socket.socket(fileno=socket.dup(self._connection.fileno())) as beside:
                beside.shutdown(socket.SHUT_RDWR)
        except (OSError, psycopg.Error) as error:
            _log.error("commit_cut_failed", kind=type(error).__name__)


class Commits:
    """The transactions of a database that are under way: one thread sees that no COMMIT takes too long."""

    def __init__(self) -> None:
        self._watches: set[CommitWatch] = set()
        self._some = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = False

    def watch(self, connection: Connection[object]) -> CommitWatch:
        """Watch the transaction that a connection begins, until it is :meth:`forgotten <forget>`."""
        watch = CommitWatch(connection)
        self._watches.add(watch)
        self._some.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
                    self._thread.start()
        return watch

    def forget(self, watch: CommitWatch) -> None:
        """The transaction is over."""
        watch.end()
        self._watches.discard(watch)

    def longest(self) -> float:
        """Seconds for which the oldest COMMIT under way has been waiting; 0 where there is none."""
        now = time.monotonic()
        return max((now - watch.began for watch in list(self._watches) if watch.began is not None), default=0.0)

    def stop(self) -> None:
        self._ended = True
        self._some.set()

    def _run(self) -> None:
        while not self._ended:
            self._some.wait()
            self._some.clear()
            while self._watches and not self._ended:
                time.sleep(LOOK)
                for watch in list(self._watches):
                    watch.look(time.monotonic())


class Confirmation:
    """Whether what this process has committed is known to be safe.

    ``commit`` makes a commit that is confirmed only when all before it are; it is made again and again, in a thread of
    its own, from a commit that was not confirmed to the first that is.
    """

    def __init__(self, commit: Callable[[], None], retry_after: int) -> None:
        self._commit = commit
        self._retry_after = retry_after
        self._lock = threading.Lock()
        self._doubts = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def check(self) -> None:
        """Raise UnknownOutcomeError where it is not."""
        if self._doubts:
            raise _unknown_outcome(self._retry_after)

    def doubted(self) -> UnknownOutcomeError:
        """A commit was not confirmed; returns what its caller is told."""
        with self._lock:
            self._doubts += 1
            if self._thread is None and not self._ended.is_set():
                _log.error("commit_unconfirmed")
                self._thread = threading.Thread(target=self._settle, name="confirming", daemon=True)
                self._thread.start()
        return _unknown_outcome(self._retry_after)

    def stop(self) -> None:
        self._ended.set()

    def _settle(self) -> None:
        while not self._ended.wait(PAUSE):
            before = self._doubts
            try:
                self._commit()
            except RongjianError as error:
                _log.error("commit_still_unconfirmed", code=error.code)
                continue
            with self._lock:
                # A commit that was doubted meanwhile may be a later one.
                if self._doubts == before:
                    self._doubts, self._thread = 0, None
                    _log.info("commits_confirmed")
                    return


def _unknown_outcome(retry_after: int) -> UnknownOutcomeError:
    """What callers are told until a later commit is confirmed."""
    return UnknownOutcomeError(
        "outcome_unknown",
        sentence(
            "the database could not confirm in time that what was committed is safe (is a synchronous standby gone?): "
            "what was submitted may be recorded or lost, and has no receipt before that is known. Submit again with "
            "the same id later"
        ),
        retry_after=retry_after,
    )
