"""What was written of a site, kept beside the logs: each thing that was made, what was asked of its log meanwhile, its
files. The next time only those are made anew that an entry recorded since may concern.

It is a convenience and no evidence: without it, or where it is not what it was, everything is made anew.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.sentences import sentence
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.errors import ConflictError

#: Of the tables below; a record of another form is given up.
FORM: Final = 1

_TABLES: Final = """
CREATE TABLE site (form INTEGER, making TEXT);
CREATE TABLE log (origin TEXT PRIMARY KEY, known INTEGER, root TEXT);
CREATE TABLE thing (id INTEGER PRIMARY KEY, log TEXT, name TEXT, known INTEGER, named TEXT, value BLOB,
  UNIQUE (log, name));
CREATE TABLE types (id INTEGER PRIMARY KEY, names TEXT UNIQUE);
CREATE TABLE asked (log TEXT, tag TEXT, further TEXT, types INTEGER, thing INTEGER);
CREATE INDEX asked_tag ON asked (log, tag);
CREATE INDEX asked_thing ON asked (thing);
CREATE TABLE rests (thing INTEGER, rests_on TEXT);
CREATE INDEX rests_on ON rests (rests_on);
CREATE INDEX rests_thing ON rests (thing);
CREATE TABLE file (path TEXT PRIMARY KEY, thing INTEGER, size INTEGER, modified INTEGER, changed INTEGER);
CREATE INDEX file_thing ON file (thing);
CREATE TABLE proof (log TEXT, position INTEGER, cosigned INTEGER, PRIMARY KEY (log, position));
"""

#: Entries whose tags are looked up at once.
_AT_ONCE: Final = 500

#: Seconds that whoever writes the same site is waited for.
_WAIT: Final = 5.0


@dataclass(frozen=True, slots=True)
class Thing:
    """What was made of a log: a page, or a row that pages share (``value``).

    ``known`` is the last entry that it rests on; ``named`` are positions of entries that a page offers for checking.
    """

    known: int
    named: Sequence[int] = ()
    value: bytes | None = None


class SiteRecord:
    """The record of one site, for as long as it is being written; nobody else writes the same site meanwhile."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._known_types: dict[str, int] = {}

    # What still stands

    def begin(self, making: str) -> None:
        """Whoever makes things in another way, for another address or in other languages, makes everything anew."""
        try:
            found = self._connection.execute("SELECT form, making FROM site").fetchone()
        except sqlite3.OperationalError:
            found = None
        if found != (FORM, making):
            for kind, name in self._connection.execute(
                "SELECT type, name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall():
                self._connection.execute(f'DROP {kind} "{name}"')
            for statement in _TABLES.split(";"):
                self._connection.execute(statement)
            self._connection.execute("INSERT INTO site VALUES (?, ?)", (FORM, making))

    def reached(self, origin: str) -> tuple[int, str]:
        """The position of a log as of which the site was written, and the root there; 0 where it has nothing of it."""
        found = self._connection.execute("SELECT known, root FROM log WHERE origin = ?", (origin,)).fetchone()
        return (int(found[0]), str(found[1])) if found else (0, "")

    def forget(self, origin: str) -> None:
        """All that was made of a log is made anew."""
        self._drop(self._connection.execute("SELECT id FROM thing WHERE log = ?", (origin,)))
        self._connection.execute("DELETE FROM log WHERE origin = ?", (origin,))
        self._connection.execute("DELETE FROM proof WHERE log = ?", (origin,))

    def touch(self, origin: str, entries: Sequence[RecordedEvent]) -> None:
        """Whatever may rest on further entries of a log is made anew, and what rests on that."""
        touched = dict[int, None]()
        for start in range(0, len(entries), _AT_ONCE):
            touched |= self._asking_for(origin, entries[start : start + _AT_ONCE])
        pending = [*touched]
        while pending:
            names = [f"{origin} {name}" for name in self._names(pending)]
            resting = self._in("SELECT thing FROM rests WHERE rests_on IN", names)
            pending = [n for n in (int(str(one)) for (one,) in resting) if n not in touched]
            touched |= dict.fromkeys(pending)
        self._drop((one,) for one in touched)

    def reach(self, origin: str, known: int, root: str) -> None:
        """What stands of a log from now on stands as of a position."""
        self._connection.execute("INSERT OR REPLACE INTO log VALUES (?, ?, ?)", (origin, known, root))

    def _asking_for(self, origin: str, entries: Sequence[RecordedEvent]) -> Mapping[int, None]:
        tags = dict.fromkeys(tag for e in entries for tag in e.statement.tags)
        by_tag: dict[str, list[RecordedEvent]] = {tag: [] for tag in tags} | {"": [*entries]}
        for event in entries:
            for tag in event.statement.tags:
                by_tag[tag].append(event)
        found = dict[int, None]()
        query = (
            "SELECT tag, further, names, thing FROM asked JOIN types ON types.id = asked.types WHERE log = ? AND tag IN"
        )
        for first, further, names, thing in self._in(query, [*by_tag], origin):
            wanted = [tag for tag in (str(first), *json.loads(str(further))) if tag]
            asked = DCBQuery([DCBQueryItem(types=json.loads(str(names)), tags=wanted)])
            if any(event.matches(asked) for event in by_tag[str(first)]):
                found[int(str(thing))] = None
        return found

    def _names(self, things: Iterable[int]) -> list[str]:
        return [str(name) for (name,) in self._in("SELECT name FROM thing WHERE id IN", [*things])]

    def _in(self, query: str, values: Sequence[object], *before: object) -> Iterator[tuple[object, ...]]:
        """Rows where the last thing compared is one of many values."""
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self._connection.execute(f"{query} ({', '.join('?' * len(some))})", [*before, *some]).fetchall()

    def _drop(self, things: Iterable[tuple[int]]) -> None:
        dropped = [*things]
        for table, column in (("thing", "id"), ("asked", "thing"), ("rests", "thing"), ("file", "thing")):
            self._connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", dropped)

    # Things and their files

    def thing(self, origin: str, name: str) -> Thing | None:
        """What stands under a name."""
        found = self._connection.execute(
            "SELECT known, named, value FROM thing WHERE log = ? AND name = ?", (origin, name)
        ).fetchone()
        return None if found is None else Thing(int(found[0]), json.loads(found[1]), found[2])

    def files(self, origin: str, name: str) -> list[str] | None:
        """The files of a thing; None where one of them is no longer what was written."""
        rows = self._connection.execute(
            "SELECT path, size, modified, changed FROM file JOIN thing ON thing.id = file.thing"
            " WHERE log = ? AND name = ?",
            (origin, name),
        ).fetchall()
        stand = all(self._state(path) == tuple(state) for path, *state in rows)
        return [path for path, *_ in rows] if stand else None

    def stands(self, path: str) -> bool:
        """Is a file still what was written there?"""
        found = self._connection.execute("SELECT size, modified, changed FROM file WHERE path = ?", (path,)).fetchone()
        return found is not None and self._state(path) == tuple(found)

    def put(
        self,
        origin: str,
        name: str,
        thing: Thing,
        asked: Iterable[DCBQueryItem],
        rests_on: Iterable[str],
        files: Iterable[str] = (),
    ) -> None:
        """A thing was made: what was asked of its log for it, which other things it rests on, and its files."""
        old = self._connection.execute("SELECT id FROM thing WHERE log = ? AND name = ?", (origin, name)).fetchall()
        self._drop(old)
        row = (origin, name, thing.known, json.dumps([*thing.named]), thing.value)
        number = self._connection.execute(
            "INSERT INTO thing (log, name, known, named, value) VALUES (?, ?, ?, ?, ?)", row
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO asked VALUES (?, ?, ?, ?, ?)",
            [(origin, (*i.tags, "")[0], json.dumps(i.tags[1:]), self._types(i.types), number) for i in asked],
        )
        self._connection.executemany("INSERT INTO rests VALUES (?, ?)", [(number, f"{origin} {n}") for n in rests_on])
        for path in files:
            self.note(path, number)

    def _types(self, types: Sequence[str]) -> int:
        """The number under which a choice of types of entries is kept: many are asked for with the same."""
        names = json.dumps([*types])
        if names not in self._known_types:
            self._connection.execute("INSERT OR IGNORE INTO types (names) VALUES (?)", (names,))
            found = self._connection.execute("SELECT id FROM types WHERE names = ?", (names,)).fetchone()
            self._known_types[names] = int(found[0])
        return self._known_types[names]

    def note(self, path: str, thing: int | None = None) -> None:
        """A file was written."""
        self._connection.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", (path, thing, *self._state(path))
        )

    def cosigned(self, origin: str, position: int) -> int:
        """How many cosignatures the head has under which an entry's proof was written; -1 where none was."""
        found = self._connection.execute(
            "SELECT cosigned FROM proof WHERE log = ? AND position = ?", (origin, position)
        ).fetchone()
        return int(found[0]) if found else -1

    def prove(self, origin: str, position: int, cosigned: int) -> None:
        """An entry's proof was written under a head with so many cosignatures."""
        self._connection.execute("INSERT OR REPLACE INTO proof VALUES (?, ?, ?)", (origin, position, cosigned))

    def _state(self, path: str) -> tuple[int, int, int]:
        """What tells whether anybody has written a file since: who writes it with its old times changes the last."""
        try:
            # A site has tens of thousands of files; a Path takes longer than the system does.
            found = os.stat(f"{self._folder}/{path}")
        except (OSError, ValueError):
            return -1, 0, 0
        return found.st_size, found.st_mtime_ns, found.st_ctime_ns


@contextmanager
def recorded(file: Path | None, folder: Path, making: Callable[[], str]) -> Iterator[SiteRecord]:
    """The record of the site in a folder, from a file or, where there is none, from nothing; kept where all went well.

    Raises ConflictError while somebody else writes the same site.
    """
    with closing(_opened(file)) as connection:
        record = SiteRecord(connection, folder)
        record.begin(making())
        yield record
        connection.execute("COMMIT")


def _opened(file: Path | None) -> sqlite3.Connection:
    if file is None:
        return _begun(":memory:")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _begun(str(file))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            told = sentence("another process is writing this site; try again when it has ended")
            raise ConflictError("site_being_written", told) from error
    # It is no database any more.
    file.unlink(missing_ok=True)
    return _begun(str(file))


def _begun(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_WAIT, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
