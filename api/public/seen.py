"""Who outside the operator has seen a log's heads, and when: each witness, each time-stamping authority, or nobody.

Whose a witness is, a policy says by its name only. A name below the log's own host is the operator's own witness: it shows
how witnessing works and proves nothing, since who runs both can have both say anything.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from api.open_logs import OpenLog
from api.stamping import authorities_of
from ledger.clock import format_instant
from ledger.store.seen import (
    Cosigned,
    first_cosignatures,
    newest_cosignatures,
    newest_index_cosignatures,
    newest_stamps,
)
from ledger.tlog.cosignature import timestamp_of

#: Bytes of a key's id before a signature (c2sp.org/signed-note).
KEY_ID_LENGTH = 4


def is_of_the_operator(origin: str, witness: str) -> bool:
    """Does a witness bear a name below the host of the log's origin?"""
    return origin.partition("/")[0] == witness.partition("/")[0]


def seen(log: OpenLog, known_at: int) -> dict[str, Any]:
    """What rows say, for the head that a page is made under (``known_at`` entries) and for the newest one.

    ``outside`` is true where a witness of another name or an authority attested any head at all.
    """
    database, heads = log.ledger.database, log.ledger.heads
    witnesses = dict(heads.policy.witnesses) if heads.policy is not None else {}
    urls = dict(heads.policy.urls) if heads.policy is not None else {}
    newest, first = {c.key: c for c in newest_cosignatures(database)}, first_cosignatures(database, known_at)
    index = {c.key: c for c in newest_index_cosignatures(database)}
    asked = {str(key): name for name, key in witnesses.items()}
    rows = [
        _witness(log.ledger.origin, key, urls.get(asked.get(key, ""), ""), key in asked, newest.get(key), first.get(key), index.get(key))
        for key in dict.fromkeys([*asked, *sorted(newest)])
    ]  # fmt: skip
    stamps = {s.authority: s for s in newest_stamps(database)}
    names = [authority.name for authority in authorities_of(log.home.folder)]
    authorities = [
        {"name": name, "asked": name in names, "size": stamps[name].size if name in stamps else None,
         "at": stamps[name].at if name in stamps else None}
        for name in dict.fromkeys([*names, *sorted(stamps)])
    ]  # fmt: skip
    others = [row for row in rows if not row["own"] and row["size"] is not None]
    return {
        "witnesses": rows, "authorities": authorities, "size": log.ledger.size(), "index_size": log.ledger.index_log.size(),
        "outside": bool(others or stamps), "quorum": heads.policy.quorum if heads.policy is not None else None,
        "covered": any(row["first_at"] for row in others) or any(s.size >= known_at for s in stamps.values()),
    }  # fmt: skip


def data_of(told: dict[str, Any]) -> dict[str, Any]:
    """The same as the page's data file has it."""

    def row(value: dict[str, Any]) -> dict[str, Any]:
        return {k: format_instant(v) if isinstance(v, datetime) else v for k, v in value.items()}

    return {
        **told,
        "witnesses": [row(w) for w in told["witnesses"]],
        "authorities": [row(a) for a in told["authorities"]],
    }


def _witness(
    origin: str, key: str, url: str, asked: bool, newest: Cosigned | None, first: Cosigned | None, index: Cosigned | None
) -> dict[str, Any]:  # fmt: skip
    name = key.partition("+")[0]
    return {
        "name": name, "host": urlsplit(url).hostname or "", "own": is_of_the_operator(origin, name), "asked": asked,
        "size": newest.size if newest else None, "at": _time_of(newest), "first_at": _time_of(first),
        "first_size": first.size if first else None, "index_size": index.size if index else None, "index_at": _time_of(index),
    }  # fmt: skip


def _time_of(cosigned: Cosigned | None) -> datetime | None:
    """When the witness says that it cosigned; its line was verified before it was kept."""
    if cosigned is None:
        return None
    signed = base64.b64decode(cosigned.line.rsplit(" ", 1)[1].encode())
    return datetime.fromtimestamp(timestamp_of(signed[KEY_ID_LENGTH:]), UTC)
