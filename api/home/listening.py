"""The port of a service, taken before anything is started."""

from __future__ import annotations

import errno
import socket

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
