"""What a client sends before its request has begun is bounded."""

from __future__ import annotations

import socket
import threading

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.home.listening import http_of, listener

#: More than any client needs, and more than the parser takes.
MEGABYTES = 20


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An application that is never reached."""


def test_headers_that_do_not_end_are_cut_off() -> None:
    config = http_of(_nothing)
    config.lifespan = "off"
    server = uvicorn.Server(config)
    with listener("127.0.0.1", 0) as listening:
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        serving.start()
        headers = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 500_000) for number in range(2 * MEGABYTES))
        begun = b"GET / HTTP/1.1\r\nHost: x\r\n"
        client = socket.create_connection(listening.getsockname(), timeout=30)
        with client, pytest.raises((ConnectionResetError, BrokenPipeError)):
            client.sendall(begun + headers)
        server.should_exit = True
        serving.join(timeout=30)
    assert not serving.is_alive()
