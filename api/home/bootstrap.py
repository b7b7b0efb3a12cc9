"""Putting the parts together: the database, the keys on disk, the logs of this home."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from api.heads.stamper import authorities_of, believed
from api.home import hardware_keys
from api.home.private_files import check_private, secrets_of
from api.home.settings import Settings
from api.sentences import sentence
from ledger.application import Ledger
from ledger.clock import Clock
from ledger.errors import InvariantError, MalformedError, NotFoundError, RongjianError, UnavailableError
from ledger.identifiers import parse_origin
from ledger.log_signer import LogSigner
from ledger.newest_head import HeadFile, NewestHead
from ledger.proven_log import ProvenLog
from ledger.signing import sm2, suites
from ledger.signing.keys import PrivateKey, from_pem, to_pem
from ledger.store import embedded
from ledger.store.catalogue import check_unaltered
from ledger.store.database import Database, create_log_schema, schema_exists, schema_is_empty, schema_of, server_of
from ledger.store.head_keepers import register_keeper
from ledger.store.odd_rows import reading_rows
from ledger.store.private_file import alone, write_private
from ledger.store.timekeeping import Timekeeper, check_not_behind
from ledger.store.vault import KEK_LENGTH, Vault, derived
from ledger.tlog.note import Ed25519Signer
from ledger.tlog.policy import Policy, parse_policy

#: Second segments of pages' addresses that are no log's.
RESERVED = frozenset({"bench", "desk", "rules"})

#: Name of the file beside the log's key that says how far the log has come.
NEWEST_HEAD = "newest-head.json"

#: Codes of what is the matter of the whole home; anything else is wrong with one log of it.
OF_THE_HOME = frozenset({"database_unavailable", "database_refuses_us", "bad_kek", "kek_lost"})

#: Entries proven, entries in all.
Progress = Callable[[int, int], None]

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
    """Make the home if there is none; raises UnavailableError where it is no folder of ours, before a service says that
    it is ready.
    """
    try:
        settings.home.mkdir(parents=True, mode=0o700, exist_ok=True)
        list(settings.home.iterdir())
    except OSError as error:
        raise UnavailableError(
            "home_unusable",
            sentence(
                "{home} cannot be used as home: {strerror}; choose a folder of your own (RONGJIAN_HOME)",
                home=settings.home,
                strerror=error.strerror,
            ),
        ) from error


def logs_of(settings: Settings) -> list[LogHome]:
    """Every log of this home, by name."""
    folder = settings.home / "logs"
    found = []
    for file in sorted(folder.glob("*/log.json")):
        found.append(LogHome(file.parent.name, _description(file.parent).origin, file.parent))
    return found


def log_named(settings: Settings, name: str) -> LogHome:
    """A log by its short name."""
    for log in logs_of(settings):
        if log.name == name:
            return log
    names = ", ".join(log.name for log in logs_of(settings)) or sentence("none")
    raise NotFoundError(
        "log_unknown", sentence("no log {name} here; there are: {names}", name=(name, repr(name)), names=names)
    )


def create_log(
    settings: Settings, url: str, name: str, origin: str, *, national: bool = False, token_key: str | None = None
) -> LogHome:
    """Create a log: its schema, its signing keys, its place in this home. Idempotent for the same origin.

    ``national`` gives it an SM2 key too, whose line stands under every checkpoint. ``token_key`` is the PKCS#11 URI of
    the key to sign with, where it shall not be a file.
    """
    parse_origin(origin)
    if name in RESERVED:
        raise MalformedError(
            "log_name_reserved",
            sentence("{name} is an address of the pages; choose another name", name=name),
        )
    if not _NAME.fullmatch(name):
        raise MalformedError(
            "malformed_field",
            sentence("log name {name}: lower-case letters, digits, -", name=(name, repr(name))),
        )
    log = LogHome(name, origin, settings.home / "logs" / name)
    existing = next((known for known in logs_of(settings) if known.name == name), None)
    if existing is not None and existing.origin != origin:
        raise MalformedError(
            "log_exists", sentence("log {name} has origin {origin}", name=name, origin=existing.origin)
        )
    made = schema_exists(url, schema_of(origin))
    if existing is not None and not made:
        # Begun anew here, one key would have signed two logs of one origin.
        raise _log_missing(origin)
    if existing is None and made and not schema_is_empty(url, schema_of(origin)):
        raise UnavailableError(
            "log_key_lost",
            sentence(
                "the database holds a log {origin} whose signing key is not in {folder}; restore the folder, or use "
                "another database (RONGJIAN_DATABASE_URL)",
                origin=origin,
                folder=log.folder,
            ),
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
    settings: Settings,
    url: str,
    log: LogHome,
    clock: Clock | None = None,
    *,
    proving: bool = True,
    after_loss: bool = False,
    progress: Progress | None = None,
) -> Ledger:
    """Open a log for reading and writing; refuses an unsafe start (wrong key, spoilt log, a head below the newest one).

    The whole log is read once and proven, with ``progress``; without ``proving`` it is opened as its rows say, to be
    examined or rebuilt. ``after_loss`` opens one that has lost entries too, so that founders can declare it. Without a
    ``clock`` it is that of this machine, kept watch of (see :mod:`ledger.store.timekeeping`).
    """
    for secret in (settings.kek_file, *secrets_of(log.folder)):
        check_private(secret)
    clock = Timekeeper() if clock is None else clock
    schema = schema_of(log.origin)
    if not schema_exists(url, schema):
        raise _log_missing(log.origin)
    _migrated(url, schema, tolerant=not proving)
    database = Database(url, schema).open()
    try:
        with reading_rows():
            if proving:
                with database.connection() as connection:
                    check_unaltered(connection, schema)
            kek = _kek(settings, create=False)
            vault = Vault(database, kek)
            vault.check()
            signer, policy = _signer(settings, log), _policy(log)
            file = _head_file(log, kek)
    except RongjianError:
        # An opening that fails again and again must not hold a pool each time.
        database.close()
        raise
    ledger = Ledger(
        database, vault, signer, clock, policy, _erasure_epoch(log, vault), file, restored_ranges(log), proving=proving
    )
    if not proving:
        return ledger
    try:
        with reading_rows():
            _prove(ledger, log, file, progress, after_loss=after_loss)
            ledger.erasures.enforce()
            ledger.outside.authorities = believed(authorities_of(log.folder))
            sealed_before = _description(log.folder).sealed_links
            ledger.identities.seal(adopting=not sealed_before)
            if not sealed_before:
                _remember(log, sealed_links=True)
            _warn_of_time(ledger, clock)
    except RongjianError:
        ledger.close()
        raise
    return ledger


def _migrated(url: str, schema: str, *, tolerant: bool) -> None:
    """Bring a log's schema to the newest version.

    ``tolerant`` of one that cannot be: what is wrong with it is for verify to name.
    """
    try:
        create_log_schema(url, schema)
    except UnavailableError as error:
        if not tolerant or error.code not in {"migration_changed", "database_error"}:
            raise


def _prove(ledger: Ledger, log: LogHome, file: HeadFile, progress: Progress | None, *, after_loss: bool) -> None:
    """Read the log once, and compare it with the newest head beside its key before anything is signed."""
    with ledger.database.connection() as connection:
        server = server_of(connection)
    if isinstance(ledger.log, ProvenLog) and progress is not None:
        ledger.log.progress = progress
    head = ledger.log.head()
    if not keeps_newest_head(log):
        ledger.heads.check_last()
        # The first start of a version that keeps it: what the database holds, which leads to its last signed head.
        with file.held():
            if not file.path.exists():
                root, keeper = head.frontier.root(), secrets.token_hex(16)
                file.write(NewestHead(log.origin, head.size, root, head.last_recorded_at, keeper, server))
        _remember(log, newest_head=True)
    _check_place(log, file)
    continuity = ledger.heads.continuity
    if continuity is None:
        raise InvariantError("a home whose head is kept has no file of it")
    if continuity.seen_in(server):
        _log.warning("database_server_changed", origin=log.origin, server=server.identifier, timeline=server.timeline)
    if not after_loss:
        continuity.check()
    ledger.heads.check_last()
    policy = ledger.heads.policy
    register_keeper(ledger.database, file.read().keeper, file.log, witnessed=policy is not None and policy.waits)


def _check_place(log: LogHome, file: HeadFile) -> None:
    """The home is where it was.

    Raises UnavailableError where this is a copy of it: two that go on are two histories under one key.
    """
    there = file.read().place
    if there is None:
        # The first start of a version that notes it.
        file.settle()
    elif not there.is_of(file.place()):
        raise UnavailableError(
            "home_copied",
            sentence(
                "{folder} is a copy, or was restored from a backup: the original signs {name} with the same key, and "
                "two histories under one key cannot be mended. If it is gone for good, and nothing was given out "
                "since the copy was made, this home goes on: rongjian head keep {name}",
                folder=log.folder,
                name=log.name,
            ),
        )


def head_file_of(settings: Settings, log: LogHome) -> HeadFile:
    """The file of a log's newest head. Raises UnavailableError where the key that seals it is missing."""
    return _head_file(log, _kek(settings, create=False))


def keeps_newest_head(log: LogHome) -> bool:
    """Has this home begun to keep the newest head of a log? From then on a file that is missing was lost."""
    return _description(log.folder).newest_head


def _head_file(log: LogHome, kek: bytes) -> HeadFile:
    return HeadFile(log.folder / NEWEST_HEAD, log.origin, derived(kek, b"rongjian/newest-head/v1"))


@dataclass(frozen=True, slots=True)
class _Description:
    """What ``log.json`` says of the log beside it: whose it is, and what this home remembers of it."""

    origin: str
    sealed_links: bool = False
    newest_head: bool = False
    erasure_epoch: int | None = None
    restored: tuple[tuple[int, int], ...] = ()


def _description(folder: Path) -> _Description:
    """What ``log.json`` in the folder of a log says. Raises UnavailableError where it is no description of one."""
    return _read_description(folder)[0]


def _read_description(folder: Path) -> tuple[_Description, dict[str, object]]:
    """The description, and every member that the file has."""
    path = folder / "log.json"
    try:
        value: dict[str, object] = json.loads(path.read_text("utf-8"))
        return msgspec.convert(value, _Description), value
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise _no_description(path) from error


def _no_description(path: Path) -> UnavailableError:
    return UnavailableError(
        "log_description_unreadable",
        sentence("{path} does not say which log lies beside it; restore it from a backup of the folder", path=path),
    )


def _remember(log: LogHome, **members: object) -> None:
    _describe(log, lambda _there: members)


def _describe(log: LogHome, changes: Callable[[_Description], dict[str, object]]) -> None:
    """Change members of ``log.json`` by what stands there, which no other process changes meanwhile."""
    path = log.folder / "log.json"
    with alone(path.with_suffix(".lock")):
        there, members = _read_description(log.folder)
        write_private(path, json.dumps(members | changes(there), ensure_ascii=False).encode())


def _log_missing(origin: str) -> UnavailableError:
    return UnavailableError(
        "log_missing",
        sentence("the database has no log {origin}; restore it, or check RONGJIAN_DATABASE_URL", origin=origin),
    )


def _warn_of_time(ledger: Ledger, clock: Clock) -> None:
    try:
        check_not_behind(clock(), ledger.log.head().last_recorded_at)
    except UnavailableError as error:
        # Reading goes on; submissions are refused with the reason.
        _log.warning("nothing_can_be_recorded", origin=ledger.origin, code=error.code, **error.details)


def _erasure_epoch(log: LogHome, vault: Vault) -> int:
    """Up to which size erasures were of whole subjects. Kept beside the log's key as well: a restored database of
    before does not know it, and would take erasures of then for narrow ones.
    """
    epoch = _description(log.folder).erasure_epoch
    if epoch is None:
        epoch = vault.epoch()
        _remember(log, erasure_epoch=epoch)
    return epoch


def restored_ranges(log: LogHome) -> list[tuple[int, int]]:
    """Positions, first and last, that were taken from a mirror, which holds no openings. Kept beside the log's key:
    rows that somebody deletes must not look as if they had never been.
    """
    return list(_description(log.folder).restored)


def note_restored(log: LogHome, first: int, last: int) -> None:
    """Note that a range of positions comes from a mirror, before it is written."""
    _describe(log, lambda there: {"restored": [*there.restored, (first, last)]})


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
                sentence(
                    "the key-encryption key {kek_file} is missing; restore it (RONGJIAN_KEK_FILE). Without it "
                    "restricted data cannot be opened; the log itself is unharmed",
                    kek_file=settings.kek_file,
                ),
            )
        write_private(settings.kek_file, secrets.token_bytes(KEK_LENGTH).hex().encode())
    try:
        return bytes.fromhex(settings.kek_file.read_text("ascii").strip())
    except (ValueError, OSError) as error:
        raise UnavailableError(
            "bad_kek",
            sentence("{kek_file} does not hold 32 bytes in hexadecimal", kek_file=settings.kek_file),
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
            "log_key_lost", sentence("the log's key {filename} cannot be read", filename=error.filename)
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
            sentence(
                "{path} does not list {origin}; its line is at /logs/{name}/policy",
                path=path,
                origin=log.origin,
                name=log.name,
            ),
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
        raise UnavailableError("key_file_unreadable", sentence("{path} is no PKCS 8 PEM file", path=path)) from error
    if not isinstance(key, MLDSA44PrivateKey):
        raise UnavailableError("key_file_unreadable", sentence("{path} holds no ML-DSA-44 key", path=path))
    return key
