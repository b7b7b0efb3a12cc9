"""Tokens by which programs read entries and answers: each with a name, an end and a scope; only hashes are kept.

They stand in a TOML file (``RONGJIAN_READER_TOKENS_FILE``), which is read anew when it has changed, so that one that is
revoked opens nothing from then on::

    [[token]]
    name = "mirror of the province"
    sha256 = "<hex SHA-256 of the token's UTF-8 bytes>"
    logs = ["zhongyuan"]            # all, if left out
    reads = ["entries"]             # of "entries" and "answers"; both, if left out
    until = 2027-06-30              # the last day in Asia/Shanghai; for ever, if left out
    revoked = 2026-12-24            # from this day on it opens nothing; its name is never given again

``RONGJIAN_READER_TOKEN`` is a token named "reader", of all logs and without an end.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from api.home.private_files import check_private
from api.home.settings import Settings
from api.sentences import sentence
from ledger.errors import MalformedError, NotFoundError, UnavailableError, UnknownCallerError
from ledger.store.private_file import write_private
from ledger.text import check

#: The name of the token of RONGJIAN_READER_TOKEN.
READER: Final = "reader"
#: What may be read: the log's bytes and statements, or what follows from them.
ENTRIES, ANSWERS = "entries", "answers"
SCOPES: Final = (ENTRIES, ANSWERS)

#: Members that a token may have beside its name and hash.
_MAY_HAVE = frozenset({"logs", "reads", "until", "revoked"})


@dataclass(frozen=True, slots=True)
class ReaderToken:
    """A token as the file has it. ``logs`` None means every log."""

    name: str
    sha256: str
    logs: frozenset[str] | None = None
    reads: frozenset[str] = frozenset(SCOPES)
    until: date | None = None
    revoked: date | None = None

    def of(self, log: str) -> bool:
        """Is the log in its scope?"""
        return self.logs is None or log in self.logs

    def check_current(self, today: date) -> None:
        """Raise UnknownCallerError where it is over."""
        if self.revoked is not None:
            raise UnknownCallerError(
                "token_ended",
                sentence(
                    "the token {name} was revoked on {revoked}; ask whoever runs this service for another",
                    name=self.name,
                    revoked=self.revoked,
                ),
            )
        if self.until is not None and today > self.until:
            raise UnknownCallerError(
                "token_ended",
                sentence(
                    "the token {name} was good until {until}; ask whoever runs this service for another",
                    name=self.name,
                    until=self.until,
                ),
            )


class ReaderTokens:
    """The tokens of a service, as they are now. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.reader_tokens_file
        given = settings.reader_token
        self._fixed = None if given is None else ReaderToken(READER, hashed(given))
        self._lock = threading.Lock()
        #: Was there a file, now or since this process started? One that is deleted opens nothing to everybody.
        self._guarded = self._file.exists()
        self._seen: tuple[int, int, int] | None = None
        self._tokens: list[ReaderToken] = []

    def asked_for(self) -> bool:
        """Does reading here need a token? A file that holds none lets nobody in: its last token may have been revoked.

        Nor does one that is gone: reading is opened to everybody by a restart without it, never by a deletion.
        """
        self._guarded = self._guarded or self._file.exists()
        return self._fixed is not None or self._guarded

    def named_by(self, authorization: str) -> ReaderToken | None:
        """The token of an ``Authorization`` header (RFC 6750, 2.1); None where it is none of ours. It may be over."""
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        # Every one is compared, and only hashes are: how long it takes tells nothing of any token.
        digest, found = hashed(text.strip()), None
        for token in [*([self._fixed] if self._fixed is not None else []), *self._current()]:
            if secrets.compare_digest(token.sha256, digest):
                found = token
        return found

    def _current(self) -> list[ReaderToken]:
        with self._lock:
            try:
                state = self._file.stat()
            except FileNotFoundError:
                return []
            seen = (state.st_mtime_ns, state.st_size, state.st_ino)
            if seen != self._seen:
                self._tokens, self._seen = read_tokens(self._file), seen
            return self._tokens


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_tokens(path: Path) -> list[ReaderToken]:
    """The tokens of a file; none where there is no file. Raises UnavailableError where it is not as it must be."""
    if not path.exists():
        return []
    check_private(path)
    try:
        value = tomllib.loads(path.read_text("utf-8"))
        tokens = [_token(item) for item in value.pop("token", [])]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _unreadable(path, "it is no list of [[token]] as docs/operations.md describes") from error
    if value:
        raise _unreadable(path, f"{sorted(value)[0]} is not known")
    names = [token.name for token in tokens]
    if len(set(names)) < len(names) or READER in names:
        raise _unreadable(path, "names of tokens differ from one another and from 'reader'")
    return tokens


def _token(item: object) -> ReaderToken:
    match item:
        case {"name": str(name), "sha256": str(digest), **others} if others.keys() <= _MAY_HAVE:
            logs, reads = others.get("logs"), others.get("reads", list(SCOPES))
        case _:
            raise ValueError
    scopes = _names(reads)
    if len(bytes.fromhex(digest)) != 32 or not scopes <= set(SCOPES):
        raise ValueError
    return ReaderToken(
        name,
        digest.lower(),
        None if logs is None else _names(logs),
        scopes,
        _day(others.get("until")),
        _day(others.get("revoked")),
    )


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError
    return frozenset(value)


def _day(value: object) -> date | None:
    # An instant is a day to Python, and none here.
    if value is None or type(value) is date:
        return value
    raise ValueError


def _unreadable(path: Path, why: str) -> UnavailableError:
    return UnavailableError("reader_tokens_unreadable", sentence("{path} cannot be used: {why}", path=path, why=why))


def new_token(
    path: Path, name: str, logs: frozenset[str] | None, reads: frozenset[str], until: date | None
) -> tuple[ReaderToken, str]:
    """Add a token of a new name to the file; returns it and its secret, which is kept nowhere."""
    tokens = read_tokens(path)
    check(name, "name")
    if not name.strip() or len(name) > 80 or name == READER or name in {token.name for token in tokens}:
        raise MalformedError(
            "token_name_taken",
            sentence(
                "{name}: a token needs a name of its own, of 1 to 80 characters; names are never given twice", name=name
            ),
            field="name",
        )
    secret = f"rj_{secrets.token_urlsafe(32)}"
    token = ReaderToken(name, hashed(secret), logs, reads, until)
    write_private(path, _written([*tokens, token]))
    return token, secret


def revoke_token(path: Path, name: str, today: date) -> ReaderToken:
    """End a token today; its name stays, since records of what was read by it name it. Raises NotFoundError."""
    tokens = read_tokens(path)
    found = next((token for token in tokens if token.name == name), None)
    if found is None:
        names = ", ".join(token.name for token in tokens) or sentence("none")
        raise NotFoundError("token_unknown", sentence("no token {name}; there are: {names}", name=name, names=names))
    ended = ReaderToken(found.name, found.sha256, found.logs, found.reads, found.until, found.revoked or today)
    write_private(path, _written([ended if token is found else token for token in tokens]))
    return ended


def _written(tokens: list[ReaderToken]) -> bytes:
    lines = ["# rongjian token new NAME; rongjian token list; rongjian token revoke NAME"]
    for token in tokens:
        lines += ["", "[[token]]", f"name = {_quoted(token.name)}", f'sha256 = "{token.sha256}"']
        if token.logs is not None:
            lines.append(f"logs = [{', '.join(_quoted(log) for log in sorted(token.logs))}]")
        lines.append(f"reads = [{', '.join(_quoted(scope) for scope in sorted(token.reads))}]")
        lines += [f"until = {token.until}"] if token.until is not None else []
        lines += [f"revoked = {token.revoked}"] if token.revoked is not None else []
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    """A basic string of TOML; names hold no control characters."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
