"""The port of a service, taken before anything is started."""

from __future__ import annotations

import socket

from ledger.errors import UnavailableError


def listener(host: str, port: int) -> socket.socket:
    """A listening socket; raises UnavailableError where the port cannot be had."""
    try:
        return socket.create_server((host, port), backlog=128)
    # Beside what the system refuses: a name that no host has, a port beyond the last.
    except (OSError, ValueError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UnavailableError(
            "port_in_use",
            f"port {port} on {host} cannot be opened: {why}; choose another (RONGJIAN_PORT, --port)",
            f"{host} 的端口 {port} 无法使用；请另选端口（RONGJIAN_PORT、--port）",
        ) from error
