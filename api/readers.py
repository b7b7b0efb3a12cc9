"""Who may read what where a reader token is set: everybody what is public, whoever inspects a log that log, the token everything.

Routes that give out only what the publication policy allows, or that ask for a session or a signature themselves, are left to
decide; :attr:`State.reader_known` tells them whether this reader may see entries that are not public.
"""

from __future__ import annotations

import re
import secrets

from fastapi import Request

from api.open_logs import OpenLog
from api.workplace import interface as workplace
from api.workplace.visitors import visitor_of
from ledger.clock import system_clock
from ledger.errors import PermissionRefusedError, SignatureRefusedError

#: What these paths serve holds hashes, keys and signatures, and nothing of any entry: public at once.
_HASHES = re.compile(
    r"/logs/[^/]+/(checkpoint|vkey|policy|witnesses|entry/[0-9]+\.tlog-proof|proof/[a-z]+|timestamp/[0-9]+/[^/]+\.tsr|tile/[0-9]+/.+|index-log/.+)"
)
#: Routes that themselves give out only what the publication policy allows (projections/public_entries.py).
_BY_POLICY = re.compile(r"/logs/[^/]+/entry/[0-9]+|/v1/logs/[^/]+/document/[0-9a-f]{64}")
#: Whoever submits shows who they are by the signature, not by a token.
_SIGNED = re.compile(r"/v1/logs/[^/]+/(statements(/batch)?|disclosures)")
#: Routes that ask for a session themselves.
_SESSION = re.compile(
    r"/v1/logs/[^/]+/(login(/challenge)?|logout|foresee(/batch)?|cells/[A-Za-z]+|pending(/[^/]+(/signature)?)?)"
)
_OF_LOG = re.compile(r"/(?:v1/)?logs/([^/]+)/.*")
#: Of no log alone: what may be asked, and answers over every log that the reader may read.
_OF_LOGS = re.compile(r"/v1/(questions|inquiries|across/.*)")
_PUBLIC_PATHS = frozenset({"/", "/robots.txt", "/openapi.json", "/v1/vocabulary", "/v1/logs"})
_PUBLIC = ("/health/", "/v1/vocabulary/", "/zh/", "/en/", "/static/", "/data/")


def check_reader(request: Request) -> None:
    """Let the request pass, with what it may read noted on it; PermissionRefusedError where it may not read here."""
    logs = request.app.state.logs
    token, path = logs.settings.reader_token, str(request.scope["path"])
    given = request.headers.get("authorization", "")
    known = token is None or secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    request.state.reader_known = known
    request.state.readable = logs.all()
    signed = request.method == "POST" and _SIGNED.fullmatch(path) is not None
    public = path in _PUBLIC_PATHS or path.startswith(_PUBLIC)
    if known or signed or public or _SESSION.fullmatch(path) or _HASHES.fullmatch(path):
        return
    # A session reads; what it may write has routes of its own, which ask for more than a cookie.
    request.state.readable = [log for log in logs.all() if request.method == "GET" and _inspects(request, log)]
    request.state.reader_known = _may_read(path, request.state.readable)
    if not request.state.reader_known and not _BY_POLICY.fullmatch(path):
        raise PermissionRefusedError("reader_unknown", "reading here needs the reader token", "读取须出示读者令牌")


def _may_read(path: str, readable: list[OpenLog]) -> bool:
    """Is the path of one of these logs, or of logs in general?"""
    named = _OF_LOG.fullmatch(path)
    if named is None:
        return bool(readable) and _OF_LOGS.fullmatch(path) is not None
    return any(log.home.name == named[1] for log in readable)


def _inspects(request: Request, log: OpenLog) -> bool:
    """Has somebody who inspects the log logged in to it?"""
    session = workplace.session_of(request, log)
    try:
        return session is not None and visitor_of(log, session, system_clock()).inspects
    except SignatureRefusedError:  # A key that was revoked since opens nothing, and closes nothing that is public.
        return False
