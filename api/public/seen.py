"""Who outside the operator has seen a log's heads, and when: each witness, each time-stamping authority, or nobody.

Whose a witness is, a policy says by its name only. A name below the log's own host is the operator's own witness: it
shows how witnessing works and proves nothing, since who runs both can have both say anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

from api.home.open_logs import OpenLog
from ledger.application import Ledger
from ledger.clock import format_instant
from ledger.tlog.note import NoteKey


def is_of_the_operator(origin: str, witness: str) -> bool:
    """Does a witness bear a name below the host of the log's origin?"""
    return origin.partition("/")[0] == witness.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Witness:
    """Which heads a witness has cosigned: the newest, the first over what a page shows, the newest of the index."""

    name: str
    host: str
    own: bool
    size: int | None
    at: datetime | None
    first_at: datetime | None
    first_size: int | None
    index_size: int | None
    index_at: datetime | None


@dataclass(frozen=True, slots=True)
class Authority:
    """The newest head that a time-stamping authority has attested."""

    name: str
    size: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """``outside`` is true where a witness of another name or an authority attested any head at all, ``covered`` where
    one did so over everything that the page shows.
    """

    witnesses: Sequence[Witness]
    authorities: Sequence[Authority]
    size: int
    index_size: int
    outside: bool
    quorum: str | None
    covered: bool

    def to_json(self) -> dict[str, object]:
        """The same as the page's data file has it."""
        return asdict(self, dict_factory=_members)


def _members(named: Iterable[tuple[str, object]]) -> dict[str, object]:
    return {k: format_instant(v) if isinstance(v, datetime) else v for k, v in named}


def seen(log: OpenLog, known_at: int) -> Seen:
    """For the head that a page is made under (``known_at`` entries) and for the newest one, of those whom this log
    asks.
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
        Authority(name, stamp.size if stamp else None, stamp.at if stamp else None) for name, stamp in stamps.items()
    ]
    others = [row for row in rows if not row.own and row.size is not None]
    covered = any(row.first_at for row in others) or any(s and s.size >= known_at for s in stamps.values())
    return Seen(
        rows,
        authorities,
        log.ledger.size(),
        log.ledger.index_log.size(),
        bool(others or any(stamps.values())),
        policy.quorum if policy is not None else None,
        covered,
    )


def _witness(ledger: Ledger, key: NoteKey, url: str, known_at: int) -> Witness:
    outside = ledger.outside
    newest, first = outside.newest_cosigned(key), outside.first_cosigned(key, known_at)
    index = outside.newest_index_cosigned(key)
    return Witness(
        name=key.name,
        host=urlsplit(url).hostname or "",
        own=is_of_the_operator(ledger.origin, key.name),
        size=newest.size if newest else None,
        at=newest.at if newest else None,
        first_at=first.at if first else None,
        first_size=first.size if first else None,
        index_size=index.size if index else None,
        index_at=index.at if index else None,
    )
