"""The record of visits: its chain, who may change it, and what an attested head makes plain."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ledger.clock import format_instant
from ledger.errors import GuardRefusedError, RongjianError
from ledger.fsck.visits import attested_records, check_visits
from ledger.signing import envelope as dsse
from ledger.statement import compose
from ledger.store.database import Database
from ledger.store.visits import (
    CHAIN_START,
    ChainHead,
    Visit,
    chain_head,
    chained_visits,
    record_token_read,
    record_visit,
)
from ledger.submission import Submission
from tests.builders import Town

AT = datetime(2026, 11, 28, 8, 0, 0, 123456, tzinfo=UTC)


def _visit(number: int, purpose: str = "复核") -> Visit:
    return Visit(AT + timedelta(minutes=number), "dis", "ab" * 32, "DIS", f"/zh/desk/town/cases/{number}/", purpose)


def _by_owner(database: Database, *statements: str) -> None:
    """What a superuser of the database can do: triggers off, then anything."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(database.schema)))
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def _attesting(town: Town, **changes: Any) -> Submission:
    head = chain_head(town.database)
    payload = {"visits": head.visits, "chain": head.chain.hex(), "until": format_instant(town.clock())} | changes
    body = compose(
        type="AccessRecordAttested",
        log=town.ledger.origin,
        id=town.cast.statement_id(secrets.token_hex(4), town.clock()),
        actor="opr",
        role="OPR",
        effective_at=town.clock().date().isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, town.cast.key("opr"))
    return Submission(envelope, envelope.to_bytes(), {})


def test_the_chain_is_the_one_that_the_specification_shows() -> None:
    # Origin: docs/spec, section 13; computed there with sha256sum over the bytes as written.
    visit = Visit(datetime(2026, 11, 28, 8, 0, tzinfo=UTC), "dis", "k1", "DIS", "/zh/desk/town/", "复核")
    first = ChainHead(0, CHAIN_START).continued(visit)
    assert (first.visits, first.chain.hex()) == (1, "5501d7ed462837e77271fe575ef4eb3a6861889f4afd6e824bad7489bc46f754")
    assert first.continued(visit).chain.hex() == "bfe5e8a3e8de507f5cf789052823a230342dfc22ac7e08d70aba3a6ab1ae6caa"


def test_rows_of_two_processes_at_once_make_one_chain(town: Town) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: record_visit(town.database, _visit(n)), range(40)))
    rows = list(chained_visits(town.database))
    assert [row.place for row in rows] == list(range(1, 41))
    assert check_visits(town.database) == []
    assert chain_head(town.database) == ChainHead(40, rows[-1].chain)


def test_rows_of_before_the_chain_are_given_their_place_with_the_next_row(town: Town) -> None:
    add = "INSERT INTO visit (at, principal, key_id, roles, page, purpose) VALUES (now(), 'sup', 'k', 'SUP', '/', 'p')"
    with town.database.connection() as connection:
        connection.execute(add)
        connection.execute(add)
    assert [row.place for row in chained_visits(town.database)] == [None, None]
    assert check_visits(town.database) == []
    record_visit(town.database, _visit(1))
    assert [(row.place, row.visit.principal) for row in chained_visits(town.database)] == [
        (1, "sup"),
        (2, "sup"),
        (3, "dis"),
    ]
    assert check_visits(town.database) == []


def test_the_service_itself_changes_no_row_and_takes_no_place_back(town: Town) -> None:
    record_visit(town.database, _visit(1))
    for act in (
        "UPDATE visit SET chain = NULL, place = NULL",
        "UPDATE visit SET place = 7",
        "UPDATE visit SET purpose = 'none'",
        "DELETE FROM visit",
    ):
        with pytest.raises(RongjianError), town.database.connection() as connection:
            connection.execute(act.encode())
    assert check_visits(town.database) == []


@pytest.mark.parametrize(
    ("act", "named"),
    [
        ("UPDATE visit SET purpose = 'none' WHERE place = 2", [(0, "visit 2"), (9, "visits attested")]),
        ("DELETE FROM visit WHERE place = 2", [(0, "visit 2"), (9, "visits attested")]),
        ("DELETE FROM visit WHERE place > 3", [(9, "visits attested")]),
        ("TRUNCATE visit", [(9, "visits attested")]),
        (
            "UPDATE visit SET place = 9 - place WHERE place IN (4, 5)",
            [(0, "visit 4"), (0, "visit 5"), (9, "visits attested")],
        ),
    ],
)
def test_a_row_cut_out_or_rewritten_below_an_attested_head_is_named(
    town: Town, act: str, named: list[tuple[int, str]]
) -> None:
    for number in range(5):
        record_visit(town.database, _visit(number))
    receipt = town.ledger.submit(_attesting(town))
    assert check_visits(town.database, attested_records(town.ledger)) == []
    _by_owner(town.database, *(act.split(";") if "9 -" not in act else _swapped()))
    found = [(f.position, f.field) for f in check_visits(town.database, attested_records(town.ledger))]
    assert found == [(receipt.position if position else 0, field) for position, field in named]


def _swapped() -> tuple[str, ...]:
    """Two rows change places; their hashes stay where they were."""
    return (
        "UPDATE visit SET place = 99 WHERE place = 4",
        "UPDATE visit SET place = 4 WHERE place = 5",
        "UPDATE visit SET place = 5 WHERE place = 99",
    )


def test_a_chain_that_was_computed_anew_is_named_by_the_attested_head_alone(town: Town) -> None:
    for number in range(3):
        record_visit(town.database, _visit(number))
    receipt = town.ledger.submit(_attesting(town))
    _by_owner(town.database, "UPDATE visit SET place = NULL, chain = NULL", "DELETE FROM visit WHERE page LIKE '%/1/'")
    record_visit(town.database, _visit(7))
    found = check_visits(town.database, attested_records(town.ledger))
    assert [(f.position, f.field) for f in found] == [(receipt.position, "visits attested")]


def test_what_is_attested_only_grows_and_is_not_of_the_future(town: Town) -> None:
    record_visit(town.database, _visit(1))
    town.ledger.submit(_attesting(town))
    town.clock.advance(date(2023, 2, 1))
    earlier, later = town.clock() - timedelta(days=90), town.clock() + timedelta(hours=1)
    for changes, code in (
        ({"visits": 0, "chain": "00" * 32}, "record_behind"),
        ({"until": format_instant(earlier)}, "record_behind"),
        ({"chain": "11" * 32}, "record_differs"),
        ({"until": format_instant(later)}, "not_yet"),
    ):
        with pytest.raises(GuardRefusedError) as refused:
            town.ledger.submit(_attesting(town, **changes))
        assert refused.value.code == code
    record_visit(town.database, _visit(2))
    assert town.ledger.submit(_attesting(town)).position == town.ledger.size()


def test_a_token_reading_the_same_pages_is_one_row_an_hour(town: Town) -> None:
    hours = [AT, AT + timedelta(minutes=59), AT + timedelta(minutes=60), AT + timedelta(minutes=61)]
    written = [record_token_read(town.database, "mirror", "/logs/town/tile/entries", at) for at in hours]
    assert written == [True, False, True, False]
    assert record_token_read(town.database, "mirror", "/v1/logs/town/cases", AT)
    assert record_token_read(town.database, "court", "/logs/town/tile/entries", AT)
    assert [(r.place, r.visit.principal, r.visit.page) for r in chained_visits(town.database)] == [
        (1, "token:mirror", "/logs/town/tile/entries"),
        (2, "token:mirror", "/logs/town/tile/entries"),
        (3, "token:mirror", "/v1/logs/town/cases"),
        (4, "token:court", "/logs/town/tile/entries"),
    ]
    assert check_visits(town.database) == []
