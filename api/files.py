"""Files that somebody names: what the system refuses is the user's to mend, and is said so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import MalformedError


def read_file(path: Path) -> bytes:
    """The bytes of a file that a user named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MalformedError(
            "file_unreadable", f"{path}: {error.strerror}", f"{path}：无法读取", file=str(path)
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A block that writes where a user said; what the system refuses is the user's to mend."""
    try:
        yield
    except OSError as error:
        raise MalformedError(
            "file_unwritable", f"{path}: {error.strerror}", f"{path}：无法写入", file=str(path)
        ) from error
