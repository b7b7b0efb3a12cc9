"""What an answer is asked about: one (D, K), resolved once, and so told in the answer."""

from __future__ import annotations

import math
import re
import time as monotonic_time
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from api.home.open_logs import OpenLog
from api.sentences import sentence
from ledger.clock import SHANGHAI, shanghai_day, system_clock
from ledger.derivation.doubts import Doubt
from ledger.errors import MalformedError, NotFoundError
from ledger.identifiers import parse_date, parse_instant
from projections.register import behind

#: Seconds that a list waits for the register to reach the asked position; where none was asked for, the newest.
CATCH_UP = 5.0
CATCH_UP_NEWEST = 0.5

#: Seconds after which to ask again where the register was not seen to move, and the most that anybody is told to wait.
CATCH_UP_UNSEEN = 30
CATCH_UP_MAX = 3600

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_POSITION = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Axes:
    """One (D, K), both resolved."""

    as_of: date
    known_at: int
    #: Where K was asked as an instant by which entries may have been recorded whose time is not to be believed.
    doubt: Doubt | None = None

    def to_json(self) -> dict[str, object]:
        value: dict[str, object] = {"as_of": self.as_of.isoformat(), "known_at": self.known_at}
        return value | ({"doubted": self.doubt.to_json()} if self.doubt is not None else {})


def axes(log: OpenLog, as_of: str | None, known_at: str | None) -> Axes:
    """Resolve D and K: a wall-clock K becomes a position once, and the position goes into the answer."""
    day = parse_date(as_of, "as_of") if as_of is not None else shanghai_day(system_clock())
    return Axes(day, *_position(log, known_at))


def _position(log: OpenLog, known_at: str | None) -> tuple[int, Doubt | None]:
    size = log.ledger.log.head().size
    if known_at is None:
        return size, None
    if _POSITION.fullmatch(known_at):
        if int(known_at) > size:
            raise NotFoundError(
                "beyond_head",
                sentence(
                    "known_at {known_at} lies beyond the log, which has {size} entries", known_at=known_at, size=size
                ),
            )
        return int(known_at), None
    if "T" in known_at:
        return log.ledger.known_at(parse_instant(known_at, "known_at"))
    if not _DAY.fullmatch(known_at):
        raise MalformedError(
            "malformed_field",
            sentence("known_at: a position (214), a day (2025-11-20) or an instant (2025-11-20T12:00:00+08:00)"),
            field="known_at",
        )
    end = datetime.combine(parse_date(known_at, "known_at"), time(0), tzinfo=SHANGHAI) + timedelta(days=1)
    return log.ledger.known_at(end - timedelta(microseconds=1))


def listed_axes(log: OpenLog, as_of: str | None, known_at: str | None) -> Axes:
    """Like :func:`axes`, for lists: waits a moment for the register, which follows the log.

    Where no K was asked for, a list is as of the position that the register has come to, and says so. Raises
    ConflictError where one was and the register is still behind, with the time that it takes for the rest at the pace
    just seen; and where there is no register yet.
    """
    wanted = axes(log, as_of, known_at)
    begun, first = monotonic_time.monotonic(), log.register.position()
    position = first
    while position < wanted.known_at:
        waited = monotonic_time.monotonic() - begun
        if known_at is None and position > 0 and waited >= CATCH_UP_NEWEST:
            return Axes(wanted.as_of, position)
        if waited >= CATCH_UP:
            missing, pace = wanted.known_at - position, (position - first) / waited
            seconds = math.ceil(missing / pace) if pace else CATCH_UP_UNSEEN
            raise behind(position, wanted.known_at, min(seconds, CATCH_UP_MAX))
        monotonic_time.sleep(0.05)
        position = log.register.position()
    return wanted
