"""Files that somebody names: what the system refuses is the user's to mend, and is said so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger import canonical
from ledger.disclosure import Disclosure, parse_disclosure
from ledger.errors import MalformedError
from ledger.text import visible


def read_file(path: Path) -> bytes:
    """The bytes of a file that a user named."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL, which no name of a file holds.
        raise _refused("file_unreadable", path, error, "无法读取") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A block that writes where a user said; what the system refuses is the user's to mend."""
    try:
        yield
    except OSError as error:
        raise _refused("file_unwritable", path, error, "无法写入") from error


def _refused(code: str, path: Path, error: OSError | ValueError, zh: str) -> MalformedError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    shown = visible(str(path))
    return MalformedError(code, f"{shown}: {why}", f"{shown}：{zh}", file=shown)


def read_disclosures(path: Path) -> list[Disclosure]:
    """A file of opened fields; each fits its own commitment. Raises MalformedError or EvidenceError."""
    value = canonical.parse(read_file(path), str(path))
    if not isinstance(value, list) or not value:
        raise MalformedError("malformed_disclosure", "the file is a list of disclosures", "文件应为披露的列表")
    return [parse_disclosure(item) for item in value]
