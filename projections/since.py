"""What has changed since a point (D, K) that is not now: what a page of the past names above what it shows.

A change is an entry that took effect after D or was recorded after K, and stands now. On public pages only entries that
anybody may read are named, and of these the ones that pages show something of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from msgspec import UNSET

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.history import History
from ledger.derivation.record import part
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.identity import (
    GenesisDeclared,
    KeyRegistered,
    KeyRevoked,
    PrincipalRegistered,
    RoleGranted,
    RoleWithdrawn,
)
from ledger.events.oversight import AccessRecordAttested, EventAnnulled, EventCorrected, TimeAttested
from ledger.events.registry import topics
from projections.as_of import tell
from projections.facts import AWARD_STATUS
from projections.labels import called
from projections.notice_state import notice_on
from projections.public_entries import AFTER_DECISION, AT_ONCE, is_public
from projections.public_pages import Corner
from projections.sentences import sentence
from projections.slices import Source

#: Changes of one subject that a page names, the newest; the others are counted.
NAMED_MAX = 8

#: Public entries that no page shows anything of: who signs, with which keys, when a head was stamped, and who read.
_BEHIND = (
    GenesisDeclared,
    PrincipalRegistered,
    KeyRegistered,
    KeyRevoked,
    RoleGranted,
    RoleWithdrawn,
    TimeAttested,
    AccessRecordAttested,
)

#: What public pages show something of.
PUBLIC = tuple(kind for kind in AT_ONCE + AFTER_DECISION if kind not in _BEHIND)

#: Acts about entries, not about the world.
_ABOUT_ENTRIES = DCBQueryItem(types=topics(EventAnnulled, EventCorrected))


@dataclass(frozen=True, slots=True)
class Change:
    """One entry by which something became otherwise."""

    position: int
    event: str
    type: str
    zh: str
    en: str
    on: date


def public_changes(
    source: Source, at: Corner, now: Corner, tags: Sequence[str] = (), *, after: int = 0
) -> list[Change]:
    """Public changes between two points, in the order of their days, of subjects (``tags``) or of the whole log.

    ``after`` is a position that every entry since lies behind; without tags it bounds the work.
    """
    items = [DCBQueryItem(types=topics(*PUBLIC), tags=[tag]) for tag in tags] or [DCBQueryItem(types=topics(*PUBLIC))]
    events = source.events(DCBQuery(items), after=after, until=now.known)

    def shown(event: RecordedEvent) -> bool:
        named = not tags or bool(set(tags) & set(event.statement.tags))
        return named and isinstance(event.statement.payload, PUBLIC) and is_public(source, event, now.known)

    return _changes(source, at, now, [e for e in events if shown(e)], shown)


def all_changes(source: Source, at: Corner, now: Corner, tags: Sequence[str] = (), *, after: int = 0) -> list[Change]:
    """All changes between two points, for those who may see everything; otherwise as :func:`public_changes`."""
    query = DCBQuery([DCBQueryItem(tags=[tag]) for tag in tags]) if tags else None
    events = source.events(query, after=after, until=now.known)
    return _changes(source, at, now, events, lambda e: not tags or bool(set(tags) & set(e.statement.tags)))


def _changes(
    source: Source, at: Corner, now: Corner, events: list[RecordedEvent], wanted: Callable[[RecordedEvent], bool]
) -> list[Change]:
    """What took effect or was recorded since and stands, and what stood then and was annulled since."""
    acts = source.events(DCBQuery([_ABOUT_ENTRIES]), until=now.known)
    targets = {a.statement.id: _target(source, a) for a in acts}
    known = {e.statement.id: e for e in [*events, *(t for t in targets.values() if t is not None and wanted(t))]}
    history = History([*known.values(), *acts])
    stood, stands = ({e.id for e in history.live(c.on, c.known)} for c in (at, Corner(max(at.on, now.on), now.known)))
    made = [
        Change(
            e.position,
            i,
            e.statement.type,
            e.statement.payload.SPEC.zh,
            e.statement.payload.SPEC.en,
            e.statement.effective_on,
        )
        for i, e in known.items()
        if i in stands and (e.statement.effective_on > at.on or e.position > at.known)
    ]
    done = [c for a in acts if (c := _act(a, targets[a.statement.id], at, known, stood - stands)) is not None]
    return sorted([*made, *done], key=lambda c: (c.on, c.position))


def _target(source: Source, act: RecordedEvent) -> RecordedEvent | None:
    p = act.statement.payload
    if not isinstance(p, EventAnnulled | EventCorrected):
        return None
    try:
        return source.event(p.target)
    except NotFoundError:
        return None


def _act(
    act: RecordedEvent,
    target: RecordedEvent | None,
    at: Corner,
    known: Mapping[str, RecordedEvent],
    gone: AbstractSet[str],
) -> Change | None:
    """An annulment or a correction since, of an entry that stood then; None of any other."""
    if target is None or target.statement.id not in known:
        return None
    s, entry = act.statement, called(target.statement.payload)
    if isinstance(s.payload, EventAnnulled) and target.statement.id in gone:
        told = sentence("entry withdrawn: {entry}", entry=entry)
        return Change(act.position, s.id, s.type, *told, s.effective_on)
    if isinstance(s.payload, EventCorrected) and act.position > at.known >= target.position:
        told = sentence("entry corrected: {entry}", entry=entry)
        return Change(act.position, s.id, s.type, *told, s.effective_on)
    return None


def counted(changes: Iterable[Change]) -> list[tuple[str, str, int]]:
    """How many changes of each kind, the most frequent first: Chinese, English, number."""
    counts = Counter((c.zh, c.en) for c in changes)
    return [(zh, en, n) for (zh, en), n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def status_of(source: Source, section: str, subject: str, at: Corner) -> str | None:
    """How an award or a notice stands at a point, in a word; None where there is none yet, and for other pages.

    It may turn by the passing of days alone, which no entry tells.
    """
    try:
        match section:
            case "awards":
                told = part(tell(source, AWARD_STATUS, subject, at.on, at.known).answer)
                stands = told.value.status if told.value is not UNSET else told.state
                return None if stands == "not_applicable" else stands
            case "notices":
                notice = notice_on(source, subject, at.on, at.known)
                return None if notice is None else notice["notice_state"]
            case _:
                return None
    except NotFoundError:
        return None
