"""Pages for those with a seat: ``/{language}/desk/{log}/…`` for inspection, ``/{language}/bench/{log}/…`` for everybody
who signs.

Every page read is written down with who read it, in which roles, and what for.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.cells.writing import MEDIA_TYPE
from api.evidence import archive
from api.evidence.making import made
from api.evidence.subjects import SUBJECTS
from api.home.addresses import path_of, query_of
from api.home.open_logs import OpenLog
from api.inspector.export import to_csv
from api.inspector.inquiry import head_at
from api.json_text import json_text
from api.languages import languages
from api.problems import error_headers, status_of
from api.public import refusals
from api.public.pages import Window
from api.public.ribbon import Ribbon
from api.public.routes import SECURITY, Written, page_response, segments
from api.rendering.environment import render
from api.rendering.place import Place
from api.sentences import sentence, term
from api.v1.asking import AsOf, KnownAt, open_logs
from api.v1.axes import axes
from api.workplace import bench, reports
from api.workplace.bulk import template
from api.workplace.desk import obligations
from api.workplace.desk import pages as desk
from api.workplace.interface import session_of, visitor_in
from api.workplace.reports import reads_reports
from api.workplace.sheets import Desk, Sheet
from api.workplace.standpoint import ribbon
from api.workplace.visitors import Visitor, require, visitor_of
from ledger.clock import system_clock
from ledger.errors import MalformedError, RongjianError
from ledger.sentences import enumeration
from ledger.store.visits import Visit, record_visit
from ledger.text import visible

router = APIRouter(tags=[" ".join(reversed(sentence("workbench")))])

#: Nobody frames these pages, and no cache keeps them.
CLOSED = SECURITY | {
    "Content-Security-Policy": SECURITY["Content-Security-Policy"].replace(
        "frame-ancestors *", "frame-ancestors 'none'"
    ),
    "Cache-Control": "private, no-store",
}

#: Longer values of a page's form are cut off by refusing them.
VALUE_MAX = 20_000


def _html(request: Request, text: str, status: int = 200) -> Response:
    return page_response(request, Written(text), status, CLOSED)


def _place(request: Request) -> Place:
    language, *parts = segments(request)
    # A dial left empty is not set: what the pages link to need not know of it.
    kept = {k: v for k, v in request.query_params.items() if v and k in ("as_of", "known_at", "large")}
    return Place(language, tuple(parts), kept)


def page(request: Request, log: str, path: str = "", as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """监督台与工作台的页面。A page of the desk or the workbench."""
    place = _place(request)
    opened = open_logs(request)[log]
    try:
        if not path_of(request).endswith("/"):
            return RedirectResponse(f"{path_of(request)}/{query_of(request)}", 308)
        area, section, subject = place.parts[0], "".join(place.parts[2:3]), "/".join(place.parts[3:])
        if (area, section) == ("desk", "login"):
            return _html(request, _login(opened, place))
        session = session_of(request, opened)
        if session is None:
            return RedirectResponse(place.to("desk", log, "login"), 303)
        visitor = visitor_of(opened, session, system_clock())
        return _answered(request, opened, place, visitor, (area, section, subject), (as_of, known_at))
    except RongjianError as error:
        return _refused(request, place, error, log)


def _refused(request: Request, place: Place, error: RongjianError, log: str, above: Ribbon | None = None) -> Response:
    """What the seat may not see, or what went wrong, with the ways on; of a page that is not of now, with its
    ribbon.
    """
    text = refusals.written(place, error, "refused.html", log_name=log, ribbon=above)
    response = _html(request, text, status_of(error))
    response.headers.update(error_headers(error))
    return response


def answer_report(request: Request, log: str, report_id: str) -> Response:
    """答复纠错。The office's answer to a report of an error, from the form of the workbench."""
    place = _place(request)
    opened = open_logs(request)[log]
    try:
        visitor = visitor_in(request, opened)
        reports.settle(Desk(opened, axes(opened, None, None), place, visitor, {}), report_id, request.state.body)
        return RedirectResponse(place.to("bench", log, "reports"), 303)
    except RongjianError as error:
        return _refused(request, place, error, log)


def _answered(
    request: Request,
    log: OpenLog,
    place: Place,
    visitor: Visitor,
    where: tuple[str, str, str],
    dials: tuple[str | None, str | None],
) -> Response:
    area, section, subject = where
    query = dict(request.query_params)
    if any(len(v) > VALUE_MAX for v in query.values()):
        raise MalformedError("parameter_length", sentence("at most {value_max} characters", value_max=VALUE_MAX))
    shown = Desk(log, axes(log, *(v or None for v in dials)), place, visitor, query)
    if area == "desk":
        require(
            visitor.inspects,
            sentence("the inspector's desk, which is for discipline inspection and the supervision group"),
        )
    _note(log, visitor, request)
    if (area, section, query.get("format")) == ("desk", "package", "zip"):
        return _package(shown)
    if (area, section, query.get("format")) == ("bench", "bulk", "csv"):
        return _template(shown, subject)
    try:
        sheet = (desk if area == "desk" else bench).sheet(shown, section, subject)
        wanted = query.get("format", "html")
        if wanted != "html":
            return _file(shown, sheet, section, wanted)
        return _html(request, _written(shown, sheet, where))
    except RongjianError as error:
        # What was not there then may be there now.
        return _refused(request, place, error, log.home.name, ribbon(shown, *where))


def _file(d: Desk, sheet: Sheet, section: str, wanted: str) -> Response:
    """One of the files beside a page; MalformedError names those there are."""
    if wanted not in sheet.formats:
        there = ("html", *sheet.formats)
        raise MalformedError(
            "format_unknown",
            sentence("format: this page has {there}", there=enumeration(there)),
            field="format",
        )
    given = sheet.data.to_json() if sheet.data is not None else {}
    match wanted:
        case "json":
            text = json_text(given, indent=1)
            return Response(text, media_type="application/json; charset=utf-8", headers=CLOSED)
        case "ics":
            return _calendar(d)
        case _:
            # A page that answers no inquiry says by itself what a sheet of its rows has to say.
            asked = {"log": d.log.ledger.origin, **d.at.to_json(), "inquiry": section, "query": _asked(d)}
            head = {"checkpoint": head_at(d.log, d.at.known_at)}
            return Response(to_csv({**asked, **head, **given}), media_type=MEDIA_TYPE, headers=CLOSED)


def _asked(d: Desk) -> dict[str, str]:
    """What the address asks beside day, knowledge and form."""
    return {k: v for k, v in d.query.items() if k not in ("as_of", "known_at", "format", "large")}


def _note(log: OpenLog, visitor: Visitor, request: Request) -> None:
    """Written down before it is shown."""
    s = visitor.session
    # Only what was asked for: odd characters in it prevent neither the page nor the record.
    page_read = visible(path_of(request) + query_of(request))[:500]
    record_visit(
        log.ledger.database,
        Visit(system_clock(), visitor.principal, s.key_id, ",".join(sorted(visitor.roles)), page_read, s.purpose),
    )


def _calendar(d: Desk) -> Response:
    body = obligations.calendar(d, system_clock().strftime("%Y%m%dT%H%M%SZ"))
    return Response(
        body,
        media_type="text/calendar; charset=utf-8",
        headers=CLOSED | {"Content-Disposition": 'attachment; filename="obligations.ics"'},
    )


def _template(d: Desk, topic: str) -> Response:
    """An empty file with heads in the language of the page."""
    body = template(d.visitor, topic, d.place.language)
    disposition = f'attachment; filename="{topic}.{d.place.language}.csv"'
    return Response(body, media_type=MEDIA_TYPE, headers=CLOSED | {"Content-Disposition": disposition})


def _package(d: Desk) -> Response:
    kind, subject = d.query.get("kind", ""), d.query.get("subject", "")
    if kind not in SUBJECTS:
        raise MalformedError(
            "subject_kind_unknown",
            sentence("kind: one of {subjects}", subjects=enumeration(SUBJECTS)),
            field="kind",
        )
    files, _ = made(d.log.ledger, kind, subject, d.at.as_of, flags=d.query.get("flags") == "1")
    return Response(
        archive.write(files),
        media_type="application/zip",
        headers=CLOSED | {"Content-Disposition": 'attachment; filename="evidence.zip"'},
    )


def _written(d: Desk, sheet: Sheet, where: tuple[str, str, str]) -> str:
    area, section, _ = where
    query = _asked(d)
    # The calendar is offered where its days are shown.
    files = {name: d.place.to(*d.place.parts, **query, format=name) for name in sheet.formats if name != "ics"}
    return render(
        sheet.template,
        d.place,
        sheet=sheet,
        area=area,
        section=section,
        log=Window(d.log, d.at).head(),
        at=d.at,
        size=d.log.ledger.size(),
        visitor=d.visitor,
        seats=[d.word(r, "role") for r in sorted(d.visitor.roles - {"PUB"})],
        dials={k: d.query.get(k, "") for k in ("as_of", "known_at")},
        query=query,
        files=files,
        nav=_nav(d, area),
        large=bool(d.query.get("large")),
        origin=d.log.ledger.origin,
        ribbon=ribbon(d, *where),
        **sheet.context,
    )


def _nav(d: Desk, area: str) -> list[tuple[str, str, str]]:
    """Section, address and words of what the navigation shows."""
    if area == "bench":
        items = [("", sentence("Workbench")), ("mine", sentence("What I signed"))]
        if reads_reports(d.visitor):
            items.append(("reports", sentence("Reports of errors")))
    else:
        items = [
            ("", term("navigation", "Desk")),
            ("search", sentence("Search")),
            ("flags", term("navigation", "Flags")),
            ("state", term("navigation", "State at")),
            ("difference", term("navigation", "Difference")),
            ("scores", term("navigation", "Scores")),
            ("money", sentence("Money")),
            ("duties", term("navigation", "Duties")),
            ("notices", sentence("Public notices")),
            ("rules", sentence("Rules")),
            ("four-eyes", term("navigation", "Four eyes")),
            ("compare", term("navigation", "Compare")),
            ("patterns", term("navigation", "Patterns")),
            ("integrity", sentence("Integrity")),
            ("package", term("navigation", "Package")),
            ("access", term("navigation", "Access")),
            ("ask", term("navigation", "Inquiries")),
        ]
    shown = [(s, d.place.to(area, d.log.home.name, *([s] if s else [])), d.say(named)) for s, named in items]
    if area == "bench" and d.visitor.inspects:
        shown.append(("desk", d.place.to("desk", d.log.home.name), d.say(sentence("Inspector's desk"))))
    elif area == "desk":
        shown.append(("bench", d.place.to("bench", d.log.home.name), d.say(sentence("Workbench"))))
    return shown


def _login(log: OpenLog, place: Place) -> str:
    context: dict[str, object] = {
        "log": Window(log, axes(log, None, None)).head(),
        "api": place.root(f"v1/logs/{log.home.name}"),
        "next": place.to("bench", log.home.name),
    }
    return render("login.html", place, **context)


for _each in languages():
    router.add_api_route(
        f"/{_each}/bench/{{log}}/reports/{{report_id}}/", answer_report, methods=["POST"], include_in_schema=False
    )
    for _area in ("desk", "bench"):
        router.add_api_route(f"/{_each}/{_area}/{{log}}/", page, methods=["GET"], include_in_schema=False)
        router.add_api_route(f"/{_each}/{_area}/{{log}}/{{path:path}}", page, methods=["GET"], include_in_schema=False)
