"""Pages of the past by date (RFC 7089): which days a page has changed on, and the way to the page of a day.

A page without ``as_of`` is the original and its own TimeGate (pattern 1.1); with ``as_of`` it is a memento: the state
at the end of that day in Shanghai. Every address in a ``Link`` is absolute.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime

from fastapi.responses import RedirectResponse

from api.public.pages import TAGS, Window
from api.sentences import sentence
from ledger.clock import SHANGHAI
from ledger.errors import MalformedError, NotFoundError
from projections import public_pages


def moment(day: str) -> str:
    """The end of a day in Shanghai as an HTTP date: what a page with ``as_of`` shows has happened by then."""
    at = datetime.combine(date.fromisoformat(day[:10]), time(23, 59, 59), SHANGHAI)
    return format_datetime(at.astimezone(UTC), usegmt=True)


def of_original(address: str) -> str:
    """The ``Link`` of a page: the original, which is also the TimeGate, and the map of its days."""
    return (
        f'<{address}>; rel="original timegate", <{address}timemap.link>; rel="timemap"; type="application/link-format"'
    )


def of_memento(address: str, query: str, day: str) -> str:
    """The ``Link`` of a page of a day: as the original's, and the memento itself with its day."""
    return f'{of_original(address)}, <{address}?{query}>; rel="memento"; datetime="{moment(day)}"'


def _days(w: Window, section: str, parts: tuple[str, ...]) -> list[str]:
    tag = f"{TAGS[section]}:{parts[0]}" if section in TAGS and parts else None
    return public_pages.days_of_change(w.source, w.corner, tag)


def timemap(w: Window, section: str, parts: tuple[str, ...], address: str) -> str:
    """RFC 7089 section 5 in application/link-format (RFC 6690): one memento per day of change, oldest first."""
    lines = [
        f'<{address}>;rel="original timegate"',
        f'<{address}timemap.link>;rel="self";type="application/link-format"',
    ]
    lines += [f'<{address}?as_of={day}>;rel="memento";datetime="{moment(day)}"' for day in _days(w, section, parts)]
    return ",\n".join(lines) + "\n"


def _day_in_shanghai(at: datetime) -> date:
    try:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(SHANGHAI).date()
    except OverflowError:
        # The last evening that there is.
        return at.date()


def gate(w: Window, section: str, parts: tuple[str, ...], address: str, path: str, wanted: str) -> RedirectResponse:
    """To the page of the day that ``Accept-Datetime`` names; before the page's first day to that, from today on to
    today's.
    """
    try:
        day = _day_in_shanghai(parsedate_to_datetime(wanted))
    except ValueError as error:
        raise MalformedError(
            "bad_accept_datetime",
            sentence("Accept-Datetime: an HTTP date (RFC 9110 5.6.7)"),
            field="Accept-Datetime",
        ) from error
    days = _days(w, section, parts)
    if not days and section in TAGS and parts:
        raise NotFoundError("page_unknown", sentence("there never was such a page"))
    days = days or [w.at.as_of.isoformat()]
    chosen = min(max(day.isoformat(), days[0]), w.at.as_of.isoformat())
    link = of_memento(address, f"as_of={chosen}", chosen) + "".join(
        f', <{address}?as_of={each}>; rel="{name} memento"; datetime="{moment(each)}"'
        for name, each in (("first", days[0]), ("last", days[-1]))
        if each != chosen
    )
    return RedirectResponse(f"/{path}/?as_of={chosen}", 302, {"Vary": "Accept-Datetime", "Link": link})
