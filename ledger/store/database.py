"""Connections to PostgreSQL: one schema per log, numbered forward-only migrations, errors translated once.

Every connection works under the role ``rongjian_app``, which may INSERT and SELECT on the log and nothing
else; triggers refuse changes for everyone, the owner included.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib import resources
from ipaddress import ip_address
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Connection, sql
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import ConnectionPool, PoolTimeout

from ledger.errors import InvariantError, UnavailableError
from ledger.sentences import sentence
from ledger.store.arrays import understand_arrays
from ledger.store.breaker import ANSWER_TIMEOUT, CircuitBreaker, not_admitted, refuses_us
from ledger.store.commit_watch import Commits, Confirmation

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

#: Seconds to wait for a connection of the pool before asking whether the database is there at all.
PATIENCE = 0.5

#: Seconds after a write that found no space in which none is believed to be; then it is tried.
FULL_FOR = 30.0

#: Serialises migrations of all processes on one database.
_MIGRATION_LOCK = 7_265_676_661

#: What a migration lets the role of the service do.
_GRANT = re.compile(r"^GRANT [^;]*;", re.MULTILINE)

_MIGRATION = re.compile(r"(\d{4})_[a-z_]+\.sql")

#: How values are spelt on the way, and what a transaction may do and see, is ours to say, whatever the database or the
#: role is set to.
_SETTINGS = (
    "client_encoding = 'UTF8'",
    "standard_conforming_strings = on",
    "bytea_output = 'hex'",
    "datestyle = 'ISO, YMD'",
    "timezone = 'UTC'",
    "quote_all_identifiers = off",
    "transform_null_equals = off",
    "row_security = on",
    "default_transaction_read_only = off",
    "default_transaction_isolation = 'read committed'",
    "default_transaction_deferrable = off",
)

#: A commit that nobody has written down is none; how many standbys have it stays the operator's choice.
_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"

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


#: Of ``pg_control_system()``: which server answers, and on which timeline.
SERVER: Final = "system_identifier::text, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"


def server_of(connection: Connection[Row]) -> Server:
    """Which server answers a connection that may write."""
    row = connection.execute(f"SELECT {SERVER} FROM pg_control_system()".encode()).fetchone()
    if row is None:
        raise InvariantError("a query that gives one row gave none")
    return Server(str(row[0]), int(row[1]))


class Database:
    """A pool of connections to one log's schema.

    One that does not answer fails callers at once (see :mod:`ledger.store.breaker`), and a commit has a deadline (see
    :mod:`ledger.store.commit_watch`).
    """

    def __init__(self, url: str, schema: str, *, size: int = 8) -> None:
        self.url = url
        self.schema = schema
        self._pool: ConnectionPool[Connection[Row]] = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            timeout=CONNECT_TIMEOUT,
            # Beyond it the pool's own attempts come ever more seldom; callers make it try again.
            reconnect_timeout=RECONNECT / 2,
            kwargs={"autocommit": True},
            configure=self._configure,
            check=self._check,
            reset=self._returned,
        )
        self._used: WeakKeyDictionary[Connection[Row], float] = WeakKeyDictionary()
        self._lent: set[Connection[Row]] = set()
        self._breaker = CircuitBreaker(self._reach, RECONNECT)
        self._commits = Commits()
        self._confirmation = Confirmation(self._commit_something, RECONNECT)
        self._full_since: float | None = None

    def open(self, timeout: float = CONNECT_TIMEOUT) -> Database:
        """Open the pool; raises UnavailableError if the database does not answer within ``timeout`` seconds."""
        with translated():
            try:
                self._pool.open(wait=True, timeout=timeout)
            except PoolTimeout:
                # The pool says only that there is no connection; the server says why.
                self._breaker.look()
                raise
        # A process before this one may have ended between a commit and its confirmation.
        if self._waits_for_standbys():
            with suppress(UnavailableError):
                self._commit_something()
        return self

    def close(self) -> None:
        self._commits.stop()
        self._confirmation.stop()
        self._pool.close()
        # The pool forgets, now and then, one that was on its way back to it; the server would keep it until it is
        # collected.
        for connection in [c for c in list(self._used) if c not in self._lent]:
            connection.close()

    @cached_property
    def remote(self) -> bool:
        """Does the database run on another machine, whose clock is another one?"""
        with self.connection() as connection:
            host, address = connection.info.host, connection.info.hostaddr
        return not (host.startswith(("/", "@")) or ip_address(address).is_loopback)

    @contextmanager
    def connection(self) -> Iterator[Connection[Row]]:
        """A connection in autocommit mode; database errors leave as UnavailableError."""
        with translated():
            connection = self._taken()
            self._lent.add(connection)
            try:
                with connection:
                    yield connection
            except psycopg.errors.DiskFull:
                self._full_since = time.monotonic()
                raise
            finally:
                self._lent.discard(connection)
                self._pool.putconn(connection)

    @contextmanager
    def transaction(self) -> Iterator[Connection[Row]]:
        """A connection inside one transaction.

        Raises UnknownOutcomeError where its COMMIT was not confirmed in time; until a later one is,
        :meth:`check_confirmed` refuses.
        """
        with self.connection() as connection:
            watch = self._commits.watch(connection)
            try:
                with connection.transaction():
                    yield connection
                    watch.begin()
            except psycopg.OperationalError as error:
                if not watch.late:
                    raise
                raise self._confirmation.doubted() from error
            finally:
                self._commits.forget(watch)
            if watch.unconfirmed:
                raise self._confirmation.doubted()

    def check_confirmed(self) -> None:
        """Raise UnknownOutcomeError while a commit of this process waits to be confirmed by a later one."""
        self._confirmation.check()

    def check_answering(self) -> None:
        """Raise UnavailableError where the database takes no connection."""
        self._breaker.look()

    def check_space(self) -> None:
        """Raise UnavailableError where a write found no space a moment ago, or since when there is none still."""
        if self._full_since is None:
            return
        if time.monotonic() - self._full_since < FULL_FOR:
            raise _full()
        with self.connection() as connection, connection.transaction(force_rollback=True):
            # About a megabyte, in a table as good as another that leaves nothing behind.
            connection.execute("CREATE TEMPORARY TABLE room AS SELECT md5(n::text) FROM generate_series(1, 20000) n")
        self._full_since = None

    def note_written(self) -> None:
        """Something was written and committed: there is space."""
        self._full_since = None

    def longest_commit(self) -> float:
        """Seconds for which the oldest COMMIT under way has been waiting; 0 where there is none."""
        return self._commits.longest()

    def _taken(self) -> Connection[Row]:
        """A connection of the pool, as soon as there is one; whether there will be one is asked for meanwhile."""
        deadline = time.monotonic() + CONNECT_TIMEOUT
        self._breaker.check()
        while True:
            left = deadline - time.monotonic()
            try:
                return self._pool.getconn(timeout=max(0.01, min(PATIENCE, left)))
            except PoolTimeout:
                if left <= PATIENCE:
                    raise
                self._breaker.look()

    def _reach(self) -> None:
        psycopg.connect(self.url, connect_timeout=ANSWER_TIMEOUT).close()

    def _waits_for_standbys(self) -> bool:
        with self.connection() as connection:
            row = connection.execute(
                "SELECT current_setting('synchronous_standby_names') <> '' AND NOT pg_is_in_recovery()"
            ).fetchone()
        return row is not None and bool(row[0])

    def _commit_something(self) -> None:
        """A commit that changes nothing: once a standby has it, it has all that was committed before. One that is
        rolled back, or that writes nothing, is never waited for.
        """
        with self.transaction() as connection:
            connection.execute("SELECT pg_logical_emit_message(true, 'rongjian', '')")

    def _returned(self, connection: Connection[Row]) -> None:
        self._used[connection] = time.monotonic()

    def _check(self, connection: Connection[Row]) -> None:
        """Is the server still there?

        One that answered a moment ago is not asked again: a submission takes fifteen turns.
        """
        if time.monotonic() - self._used.get(connection, -FRESH) >= FRESH:
            ConnectionPool.check_connection(connection)

    def _configure(self, connection: Connection[Row]) -> None:
        _settle(connection)
        connection.adapters.register_loader("timestamptz", _InstantLoader)
        understand_arrays(connection)
        # Nothing of ours lies in public, where others may put functions of any name.
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(self.schema)))
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(APP_ROLE)))
        connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        self._returned(connection)


def _settle(connection: Connection[Row]) -> None:
    connection.execute("; ".join(f"SET {setting}" for setting in _SETTINGS).encode())
    connection.execute(_DURABLE)


@contextmanager
def _connected(url: str) -> Iterator[Connection[Row]]:
    """One connection of the owner's, in a transaction, set as ours are; database errors leave as UnavailableError."""
    with translated(), psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT) as connection:
        _settle(connection)
        with connection.transaction():
            yield connection


class _InstantLoader(TimestamptzLoader):
    """Instants that a database can hold and this language cannot (infinity, before the year 1, after 9999) are read as
    the first or last one that it can: what somebody wrote over a time is compared like any other, and found.
    """

    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data)
        except psycopg.DataError:
            early = bytes(data).startswith(b"-") or bytes(data).endswith(b"BC")
            return datetime(1, 1, 1, tzinfo=UTC) if early else datetime(9999, 12, 31, tzinfo=UTC)


@contextmanager
def translated() -> Iterator[None]:
    """Turn database errors into UnavailableError, once, at the boundary."""
    try:
        yield
    except PoolTimeout as error:
        raise UnavailableError(
            "database_unavailable",
            sentence("the database does not answer; start it or check RONGJIAN_DATABASE_URL, then submit again"),
            retry_after=RECONNECT,
        ) from error
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory) as error:
        raise _full() from error
    except psycopg.OperationalError as error:
        if refuses_us(error):
            raise not_admitted() from error
        raise UnavailableError(
            "database_unavailable",
            sentence(
                "the database failed: {error}; see that it runs (RONGJIAN_DATABASE_URL). What was being submitted may "
                "be submitted again with the same id",
                error=_first_line(error),
            ),
            retry_after=RECONNECT,
        ) from error
    except psycopg.Error as error:
        raise UnavailableError(
            "database_error", sentence("the database refused: {error}", error=_first_line(error))
        ) from error


def _full() -> UnavailableError:
    return UnavailableError(
        "database_full",
        sentence("the database has no space left; free some, then submit again with the same id"),
    )


def create_log_schema(url: str, schema: str) -> list[str]:
    """Create or migrate the schema of a log; returns the names of migrations applied now. Idempotent."""
    with _connected(url) as connection:
        if connection.info.server_version < SERVER_VERSION_MIN:
            raise UnavailableError(
                "database_too_old",
                sentence(
                    "PostgreSQL {server_version} is too old; 15 or newer is needed",
                    server_version=connection.info.server_version // 10000,
                ),
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
        done = _migrate(connection)
        _grant_anew(connection)
        return done


def schema_exists(url: str, schema: str) -> bool:
    """Has this log been created in this database?"""
    with _connected(url) as connection:
        found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone()
        return found is not None


def schema_is_empty(url: str, schema: str) -> bool:
    """Does the log of this schema, which exists, hold no entry? A creation may have been cut short."""
    with _connected(url) as connection:
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
        # The lock of migrations is the database's, the role the cluster's: another database may create it at the same
        # time.
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation), connection.transaction():
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
                    sentence("migration {name} was applied with other bytes; migrations are never edited", name=name),
                )
            continue
        connection.execute(text.replace("${app}", APP_ROLE).encode())
        connection.execute("INSERT INTO migration VALUES (%s, %s, %s)", (number, name, digest))
        done.append(name)
    return done


def _grant_anew(connection: Connection[Row]) -> None:
    """Where a dump was restored into a server that had no such role, its grants are gone: give them as the migrations
    did.
    """
    row = connection.execute("SELECT has_table_privilege(%s, 'entry', 'SELECT')", (APP_ROLE,)).fetchone()
    if row is not None and row[0]:
        return
    for _, _, text in migrations():
        for grant in _GRANT.findall(text):
            connection.execute(grant.replace("${app}", APP_ROLE).encode())


#: Where an address or a list of settings would show its password.
_PASSWORD = re.compile(r"(://[^:@/\s]*:)[^@\s]*(?=@)|(password\s*=\s*)('[^']*'|\S+)", re.IGNORECASE)


def _first_line(error: psycopg.Error) -> str:
    said = _PASSWORD.sub(r"\1\2***", str(error).strip())
    return said.splitlines()[0][:200] if said else type(error).__name__
