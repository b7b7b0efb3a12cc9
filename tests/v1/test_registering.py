"""Registering people and keys on the bench: names that read alike, and keys that others registered for somebody."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from ledger.clock import format_instant, shanghai_day, system_clock
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from tests.workplace.cast import V1, Cast, statement_of


@pytest.fixture(scope="module")
def cast(home: Settings) -> Iterator[Cast]:
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        yield Cast(home, client)


def _foreseen(cast: Cast, payload: dict[str, Any]) -> dict[str, Any]:
    header = cast.enter("opr")
    body = statement_of("PrincipalRegistered", "opr", "OPR", payload)
    return dict(cast.client.post(f"{V1}/foresee", json={"statement": json.loads(body)}, headers=header).json())


def test_a_name_that_reads_like_another_is_shown_to_the_clerk_and_not_refused(cast: Cast) -> None:
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    there = next(
        e.statement.payload.org_name
        for e in ledger.events()
        if e.statement.type == "PrincipalRegistered" and "（" in (e.statement.payload.org_name or "")
    )
    wide = there.replace("（", " (").replace("）", ")")
    told = _foreseen(cast, {"principal_id": "NEW", "kind": "public_body", "org_name": wide})
    assert (told["refusal"], told["names_alike"]) == (None, [there])
    assert _foreseen(cast, {"principal_id": "NEW", "kind": "public_body", "org_name": "另一家"})["names_alike"] == []


def test_a_key_that_others_registered_is_shown_to_its_holder_with_the_form_that_revokes_it(cast: Cast) -> None:
    new, now = PrivateKey(secrets.token_bytes(32)), system_clock()
    payload = {
        "principal_id": "dep",
        "key_id": new.public.keyid,
        "public_key": new.public.raw.hex(),
        "algorithm": new.public.algorithm,
        "valid_from": format_instant(now + timedelta(days=9)),
        "valid_until": format_instant(now + timedelta(days=900)),
        "custody": "ukey",
    }
    body = statement_of("KeyRegistered", "dep", "DEP", payload)
    envelope = json.loads(dsse.sign(body, new, cast.key("opr"), cast.key("sech")).to_bytes())
    response = cast.client.post(f"{V1}/statements", json={"envelope": envelope, "openings": {}})
    assert response.status_code == 201, response.text
    cast.enter("dep")
    page = cast.client.get("/zh/bench/zhongyuan/").text
    assert f"{shanghai_day(now)} 登记，未经您原有密钥签名" in page
    assert f"record/KeyRevoked/?principal_id=dep&amp;key_id={new.public.keyid}" in page
    cast.enter("sec")
    assert "他人为您登记的密钥" not in cast.client.get("/zh/bench/zhongyuan/").text
