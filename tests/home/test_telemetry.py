"""Logs for operators: what becomes of them never becomes the work's trouble."""

from __future__ import annotations

import io
import logging
import sys

import pytest
import structlog

from api.home.telemetry import configure_logging
from ledger.errors import RefusedError
from tests.builders import Town
from tests.ledger.acts import D


def test_a_log_line_that_cannot_be_written_is_lost_and_no_work_with_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process that reads our standard error has ended."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging(logging.INFO)
    structlog.get_logger().info("before")
    assert '"event": "before"' in stream.getvalue()
    stream.close()
    incident = {"org": "A", "incident_id": "I1", "category": "other", "authority": "x"}
    first = town.must("IncidentRecorded", D, **incident)
    with pytest.raises(RefusedError):
        town.must("IncidentRecorded", D, **incident)
    assert [e.statement.id for e in town.ledger.events()][-1] == first
