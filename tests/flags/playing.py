"""A course played through admission, line by line, in a log of its own or in memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.scenario.cast import Cast
from api.scenario.document import Act, Scenario, parse_scenario
from api.scenario.play import Player, SimulatedClock
from api.scenario.run import packs_for
from ledger.application import Ledger
from ledger.clock import SHANGHAI
from ledger.errors import MalformedError
from ledger.identifiers import parse_uscc
from ledger.log_signer import LogSigner
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.statement import compose
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.submission import Submission
from tests.flags.course import NAMES, REVIEWERS, STARTS, Course, Line
from tests.flags.texts import PACKS
from tests.memory_ledger import MemoryLedger

OVERRIDE = {"reason": "会议纪要（演示）", "instrument_no": "演〔2023〕1号（演示）"}


class PacedClock(SimulatedClock):
    """A line may set the time of day."""

    def set(self, instant: datetime) -> None:
        self._now = max(self._now, instant)


@dataclass
class Played:
    """A course in its own log."""

    course: Course
    ledger: Ledger
    player: Player

    def id(self, label: str) -> str:
        return str(self.player.memory.event(label))


@contextmanager
def played(course: Course, url: str, origin: str, schema: str) -> Iterator[Played]:
    """Play the lines through real admission; a line that is refused fails the test."""
    scenario, clock = _stage(course)
    database = Database(url, schema, size=4).open()
    vault = Vault(database, secrets.token_bytes(32))
    vault.check()
    ledger = Ledger(database, vault, LogSigner(origin, Ed25519PrivateKey.generate()), clock)
    try:
        yield _played(course, _cast(ledger, scenario, clock), clock)
    finally:
        ledger.close()


def staged_in_memory(course: Course) -> tuple[Player, PacedClock]:
    """Cast, law and clock in memory, before the first line."""
    scenario, clock = _stage(course)
    ledger: Any = MemoryLedger(clock)
    return _cast(ledger, scenario, clock), clock


def _stage(course: Course) -> tuple[Scenario, PacedClock]:
    scenario = parse_scenario(_head(course).encode(), Path("course.toml"))
    return scenario, PacedClock(scenario.starts, timedelta(minutes=2))


def _cast(ledger: Ledger, scenario: Scenario, clock: PacedClock) -> Player:
    player = Player(ledger, Cast(secrets.token_bytes(32), scenario), packs_for(scenario), clock)
    list(player.play())
    return player


def _played(course: Course, player: Player, clock: PacedClock) -> Played:
    for number, line in enumerate(course.lines):
        perform(player, clock, line, f"line/{number}", force=course.force)
    return Played(course, player._ledger, player)


def perform(player: Player, clock: PacedClock, line: Line, key: str, *, force: bool = False) -> str:
    """Submit one line, by override if it has to be forced; returns the event's id."""
    if line["do"] == "KeyRegistered":
        return _further_key(player, clock, line)
    act = _act(
        line | {"key_id": player._cast.key(line["principal_id"]).public.keyid} if line["do"] == "KeyRevoked" else line
    )
    if "at" in line:
        clock.set(datetime.combine(act.recorded, line["at"], tzinfo=SHANGHAI))
    player._publish_calendars(act.recorded)
    player._declared.update((r, f"{e}/{n}") for r, e, n in product(REVIEWERS, [line.get("edition", "")], NAMES))
    outcome = player._perform(act, key)
    if force and outcome.refusal is not None and act.override is None:
        outcome = player._perform(replace(act, override=OVERRIDE), key)
    assert outcome.refusal is None, f"{line}: {outcome.refusal}"
    assert outcome.recorded is not None
    return outcome.recorded.id


def _further_key(player: Player, clock: PacedClock, line: Line) -> str:
    """A new key for a person, signed by itself and by others; it counts after the wait."""
    new, who = PrivateKey(secrets.token_bytes(32)), line["principal_id"]
    clock.advance(line["on"])
    payload = {
        "principal_id": who,
        "key_id": new.public.keyid,
        "algorithm": new.public.algorithm,
        "public_key": new.public.raw.hex(),
        "valid_from": f"{line['on'] + timedelta(days=8)}T00:00:00+08:00",
        "valid_until": "2030-01-01T00:00:00+08:00",
        "custody": "software",
    }
    ledger, cast = player._ledger, player._cast
    body = compose(
        type="KeyRegistered",
        log=ledger.origin,
        id=cast.statement_id(new.public.keyid, clock()),
        actor=line["by"],
        role=line["as_"],
        effective_at=line["on"].isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, new, *(cast.key(name) for name in line["with_"]))
    return ledger.submitting.record(Submission(envelope, envelope.to_bytes(), {})).id


def _act(line: Line) -> Act:
    known = {k: line.get(k) for k in ("by", "label", "late", "override", "case")}
    members = {
        k: v
        for k, v in line.items()
        if k not in {"do", "on", "recorded", "edition", "at", "as_", "with_", "basis", "causes", *known}
    }
    return Act(
        where="line",
        on=line["on"],
        recorded=line.get("recorded", line["on"]),
        do=line["do"],
        role=line.get("as_"),
        with_=line.get("with_"),
        refused=None,
        basis=line.get("basis", ()),
        causes=line.get("causes", ()),
        edition=line.get("edition"),
        members=members,
        **known,
    )


def _head(course: Course) -> str:
    organisations = "\n".join(
        f'{name} = {{ name = "{name}公司（演示）", uscc = "{uscc(course.pack.jurisdiction_code, i)}", sector = '
        '"manufacturing" }'
        for i, name in enumerate(course.names)
    )
    reviewers = "\n".join(f"{r} = {{{' leader = true ' if r == 'R1' else ''}}}" for r in REVIEWERS)
    return (
        f'[scenario]\ntitle = "course"\npack = "{PACKS[course.code]}"\nstarts = {STARTS}\nmode = "simulation"\n'
        "complete = true\n"
        f"[organisations]\n{organisations}\n[reviewers]\n{reviewers}\n[committee]\nmembers = 3\n"
    )


def uscc(region: str, number: int) -> str:
    """A valid credit code of the region, made up."""
    for one, two in product("0123456789ABCDEFGHJKLMNPQRTUWXY", repeat=2):
        try:
            return parse_uscc(f"91{region}DEM{number:05d}{one}{two}")
        except MalformedError:
            continue
    raise AssertionError
