"""Whether this process can do its work now, part by part and log by log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, NotRequired, TypedDict

import anyio
import anyio.to_thread

from api.home.open_logs import OpenLog, OpenLogs
from api.sentences import sentence, term
from ledger.errors import RongjianError, UnavailableError
from ledger.proven_log import ProvenLog
from ledger.sentences import enumeration

#: Seconds in which everything has to have been asked; a database that is stuck is found by this.
PATIENCE: Final = 5.0
#: Seconds from which on a COMMIT under way counts as one that hangs.
SLOW_COMMIT = 2.0
#: Entries that a register may be behind its log, and seconds for which it may not move while it is behind.
BEHIND_MAX = 1_000
STANDSTILL = 60.0
#: Seconds after which it may be asked again, where what is the matter passes.
AGAIN: Final = 5


class PartState(TypedDict):
    """How a part is: ``ok``, or the code of what is the matter, in words, and when to ask again."""

    state: str
    zh: NotRequired[str]
    en: NotRequired[str]
    retry_after: NotRequired[int]


class _Reached(TypedDict, total=False):
    """Where a register stands, and how many entries its log has, once these could be asked; how many of them the
    process before has proven, and how many of these were read again since.
    """

    register: int
    size: int
    taken_over: int
    passed_again: int


class LogState(_Reached):
    """A log's parts beside it."""

    parts: dict[str, PartState]


class ReadyReport(TypedDict):
    status: str
    logs: dict[str, LogState]


OK: Final[PartState] = {"state": "ok"}

#: The parts in words, Chinese and English.
PARTS: Final = {
    "database": sentence("the database"),
    "commits": sentence("commits"),
    "space": sentence("disk space"),
    "clock": sentence("the clock"),
    "signing": sentence("signing"),
    "register": sentence("the register"),
}

#: States that pass by themselves; so does whatever a part says when to ask again.
_PASSING: Final = {"stuck", "unknown", "commit_waits", "register_behind"}

#: What is said of a part that cannot be asked while the database does not answer.
_UNKNOWN: Final[PartState] = {"state": "unknown"}
_DATABASE: Final = "database"


class Readiness:
    """Asks every part of every log. Safe to use from several threads."""

    def __init__(self, logs: OpenLogs) -> None:
        self._logs = logs
        self._lock = threading.Lock()
        #: Position of each register, and since when it has stood there.
        self._stood: dict[str, tuple[int, float]] = {}
        # Its own threads: those of the pages may all be waiting.
        self._limiter: anyio.CapacityLimiter | None = None

    async def report(self) -> ReadyReport:
        """Every log with its parts, where all are well. Raises UnavailableError (``not_ready``) with the same in its
        details, and with ``retry_after`` where waiting alone mends all of it.
        """
        self._limiter = self._limiter or anyio.CapacityLimiter(4)
        logs: dict[str, LogState] | None = None
        with anyio.move_on_after(PATIENCE):
            logs = await anyio.to_thread.run_sync(self._ask, abandon_on_cancel=True, limiter=self._limiter)
        if logs is None:
            zh, en = sentence("no answer in {seconds} seconds", seconds=f"{PATIENCE:.0f}")
            stuck: PartState = {"state": "stuck", "zh": zh, "en": en}
            logs = {log.home.name: {"parts": {_DATABASE: stuck}} for log in self._logs.all()}
        ill = {name: parts for name, log in logs.items() if (parts := _ill(log["parts"]))}
        if ill:
            named = [_named(name, parts) for name, parts in ill.items()]
            between = term("between values", "; ")
            told = (between[0].join(n[0] for n in named), between[1].join(n[1] for n in named))
            waits = all(_passes(logs[name]["parts"][part]) for name, parts in ill.items() for part in parts)
            raise UnavailableError(
                "not_ready",
                sentence("not ready: {parts}; logs says of each part what is the matter", parts=told),
                retry_after=AGAIN if waits else None,
                logs=logs,
            )
        return {"status": "ready", "logs": logs}

    def _ask(self) -> dict[str, LogState]:
        refused: dict[str, LogState] = {
            name: {"parts": {"log": _told(error)}} for name, error in self._logs.refused.items()
        }
        return {log.home.name: self._of_log(log) for log in self._logs.all()} | refused

    def _of_log(self, log: OpenLog) -> LogState:
        database = log.ledger.database
        found: _Reached = {}
        checks: dict[str, Callable[[], None]] = {
            _DATABASE: database.check_answering,
            "commits": lambda: _check_commits(log),
            "space": database.check_space,
            "clock": log.ledger.recorder.check_clock,
            "signing": log.ledger.heads.check_signing,
            "register": lambda: self._check_register(log, found),
        }
        if isinstance(log.ledger.log, ProvenLog) and log.ledger.log.taken_over:
            found["taken_over"], found["passed_again"] = log.ledger.log.taken_over, log.ledger.log.passed_again
        parts = {part: _state(part, check) for part, check in checks.items()}
        return {**found, "parts": parts}

    def _check_register(self, log: OpenLog, found: _Reached) -> None:
        """Its runner runs, and it is not far behind the log, nor has it stood still for long while it was behind."""
        name = log.home.name
        found["register"] = at = log.register.position()
        found["size"] = size = log.ledger.size()
        if not self._logs.follows(name):
            raise UnavailableError(
                "runner_stopped",
                sentence(
                    "the register of {parts} no longer follows its log; see the service's log and restart", parts=name
                ),
            )
        now = time.monotonic()
        with self._lock:
            stood_at, since = self._stood.get(name, (-1, now))
            if stood_at != at or at >= size:
                since = now
            self._stood[name] = (at, since)
        if size - at > BEHIND_MAX or now - since > STANDSTILL:
            raise UnavailableError(
                "register_behind",
                sentence(
                    "the register is at position {at} of {size}, where it has been for {since} seconds",
                    at=at,
                    size=size,
                    since=f"{now - since:.0f}",
                ),
            )


def _check_commits(log: OpenLog) -> None:
    """What is committed is safe, and no commit hangs."""
    database = log.ledger.database
    database.check_confirmed()
    seconds = database.longest_commit()
    if seconds > SLOW_COMMIT:
        raise UnavailableError(
            "commit_waits",
            sentence(
                "a commit has been waiting for {seconds} seconds (is a synchronous standby gone?)",
                seconds=f"{seconds:.0f}",
            ),
        )


def _state(part: str, check: Callable[[], None]) -> PartState:
    try:
        check()
    except RongjianError as error:
        if error.code in ("database_unavailable", "database_refuses_us") and part != _DATABASE:
            return _UNKNOWN
        return _told(error)
    return OK


def _told(error: RongjianError) -> PartState:
    told: PartState = {"state": error.code, "zh": error.zh, "en": error.en}
    if error.retry_after is not None:
        told["retry_after"] = error.retry_after
    return told


def _named(name: str, parts: list[str]) -> tuple[str, str]:
    """What is not well of a log; one that is not served has no parts."""
    if not PARTS.keys() >= set(parts):
        return sentence("the log {parts} is not served", parts=name)
    return sentence("{parts} of the log {log}", parts=enumeration(PARTS[p] for p in parts), log=name)


def _ill(parts: dict[str, PartState]) -> list[str]:
    return [part for part, said in parts.items() if said != OK]


def _passes(said: PartState) -> bool:
    """Does waiting alone help?"""
    return said["state"] in _PASSING or "retry_after" in said
