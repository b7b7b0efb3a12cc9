"""What is erased stays erased: copied back, restored, waiting or asked for at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ledger import canonical
from ledger.errors import NotFoundError
from ledger.fsck.database import check_database
from ledger.statement import parse
from ledger.store.pending import Pending, PendingSubmissions
from ledger.submission import Submission
from tests.builders import Town
from tests.e2e.erasures import D, opens, order_of, registered, states


def _opening_row(town: Town, target: str, pointer: str, owner: psycopg.Connection[Any]) -> tuple[Any, ...]:
    table = sql.Identifier(town.database.schema, "opening")
    query = sql.SQL("SELECT sealed, kek_id, wrapped, erased_by FROM {} WHERE entry_id = %s AND pointer = %s").format(
        table
    )
    [row] = owner.execute(query, (target, pointer)).fetchall()
    return tuple(row)


def _put_back(town: Town, target: str, pointer: str, row: tuple[Any, ...], owner: psycopg.Connection[Any]) -> None:
    table = sql.Identifier(town.database.schema, "opening")
    query = sql.SQL(
        "UPDATE {} SET sealed = %s, kek_id = %s, wrapped = %s, erased_by = %s WHERE entry_id = %s AND pointer = %s"
    ).format(table)
    owner.execute(query, (*row, target, pointer))


def test_a_key_that_is_copied_back_while_the_log_runs_opens_nothing_and_is_destroyed(town: Town) -> None:
    own = registered(town, "R2")
    with psycopg.connect(town.database.url, autocommit=True) as owner:
        before = _opening_row(town, own, "/contact", owner)
        order = town.must("RestrictedDataHandled", D, **order_of(own, "/contact"))
        assert _opening_row(town, own, "/contact", owner) == (b"", None, None, order)
        _put_back(town, own, "/contact", before, owner)
        # Nothing believes the row: not the state of the field, not whoever asks to open it.
        assert states(town, own)["/contact"] == "erased"
        asking = {"target_event": own, "paths": ["/contact"], "action": "opened", "purpose": "x", "subject": "R2"}
        with pytest.raises(NotFoundError):
            town.ledger.disclosing.disclose(town.signed("RestrictedDataHandled", D, by="R2", as_="REV", **asking))
        assert [f.field for f in check_database(town.ledger)] == ["opening /contact"]
        assert not opens(town, own, "/contact")
        assert _opening_row(town, own, "/contact", owner) == (b"", None, None, order)
    assert check_database(town.ledger) == []


def test_what_a_restored_backup_brings_back_is_destroyed_when_the_log_opens(town: Town) -> None:
    own = registered(town, "R2")
    with psycopg.connect(town.database.url, autocommit=True) as owner:
        before = _opening_row(town, own, "/contact", owner)
        town.must("RestrictedDataHandled", D, **order_of(own, "/contact"))
        _put_back(town, own, "/contact", before, owner)
        assert (town.ledger.erasures.enforce(), town.ledger.erasures.enforce()) == (1, 0)
        assert _opening_row(town, own, "/contact", owner)[:3] == (b"", None, None)
    assert opens(town, own, "/person_name")


def _waiting(town: Town) -> tuple[Submission, Callable[[], list[str]]]:
    """A registration that waits for a second signature, and how many sealed copies open."""
    registration = {"principal_id": "PX", "kind": "person", "person_name": "某", "id_number": "X", "contact": "电话"}
    submission = town.signed("PrincipalRegistered", D, **registration)
    pending = PendingSubmissions(town.database, town.ledger.vault)
    statement = parse(submission.envelope.body)
    row = Pending(statement.id, statement.type, statement.actor, statement.role, ("SECH",), town.clock())
    body = canonical.encode(submission.to_json())
    pending.put(row, body)

    def copies() -> list[str]:
        with town.database.connection() as connection:
            return [str(name) for (name,) in connection.execute("SELECT id FROM pending_submission").fetchall()]

    assert copies() == [statement.id]
    return submission, copies


def test_what_waited_is_forgotten_with_the_recording_of_it_by_whatever_way(town: Town) -> None:
    """A sealed copy of the openings outlived their erasure where the statement was not recorded by the workplace."""
    submission, copies = _waiting(town)
    recorded = town.ledger.submit(submission).id
    assert copies() == []
    town.must("RestrictedDataHandled", D, **order_of(recorded, "/contact"))
    assert (copies(), opens(town, recorded, "/contact")) == ([], False)


@pytest.mark.parametrize("then", ["erased", "opened_again"])
def test_a_copy_that_came_back_goes_with_the_erasure_and_when_the_log_opens(town: Town, then: str) -> None:
    submission, copies = _waiting(town)
    with town.database.connection() as connection:
        [row] = connection.execute("SELECT * FROM pending_submission").fetchall()
    recorded = town.ledger.submit(submission).id
    with town.database.connection() as connection:
        connection.execute("INSERT INTO pending_submission VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    assert copies() == [recorded]
    if then == "erased":
        town.must("RestrictedDataHandled", D, **order_of(recorded, "/contact"))
    else:
        town.ledger.erasures.enforce()
    assert copies() == []


def test_what_is_recorded_by_now_is_not_kept_as_waiting(town: Town) -> None:
    submission = town.signed(
        "PrincipalRegistered", D, principal_id="PX", kind="person", person_name="某", id_number="X"
    )
    recorded = town.ledger.submit(submission).id
    row = Pending(recorded, "PrincipalRegistered", "opr", "OPR", ("SECH",), town.clock())
    PendingSubmissions(town.database, town.ledger.vault).put(row, canonical.encode(submission.to_json()))
    with town.database.connection() as connection:
        assert connection.execute("SELECT id FROM pending_submission").fetchall() == []


def test_openings_that_race_with_an_erasure_get_the_value_or_nothing(town: Town) -> None:
    own, outcomes = registered(town, "R2"), list[object]()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                outcomes.append(town.ledger.erasures.open(town.ledger.event(own), "/contact").value)
            except NotFoundError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    town.must("RestrictedDataHandled", D, **order_of(own, "/contact"))
    stop.set()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {"DEMO-TEL-R2", "no_opening"}
    assert not opens(town, own, "/contact")
