"""A log as an earlier version gave it out: its files, and its database restored into a home of its own."""

from __future__ import annotations

import gzip
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from api.home.settings import Settings, read_settings
from ledger.store.database import create_log_schema
from ledger.tlog.policy import Policy, parse_policy
from tests.small_home import TEST_HOST

#: What a dump of a newer server says to an older one, and to psql: settings that change nothing of the data.
_OF_THE_TOOL = re.compile(r"^(\\(un)?restrict .*|SET transaction_timeout = 0;)$", re.MULTILINE)


@dataclass(frozen=True)
class Given:
    """One log of one version."""

    version: str
    name: str

    @property
    def folder(self) -> Path:
        return Path(__file__).parent / self.version / self.name

    @property
    def policy(self) -> Policy:
        return parse_policy((self.folder / "policy").read_bytes())

    @property
    def vkey(self) -> str:
        """The log's Ed25519 key, as a policy lists it."""
        return (self.folder / "policy").read_text("utf-8").split()[1]

    def __str__(self) -> str:
        return f"{self.version}/{self.name}"


GIVEN = [
    Given(version.name, log.name)
    for version in sorted(Path(__file__).parent.glob("v*"))
    for log in sorted(version.iterdir())
    if log.is_dir()
]


@contextmanager
def home_of(given: Given, folder: Path, database_url: str, *, restored: bool) -> Iterator[Settings]:
    """A home with the log's keys and a database of its own, which holds the log as it was dumped, or nothing yet."""
    name = f"given_{secrets.token_hex(6)}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = psycopg.conninfo.make_conninfo(**(psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}))
    shutil.copytree(given.folder / "log", folder / "logs" / given.name)
    shutil.copy(given.folder.parent / "kek", folder / "kek")
    # A checkout knows no modes of secrets.
    for secret in (folder / "kek", *(folder / "logs" / given.name).rglob("*.key")):
        secret.chmod(0o600)
    try:
        if restored:
            # The role and the extension that a dump of one schema takes for granted.
            create_log_schema(url, "beside")
            with psycopg.connect(url) as connection:
                dump = gzip.decompress((given.folder / "schema.sql.gz").read_bytes()).decode()
                connection.execute(_OF_THE_TOOL.sub("", dump).encode())
        yield read_settings(
            {"RONGJIAN_HOME": str(folder), "RONGJIAN_DATABASE_URL": url, "RONGJIAN_ALLOWED_HOSTS": TEST_HOST}
        )
    finally:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
