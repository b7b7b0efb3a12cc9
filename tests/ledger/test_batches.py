"""Statements that wait together: decided in order, each as if those before it were recorded, under one signed head."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from ledger import submitting
from ledger.application import Ledger
from ledger.errors import RongjianError
from ledger.fsck.database import check_database
from ledger.kept_slices import KeptSlices
from ledger.log_signer import LogSigner
from ledger.statement import parse
from ledger.store.batch import Batch
from ledger.store.database import Database
from ledger.store.recorder import PostgresRecorder
from ledger.store.vault import Vault
from ledger.submission import Receipt, Submission
from tests.builders import Town
from tests.counted_sql import statements_sent
from tests.flags.playing import uscc
from tests.ledger.acts import D, with_applications, with_panel
from tests.quick.twice import deciding_twice


def _incident(town: Town, number: str, org: str = "A") -> Submission:
    return town.signed(
        "IncidentRecorded", D, org=org, incident_id=number, category="accident", severity="larger", authority="x"
    )


def _told(outcome: Receipt | RongjianError) -> int | str:
    """The position, or why there is none."""
    return outcome.position if isinstance(outcome, Receipt) else outcome.code


def test_each_of_a_batch_is_decided_as_if_those_before_it_were_recorded(town: Town) -> None:
    size = town.ledger.size()
    first, again, other = _incident(town, "I1"), _incident(town, "I1"), _incident(town, "I2")
    outcomes = [_told(o) for o in town.ledger.submit_many([first, again, other, first])]
    assert outcomes == [size + 1, "incident_exists", size + 2, size + 1]
    assert town.ledger.size() == size + 2
    assert check_database(town.ledger) == []


def test_what_nobody_asked_for_lately_is_read_at_once_for_all_of_a_batch(town: Town) -> None:
    for n in range(12):
        named, code = f"O{n}", uscc("360700", n + 500)
        town.must("PrincipalRegistered", D, principal_id=named, kind="organisation", org_name=named, uscc=code)
    waiting = [_incident(town, f"I{n}", f"O{n}") for n in range(12)]
    # What was kept has been given up for something else.
    town.ledger.log._known.clear()  # type: ignore[attr-defined]
    town.ledger.submitting._kept._forget()
    with statements_sent(town.database) as sent:
        outcomes = town.ledger.submit_many(waiting)
    assert [o for o in outcomes if isinstance(o, RongjianError)] == []
    read = [text for text in sent if text.startswith("SELECT position, entry FROM entry")]
    # What they read first, and what that leads to; one by one it would be more than a dozen.
    assert len(read) <= 3


def test_what_a_batch_has_recorded_can_be_annulled_within_it(town: Town) -> None:
    size = town.ledger.size()
    first = _incident(town, "I1")
    target = parse(first.envelope.body).id
    annulled = town.signed("EventAnnulled", D, target=target, effect="void_ab_initio", reason="error")
    assert [_told(o) for o in town.ledger.submit_many([first, annulled])] == [size + 1, size + 2]


def test_the_receipts_of_a_batch_share_one_signed_head(town: Town) -> None:
    receipts = town.ledger.submit_many([_incident(town, f"I{n}") for n in range(5)])
    assert len({r.checkpoint for r in receipts if isinstance(r, Receipt)}) == 1
    with town.database.connection() as connection:
        stored = connection.execute("SELECT count(*) FROM checkpoint WHERE size > %s", (town.ledger.size() - 5,))
        assert stored.fetchone() == (0,)


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of statements, one for each time that one is decided on."""
    made, read_view = list[str](), submitting.read_view

    def counted(plan: Any, *arguments: Any) -> Any:
        made.append(plan.statement.id)
        return read_view(plan, *arguments)

    monkeypatch.setattr(submitting, "read_view", counted)
    return made


def test_sixteen_who_work_on_one_case_are_decided_once_each(town: Town, decisions: list[str]) -> None:
    statements = [_incident(town, f"I{n}") for n in range(16)]
    decisions.clear()
    crowd = [threading.Thread(target=town.ledger.submit, args=(s,)) for s in statements]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(decisions) == len(set(decisions)) == 16
    assert check_database(town.ledger) == []


def test_a_batch_that_the_database_loses_is_told_to_all_of_it_and_leaves_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = town.ledger.size()
    waiting = [_incident(town, f"I{n}") for n in range(3)]
    write = "ledger.store.batch.Batch.write"

    def lost(_batch: object) -> None:
        raise psycopg.OperationalError("the connection was lost")

    with monkeypatch.context() as patch:
        patch.setattr(write, lost)
        assert [_told(o) for o in town.ledger.submit_many(waiting)] == ["database_unavailable"] * 3
    assert town.ledger.size() == size
    assert [_told(o) for o in town.ledger.submit_many(waiting)] == [size + 1, size + 2, size + 3]


@pytest.fixture
def elsewhere(town: Town) -> Iterator[Ledger]:
    """Another process that records in the same log."""
    database = Database(town.database.url, town.database.schema, size=5).open()
    signer = LogSigner(town.ledger.origin, town.log_key, None)
    ledger = Ledger(database, Vault(database, town.kek), signer, town.clock)
    yield ledger
    ledger.close()
    database.close()


def test_the_law_of_a_batch_that_the_database_lost_is_no_law(
    town: Town, elsewhere: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the place of an interpretation that came to nothing stands another's, and decisions go by that."""
    lost_one, recorded_one = (
        town.signed("RegulationInterpreted", D, **town.interpretation("reading.validity_runs_from", value))
        for value in ("announcement", "award_document")
    )
    town.ledger.submit(_incident(town, "I1"))
    write, failed = Batch.write, list[int]()

    def lost(batch: Batch) -> None:
        if not failed:
            failed.append(1)
            raise psycopg.OperationalError("the connection was lost")
        write(batch)

    with deciding_twice() as twice:
        with monkeypatch.context() as patch:
            patch.setattr(Batch, "write", lost)
            outcomes = town.ledger.submit_many([lost_one, _incident(town, "I2")])
        assert [_told(o) for o in outcomes] == ["database_unavailable"] * 2
        assert elsewhere.submit(recorded_one).position == town.ledger.size()
        assert [_told(o) for o in town.ledger.submit_many([_incident(town, "I2"), _incident(town, "I3")])] == [
            town.ledger.size() - 1,
            town.ledger.size(),
        ]
    assert twice.differing == []


def test_a_statement_sent_again_leaves_what_decisions_have_read(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten, forget = list[int](), KeptSlices._forget

    def counted(kept: KeptSlices) -> None:
        forgotten.append(1)
        forget(kept)

    monkeypatch.setattr(KeptSlices, "_forget", counted)
    several = [_incident(town, f"I{n}") for n in range(3)]
    town.ledger.submit_many(several)
    for one in (several[0], _incident(town, "I3")):
        town.ledger.submit(one)
    assert forgotten == []


def _person(town: Town, name: str, number: str) -> Submission:
    return town.signed(
        "PrincipalRegistered", D, principal_id=name, kind="person", person_name="某（演示）", id_number=number
    )


def test_the_same_person_under_two_ids_is_seen_within_a_batch(town: Town) -> None:
    size = town.ledger.size()
    numbered = [_person(town, name, "110101199003070038") for name in ("x1", "x2")]
    assert [_told(o) for o in town.ledger.submit_many(numbered)] == [size + 1, size + 2]
    assert town.ledger.identities.same_person(["x1", "x2"])


@pytest.mark.parametrize("recorded", [True, False])
def test_whom_a_batch_registers_is_known_to_what_it_decides_next(town: Town, recorded: bool) -> None:
    """Nobody grants a role to the own second name, whether the first is recorded or of the same batch."""
    size = town.ledger.size()
    first = [
        _person(town, "one", "SAME"),
        town.signed("RoleGranted", D, by="gov", as_="GOV", principal_id="one", role="SECH", valid_from=D),
        town.signed("KeyRegistered", D, by="one", as_="SECH", **town.own_key("one")),
    ]
    second = [
        _person(town, "two", "SAME"),
        town.signed("RoleGranted", D, by="one", as_="SECH", principal_id="two", role="SEC", valid_from=D),
        _person(town, "three", "OTHER"),
        town.signed("RoleGranted", D, by="one", as_="SECH", principal_id="three", role="SEC", valid_from=D),
    ]
    batches = [first, second] if recorded else [first + second]
    outcomes = [_told(o) for batch in batches for o in town.ledger.submit_many(batch)]
    assert outcomes == [*range(size + 1, size + 5), "granted_to_oneself", size + 5, size + 6]
    assert check_database(town.ledger) == []


def test_writers_of_two_processes_take_turns(town: Town) -> None:
    """A second recorder of the same log records between two batches, and each goes on from what the other has left."""
    other = PostgresRecorder(town.database)
    size = town.ledger.size()
    assert other.head().size == size
    town.ledger.submit(_incident(town, "I1"))
    assert other.head().size == size + 1


def test_a_panel_of_one_case_is_decided_in_order(town: Town) -> None:
    with_applications(town, "A")
    with_panel(town, "R1", "R2", "R3")
    size = town.ledger.size()
    signed = [
        town.signed(
            "InterestDeclared", D.replace(month=6, day=7), by=r, case="A", result="none", confidentiality_pledge=True
        )
        for r in ("R1", "R2", "R3")
    ]
    assert [_told(o) for o in town.ledger.submit_many(signed)] == [size + 1, size + 2, size + 3]
