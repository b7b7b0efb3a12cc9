"""The index of a log in long arrays finds what a plain look through all entries finds, and stays small."""

from __future__ import annotations

import threading
import tracemalloc
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import entry_index
from ledger.dcb import DCBQuery, DCBQueryItem, matches
from ledger.entry_index import EntryIndex, HashTable
from ledger.errors import InvariantError
from ledger.identifiers import shapes

TYPES = ["ApplicationFiled", "ScoreGiven", "AwardGranted", "EventAnnulled"]
NAMED = "x:0190a0c0-0000-7000-8000-0000000000ab"
TAGS = ["c:A", "c:a", "c:rn", "c:m", "c:B0", "c:BO", "ed:2023", "o:企业", "x:1", "p:l1", "p:I1", "p:Il"]
TAGS += [NAMED, NAMED.upper(), NAMED.lower().replace("a", "c"), NAMED + "0", "x:" + "-" * 36, "ÿ" + "x" * 16]


@dataclass(frozen=True)
class _Entry:
    id: str
    type: str
    tags: tuple[str, ...]
    time: int
    introduced: tuple[str, ...]


@st.composite
def _entries(draw: st.DrawFn) -> list[_Entry]:
    numbers = draw(st.lists(st.integers(0, 2**128 - 1), unique=True, max_size=40))
    entries, time = [], draw(st.integers(-5, 5))
    for number in numbers:
        tags = tuple(sorted(draw(st.sets(st.sampled_from(TAGS), max_size=6))))
        introduced = tuple(tag for tag in tags if draw(st.booleans()))
        time += draw(st.integers(0, 3))
        entries.append(_Entry(str(UUID(int=number)), draw(st.sampled_from(TYPES)), tags, time, introduced))
    return entries


def _index(entries: list[_Entry], moved: int = -1) -> EntryIndex:
    """The index of some entries; after some of them it is moved to another process, and goes on there."""
    index = EntryIndex()
    for number, e in enumerate(entries):
        if number == moved:
            index = EntryIndex.from_parts({name: bytes(memoryview(part)) for name, part in index.parts().items()})
        if number == moved + 3:
            index.settle()
        index.add(e.id, e.type, e.tags, e.time, e.introduced)
    return index


_items = st.builds(
    DCBQueryItem,
    st.sets(st.sampled_from([*TYPES, "NotThere"]), max_size=3).map(tuple),
    st.sets(st.sampled_from([*TAGS, "c:nobody"]), max_size=3).map(tuple),
)

#: Many that ask for a tag of entries of one type, as it is asked of many entries what annuls them.
_of_one_type = st.lists(
    st.builds(DCBQueryItem, st.just(("EventAnnulled",)), st.sampled_from(TAGS).map(lambda tag: (tag,))), max_size=12
)


@pytest.mark.parametrize("alike", [False, True])
@given(entries=_entries(), items=st.builds(list.__add__, st.lists(_items, max_size=3), _of_one_type), data=st.data())
@settings(deadline=None)
def test_what_is_found_is_what_all_entries_say(
    alike: bool, entries: list[_Entry], items: list[DCBQueryItem], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry_index, "LOOKED_THROUGH", data.draw(st.sampled_from([2, 20])))
        if alike:
            # Every text has the hash of many others.
            patch.setattr(entry_index, "hash", lambda text: -len(text), raising=False)
            patch.setattr(entry_index, "_lasting", lambda text: len(text) << 28)
        index, size = _index(entries, data.draw(st.integers(-1, len(entries)))), len(entries)
        after, until = data.draw(st.integers(0, size)), data.draw(st.integers(0, size))
        query = DCBQuery(items)
        expected = [p for p, e in enumerate(entries, 1) if after < p <= until and matches(query, e.type, e.tags)]
        assert list(index.positions(query, after, until)) == expected
        assert list(index.positions(None, after, until)) == list(range(after + 1, until + 1))
        at = range(1, size + 1)
        assert [(index.id_at(p), index.type_at(p), tuple(index.tags_at(p)), index.time_at(p)) for p in at] == [
            (e.id, e.type, e.tags, e.time) for e in entries
        ]
        assert [index.position(e.id) for e in entries] == list(at)
        assert {tag for tag in [*TAGS, "c:nobody", ""] if index.has_tag(tag)} == {t for e in entries for t in e.tags}
        for type_ in [*TYPES, "NotThere"]:
            assert index.last_of(type_, until) == max(
                (p for p, e in enumerate(entries[:until], 1) if e.type == type_), default=None
            )
        time = data.draw(st.integers(-6, 130))
        assert index.count_until(time, until) == sum(e.time <= time for e in entries[:until])
        assert index.time_before(until + 1) == (entries[until - 1].time if until else None)


@pytest.mark.parametrize("alike", [False, True])
@given(entries=_entries(), moved=st.integers(-1, 40))
@settings(deadline=None)
def test_look_alikes_are_those_that_share_a_shape(alike: bool, entries: list[_Entry], moved: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if alike:
            patch.setattr(entry_index, "hash", lambda text: len(text), raising=False)
            patch.setattr(entry_index, "_lasting", lambda text: len(text) << 28)
        index, introduced = _index(entries, moved), {tag for e in entries for tag in e.introduced}
        for tag in [*TAGS, "c:RN", "p:ll"]:
            beside = {other for other in introduced if shapes(other) & shapes(tag)}
            assert index.looks_like(tag) == (None if tag in beside else min(beside, default=None))


@given(st.lists(st.tuples(st.integers(-8, 8).map(lambda n: n * 256 * 2**30), st.integers(1, 2**32 - 1))))
def test_a_hash_has_all_its_numbers(added: list[tuple[int, int]]) -> None:
    table = HashTable()
    for hashed, number in added:
        table.add(hashed, number)
    # 32 bits of a hash are kept: what agrees in these is told apart by whoever asks.
    wanted = {h for h, _ in added} | {0, 256}
    kept = {h: (h & 255, h >> 8 & 2**32 - 1) for h in wanted}
    for h in wanted:
        assert sorted(table.get(h)) == sorted(n for other, n in added if kept[other] == kept[h])


def test_any_text_may_be_asked_for_and_only_ids_are_taken() -> None:
    index = _index([_Entry("0190a0c0-0000-7000-8000-0000000000ab", "AwardGranted", (), 1, ())])
    asked = ["0190A0C0-0000-7000-8000-0000000000AB", "0190a0c00000700080000000000000ab", "", "企业", "x" * 1_000]
    assert [index.position(text) for text in asked] == [None] * 5
    for text in ["", "0190A0C0-0000-7000-8000-0000000000AC", "0190a0c0-0000-7000-8000-0000000000ac\n"]:
        with pytest.raises(InvariantError):
            index.add(text, "AwardGranted", (), 2)
    assert (len(index), index.position("0190a0c0-0000-7000-8000-0000000000ab")) == (1, 1)


def _made(number: int) -> _Entry:
    """An entry with six tags: two of its own, three that a dozen entries share, one that all have."""
    own = f"x:{UUID(int=number * 2**90 + number * 7919)}"
    shared = (f"c:ZY-2023/case-{number // 10}", f"o:91410000{number // 12:010}", f"a:ZY-2023-{number // 15:08}")
    tags = (own, f"k:case-{number:08}", *shared, "ed:ZY-2023")
    return _Entry(str(UUID(int=number * 2**80 + number)), f"Type{number % 90}", tags, number, shared[2:])


def test_an_entry_with_six_tags_takes_no_more_than_250_bytes() -> None:
    # The first ones bring what grows no more: classes, parts of tables.
    index, first, size = _index([_made(n) for n in range(1, 1_001)]), 1_001, 13_000
    tracemalloc.start()
    try:
        for number in range(first, size + 1):
            e = _made(number)
            index.add(e.id, e.type, e.tags, e.time, e.introduced)
        del e
        shapes.cache_clear()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(index) == size
    assert taken / (size - first) <= 250


def test_who_asks_meanwhile_finds_what_was_counted_before() -> None:
    index, missed, done = EntryIndex(), list[int](), threading.Event()

    def ask() -> None:
        while not done.is_set():
            size = len(index)
            for position in {1, size // 2, size} - {0} if size else ():
                e = _made(position)
                found = index.positions(DCBQuery([DCBQueryItem((e.type,), e.tags[:1])]), 0, size)
                if (index.position(e.id), list(found), index.tags_at(position)) != (position, [position], [*e.tags]):
                    missed.append(position)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for number in range(1, 8_001):
        e = _made(number)
        index.add(e.id, e.type, e.tags, e.time, e.introduced)
    done.set()
    for thread in asking:
        thread.join()
    assert missed == []
