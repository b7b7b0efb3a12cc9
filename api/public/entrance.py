"""The entrance: ``/`` leads to the pages in the visitor's language; ``robots.txt`` tells crawlers what is public."""

from __future__ import annotations

import re
from decimal import Decimal

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.public import refusals
from api.public.routes import SECURITY
from api.rendering.messages import LANGUAGES
from api.rendering.place import Place
from ledger.errors import RongjianError

router = APIRouter(include_in_schema=False)

#: The same address answers programs with JSON and browsers with a page.
VARY = {"Vary": "Accept, Accept-Language"}

#: Public pages are for everybody; forms, logins and what needs a session are no use to a crawler (RFC 9309).
_CLOSED = ("desk/", "bench/", "*/report/")

#: A language range with its weight.
_RANGE = re.compile(r"(?P<language>[a-z]+)(?:-[a-z0-9-]+)?\s*(?:;\s*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?")


def wants_page(request: Request) -> bool:
    """Does a browser ask? Programs name JSON, or take anything."""
    return "text/html" in request.headers.get("accept", "")


def preferred_language(accepted: str) -> str:
    """The first of ours in an ``Accept-Language`` header, by its weights (RFC 9110, 12.5.4); Chinese without one."""
    found = [_RANGE.fullmatch(item.strip().lower()) for item in accepted.split(",")]
    weighed = [(Decimal(m["weight"] or 1), m["language"]) for m in found if m and m["language"] in LANGUAGES]
    # Of equal weights the first named.
    weight, language = max(weighed, key=lambda w: w[0], default=(Decimal(0), ""))
    return language if weight > 0 else LANGUAGES[0]


def led_in(request: Request) -> Response:
    """To the first page, in the visitor's language."""
    return RedirectResponse(f"/{preferred_language(request.headers.get('accept-language', ''))}/", 303, headers=VARY)


class _NoPage(Place):
    """An address that is nobody's: what leads on from it begins at the front."""

    def other(self) -> str:
        return self.to(language="en" if self.language == "zh" else "zh")


def is_page(request: Request) -> bool:
    """Is this an address of a public page?"""
    return request.scope["path"].partition("/")[2].partition("/")[0] in LANGUAGES


def problem_page(request: Request, error: RongjianError, status: int | None = None) -> Response:
    """What went wrong at an address that belongs to no page, in the language of the address or else of the visitor."""
    path: str = request.scope["path"]
    named = path.partition("/")[2].partition("/")[0]
    language = named if named in LANGUAGES else preferred_language(request.headers.get("accept-language", ""))
    place = _NoPage(language, ("",) * (path.count("/") - 2))
    return refusals.respond(place, error, {**SECURITY, **VARY}, status)


@router.get("/robots.txt")
def robots() -> Response:
    """什么供抓取。What is for crawlers."""
    closed = [f"Disallow: /{language}/{area}" for language in LANGUAGES for area in _CLOSED]
    return Response("\n".join(["User-agent: *", *closed, ""]), media_type="text/plain; charset=utf-8")
