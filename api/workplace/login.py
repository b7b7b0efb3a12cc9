"""Login by signature: a challenge of this service, signed with a key that the log has registered, opens a short
session.

The challenge is signed in the DSSE encoding under a payload type of its own, so that a signature given to log in is
never one over a statement, and the other way round. Challenges and sessions live in this process: a restart logs
everybody out.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from api.sentences import sentence
from ledger import canonical
from ledger.clock import format_instant
from ledger.errors import PermissionRefusedError, SignatureRefusedError

LOGIN_TYPE: Final = "application/vnd.rongjian.login+json"

CHALLENGE_LIFE: Final = timedelta(minutes=2)
#: A session ends so long after its last use, and at the latest so long after its beginning.
IDLE: Final = timedelta(minutes=30)
LIFE: Final = timedelta(hours=8)

_KEPT_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """Who logged in to which log, with which key, and what for (``purpose``; given by those who inspect)."""

    log: str
    principal: str
    key_id: str
    purpose: str
    csrf: str
    began: datetime
    used: datetime

    def over(self, now: datetime) -> bool:
        return now >= min(self.used + IDLE, self.began + LIFE)


class Logins:
    """Open challenges and sessions of this process. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._challenges: OrderedDict[bytes, datetime] = OrderedDict()
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def challenge(self, origin: str, site: str) -> bytes:
        """Bytes to be signed, once and within two minutes; they name the log and the site that asks."""
        expires = self._clock() + CHALLENGE_LIFE
        body = canonical.encode(
            {
                "expires_at": format_instant(expires),
                "kind": "rongjian/login@v1",
                "log": origin,
                "nonce": secrets.token_hex(32),
                "site": site,
            }
        )
        with self._lock:
            self._challenges[hashlib.sha256(body).digest()] = expires
            while len(self._challenges) > _KEPT_MAX:
                self._challenges.popitem(last=False)
        return body

    def redeem(self, body: bytes) -> None:
        """Take a challenge of ours out of use; raises SignatureRefusedError where it is none, is used or too old."""
        with self._lock:
            expires = self._challenges.pop(hashlib.sha256(body).digest(), None)
        if expires is None or self._clock() >= expires:
            raise SignatureRefusedError(
                "challenge_unknown",
                sentence(
                    "the challenge is not of this service, was used, or is older than two minutes; ask for a new one"
                ),
            )

    def begin(self, log: str, principal: str, key_id: str, purpose: str) -> tuple[str, Session]:
        """A session and the token that its holder keeps; only the token's hash stays here."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(log, principal, key_id, purpose, secrets.token_urlsafe(24), now, now)
        with self._lock:
            self._sessions[_hashed(token)] = session
            while len(self._sessions) > _KEPT_MAX:
                self._sessions.popitem(last=False)
        return token, session

    def session(self, token: str | None, log: str) -> Session | None:
        """The running session of a token in a log; its use is noted."""
        if token is None:
            return None
        now = self._clock()
        with self._lock:
            found = self._sessions.get(_hashed(token))
            if found is None or found.log != log:
                return None
            if found.over(now):
                del self._sessions[_hashed(token)]
                return None
            self._sessions[_hashed(token)] = found = replace(found, used=now)
            return found

    def end(self, token: str | None) -> None:
        with self._lock:
            self._sessions.pop(_hashed(token or ""), None)


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def check_csrf(session: Session, given: str | None) -> None:
    """What a cookie alone allows is asked for by our own pages only."""
    if given is None or not secrets.compare_digest(given.encode(), session.csrf.encode()):
        raise PermissionRefusedError(
            "csrf",
            sentence("the request does not come from a page of this session; reload the page"),
        )
