"""Logs for operators: console on a terminal, JSON otherwise; static event names, ids, never payloads."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import MutableMapping
from typing import TextIO, cast

import structlog
from structlog.typing import Processor


class _Lines:
    """Where log lines go. One that cannot be written is lost, and no work with it: a reader that ends, a full disk."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()


def configure_logging(level: int) -> None:
    """Log to standard error from this level on."""
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where_it_failed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # print() asks a file for no more than write and flush.
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lines(sys.stderr))),
        cache_logger_on_first_use=False,
    )


def _where_it_failed(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Type and lines of an exception; neither its message nor any variable, which may hold what a person said."""
    error = sys.exc_info()[1] if event.pop("exc_info", None) else None
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        event["exception"] = type(error).__name__
        event["frames"] = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
    return event
