"""Logging in by signature: who gets in, how long a session lasts, and what a cookie alone may not ask for."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from api.rate_limit import RateLimit
from api.workplace import login
from api.workplace.login import LOGIN_TYPE, Logins
from ledger.errors import SignatureRefusedError, TooManyError
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from tests.workplace.cast import V1, Cast, status_and_code


def test_a_registered_key_opens_a_session_with_the_roles_of_the_log(cast: Cast) -> None:
    response = cast.attempt(cast.key("dis"))
    assert (response.status_code, response.json()) == (200, {"principal": "dis", "roles": ["DIS", "PUB"]})
    cookie = response.headers["set-cookie"]
    assert [part in cookie for part in ("rongjian-zhongyuan=", "HttpOnly", "SameSite=lax")] == [True, True, True]
    assert cast.client.get("/zh/desk/zhongyuan/").status_code == 200


def test_nobody_gets_in_with_a_key_that_is_unknown_a_signature_of_another_or_a_used_challenge(cast: Cast) -> None:
    stranger = PrivateKey(secrets.token_bytes(32))
    assert status_and_code(cast.attempt(stranger)) == (403, "key_not_valid")
    challenge = base64.b64decode(cast.client.post(f"{V1}/login/challenge").json()["challenge"])
    good = cast.attempt(cast.key("dis"), challenge)
    assert good.status_code == 200
    assert status_and_code(cast.attempt(cast.key("dis"), challenge)) == (403, "challenge_unknown")
    assert status_and_code(cast.attempt(cast.key("dis"), b'{"log":"demo.rongjian.example/zhongyuan"}')) == (
        403,
        "challenge_unknown",
    )
    # A signature over a statement is none over a challenge: the payload types differ.
    assert cast.attempt(cast.key("dis"), kind=dsse.PAYLOAD_TYPE).status_code == 403
    foreign = base64.b64decode(cast.client.post("/v1/logs/ganzhou/login/challenge").json()["challenge"])
    assert status_and_code(cast.attempt(cast.key("dis"), foreign)) == (403, "challenge_unknown")
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
    assert status_and_code(client.post(f"{V1}/foresee", json={"statement": {}})) == (403, "not_logged_in")
    assert status_and_code(client.post(f"{V1}/pending", json={})) == (403, "not_logged_in")
    assert status_and_code(client.get(f"{V1}/pending/x")) == (403, "not_logged_in")


def test_a_cookie_alone_asks_for_nothing_that_changes_or_computes(cast: Cast) -> None:
    cast.enter("opr")
    for path in ("foresee", "pending", "pending/x/signature"):
        assert status_and_code(cast.client.post(f"{V1}/{path}", json={})) == (403, "csrf")
    assert status_and_code(cast.client.post(f"{V1}/logout", content="csrf=no")) == (403, "csrf")
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
    assert status_and_code(cast.client.post(f"{V1}/login", json=body)) == (400, "purpose_missing")
    assert cast.client.get("/zh/desk/zhongyuan/", follow_redirects=False).status_code == 303
