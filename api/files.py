"""Files that somebody names: what the system refuses is the user's to mend, and is said so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger import canonical
from ledger.disclosure import Disclosure, parse_disclosure
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


def read_disclosures(path: Path) -> list[Disclosure]:
    """A file of opened fields; each fits its own commitment. Raises MalformedError or EvidenceError."""
    value = canonical.parse(read_file(path), str(path))
    if not isinstance(value, list) or not value:
        raise MalformedError("malformed_disclosure", "the file is a list of disclosures", "文件应为披露的列表")
    return [parse_disclosure(item) for item in value]
