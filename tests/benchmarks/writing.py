"""Statements through the whole of admission: one client, many, batches; with the register stopped and running."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.admission import viewing
from ledger.errors import RongjianError
from ledger.statement import parse
from ledger.store.database import Database, create_log_schema, schema_of
from ledger.store.vault import Vault
from ledger.submission import Receipt, Submission
from projections.runner import Runner
from tests.benchmarks.measuring import Line, measured
from tests.builders import Town
from tests.flags.playing import uscc

DAY = date(2023, 6, 1)
#: Statements of one run.
STATEMENTS = 300
BATCH = 100
#: Whom incidents are about, by turns: an organisation has a record of its own, not that of all others.
ORGANISATIONS = 60


@contextmanager
def a_town(url: str, *, both_heads: bool) -> Iterator[Town]:
    """A log with one award; its heads are signed with Ed25519, and with ML-DSA-44 too where ``both_heads``."""
    origin = f"bench.rongjian.example/{secrets.token_hex(4)}"
    create_log_schema(url, schema_of(origin))
    database, kek = Database(url, schema_of(origin), size=80).open(), secrets.token_bytes(32)
    vault = Vault(database, kek)
    vault.check()
    mldsa = MLDSA44PrivateKey.generate() if both_heads else None
    town = Town(origin, database, vault, Ed25519PrivateKey.generate(), kek, mldsa=mldsa)
    town.edition()
    town.award("A", DAY)
    for number in range(ORGANISATIONS):
        named, code = f"O{number}", uscc("360700", number + 500)
        town.must("PrincipalRegistered", DAY, principal_id=named, kind="organisation", org_name=named, uscc=code)
    yield town
    # Others are told of the last commit first.
    time.sleep(0.1)
    town.ledger.close()


class Mixture:
    """Statements of several types, some with restricted fields: of ten, seven incidents, two persons, one annulment."""

    def __init__(self, town: Town, organisations: int = ORGANISATIONS) -> None:
        """Incidents are about so many organisations, by turns."""
        self._town = town
        self._organisations = organisations
        self._number = count(1)

    def signed(self, statements: int) -> list[Submission]:
        """So many more, none of which depends on another that is not before it."""
        made: list[Submission] = []
        for n in range(statements):
            number = next(self._number)
            if n % 10 < 7:
                made.append(self._incident(number, f"事由 {number}（演示）" if n % 2 else None))
            elif n % 10 < 9:
                made.append(self._person(number))
            else:
                made.append(self._annulment(made[-9]))
        return made

    def _incident(self, number: int, details: str | None) -> Submission:
        more = {"details": details} if details is not None else {}
        return self._town.signed(
            "IncidentRecorded",
            DAY,
            org=f"O{number % self._organisations}",
            incident_id=f"I{number}",
            category="other",
            authority="x",
            **more,
        )

    def _person(self, number: int) -> Submission:
        return self._town.signed(
            "PrincipalRegistered", DAY, principal_id=f"x{number}", kind="person", person_name=f"某{number}"
        )

    def _annulment(self, target: Submission) -> Submission:
        return self._town.signed(
            "EventAnnulled",
            DAY,
            target=parse(target.envelope.body).id,
            effect="void_ab_initio",
            reason="error",
        )


def lines(url: str) -> list[Line]:
    """The table of writing; each outcome is looked at, and each log is whole at the end."""
    told = []
    with a_town(url, both_heads=True) as town:
        told.append(_measured("one client, both heads", town, _one_by_one))
        told.append(_measured("64 clients, both heads", town, _many))
        told.append(_measured(f"batches of {BATCH}, both heads, register stopped", town, _in_batches))
        with _followed(town):
            told.append(_measured(f"batches of {BATCH}, both heads, register running", town, _in_batches))
    with a_town(url, both_heads=False) as town:
        told.append(_measured("one client, Ed25519 only", town, _one_by_one))
        told.append(_measured("sixteen clients on one record", town, _sixteen, Mixture(town, 1)))
        told.append(_measured("sixteen clients on sixteen records", town, _sixteen, Mixture(town, 16)))
    return told


def decisions(url: str) -> dict[str, float]:
    """How often a statement is decided where sixteen clients write to one record, and to sixteen."""
    told = {}
    with a_town(url, both_heads=False) as town:
        for name, records in (("one record", 1), ("sixteen records", 16)):
            carried_out, made = viewing._carry_out, list[None]()

            def counted(*arguments: Any, of: Any = carried_out, made: list[None] = made) -> Any:
                made.append(None)
                return of(*arguments)

            statements = _another(Mixture(town, records)).signed(STATEMENTS)
            with patch.object(viewing, "_carry_out", counted):
                _sixteen(town, statements)
            told[f"decisions, sixteen clients on {name}"] = len(made) / STATEMENTS
    return told


Work = Callable[[Town, Sequence[Submission]], None]


def _another(mixture: Mixture) -> Mixture:
    """The same, whose statements were not submitted before."""
    mixture._number = count(secrets.randbelow(10**12))
    return mixture


def _measured(name: str, town: Town, work: Work, of: Mixture | None = None) -> Line:
    mixture = _another(of or Mixture(town))
    runs = [mixture.signed(STATEMENTS) for _ in range(5)]
    before = town.ledger.size()
    line = measured(name, STATEMENTS, lambda run: work(town, runs[run]))
    assert town.ledger.size() == before + len(runs) * STATEMENTS
    return line


def _one_by_one(town: Town, statements: Sequence[Submission]) -> None:
    for statement in statements:
        town.ledger.submit(statement)


def _in_batches(town: Town, statements: Sequence[Submission]) -> None:
    for first in range(0, len(statements), BATCH):
        _checked(town.ledger.submit_many(statements[first : first + BATCH]))


def _many(town: Town, statements: Sequence[Submission]) -> None:
    # Tens stay together: an annulment follows what it annuls.
    tens = [statements[n : n + 10] for n in range(0, len(statements), 10)]
    _at_once([lambda ten=ten: _one_by_one(town, ten) for ten in tens])


def _sixteen(town: Town, statements: Sequence[Submission]) -> None:
    tens = [statements[n : n + 10] for n in range(0, len(statements), 10)]
    parts = [[s for ten in tens[n::16] for s in ten] for n in range(16)]
    _at_once([lambda part=part: _one_by_one(town, part) for part in parts])


def _at_once(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _checked(outcomes: Sequence[Receipt | RongjianError]) -> None:
    for outcome in outcomes:
        if not isinstance(outcome, Receipt):
            raise outcome


@contextmanager
def _followed(town: Town) -> Iterator[None]:
    """The register follows in a thread of this process, as the service has it."""
    runner = Runner(town.ledger, town.ledger.database, town.ledger.size)
    runner.catch_up()
    thread = threading.Thread(target=runner.follow, daemon=True)
    thread.start()
    yield
    runner.stop()
    thread.join()
