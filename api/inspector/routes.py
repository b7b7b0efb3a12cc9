"""Inquiries over HTTP: ``/v1/logs/{log}/inspect/{inquiry}`` and ``/v1/across/…``; JSON, CSV, and graphs or text where
it has them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.cells.writing import MEDIA_TYPE
from api.inspector import across
from api.inspector.export import to_csv
from api.inspector.inquiries import INQUIRIES, inquiry_named
from api.inspector.inquiry import asked
from api.inspector.questions import QUESTIONS
from api.sentences import sentence, term
from api.v1.asking import AsOf, KnownAt, Log, open_logs, readable_logs, respond, tag
from api.v1.axes import axes
from ledger.errors import MalformedError
from ledger.sentences import enumeration

router = APIRouter(prefix="/v1", tags=[tag(term("tag", "inspection"))])

Format = Annotated[str, Query(description="json, csv; dot, mermaid, text where the inquiry has them")]
Lang = Annotated[str, Query(description="zh or en, for graphs and text")]

_OURS = frozenset({"as_of", "known_at", "format", "lang"})
_TYPES = {
    "csv": MEDIA_TYPE,
    "dot": "text/vnd.graphviz; charset=utf-8",
    "mermaid": "text/plain; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}


@router.get("/questions")
def questions(request: Request) -> Response:
    """问题清单，各由哪一次调用回答。The questions, and the one call that answers each."""
    return respond(request, {"questions": [q.to_json() for q in QUESTIONS]})


@router.get("/inquiries")
def inquiries(request: Request) -> Response:
    """有哪些查询及其参数。Which inquiries there are, and what they take."""
    rows = [
        {
            "name": i.name,
            "zh": i.zh,
            "en": i.en,
            "takes": {name: str(meaning) for name, meaning in i.takes.items()},
            "formats": list(i.formats),
        }
        for i in INQUIRIES.values()
    ]
    return respond(request, {"inquiries": rows})


@router.get("/logs/{log}/inspect/{inquiry}")
def inspect(
    log: Log,
    request: Request,
    inquiry: str,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: Format = "json",  # noqa: A002  (the name of the query parameter)
    lang: Lang = "zh",
) -> Response:
    """一次查询；参数见 /v1/inquiries。One inquiry; its parameters are in /v1/inquiries."""
    chosen = inquiry_named(inquiry)
    if format not in chosen.formats:
        raise MalformedError(
            "format_unknown",
            sentence("format: one of {formats}", formats=enumeration(chosen.formats)),
            field="format",
        )
    if lang not in ("zh", "en"):
        raise MalformedError("language_unknown", sentence("lang: zh or en"), field="lang")
    given = _given(request)
    value = asked(chosen, log, axes(log, as_of, known_at), given).to_json()
    if format == "json":
        return respond(request, value)
    body = to_csv(value) if format == "csv" else str(value[f"{format}_{lang}"]).encode()
    return Response(body, media_type=_TYPES[format], headers={"Cache-Control": "no-cache"})


def _given(request: Request) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise MalformedError("parameter_twice", sentence("{name} is given twice", name=name[:40]), field=name[:40])
        if name not in _OURS:
            given[name] = value
    return given


@router.get("/across/organisations/{uscc}")
def organisation(request: Request, uscc: str, as_of: AsOf = None) -> Response:
    """同一统一社会信用代码在各账本中的情况。One credit code in every log of this service."""
    return respond(request, across.organisation(readable_logs(request), open_logs(request).refused, uscc, as_of))


@router.get("/across/flags")
def flags(request: Request, as_of: AsOf = None) -> Response:
    """各账本的风险提示队列。The queues of red flags of all logs."""
    given = _given(request)
    unknown = sorted(given.keys() - {"flag", "severity", "state", "org", "person"})
    if unknown:
        raise MalformedError(
            "parameter_not_known", term("a parameter", "not {given!r}", given=unknown[0][:40]), field=unknown[0][:40]
        )
    return respond(request, across.flags(readable_logs(request), open_logs(request).refused, as_of, given))


@router.get("/across/patterns")
def patterns(request: Request, as_of: AsOf = None) -> Response:
    """多个账本都出现的组织。Organisations that several logs know."""
    return respond(request, across.patterns(readable_logs(request), open_logs(request).refused, as_of))
