"""Openings that an earlier version kept under one key a subject: sealed anew while the log runs, erased as they were or
as they are named.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from api.heads.mirror import follow, from_ledger, restore
from api.heads.sources import fetch_from
from api.home.bootstrap import log_named, open_log
from api.home.rewrapping import Rewrapping
from api.home.settings import Settings
from api.scenario.play import SimulatedClock
from ledger.application import Ledger
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.erasures import subjects_of
from ledger.errors import NotFoundError
from ledger.fsck.database import check_database
from ledger.store.database import create_log_schema, schema_of
from ledger.tlog.policy import parse_policy
from tests.given_out.given import Given, home_of
from tests.given_out.town import Signing, cast_of

GIVEN = Given("v0.1", "erased")
#: The fields that the orders of the earlier version named; they took everything of the subject that they named beside
#: them.
NAMED = {("R5", "/contact"), ("rec", "/person_name"), ("IncidentRecorded", "/details"), ("R4", "/contact")}


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    with home_of(GIVEN, tmp_path / "home", database_url, restored=True) as settings:
        yield settings


@pytest.fixture
def ledger(home: Settings) -> Iterator[Ledger]:
    opened = open_log(home, str(home.database_url), log_named(home, "erased"), SimulatedClock(date(2023, 7, 3)))
    yield opened
    opened.close()


def _values(ledger: Ledger) -> dict[tuple[int, str], object]:
    """What opens of every field, by position and pointer; the reason where nothing does."""
    found: dict[tuple[int, str], object] = {}
    for event in ledger.events():
        for pointer in event.statement.sd:
            try:
                found[event.position, pointer] = ledger.erasures.open(event, pointer).value
            except NotFoundError as error:
                found[event.position, pointer] = error.code
    return found


def _enrolled(ledger: Ledger, who: str) -> str:
    return next(
        e.statement.id
        for e in ledger.events()
        if e.statement.type == "PrincipalRegistered" and e.statement.payload.principal_id == who
    )


def _erase(ledger: Ledger, target: str, *paths: str) -> None:
    """By OPR and DIS of the log's own cast, whose keys come from its name."""
    cast, clock = cast_of("erased"), SimulatedClock(date(2023, 7, 3))
    payload = {
        "target_event": target,
        "paths": list(paths),
        "action": "erased",
        "purpose": "x",
        "legal_basis": "x",
        "opening_ok": True,
    }
    sign = Signing(ledger, clock, made=10_000)
    sign.record("RestrictedDataHandled", "opr", "OPR", payload, cast.key("opr"), cast.key("dis"))


def test_what_lies_under_a_subjects_key_is_sealed_anew_and_opens_as_before(ledger: Ledger) -> None:
    before = _values(ledger)
    assert len(ledger.vault.under_one_key()) > 10
    Rewrapping(ledger).follow()
    assert ledger.vault.under_one_key() == []
    assert _values(ledger) == before
    assert {v for v in before.values() if isinstance(v, str) and v.startswith("DEMO-TEL")} >= {
        "DEMO-TEL-R1",
        "DEMO-TEL-dis",
    }
    assert check_database(ledger) == []


def test_an_erasure_before_that_takes_only_what_it_names(ledger: Ledger) -> None:
    """The subject's key would have taken everything of the subject with it."""
    before, target = _values(ledger), _enrolled(ledger, "R1")
    position = ledger.event(target).position
    _erase(ledger, target, "/contact")
    assert _values(ledger) == before | {(position, "/contact"): "no_opening"}
    assert "R1" not in ledger.vault.under_one_key()
    Rewrapping(ledger).follow()
    assert _values(ledger) == before | {(position, "/contact"): "no_opening"}
    assert check_database(ledger) == []


def test_openings_and_erasures_go_on_while_it_is_done(ledger: Ledger) -> None:
    before, target = _values(ledger), _enrolled(ledger, "R1")
    position, stop = ledger.event(target).position, threading.Event()
    wrong: list[object] = []

    def look() -> None:
        while not stop.is_set():
            seen = _values(ledger)
            wrong.extend(k for k, v in seen.items() if v != before[k] and k != (position, "/contact"))

    threads = [threading.Thread(target=look) for _ in range(2)]
    threads += [threading.Thread(target=Rewrapping(ledger).follow) for _ in range(2)]
    for thread in threads:
        thread.start()
    _erase(ledger, target, "/contact")
    for thread in threads[2:]:
        thread.join()
    stop.set()
    for thread in threads[:2]:
        thread.join()
    assert (wrong, ledger.vault.under_one_key()) == ([], [])
    assert _values(ledger) == before | {(position, "/contact"): "no_opening"}


def test_one_damaged_value_stops_no_other_subject(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.home.rewrapping.PATIENCE", 0.01)
    subjects = ledger.vault.under_one_key()
    with psycopg.connect(ledger.database.url, autocommit=True) as owner:
        table = sql.Identifier(ledger.database.schema, "opening")
        owner.execute(sql.SQL("UPDATE {} SET sealed = sealed || 'x' WHERE subject = 'R1'").format(table))
    rewrapping = Rewrapping(ledger)
    thread = threading.Thread(target=rewrapping.follow)
    thread.start()
    while ledger.vault.under_one_key() != ["R1"]:
        pass
    rewrapping.stop()
    thread.join()
    assert len(subjects) > 10


def test_the_epoch_stands_beside_the_logs_key_where_no_restored_database_takes_it_back(
    home: Settings, tmp_path: Path, database_url: str
) -> None:
    """A database that is made anew from a mirror does not know which erasures were of whole subjects; the folder
    does.
    """
    ledger = open_log(home, str(home.database_url), log_named(home, "erased"))
    size, wide = ledger.size(), _erased(ledger)
    ledger.close()
    file = home.home / "logs" / "erased" / "log.json"
    assert json.loads(file.read_text("utf-8"))["erasure_epoch"] == size == 101
    with home_of(GIVEN, tmp_path / "again", database_url, restored=False) as again:
        shutil.copy(file, again.home / "logs" / "erased" / "log.json")
        with _from_the_export(again) as restored:
            assert (restored.erasures.epoch, _erased(restored)) == (size, wide)


def test_a_log_restored_without_its_epoch_still_knows_which_erasures_were_wide(
    ledger: Ledger, tmp_path: Path, database_url: str
) -> None:
    """The last erasure that one seat signed says how old all up to it are, that which two signed among them."""
    wide = _erased(ledger)
    assert wide - NAMED
    with home_of(GIVEN, tmp_path / "again", database_url, restored=False) as again:
        with _from_the_export(again) as restored:
            assert (restored.erasures.epoch, _erased(restored)) == (101, wide)
        reopened = open_log(again, str(again.database_url), log_named(again, "erased"))
        try:
            for event, pointer in _erased_fields(reopened):
                opening = Opening(pointer, secrets.token_bytes(32), "CAME-BACK")
                rows = reopened.vault.sealed(
                    event.statement.id, [(opening, subjects_of(event.statement)[opening.pointer])]
                )
                with reopened.database.transaction() as connection:
                    for row in rows:
                        connection.execute(
                            "INSERT INTO opening (entry_id, pointer, subject, sealed, kek_id, wrapped) VALUES "
                            "(%s, %s, %s, %s, %s, %s)",
                            row,
                        )
            assert {v for v in _values(reopened).values() if v == "CAME-BACK"} == set()
        finally:
            reopened.close()


def test_an_erasure_by_two_seats_stays_narrow_wherever_its_log_is_restored(
    ledger: Ledger, tmp_path: Path, database_url: str
) -> None:
    before, target = _erased(ledger), _enrolled(ledger, "R1")
    _erase(ledger, target, "/contact")
    follow(from_ledger(ledger), tmp_path / "copy", parse_policy(ledger.heads.own_policy().encode()))
    home = home_of(GIVEN, tmp_path / "again", database_url, restored=False)
    with home as again, _from_the_export(again, tmp_path / "copy") as restored:
        assert (restored.erasures.epoch, _erased(restored)) == (101, before | {("R1", "/contact")})


@contextmanager
def _from_the_export(home: Settings, folder: Path = GIVEN.folder / "export") -> Iterator[Ledger]:
    """The log rebuilt in a home whose database holds nothing yet."""
    log = log_named(home, "erased")
    create_log_schema(str(home.database_url), schema_of(log.origin))
    restored = open_log(home, str(home.database_url), log, proving=False)
    try:
        restore(restored, folder, fetch_from(str(folder)))
        yield restored
    finally:
        restored.close()


def _erased_fields(ledger: Ledger) -> list[tuple[RecordedEvent, str]]:
    return [
        (e, f.pointer) for e in ledger.events() for f in ledger.disclosing.fields(e.statement.id) if f.state == "erased"
    ]


def _erased(ledger: Ledger) -> set[tuple[str, str]]:
    """Principal of the registration, or type of the event, and pointer of each field that is erased."""
    return {
        (getattr(e.statement.payload, "principal_id", e.statement.type), pointer)
        for e, pointer in _erased_fields(ledger)
    }
