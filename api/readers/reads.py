"""Reading by token, written down before it is given: whose token, which kind of page, at most once an hour.

Only pages that need the token are recorded; public ones are not.
"""

from __future__ import annotations

import re

from fastapi import FastAPI, Request

from ledger.clock import system_clock
from ledger.store.visits import record_token_read

#: Entries, whole or one by one, and documents; hashes, keys and signatures are public.
_OF_LOG = re.compile(r"(/logs/([^/]+)/(?:tile/entries|entry|documents))(?:/.*)?")
_ANSWERS = re.compile(r"(/v1/logs/([^/]+)/([a-z-]+))(?:/.*)?")
_ACROSS = re.compile(r"(/v1/across)/.*")

#: Below ``/v1/logs/<log>/``: what asks for a session or a signature itself, and is recorded or refused there.
_OF_SESSIONS = frozenset({"login", "logout", "foresee", "cells", "pending", "statements", "disclosures"})


def record_reading(request: Request) -> None:
    """Record what a reader known by a token's name is about to be given; nothing for everybody else."""
    name = getattr(request.state, "reader", None)
    if name is None or request.method != "GET":
        return
    opened = {log.home.name: log for log in request.app.state.logs.all()}
    for log, page in _read(request.app, str(request.scope["path"]), list(opened)):
        if log in opened:
            record_token_read(opened[log].ledger.database, str(name), page, system_clock())


def _read(app: FastAPI, path: str, logs: list[str]) -> list[tuple[str, str]]:
    """The logs that a path reads, and the kind of page as it is recorded."""
    if across := _ACROSS.fullmatch(path):
        return [(log, across[1]) for log in logs]
    if entries := _OF_LOG.fullmatch(path):
        return [(entries[2], entries[1])]
    answers = _ANSWERS.fullmatch(path)
    if answers is None or answers[3] in _OF_SESSIONS or answers[3] not in _kinds(app):
        return []
    return [(answers[2], answers[1])]


def _kinds(app: FastAPI) -> set[str]:
    """First segments of answers that there are: an address of nothing leaves no row."""
    return {kind for path in app.openapi()["paths"] if (kind := path.removeprefix("/v1/logs/{log}/").split("/")[0])}
