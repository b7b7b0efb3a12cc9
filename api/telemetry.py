"""Logs for operators: console on a terminal, JSON otherwise; static event names, ids, never payloads."""

from __future__ import annotations

import sys
from typing import Any

import structlog


def configure_logging(level: int) -> None:
    """Log to standard error from this level on."""
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
