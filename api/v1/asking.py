"""What every read shares: as_of and known_at, cursors, ETags."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from api.home.open_logs import OpenLog, OpenLogs
from api.json_text import json_text
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.sentences import Pair

#: Rows of one page.
PAGE_MAX = 500


def open_logs(request: Request) -> OpenLogs:
    """The process's open logs."""
    logs: OpenLogs = request.app.state.logs
    return logs


def readable_logs(request: Request) -> list[OpenLog]:
    """The logs that this reader may read."""
    logs: list[OpenLog] = request.state.readable
    return logs


def open_log(log: str, request: Request) -> OpenLog:
    """The log named in the path."""
    return open_logs(request)[log]


def tag(name: Pair) -> str:
    """What the description of the API calls a group of its paths: the English name, then the Chinese one."""
    zh, en = name
    return f"{en} {zh}"


#: The two axes by their names, Chinese first.
_D, _K = (" ".join(name) for name in (sentence("As-of day"), sentence("Known at")))

Log = Annotated[OpenLog, Depends(open_log)]
AsOf = Annotated[
    str | None,
    Query(
        description=f"{_D}: what had happened by the end of this day (YYYY-MM-DD, Asia/Shanghai); today if left out",
        examples=["2025-11-28"],
    ),
]
KnownAt = Annotated[
    str | None,
    Query(
        description=f"{_K}: what was recorded by this position, day or timestamp; everything if left out",
        examples=["2025-11-20", "214", "2025-11-20T12:00:00+08:00"],
    ),
]
Cursor = Annotated[str | None, Query(description="the `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]


def encode_cursor(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str:
    """The subject after which a page starts."""
    if cursor is None:
        return ""
    try:
        after = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise _bad_cursor() from error
    # No subject holds what is not printed, and PostgreSQL takes no NUL.
    if not after.isprintable():
        raise _bad_cursor()
    return after


def _bad_cursor() -> MalformedError:
    return MalformedError("bad_cursor", sentence("cursor is not one that a page gave"), field="cursor")


def respond(request: Request, value: object) -> Response:
    """JSON with a strong ETag; 304 where the client has it."""
    body = json_text(value).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json; charset=utf-8", headers=headers)
