"""Seals what earlier versions kept under a key of its subject under keys of single openings, while the service runs."""

from __future__ import annotations

import threading

import structlog

from ledger.application import Ledger
from ledger.errors import RongjianError

#: Seconds before it is tried again where the database failed or a value did not open.
PATIENCE = 60.0

_log = structlog.get_logger(__name__)


class Rewrapping:
    """One log's vault; ends by itself once nothing lies under a subject's key any more."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._stopped = threading.Event()

    def follow(self) -> None:
        """Subject by subject, each in a transaction of its own, until none is left or :meth:`stop`."""
        while not self._stopped.is_set():
            try:
                left = [subject for subject in self._ledger.vault.under_one_key() if not self._done(subject)]
            except RongjianError as error:
                _log.error("rewrapping_failed", log=self._ledger.origin, code=error.code)
                left = [""]
            if not left:
                return
            self._stopped.wait(PATIENCE)

    def _done(self, subject: str) -> bool:
        """One subject; a value of it that does not open leaves it as it is, and stops no other."""
        if self._stopped.is_set():
            return False
        try:
            self._ledger.vault.rewrap(subject)
        except RongjianError as error:
            _log.error("rewrapping_failed", log=self._ledger.origin, code=error.code)
            return False
        return True

    def stop(self) -> None:
        self._stopped.set()
