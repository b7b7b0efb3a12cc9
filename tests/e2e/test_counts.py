"""How much a submission and an answer ask of the database: counted, never timed, and not growing with the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from api.evidence import making
from ledger.admission import viewing
from ledger.events.decision import AwardGranted
from ledger.statement import parse
from ledger.submission import Receipt, Submission
from ledger.tlog.tag_index import TagIndex, parse_head
from projections.as_of import tell
from projections.facts import AWARD_STATUS
from projections.tracing import trace
from tests.builders import Town
from tests.counted_sql import statements_sent
from tests.ledger.acts import D

DAY = date(2023, 12, 1)


@dataclass
class Counted:
    """Statements sent to the database, and entries that decisions and answers were given to read."""

    sql: list[str] = field(default_factory=list)
    read: int = 0


@contextmanager
def _counting(monkeypatch: pytest.MonkeyPatch, town: Town) -> Iterator[Counted]:
    events = town.ledger.log.events

    def read(*arguments: Any, **more: Any) -> Any:
        found = events(*arguments, **more)
        counted.read += len(found)
        return found

    with monkeypatch.context() as patch, statements_sent(town.database) as sql:
        counted = Counted(sql)
        patch.setattr(town.ledger.log, "events", read)
        yield counted


def _incident(town: Town, number: str) -> Submission:
    return town.signed(
        "IncidentRecorded", D, org="A", incident_id=number, category="accident", severity="larger", authority="x"
    )


def _person(town: Town, number: int) -> Submission:
    """Somebody with restricted fields, an identity number among them."""
    return town.signed(
        "PrincipalRegistered", D, principal_id=f"y{number}", kind="person", person_name="某", id_number=f"Y-{number}"
    )


def _annulled(town: Town, number: int) -> None:
    """An incident and its annulment: about somebody else, and so nobody's concern."""
    made = town.signed(
        "IncidentRecorded", D, org="B", incident_id=f"X{number}", category="accident", severity="larger", authority="x"
    )
    ended = town.signed(
        "EventAnnulled", D, target=parse(made.envelope.body).id, effect="void_ab_initio", reason="error"
    )
    for outcome in town.ledger.submit_many([made, ended]):
        assert isinstance(outcome, Receipt)


def test_a_submission_asks_little_and_a_batch_less(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    one, many = _incident(town, "I0"), [_incident(town, f"I{n}") for n in range(1, 81)]
    many += [_person(town, n) for n in range(20)]
    with _counting(monkeypatch, town) as single:
        town.ledger.submit(one)
    with _counting(monkeypatch, town) as batch:
        assert all(isinstance(o, Receipt) for o in town.ledger.submit_many(many))
    assert 0 < len(single.sql) <= 10, single.sql
    # The writer begins with whoever is there first: how many transactions it makes of a batch is a matter of its haste.
    transactions = sum("FOR UPDATE" in query for query in batch.sql)
    assert 1 <= transactions <= 4
    assert len(batch.sql) <= 8 * transactions + 2, batch.sql


def test_what_a_decision_reads_does_not_grow_with_the_corrections_of_a_log(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _counting(monkeypatch, town) as before:
        town.ledger.submit(_incident(town, "I1"))
    for number in range(20):
        _annulled(town, number)
    with _counting(monkeypatch, town) as after:
        town.ledger.submit(_incident(town, "I2"))
    assert after.read - before.read <= 2


def test_what_an_answer_reads_does_not_grow_with_the_corrections_of_a_log(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.edition()
    town.award("A", date(2023, 7, 3))

    def asked() -> int:
        with _counting(monkeypatch, town) as counted:
            tell(town.ledger, AWARD_STATUS, "GZ-2023-A", DAY, town.ledger.size())
        return counted.read

    before = asked()
    for number in range(20):
        _annulled(town, number)
    assert asked() == before


def test_a_package_asks_the_database_as_little_of_a_case_with_many_entries(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "printed", lambda _: {})
    town.edition()
    town.award("A", date(2023, 7, 3))
    incidents = [_incident(town, f"I{n}") for n in range(41)]

    def asked() -> tuple[int, int]:
        """Statements, and entries of the package."""
        town.ledger.evidence.checkpoint()
        with _counting(monkeypatch, town) as counted:
            files = making.gather(town.ledger, "case", "GZ-2023/A", DAY)
        return len(counted.sql), sum(name.startswith("entries/") for name in files)

    town.ledger.submit(incidents.pop())
    asked()
    few, entries = asked()
    town.ledger.submit_many(incidents)
    many, more_entries = asked()
    assert more_entries == entries + 40
    # A further size has its index head signed and collected.
    assert few <= 12
    assert many <= few + 8


def test_a_trace_asks_the_database_nothing_of_entries_that_are_known(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.edition()
    town.award("A", date(2023, 7, 3))
    [(granted, _)] = town.ledger.acts(AwardGranted)
    with _counting(monkeypatch, town) as counted:
        told = trace(town.ledger, granted.statement.id, town.ledger.size())
    assert len(told["rests_on"]) >= 2
    assert len(counted.sql) <= 2, counted.sql


def test_a_tag_index_takes_in_only_the_entries_since(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence, taken, add = town.ledger.evidence, list[int](), TagIndex.add

    def counted(index: TagIndex, position: int, *arguments: Any) -> None:
        taken.append(position)
        add(index, position, *arguments)

    first = town.ledger.size()
    evidence.tag_index(first)
    monkeypatch.setattr(TagIndex, "add", counted)
    evidence.tag_index(first)
    assert taken == []
    for number in range(3):
        town.ledger.submit(_incident(town, f"I{number}"))
    evidence.tag_index(town.ledger.size())
    assert taken == [first + 1, first + 2, first + 3]
    # Of a size before the newest it is made from nothing, and disturbs nothing.
    sealed, note = evidence.tag_index(first)
    assert len(taken) == 3 + first
    assert note == evidence.index_note(first)
    assert parse_head(note.encode(), town.ledger.heads.signer.keys, town.ledger.origin).root == sealed.root
    evidence.tag_index(town.ledger.size())
    assert len(taken) == 3 + first


def test_a_decision_is_made_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    carried_out, plans = viewing._carry_out, list[str]()

    def counted(plan: Any, reading: Any) -> Any:
        plans.append(plan.statement.id)
        return carried_out(plan, reading)

    many = [_incident(town, f"I{n}") for n in range(50)]
    monkeypatch.setattr(viewing, "_carry_out", counted)
    town.ledger.submit_many(many)
    assert len(plans) == len(set(plans)) == 50
