"""What a process has proven of a log, kept beside the log's key from a clean stop to the next start.

The file holds positions by id, type and tag, times, and every hash of the tree; it is sealed with a key of this home,
which the database does not hold. Whoever opens the log goes on from there, and proves the entries since: its root has
to be that of the database's head. Bytes are asked of the database as ever, and must have the hash that is known, so
that a row which was changed while nobody ran decides nothing. A file that is missing, altered, of another machine or of
other rules for tags is as good as none: everything is read.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import structlog

from ledger.clock import format_instant
from ledger.entry_index import EntryIndex, Part
from ledger.errors import RongjianError
from ledger.events.registry import all_events, versions
from ledger.identifiers import parse_instant, shapes
from ledger.statement import INTRODUCES
from ledger.store import private_file
from ledger.tlog.hash_tree import HashTree

#: Entries from which on keeping is worth it: fewer are read in a second or two, and then known to whoever asks first.
WORTH_KEEPING: Final = 10_000

_BEGINS: Final = b"rongjian/kept-index/v1\n"
_SEAL: Final = hashlib.sha256().digest_size

_log = structlog.get_logger(__name__)


class _Head(msgspec.Struct, frozen=True):
    """What the file is of, when the last entry was recorded, and its parts with their lengths."""

    origin: str
    machine: str
    tags: str
    last: str
    parts: list[tuple[str, int]]


_HEAD = msgspec.json.Decoder(_Head)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept: of every entry from the first on."""

    found_by: EntryIndex
    tree: HashTree
    last_recorded_at: datetime | None


class KeptIndex:
    """The file of one log. ``key`` (32 bytes) seals it."""

    def __init__(self, path: Path, key: bytes, origin: str) -> None:
        self._path, self._key, self._origin = path, key, origin
        #: How many entries the file holds, as far as this process knows.
        self.size = 0

    def read(self) -> Kept | None:
        """What the file holds; None where it cannot be used."""
        try:
            with self._path.open("rb") as file:
                last, parts = self._read(file)
            kept = Kept(EntryIndex.from_parts(parts), HashTree.from_parts(parts), last)
            if len(kept.found_by) != kept.tree.size:
                raise ValueError("of different sizes")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RongjianError) as error:
            _log.warning("kept_index_not_used", log=self._origin, reason=type(error).__name__)
            return None
        self.size = kept.tree.size
        return kept

    def write(self, kept: Kept) -> None:
        """Put it in the place of what is there; where that cannot be, everything is read at the next start."""
        parts: dict[str, Part] = {**kept.found_by.parts(), **kept.tree.parts()}
        last = format_instant(kept.last_recorded_at) if kept.last_recorded_at else ""
        lengths = [(name, memoryview(part).nbytes) for name, part in parts.items()]
        head = _Head(self._origin, _machine(), _rules_of_tags(), last, lengths)
        chunks: list[Part] = [_BEGINS, msgspec.json.encode(head) + b"\n", *parts.values()]
        sealed = hmac.new(self._key, digestmod="sha256")
        for chunk in chunks:
            sealed.update(chunk)
        try:
            private_file.write_private(self._path, *chunks, sealed.digest())
        except OSError as error:
            _log.warning("kept_index_not_written", log=self._origin, reason=type(error).__name__)
            return
        self.size = kept.tree.size

    def _read(self, file: BinaryIO) -> tuple[datetime | None, Mapping[str, bytes]]:
        sealed = hmac.new(self._key, digestmod="sha256")
        begins, line = file.readline(100), file.readline(100_000)
        sealed.update(begins + line)
        here, end = file.tell(), file.seek(0, os.SEEK_END)
        file.seek(here)
        head = _HEAD.decode(line)
        if (begins, head.origin, head.machine, head.tags) != (_BEGINS, self._origin, _machine(), _rules_of_tags()):
            raise ValueError("of something else")
        if any(length < 0 for _, length in head.parts) or here + sum(n for _, n in head.parts) + _SEAL != end:
            raise ValueError("of another length")
        parts = dict[str, bytes]()
        for name, length in head.parts:
            parts[name] = file.read(length)
            sealed.update(parts[name])
        # Nothing of it is looked at before.
        if not hmac.compare_digest(sealed.digest(), file.read(_SEAL)):
            raise ValueError("not sealed by this home")
        return parse_instant(head.last, "last") if head.last else None, parts


def _machine() -> str:
    return f"{sys.byteorder} {' '.join(str(array(kind).itemsize) for kind in 'HIiqQ')}"


def _rules_of_tags() -> str:
    """What says which tags an entry has and which ids it introduces: by other rules everything is found elsewhere."""
    tags = [(cls.SPEC.topic, cls.SPEC.schema, cls.SPEC.tags) for topic in all_events() for cls in versions(topic)]
    introduces = sorted((act.SPEC.topic, kind) for act, kind in INTRODUCES.items())
    alike = sorted(shapes("cOo0-lI1|rnm"))
    return hashlib.sha256(repr((tags, introduces, alike)).encode()).hexdigest()
