"""Runs a scenario file in a throw-away log, or loads it into a lasting one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from api.scenario.cast import Cast
from api.scenario.document import Scenario, read_scenario
from api.scenario.expect import Judge, Verdict
from api.scenario.outcome import Outcome
from api.scenario.play import Player, SimulatedClock
from api.scenario.written import INVALID, in_file, wrong
from api.sentences import sentence
from ledger.application import Ledger
from ledger.errors import MalformedError
from ledger.log_signer import LogSigner
from ledger.regulation.pack import Pack, parse_pack
from ledger.regulation.shipped import shipped_packs
from ledger.sentences import enumeration
from ledger.store.database import Database, create_log_schema, schema_of, translated
from ledger.store.vault import KEK_LENGTH, Vault

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a scenario showed."""

    scenario: Scenario
    origin: str
    outcomes: tuple[Outcome, ...]
    verdicts: tuple[Verdict, ...]
    #: Ordinary steps that were played because the scenario leaves them out.
    filled: int

    @property
    def passed(self) -> bool:
        return all(o.as_expected for o in self.outcomes) and all(v.met for v in self.verdicts)


def packs_for(scenario: Scenario) -> dict[str, tuple[Pack, bytes]]:
    """Shipped packs of the scenario's regulation, and pack files beside it: its own, and those that it enacts."""
    packs = dict(shipped_packs())
    enacted = [str(act.members.get("pack", "")) for act in scenario.acts if act.do == "RegulationEnacted"]
    for name in {n for n in (scenario.pack, *enacted) if n.endswith(".toml")}:
        path = scenario.folder / name
        try:
            data = path.read_bytes()
        # Beside what cannot be read: a name that holds what no name of a file may.
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise MalformedError(
                "pack_unreadable", sentence("{file} cannot be read: {why}", file=path, why=why), file=str(path)
            ) from error
        packs[name] = (parse_pack(data, path.name), data)
    if scenario.pack not in packs:
        unknown = wrong(
            "scenario.pack",
            sentence(
                "there is no pack {pack}; there are {packs}, or a .toml file beside the scenario",
                pack=(scenario.pack, repr(scenario.pack)),
                packs=enumeration(packs),
            ),
        )
        raise in_file(unknown, scenario.file)
    pack = packs[scenario.pack][0]
    return {name: item for name, item in packs.items() if item[0].id == pack.id}


def run_file(path: Path, url: str, progress: Progress = lambda _done, _all: None) -> Report:
    """Play a scenario in a log of its own, judge its expectations, and drop the log."""
    scenario = read_scenario(path)
    packs = packs_for(scenario)
    origin = f"scenario.rongjian.example/{secrets.token_hex(8)}"
    schema = schema_of(origin)
    create_log_schema(url, schema)
    try:
        return _run(scenario, packs, origin, url, progress)
    finally:
        with translated(), psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def _run(scenario: Scenario, packs: dict[str, tuple[Pack, bytes]], origin: str, url: str, progress: Progress) -> Report:
    clock = SimulatedClock(scenario.starts)
    database = Database(url, schema_of(origin), size=4).open()
    vault = Vault(database, secrets.token_bytes(KEK_LENGTH))
    vault.check()
    ledger = Ledger(database, vault, LogSigner(origin, Ed25519PrivateKey.generate()), clock)
    try:
        return play(scenario, packs, ledger, secrets.token_bytes(32), clock, progress)
    finally:
        ledger.close()


def play(
    scenario: Scenario,
    packs: dict[str, tuple[Pack, bytes]],
    ledger: Ledger,
    seed: bytes,
    clock: SimulatedClock,
    progress: Progress = lambda _done, _all: None,
) -> Report:
    """Play into a given ledger and judge."""
    player = Player(ledger, Cast(seed, scenario), packs, clock)
    try:
        outcomes = tuple(player.play(progress))
        judge = Judge(ledger, player.memory)
        verdicts = tuple(v for e in scenario.expectations for v in judge.judge(e))
    except MalformedError as error:
        if error.code != INVALID:
            raise
        raise in_file(error, scenario.file) from error
    return Report(scenario, ledger.origin, outcomes, verdicts, player.course.filled)
