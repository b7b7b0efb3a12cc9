"""Many clients of a service in one thread: their requests are made before, and sent and read as the sockets allow.

They cost little, so that what is measured is the service; each has one connection, which it keeps, and one request
under way.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.benchmarks.measuring import Times

#: Seconds without an answer after which a run is given up.
PATIENCE = 120.0

_LENGTH = b"\r\ncontent-length:"


def post(path: str, body: bytes) -> bytes:
    """The bytes of a request."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode("ascii") + b"\r\n\r\n" + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode("ascii")


@dataclass
class Client:
    """One connection; ``answers`` are the status and body of what was asked, in order."""

    requests: Sequence[bytes]
    socket: socket.socket
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    _read: bytes = b""
    _begun: float = 0.0

    def ask(self) -> bool:
        """Send the next request; False where there is none left."""
        if len(self.answers) == len(self.requests):
            return False
        self._begun = time.perf_counter()
        self.socket.setblocking(True)
        self.socket.sendall(self.requests[len(self.answers)])
        self.socket.setblocking(False)
        return True

    def hear(self) -> bool:
        """Read what is there; True once the answer is whole."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError(f"the service closed a connection: {self._read[:200]!r}")
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found or len(body) < self._length(head):
            return False
        self.times.append(time.perf_counter() - self._begun)
        self.answers.append((int(head[9:12]), body))
        self._read = b""
        return True

    @staticmethod
    def _length(head: bytes) -> int:
        lowered = head.lower()
        at = lowered.index(_LENGTH) + len(_LENGTH)
        return int(lowered[at:].partition(b"\r\n")[0])


def ask(port: int, requests: Sequence[Sequence[bytes]]) -> tuple[Times, list[tuple[int, bytes]]]:
    """Each list of requests by a client of its own, all at once; the times, and all answers, client after client."""
    clients = [Client(each, socket.create_connection(("127.0.0.1", port), PATIENCE)) for each in requests]
    with selectors.DefaultSelector() as selector:
        begun, waiting = time.perf_counter(), 0
        for client in clients:
            if client.ask():
                selector.register(client.socket, selectors.EVENT_READ, client)
                waiting += 1
        while waiting:
            heard = selector.select(PATIENCE)
            if not heard:
                raise TimeoutError("the service does not answer")
            for key, _ in heard:
                client = key.data
                if client.hear() and not client.ask():
                    selector.unregister(client.socket)
                    waiting -= 1
        wall = time.perf_counter() - begun
    for client in clients:
        client.socket.close()
    return Times([t for c in clients for t in c.times], wall), [a for c in clients for a in c.answers]
