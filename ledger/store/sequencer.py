"""Group commit: concurrent submissions of one process are decided one after the other and share a transaction (queue ->
one writer -> futures).
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

#: Seconds in which a service that is being restarted takes submissions again.
RESTART = 10

_Waiting = tuple[Request, Future[Appended]]

_log = structlog.get_logger(__name__)


class Sequencer:
    """The one writer thread of a log in this process."""

    def __init__(self, recorder: PostgresRecorder) -> None:
        self._recorder = recorder
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(QUEUE_MAX)
        self._closed = False
        #: How long the last batch took, by which those who find the queue full are told when it has been worked off.
        self._batch_seconds = 0.0
        #: Nothing is queued behind the end: it would never be answered.
        self._ending = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()

    def submit(self, command: AppendCommand, judge: Judge | None = None) -> Future[Appended]:
        """A future that resolves once the command is decided and committed, or fails with the reason it is not."""
        future: Future[Appended] = Future()
        with self._ending:
            if self._closed:
                raise UnavailableError(
                    "closing",
                    sentence("the log is being closed; submit again with the same id"),
                    retry_after=RESTART,
                )
            try:
                self._queue.put_nowait((Request(command, judge), future))
            except queue.Full as error:
                raise UnavailableError(
                    "busy",
                    sentence("too many submissions are waiting; submit again with the same id"),
                    retry_after=max(1, math.ceil(QUEUE_MAX / BATCH_MAX * self._batch_seconds)),
                ) from error
        return future

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._ending:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        waiting: list[_Waiting] = []
        while True:
            batch = self._next_batch(waiting)
            if batch is None:
                return
            if batch:
                begun = time.monotonic()
                waiting = batch[self._commit(batch) :]
                self._batch_seconds = time.monotonic() - begun
                self._announce()

    def _next_batch(self, waiting: list[_Waiting]) -> list[_Waiting] | None:
        """Those who waited for this batch, and who has come since; None where nobody comes any more."""
        batch = waiting
        if not batch:
            first = self._queue.get()
            if first is None:
                return None
            batch = [first]
        while len(batch) < BATCH_MAX:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._queue.put(None)
                break
            batch.append(item)
        return batch

    def _commit(self, batch: list[_Waiting]) -> int:
        """Every future that is decided gets its outcome, whatever happens: a writer that ended first would leave
        callers waiting for ever. How many those are; the others are for the next batch.
        """
        requests, broken = [request for request, _ in batch], None
        outcomes: Sequence[Appended | BaseException]
        try:
            outcomes = self._outcomes(requests)
        # A bug of ours: every caller of the batch hears of it, and the next are served.
        except BaseException as error:  # noqa: BLE001
            broken, outcomes = error, [error] * len(batch)
        for (_, future), outcome in zip(batch, outcomes, strict=False):
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        if broken is not None:
            _log.error("batch_broken", kind=type(broken).__name__, commands=len(batch))
        return len(outcomes)

    def _announce(self) -> None:
        """What nobody is told of in time is found by whoever looks."""
        try:
            self._recorder.announce()
        except RongjianError as error:
            _log.error("not_announced", code=error.code)

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
