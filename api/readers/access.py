"""Who may read what where a reader token is set: everybody what is public, inspectors of a log that log, a token its
scope.

Routes that give out only what the publication policy allows, or that ask for a session or a signature themselves, are
left to decide; :attr:`State.reader_known` tells them whether this reader may see entries that are not public.
"""

from __future__ import annotations

import re

from fastapi import Request

from api.home.open_logs import OpenLog
from api.readers.tokens import ANSWERS, ENTRIES, ReaderToken, ReaderTokens
from api.sentences import sentence
from api.workplace import interface as workplace
from api.workplace.visitors import visitor_of
from ledger.clock import shanghai_day, system_clock
from ledger.errors import PermissionRefusedError, SignatureRefusedError, UnknownCallerError

#: What these paths serve holds hashes, keys and signatures, and nothing of any entry: public at once.
_HASHES = re.compile(
    r"/logs/[^/]+/(checkpoint|vkey|policy|witnesses|entry/[0-9]+\.tlog-proof|proof/[a-z]+"
    r"|timestamp/[0-9]+/[^/]+\.tsr|tile/[0-9]+/.+|index-log/.+)"
)
#: Routes that themselves give out only what the publication policy allows (projections/public_entries.py).
_BY_POLICY = re.compile(r"/logs/[^/]+/entry/[0-9]+|/v1/logs/[^/]+/document/[0-9a-f]{64}")
#: Submitting, and keeping a document here, shows who does it by a signature, not by a token.
_SIGNED = re.compile(r"/v1/logs/[^/]+/(statements(/batch)?|disclosures|documents)")
#: Routes that ask for a session themselves.
_SESSION = re.compile(
    r"/v1/logs/[^/]+/(login(/challenge)?|logout|foresee(/batch)?|cells/[A-Za-z]+|pending(/[^/]+(/signature)?)?)"
)
#: The bytes of the log, its statements and its documents; what is neither public nor one of these is an answer.
_ENTRIES = re.compile(r"/logs/.*|/v1/logs/[^/]+/(statements|documents?)/.*")
_OF_LOG = re.compile(r"/(?:v1/)?logs/([^/]+)/.*")
#: Of no log alone: what may be asked, and answers over every log that the reader may read.
_OF_LOGS = re.compile(r"/v1/(questions|inquiries|across/.*)")
_PUBLIC_PATHS = frozenset({"/", "/robots.txt", "/openapi.json", "/v1/vocabulary", "/v1/logs"})
_PUBLIC = ("/health/", "/v1/vocabulary/", "/zh/", "/en/", "/static/", "/data/")


def check_reader(request: Request) -> None:
    """Let the request pass, with what it may read noted on it. Raises PermissionRefusedError where it may not read
    here, and UnknownCallerError where its token is none of ours, or is over.

    Noted are ``readable``, the logs that this reader may read over; ``reader_known``, whether entries that are not
    public may be seen here; and ``reader``, the name of the token that lets it read, or None where no token does.
    """
    logs, path = request.app.state.logs, str(request.scope["path"])
    tokens: ReaderTokens = request.app.state.reader_tokens
    state = request.state
    state.reader, state.readable = None, logs.all()
    state.reader_known = not tokens.asked_for()
    token, refusal = _admitted(request, tokens, path)
    if token is not None:
        state.reader, state.reader_known = token.name, True
        state.readable = [log for log in logs.all() if token.of(log.home.name)]
    signed = request.method == "POST" and _SIGNED.fullmatch(path) is not None
    public = path in _PUBLIC_PATHS or path.startswith(_PUBLIC)
    if state.reader_known or signed or public or _SESSION.fullmatch(path) or _HASHES.fullmatch(path):
        return
    # A session reads; what it may write has routes of its own, which ask for more than a cookie.
    state.readable = [log for log in logs.all() if request.method == "GET" and _inspects(request, log)]
    state.reader_known = _may_read(path, state.readable)
    if not state.reader_known and not _BY_POLICY.fullmatch(path):
        raise refusal or PermissionRefusedError("reader_unknown", sentence("reading here needs the reader token"))


def _admitted(
    request: Request, tokens: ReaderTokens, path: str
) -> tuple[ReaderToken | None, PermissionRefusedError | UnknownCallerError | None]:
    """The token that lets the request read here; or why the one that was shown does not."""
    given = request.headers.get("authorization")
    if given is None or not tokens.asked_for():
        return None, None
    token = tokens.named_by(given)
    if token is None:
        return None, UnknownCallerError(
            "token_unknown",
            sentence("no such reader token here; check it, or ask whoever runs this service for one"),
        )
    try:
        token.check_current(shanghai_day(system_clock()))
    except UnknownCallerError as over:
        return None, over
    named = _OF_LOG.fullmatch(path)
    reads = ENTRIES if _ENTRIES.fullmatch(path) else ANSWERS
    if reads not in token.reads or (named is not None and not token.of(named[1])):
        return None, PermissionRefusedError(
            "token_scope",
            sentence(
                "the token {name} is not for {reads} of this log; ask whoever runs this service for one that is",
                name=token.name,
                reads={ENTRIES: sentence("entries"), ANSWERS: sentence("answers")}[reads],
            ),
        )
    return token, None


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
