"""Reports of errors in public pages: anybody may send one, gets a number, and reads there what was done.

A form that needs no script. What is written goes to the office, sealed; the page of a report shows no word of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final
from unicodedata import normalize
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.home.open_logs import OpenLog
from api.languages import languages
from api.public import refusals
from api.public.pages import LogHead, Window
from api.public.routes import SECURITY, Language
from api.rate_limit import RateLimit
from api.rendering.environment import render
from api.rendering.place import Place
from api.sentences import sentence, term
from api.v1.asking import open_logs, tag
from api.v1.axes import axes
from ledger.clock import system_clock
from ledger.errors import MalformedError, PermissionRefusedError, RongjianError
from ledger.sentences import enumeration
from ledger.store.error_reports import ErrorReport, ErrorReports
from ledger.text import check, visible

router = APIRouter(tags=[tag(term("tag", "public"))])

#: Characters of each field.
LIMITS: Final = {"page": 300, "text": 2_000, "contact": 200}


def report_limit() -> RateLimit:
    """One client's reports."""
    return RateLimit(5, timedelta(minutes=10), system_clock)


def reports_of(log: OpenLog) -> ErrorReports:
    return ErrorReports(log.ledger.database, log.ledger.vault)


def _page(place: Place, code: int, template: str, **context: object) -> Response:
    text = render(template, place, **context)
    return Response(text, code, SECURITY | {"Cache-Control": "no-store"}, "text/html; charset=utf-8")


def _answered(language: str, parts: tuple[str, ...], answer: Callable[[Place], Response]) -> Response:
    """The answer, or what went wrong as a page for people."""
    place = Place(language, parts)
    try:
        return answer(place)
    except RongjianError as error:
        return refusals.respond(place, error, SECURITY)


def _head(log: OpenLog) -> LogHead:
    return Window(log, axes(log, None, None)).head()


def form(request: Request, language: Language, log: str, page: str = "") -> Response:
    """纠错表单。The form of a report."""
    return _answered(
        language,
        (log, "report"),
        lambda place: _page(
            place,
            200,
            "report.html",
            log=_head(open_logs(request)[log]),
            page=visible(page)[: LIMITS["page"]],
            limits=LIMITS,
        ),
    )


def send(request: Request, language: Language, log: str) -> Response:
    """提交纠错，得到编号。Send a report; leads to the page of its number."""

    def kept(place: Place) -> Response:
        opened = open_logs(request)[log]
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise PermissionRefusedError("cross_site", sentence("the form of this site only"))
        given = _fields(request.state.body)
        request.app.state.report_limit.count(request.client.host if request.client else "")
        made = ErrorReport(secrets.token_hex(16), system_clock(), given["page"], opened.ledger.size(), None)
        reports_of(opened).put(made, given["text"], given["contact"])
        return RedirectResponse(place.to(log, "report", made.id), 303)

    return _answered(language, (log, "report"), kept)


def form_fields(body: bytes, names: Collection[str]) -> dict[str, str]:
    """The fields of a form, each of ``names`` once, no other, as the text policy wants them; else MalformedError."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=8)
    except ValueError as error:
        raise MalformedError("malformed_form", sentence("the form's fields, URL-encoded")) from error
    # Browsers send lines as RFC 7578 wants them; a tab is a blank here; how a keyboard composes is nobody's choice.
    given = {name: normalize("NFC", v.strip().replace("\r\n", "\n").replace("\t", " ")) for name, v in pairs}
    if len(given) != len(pairs) or given.keys() != set(names):
        raise MalformedError("malformed_form", sentence("each once: {names}", names=enumeration(names)))
    for name, value in given.items():
        check(value, name, lines=True)
    return given


def _fields(body: bytes) -> dict[str, str]:
    """A report's fields, within their limits; MalformedError names the one that is not."""
    given = form_fields(body, LIMITS)
    for name, most in LIMITS.items():
        if len(given[name]) > most:
            raise MalformedError(
                "malformed_report", sentence("{name}: at most {most} characters", name=name, most=most), field=name
            )
    if not given["text"]:
        raise MalformedError("report_empty", sentence("say what is wrong"), field="text")
    return given


def sent(request: Request, language: Language, log: str, report_id: str) -> Response:
    """纠错的办理情况。What was done about a report."""

    def shown(place: Place) -> Response:
        opened = open_logs(request)[log]
        return _page(place, 200, "reported.html", log=_head(opened), report=reports_of(opened).get(report_id))

    return _answered(language, (log, "report", report_id), shown)


for _each in languages():
    router.add_api_route(f"/{_each}/{{log}}/report/", form, methods=["GET"], include_in_schema=False)
    router.add_api_route(f"/{_each}/{{log}}/report/", send, methods=["POST"], include_in_schema=False)
    router.add_api_route(f"/{_each}/{{log}}/report/{{report_id}}/", sent, methods=["GET"], include_in_schema=False)
