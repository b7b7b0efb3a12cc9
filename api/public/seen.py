"""Who outside the operator has seen a log's heads, and when: each witness, each time-stamping authority, or nobody.

Whose a witness is, a policy says by its name only. A name below the log's own host is the operator's own witness: it
shows how witnessing works and proves nothing, since who runs both can have both say anything.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from api.open_logs import OpenLog
from ledger.application import Ledger
from ledger.clock import format_instant
from ledger.tlog.note import NoteKey


def is_of_the_operator(origin: str, witness: str) -> bool:
    """Does a witness bear a name below the host of the log's origin?"""
    return origin.partition("/")[0] == witness.partition("/")[0]


def seen(log: OpenLog, known_at: int) -> dict[str, Any]:
    """For the head that a page is made under (``known_at`` entries) and for the newest one, of those whom this log
    asks.

    ``outside`` is true where a witness of another name or an authority attested any head at all.
    """
    heads, outside = log.ledger.heads, log.ledger.outside
    policy = heads.policy
    asked = dict(policy.witnesses) if policy is not None else {}
    rows = [
        _witness(log.ledger, key, policy.urls.get(name, "") if policy is not None else "", known_at)
        for name, key in asked.items()
    ]
    stamps = {name: outside.newest_stamp(name) for name in outside.authorities}
    authorities = [
        {"name": name, "size": stamp.size if stamp else None, "at": stamp.at if stamp else None}
        for name, stamp in stamps.items()
    ]
    others = [row for row in rows if not row["own"] and row["size"] is not None]
    covered = any(row["first_at"] for row in others) or any(s and s.size >= known_at for s in stamps.values())
    return {
        "witnesses": rows,
        "authorities": authorities,
        "size": log.ledger.size(),
        "index_size": log.ledger.index_log.size(),
        "outside": bool(others or any(stamps.values())),
        "quorum": policy.quorum if policy is not None else None,
        "covered": covered,
    }


def data_of(told: dict[str, Any]) -> dict[str, Any]:
    """The same as the page's data file has it."""

    def row(value: dict[str, Any]) -> dict[str, Any]:
        return {k: format_instant(v) if isinstance(v, datetime) else v for k, v in value.items()}

    return {
        **told,
        "witnesses": [row(w) for w in told["witnesses"]],
        "authorities": [row(a) for a in told["authorities"]],
    }


def _witness(ledger: Ledger, key: NoteKey, url: str, known_at: int) -> dict[str, Any]:
    outside = ledger.outside
    newest, first = outside.newest_cosigned(key), outside.first_cosigned(key, known_at)
    index = outside.newest_index_cosigned(key)
    return {
        "name": key.name,
        "host": urlsplit(url).hostname or "",
        "own": is_of_the_operator(ledger.origin, key.name),
        "size": newest.size if newest else None,
        "at": newest.at if newest else None,
        "first_at": first.at if first else None,
        "first_size": first.size if first else None,
        "index_size": index.size if index else None,
        "index_at": index.at if index else None,
    }
