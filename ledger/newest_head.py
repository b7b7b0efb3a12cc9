"""The newest head that a log has come to, in a file beside its key: rolling the database back does not roll this back.

The file is sealed with a key of this home, written with its folder synced before anything is signed, and shared by all
processes of the machine. It only moves forward; what was lost below it goes on by a ceremony of two founders
(``HistoryLossDeclared``) and in no other way.
"""

from __future__ import annotations

import hmac
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ledger.clock import format_instant
from ledger.errors import MalformedError, SpoiltError
from ledger.identifiers import parse_digest, parse_instant
from ledger.kept_index import KeptIndex
from ledger.sentences import sentence
from ledger.store.database import Server
from ledger.store.sealed_file import SealedFile, whole

_MEMBERS: Final = {"origin", "size", "root", "recorded_at", "keeper", "server", "timeline", "earlier"}
#: What earlier versions did not write.
_LATER: Final = {"place"}

#: Heads before the newest that are kept one by one.
RECENT: Final = 64


@dataclass(frozen=True, slots=True)
class Place:
    """A file that nobody writes: its number on the disk, and when the disk last changed that, in nanoseconds.

    A file that is moved, or whose disk is mounted anew, keeps one of the two at least; a copy has neither.
    """

    inode: int
    changed_ns: int

    def is_of(self, other: Place) -> bool:
        """Is it the same file?"""
        return self.inode == other.inode or self.changed_ns == other.changed_ns


@dataclass(frozen=True, slots=True)
class NewestHead:
    """Size and root of a log, the time of its last entry, and the database that it was seen in.

    ``keeper`` names the file itself: another one for the same log is another machine's. ``earlier`` are size and root
    of heads before it, the last :data:`RECENT` and two for each power of two of the distance: what is left of a log
    that lost its end must still lead to them. ``place`` is where the file was when it was written: a copy of the whole
    home is elsewhere.
    """

    origin: str
    size: int
    root: bytes
    recorded_at: datetime | None
    keeper: str
    server: Server | None
    earlier: tuple[tuple[int, bytes], ...] = ()
    place: Place | None = None

    def followed_by(
        self, size: int, root: bytes, recorded_at: datetime | None, server: Server | None, *, kept: int
    ) -> NewestHead:
        """The head that takes this one's place; of those before it only the ones up to the size ``kept`` are still
        true.
        """
        heads = [*self.earlier, (self.size, self.root)]
        still = sorted({s: r for s, r in heads if 0 < s <= min(kept, size - 1)}.items())
        # Of each power of two of the distance the farthest, which grows old, and the nearest, which takes its place.
        far = {(size - s).bit_length(): (s, r) for s, r in reversed(still)}
        near = {(size - s).bit_length(): (s, r) for s, r in still}
        earlier = tuple(sorted({*far.values(), *near.values(), *still[-RECENT:]}))
        return NewestHead(self.origin, size, root, recorded_at, self.keeper, server or self.server, earlier, self.place)

    def to_json(self) -> dict[str, object]:
        return {
            "origin": self.origin,
            "size": self.size,
            "root": self.root.hex(),
            "recorded_at": format_instant(self.recorded_at) if self.recorded_at else None,
            "keeper": self.keeper,
            "server": self.server.identifier if self.server else None,
            "timeline": self.server.timeline if self.server else None,
            "earlier": [[size, root.hex()] for size, root in self.earlier],
            "place": [str(self.place.inode), str(self.place.changed_ns)] if self.place else None,
        }


class HeadFile:
    """The file of one log. ``key`` (32 bytes) seals it."""

    def __init__(self, path: Path, origin: str, key: bytes) -> None:
        self.path = path
        self._key = key
        self._sealed = SealedFile(path, key)
        self._origin = origin
        self._seen: tuple[tuple[int, int], NewestHead] | None = None

    @property
    def log(self) -> str:
        """The name by which commands know the log: that of its folder."""
        return self.path.parent.name

    def read(self) -> NewestHead:
        """What the file says. Raises EvidenceError where it is missing, altered, or of another log."""
        try:
            version = self._version()
            if self._seen is None or self._seen[0] != version:
                self._seen = version, self._parsed(self._sealed.read())
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise SpoiltError(
                "newest_head_lost",
                sentence(
                    "{path} is missing or unreadable: it says how far this log has come, and nothing is signed "
                    "without it. Restore it, or set it from a checkpoint that a mirror or a witness holds (rongjian "
                    "head adopt {log} --from FILE)",
                    path=self.path,
                    log=self.log,
                ),
            ) from error
        return self._seen[1]

    def write(self, head: NewestHead) -> None:
        """Put a head in the place of the one that is there.

        Call it while :meth:`held`. UnavailableError where it cannot be written.
        """
        self._sealed.write(head.to_json())
        # Nobody else writes it meanwhile: it need not be read to be known.
        self._seen = self._version(), head

    def _version(self) -> tuple[int, int]:
        # Asked several times for each receipt.
        status = os.stat(self.path)
        return status.st_ino, status.st_mtime_ns

    def place(self) -> Place:
        """Where this file is, by the one beside it that is made once and never written."""
        beside = self.path.with_suffix(".place")
        try:
            # Not touched: that would be a change.
            descriptor = os.open(beside, os.O_RDONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._sealed.unwritable(error) from error
        status = os.fstat(descriptor)
        os.close(descriptor)
        return Place(status.st_ino, status.st_ctime_ns)

    def settle(self, keeper: str | None = None) -> NewestHead:
        """Note that the file is here from now on, under another name where one is given."""
        with self.held():
            there = self.read()
            here = replace(there, place=self.place(), keeper=keeper or there.keeper)
            self.write(here)
        return here

    def sealed_beside(self, name: str) -> SealedFile:
        """Another file of this folder, under the same seal."""
        return SealedFile(self.path.with_name(name), self._key)

    def kept_index(self) -> KeptIndex:
        """The file of what was proven, of this folder, under a key that follows from the seal's."""
        return KeptIndex(
            self.path.with_name("kept-index"), hmac.digest(self._key, b"kept-index", "sha256"), self._origin
        )

    def held(self) -> AbstractContextManager[None]:
        """Alone among those who share the file (see :meth:`SealedFile.held`)."""
        return self._sealed.held()

    def _parsed(self, value: dict[str, object]) -> NewestHead:
        try:
            if value.keys() - _LATER != _MEMBERS or value["origin"] != self._origin:
                raise self._sealed.altered()
            server = Server(str(value["server"]), whole(value["timeline"])) if value["server"] is not None else None
            recorded_at = parse_instant(str(value["recorded_at"]), "recorded_at") if value["recorded_at"] else None
            earlier, place = value["earlier"], value.get("place")
            if not isinstance(earlier, list) or not isinstance(place, list | None):
                raise self._sealed.altered()
            return NewestHead(
                self._origin,
                whole(value["size"]),
                bytes.fromhex(parse_digest(str(value["root"]), "root")),
                recorded_at,
                str(value["keeper"]),
                server,
                tuple((int(size), bytes.fromhex(parse_digest(root, "root"))) for size, root in earlier),
                Place(*map(int, place)) if place else None,
            )
        except (MalformedError, ValueError, TypeError) as error:
            raise self._sealed.altered() from error
