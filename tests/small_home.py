"""A home with a database of its own and one log that holds nothing but its genesis: made in a second, dropped
afterwards.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.cli.parser import main
from api.cli.submissions import signed_draft
from api.home.bootstrap import head_file_of, log_named, open_log
from api.home.settings import Settings, read_settings
from ledger.application import Ledger
from ledger.errors import RongjianError
from ledger.newest_head import HeadFile
from ledger.signing.keys import PrivateKey, from_pem
from ledger.submission import Receipt

LOG, ORIGIN = "town", "test.rongjian.example/town"

#: The host that a test's client asks for, unless told otherwise.
TEST_HOST = "testserver"


@contextmanager
def own_database(database_url: str) -> Iterator[str]:
    """The address of a new database."""
    name = f"small_{secrets.token_hex(6)}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    info = psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}
    yield psycopg.conninfo.make_conninfo(**info)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def environment_of(folder: Path, url: str) -> Mapping[str, str]:
    """What a command finds about its home."""
    return {"RONGJIAN_HOME": str(folder), "RONGJIAN_DATABASE_URL": url, "RONGJIAN_ALLOWED_HOSTS": TEST_HOST}


def begin_log(name: str = LOG, origin: str = ORIGIN) -> None:
    """Create a log with its genesis in the home that the environment names."""
    made = ["init", name, "--origin", origin, "--jurisdiction", "某区", "--code", "410102", "--mode", "simulation"]
    assert main([*made, "--json"]) == 0


def settings_of(folder: Path, url: str) -> Settings:
    return read_settings(environment_of(folder, url))


@contextmanager
def begun_home(folder: Path, url: str) -> Iterator[Settings]:
    """A home with its log begun, which the environment names for the length of a block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(folder, url).items():
            patch.setenv(name, value)
        begin_log()
        yield settings_of(folder, url)


@dataclass
class Home:
    """A home with a log that is opened for each act, as commands do; ``keys`` is the folder of its people's keys."""

    settings: Settings
    log: str = LOG
    keys: str = "founders"
    count: int = 0

    def key(self, name: str) -> PrivateKey:
        return from_pem((self.folder / self.keys / f"{name}.pem").read_bytes(), None)

    @property
    def folder(self) -> Path:
        return self.settings.home / "logs" / self.log

    @property
    def file(self) -> HeadFile:
        return head_file_of(self.settings, log_named(self.settings, self.log))

    @contextmanager
    def open(self, **how: Any) -> Iterator[Ledger]:
        ledger = open_log(self.settings, str(self.settings.database_url), log_named(self.settings, self.log), **how)
        try:
            yield ledger
        finally:
            ledger.close()

    def records(self, ledger: Ledger) -> Receipt:
        self.count += 1
        draft = {
            "type": "PrincipalRegistered",
            "log": ledger.origin,
            "actor": "opr",
            "role": "OPR",
            "payload": {"principal_id": f"n{self.count}", "kind": "person"},
            "restricted": {"/person_name": "某", "/id_number": f"N{self.count}"},
        }
        return ledger.submit(signed_draft(draft, [self.key("opr"), self.key("sech")]))

    def declares(self, ledger: Ledger, first: int, last: int, root: bytes) -> Receipt:
        draft = {
            "type": "HistoryLossDeclared",
            "log": ledger.origin,
            "actor": "opr",
            "role": "OPR",
            "payload": {"lost_from": first, "lost_to": last, "root_hash": root.hex(), "reason": "备份不全"},
        }
        return ledger.submit(signed_draft(draft, [self.key("opr"), self.key("gov")]))

    def code_of_start(self) -> str:
        try:
            with self.open():
                return "open"
        except RongjianError as error:
            return error.code

    def outcome(self, ledger: Ledger) -> str:
        """What becomes of a submission: recorded, or the code of why not."""
        try:
            self.records(ledger)
        except RongjianError as error:
            return error.code
        return "recorded"


def registration(settings: Settings, name: str) -> dict[str, Any]:
    """A submission that registers a person, signed by two of the founders, whose keys ``begin_log`` left in the
    home.
    """
    folder = log_named(settings, LOG).folder / "founders"
    keys = [from_pem((folder / f"{role}.pem").read_bytes(), None) for role in ("opr", "sech")]
    payload = {"principal_id": name, "kind": "person"}
    draft = {"type": "PrincipalRegistered", "log": ORIGIN, "actor": "opr", "role": "OPR", "payload": payload}
    restricted = {"/person_name": "张三（演示）", "/id_number": name}
    value: dict[str, Any] = signed_draft(draft | {"restricted": restricted}, keys).to_json()
    return value
