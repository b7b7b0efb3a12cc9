"""The register is of one version of the folds: what another version built is not shown, and is built anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg import sql

from ledger.derivation.version import DERIVATION
from ledger.errors import ConflictError
from ledger.store.database import Database
from ledger.store.vault import Vault
from projections import runner
from projections.register import Register
from projections.runner import Runner
from tests.builders import Town

ON = date(2023, 7, 1)


@pytest.fixture
def outdated(town: Town) -> Iterator[tuple[Town, Register, Runner]]:
    """A register that an earlier version built, with an answer that today's folds would not give."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    register, runner = Register(town.ledger.database), Runner(town.ledger, town.ledger.database, town.ledger.size)
    runner.catch_up()
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        connection.execute("UPDATE register_cursor SET derivation = %s", (DERIVATION - 1,))
        connection.execute(
            "UPDATE register_fact SET answer = jsonb_set(answer, '{value,status}', '\"expired\"') WHERE fact = "
            "'award.status'"
        )
    yield town, register, runner
    runner.stop()


def _statuses(register: Register, known: int) -> list[tuple[str, str]]:
    return [(row.subject, row.answer["value"]["status"]) for row in register.listing("award.status", ON, known)]


def test_what_another_version_built_is_not_shown(outdated: tuple[Town, Register, Runner]) -> None:
    town, register, _ = outdated
    with pytest.raises(ConflictError) as refusal:
        _statuses(register, town.ledger.size())
    assert (refusal.value.code, register.position()) == ("register_behind", 0)


def test_it_is_built_anew_before_anything_else(outdated: tuple[Town, Register, Runner]) -> None:
    town, register, runner = outdated
    size = town.ledger.size()
    assert runner.catch_up() == size
    assert (register.position(), _statuses(register, size)) == (size, [("award:GZ-2023-A", "valid")])
    # What was known earlier is derived anew as well, not only what comes from now on.
    assert runner.check(1_000) == []


def test_a_service_that_starts_builds_it_anew(outdated: tuple[Town, Register, Runner]) -> None:
    town, register, runner = outdated
    thread = threading.Thread(target=runner.follow)
    thread.start()
    while register.position() < town.ledger.size():
        pass
    runner.stop()
    thread.join()
    assert _statuses(register, town.ledger.size()) == [("award:GZ-2023-A", "valid")]


def test_every_row_says_which_version_derived_it(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    Runner(town.ledger, town.ledger.database, town.ledger.size).catch_up()
    [row] = Register(town.ledger.database).listing("award.status", ON, town.ledger.size())
    assert row.answer["why"]["derivation"] == DERIVATION


def _sealing(town: Town) -> Runner:
    return Runner(town.ledger, town.ledger.database, town.ledger.size, town.ledger.vault.seal_of)


def _rows(town: Town) -> list[object]:
    with psycopg.connect(town.database.url) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        return connection.execute(
            "SELECT subject, fact, valid, known, answer::text FROM register_fact ORDER BY 1, 2, 3, 4"
        ).fetchall()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE register_fact SET answer = jsonb_set(answer, '{value,status}', '\"expired\"') WHERE fact = "
        "'award.status'",
        "DELETE FROM register_fact WHERE fact = 'award.status'",
        "UPDATE register_fact SET known = int8range(1, 2) WHERE ctid = (SELECT min(ctid) FROM register_fact)",
        "DELETE FROM register_link WHERE ctid = (SELECT min(ctid) FROM register_link)",
        "UPDATE register_cursor SET position = position - 1",
        "UPDATE register_cursor SET total = NULL, seal = NULL",
        "DELETE FROM register_cursor",
        "UPDATE register_cursor SET current = false",
        "UPDATE register_cursor SET generation = 2147483647",
    ],
)
def test_a_register_whose_rows_were_altered_is_not_shown_and_built_anew(town: Town, tampering: str) -> None:
    town.edition()
    town.award("A", date(2023, 9, 1))
    _sealing(town).catch_up()
    good = _rows(town)
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        assert connection.execute(tampering.encode()).rowcount > 0
    _sealing(town).catch_up()
    assert _rows(town) == good
    assert Register(town.database).position() == town.ledger.size()


def test_a_register_is_not_built_anew_where_its_rows_are_those_that_were_sealed(town: Town) -> None:
    town.edition()
    _sealing(town).catch_up()
    town.award("A", date(2023, 9, 1))
    _sealing(town).catch_up()
    with psycopg.connect(town.database.url) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        assert connection.execute("SELECT generation FROM register_cursor").fetchall() == [(1,)]


def test_a_register_that_was_sealed_for_another_log_of_the_home_is_built_anew(town: Town) -> None:
    town.edition()
    elsewhere = Vault(Database(town.database.url, "log_elsewhere_00000000"), town.kek).seal_of
    Runner(town.ledger, town.ledger.database, town.ledger.size, elsewhere).catch_up()
    _sealing(town).catch_up()
    with psycopg.connect(town.database.url) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        assert connection.execute("SELECT generation FROM register_cursor WHERE current").fetchall() == [(2,)]


def test_rows_that_folds_of_before_built_are_not_those_of_now(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody puts back what an earlier version built and sealed, and writes the present version beside it."""
    town.edition()
    monkeypatch.setattr(runner, "DERIVATION", DERIVATION - 1)
    _sealing(town).catch_up()
    monkeypatch.undo()
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        connection.execute("UPDATE register_cursor SET derivation = %s", (DERIVATION,))
    _sealing(town).catch_up()
    with psycopg.connect(town.database.url) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        assert connection.execute("SELECT generation FROM register_cursor WHERE current").fetchall() == [(2,)]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE register_cursor SET position = position + 1",
        "UPDATE register_cursor SET total = sha256('x')",
        "UPDATE register_cursor SET total = NULL, seal = NULL",
        "DELETE FROM register_cursor",
        "UPDATE register_cursor SET current = false",
        "UPDATE register_cursor SET generation = 2147483647",
    ],
)
def test_a_runner_that_runs_builds_on_nothing_that_it_has_not_sealed(town: Town, tampering: str) -> None:
    town.edition()
    following = _sealing(town)
    following.catch_up()
    town.award("A", date(2023, 9, 1))
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(town.database.schema)))
        connection.execute("UPDATE register_fact SET answer = jsonb_set(answer, '{state}', '\"false\"')")
        connection.execute(tampering.encode())
    following.catch_up()
    found = _rows(town)
    following.rebuild()
    assert found == _rows(town)
