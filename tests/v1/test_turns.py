"""Logs and keys take turns: whoever floods one waits for itself, and is told for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from api.v1 import turns as turning
from api.v1.turns import SHARE, Turns, Who, whose
from ledger.errors import UnavailableError

FLOODED, QUIET = ("flooded", "a"), ("quiet", "a")


class _Door:
    """Requests that hold their turn until they are let go, in the order in which they were taken."""

    def __init__(self, at_once: int) -> None:
        self.now = 0.0
        self.turns = Turns(at_once, lambda: self.now)
        self.taken: list[Who] = []
        self.held: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self, who: Who, times: int = 1, length: int = 100) -> None:
        for _ in range(times):
            self._tasks.append(asyncio.create_task(self._hold(who, length)))
        await _settled()

    async def _hold(self, who: Who, length: int) -> None:
        async with self.turns.turn(who, length):
            self.taken.append(who)
            self.held.append(asyncio.Event())
            await self.held[-1].wait()

    async def let_go(self, times: int = 1) -> None:
        for _ in range(times):
            next(event for event in self.held if not event.is_set()).set()
            await _settled()

    async def leave(self, number: int) -> None:
        self._tasks[number].cancel()
        await _settled()

    async def all_gone(self) -> None:
        while any(not task.done() for task in self._tasks):
            await self.let_go()


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def _run(told: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(told())


def test_nobody_waits_where_there_is_room() -> None:
    async def told() -> None:
        door = _Door(at_once=3)
        await door.come(FLOODED, 3)
        assert door.taken == [FLOODED] * 3
        await door.all_gone()

    _run(told)


def test_another_log_and_another_key_come_next_however_many_wait() -> None:
    other_key = ("flooded", "b")

    async def told() -> None:
        door = _Door(at_once=2)
        await door.come(FLOODED, 50)
        await door.come(other_key, 2)
        await door.come(QUIET, 2)
        await door.let_go(5)
        assert door.taken[2:7] == [FLOODED, QUIET, other_key, QUIET, FLOODED]
        await door.all_gone()
        assert sorted(door.taken) == sorted([FLOODED] * 50 + [other_key] * 2 + [QUIET] * 2)

    _run(told)


def test_a_large_batch_counts_for_several() -> None:
    async def told() -> None:
        door = _Door(at_once=8)
        await door.come(FLOODED, 3, length=5 * SHARE)
        assert door.taken == [FLOODED]
        await door.come(QUIET)
        # There would be room for it, but not before those who came first.
        assert door.taken == [FLOODED]
        await door.let_go()
        assert door.taken == [FLOODED, FLOODED, QUIET]
        await door.all_gone()
        assert len(door.taken) == 4

    _run(told)


def test_one_that_is_larger_than_all_room_is_taken_alone() -> None:
    async def told() -> None:
        door = _Door(at_once=4)
        await door.come(QUIET)
        await door.come(FLOODED, length=1_000 * SHARE)
        await door.come(QUIET)
        assert door.taken == [QUIET]
        await door.let_go()
        assert door.taken == [QUIET, FLOODED]
        await door.all_gone()
        assert door.taken == [QUIET, FLOODED, QUIET]

    _run(told)


def test_whoever_leaves_while_it_waits_or_in_its_turn_takes_nobodys() -> None:
    async def told() -> None:
        door = _Door(at_once=1)
        await door.come(FLOODED, 3)
        await door.come(QUIET, 2)
        await door.leave(1)
        await door.leave(0)
        assert door.taken == [FLOODED, QUIET]
        await door.all_gone()
        assert sorted(door.taken) == sorted([FLOODED] * 2 + [QUIET] * 2)
        await door.come(QUIET)
        assert len(door.taken) == 5

    _run(told)


def test_a_line_that_is_full_is_told_when_it_will_have_moved_on_and_others_still_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turning, "WAITING_EACH", 20)

    async def told() -> None:
        door = _Door(at_once=1)
        for _ in range(200):
            await door.come(FLOODED)
            door.now += 2
            await door.let_go()
        await door.come(FLOODED, 21)
        await door.come(QUIET)
        with pytest.raises(UnavailableError) as refusal:
            async with door.turns.turn(FLOODED, 100):
                pass
        # Twenty requests of two seconds each, in turn with another line.
        assert (refusal.value.code, refusal.value.retry_after) == ("busy", 80)
        assert QUIET not in door.taken
        await door.let_go(2)
        assert door.taken[-2:] == [FLOODED, QUIET]
        await door.all_gone()

    _run(told)


def test_no_more_bytes_wait_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turning, "BYTES_MAX", 1_000)
    monkeypatch.setattr(turning, "BYTES_OF_LOG", 800)
    monkeypatch.setattr(turning, "BYTES_EACH", 700)

    async def told() -> None:
        door = _Door(at_once=1)
        for _ in range(200):
            await door.come(QUIET)
            door.now += 2
            await door.let_go()
        await door.come(QUIET)
        await door.come(FLOODED, 2, length=350)
        refused = []
        # For one key, for its log, and over all: two requests of two seconds each wait in the one line there is.
        for who, length in ((FLOODED, 1), (("flooded", "b"), 101), (("another", "a"), 301)):
            with pytest.raises(UnavailableError) as refusal:
                async with door.turns.turn(who, length):
                    pass
            refused.append(refusal.value.retry_after)
        assert refused == [4, 4, 4]
        await door.come(("flooded", "b"), length=100)
        await door.come(QUIET, length=200)
        await door.all_gone()
        assert len(door.taken) == 205

    _run(told)


def test_strangers_share_one_line_and_what_submits_nothing_has_none() -> None:
    known, body = "ab" * 32, b'{"envelope":{"payload":"","signatures":[{"keyid":"%s","sig":""}]}}'

    def keys_of(log: str) -> Callable[[str], bool] | None:
        return {"ganzhou": lambda key: key == known, "lanzhou": lambda _: False}.get(log)

    of = "/v1/logs/ganzhou/statements"
    assert whose(of, body % known.encode(), keys_of) == ("ganzhou", known)
    assert whose(f"{of}/batch", b'{"statements":[%s]}' % (body % known.encode()), keys_of) == ("ganzhou", known)
    assert whose("/v1/logs/lanzhou/disclosures", body % known.encode(), keys_of) == ("lanzhou", "")
    assert whose(of, body % (b"cd" * 32), keys_of) == whose(of, b"nonsense", keys_of) == ("ganzhou", "")
    assert whose("/v1/logs/ganzhou/documents", body, keys_of) is None
    assert whose("/v1/logs/nowhere/statements", body, keys_of) is None
