"""The room that a process has for what it keeps to be quicker: one total in bytes, over all logs and all kinds.

Every keeper has a share. Where the room is full, whoever holds most gives up what it has not used for longest, until
all fits: so no log that is read from end to end pushes out what the writer of another one needs, and a single busy log
may fill what others leave.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable
from typing import Final, Generic, TypeVar

#: Bytes, about, of parsed entries, kept parts of boundaries and written pages in one process.
BYTES_MAX: Final = 100_000_000

#: What anything that is kept takes by itself, about: its place, its key, its size.
OVERHEAD: Final = 300

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Held:
    """What one share holds, oldest first: key -> what is kept, and its bytes."""

    __slots__ = ("bytes", "given_up", "kept")

    def __init__(self) -> None:
        self.kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self.bytes = 0
        self.given_up: list[Hashable] | None = None


class Room:
    """So many bytes for all shares together. Safe to use from several threads."""

    def __init__(self, most: int = BYTES_MAX) -> None:
        self._lock = threading.RLock()
        self._most = most
        self._bytes = 0
        self._all: dict[_Held, None] = {}
        #: Of shares that are no more; whoever puts in something next takes them out.
        self._ended: deque[_Held] = deque()

    @property
    def bytes(self) -> int:
        """What all shares hold."""
        with self._lock:
            self._tidy()
            return self._bytes

    @property
    def most(self) -> int:
        """What they may hold."""
        return self._most

    @most.setter
    def most(self, most: int) -> None:
        with self._lock:
            self._most = most
            self._fit()

    def share(self, *, told: bool = False) -> Share[K, V]:
        """A share, empty, which ends with its keeper. ``told``: it can say what was given up of it."""
        held = _Held()
        if told:
            held.given_up = []
        with self._lock:
            self._all[held] = None
        share = Share[K, V](self, held)
        weakref.finalize(share, self._ended.append, held).atexit = False
        return share

    def put(self, held: _Held, key: Hashable, value: object, size: int) -> None:
        """For :class:`Share`."""
        with self._lock:
            self.drop(held, key)
            held.kept[key] = value, size
            held.bytes += size
            self._bytes += size
            self._fit()

    def drop(self, held: _Held, key: Hashable) -> None:
        """For :class:`Share`."""
        with self._lock:
            found = held.kept.pop(key, None)
            if found is not None:
                held.bytes -= found[1]
                self._bytes -= found[1]

    def clear(self, held: _Held) -> None:
        """For :class:`Share`."""
        with self._lock:
            self._bytes -= held.bytes
            held.bytes = 0
            held.kept.clear()
            if held.given_up is not None:
                held.given_up.clear()

    @property
    def lock(self) -> threading.RLock:
        """For :class:`Share`."""
        return self._lock

    def _tidy(self) -> None:
        while self._ended:
            held = self._ended.popleft()
            self.clear(held)
            self._all.pop(held, None)

    def _fit(self) -> None:
        self._tidy()
        while self._bytes > self._most:
            held = max(self._all, key=lambda h: h.bytes)
            # A little more than is needed, so that it is not asked who holds most each time.
            enough = max(self._bytes - self._most, held.bytes // 64)
            while held.kept and enough > 0:
                key, (_, size) = held.kept.popitem(last=False)
                held.bytes -= size
                self._bytes -= size
                enough -= size
                if held.given_up is not None:
                    held.given_up.append(key)


class Share(Generic[K, V]):
    """What one keeper keeps in a room, by key; any of it may be gone whenever it is asked for."""

    __slots__ = ("__weakref__", "_held", "_room")

    def __init__(self, room: Room, held: _Held) -> None:
        self._room = room
        self._held = held

    def __deepcopy__(self, _memo: object) -> Share[K, V]:
        """The copy of a keeper has to read anew: its share of the same room is empty."""
        return self._room.share(told=self._held.given_up is not None)

    def __len__(self) -> int:
        return len(self._held.kept)

    def __contains__(self, key: K) -> bool:
        return key in self._held.kept

    @property
    def bytes(self) -> int:
        """What it holds."""
        return self._held.bytes

    def get(self, key: K) -> V | None:
        """What is kept under a key, which is used by that; None where nothing is."""
        with self._room.lock:
            found = self._held.kept.get(key)
            if found is None:
                return None
            self._held.kept.move_to_end(key)
            return found[0]  # type: ignore[return-value]

    def get_all(self, keys: Iterable[K]) -> dict[K, V]:
        """What is kept under some keys."""
        kept, result = self._held.kept, dict[K, V]()
        with self._room.lock:
            for key in keys:
                found = kept.get(key)
                if found is not None:
                    kept.move_to_end(key)
                    result[key] = found[0]  # type: ignore[assignment]
        return result

    def put(self, key: K, value: V, size: int) -> None:
        """Keep something of so many bytes, about, if there is room."""
        self._room.put(self._held, key, value, OVERHEAD + size)

    def grow(self, key: K, size: int) -> None:
        """What is kept under a key takes so many bytes more; it is used by that."""
        with self._room.lock:
            found = self._held.kept.get(key)
            if found is not None:
                self._room.put(self._held, key, found[0], found[1] + size)

    def drop(self, key: K) -> None:
        """Give up what is under a key."""
        self._room.drop(self._held, key)

    def clear(self) -> None:
        """Give up everything, and forget what was given up."""
        self._room.clear(self._held)

    def given_up(self) -> list[K]:
        """Keys that had to be given up since this was asked last, of a share that is told; some may be back."""
        with self._room.lock:
            keys = self._held.given_up or []
            if keys:
                self._held.given_up = []
            return keys  # type: ignore[return-value]


#: The room of this process. Whoever runs it sets :attr:`Room.most`.
SHARED: Final = Room()
