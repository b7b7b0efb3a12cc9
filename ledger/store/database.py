"""Connections to PostgreSQL: one schema per log, numbered forward-only migrations, errors translated once.

Every connection works under the role ``rongjian_app``, which may INSERT and SELECT on the log and nothing
else; triggers refuse changes for everyone, the owner included.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from ipaddress import ip_address
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Connection, sql
from psycopg_pool import ConnectionPool, PoolTimeout

from ledger.errors import UnavailableError

APP_ROLE = "rongjian_app"

#: Oldest PostgreSQL whose features we use (multirange-free GiST, sha256(), MERGE-free SQL): tested on 15 and 18.
SERVER_VERSION_MIN = 150000

#: Seconds to wait for a connection, and milliseconds for a lock or a statement, before giving up loudly.
CONNECT_TIMEOUT = 10
LOCK_TIMEOUT_MS = 30_000
STATEMENT_TIMEOUT_MS = 120_000

#: Seconds for which a connection that was in use counts as alive.
FRESH = 0.5

#: Seconds after which a caller may hope for the database again: by then a restarted one has been connected to.
RECONNECT = 10

#: Serialises migrations of all processes on one database.
_MIGRATION_LOCK = 7_265_676_661

_MIGRATION = re.compile(r"(\d{4})_[a-z_]+\.sql")

Row = tuple[Any, ...]


def schema_of(origin: str) -> str:
    """The schema of a log: readable, and unique by a hash of the origin."""
    slug = re.sub(r"[^a-z0-9]+", "_", origin)[:40].strip("_")
    return f"log_{slug}_{hashlib.sha256(origin.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Server:
    """A database cluster and the timeline it is on: after each promotion of a standby the next one."""

    identifier: str
    timeline: int


def server_of(connection: Connection[Row]) -> Server:
    """Which server answers a connection that may write."""
    row = connection.execute(
        "SELECT system_identifier::text, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
        " FROM pg_control_system()"
    ).fetchone()
    assert row is not None
    return Server(str(row[0]), int(row[1]))


class Database:
    """A pool of connections to one log's schema."""

    def __init__(self, url: str, schema: str, *, size: int = 8) -> None:
        self.url = url
        self.schema = schema
        self._pool: ConnectionPool[Connection[Row]] = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            timeout=CONNECT_TIMEOUT,
            kwargs={"autocommit": True},
            configure=self._configure,
            check=self._check,
            reset=self._returned,
        )
        self._used: WeakKeyDictionary[Connection[Row], float] = WeakKeyDictionary()

    def open(self, timeout: float = CONNECT_TIMEOUT) -> Database:
        """Open the pool; raises UnavailableError if the database does not answer within ``timeout`` seconds."""
        with translated():
            self._pool.open(wait=True, timeout=timeout)
        return self

    def close(self) -> None:
        self._pool.close()

    @cached_property
    def remote(self) -> bool:
        """Does the database run on another machine, whose clock is another one?"""
        with self.connection() as connection:
            host, address = connection.info.host, connection.info.hostaddr
        return not (host.startswith(("/", "@")) or ip_address(address).is_loopback)

    @contextmanager
    def connection(self) -> Iterator[Connection[Row]]:
        """A connection in autocommit mode; database errors leave as UnavailableError."""
        with translated(), self._pool.connection() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection[Row]]:
        """A connection inside one transaction."""
        with self.connection() as connection, connection.transaction():
            yield connection

    def _returned(self, connection: Connection[Row]) -> None:
        self._used[connection] = time.monotonic()

    def _check(self, connection: Connection[Row]) -> None:
        """Is the server still there? One that answered a moment ago is not asked again: a submission takes fifteen turns."""
        if time.monotonic() - self._used.get(connection, -FRESH) >= FRESH:
            ConnectionPool.check_connection(connection)

    def _configure(self, connection: Connection[Row]) -> None:
        connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(self.schema)))
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(APP_ROLE)))
        connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")


@contextmanager
def translated() -> Iterator[None]:
    """Turn database errors into UnavailableError, once, at the boundary."""
    try:
        yield
    except PoolTimeout as error:
        raise UnavailableError(
            "database_unavailable",
            "the database does not answer; start it or check RONGJIAN_DATABASE_URL, then submit again",
            "数据库无响应；请启动数据库或检查 RONGJIAN_DATABASE_URL，然后重新提交",
            retry_after=RECONNECT,
        ) from error
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory) as error:
        raise UnavailableError(
            "database_full",
            "the database has no space left; free some, then submit again with the same id",
            "数据库空间已满；请腾出空间后用同一 id 重新提交",
        ) from error
    except psycopg.OperationalError as error:
        raise UnavailableError(
            "database_unavailable",
            f"the database failed: {_first_line(error)}; see that it runs (RONGJIAN_DATABASE_URL). What was being submitted may be "
            "submitted again with the same id",
            "数据库出错；请确认其已启动（RONGJIAN_DATABASE_URL）。正在提交的声明可用同一 id 重新提交",
            retry_after=RECONNECT,
        ) from error
    except psycopg.Error as error:
        raise UnavailableError(
            "database_error", f"the database refused: {_first_line(error)}", "数据库拒绝了操作"
        ) from error


def create_log_schema(url: str, schema: str) -> list[str]:
    """Create or migrate the schema of a log; returns the names of migrations applied now. Idempotent."""
    with translated(), psycopg.connect(url, autocommit=False, connect_timeout=CONNECT_TIMEOUT) as connection:
        if connection.info.server_version < SERVER_VERSION_MIN:
            raise UnavailableError(
                "database_too_old",
                f"PostgreSQL {connection.info.server_version // 10000} is too old; 15 or newer is needed",
                "PostgreSQL 版本过低，需要 15 或更新",
            )
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
        connection.execute("SET LOCAL lock_timeout = '30s'")
        _create_role(connection)
        connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public")
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), sql.Identifier(APP_ROLE))
        )
        connection.execute(sql.SQL("SET LOCAL search_path TO {}, public").format(sql.Identifier(schema)))
        return _migrate(connection)


def schema_exists(url: str, schema: str) -> bool:
    """Has this log been created in this database?"""
    with translated(), psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT) as connection:
        found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone()
        return found is not None


def schema_is_empty(url: str, schema: str) -> bool:
    """Does the log of this schema, which exists, hold no entry? A creation may have been cut short."""
    with translated(), psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT) as connection:
        found = connection.execute(sql.SQL("SELECT 1 FROM {}.entry LIMIT 1").format(sql.Identifier(schema))).fetchone()
        return found is None


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and SQL of every shipped migration, in order."""
    found = []
    for file in resources.files("ledger.store").joinpath("migrations").iterdir():
        match = _MIGRATION.fullmatch(file.name)
        if match:
            found.append((int(match[1]), file.name, file.read_text("utf-8")))
    return sorted(found)


def _create_role(connection: Connection[Row]) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone()
    if not exists:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(APP_ROLE)))
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(APP_ROLE)))


def _migrate(connection: Connection[Row]) -> list[str]:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL)"
    )
    rows = connection.execute("SELECT number, sha256 FROM migration").fetchall()
    applied = {int(number): str(digest) for number, digest in rows}
    done = []
    for number, name, text in migrations():
        digest = hashlib.sha256(text.encode()).hexdigest()
        if number in applied:
            if applied[number] != digest:
                raise UnavailableError(
                    "migration_changed",
                    f"migration {name} was applied with other bytes; migrations are never edited",
                    f"迁移 {name} 与当时执行的内容不同；迁移文件不得修改",
                )
            continue
        connection.execute(text.replace("${app}", APP_ROLE).encode())
        connection.execute("INSERT INTO migration VALUES (%s, %s, %s)", (number, name, digest))
        done.append(name)
    return done


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
