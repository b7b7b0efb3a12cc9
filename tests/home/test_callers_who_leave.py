"""A caller who goes away in the middle of a request is no fault of the service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog
from starlette.types import Message, Scope
from structlog.testing import LogCapture

from api import app as application
from api.app import create_app
from api.home.open_logs import OpenLogs
from tests.small_home import LOG, begun_home, own_database


def test_who_leaves_before_the_body_has_ended_is_noted_and_not_answered(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = LogCapture()
    monkeypatch.setattr(
        application, "_log", structlog.wrap_logger(None, processors=[noted], wrapper_class=structlog.BoundLogger)
    )
    sent: list[Message] = []
    coming = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": f"/v1/logs/{LOG}/statements",
        "raw_path": f"/v1/logs/{LOG}/statements".encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    with own_database(database_url) as url, begun_home(tmp_path, url) as settings:
        logs = OpenLogs(settings, url)
        asyncio.run(create_app(logs)(scope, receive, send))
        logs.close()
    assert sent == []
    assert [(e["event"], e["log_level"], e["method"]) for e in noted.entries] == [("client_left", "info", "POST")]
