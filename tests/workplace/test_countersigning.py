"""A second signature: what waits for it, sealed, for whom, and that it is recorded once however many come at once."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.home.settings import Settings
from api.workplace.waiting import with_signature
from ledger import canonical
from ledger.signing import envelope as dsse
from ledger.store.database import Database, Row
from ledger.store.pending import PendingSubmissions
from ledger.submission import parse_submission
from tests.workplace.cast import V1, Cast, status_and_code


def test_a_second_signature_records_what_waited_and_only_for_those_it_concerns(cast: Cast) -> None:
    header = cast.enter("opr")
    waiting = cast.calendar(2051, "opr")
    put = cast.client.post(f"{V1}/pending", json=waiting, headers=header)
    assert (put.status_code, put.json()["waits_for"]) == (202, ["SECH"])
    name = put.json()["id"]
    other = cast.enter("A")
    assert status_and_code(cast.client.get(f"{V1}/pending/{name}")) == (403, "not_for_you")
    assert status_and_code(cast.client.delete(f"{V1}/pending/{name}", headers=other)) == (403, "not_for_you")
    second = cast.enter("sech")
    held = cast.client.get(f"{V1}/pending/{name}").json()
    assert held == waiting
    body = base64.b64decode(held["envelope"]["payload"])
    bad = {"keyid": cast.key("sech").public.keyid, "sig": base64.b64encode(b"\0" * 64).decode()}
    assert cast.client.post(f"{V1}/pending/{name}/signature", json=bad, headers=second).status_code == 403
    good = bad | {"sig": base64.b64encode(cast.key("sech").sign(dsse.pre_authentication_encoding(body))).decode()}
    done = cast.client.post(f"{V1}/pending/{name}/signature", json=good, headers=second)
    assert (done.status_code, done.json()["id"]) == (201, name)
    assert status_and_code(cast.client.get(f"{V1}/pending/{name}")) == (403, "not_for_you")


def test_what_nobody_in_the_room_has_signed_is_not_passed_on(cast: Cast) -> None:
    header = cast.enter("sec")
    assert status_and_code(cast.client.post(f"{V1}/pending", json=cast.calendar(2052, "opr"), headers=header)) == (
        403,
        "not_yours",
    )
    forged = cast.calendar(2052, "opr")
    forged["envelope"]["signatures"][0]["sig"] = base64.b64encode(b"\1" * 64).decode()
    assert cast.client.post(f"{V1}/pending", json=forged, headers=header).status_code == 403


def test_restricted_values_wait_encrypted(cast: Cast, home: Settings) -> None:
    header = cast.enter("opr")
    waiting = cast.calendar(2053, "opr", doc="SECRET-WORD-7")
    assert cast.client.post(f"{V1}/pending", json=waiting, headers=header).status_code == 202
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    with psycopg.connect(str(home.database_url)) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(ledger.database.schema)))
        sealed = b"".join(bytes(row[0]) for row in connection.execute("SELECT sealed FROM pending_submission"))
    assert sealed
    assert base64.b64encode(b"SECRET")[:8] not in sealed
    assert b"envelope" not in sealed


def test_six_who_countersign_at_once_record_one_entry(cast: Cast) -> None:
    header = cast.enter("opr")
    waiting = cast.calendar(2061, "opr")
    name = cast.client.post(f"{V1}/pending", json=waiting, headers=header).json()["id"]
    second = cast.enter("sech")
    value = _posted(_signed_by_sech(cast, canonical.encode(waiting)))
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda _: cast.client.post(f"{V1}/pending/{name}/signature", json=value, headers=second), range(6))
        )
    recorded = {a.json()["position"] for a in answers if a.status_code == 201}
    # Whoever comes after it was recorded finds nothing that waits.
    assert (len(recorded), {a.status_code for a in answers} - {201, 403}) == (1, set())
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    assert [e.statement.payload.year for e in ledger.events() if e.statement.type == "CalendarPublished"].count(
        2061
    ) == 1


def test_nothing_is_asked_of_the_database_while_others_wait_for_the_row(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold its connections: were another one needed beside the lock, a crowd would stand still."""
    header = cast.enter("opr")
    name = cast.client.post(f"{V1}/pending", json=cast.calendar(2074, "opr"), headers=header).json()["id"]
    locked = threading.local()
    connection, change = Database.connection, PendingSubmissions.change

    def watched(pending: PendingSubmissions, statement_id: str, changing: Callable[[bytes], bytes]) -> bytes:
        def alone(body: bytes) -> bytes:
            locked.now = True
            try:
                return changing(body)
            finally:
                locked.now = False

        return change(pending, statement_id, alone)

    def asked(database: Database) -> AbstractContextManager[psycopg.Connection[Row]]:
        assert not getattr(locked, "now", False), "a second connection beside the lock"
        return connection(database)

    monkeypatch.setattr(PendingSubmissions, "change", watched)
    monkeypatch.setattr(Database, "connection", asked)
    header = cast.enter("sech")
    held = cast.client.get(f"{V1}/pending/{name}").content
    signature = _posted(_signed_by_sech(cast, held))
    answer = cast.client.post(f"{V1}/pending/{name}/signature", json=signature, headers=header)
    assert answer.status_code == 201, answer.text


def test_a_waiting_submission_that_was_altered_in_the_database_is_not_shown(cast: Cast, home: Settings) -> None:
    header = cast.enter("opr")
    names = [
        cast.client.post(f"{V1}/pending", json=cast.calendar(year, "opr"), headers=header).json()["id"]
        for year in (2062, 2063)
    ]
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    with psycopg.connect(str(home.database_url), autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(ledger.database.schema)))
        moved = (
            "UPDATE pending_submission SET sealed = (SELECT sealed FROM pending_submission WHERE id = %s) WHERE id = %s"
        )
        connection.execute(moved, (names[0], names[1]))
    assert status_and_code(cast.client.get(f"{V1}/pending/{names[1]}")) == (503, "vault_damaged")
    page = cast.client.get(f"/zh/bench/zhongyuan/countersign/{names[1]}/")
    assert (page.status_code, "封存的数据无法开启" in page.text) == (503, True)
    assert cast.client.delete(f"{V1}/pending/{names[1]}", headers=header).status_code == 204


def test_signatures_added_at_once_are_all_kept(cast: Cast) -> None:
    header = cast.enter("opr")
    name = cast.client.post(f"{V1}/pending", json=cast.calendar(2071, "opr"), headers=header).json()["id"]
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    waiting = PendingSubmissions(ledger.database, ledger.vault)
    body = parse_submission(waiting.get(name)[1]).envelope.body
    added = [dsse.sign(body, cast.key(who)).signatures[0] for who in ("gov", "sup", "dis", "sech")]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda s: waiting.change(name, lambda held: with_signature(held, s)), added))
    kept = parse_submission(waiting.get(name)[1]).envelope
    assert (kept.body, len(kept.signatures)) == (body, 5)
    waiting.drop(name)


def test_what_the_log_holds_by_now_waits_no_more(cast: Cast) -> None:
    header = cast.enter("opr")
    name = cast.client.post(f"{V1}/pending", json=cast.calendar(2072, "opr"), headers=header).json()["id"]
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    waiting = PendingSubmissions(ledger.database, ledger.vault)
    # As after a crash between recording and forgetting what waited.
    ledger.submit(parse_submission(canonical.encode(_countersigned(cast, waiting.get(name)[1]))))
    assert name not in {r.id for r in waiting.rows()}
    assert status_and_code(cast.client.get(f"{V1}/pending/{name}")) == (403, "not_for_you")


def test_who_comes_a_moment_too_late_is_told_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    header = cast.enter("opr")
    name = cast.client.post(f"{V1}/pending", json=cast.calendar(2073, "opr"), headers=header).json()["id"]
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    waiting = PendingSubmissions(ledger.database, ledger.vault)
    seen, body = waiting.rows(), waiting.get(name)[1]
    ledger.submit(parse_submission(canonical.encode(_countersigned(cast, body))))
    # The look at what waits came before the other's entry, the change after it.
    monkeypatch.setattr(PendingSubmissions, "rows", lambda _: seen)
    header = cast.enter("sech")
    signature = _posted(_signed_by_sech(cast, body))
    answer = cast.client.post(f"{V1}/pending/{name}/signature", json=signature, headers=header)
    assert status_and_code(answer) == (403, "not_for_you")


def _signed_by_sech(cast: Cast, body: bytes) -> dsse.Signature:
    """The second signature alone: in an envelope they stand in the order of their key ids."""
    return dsse.sign(parse_submission(body).envelope.body, cast.key("sech")).signatures[0]


def _posted(signature: dsse.Signature) -> dict[str, str]:
    return {"keyid": signature.keyid, "sig": base64.b64encode(signature.signature).decode()}


def _countersigned(cast: Cast, body: bytes) -> Any:
    return canonical.parse(with_signature(body, _signed_by_sech(cast, body)), "submission")
