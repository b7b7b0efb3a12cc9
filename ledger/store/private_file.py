"""Files that only this account may read, written so that a crash leaves the old state or the new."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

#: Seconds for which somebody else may hold a file, who needs hundredths of one; fewer than readiness waits for its
#: answers.
HELD_MAX = 3.0
#: Seconds between two attempts to have it.
_PAUSE: Final = 0.002
_WRITTEN: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def write_private(path: Path, *chunks: bytes | bytearray | array[int]) -> None:
    """Write a file with mode 0600; once this returns it outlasts a loss of power (file and folder are synced)."""
    unfinished = f"{path}.new"
    try:
        descriptor = os.open(unfinished, _WRITTEN, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        descriptor = os.open(unfinished, _WRITTEN, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Alone among the threads and processes that ask for the same lock file.

    Raises TimeoutError where another process holds it for ``HELD_MAX`` seconds (one that hangs must not hang the others
    without a word), and any other OSError where the file cannot be made.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + HELD_MAX
        while not _locked(descriptor):
            if time.monotonic() > until:
                raise TimeoutError(
                    errno.ETIMEDOUT, f"another process has held it for {HELD_MAX:.0f} seconds", str(lock)
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
