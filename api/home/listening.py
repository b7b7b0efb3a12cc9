"""The port of a service, taken before anything is started, and how HTTP is spoken on it."""

from __future__ import annotations

import errno
import socket

import uvicorn
from starlette.types import ASGIApp

from api.sentences import sentence
from ledger.errors import UnavailableError


def listener(host: str, port: int) -> socket.socket:
    """A listening socket; raises UnavailableError where the port cannot be had."""
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise UnavailableError(
                "port_in_use",
                sentence(
                    "port {port} on {host} cannot be opened: {strerror}; choose another (RONGJIAN_PORT, --port)",
                    port=port,
                    host=host,
                    strerror=error.strerror,
                ),
            ) from error
        raise _no_address(host, port, error.strerror) from error
    # A name that no host can have, a port beyond the last.
    except (ValueError, OverflowError) as error:
        raise _no_address(host, port, str(error)) from error


def _no_address(host: str, port: int, why: str | None) -> UnavailableError:
    return UnavailableError(
        "address_unusable",
        sentence(
            "{host}, port {port}, is no address of this machine: {why}; choose another (RONGJIAN_HOST, RONGJIAN_PORT)",
            host=host,
            port=port,
            why=why,
        ),
    )


def http_of(app: ASGIApp) -> uvicorn.Config:
    """How an application is served. By h11, which ends a request whose headers have no end; the parser in C takes less
    time and any amount of them into memory.
    """
    return uvicorn.Config(app, http="h11", log_level="warning", access_log=False)
