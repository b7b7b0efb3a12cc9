"""Whether this process can do its work now, part by part and log by log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, NotRequired, TypedDict

import anyio
import anyio.to_thread

from api.home.open_logs import OpenLog, OpenLogs
from ledger.errors import RongjianError, UnavailableError

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
    """Where a register stands, and how many entries its log has, once these could be asked."""

    register: int
    size: int


class LogState(_Reached):
    """A log's parts beside it."""

    parts: dict[str, PartState]


class ReadyReport(TypedDict):
    status: str
    logs: dict[str, LogState]


OK: Final[PartState] = {"state": "ok"}

#: The parts in words, Chinese and English.
PARTS: Final = {
    "database": ("数据库", "the database"),
    "commits": ("提交", "commits"),
    "space": ("磁盘空间", "disk space"),
    "clock": ("时钟", "the clock"),
    "signing": ("签署", "signing"),
    "register": ("清单", "the register"),
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
            stuck: PartState = {
                "state": "stuck",
                "zh": f"{PATIENCE:.0f} 秒内没有应答",
                "en": f"no answer in {PATIENCE:.0f} seconds",
            }
            logs = {log.home.name: {"parts": {_DATABASE: stuck}} for log in self._logs.all()}
        ill = {name: parts for name, log in logs.items() if (parts := _ill(log["parts"]))}
        if ill:
            named = [_named(name, parts) for name, parts in ill.items()]
            zh, en = "；".join(n[0] for n in named), "; ".join(n[1] for n in named)
            waits = all(_passes(logs[name]["parts"][part]) for name, parts in ill.items() for part in parts)
            raise UnavailableError(
                "not_ready",
                f"not ready: {en}; logs says of each part what is the matter",
                f"尚未就绪：{zh}；各部分情况见 logs",
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
                f"the register of {name} no longer follows its log; see the service's log and restart",
                f"{name} 的清单已停止跟进；请查看服务日志并重启",
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
                f"the register is at position {at} of {size}, where it has been for {now - since:.0f} seconds",
                f"清单位于第 {at} 条，账本有 {size} 条，已停留 {now - since:.0f} 秒",
            )


def _check_commits(log: OpenLog) -> None:
    """What is committed is safe, and no commit hangs."""
    database = log.ledger.database
    database.check_confirmed()
    seconds = database.longest_commit()
    if seconds > SLOW_COMMIT:
        raise UnavailableError(
            "commit_waits",
            f"a commit has been waiting for {seconds:.0f} seconds (is a synchronous standby gone?)",
            f"提交已等待 {seconds:.0f} 秒（同步备机是否失联？）",
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
        return f"账本 {name} 未提供服务", f"the log {name} is not served"
    zh, en = "、".join(PARTS[p][0] for p in parts), ", ".join(PARTS[p][1] for p in parts)
    return f"账本 {name} 的{zh}", f"{en} of the log {name}"


def _ill(parts: dict[str, PartState]) -> list[str]:
    return [part for part, said in parts.items() if said != OK]


def _passes(said: PartState) -> bool:
    """Does waiting alone help?"""
    return said["state"] in _PASSING or "retry_after" in said
