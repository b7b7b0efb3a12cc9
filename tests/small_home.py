"""A home with a database of its own and one log that holds nothing but its genesis: made in a second, dropped afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from api.bootstrap import log_named
from api.cli import main
from api.settings import Settings, read_settings
from api.submitting import _signed_draft
from ledger.signing.suites import from_pem

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


def registration(settings: Settings, name: str) -> dict[str, Any]:
    """A submission that registers a person, signed by two of the founders, whose keys ``begin_log`` left in the home."""
    folder = log_named(settings, LOG).folder / "founders"
    keys = [from_pem((folder / f"{role}.pem").read_bytes(), None) for role in ("opr", "sech")]
    payload = {"principal_id": name, "kind": "person"}
    draft = {"type": "PrincipalRegistered", "log": ORIGIN, "actor": "opr", "role": "OPR", "payload": payload}
    restricted = {"/person_name": "张三（演示）", "/id_number": name}
    value: dict[str, Any] = _signed_draft(draft | {"restricted": restricted}, keys).to_json()
    return value
