"""A town whose log is given out: its people, its clock, and statements that no scenario writes."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from api.scenario.cast import Cast
from api.scenario.document import parse_scenario
from api.scenario.play import Player, SimulatedClock
from api.scenario.run import packs_for
from ledger.application import Ledger
from ledger.clock import SHANGHAI
from ledger.disclosure import Opening
from ledger.signing import envelope as dsse
from ledger.signing.suites import AnyPrivateKey
from ledger.statement import compose
from ledger.submission import Submission
from tests.builders import HEAD, Town


class GivenTown(Town):
    """A town whose log lies in a home, as a user's does."""

    def __init__(self, ledger: Ledger, clock: SimulatedClock, name: str) -> None:
        self.cast = cast_of(name, clock().date())
        self.scenario = self.cast.scenario
        self.packs, self.clock, self.ledger = packs_for(self.scenario), clock, ledger
        self.player = Player(ledger, self.cast, self.packs, clock)
        self._acts, self._opened = 0, {}
        list(self.player.play())


def cast_of(name: str, starts: date = date(2023, 1, 2)) -> Cast:
    """The cast of a town that is given out: its keys come from its name."""
    head = HEAD.format(pack="ganzhou/2022", mode="simulation", starts=starts)
    return Cast(name.encode(), parse_scenario(head.encode(), Path(f"{name}.toml")))


class Signing:
    """Statements that no scenario writes: any id, any text, any keys."""

    def __init__(self, ledger: Ledger, clock: SimulatedClock, made: int = 0) -> None:
        self._ledger, self._clock, self._made = ledger, clock, made

    def id_at(self, milliseconds: int) -> str:
        self._made += 1
        value = milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | self._made
        text = f"{value:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def record(
        self,
        type_: str,
        actor: str,
        role: str,
        payload: dict[str, Any],
        *keys: AnyPrivateKey,
        on: date | None = None,
        at: int | None = None,
        restricted: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        now = self._clock()
        self._clock.advance(on or now.astimezone(SHANGHAI).date())
        openings = [Opening(p, os.urandom(32), v) for p, v in (restricted or {}).items()]
        body = compose(
            type=type_,
            log=self._ledger.origin,
            id=self.id_at(at if at is not None else int(now.timestamp() * 1000)),
            actor=actor,
            role=role,
            effective_at=more.pop("effective_at", (on or now.astimezone(SHANGHAI).date()).isoformat()),
            payload=payload,
            sd={o.pointer: o.commitment() for o in openings},
            **more,
        )
        envelope = dsse.sign(body, *keys)
        return self._ledger.submit(Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings})).id


class GivenClock(SimulatedClock):
    """A simulated clock that can be set to an instant: what an authority of this machine says is of today."""

    def at(self, instant: datetime) -> None:
        self._now = instant.astimezone(SHANGHAI)
