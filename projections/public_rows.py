"""What the pages and files of the public window show, member by member as JSON has it.

Templates and other programs read these by name. What is only shown (the ruler of a notice, bans, the value of a
parameter) is an object: nothing here looks into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NotRequired, TypedDict, TypeVar

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import plain
from projections.publication import AwardOfEdition, Call, Notice, Publication, Statistics

T = TypeVar("T")


class Jurisdiction(TypedDict):
    """Whose log it is."""

    jurisdiction: str
    code: str
    simulation: bool


class CallRow(TypedDict):
    """The call of an edition."""

    number: int
    year: int
    window_from: str
    window_to: str
    awards: list[str]


class NoticedRow(TypedDict):
    """Somebody on public notice, and for which award kind."""

    org: str
    award: str


class CandidateRow(NoticedRow):
    """The same with the names that people know."""

    name: str
    kind_zh: str
    kind_en: str


class NoticeRow(TypedDict):
    """A notice of an edition; ``state`` and ``running`` are what it is on the day, ``last_day`` is its later end."""

    notice_id: str
    kind: str
    opened_on: str
    promised_end: str
    running: bool
    contact: str
    channels: list[str]
    names: list[NoticedRow]
    ruler: object
    state: str
    last_day: str


class NoticeListed(NoticeRow):
    """A notice by itself, with what its edition says of it."""

    edition: str
    candidates: list[CandidateRow]
    pack_title: str | None
    pack_title_en: str | None


class RulerDay(TypedDict):
    """A day of a notice; ``made_up`` is one that was made a working day by the calendar."""

    day: str
    workday: bool
    made_up: bool


class PlacesRow(TypedDict):
    """Places of an award kind; none is the most where nothing sets a number."""

    max: int | None
    used: int


class StatisticsRow(TypedDict):
    """Totals of an edition, money in fen."""

    applications: int
    ineligible: int
    awards: int
    revoked: int
    set_aside: int
    quota: dict[str, PlacesRow]
    prize_paid: int
    clawback_received: int
    without_money_of: NotRequired[list[str]]


class EditionRow(TypedDict):
    """An edition; where it could not be derived, ``not_derivable`` says so and its lists are empty.

    ``names``, ``recorded`` and ``publication`` serve the rows of other lists, and are in no file.
    """

    edition: str
    call: CallRow
    notices: list[NoticeRow]
    awards: object
    announcements: object
    statistics: StatisticsRow | None
    kinds: dict[str, dict[str, str]]
    articles: list[str]
    events: list[str]
    pack: str | None
    pack_title: str | None
    pack_title_en: str | None
    not_derivable: dict[str, str] | None
    names: Mapping[str, str]
    recorded: dict[str, str]
    publication: Publication | None


class AwardRow(TypedDict):
    """An award with its holder's name and how it stands; a day that does not arise or cannot be told is None.

    ``recorded_on`` is the day on which its grant was recorded.
    """

    award_id: str
    org: str
    name: str
    kind: str
    kind_zh: str
    kind_en: str
    edition: str
    year: int
    status: str
    granted_on: str | None
    recorded_on: str | None
    valid_from: str | None
    valid_until: str | None
    revoked_on: str | None
    set_aside_on: str | None
    body: str | None
    ruling_no: str | None
    ground: str | None
    basis: list[str]
    undetermined: dict[str, str] | None
    not_derivable: dict[str, str] | None


class RevocationRow(AwardRow):
    """A revoked award with the end of the ban, and the articles that the ban rests on."""

    ban_until: str | None
    ban_articles: list[str]


class EntryRow(TypedDict):
    """A public entry behind a page."""

    position: int
    event: str
    type: str
    zh: str
    en: str
    effective_on: str
    recorded_at: str
    basis: list[str]
    doc_no: str | None


class HashedEntry(TypedDict):
    """A public entry that holds a document's hash."""

    position: int
    event: str
    type: str
    zh: str
    en: str
    effective_on: str


class AwardPage(AwardRow):
    """An award by itself: its holder's credit code, its bans, and the public entries behind it."""

    uscc: str | None
    bans: object
    entries: list[EntryRow]


class NoticePage(NoticeListed):
    """A notice by itself: its days by the calendar, and the public entries behind it."""

    days: list[RulerDay]
    entries: list[EntryRow]


class OrganisationPage(TypedDict):
    """An organisation that was on a notice or won."""

    org: str
    name: str
    awards: list[AwardRow]
    notices: list[NoticeListed]
    bans: object
    editions: list[str]


class WithdrawnPage(TypedDict):
    """A page that is no more: since when, and by which entry."""

    path: str
    on: str
    position: int


class RulesRow(TypedDict):
    """A version of the rules; ``governs`` marks the one in force."""

    pack: str
    slug: str
    id: str
    version: str
    title: str
    title_en: str
    jurisdiction_en: str | None
    doc_no: str | None
    status: str
    in_force_on: str | None
    repealed_on: str | None
    governs: bool
    sha256: str


class ParameterRow(TypedDict):
    """A parameter of a version: its value with the articles, or why there is none."""

    path: str
    value: object
    unit: str | None
    absence: str | None
    gap: str | None
    articles: list[str]
    readings: list[str]
    note: str | None


class RulesPage(RulesRow):
    """A version by itself."""

    parameters: list[ParameterRow]


def called(call: Call) -> CallRow:
    return call_row(call.number, call.year, (call.window_from, call.window_to), call.awards)


def call_row(number: int, year: int, window: tuple[date, date], awards: Iterable[str]) -> CallRow:
    return {
        "number": number,
        "year": year,
        "window_from": window[0].isoformat(),
        "window_to": window[1].isoformat(),
        "awards": list(awards),
    }


def notice_row(notice: Notice, state: str, last_day: date) -> NoticeRow:
    """A notice with what it is on the day: one that nobody closed does not run for ever."""
    return {
        "notice_id": notice.notice_id,
        "kind": notice.kind,
        "opened_on": notice.opened_on.isoformat(),
        "promised_end": notice.promised_end.isoformat(),
        "running": state == "running",
        "contact": notice.contact,
        "channels": list(notice.channels),
        "names": [{"org": n.org, "award": n.award} for n in notice.names],
        "ruler": plain(notice.ruler),
        "state": state,
        "last_day": last_day.isoformat(),
    }


def statistics_row(statistics: Statistics) -> StatisticsRow:
    row: StatisticsRow = {
        "applications": statistics.applications,
        "ineligible": statistics.ineligible,
        "awards": statistics.awards,
        "revoked": statistics.revoked,
        "set_aside": statistics.set_aside,
        "quota": {kind: {"max": of.max, "used": of.used} for kind, of in statistics.quota.items()},
        "prize_paid": statistics.prize_paid,
        "clawback_received": statistics.clawback_received,
    }
    if statistics.without_money_of is not UNSET:
        row["without_money_of"] = list(statistics.without_money_of)
    return row


def award_row(award: AwardOfEdition, edition: EditionRow) -> AwardRow:
    value = None if award.value is UNSET else award.value
    kind = edition["kinds"].get(award.award, {})
    return {
        "award_id": award.award_id,
        "org": award.org,
        "name": edition["names"].get(award.org, award.org),
        "kind": award.award,
        "kind_zh": kind.get("zh", award.award),
        "kind_en": kind.get("en", award.award),
        "edition": edition["edition"],
        "year": edition["call"]["year"],
        "status": value.status if value else award.state,
        "granted_on": value.granted_on.isoformat() if value else None,
        "recorded_on": edition["recorded"].get(award.award_id),
        "valid_from": _day(value.valid_from) if value else None,
        "valid_until": _day(value.valid_until) if value else None,
        "revoked_on": _day(value.revoked_on) if value else None,
        "set_aside_on": _day(value.set_aside_on) if value else None,
        "body": _given(value.body) if value else None,
        "ruling_no": _given(value.ruling_no) if value else None,
        "ground": _given(value.ground) if value else None,
        "basis": list(_given(value.basis) or ()) if value else [],
        "undetermined": None if award.undetermined is UNSET else award.undetermined.to_json(),
        "not_derivable": None if award.not_derivable is UNSET else award.not_derivable.to_json(),
    }


def candidate_row(
    noticed: NoticedRow, names: Mapping[str, str], kinds: Mapping[str, Mapping[str, str]]
) -> CandidateRow:
    org, kind = noticed["org"], noticed["award"]
    return {
        **noticed,
        "name": names.get(org, org),
        "kind_zh": kinds.get(kind, {}).get("zh", kind),
        "kind_en": kinds.get(kind, {}).get("en", kind),
    }


def _given(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value


def _day(value: date | UnsetType) -> str | None:
    return None if isinstance(value, UnsetType) else value.isoformat()
