"""Files that a user names: what the system refuses is told as the user's error, with the file and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.sentences import sentence, term
from ledger import canonical
from ledger.disclosure import Disclosure, parse_disclosure
from ledger.errors import MalformedError
from ledger.text import visible


def read_file(path: Path) -> bytes:
    """The bytes of a file that a user named."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL, which no name of a file holds.
        shown, why = _named(path, error)
        told = term("unreadable", "{file}: {why}", file=shown, why=why)
        raise MalformedError("file_unreadable", told, file=shown) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A block that writes where a user said; what the system refuses is the user's to mend."""
    try:
        yield
    except OSError as error:
        shown, why = _named(path, error)
        told = term("unwritable", "{file}: {why}", file=shown, why=why)
        raise MalformedError("file_unwritable", told, file=shown) from error


def _named(path: Path, error: OSError | ValueError) -> tuple[str, str | None]:
    """A file as it is shown, and why the system refuses it."""
    return visible(str(path)), error.strerror if isinstance(error, OSError) else str(error)


def read_disclosures(path: Path) -> list[Disclosure]:
    """A file of opened fields; each fits its own commitment. Raises MalformedError or EvidenceError."""
    value = canonical.parse(read_file(path), str(path))
    if not isinstance(value, list) or not value:
        raise MalformedError("malformed_disclosure", sentence("the file is a list of disclosures"))
    return [parse_disclosure(item) for item in value]
