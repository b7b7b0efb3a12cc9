"""The logs that a running process has open, each with the runner that keeps its register."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import structlog

from api.heads.publisher import Publisher, client_of
from api.heads.stamper import Stamper, authorities_of
from api.home.bootstrap import OF_THE_HOME, LogHome, Progress, log_named, logs_of, open_log
from api.home.rewrapping import Rewrapping
from api.home.settings import Settings
from api.sentences import sentence
from ledger.application import Ledger
from ledger.errors import EvidenceError, RongjianError, UnavailableError
from ledger.proven_log import ProvenLog
from projections.finder import Finder
from projections.register import Register
from projections.runner import Runner

#: Seconds after which reading once more is tried again, where the database did not answer.
TRY_AGAIN = 60

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenLog:
    """One open log."""

    home: LogHome
    ledger: Ledger
    register: Register
    runner: Runner
    finder: Finder


class OpenLogs:
    """Opens every log of a home, follows them, and closes them.

    A log that is not what it should be stays closed and is named by :attr:`refused`; the others are opened. Raises its
    reason where there are no others.
    """

    def __init__(
        self,
        settings: Settings,
        url: str,
        progress: Progress | None = None,
        own_witness: Mapping[str, httpx.BaseTransport] | None = None,
    ) -> None:
        """``progress`` is told how many entries of the log that is being opened are proven; ``own_witness`` answers
        below a URL prefix instead of the network: a witness that runs in this process.
        """
        self.settings = settings
        self._logs: dict[str, OpenLog] = {}
        self._threads: list[threading.Thread] = []
        #: Those who ask others to attest the heads, each in a thread of its own; with them, those who work on the
        #: vaults.
        self._attesting: list[Publisher | Stamper] = []
        self._ending_threads: list[threading.Thread] = []
        self._rewrapping: list[Rewrapping] = []
        self._ending = threading.Event()
        #: Logs of this home that could not be opened, each with the reason.
        self.refused: dict[str, RongjianError] = {}
        for home in logs_of(settings):
            try:
                self._open(home, url, progress, own_witness or {})
            except (EvidenceError, UnavailableError) as error:
                if error.code in OF_THE_HOME:
                    self.close()
                    raise
                self.refused[home.name] = error
        if self.refused and not self._logs:
            raise next(iter(self.refused.values()))
        for name, why in self.refused.items():
            _log.error("log_not_opened", log=name, code=why.code)

    def _open(
        self, home: LogHome, url: str, progress: Progress | None, own_witness: Mapping[str, httpx.BaseTransport]
    ) -> None:
        ledger = open_log(self.settings, url, home, progress=progress)
        attesting: list[Publisher | Stamper] = []
        if ledger.heads.policy is not None:
            # Before anything is served or signed: has a witness seen more of this log than there is?
            publisher = Publisher(ledger, ledger.heads.policy, client_of(own_witness))
            try:
                publisher.round()
            except RongjianError:
                publisher.close()
                ledger.close()
                raise
            attesting.append(publisher)
        authorities = authorities_of(home.folder)
        if authorities:
            attesting.append(Stamper(ledger, authorities))
        runner = Runner(ledger, ledger.database, ledger.size, ledger.vault.seal_of)
        self._logs[home.name] = OpenLog(
            home, ledger, Register(ledger.database), runner, Finder(ledger, ledger.database)
        )
        self._rewrapping.append(Rewrapping(ledger))
        self._attesting += attesting

    def __getitem__(self, name: str) -> OpenLog:
        """The log of a short name; NotFoundError names those there are, UnavailableError says why one is not served."""
        if name in self.refused:
            why = self.refused[name]
            raise UnavailableError(
                "log_not_served",
                sentence("the log {name} is not served: {why}", name=name, why=why.told),
                reason=why.code,
            )
        if name not in self._logs:
            log_named(self.settings, name)
        return self._logs[name]

    def opened(self, name: str) -> OpenLog | None:
        """The log of a short name, if it is open."""
        return self._logs.get(name)

    def all(self) -> list[OpenLog]:
        return list(self._logs.values())

    def served(self) -> tuple[list[OpenLog], dict[str, RongjianError]]:
        """The logs that answer now, and those that do not, each with the reason.

        Raises UnavailableError where the database is down.
        """
        standing, refused = [], dict(self.refused)
        for log in self._logs.values():
            try:
                log.ledger.size()
                standing.append(log)
            except EvidenceError as error:
                refused[log.home.name] = error
        return standing, refused

    def follow(self) -> None:
        """Start a runner thread per log, and whatever publishes or stamps its heads or works on its vault."""
        for log in self._logs.values():
            thread = threading.Thread(target=log.runner.follow, name=f"runner-{log.home.name}", daemon=True)
            thread.start()
            self._threads.append(thread)
            thread = threading.Thread(target=log.finder.follow, name=f"finder-{log.home.name}", daemon=True)
            thread.start()
            self._threads.append(thread)
        thread = threading.Thread(target=self._pass_again, name="passing", daemon=True)
        thread.start()
        self._ending_threads.append(thread)
        for asking in self._attesting:
            thread = threading.Thread(target=asking.follow, name=type(asking).__name__.lower(), daemon=True)
            thread.start()
            self._ending_threads.append(thread)
        for rewrapping in self._rewrapping:
            thread = threading.Thread(target=rewrapping.follow, name="rewrapping", daemon=True)
            thread.start()
            self._ending_threads.append(thread)

    def _pass_again(self) -> None:
        """What the process before has proven is read once more, log by log, behind whatever is served meanwhile."""
        for log in self._logs.values():
            proven = log.ledger.log
            while isinstance(proven, ProvenLog) and not proven.passed and not self._ending.is_set():
                try:
                    proven.pass_again(self._ending.is_set)
                except EvidenceError as error:
                    _log.error("pass_failed", log=log.home.name, code=error.code)
                    break
                except (RongjianError, OSError) as error:
                    # Also where no process can be begun.
                    _log.warning("pass_interrupted", log=log.home.name, kind=type(error).__name__)
                    self._ending.wait(TRY_AGAIN)

    def follows(self, name: str) -> bool:
        """Does the runner of a log run?"""
        return any(thread.name == f"runner-{name}" and thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Stop the runners and publishers, then close the logs."""
        self._ending.set()
        for ending in (*self._attesting, *self._rewrapping):
            ending.stop()
        for log in self._logs.values():
            log.runner.stop()
            log.finder.stop()
        for thread in self._threads + self._ending_threads:
            thread.join(timeout=30)
        for asking in self._attesting:
            asking.close()
        for log in self._logs.values():
            log.ledger.close()
