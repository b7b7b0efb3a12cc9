"""Group commit: concurrent submissions of one process are decided one after the other and share a transaction (queue ->
one writer -> futures).

Whoever finds nobody waiting and nothing being decided is the writer for that moment: two threads that wait for each
other cost more than the decision. Under load one thread writes what waits.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

import structlog

from ledger.errors import RongjianError, UnavailableError, UnknownOutcomeError
from ledger.sentences import sentence
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import AppendCommand, Appended, Judge, Request

#: Commands that share one transaction at most; more than this gains nothing and delays the first.
BATCH_MAX = 256

#: Commands that may wait; beyond it callers are told to come back instead of piling up.
QUEUE_MAX = 10_000

#: Seconds for which the writer waits for the next of those who are about to come again, after the last of them.
ABOUT_TO_COME = 0.002

#: Seconds in which a service that is being restarted takes submissions again.
RESTART = 10

#: Seconds after which other processes are told of a commit, and of those since.
TOLD_AFTER = 0.02

#: What is asked, who waits for it, and whether it is the first, or the only one, that its caller asks for.
_Waiting = tuple[Request, Future[Appended], bool]

_log = structlog.get_logger(__name__)


class _NotTakenError(UnavailableError):
    """A command that never waited to be decided."""


def _closing() -> _NotTakenError:
    return _NotTakenError(
        "closing", sentence("the log is being closed; submit again with the same id"), retry_after=RESTART
    )


class Sequencer:
    """The one writer thread of a log in this process."""

    def __init__(self, recorder: PostgresRecorder) -> None:
        self._recorder = recorder
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(QUEUE_MAX)
        self._closed = False
        #: How long the last batch took, by which those who find the queue full are told when it has been worked off.
        self._batch_seconds = 0.0
        #: How many callers were answered together last: as many may come again at once.
        self._together = 0
        #: Nothing is queued behind the end: it would never be answered.
        self._ending = threading.Lock()
        #: Held by whoever decides.
        self._deciding = threading.Lock()
        self._committed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()
        self._announcing = threading.Thread(target=self._announce, name="announcing", daemon=True)
        self._announcing.start()

    def submit(self, command: AppendCommand, judge: Judge | None = None) -> Future[Appended]:
        """A future that resolves once the command is decided and committed, or fails with the reason it is not.

        Raises UnavailableError where it cannot wait to be decided.
        """
        future = self.submit_all([Request(command, judge)])[0]
        if future.done() and isinstance(refused := future.exception(), _NotTakenError):
            raise refused
        return future

    def submit_all(self, requests: Sequence[Request]) -> list[Future[Appended]]:
        """The same for several, which are decided in their order and, as far as may be, in one transaction."""
        asked: list[_Waiting] = [(request, Future(), number == 0) for number, request in enumerate(requests)]
        with self._ending:
            others = self._closed or self._somebody_waits or self._together > 1
            alone = not others and self._deciding.acquire(blocking=False)
            if not alone:
                self._enqueue(asked)
        if alone:
            try:
                self._decide(asked)
            finally:
                self._deciding.release()
        return [future for _, future, _ in asked]

    def _enqueue(self, asked: Sequence[_Waiting]) -> None:
        for number, one in enumerate(asked):
            try:
                if self._closed:
                    raise _closing()
                self._put(one)
            except _NotTakenError as refused:
                # What comes after it may rest on it.
                for _, future, _ in asked[number:]:
                    future.set_exception(refused)
                return

    def _put(self, one: _Waiting) -> None:
        try:
            self._queue.put_nowait(one)
        except queue.Full as error:
            raise _NotTakenError(
                "busy",
                sentence("too many submissions are waiting; submit again with the same id"),
                retry_after=max(1, math.ceil(QUEUE_MAX / BATCH_MAX * self._batch_seconds)),
            ) from error

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._ending:
            first, self._closed = not self._closed, True
        if first:
            # Not while nobody may end: room for it comes from those who decide.
            self._queue.put(None)
        self._thread.join()
        # Somebody may be deciding alone still.
        with self._deciding:
            self._committed.set()
        self._announcing.join()

    def _run(self) -> None:
        waiting: list[_Waiting] = []
        while True:
            if not waiting:
                first = self._queue.get()
                if first is None:
                    return
                waiting = [first]
            with self._deciding:
                # Whoever has come while somebody else decided is of this batch too.
                batch = self._gathered(waiting)
                decided = self._commit(batch)
                self._together = _callers(batch[:decided])
            waiting = batch[decided:]
            for _ in range(decided):
                self._queue.task_done()

    @property
    def _somebody_waits(self) -> bool:
        # Those too that the writer's thread has taken and not decided yet.
        return self._queue.unfinished_tasks > 0

    def _decide(self, asked: list[_Waiting]) -> None:
        """All of them, in as many transactions as it takes; where somebody has come meanwhile, the rest waits."""
        while asked:
            asked = asked[self._commit(asked[:BATCH_MAX]) :]
            if asked and self._somebody_waits:
                with self._ending:
                    self._enqueue(asked)
                return

    def _gathered(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Those who waited for this batch, and who has come since."""
        # A commit and a signed head cost as much for one as for many. Those who were answered together are about to
        # come again: they are waited for while they do, no longer than the last batch took. Who is alone never waits.
        until, callers = time.monotonic() + self._batch_seconds, _callers(batch)
        while len(batch) < BATCH_MAX:
            patience = min(ABOUT_TO_COME, until - time.monotonic()) if callers < self._together else 0
            try:
                item = self._queue.get(timeout=patience) if patience > 0 else self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._queue.put(None)
                break
            batch.append(item)
            callers += item[2]
        return batch

    def _commit(self, batch: list[_Waiting]) -> int:
        """Every future that is decided gets its outcome, whatever happens: a writer that ended first would leave
        callers waiting for ever. How many those are; the others are for the next batch.
        """
        begun, requests, broken = time.monotonic(), [request for request, _, _ in batch], None
        outcomes: Sequence[Appended | BaseException]
        try:
            outcomes = self._outcomes(requests)
        # A bug of ours: every caller of the batch hears of it, and the next are served.
        except BaseException as error:  # noqa: BLE001
            broken, outcomes = error, [error] * len(batch)
        for (_, future, _), outcome in zip(batch, outcomes, strict=False):
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        if broken is not None:
            _log.error("batch_broken", kind=type(broken).__name__, commands=len(batch))
        self._batch_seconds = time.monotonic() - begun
        self._committed.set()
        return len(outcomes)

    def _announce(self) -> None:
        """Tell other processes of what was committed, a moment later of all of it at once. What nobody is told of in
        time is found by whoever looks.
        """
        while True:
            self._committed.wait()
            if not self._closed:
                time.sleep(TOLD_AFTER)
            self._committed.clear()
            # Asked now: who closes says so first, and then wakes this thread.
            closed = self._closed
            try:
                self._recorder.announce()
            except RongjianError as error:
                _log.error("not_announced", code=error.code)
            if closed:
                return

    def _outcomes(self, requests: list[Request]) -> list[Appended | RongjianError]:
        try:
            return self._recorder.record(requests)
        except RongjianError as error:
            return self._after_failure([request.command for request in requests], error)

    def _after_failure(self, commands: list[AppendCommand], error: RongjianError) -> list[Appended | RongjianError]:
        """The commit's outcome may be unknown: look the ids up before telling anybody that it failed."""
        _log.error("batch_failed", code=error.code, commands=len(commands))
        if isinstance(error, UnknownOutcomeError):
            # It stands on this server, and perhaps on no other: who found it there would give receipts for what may be
            # lost.
            return [error] * len(commands)
        outcomes: list[Appended | RongjianError] = []
        for command in commands:
            try:
                outcomes.append(self._recorder.replayed(command) or error)
            except RongjianError as otherwise:
                outcomes.append(otherwise)
        return outcomes


def _callers(batch: Sequence[_Waiting]) -> int:
    return sum(first for _, _, first in batch)
