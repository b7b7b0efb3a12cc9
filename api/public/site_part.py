"""One log's part of a site that is written as files: what is made of it, and what stands from the last time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

import msgspec

from api.inspector.inquiry import head_at
from api.public.pages import Window
from api.public.site_record import SiteRecord, Thing
from ledger.dcb import DCBQuery
from projections.noted import Kind, NotedSource
from projections.slices import Source

T = TypeVar("T")


class _Rows:
    """What pages share of one log, for one thing that is made of it: which rows it rests on is noted."""

    def __init__(self, part: Part) -> None:
        self._part = part
        #: Name -> the last entry on which it rests.
        self.rests_on: dict[str, int] = {}

    def made(self, kind: Kind[T], key: Hashable, known: int, make: Callable[[Source], T]) -> tuple[T, DCBQuery]:
        """A row; what was asked for it is noted under its own name."""
        value, name = self._part.row(kind, key, make)
        self.rests_on[name] = self._part.known[name]
        return value, DCBQuery([])


@dataclass(eq=False, slots=True)
class Part:
    """One log's part of a site."""

    window: Window
    record: SiteRecord
    #: Rows that were read or made, by name; and of each thing the last entry on which it rests.
    rows: dict[str, object] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return self.window.log.ledger.origin

    def begin(self) -> None:
        """Of what was made the last time only what stands is left."""
        log, at = self.window.log, self.window.at
        reached, root = self.record.reached(self.origin)
        as_of = f"{at.as_of} "
        if reached > at.known_at or root != as_of + str(head_at(log, min(reached, at.known_at))["root_hash"]):
            # Another day, an earlier state, or not the history that it was.
            self.record.forget(self.origin)
        else:
            self.record.touch(self.origin, log.ledger.events(after=reached, until=at.known_at))
        self.record.reach(self.origin, at.known_at, as_of + str(head_at(log, at.known_at)["root_hash"]))

    def reading(self) -> tuple[Window, NotedSource, _Rows]:
        """The log for one thing to be made of it, which notes what is asked."""
        rows = _Rows(self)
        noted = NotedSource(self.window.log.ledger, rows)
        return replace(self.window, noted=noted), noted, rows

    def row(self, kind: Kind[T], key: Hashable, make: Callable[[Source], T]) -> tuple[T, str]:
        """What stands under a key that pages share, and the name that it has in the record."""
        name = f"row {kind.name} {key}"
        if name not in self.rows:
            found = self.record.thing(self.origin, name)
            if found is not None and found.value is not None:
                self.rows[name], self.known[name] = msgspec.json.decode(found.value, type=kind.type), found.known
            else:
                _, noted, rows = self.reading()
                self.rows[name] = make(noted)
                self.keep(name, noted, rows, value=msgspec.json.encode(self.rows[name]))
        return cast("T", self.rows[name]), name

    def last(self, noted: NotedSource, rows: _Rows) -> int:
        """The last entry on which rests what was made; the first one, where nobody asked for any."""
        own = self.window.log.ledger.last_touching(noted.asked(), self.window.at.known_at)
        return max(own, *rows.rests_on.values(), 1)

    def keep(
        self,
        name: str,
        noted: NotedSource,
        rows: _Rows,
        *,
        files: Iterable[str] = (),
        named: Sequence[int] = (),
        value: bytes | None = None,
    ) -> None:
        """Note a thing that was made."""
        self.known[name] = self.last(noted, rows)
        thing = Thing(self.known[name], named, value)
        self.record.put(self.origin, name, thing, noted.asked().items, rows.rests_on, files)
