"""Putting the parts together: the database, the keys on disk, the logs of this home."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from api import hardware_keys
from api.settings import Settings
from ledger.application import Ledger
from ledger.clock import Clock
from ledger.errors import MalformedError, NotFoundError, RongjianError, UnavailableError
from ledger.identifiers import parse_origin
from ledger.log_signer import LogSigner
from ledger.signing import sm2, suites
from ledger.signing.keys import PrivateKey, from_pem, to_pem
from ledger.store import embedded
from ledger.store.database import Database, create_log_schema, schema_exists, schema_is_empty, schema_of
from ledger.store.timekeeping import Timekeeper, check_not_behind
from ledger.store.vault import KEK_LENGTH, Vault
from ledger.tlog.note import Ed25519Signer
from ledger.tlog.policy import Policy, parse_policy

#: Second segments of pages' addresses that are no log's.
RESERVED = frozenset({"bench", "desk", "rules"})

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogHome:
    """A log of this home: its short name (for URLs and commands), its origin, and where its files lie."""

    name: str
    origin: str
    folder: Path

    @property
    def seed_file(self) -> Path:
        """Seed of a demo log's cast; only demo logs have one."""
        return self.folder / "demo.seed"


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The database URL for the length of a block; the embedded server is started if need be."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded.running(settings.home) as server:
        yield server.url


def check_home(settings: Settings) -> None:
    """Make the home if there is none; raises UnavailableError where it is no folder of ours, before a service says that it is ready."""
    try:
        settings.home.mkdir(parents=True, mode=0o700, exist_ok=True)
        list(settings.home.iterdir())
    except OSError as error:
        raise UnavailableError(
            "home_unusable",
            f"{settings.home} cannot be used as home: {error.strerror}; choose a folder of your own (RONGJIAN_HOME)",
            f"{settings.home} 无法用作主目录；请另选目录（RONGJIAN_HOME）",
        ) from error


def logs_of(settings: Settings) -> list[LogHome]:
    """Every log of this home, by name."""
    folder = settings.home / "logs"
    found = []
    for file in sorted(folder.glob("*/log.json")):
        value = json.loads(file.read_text("utf-8"))
        found.append(LogHome(file.parent.name, value["origin"], file.parent))
    return found


def log_named(settings: Settings, name: str) -> LogHome:
    """A log by its short name."""
    for log in logs_of(settings):
        if log.name == name:
            return log
    names = ", ".join(log.name for log in logs_of(settings)) or "none"
    raise NotFoundError(
        "log_unknown", f"no log {name!r} here; there are: {names}", f"此处没有账本“{name}”；现有：{names}"
    )


def create_log(
    settings: Settings, url: str, name: str, origin: str, *, national: bool = False, token_key: str | None = None
) -> LogHome:
    """Create a log: its schema, its signing keys, its place in this home. Idempotent for the same origin.

    ``national`` gives it an SM2 key too, whose line stands under every checkpoint. ``token_key`` is the PKCS#11 URI of the
    key to sign with, where it shall not be a file.
    """
    parse_origin(origin)
    if name in RESERVED:
        raise MalformedError(
            "log_name_reserved", f"{name} is an address of the pages; choose another name", f"{name} 已用作页面地址；请另取账本名"
        )  # fmt: skip
    if not _NAME.fullmatch(name):
        raise MalformedError(
            "malformed_field",
            f"log name {name!r}: lower-case letters, digits, -",
            f"账本名“{name}”：小写字母、数字与 -",
        )
    log = LogHome(name, origin, settings.home / "logs" / name)
    existing = next((known for known in logs_of(settings) if known.name == name), None)
    if existing is not None and existing.origin != origin:
        raise MalformedError(
            "log_exists", f"log {name} has origin {existing.origin}", f"账本 {name} 的 origin 是 {existing.origin}"
        )
    made = schema_exists(url, schema_of(origin))
    if existing is not None and not made:
        # Begun anew here, one key would have signed two logs of one origin.
        raise _log_missing(origin)
    if existing is None and made and not schema_is_empty(url, schema_of(origin)):
        raise UnavailableError(
            "log_key_lost",
            f"the database holds a log {origin} whose signing key is not in {log.folder}; restore the folder, "
            "or use another database (RONGJIAN_DATABASE_URL)",
            f"数据库中已有账本 {origin}，但 {log.folder} 中没有其签名密钥；请恢复该目录，或改用另一数据库（RONGJIAN_DATABASE_URL）",
        )
    # Drawn before anything is made: a machine without OpenSSL 3 is told so, and no half of a log is left.
    third = suites.to_pem(sm2.generate(), None) if national and existing is None else None
    first = to_pem(PrivateKey(secrets.token_bytes(32)), None)
    if token_key is not None:
        hardware_keys.open_key(hardware_keys.parse_uri(token_key, settings.key_password))
        first = token_key.encode()
    _kek(settings, create=not logs_of(settings))
    create_log_schema(url, schema_of(origin))
    if existing is None:
        log.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        write_private(log.folder / "log.key", first)
        write_private(log.folder / "log.mldsa44.key", _mldsa44_pem(MLDSA44PrivateKey.generate()))
        if third is not None:
            write_private(log.folder / "log.sm2.key", third)
        write_private(log.folder / "log.json", json.dumps({"origin": origin}, ensure_ascii=False).encode())
    return log


def open_log(
    settings: Settings, url: str, log: LogHome, clock: Clock | None = None, *, check_head: bool = True
) -> Ledger:
    """Open a log for reading and writing; refuses an unsafe start (wrong key, behind on migrations, bad head).

    Without ``check_head`` the log is opened as it lies, to be verified or restored: nothing is compared and nothing is mended. Without a ``clock`` it is that of this machine, kept watch of (see :mod:`ledger.store.timekeeping`).
    """
    clock = Timekeeper() if clock is None else clock
    schema = schema_of(log.origin)
    if not schema_exists(url, schema):
        raise _log_missing(log.origin)
    create_log_schema(url, schema)
    database = Database(url, schema).open()
    try:
        vault = Vault(database, _kek(settings, create=False))
        vault.check()
        signer, policy = _signer(settings, log), _policy(log)
    except RongjianError:
        # An opening that fails again and again must not hold a pool each time.
        database.close()
        raise
    ledger = Ledger(database, vault, signer, clock, policy, _erasure_epoch(log, vault), restored_ranges(log))
    if not check_head:
        return ledger
    try:
        ledger.heads.check_last()
        ledger.erasures.enforce()
        vault.link_anew()
        _warn_of_time(ledger, clock)
    except RongjianError:
        ledger.close()
        raise
    return ledger


def _log_missing(origin: str) -> UnavailableError:
    return UnavailableError(
        "log_missing",
        f"the database has no log {origin}; restore it, or check RONGJIAN_DATABASE_URL",
        f"数据库中没有账本 {origin}；请恢复，或检查 RONGJIAN_DATABASE_URL",
    )


def _warn_of_time(ledger: Ledger, clock: Clock) -> None:
    try:
        check_not_behind(clock(), ledger.recorder.head().last_recorded_at)
    except UnavailableError as error:
        # Reading goes on; whoever records is told.
        _log.warning("nothing_can_be_recorded", origin=ledger.origin, code=error.code, **error.details)


def _erasure_epoch(log: LogHome, vault: Vault) -> int:
    """Up to which size erasures were of whole subjects. Kept beside the log's key as well: a restored database of before does not
    know it, and would take erasures of then for narrow ones."""
    value = json.loads((log.folder / "log.json").read_text("utf-8"))
    if "erasure_epoch" not in value:
        value["erasure_epoch"] = vault.epoch()
        write_private(log.folder / "log.json", json.dumps(value, ensure_ascii=False).encode())
    return int(value["erasure_epoch"])


def restored_ranges(log: LogHome) -> list[tuple[int, int]]:
    """Positions, first and last, that were taken from a mirror, which holds no openings. Kept beside the log's key: rows that
    somebody deletes must not look as if they had never been."""
    ranges = json.loads((log.folder / "log.json").read_text("utf-8")).get("restored", [])
    return [(int(first), int(last)) for first, last in ranges]


def note_restored(log: LogHome, first: int, last: int) -> None:
    """Note that a range of positions comes from a mirror, before it is written."""
    value = json.loads((log.folder / "log.json").read_text("utf-8"))
    value["restored"] = [*value.get("restored", []), [first, last]]
    write_private(log.folder / "log.json", json.dumps(value, ensure_ascii=False).encode())


def demo_seed(log: LogHome) -> bytes:
    """The seed of a demo log's cast, drawn once."""
    if not log.seed_file.exists():
        write_private(log.seed_file, secrets.token_bytes(32))
    return log.seed_file.read_bytes()


def _kek(settings: Settings, *, create: bool) -> bytes:
    if not settings.kek_file.exists():
        if not create:
            raise UnavailableError(
                "kek_lost",
                f"the key-encryption key {settings.kek_file} is missing; restore it (RONGJIAN_KEK_FILE). Without it "
                "restricted data cannot be opened; the log itself is unharmed",
                f"密钥加密密钥 {settings.kek_file} 不存在；请恢复（RONGJIAN_KEK_FILE）。缺少它则受限数据无法开启，账本本身不受影响",
            )
        write_private(settings.kek_file, secrets.token_bytes(KEK_LENGTH).hex().encode())
    try:
        return bytes.fromhex(settings.kek_file.read_text("ascii").strip())
    except (ValueError, OSError) as error:
        raise UnavailableError(
            "bad_kek",
            f"{settings.kek_file} does not hold 32 bytes in hexadecimal",
            f"{settings.kek_file} 应为 32 字节的十六进制",
        ) from error


def _signer(settings: Settings, log: LogHome) -> LogSigner:
    """The log's keys from its folder; ``log.key`` may name a key in a token instead."""
    first, second, third = (log.folder / name for name in ("log.key", "log.mldsa44.key", "log.sm2.key"))
    try:
        ed25519 = _ed25519(settings, first.read_bytes())
        mldsa44 = _mldsa44_from_pem(second.read_bytes(), second) if second.exists() else None
        national = sm2.from_pem(third.read_bytes(), None) if third.exists() else None
    except OSError as error:
        raise UnavailableError(
            "log_key_lost", f"the log's key {error.filename} cannot be read", f"账本密钥 {error.filename} 无法读取"
        ) from error
    return LogSigner(log.origin, ed25519, mldsa44, national)


def _ed25519(settings: Settings, content: bytes) -> Ed25519Signer:
    if content.startswith(hardware_keys.SCHEME.encode()):
        uri = content.decode("utf-8", "replace").strip()
        return hardware_keys.open_key(hardware_keys.parse_uri(uri, settings.key_password))
    return Ed25519PrivateKey.from_private_bytes(from_pem(content, None).seed)


def _policy(log: LogHome) -> Policy | None:
    """Whom this log asks to witness it, from ``witnesses.policy`` in its folder; None where there is no such file."""
    path = log.folder / "witnesses.policy"
    if not path.exists():
        return None
    policy = parse_policy(path.read_bytes())
    if not any(key.name == log.origin for key in policy.logs):
        raise MalformedError(
            "bad_policy",
            f"{path} does not list {log.origin}; its line is at /logs/{log.name}/policy",
            f"{path} 未列出 {log.origin}",
        )
    return policy


def _mldsa44_pem(key: MLDSA44PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _mldsa44_from_pem(data: bytes, path: Path) -> MLDSA44PrivateKey:
    try:
        key = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:
        raise UnavailableError(
            "key_file_unreadable", f"{path} is no PKCS 8 PEM file", f"{path} 不是 PKCS 8 PEM 文件"
        ) from error
    if not isinstance(key, MLDSA44PrivateKey):
        raise UnavailableError("key_file_unreadable", f"{path} holds no ML-DSA-44 key", f"{path} 不是 ML-DSA-44 密钥")
    return key


def write_private(path: Path, data: bytes) -> None:
    """Write a file readable by us alone; a crash leaves the old state or the new."""
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
