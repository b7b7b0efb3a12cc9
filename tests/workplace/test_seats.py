"""What each seat may see, read and bring, and that who read what is written down."""

from __future__ import annotations

import json

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from ledger.clock import shanghai_day, system_clock
from ledger.signing import envelope as dsse
from tests.workplace.cast import V1, Cast, statement_of, status_and_code


def test_the_desk_is_for_those_who_inspect_and_a_case_for_its_own_applicant(cast: Cast) -> None:
    cast.enter("A")
    assert cast.client.get("/zh/desk/zhongyuan/").status_code == 403
    assert cast.client.get("/zh/bench/zhongyuan/case/ZY-2023%2FA/").status_code == 200
    other = cast.client.get("/zh/bench/zhongyuan/case/ZY-2023%2FB/")
    assert (other.status_code, "他人的案件" in other.text) == (403, True)
    mine = cast.client.get("/zh/bench/zhongyuan/case/ZY-2023%2FA/").text.partition("<main")[2].partition("</main>")[0]
    assert not any(word in mine for word in ("P1", "P2", "RF02", "评分矩阵"))
    assert cast.client.get("/zh/bench/zhongyuan/record/AwardGranted/").status_code == 403
    assert cast.client.get("/zh/bench/zhongyuan/record/NoSuchAct/").status_code == 404


def test_a_role_that_is_withdrawn_no_longer_opens_the_desk(cast: Cast) -> None:
    cast.enter("sup")
    assert cast.client.get("/zh/desk/zhongyuan/").status_code == 200
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    grant = next(
        e
        for e in ledger.events()
        if e.statement.type == "RoleGranted"
        and (e.statement.payload.principal_id, e.statement.payload.role) == ("sup", "SUP")
    )
    payload = {
        "principal_id": "sup",
        "grant_id": grant.statement.id,
        "from_on": shanghai_day(system_clock()).isoformat(),
        "reason": "term_end",
    }
    body = statement_of("RoleWithdrawn", "gov", "GOV", payload)
    done = cast.client.post(
        f"{V1}/statements", json={"envelope": json.loads(dsse.sign(body, cast.key("gov")).to_bytes()), "openings": {}}
    )
    assert done.status_code == 201, done.text
    assert cast.client.get("/zh/desk/zhongyuan/").status_code == 403


def test_every_page_read_is_written_down_before_it_is_shown(cast: Cast) -> None:
    cast.enter("dis")
    cast.client.get("/zh/desk/zhongyuan/persons/P3/?as_of=2025-01-01")
    rows = cast.client.get("/zh/desk/zhongyuan/access/?format=json&person=dis").json()["rows"]
    # The newest is the reading of this very list.
    assert [{k: r[k] for k in ("person", "roles", "page", "purpose")} for r in rows[:2]] == [
        {
            "person": "dis",
            "roles": "DIS,PUB",
            "page": "/zh/desk/zhongyuan/access/?format=json&person=dis",
            "purpose": "case 7",
        },
        {
            "person": "dis",
            "roles": "DIS,PUB",
            "page": "/zh/desk/zhongyuan/persons/P3/?as_of=2025-01-01",
            "purpose": "case 7",
        },
    ]


def test_a_reader_who_inspects_needs_no_token(home: Settings, cast: Cast) -> None:
    from dataclasses import replace

    guarded = replace(home, reader_token="token")
    with TestClient(create_app(OpenLogs(guarded, str(home.database_url)))) as client:
        inside = Cast(guarded, client)
        assert status_and_code(client.get(f"{V1}/inspect/flags")) == (403, "reader_unknown")
        inside.enter("A")
        assert status_and_code(client.get(f"{V1}/inspect/flags")) == (403, "reader_unknown")
        inside.enter("dis")
        assert client.get(f"{V1}/inspect/flags").status_code == 200
        assert status_and_code(client.get("/v1/logs/ganzhou/inspect/flags")) == (403, "reader_unknown")


def test_a_reader_who_inspects_may_list_what_may_be_asked_and_asks_over_the_logs_inspected_alone(
    home: Settings, cast: Cast
) -> None:
    from dataclasses import replace

    lists = ("/v1/questions", "/v1/inquiries")
    guarded = replace(home, reader_token="token")
    with TestClient(create_app(OpenLogs(guarded, str(home.database_url)))) as client:
        inside = Cast(guarded, client)
        for path in (*lists, "/v1/across/flags", "/v1/across/patterns"):
            assert status_and_code(client.get(path)) == (403, "reader_unknown"), path
        inside.enter("A")
        for path in (*lists, "/v1/across/flags", "/v1/across/patterns"):
            assert status_and_code(client.get(path)) == (403, "reader_unknown"), path
        inside.enter("dis")
        for path in lists:
            assert client.get(path).json() == cast.client.get(path).json(), path
        # Another log of this service is not this reader's, and no answer over all logs lets it through.
        told = client.get("/v1/across/flags").json()
        assert {row["log"] for row in told["rows"]} == {"zhongyuan"}
        assert "ganzhou" not in client.get("/v1/across/patterns").text
        everything = client.get("/v1/across/flags", headers={"Authorization": "Bearer token"}).json()
        assert {row["log"] for row in everything["rows"]} > {"zhongyuan"}
    # Where no token is set everybody may list.
    assert [cast.client.get(path).status_code for path in lists] == [200, 200]


def test_a_session_that_reads_writes_nothing_where_the_token_is_asked_for(home: Settings) -> None:
    from dataclasses import replace

    guarded = replace(home, reader_token="token")
    with TestClient(create_app(OpenLogs(guarded, str(home.database_url)))) as client:
        Cast(guarded, client).enter("dis")
        assert client.get(f"{V1}/awards").status_code == 200
        assert status_and_code(client.post(f"{V1}/documents", content=b"x")) == (403, "csrf")


def test_a_document_is_brought_from_a_seat_of_an_office(cast: Cast) -> None:
    def bring(header: dict[str, str]) -> tuple[int, str]:
        return status_and_code(cast.client.post(f"{V1}/documents", content=b"brought from a seat", headers=header))

    assert bring({}) == (403, "document_unsigned")
    assert bring(cast.enter("A")) == (403, "seat_missing")
    header = cast.enter("sec")
    assert bring({}) == (403, "csrf")
    answer = cast.client.post(f"{V1}/documents", content=b"brought from a seat", headers=header)
    assert answer.status_code == 201
    assert cast.client.get(f"{V1}/documents/{answer.json()['sha256']}").content == b"brought from a seat"


def test_nobody_rewrites_who_read_what(cast: Cast, home: Settings) -> None:
    cast.enter("dis")
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    with psycopg.connect(str(home.database_url), autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(ledger.database.schema)))
        for act in ("UPDATE visit SET purpose = 'none'", "DELETE FROM visit", "TRUNCATE visit"):
            with pytest.raises(psycopg.Error):
                connection.execute(act)  # type: ignore[arg-type]
