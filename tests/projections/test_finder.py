"""What is found by rows is what the whole log says, at every K, and costs as much in a large log as in a small one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from api.home.settings import Settings
from ledger.application import Ledger
from ledger.entry import acts
from ledger.events.decision import CertificateIssued
from projections.finder import Compared, Finder
from projections.inquiry.search import rows_of, search
from tests.builders import Town
from tests.counted_sql import statements_sent
from tests.ledger.acts import D
from tests.store.attacks import Attacked, attacked


@pytest.fixture(scope="module")
def demo(one_demo: Settings, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(one_demo, database_url, tmp_path_factory.mktemp("found")) as log:
        yield log


def _texts(ledger: Ledger) -> list[str]:
    """Parts of what the entries are found by, ids and hashes and their beginnings, and what nothing holds."""
    draw, texts = (
        random.Random(1),
        ["郑州", "公司", "9", "号", "ZY-2023", "zy-2023-a", " 星河 ", "213", "00000213", "", "nobody"],
    )
    for event in draw.sample(ledger.events(), 60):
        s = event.statement
        whole = [row.folded for row in rows_of(event)]
        texts += [text[(n := draw.randrange(len(text))) : n + draw.choice([1, 2, 3, 5, 40])] for text in whole]
        texts += [s.id, s.id[:8], s.id[:11].upper(), *(e.sha256[: draw.choice([7, 8, 20, 64])] for e in s.evidence)]
    return texts


def test_a_search_finds_what_the_whole_log_says(demo: Attacked) -> None:
    ledger = demo.ledger
    finder, size, texts = Finder(ledger, ledger.database), ledger.size(), _texts(ledger)
    finder.catch_up()
    for number, text in enumerate(texts):
        known = size if number % 3 else random.Random(number).randrange(1, size)
        assert finder.search(text, known) == search(ledger.events(until=known), text), (text, known)


def test_what_was_recorded_after_the_rows_were_made_is_found_too(town: Town) -> None:
    finder = Finder(town.ledger, town.database)
    before = finder.catch_up()
    town.edition()
    assert finder._reached() == before
    [found] = finder.search("GZ-2023", town.ledger.size())[:1]
    assert (found["kind"], found["subject"]) == ("edition", "GZ-2023")
    assert finder.search("GZ-2023", town.ledger.size()) == search(town.ledger.events(), "GZ-2023")


def test_an_organisation_is_found_by_a_former_name(town: Town) -> None:
    changed = {"kind": "renamed", "source_doc_no": "d", "new_name": "丁（演示）"}
    town.must("PrincipalUpdated", D, principal_id="A", **changed)
    finder = Finder(town.ledger, town.database)
    finder.catch_up()
    for name in ("甲（演示）", "丁（演示）"):
        assert finder.search(name, town.ledger.size())[0]["subject"] == "A"


def test_rows_say_only_where_to_look(town: Town) -> None:
    finder = Finder(town.ledger, town.database)
    size = finder.catch_up()
    with town.database.transaction() as connection:
        connection.execute("INSERT INTO search_text VALUES ('forged', 'org', 3), ('forged', 'event', 4)")
        connection.execute("INSERT INTO search_text VALUES ('F-1', 'serial', 5), ('forged', 'org', 99999)")
    assert finder.search("forged", size) == []
    assert finder.certificate("F-1", size) is None


def test_rows_that_entries_do_not_give_and_those_that_are_missing_are_told(town: Town) -> None:
    finder = Finder(town.ledger, town.database)
    with town.database.connection() as connection:
        size = finder.catch_up()
        assert finder.compare(size) == Compared(size, frozenset(), frozenset())
        gone = connection.execute(
            "DELETE FROM search_text WHERE kind = 'org' AND folded = 'a' RETURNING folded, kind, position"
        ).fetchall()
        connection.execute("INSERT INTO search_text VALUES ('forged', 'org', 3)")
        connection.execute("INSERT INTO search_hash VALUES ('00000000', 4)")
        connection.commit()
    assert len(gone) == 1
    odd = {("forged", "org", 3), ("00000000", "", 4)}
    assert finder.compare(size) == Compared(size, frozenset(gone), frozenset(odd))


def test_rows_made_in_batches_of_any_length_are_the_same(demo: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = demo.ledger
    finder, size = Finder(ledger, ledger.database), ledger.size()
    for batch in (1, 7, size):
        monkeypatch.setattr("projections.finder.BATCH", batch)
        finder.rebuild()
        monkeypatch.setattr("projections.finder.BATCH", 11)
        assert finder.compare(size) == Compared(size, frozenset(), frozenset())


def test_rows_of_another_version_or_of_a_longer_log_are_made_anew(town: Town) -> None:
    finder = Finder(town.ledger, town.database)
    size = finder.catch_up()

    def rows() -> list[Any]:
        with town.database.connection() as connection:
            return connection.execute("SELECT * FROM search_text ORDER BY 1, 2, 3").fetchall()

    good = rows()
    for spoilt in ("UPDATE search_cursor SET version = 0", "UPDATE search_cursor SET position = 7777"):
        with town.database.transaction() as connection:
            connection.execute("DELETE FROM search_text")
            connection.execute(spoilt.encode())
        assert (finder.catch_up(), rows()) == (size, good)


def test_a_certificate_is_found_by_its_serial_number(demo: Attacked) -> None:
    ledger = demo.ledger
    issued = list(acts(CertificateIssued, ledger.events()))
    [(event, first), *_] = issued
    for finder in (Finder(ledger, ledger.database), Finder(ledger, ledger.database)):
        for _, payload in issued:
            assert {finder.certificate(i.serial, ledger.size()) for i in payload.items} == {payload.award_id}
        assert finder.certificate(first.items[0].serial, event.position - 1) is None
        assert finder.certificate("NOPE", ledger.size()) is None
        finder.catch_up()


def test_that_no_certificate_was_issued_is_told_by_the_entries_and_not_by_rows(demo: Attacked) -> None:
    finder = Finder(demo.ledger, demo.ledger.database)
    finder.catch_up()
    [(_, first), *_] = acts(CertificateIssued, demo.ledger.events())
    demo.root.does("DELETE FROM search_text")
    assert finder.certificate(first.items[0].serial, demo.ledger.size()) == first.award_id
    finder.rebuild()


def test_what_is_looked_up_costs_as_much_in_a_larger_log(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.edition()
    town.award("A", date(2023, 7, 3))
    finder = Finder(town.ledger, town.database)
    made = town.must("IncidentRecorded", D, org="A", incident_id="I0", category="other", authority="x")

    def asked() -> tuple[int, int]:
        """Statements, and entries that were read."""
        finder.catch_up()
        read = list[int]()

        def at(positions: Any) -> Any:
            read.extend(positions)
            return town.ledger.at(positions)

        with monkeypatch.context() as patch, statements_sent(town.database) as sql:
            patch.setattr(finder, "_log", _Counting(town.ledger, at))
            assert finder.search(made[:13], town.ledger.size())
            assert finder.search("甲（演", town.ledger.size())
        return len(sql), len(set(read))

    before = asked()
    town.ledger.submit_many(
        [
            town.signed("IncidentRecorded", D, org="B", incident_id=f"X{n}", category="other", authority="x")
            for n in range(60)
        ]
    )
    assert asked() == before


class _Counting:
    """A log that says which positions it was asked for."""

    def __init__(self, ledger: Ledger, at: Any) -> None:
        self.at, self.size, self.events = at, ledger.size, ledger.events
