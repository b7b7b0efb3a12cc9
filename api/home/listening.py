"""The port of a service, taken before anything is started."""

from __future__ import annotations

import errno
import socket

from ledger.errors import UnavailableError


def listener(host: str, port: int) -> socket.socket:
    """A listening socket; raises UnavailableError where the port cannot be had."""
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise UnavailableError(
                "port_in_use",
                f"port {port} on {host} cannot be opened: {error.strerror}; choose another (RONGJIAN_PORT, --port)",
                f"{host} 的端口 {port} 无法使用；请另选端口（RONGJIAN_PORT、--port）",
            ) from error
        raise _no_address(host, port, error.strerror) from error
    # A name that no host can have, a port beyond the last.
    except (ValueError, OverflowError) as error:
        raise _no_address(host, port, str(error)) from error


def _no_address(host: str, port: int, why: str | None) -> UnavailableError:
    return UnavailableError(
        "address_unusable",
        f"{host}, port {port}, is no address of this machine: {why}; choose another (RONGJIAN_HOST, RONGJIAN_PORT)",
        f"{host} 端口 {port} 不是本机可用的地址；请另设 RONGJIAN_HOST、RONGJIAN_PORT",
    )
