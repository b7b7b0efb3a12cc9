"""The entrance: ``/`` leads to the pages in the visitor's language; ``robots.txt`` tells crawlers what is public."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.languages import asked_for, languages
from api.public import refusals
from api.public.routes import SECURITY
from api.rendering.place import Place
from ledger.errors import RongjianError

router = APIRouter(include_in_schema=False)

#: The same address answers programs with JSON and browsers with a page.
VARY = {"Vary": "Accept, Accept-Language"}

#: Public pages are for everybody; forms, logins and what needs a session are no use to a crawler (RFC 9309).
_CLOSED = ("desk/", "bench/", "*/report/")


def wants_page(request: Request) -> bool:
    """Does a browser ask? Programs name JSON, or take anything."""
    return "text/html" in request.headers.get("accept", "")


def led_in(request: Request) -> Response:
    """To the first page, in the visitor's language."""
    return RedirectResponse(f"/{asked_for(request)}/", 303, headers=VARY)


class _NoPage(Place):
    """An address that is nobody's: what leads on from it begins at the front."""

    def in_language(self, language: str) -> str:
        return self.to(language=language)


def is_page(request: Request) -> bool:
    """Is this an address of pages, whoever asks?"""
    return request.scope["path"].partition("/")[2].partition("/")[0] in languages()


def problem_page(request: Request, error: RongjianError, status: int | None = None) -> Response:
    """What went wrong at an address that belongs to no page, in the language of the address or else of the visitor."""
    path: str = request.scope["path"]
    named = path.partition("/")[2].partition("/")[0]
    language = named if named in languages() else asked_for(request)
    place = _NoPage(language, ("",) * (path.count("/") - 2))
    return refusals.respond(place, error, {**SECURITY, **VARY}, status)


@router.get("/robots.txt")
def robots() -> Response:
    """什么供抓取。What is for crawlers."""
    closed = [f"Disallow: /{language}/{area}" for language in languages() for area in _CLOSED]
    return Response("\n".join(["User-agent: *", *closed, ""]), media_type="text/plain; charset=utf-8")
