"""A backup is restored as operations.md says: a dump, into a server that knows neither the log nor its role."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.cli.parser import main
from ledger.fsck.database import check_database
from ledger.store.database import APP_ROLE, schema_of
from tests.small_home import LOG, ORIGIN, Home, begun_home, settings_of
from tests.store.standby import Pair, pairs

#: What the role of the service may do, with which table or column.
_GRANTS = """
SELECT 'table', table_name, '', privilege_type FROM information_schema.role_table_grants
 WHERE grantee = %(role)s AND table_schema = %(schema)s
UNION SELECT 'column', table_name, column_name, privilege_type FROM information_schema.role_column_grants
 WHERE grantee = %(role)s AND table_schema = %(schema)s
UNION SELECT 'schema', nspname, '', 'USAGE' FROM pg_namespace
 WHERE nspname = %(schema)s AND has_schema_privilege(%(role)s, oid, 'USAGE')
"""


class Backup:
    """A home whose log grew after it was dumped, and which is connected to the dump, restored elsewhere."""

    def __init__(self, home: Home, first: Pair, second: Pair, folder: Path) -> None:
        self.home, self.first, self.second, self.folder = home, first, second, folder
        self.mirror = folder / "mirror"

    def dump(self) -> None:
        self._run(self.first, "pg_dump", "-Fc", "-f", self.folder / "dump", "-d", self.first.url())

    def restore(self, monkeypatch: pytest.MonkeyPatch) -> int:
        code = self._run(self.second, "pg_restore", "-d", self.second.url(), self.folder / "dump")
        monkeypatch.setenv("RONGJIAN_DATABASE_URL", self.second.url())
        self.home.settings = settings_of(self.home.settings.home, self.second.url())
        return code

    def grants(self, server: Pair) -> list[Any]:
        """None where the server does not know the role."""
        with psycopg.connect(server.url()) as connection:
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone() is None:
                return []
            names = {"role": APP_ROLE, "schema": schema_of(ORIGIN)}
            return sorted(connection.execute(_GRANTS.encode(), names).fetchall())

    @staticmethod
    def _run(server: Pair, program: str, *arguments: object) -> int:
        command = [str(server.binaries / program), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Pair, Pair]]:
    with pairs() as first, pairs() as second:
        yield first, second


@pytest.fixture
def backup(servers: tuple[Pair, Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backup]:
    """The log has come to seven entries and two index heads; the dump holds four and one."""
    first, second = servers
    with ExitStack() as stack:
        for server in servers:
            stack.callback(_forget, server)
        backup = Backup(Home(stack.enter_context(begun_home(tmp_path / "home", first.url()))), first, second, tmp_path)
        for size in (4, 7):
            with backup.home.open() as ledger:
                while ledger.size() < size:
                    backup.home.records(ledger)
            assert main(["export", LOG, str(backup.mirror)]) == 0
            if size == 4:
                backup.dump()
        yield backup


def _forget(server: Pair) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema_of(ORIGIN)}" CASCADE'.encode())
        connection.execute("DROP EXTENSION IF EXISTS btree_gist")
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone():
            connection.execute(f"DROP OWNED BY {APP_ROLE}".encode())
            connection.execute(f"DROP ROLE {APP_ROLE}".encode())


def _code(*arguments: object) -> str:
    """How a command ended: its exit code, as text."""
    return str(main([str(a) for a in arguments]))


def test_a_dump_restored_where_the_role_is_unknown_is_granted_what_it_was(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pg_restore tells of each grant that it could not give, and restores the rest.
    assert backup.restore(monkeypatch) == 1
    assert backup.grants(backup.second) == []
    assert backup.home.code_of_start() == "rolled_back"
    assert backup.grants(backup.second) == backup.grants(backup.first) != []


def test_a_dump_restored_where_the_role_was_created_first_restores_whole(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(backup.second.url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN".encode())
    assert backup.restore(monkeypatch) == 0
    assert backup.home.code_of_start() == "rolled_back"
    assert backup.grants(backup.second) == backup.grants(backup.first)


def test_founders_declare_what_a_backup_has_not_and_the_log_goes_on(
    backup: Backup, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backup.restore(monkeypatch)
    draft, signed = backup.folder / "draft.json", backup.folder / "signed.json"
    keys = [f"--key={backup.home.folder / 'founders' / name}.pem" for name in ("opr", "gov")]
    assert _code("serve") == "4"
    assert "代码：rolled_back" in capsys.readouterr().err
    assert _code("head", "loss", LOG, "--reason", "服务器损毁", "-o", draft) == "0"
    assert _code("sign", draft, *keys, "-o", signed) == "0"
    assert _code("submit", signed, "--log", LOG) == "0"
    with backup.home.open() as ledger:
        assert backup.home.records(ledger).position == 6
    assert _code("verify", LOG) == "0"
    assert _code("export", LOG, backup.folder / "now") == "0"


def test_a_mirror_brings_back_what_a_backup_has_not(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries and index heads; nobody declares anything."""
    backup.restore(monkeypatch)
    assert backup.home.code_of_start() == "rolled_back"
    assert _code("mirror", "restore", backup.mirror, LOG) == "0"
    assert backup.home.code_of_start() == "open"
    assert _code("verify", LOG, "--against", backup.mirror) == "0"
    with backup.home.open() as ledger:
        assert ledger.index_log.size() == 2
        assert backup.home.records(ledger).position == 8
        assert check_database(ledger) == []
    assert _code("export", LOG, backup.mirror) == "0"


def test_a_home_of_the_same_backup_learns_from_a_mirror_how_far_the_log_had_come(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Database and folder of one night: without what others hold nothing would be amiss."""
    there = backup.home.file.read()
    backup.restore(monkeypatch)
    with backup.home.file.held():
        backup.home.file.write(replace(there, size=4, root=dict(there.earlier)[4], earlier=there.earlier[:3]))
    assert backup.home.code_of_start() == "open"
    assert _code("head", "adopt", LOG, "--from", backup.mirror / "checkpoint", "--unattested") == "0"
    assert (backup.home.file.read().size, backup.home.code_of_start()) == (there.size, "rolled_back")
    for name in ("newest-head.json", "newest-index-head.json"):
        (backup.home.folder / name).unlink()
    assert backup.home.code_of_start() == "newest_head_lost"
    assert _code("head", "adopt", LOG, "--from", backup.mirror / "checkpoint", "--unattested") == "0"
    assert (backup.home.file.read().size, backup.home.code_of_start()) == (there.size, "rolled_back")
