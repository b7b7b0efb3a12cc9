"""Where the entries of a log are found: positions by id, by type and by tag, times by position.

A process keeps this of every log that it serves, for every entry; so it is kept in a few long arrays instead of in
objects of which each would take more than what it says. Numbers stand for types and tags, ids are their sixteen bytes,
and tables hold hashes with numbers. Positions, and the bytes of all tags together, stay below 2^31.

One thread adds; others may ask meanwhile, and find at least what was counted before they asked.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeAlias

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.errors import InvariantError
from ledger.identifiers import shapes

#: Bytes of an id.
_ID: Final = 16
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

#: How the tag of an entry that is named begins, how long it is, and what stands before its packed id: no text has it.
_NAMES: Final = "x:"
_TEXT_NAMED: Final = 38
_MARK: Final = b"\xff"

#: Parts of a table, which grow one by one: nobody waits until all of a long table has moved.
_PARTS: Final = 256
_PARTS_BITS: Final = 8
_LOW: Final = 0xFFFFFFFF

#: Of a kept number with its hash, the bits of the number.
_NUMBER_BITS: Final = 28
_NUMBER: Final = (1 << _NUMBER_BITS) - 1


#: Items that ask for a tag of entries of the same types, from which on these entries may be looked through instead.
LOOKED_THROUGH: Final = 20

#: Bytes, or an array of numbers as this machine holds them.
Part: TypeAlias = "bytes | bytearray | array[int]"


class HashTable:
    """Numbers (1 to 2^32 - 1) under hashes; one may have several, and whoever asks knows by a number what is meant.

    Open addressing: a slot holds 32 bits of the hash and the number, 0 is an empty one.
    """

    __slots__ = ("_parts", "_used")

    def __init__(self) -> None:
        self._parts = [array("Q", (0,))] * _PARTS
        self._used = array("I", bytes(4 * _PARTS))

    def get(self, hashed: int) -> Sequence[int]:
        """The numbers under a hash; rarely one of another that looks like it."""
        part = self._parts[hashed & _PARTS - 1]
        low = hashed >> _PARTS_BITS & _LOW
        size = len(part)
        at = low % size
        found: tuple[int, ...] = ()
        while slot := part[at]:
            if slot >> 32 == low:
                found = (*found, slot & _LOW)
            at = (at + 1) % size
        return found

    def find(self, text: str, text_of: Callable[[int], str]) -> int:
        """The number whose text is this one, each text having one number; 0 where there is none."""
        hashed = hash(text)
        part = self._parts[hashed & _PARTS - 1]
        low = hashed >> _PARTS_BITS & _LOW
        size = len(part)
        at = low % size
        while slot := part[at]:
            if slot >> 32 == low and text_of(slot & _LOW) == text:
                return slot & _LOW
            at = (at + 1) % size
        return 0

    def add(self, hashed: int, number: int) -> None:
        """One more number under a hash."""
        which = hashed & _PARTS - 1
        part = self._parts[which]
        self._used[which] += 1
        if 4 * self._used[which] > 3 * len(part):
            part = self._grown(part)
        _put(part, (hashed >> _PARTS_BITS & _LOW) << 32 | number)
        # Last: whoever asks meanwhile looks at the part as it was.
        self._parts[which] = part

    @staticmethod
    def _grown(part: array[int]) -> array[int]:
        grown = array("Q", bytes(8 * max(4, 3 * len(part) // 2)))
        for slot in part:
            if slot:
                _put(grown, slot)
        return grown


class TextTable:
    """Numbers under texts: those that were kept from before in one sorted array, further ones in a hash table.

    Python's own hash of a text is another in each process, so that kept numbers stand under one that is not: 36 bits of
    BLAKE2b above the number, which has 28. It takes longer to compute; once there is time, they are settled in a hash
    table of their own.
    """

    __slots__ = ("_further", "_kept", "_settled")

    def __init__(self, kept: array[int] | None = None) -> None:
        self._further = HashTable()
        self._settled = HashTable()
        self._kept = array("Q") if kept is None else kept

    def under(self, text: str) -> Sequence[int]:
        """The numbers under a text; rarely one of another that looks like it."""
        # What is kept first: it may be settled in this moment.
        kept, hashed = self._kept, hash(text)
        return (*_under(kept, text), *self._settled.get(hashed), *self._further.get(hashed))

    def find(self, text: str, text_of: Callable[[int], str]) -> int:
        """The number whose text is this one, each text having one number; 0 where there is none."""
        kept = self._kept
        found = self._further.find(text, text_of) or self._settled.find(text, text_of)
        return found or next((number for number in _under(kept, text) if text_of(number) == text), 0)

    def add(self, text: str, number: int) -> None:
        """One more number under a text."""
        self._further.add(hash(text), number)

    def settle(self, text_of: Callable[[int], str]) -> None:
        """Let the kept numbers, which are the first and have one text each, be found quicker from now on. Others may
        ask, and add, meanwhile.
        """
        if not self._kept:
            return
        settled = HashTable()
        for number in range(1, len(self._kept) + 1):
            settled.add(hash(text_of(number)), number)
        self._settled = settled
        # Last: whoever asks meanwhile finds them in one of the two.
        self._kept = array("Q")


def _under(kept: array[int], text: str) -> Sequence[int]:
    """The numbers that are kept under a text."""
    if not kept:
        return ()
    hashed = _lasting(text)
    at, found = bisect_left(kept, hashed), list[int]()
    while at < len(kept) and kept[at] >> _NUMBER_BITS == hashed >> _NUMBER_BITS:
        found.append(kept[at] & _NUMBER)
        at += 1
    return found


def to_keep(texts: Iterable[tuple[str, int]]) -> array[int]:
    """What a :class:`TextTable` is made of in another process."""
    return array("Q", sorted(_lasting(text) | number for text, number in texts))


def _lasting(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) & ~_NUMBER


def _put(part: array[int], slot: int) -> None:
    size = len(part)
    at = (slot >> 32) % size
    while part[at]:
        at = (at + 1) % size
    part[at] = slot


class Ids:
    """Ids (UUIDs in lower case) in the order in which they were added, the first is number 1."""

    __slots__ = ("_bytes", "_table")

    def __init__(self, held: bytes = b"", table: array[int] | None = None) -> None:
        self._bytes = bytearray(held)
        self._table = TextTable(table)

    def settle(self) -> None:
        """See :meth:`TextTable.settle`."""
        self._table.settle(self.text)

    def __len__(self) -> int:
        return len(self._bytes) // _ID

    def add(self, event_id: str) -> None:
        """One that is not there yet. InvariantError where it is no UUID."""
        if not _UUID.fullmatch(event_id):
            raise InvariantError(f"no UUID in lower case: {event_id}")
        self._bytes += _packed(event_id)
        self._table.add(event_id, len(self))

    def number(self, event_id: str) -> int:
        """The number of an id, 0 of one that is not there; any text may be asked for."""
        return self._table.find(event_id, self.text)

    def parts(self) -> dict[str, Part]:
        """What it is made of."""
        return {"": self._bytes, "table": to_keep((self.text(n), n) for n in range(1, len(self) + 1))}

    def text(self, number: int) -> str:
        """The id of a number that is there."""
        h = self._bytes[_ID * (number - 1) : _ID * number].hex()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def _packed(event_id: str) -> bytes:
    return bytes.fromhex(event_id.replace("-", ""))


class Names:
    """Texts, each once and with a number; the first is number 1. Most tags name an entry, by its packed id."""

    __slots__ = ("_bytes", "_ends", "_table")

    def __init__(self, held: bytes = b"", ends: array[int] | None = None, table: array[int] | None = None) -> None:
        self._bytes = bytearray(held)
        self._ends = array("I", (0,)) if ends is None else ends
        self._table = TextTable(table)

    def settle(self) -> None:
        """See :meth:`TextTable.settle`."""
        self._table.settle(self.text)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, text: str) -> int:
        """Its number from now on. For a text that is not there yet."""
        named = len(text) == _TEXT_NAMED and text.startswith(_NAMES) and _UUID.fullmatch(text, len(_NAMES))
        self._bytes += _MARK + _packed(text[len(_NAMES) :]) if named else text.encode()
        self._ends.append(len(self._bytes))
        number = len(self)
        self._table.add(text, number)
        return number

    def parts(self) -> dict[str, Part]:
        """What it is made of."""
        table = to_keep((self.text(n), n) for n in range(1, len(self) + 1))
        return {"": self._bytes, "ends": self._ends, "table": table}

    def number(self, text: str) -> int:
        """The number of a text, 0 of one that is not there."""
        return self._table.find(text, self.text)

    def text(self, number: int) -> str:
        """The text of a number that is there."""
        held = self._bytes[self._ends[number - 1] : self._ends[number]]
        if not held.startswith(_MARK):
            return held.decode()
        h = held.hex()
        return f"{_NAMES}{h[2:10]}-{h[10:14]}-{h[14:18]}-{h[18:22]}-{h[22:]}"


class EntryIndex:
    """Id, type, tags and time of each entry of a log from position 1 on, and what is found by them."""

    def __init__(self) -> None:
        self._ids = Ids()
        self._times = array("q")
        self._type_names: list[str] = []
        self._type_numbers: dict[str, int] = {}
        self._types = array("H")
        self._of_type: list[array[int]] = []
        self._tags = Names()
        #: The tags of all entries one behind the other, by number, and where those of each entry end.
        self._borne = array("I")
        self._borne_ends = array("I", (0,))
        #: Of each tag: the one position that has it, or below 0 which list has its positions.
        self._of_tag = array("i")
        self._lists: list[array[int]] = []
        #: Of each tag: does an entry introduce its id? Those that are, under the hash of each of their shapes.
        self._shapes = TextTable()
        self._introduced = bytearray()

    def add(self, event_id: str, type_: str, tags: Sequence[str], time: int, introduced: Iterable[str] = ()) -> None:
        """The next entry, recorded at a time in microseconds since 1970; ``introduced`` are those of its tags whose ids
        it brings into being.
        """
        self._ids.add(event_id)
        position = len(self._ids)
        if position != len(self) + 1:
            raise InvariantError("an entry was added in half; start this process anew")
        number = self._type_numbers.get(type_)
        if number is None:
            number = len(self._type_names)
            self._type_names.append(type_)
            self._of_type.append(array("I"))
            self._type_numbers[type_] = number
        self._types.append(number)
        self._of_type[number].append(position)
        for tag in tags:
            self._borne.append(self._bear(tag, position))
        self._borne_ends.append(len(self._borne))
        for tag in introduced:
            self._introduce(tag)
        self._times.append(time)

    def _bear(self, tag: str, position: int) -> int:
        number = self._tags.number(tag)
        if not number:
            # Before the tag has a number by which it is found.
            self._of_tag.append(position)
            self._introduced.append(0)
            return self._tags.add(tag)
        held = self._of_tag[number - 1]
        if held < 0:
            self._lists[~held].append(position)
        else:
            self._lists.append(array("I", (held, position)))
            self._of_tag[number - 1] = ~(len(self._lists) - 1)
        return number

    def _introduce(self, tag: str) -> None:
        number = self._tags.number(tag)
        if not self._introduced[number - 1]:
            self._introduced[number - 1] = 1
            for shape in shapes(tag):
                self._shapes.add(shape, number)

    def __len__(self) -> int:
        return len(self._times)

    # From process to process

    def parts(self) -> dict[str, Part]:
        """What it is made of: bytes and arrays of this machine, by name."""
        introduced = (n for n, was in enumerate(self._introduced, 1) if was)
        of_type, of_type_ends = _joined(self._of_type)
        lists, list_ends = _joined(self._lists)
        return {
            **{f"ids {name}": part for name, part in self._ids.parts().items()},
            **{f"tags {name}": part for name, part in self._tags.parts().items()},
            "times": self._times,
            "type names": " ".join(self._type_names).encode(),
            "types": self._types,
            "of type": of_type,
            "of type ends": of_type_ends,
            "borne": self._borne,
            "borne ends": self._borne_ends,
            "of tag": self._of_tag,
            "lists": lists,
            "list ends": list_ends,
            "introduced": self._introduced,
            "shapes": to_keep((shape, n) for n in introduced for shape in shapes(self._tags.text(n))),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, bytes]) -> EntryIndex:
        """The same from the bytes of the parts. Raises KeyError or ValueError where it cannot be."""

        def numbers(kind: str, name: str) -> array[int]:
            found = array(kind)
            found.frombytes(parts[name])
            return found

        index = cls()
        index._ids = Ids(parts["ids "], numbers("Q", "ids table"))
        index._tags = Names(parts["tags "], numbers("I", "tags ends"), numbers("Q", "tags table"))
        index._times = numbers("q", "times")
        index._type_names = parts["type names"].decode().split()
        index._type_numbers = {name: number for number, name in enumerate(index._type_names)}
        index._types = numbers("H", "types")
        index._of_type = _split(numbers("I", "of type"), numbers("I", "of type ends"))
        index._borne, index._borne_ends = numbers("I", "borne"), numbers("I", "borne ends")
        index._of_tag = numbers("i", "of tag")
        index._lists = _split(numbers("I", "lists"), numbers("I", "list ends"))
        index._introduced = bytearray(parts["introduced"])
        index._shapes = TextTable(numbers("Q", "shapes"))
        return index

    def settle(self) -> None:
        """Let what came from another process be found as quickly as what was added here."""
        self._ids.settle()
        self._tags.settle()

    # By position

    def id_at(self, position: int) -> str:
        """The id of a position that is there."""
        return self._ids.text(position)

    def type_at(self, position: int) -> str:
        """The type of a position that is there."""
        return self._type_names[self._types[position - 1]]

    def tags_at(self, position: int) -> list[str]:
        """The tags of a position that is there, as they were given."""
        borne = self._borne[self._borne_ends[position - 1] : self._borne_ends[position]]
        return [self._tags.text(number) for number in borne]

    def time_at(self, position: int) -> int:
        """When a position that is there was recorded, in microseconds since 1970."""
        return self._times[position - 1]

    def time_before(self, position: int) -> int | None:
        """When the last entry before a position was recorded; None where there is none."""
        before = min(position - 1, len(self))
        return self._times[before - 1] if before > 0 else None

    # What is found

    def position(self, event_id: str) -> int | None:
        """The position of an id; None where it has none."""
        return self._ids.number(event_id) or None

    def has_tag(self, tag: str) -> bool:
        """Does an entry bear a tag?"""
        return self._tags.number(tag) > 0

    def count_until(self, time: int, size: int) -> int:
        """How many of the first ``size`` entries were recorded at or before a time, where none is after a later one."""
        return bisect_right(self._times, time, 0, size)

    def looks_like(self, tag: str) -> str | None:
        """The introduced tag that looks like this one and is another; None where there is none, or where this one is
        introduced too.
        """
        wanted = shapes(tag)
        alike = {self._tags.text(n) for shape in wanted for n in self._shapes.under(shape)}
        beside = {other for other in alike if shapes(other) & wanted}
        return None if tag in beside else min(beside, default=None)

    def last_of(self, type_: str, until: int) -> int | None:
        """The last position of a type up to another; None where there is none."""
        found = self._positions_of_type(type_)
        count = bisect_right(found, until)
        return found[count - 1] if count else None

    def positions(self, query: DCBQuery | None, after: int, until: int) -> Sequence[int]:
        """The positions behind one up to another that a query finds, in order."""
        if query is None or not query.items:
            return range(after + 1, until + 1)
        if len(query.items) == 1:
            return self._of_item(query.items[0], after, until)
        found, others = self._looked_through(query.items, after, until)
        found.update(position for item in others for position in self._of_item(item, after, until))
        return sorted(found)

    def _looked_through(
        self, items: Sequence[DCBQueryItem], after: int, until: int
    ) -> tuple[set[int], list[DCBQueryItem]]:
        """Where more items ask for one tag each of entries of the same types than there are such entries, these are
        looked through: those that are found, and the other items.
        """
        found, others = set[int](), list[DCBQueryItem]()
        of_types: dict[tuple[str, ...], list[DCBQueryItem]] = {}
        for item in items:
            if item.types and len(item.tags) == 1:
                of_types.setdefault(tuple(item.types), []).append(item)
            else:
                others.append(item)
        for types, asking in of_types.items():
            if len(asking) < LOOKED_THROUGH or sum(len(self._positions_of_type(t)) for t in set(types)) > len(asking):
                others += asking
                continue
            wanted = {item.tags[0] for item in asking}
            entries = self._of_item(DCBQueryItem(types=types), after, until)
            found.update(p for p in entries if not wanted.isdisjoint(self.tags_at(p)))
        return found, others

    def _of_item(self, item: DCBQueryItem, after: int, until: int) -> Sequence[int]:
        if item.tags:
            if len(item.tags) == 1 and not self.has_tag(item.tags[0]):
                # Most are asked whether something changes an entry, and nothing does.
                return ()
            lists = sorted((self._positions_of_tag(tag) for tag in set(item.tags)), key=len)
            found = _between(lists[0], after, until)
            for others in lists[1:]:
                found = [p for p in found if _within(others, p)]
            if not item.types or not found:
                return found
            types, wanted = self._types, {self._type_numbers.get(type_, -1) for type_ in item.types}
            return [p for p in found if types[p - 1] in wanted]
        if item.types:
            of_types = [_between(self._positions_of_type(type_), after, until) for type_ in set(item.types)]
            return of_types[0] if len(of_types) == 1 else sorted(p for found in of_types for p in found)
        return range(after + 1, until + 1)

    def _positions_of_tag(self, tag: str) -> Sequence[int]:
        number = self._tags.number(tag)
        if not number:
            return ()
        held = self._of_tag[number - 1]
        return (held,) if held > 0 else self._lists[~held]

    def _positions_of_type(self, type_: str) -> Sequence[int]:
        number = self._type_numbers.get(type_)
        return self._of_type[number] if number is not None else ()


def _joined(lists: Sequence[array[int]]) -> tuple[array[int], array[int]]:
    """Lists one behind the other, and where each ends."""
    joined, ends = array("I"), array("I")
    for one in lists:
        joined.extend(one)
        ends.append(len(joined))
    return joined, ends


def _split(joined: array[int], ends: array[int]) -> list[array[int]]:
    starts = (0, *ends)
    return [joined[start:end] for start, end in zip(starts, ends, strict=False)]


def _between(positions: Sequence[int], after: int, until: int) -> list[int]:
    return list(positions[bisect_right(positions, after) : bisect_right(positions, until)])


def _within(positions: Sequence[int], position: int) -> bool:
    at = bisect_left(positions, position)
    return at < len(positions) and positions[at] == position
