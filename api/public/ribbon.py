"""The ribbon above a page whose day D or knowledge K is not now: what the reader sees, and what has changed since.

It depends on now as well as on the page's (D, K), so a cache of pages has the ribbon in its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from api.home.open_logs import OpenLog
from api.public.pages import Window
from api.rendering.messages import translator
from api.rendering.place import Place
from api.rendering.values import day_in, standing
from api.v1.axes import Axes
from ledger.clock import SHANGHAI
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.sentences import told_in
from projections.public_pages import Corner
from projections.since import NAMED_MAX, Change, counted, public_changes, status_of

#: States that an entry brings about; others come by days passing.
_BY_ENTRY = ("revoked", "set_aside", "closed")

#: Pages of one subject -> the tags of its entries.
TAGS = {"awards": ("a",), "notices": ("n",), "organisations": ("o", "p"), "editions": ("ed",)}

#: Pages whose subject's entries lead to others of theirs: type of entry, member, tag.
_LEADS = {"editions": ("AwardGranted", "award_id", "a"), "organisations": ("ApplicationFiled", "case_id", "c")}

#: Entries of a log among which the changes of a page about many things are looked for: what such a page costs at most.
LOOKED_MAX = 5_000

#: Kinds of changes that are named with their number, the most frequent; the others are added up.
_KINDS_MAX = 6


@dataclass(frozen=True, slots=True)
class Named:
    """One change: its day in words, what it is, and its page where the reader may open one."""

    day: str
    words: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Ribbon:
    """``said`` are its sentences; ``named`` the newest changes of a subject, ``more`` how many there were beside them.

    ``counted`` are kinds of changes with their number, of a page about many things. ``standing`` is how the subject
    stands now, where this is another word than the page's. ``to_now`` is the same page as it is now.
    """

    said: tuple[str, ...]
    named: tuple[Named, ...]
    more: int
    counted: tuple[tuple[str, int], ...]
    total: int
    standing: str | None
    to_now: str


def is_now(at: Axes, now: Axes) -> bool:
    """Does a page of this point show how things stand now?"""
    return at == now


def sentences(log: OpenLog, language: str, at: Axes, now: Axes) -> tuple[str, ...]:
    """What the reader sees, where it is not now; what is special about the day."""
    t, day, known = translator(language), day_in(language, at.as_of), at.known_at
    recalled = known != now.known_at
    if at.as_of > now.as_of:
        what = (
            t(
                "You see {day}, a day to come: worked out from what the ledger knew at entry {known}. What is "
                "recorded until then may change it."
            )
            if recalled
            else t(
                "You see {day}, a day to come: worked out from what the ledger knows now. What is recorded until "
                "then may change it."
            )
        )
    elif at.as_of == now.as_of:
        what = t("You see things as the ledger knew them at entry {known}. This is not what it knows now.")
    elif recalled:
        what = t(
            "You see how things stood on {day}, as the ledger knew them at entry {known}. This is not how they "
            "stand now."
        )
    else:
        what = t("You see how things stood on {day}, by what the ledger knows now. This is not how they stand now.")
    said = [what.format(day=day, known=known)]
    first = _first_day(log)
    if first is not None and at.as_of < first:
        early = t("This day lies before the ledger began on {day}: it knows of it only what was recorded afterwards.")
        said.append(early.format(day=day_in(language, first)))
    if at.doubt is not None:
        doubted = t(
            "The times of entries {first} to {last} are not to be believed, as a correction of the clock says: "
            "whether they were known by then cannot be told."
        )
        said.append(doubted.format(first=at.doubt.first, last=at.doubt.last))
    return tuple(said)


def _first_day(log: OpenLog) -> date | None:
    """The day on which the log began."""
    genesis = log.ledger.events(DCBQuery([DCBQueryItem(types=["GenesisDeclared"])]), until=1)
    return genesis[0].statement.effective_on if genesis else None


def looked_after(log: OpenLog, at: Axes, now: Axes) -> int:
    """The position behind which changes since (D, K) are looked for: every one lies there, as no act is recorded before
    its day; of very many entries only the newest are looked at.
    """
    end = datetime.combine(at.as_of, time.max, SHANGHAI)
    return max(min(at.known_at, log.ledger.log.position_at(end)), now.known_at - LOOKED_MAX)


def ribbon(w: Window, place: Place, section: str, parts: Sequence[str]) -> Ribbon | None:
    """The ribbon of a public page; None where it shows now."""
    now = w.now
    if now is None or is_now(w.at, now):
        return None
    then, today = w.corner, Corner(now.as_of, now.known_at)
    to_now = Place(place.language, place.parts).to(*place.parts)
    if section not in TAGS or not parts:
        found = public_changes(w.source, then, today, after=looked_after(w.log, w.at, now))
        return made(w.log, place.language, w.at, now, to_now, numbers=found)
    found = public_changes(w.source, then, today, _tags(w, section, parts[0], today))
    named = [in_words(place.language, c) for c in found]
    return made(
        w.log,
        place.language,
        w.at,
        now,
        to_now,
        named,
        stands=_standing(w, place.language, section, parts[0], then, today),
    )


def made(
    log: OpenLog,
    language: str,
    at: Axes,
    now: Axes,
    to_now: str,
    named: Sequence[Named] = (),
    *,
    numbers: Sequence[Change] = (),
    stands: str | None = None,
) -> Ribbon:
    """A ribbon of what was found since: ``named`` in the order of days, or ``numbers`` to be counted by kind."""
    t, said = translator(language), sentences(log, language, at, now)
    if not (named or numbers or stands) and not (at.as_of > now.as_of and at.known_at == now.known_at):
        said += (t("Nothing on record has changed since."),)
    if numbers and looked_after(log, at, now) == now.known_at - LOOKED_MAX:
        said += (t("Changes are counted among the newest {n} entries.").format(n=LOOKED_MAX),)
    return Ribbon(
        said,
        tuple(named[-NAMED_MAX:]),
        max(0, len(named) - NAMED_MAX),
        in_numbers(language, numbers),
        len(numbers),
        stands,
        to_now,
    )


def _tags(w: Window, section: str, subject: str, today: Corner) -> list[str]:
    """The tags under which a page's changes are found: its subject's, and those of the awards or cases that it tells
    of.
    """
    own = [f"{tag}:{subject}" for tag in TAGS[section]]
    if section not in _LEADS:
        return own
    type_, member, tag = _LEADS[section]
    led = w.source.events(DCBQuery([DCBQueryItem(types=[type_], tags=own[:1])]), until=today.known)
    return [*own, *dict.fromkeys(f"{tag}:{getattr(e.statement.payload, member)}" for e in led)]


def in_words(language: str, change: Change, address: str | None = None) -> Named:
    """One change with its day."""
    return Named(day_in(language, change.on), told_in(language, (change.zh, change.en)), address)


def in_numbers(language: str, changes: Sequence[Change]) -> tuple[tuple[str, int], ...]:
    """Kinds of changes, the most frequent first, each with its number; those beyond the limit as one."""
    t = translator(language)
    kinds = [(told_in(language, (zh, en)), n) for zh, en, n in counted(changes)]
    others = [(t("others"), sum(n for _, n in kinds[_KINDS_MAX:]))] if kinds[_KINDS_MAX:] else []
    return (*kinds[:_KINDS_MAX], *others)


def _standing(w: Window, language: str, section: str, subject: str, then: Corner, today: Corner) -> str | None:
    """How an award or a notice stands now, where it stood otherwise and none of the changes named says so."""
    before, after = (status_of(w.source, section, subject, at) for at in (then, today))
    return standing(language, str(after)) if after not in (None, before, *_BY_ENTRY) else None
