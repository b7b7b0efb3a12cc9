"""Whoever asks a service over HTTP while its database is not ours any more gets an answer or a reason, and never a
fault of ours.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from ledger.store.database import schema_of
from tests.demo_logs import copied
from tests.store.attacks import LOG, Superuser
from tests.store.test_a_database_that_lies import LIES

#: One address of each kind that reads rows; those of the register and of the log, pages and machine-read ones.
ASKED = [
    "/",
    "/v1/logs",
    "/health",
    "/health/ready",
    *(
        f"/v1/logs/{LOG}/{path}"
        for path in (
            "organisations",
            "cases",
            "awards",
            "awards/counts",
            "editions",
            "bans",
            "money",
            "packs",
            "facts/award.status",
        )
    ),
    *(
        f"/logs/{LOG}/{path}"
        for path in (
            "checkpoint",
            "vkey",
            "policy",
            "witnesses",
            "tile/0/000",
            "tile/entries/000",
            "entry/1",
            "entry/9",
            "entry/1.tlog-proof",
            "index/5",
            "index-log/checkpoint",
            "proof/inclusion?position=3&size=9",
            "proof/consistency?from=3&to=9",
        )
    ),
    *(f"/p/{LOG}{path}" for path in ("", "/awards", "/organisations", "/notices", "/seen", "/editions", "/rules")),
]


#: One of each kind: every one of them was tried once, and each costs seconds.
TRIED = [
    "no entry of an entry",
    "no head",
    "entries as text",
    "a view in the place of entries",
    "no word in a tag",
    "no place of the register",
    "a table gone",
    "a column gone",
]


@pytest.mark.parametrize("lie", TRIED)
def test_every_address_answers_or_says_why_not(lie: str, one_demo: Settings, database_url: str, tmp_path: Path) -> None:
    with copied(one_demo, database_url, tmp_path) as settings:
        logs = OpenLogs(settings, str(settings.database_url))
        try:
            with TestClient(create_app(logs)) as client:
                before = {path: client.get(path).status_code for path in ASKED}
                root = Superuser(str(settings.database_url), schema_of(logs[LOG].ledger.origin))
                for statement in LIES[lie][0]:
                    root.does(statement)
                root.close()
                after = {path: client.get(path).status_code for path in ASKED}
        finally:
            logs.close()
        assert {
            path: (before[path], code) for path, code in after.items() if code not in {before[path], 503, 409, 500}
        } == {}
