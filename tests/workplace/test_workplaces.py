"""Login by signature, sessions, what each seat may see, previews, second signatures, and who read what."""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from api.app import create_app
from api.cli.submissions import new_statement_id
from api.home.bootstrap import create_log, log_named
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.public.rendering import Place
from api.rate_limit import RateLimit
from api.workplace import login
from api.workplace.calendar_file import calendar_file
from api.workplace.laying_out import Layout
from api.workplace.login import LOGIN_TYPE, Logins
from api.workplace.waiting import with_signature
from ledger import canonical
from ledger.clock import shanghai_day, system_clock
from ledger.disclosure import Opening
from ledger.errors import MalformedError, SignatureRefusedError, TooManyError
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.signing.suites import AnyPrivateKey, from_pem
from ledger.statement import compose
from ledger.store.database import Database, Row
from ledger.store.pending import PendingSubmissions
from ledger.submission import parse_submission
from projections.inquiry.timeline import counted

V1 = "/v1/logs/zhongyuan"


@pytest.fixture(scope="module")
def home(own_demo_home: Settings) -> Settings:
    return own_demo_home


@pytest.fixture(scope="module")
def app_client(home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        client.app.state.doors.tries = RateLimit(10_000, timedelta(minutes=1), system_clock)
        yield client


@pytest.fixture
def client(app_client: TestClient) -> TestClient:
    app_client.cookies.clear()
    return app_client


class Cast:
    """The people of the demo with their keys, over HTTP."""

    def __init__(self, home: Settings, client: TestClient, log: str = "zhongyuan") -> None:
        self.home, self.client, self.log = home, client, log

    def key(self, who: str) -> AnyPrivateKey:
        return from_pem((log_named(self.home, self.log).folder / "cast" / f"{who}.pem").read_bytes(), None)

    def attempt(self, key: AnyPrivateKey, challenge: bytes | None = None, log: str = "", kind: str = LOGIN_TYPE) -> Any:
        log = log or self.log
        if challenge is None:
            challenge = base64.b64decode(self.client.post(f"/v1/logs/{log}/login/challenge").json()["challenge"])
        signature = key.sign(dsse.pre_authentication_encoding(challenge, kind))
        body = {
            "challenge": base64.b64encode(challenge).decode(),
            "key_id": key.public.keyid,
            "signature": base64.b64encode(signature).decode(),
            "purpose": "case 7",
        }
        return self.client.post(f"/v1/logs/{log}/login", json=body)

    def enter(self, who: str) -> dict[str, str]:
        """Log in; returns the header that a page's script sends."""
        self.client.cookies.clear()
        response = self.attempt(self.key(who))
        assert response.status_code == 200, response.text
        page = self.client.get(f"/en/bench/{self.log}/").text
        return {"X-CSRF-Token": page.partition('name="csrf" value="')[2].partition('"')[0]}

    def calendar(self, year: int, *signers: str, doc: str = "国办1号") -> dict[str, Any]:
        payload = {"year": year, "holidays": [], "makeup_workdays": [], "source_doc_no": doc}
        body = _statement("CalendarPublished", "opr", "OPR", payload)
        return {"envelope": json.loads(dsse.sign(body, *(self.key(s) for s in signers)).to_bytes()), "openings": {}}


def _statement(kind: str, actor: str, role: str, payload: dict[str, Any], **more: Any) -> bytes:
    return compose(
        type=kind,
        log="demo.rongjian.example/zhongyuan",
        id=new_statement_id(),
        actor=actor,
        role=role,
        effective_at=shanghai_day(system_clock()).isoformat(),
        payload=payload,
        **more,
    )


@pytest.fixture
def cast(home: Settings, client: TestClient) -> Cast:
    return Cast(home, client)


def _code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_registered_key_opens_a_session_with_the_roles_of_the_log(cast: Cast) -> None:
    response = cast.attempt(cast.key("dis"))
    assert (response.status_code, response.json()) == (200, {"principal": "dis", "roles": ["DIS", "PUB"]})
    cookie = response.headers["set-cookie"]
    assert [part in cookie for part in ("rongjian-zhongyuan=", "HttpOnly", "SameSite=lax")] == [True, True, True]
    assert cast.client.get("/zh/desk/zhongyuan/").status_code == 200


def test_nobody_gets_in_with_a_key_that_is_unknown_a_signature_of_another_or_a_used_challenge(cast: Cast) -> None:
    stranger = PrivateKey(secrets.token_bytes(32))
    assert _code(cast.attempt(stranger)) == (403, "key_not_valid")
    challenge = base64.b64decode(cast.client.post(f"{V1}/login/challenge").json()["challenge"])
    good = cast.attempt(cast.key("dis"), challenge)
    assert good.status_code == 200
    assert _code(cast.attempt(cast.key("dis"), challenge)) == (403, "challenge_unknown")
    assert _code(cast.attempt(cast.key("dis"), b'{"log":"demo.rongjian.example/zhongyuan"}')) == (
        403,
        "challenge_unknown",
    )
    # A signature over a statement is none over a challenge: the payload types differ.
    assert cast.attempt(cast.key("dis"), kind=dsse.PAYLOAD_TYPE).status_code == 403
    foreign = base64.b64decode(cast.client.post("/v1/logs/ganzhou/login/challenge").json()["challenge"])
    assert _code(cast.attempt(cast.key("dis"), foreign)) == (403, "challenge_unknown")
    for body in (
        b"{}",
        b"[]",
        b"\xff",
        b'{"challenge":1,"key_id":"","signature":"","purpose":""}',
        b'{"challenge":"*","key_id":"","signature":"","purpose":""}',
    ):
        assert cast.client.post(f"{V1}/login", content=body).status_code == 400


def test_without_a_session_pages_lead_to_the_login_and_calls_are_refused(client: TestClient) -> None:
    response = client.get("/zh/desk/zhongyuan/flags/", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "../../../../zh/desk/zhongyuan/login/")
    assert _code(client.post(f"{V1}/foresee", json={"statement": {}})) == (403, "not_logged_in")
    assert _code(client.post(f"{V1}/pending", json={})) == (403, "not_logged_in")
    assert _code(client.get(f"{V1}/pending/x")) == (403, "not_logged_in")


def test_a_cookie_alone_asks_for_nothing_that_changes_or_computes(cast: Cast) -> None:
    cast.enter("opr")
    for path in ("foresee", "pending", "pending/x/signature"):
        assert _code(cast.client.post(f"{V1}/{path}", json={})) == (403, "csrf")
    assert _code(cast.client.post(f"{V1}/logout", content="csrf=no")) == (403, "csrf")
    assert cast.client.get("/en/bench/zhongyuan/").status_code == 200


def test_a_session_ends_by_logging_out(cast: Cast) -> None:
    header = cast.enter("opr")
    response = cast.client.post(
        f"{V1}/logout", content=f"csrf={header['X-CSRF-Token']}&lang=en", follow_redirects=False
    )
    assert (response.status_code, response.headers["location"]) == (303, "/en/desk/zhongyuan/login/")
    assert cast.client.get("/en/bench/zhongyuan/", follow_redirects=False).status_code == 303


def test_sessions_end_when_idle_and_at_the_latest_after_eight_hours() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    logins = Logins(lambda: now[0])
    token, _ = logins.begin("log", "p", "k", "")
    idle, _ = logins.begin("log", "p", "k", "")
    for _ in range(15):
        now[0] += timedelta(minutes=29)
        assert logins.session(token, "log") is not None
    assert logins.session(token, "another log") is None
    assert logins.session(idle, "log") is None
    now[0] += login.LIFE - timedelta(minutes=29 * 15)
    assert logins.session(token, "log") is None
    challenge = logins.challenge("log", "site")
    now[0] += login.CHALLENGE_LIFE
    with pytest.raises(SignatureRefusedError):
        logins.redeem(challenge)


def test_too_many_tries_of_one_client_are_refused_for_a_while() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    limit = RateLimit(2, timedelta(minutes=1), lambda: now[0])
    limit.count("a")
    limit.count("a")
    limit.count("b")
    with pytest.raises(TooManyError):
        limit.count("a")
    now[0] += timedelta(minutes=1)
    limit.count("a")


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
    body = _statement("RoleWithdrawn", "gov", "GOV", payload)
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


NOTICE = {
    "notice_id": "N-9",
    "edition_id": "ZY-2023",
    "kind": "candidates",
    "cases": ["ZY-2023/C"],
    "opened_on": "2026-01-05",
    "promised_end": "2026-01-06",
    "channels": ["区政府网站"],
    "page_hash": "0" * 64,
    "contact": "评审办",
}


def test_a_preview_says_what_submitting_says_and_records_nothing(cast: Cast) -> None:
    header = cast.enter("sec")
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    size = ledger.size()
    body = _statement("PublicNoticeOpened", "sec", "SEC", NOTICE)
    told = cast.client.post(f"{V1}/foresee", json={"statement": json.loads(body)}, headers=header).json()
    given = cast.client.post(
        f"{V1}/statements", json={"envelope": json.loads(dsse.sign(body, cast.key("sec")).to_bytes()), "openings": {}}
    )
    same = ("code", "zh", "en", "rule", "article")
    assert {k: told["refusal"].get(k) for k in same} == {k: given.json().get(k) for k in same}
    assert (given.status_code, ledger.size()) == (422, size)


def test_a_preview_tells_what_follows_and_which_flags_come_up(cast: Cast) -> None:
    header = cast.enter("sec")
    returned = {
        "award_id": "ZY-2023-A",
        "org": "A",
        "items": [{"serial": "ZY23-A-1", "state": "lost"}],
        "on": "2026-01-05",
    }
    told = []
    for kind, payload in (("CertificateReturned", returned), ("PublicNoticeOpened", NOTICE)):
        body = _statement(kind, "sec", "SEC", payload)
        told.append(cast.client.post(f"{V1}/foresee", json={"statement": json.loads(body)}, headers=header).json())
    changed = {(c["kind"], c["subject"]): [f["fact"] for f in c["changed"]] for c in told[0]["consequences"]}
    assert (told[0]["refusal"], told[0]["seats"]) == (None, [{"originator": "SEC", "countersigner": None}])
    assert changed[("award", "ZY-2023-A")] == ["award.duties", "certificate.register"]
    assert [f["flag"] for f in told[1]["flags"]] == ["RF17", "RF10", "RF22"]


def test_a_preview_shows_nobody_what_a_page_would_not(cast: Cast) -> None:
    header = cast.enter("A")
    payload = {
        "objection_id": "O-9",
        "kind": "complaint",
        "target_kind": "case",
        "identified": True,
        "summary_public": "x",
        "on_behalf": False,
        "edition_id": "ZY-2023",
        "case_id": "ZY-2023/B",
    }
    body = _statement("ObjectionRaised", "A", "APP", payload)
    told = cast.client.post(f"{V1}/foresee", json={"statement": json.loads(body)}, headers=header)
    assert told.status_code == 200, told.text
    assert (told.json()["consequences"], told.json()["flags"]) == ([], [])
    other = _statement("PublicNoticeOpened", "sec", "SEC", NOTICE)
    assert _code(cast.client.post(f"{V1}/foresee", json={"statement": json.loads(other)}, headers=header)) == (
        403,
        "not_your_act",
    )


def test_reviewers_are_offered_their_own_cases_only(cast: Cast) -> None:
    cast.enter("P1")
    text = cast.client.get("/en/bench/zhongyuan/record/ScoreSubmitted/").text
    context = json.loads(text.partition('id="context">')[2].partition("</script>")[0])
    assert {k: len(v) for k, v in context["known"].items()} == {"c": 4, "o": 0}


def test_a_second_signature_records_what_waited_and_only_for_those_it_concerns(cast: Cast) -> None:
    header = cast.enter("opr")
    waiting = cast.calendar(2051, "opr")
    put = cast.client.post(f"{V1}/pending", json=waiting, headers=header)
    assert (put.status_code, put.json()["waits_for"]) == (202, ["SECH"])
    name = put.json()["id"]
    other = cast.enter("A")
    assert _code(cast.client.get(f"{V1}/pending/{name}")) == (403, "not_for_you")
    assert _code(cast.client.delete(f"{V1}/pending/{name}", headers=other)) == (403, "not_for_you")
    second = cast.enter("sech")
    held = cast.client.get(f"{V1}/pending/{name}").json()
    assert held == waiting
    body = base64.b64decode(held["envelope"]["payload"])
    bad = {"keyid": cast.key("sech").public.keyid, "sig": base64.b64encode(b"\0" * 64).decode()}
    assert cast.client.post(f"{V1}/pending/{name}/signature", json=bad, headers=second).status_code == 403
    good = bad | {"sig": base64.b64encode(cast.key("sech").sign(dsse.pre_authentication_encoding(body))).decode()}
    done = cast.client.post(f"{V1}/pending/{name}/signature", json=good, headers=second)
    assert (done.status_code, done.json()["id"]) == (201, name)
    assert _code(cast.client.get(f"{V1}/pending/{name}")) == (403, "not_for_you")


def test_what_nobody_in_the_room_has_signed_is_not_passed_on(cast: Cast) -> None:
    header = cast.enter("sec")
    assert _code(cast.client.post(f"{V1}/pending", json=cast.calendar(2052, "opr"), headers=header)) == (
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


def test_a_reader_who_inspects_needs_no_token(home: Settings, cast: Cast) -> None:
    from dataclasses import replace

    guarded = replace(home, reader_token="token")
    with TestClient(create_app(OpenLogs(guarded, str(home.database_url)))) as client:
        inside = Cast(guarded, client)
        assert _code(client.get(f"{V1}/inspect/flags")) == (403, "reader_unknown")
        inside.enter("A")
        assert _code(client.get(f"{V1}/inspect/flags")) == (403, "reader_unknown")
        inside.enter("dis")
        assert client.get(f"{V1}/inspect/flags").status_code == 200
        assert _code(client.get("/v1/logs/ganzhou/inspect/flags")) == (403, "reader_unknown")


def test_a_reader_who_inspects_may_list_what_may_be_asked_and_asks_over_the_logs_inspected_alone(
    home: Settings, cast: Cast
) -> None:
    from dataclasses import replace

    lists = ("/v1/questions", "/v1/inquiries")
    guarded = replace(home, reader_token="token")
    with TestClient(create_app(OpenLogs(guarded, str(home.database_url)))) as client:
        inside = Cast(guarded, client)
        for path in (*lists, "/v1/across/flags", "/v1/across/patterns"):
            assert _code(client.get(path)) == (403, "reader_unknown"), path
        inside.enter("A")
        for path in (*lists, "/v1/across/flags", "/v1/across/patterns"):
            assert _code(client.get(path)) == (403, "reader_unknown"), path
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
        assert _code(client.post(f"{V1}/documents", content=b"x")) == (403, "csrf")


def test_a_document_is_brought_from_a_seat_of_an_office(cast: Cast) -> None:
    def bring(header: dict[str, str]) -> tuple[int, str]:
        return _code(cast.client.post(f"{V1}/documents", content=b"brought from a seat", headers=header))

    assert bring({}) == (403, "document_unsigned")
    assert bring(cast.enter("A")) == (403, "seat_missing")
    header = cast.enter("sec")
    assert bring({}) == (403, "csrf")
    answer = cast.client.post(f"{V1}/documents", content=b"brought from a seat", headers=header)
    assert answer.status_code == 201
    assert cast.client.get(f"{V1}/documents/{answer.json()['sha256']}").content == b"brought from a seat"


def test_pages_of_the_desk_give_json_csv_calendar_and_package(cast: Cast) -> None:
    cast.enter("dis")
    base = "/zh/desk/zhongyuan"
    flags = cast.client.get(f"{base}/flags/?format=csv")
    assert (flags.headers["content-type"], "RF02" in flags.text) == ("text/csv; charset=utf-8", True)
    calendar = cast.client.get(f"{base}/duties/?days=900&format=ics").text
    assert calendar.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert "DTSTART;VALUE=DATE:20240706" in calendar
    package = cast.client.get(f"{base}/package/?kind=award&subject=ZY-2023-A&format=zip")
    assert (package.headers["content-type"], package.content[:2]) == ("application/zip", b"PK")
    # Nothing of these pages is kept by a cache or shown in a frame.
    assert flags.headers["cache-control"] == "private, no-store"
    assert "frame-ancestors 'none'" in cast.client.get(f"{base}/").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing/", 404),
        ("cases/ZY-2023%2FZ/", 404),
        ("events/7/", 400),
        ("persons/%3Cscript%3E/", 404),
        ("state/?kind=star&subject=x", 400),
        ("scores/?edition=X", 404),
        ("flags/?flag=RF99", 400),
        ("flags/?severity=X", 400),
        ("?as_of=tomorrow", 400),
        ("?known_at=999999", 404),
        ("ask/nothing/", 404),
        ("search/?q=" + "x" * 21_000, 400),
        ("integrity/?entry=-1,0,99999999999999999999,x", 200),
        ("search/?q=%25%27%3Cb%3E", 200),
        ("compare/?one=ZY-2023%2FA&other=NO%2FNO", 404),
        ("package/?kind=star&subject=x&format=zip", 400),
    ],
)
def test_bad_addresses_are_refused_as_pages_that_say_why(path: str, status: int, cast: Cast) -> None:
    cast.enter("dis")
    response = cast.client.get(f"/zh/desk/zhongyuan/{path}")
    assert response.status_code == status, response.text[:300]
    assert "<script>" not in response.text
    assert "<b>" not in response.text


def test_calendar_lines_are_folded_between_characters() -> None:
    body = calendar_file("账本", [(date(2026, 1, 31), "年度报告" * 12, "a,b;c")], "20260101T000000Z")
    lines = body.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    text = body.replace(b"\r\n ", b"").decode()
    assert f"SUMMARY:{'年度报告' * 12}\r\n" in text
    assert "DESCRIPTION:a\\,b\\;c" in text
    assert "DTEND;VALUE=DATE:20260201" in text


def test_openings_that_do_not_fit_are_refused_in_a_preview(cast: Cast) -> None:
    header = cast.enter("P1")
    opening = Opening("/comments", b"s" * 32, "good")
    body = _statement(
        "ScoreSubmitted",
        "P1",
        "REV",
        {"case_id": "ZY-2023/A", "stage": "material", "total": "1", "full": 1000},
        sd={"/comments": opening.commitment()},
    )
    value = {
        "statement": canonical.parse(body, "statement"),
        "openings": {"/comments": {**opening.to_json(), "value": "bad"}},
    }
    assert cast.client.post(f"{V1}/foresee", json=value, headers=header).status_code == 422


@pytest.mark.parametrize("name", ["desk", "bench", "rules"])
def test_no_log_takes_the_address_of_a_page(name: str, home: Settings) -> None:
    with pytest.raises(MalformedError) as refused:
        create_log(home, str(home.database_url), name, f"test.rongjian.example/{name}")
    assert refused.value.code == "log_name_reserved"


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
    assert _code(cast.client.get(f"{V1}/pending/{names[1]}")) == (503, "vault_damaged")
    page = cast.client.get(f"/zh/bench/zhongyuan/countersign/{names[1]}/")
    assert (page.status_code, "封存的数据无法开启" in page.text) == (503, True)
    assert cast.client.delete(f"{V1}/pending/{names[1]}", headers=header).status_code == 204


def test_nobody_rewrites_who_read_what(cast: Cast, home: Settings) -> None:
    cast.enter("dis")
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    with psycopg.connect(str(home.database_url), autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(ledger.database.schema)))
        for act in ("UPDATE visit SET purpose = 'none'", "DELETE FROM visit", "TRUNCATE visit"):
            with pytest.raises(psycopg.Error):
                connection.execute(act)  # type: ignore[arg-type]


def test_the_ruler_counts_a_notice_each_way(cast: Cast) -> None:
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    rows = counted(ledger, "N-2023", date(2026, 1, 1), ledger.size())
    # Opened on Monday, 19 June 2023, for five working days; the 22nd and 23rd were a holiday, Sunday the 25th was
    # worked.
    assert rows == [
        {"counting": "working_days", "first_day_counted": False, "last_day": "2023-06-27"},
        {"counting": "working_days", "first_day_counted": True, "last_day": "2023-06-26"},
    ]
    cast.enter("dis")
    page = cast.client.get("/zh/desk/zhongyuan/notices/N-2023/").text
    assert ("各种计日方法的届满日" in page, "2023年6月26日" in page) == (True, True)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("zh", ["应得", "0.00 元", "主体登记", "天数"]),
        ("en", ["due", "CNY 0.00", "Principal registered", "days ahead, 90"]),
    ],
)
def test_answers_are_laid_out_in_one_language(language: str, texts: list[str], cast: Cast) -> None:
    cast.enter("dis")
    base = f"/{language}/desk/zhongyuan"
    organisation, person, duties = (
        cast.client.get(f"{base}/{p}/").text for p in ("organisations/A", "persons/P3", "ask/duties")
    )
    assert [f"<dt>{texts[0]}</dt><dd>{texts[1]}</dd>" in organisation, texts[2] in person, texts[3] in duties] == [
        True,
        True,
        True,
    ]
    assert "PrincipalRegistered" not in person
    assert ("天数" in duties) == (language == "zh")


@pytest.mark.parametrize("openings", [[1], "x", 7, None])
def test_openings_that_are_no_object_are_refused_in_a_preview(openings: Any, cast: Cast) -> None:
    header = cast.enter("sec")
    body = _statement("PublicNoticeOpened", "sec", "SEC", NOTICE)
    response = cast.client.post(
        f"{V1}/foresee", json={"statement": json.loads(body), "openings": openings}, headers=header
    )
    assert _code(response) == (400, "malformed_preview")


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
    assert _code(cast.client.get(f"{V1}/pending/{name}")) == (403, "not_for_you")


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
    assert _code(answer) == (403, "not_for_you")


def _signed_by_sech(cast: Cast, body: bytes) -> dsse.Signature:
    """The second signature alone: in an envelope they stand in the order of their key ids."""
    return dsse.sign(parse_submission(body).envelope.body, cast.key("sech")).signatures[0]


def _posted(signature: dsse.Signature) -> dict[str, str]:
    return {"keyid": signature.keyid, "sig": base64.b64encode(signature.signature).decode()}


def _countersigned(cast: Cast, body: bytes) -> Any:
    return canonical.parse(with_signature(body, _signed_by_sech(cast, body)), "submission")


def test_who_inspects_says_what_for(cast: Cast) -> None:
    challenge = base64.b64decode(cast.client.post(f"{V1}/login/challenge").json()["challenge"])
    key = cast.key("dis")
    signature = key.sign(dsse.pre_authentication_encoding(challenge, LOGIN_TYPE))
    body = {
        "challenge": base64.b64encode(challenge).decode(),
        "key_id": key.public.keyid,
        "signature": base64.b64encode(signature).decode(),
        "purpose": " ",
    }
    assert _code(cast.client.post(f"{V1}/login", json=body)) == (400, "purpose_missing")
    assert cast.client.get("/zh/desk/zhongyuan/", follow_redirects=False).status_code == 303


def test_sums_are_sums_by_their_own_label() -> None:
    layout = Layout(Place("zh", ("desk", "zhongyuan")), "zhongyuan")
    for name in ("tax_per_mu", "revenue", "prize_amount", "paid"):
        assert (layout.value(123_456, name), "(分)" in layout.label(name)) == ("1,234.56 元", False)
    assert layout.value(123_456, "years") == "123,456"


def test_ends_of_validity_and_bans_name_article_and_events(cast: Cast) -> None:
    cast.enter("dis")
    rows = cast.client.get("/zh/desk/zhongyuan/duties/?days=2000&format=json").json()["rows"]
    ends = [r for r in rows if r["duty"] in ("validity_end", "ban_end")]
    assert ends
    assert [(bool(r["article"]), bool(r["packs"]), bool(r["events"])) for r in ends] == [(True, True, True)] * len(ends)


def _row(kind: str, actor: str, role: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"statement": json.loads(_statement(kind, actor, role, payload)), "openings": {}}


def _year(year: int) -> dict[str, Any]:
    return _row(
        "CalendarPublished",
        "opr",
        "OPR",
        {"year": year, "holidays": [], "makeup_workdays": [], "source_doc_no": "国办1号"},
    )


def test_a_row_of_a_dry_run_is_taken_after_the_rows_before_it(cast: Cast) -> None:
    header = cast.enter("opr")
    size = cast.client.get("/v1/logs").json()["logs"]
    told = cast.client.post(
        f"{V1}/foresee/batch",
        json={"after": [_year(2081)], "rows": [_year(2081), _year(2082), _year(2082)]},
        headers=header,
    ).json()
    codes = [r["refusal"] and r["refusal"]["code"] for r in told["rows"]]
    assert (codes, told["flags"]) == (["calendar_exists", None, "calendar_exists"], [])
    assert cast.client.get("/v1/logs").json()["logs"] == size


def test_a_row_that_is_no_statement_does_not_stop_the_others(cast: Cast) -> None:
    header = cast.enter("opr")
    wrong = _year(2083)
    wrong["statement"]["payload"]["year"] = "x"
    told = cast.client.post(
        f"{V1}/foresee/batch", json={"after": [], "rows": [wrong, 7, _year(2083)]}, headers=header
    ).json()
    assert [r["refusal"] and r["refusal"]["code"] for r in told["rows"]] == [
        "malformed_payload",
        "malformed_preview",
        None,
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"after": [], "rows": []},
        {"after": [], "rows": [1] * 26},
        {"after": 1, "rows": [1]},
        {"after": [1] * 501, "rows": [1]},
        {"after": [], "rows": [1], "x": 1},
    ],
)
def test_a_dry_run_of_something_else_is_refused(body: dict[str, Any], cast: Cast) -> None:
    assert _code(cast.client.post(f"{V1}/foresee/batch", json=body, headers=cast.enter("opr"))) == (
        400,
        "malformed_preview",
    )


def test_a_dry_run_is_of_own_acts_and_from_a_page_of_the_session(cast: Cast) -> None:
    header = cast.enter("sec")
    body = {"after": [], "rows": [_year(2084)]}
    assert _code(cast.client.post(f"{V1}/foresee/batch", json=body, headers=header)) == (403, "not_your_act")
    assert _code(cast.client.post(f"{V1}/foresee/batch", json=body)) == (403, "csrf")


def test_a_timeline_is_told_in_three_densities_and_two_orders(cast: Cast) -> None:
    cast.enter("dis")
    page = "/zh/desk/zhongyuan/cases/ZY-2023%2FA/"
    rows = cast.client.get(f"{page}?lane=happened&format=json").json()["rows"]
    assert [r["effective_on"] for r in rows] == sorted(r["effective_on"] for r in rows)
    recorded = cast.client.get(f"{page}?format=json").json()["rows"]
    assert [r["position"] for r in recorded] == sorted(r["position"] for r in recorded)
    assert {r["event"] for r in rows} == {r["event"] for r in recorded}
    compact = cast.client.get(f"{page}?density=compact").text
    # Ten votes of one day on one line.
    assert re.search(r"<td>委员表决</td><td>10</td>", compact) is not None
    raw = cast.client.get(f"{page}?density=raw&person=P4").text
    assert raw.count("<pre") == sum(r["actor"] == "P4" for r in rows)
    assert "&#34;total&#34;: &#34;674&#34;" in raw


def _main(text: str) -> str:
    shown = text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


def test_a_difference_names_members_sums_and_causes_in_words(cast: Cast) -> None:
    cast.enter("dis")
    page = "/desk/zhongyuan/difference/?kind=award&subject=ZY-2023-A&from_on=2025-11-01"
    chinese = _main(cast.client.get(f"/zh{page}").text)
    for said in ("状态 有效 已撤销", "已令追缴 0.00 元 200,000.00 元", "原因：事实日不同", "义务 › 年度报告 › 状态"):
        assert said in chinese
    assert "/value/" not in chinese
    assert "clawback ordered CNY 0.00 CNY 200,000.00" in _main(cast.client.get(f"/en{page}").text)


def test_a_hypothesis_is_told_answer_by_answer_and_links_to_nothing_that_is_not_there(cast: Cast) -> None:
    cast.enter("dis")
    text = cast.client.get("/zh/desk/zhongyuan/ask/what-if/?revoke=ZY-2023-B&ground=fraud").text
    told = _main(text)
    for said in ("奖项 ZY-2023-B D16 奖项状态与有效期", "今日会被拒绝"):
        assert said in told
    assert re.search(r"假设 \d+ 撤销授奖", told) is not None
    events = set(re.findall(r'href="[^"]*/events/([0-9a-f-]+)/', text.partition("<main")[2]))
    assert [e for e in events if cast.client.get(f"/zh/desk/zhongyuan/events/{e}/").status_code != 200] == []


def test_notices_are_listed_with_the_last_day_that_the_text_gives(cast: Cast) -> None:
    cast.enter("dis")
    told = _main(cast.client.get("/zh/desk/zhongyuan/notices/").text)
    assert "N-2023 候选 ZY-2023 ZY-2023/A 、 ZY-2023/B 2023年6月19日 2023年6月27日 2023年6月27日 否" in told


def test_every_parameter_and_every_field_of_an_inquiry_has_a_name(cast: Cast) -> None:
    cast.enter("dis")
    told = _main(cast.client.get("/zh/desk/zhongyuan/ask/governing/?edition=ZY-2023").text)
    assert "授奖对象 eligible_objects" in told
    for name in ("what-if", "narrative", "who-knew", "notices", "difference", "flags", "holders"):
        page = cast.client.get(f"/zh/desk/zhongyuan/ask/{name}/").text
        labels = re.findall(r"<label>([^<]*)", page.partition('class="asking"')[2])
        assert [x for x in labels if re.search(r"[\u4e00-\u9fff]", x) is None] == [], name
        english = cast.client.get(f"/en/desk/zhongyuan/ask/{name}/").text
        assert re.findall(r"<label>([^<]*[\u4e00-\u9fff][^<]*)", english.partition('class="asking"')[2]) == []


def test_the_examination_starts_with_the_conditions_of_the_governing_text(home: Settings, client: TestClient) -> None:
    Cast(home, client, "ganzhou-practice").enter("sec")
    page = client.get("/zh/bench/ganzhou-practice/record/EligibilityDecided/?case_id=GZ-2026/C").text
    context = json.loads(page.partition('id="context">')[2].partition("</script>")[0])
    assert context["defaults"]["org"] == "C"
    assert context["defaults"]["checks"][:2] == [
        {"condition_id": "registered", "article": "13(1)"},
        {"condition_id": "operating_years", "article": "13(1)"},
    ]
    assert len(context["defaults"]["checks"]) == 8


def test_whoever_opens_an_edition_is_asked_how_days_are_counted(home: Settings, client: TestClient) -> None:
    Cast(home, client, "ganzhou-practice").enter("sec")
    page = client.get("/zh/bench/ganzhou-practice/record/EditionOpened/").text
    asked = page.partition("文本没有写明计日方法")[2].partition("</ul>")[0]
    assert re.findall("<li>(.*?)</li>", asked) == [
        "公示当日不计，次日为第一日",
        "“天”按日历日计算",
        "末日为休息日的顺延",
    ]
