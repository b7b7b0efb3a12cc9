"""The people of the demo with their keys, over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

from fastapi.testclient import TestClient

from api.cli.submissions import new_statement_id
from api.home.bootstrap import log_named
from api.home.settings import Settings
from api.workplace.login import LOGIN_TYPE
from ledger.clock import shanghai_day, system_clock
from ledger.signing import envelope as dsse
from ledger.signing.suites import AnyPrivateKey, from_pem
from ledger.statement import compose

V1 = "/v1/logs/zhongyuan"


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
        body = statement_of("CalendarPublished", "opr", "OPR", payload)
        return {"envelope": json.loads(dsse.sign(body, *(self.key(s) for s in signers)).to_bytes()), "openings": {}}


def statement_of(kind: str, actor: str, role: str, payload: dict[str, Any], **more: Any) -> bytes:
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


def status_and_code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]
