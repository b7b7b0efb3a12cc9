"""The service as its operator runs it: a process of its own, asked over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from api.home.settings import Settings
from tests.small_home import LOG
from tests.store.stopped_at import NOWHERE

_ROOT = Path(__file__).parents[1]

#: Seconds for a service to start and for it to end; nothing of ours takes as long.
PATIENCE = 60.0

#: What becomes of a submission whose service is killed.
NO_ANSWER = 0


@dataclass(frozen=True)
class Service:
    """A service that runs, or ran."""

    process: subprocess.Popen[bytes]
    client: httpx.Client

    def submit(self, statement: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer: the receipt, or the problem; NO_ANSWER where the service was gone."""
        try:
            answer = self.client.post(f"/v1/logs/{LOG}/statements", json=statement)
        except httpx.TransportError:
            return NO_ANSWER, {}
        return answer.status_code, answer.json()

    def submit_all(self, statements: Iterable[dict[str, Any]], at_once: int = 8) -> list[tuple[int, dict[str, Any]]]:
        """The same of several, several at once."""
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(self.submit, statements))

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def signing(self) -> str:
        """What readiness says of signing."""
        found: str = self.get("/health/ready").json()["logs"][LOG]["parts"]["signing"]["state"]
        return found


def start(settings: Settings, place: str = NOWHERE, count: int = 1, sent: str = "SIGKILL") -> Service:
    """Begin to start one, which is sent a signal at a place of :mod:`tests.store.stopped_at`."""
    return _started(settings, ["-m", "tests.store.stopped_at", place, str(count), sent, "serve"], _ROOT)


def start_from(code: Path, settings: Settings) -> Service:
    """Begin to start one from another copy of the packages."""
    return _started(settings, ["-m", "api.cli", "serve"], code)


def _started(settings: Settings, command: list[str], code: Path) -> Service:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIAN_")}
    environment |= {
        "PYTHONPATH": str(code),
        "RONGJIAN_HOME": str(settings.home),
        "RONGJIAN_DATABASE_URL": str(settings.database_url),
        "RONGJIAN_PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, *command], env=environment, cwd=code, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return Service(process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE))


def until_it_answers(service: Service, patience: float = PATIENCE) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until and service.process.poll() is None:
        try:
            service.get("/health/live")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no service: {service.process.poll()}")


def end(service: Service) -> None:
    """However it is, it is over afterwards."""
    service.client.close()
    if service.process.poll() is None:
        service.process.send_signal(signal.SIGCONT)
        service.process.terminate()
    service.process.wait(PATIENCE)


@contextmanager
def served(
    settings: Settings, place: str = NOWHERE, count: int = 1, sent: str = "SIGKILL", *, patience: float = PATIENCE
) -> Iterator[Service]:
    """A service that answers, for the length of a block; ``patience`` seconds may pass until it does."""
    service = start(settings, place, count, sent)
    try:
        until_it_answers(service, patience)
        yield service
    finally:
        end(service)


@contextmanager
def served_twice(
    settings: Settings, place: str = NOWHERE, count: int = 1, sent: str = "SIGKILL"
) -> Iterator[tuple[Service, Service]]:
    """Two services of one home that start at once; the second is sent the signal."""
    services = start(settings), start(settings, place, count, sent)
    try:
        for service in services:
            until_it_answers(service)
        yield services
    finally:
        for service in services:
            end(service)
