"""Pages of the past by date (RFC 7089): which days a page has changed on, and the way to the page of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime

from fastapi.responses import RedirectResponse

from api.public.pages import TAGS, Window
from ledger.clock import SHANGHAI
from ledger.errors import MalformedError
from projections import public_pages


def moment(day: str) -> str:
    """The end of a day in Shanghai as an HTTP date: what a page with ``as_of`` shows has happened by then."""
    at = datetime.combine(date.fromisoformat(day[:10]), time(23, 59, 59), SHANGHAI)
    return format_datetime(at.astimezone(UTC), usegmt=True)


def timemap(w: Window, section: str, parts: tuple[str, ...], address: str) -> str:
    """RFC 7089 section 5 in application/link-format (RFC 6690): one memento per day of change, oldest first."""
    tag = f"{TAGS[section]}:{parts[0]}" if section in TAGS and parts else None
    days = public_pages.days_of_change(w.source, w.corner, tag)
    lines = [
        f'<{address}>;rel="original timegate"',
        f'<{address}timemap.link>;rel="self";type="application/link-format"',
    ]
    lines += [f'<{address}?as_of={day}>;rel="memento";datetime="{moment(day)}"' for day in days]
    return ",\n".join(lines) + "\n"


def gate(path: str, wanted: str) -> RedirectResponse:
    """To the page of the day that ``Accept-Datetime`` names."""
    try:
        at = parsedate_to_datetime(wanted)
        day = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(SHANGHAI).date()
    except (ValueError, OverflowError) as error:
        raise MalformedError(
            "bad_accept_datetime", "Accept-Datetime: an HTTP date (RFC 9110 5.6.7)", "Accept-Datetime 应为 HTTP 日期", field="Accept-Datetime"
        ) from error  # fmt: skip
    return RedirectResponse(f"{path}?as_of={day.isoformat()}", 302, {"Vary": "Accept-Datetime"})
