"""What a process keeps to be quicker stays below one total, whoever keeps it and whatever is read."""

from __future__ import annotations

import gc
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.room import OVERHEAD, Room, Share

_steps = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["put", "get", "grow", "drop", "clear"]),
        st.integers(0, 9),
        st.integers(0, 900),
    ),
    max_size=80,
)


@given(_steps)
@settings(deadline=None)
def test_the_total_holds_and_what_is_there_is_what_was_put(steps: list[tuple[int, str, int, int]]) -> None:
    room = Room(4_000)
    shares: list[Share[int, int]] = [room.share(told=True) for _ in range(4)]
    put: dict[tuple[int, int], int] = {}
    here = {n: set[int]() for n in range(4)}
    for which, what, key, size in steps:
        share = shares[which]
        match what:
            case "put":
                share.put(key, size, size)
                put[which, key] = size
                here[which].add(key)
            case "get":
                assert share.get(key) in (None, put.get((which, key)))
            case "grow":
                share.grow(key, size)
            case "drop":
                share.drop(key)
                here[which].discard(key)
            case _:
                share.clear()
                here[which].clear()
        for n, each in enumerate(shares):
            here[n] -= {k for k in each.given_up() if k not in each}
            assert {k for k in range(10) if k in each} == here[n]
            assert each.get_all([*range(10)]) == {k: put[n, k] for k in here[n]}
        assert room.bytes == sum(each.bytes for each in shares) <= room.most


def test_who_holds_most_gives_up_what_it_has_not_used_for_longest() -> None:
    room = Room(10 * (OVERHEAD + 700))
    small: Share[str, str] = room.share()
    large: Share[str, str] = room.share()
    for key in "ab":
        small.put(key, key, 700)
    for key in "abcdefgh":
        large.put(key, key, 700)
    assert large.get("a") == "a"
    for key in "ij":
        large.put(key, key, 700)
    assert (small.get_all("ab"), sorted(large.get_all("abcdefghij"))) == ({"a": "a", "b": "b"}, sorted("adefghij"))


def test_what_is_larger_than_the_room_is_not_kept() -> None:
    room = Room(1_000)
    share: Share[str, str] = room.share(told=True)
    share.put("a", "a", 100)
    share.put("b", "b", 1_000)
    assert (share.get("b"), room.bytes, share.given_up()) == (None, 0, ["a", "b"])


def test_less_room_is_made_at_once_and_a_keeper_that_ends_gives_back_its_share() -> None:
    room = Room(100_000)
    share: Share[int, bytes] = room.share()
    for key in range(50):
        share.put(key, b"", 700)
    room.most = 10_000
    assert (len(share), room.bytes) == (10, 10_000)
    del share
    gc.collect()
    assert room.bytes == 0


def test_several_threads_keep_in_one_room() -> None:
    room = Room(50_000)
    shares: list[Share[int, int]] = [room.share() for _ in range(4)]

    def work(own: Share[int, int]) -> None:
        for n in range(2_000):
            own.put(n % 97, n % 97, 500)
            assert own.get(n % 31) in (None, n % 31)

    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert room.bytes == sum(share.bytes for share in shares) <= 50_000
