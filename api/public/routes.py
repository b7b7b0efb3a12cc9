"""The public window over HTTP: ``/zh/…`` and ``/en/…``, with data files beside each page, feeds, and pages of the past."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.inspector.export import to_csv
from api.inspector.inquiry import head_at
from api.open_logs import OpenLog
from api.public import feeds, mementos, pages, refusals
from api.public.assets import MEDIA, assets
from api.public.datafiles import FILES
from api.public.pages import Window
from api.public.rendering import LANGUAGES, Place
from api.v1.asking import AsOf, KnownAt, axes, open_logs
from ledger.errors import NotFoundError, RongjianError
from ledger.identifiers import parse_digest
from projections import public_pages

router = APIRouter(tags=["public 公众"])

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors *",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
}  # fmt: skip


FILES_BESIDE = ("data.json", "data.csv", "feed.atom", "feed.json", "timemap.link")


@router.get("/static/{name}", include_in_schema=False)
def static(request: Request, name: str) -> Response:
    """样式与脚本。Styles and scripts of the pages."""
    content = assets().get(name)
    if content is None:
        raise NotFoundError("path_unknown", "no such file", "没有这个文件")
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA[name.rpartition(".")[2]], headers=headers)


def _language(request: Request) -> str:
    return request.url.path.split("/")[1]


Language = Annotated[str, Depends(_language)]


def _base(request: Request) -> str:
    return str(request.base_url)


class WrittenPages:
    """Pages by everything that they depend on: a page of one (D, K) never changes, so that it is written once."""

    def __init__(self, most: int = 2_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._pages: OrderedDict[tuple[str, ...], str] = OrderedDict()

    def get(self, key: tuple[str, ...], write: Callable[[], str]) -> str:
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
                return found
        text = write()
        with self._lock:
            self._pages[key] = text
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)
        return text


def _html(request: Request, text: str, *, status: int = 200, memento: str | None = None) -> Response:
    """A page with its ETag, compressed where the browser takes it; 304 where it has it."""
    body = text.encode()
    headers = {
        **SECURITY,
        "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding, Accept-Datetime",
    }
    if status == 200:
        path = request.url.path
        headers["Link"] = (
            f'<{path}>; rel="original timegate", <{path}timemap.link>; rel="timemap"; type="application/link-format"'
        )
    if memento is not None:
        headers["Memento-Datetime"] = mementos.moment(memento)
    if status == 200 and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return page_response(request, body, status, headers)


def page_response(request: Request, body: bytes, status: int, headers: Mapping[str, str]) -> Response:
    """A page, compressed where the browser takes it."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers = gzip.compress(body, mtime=0), {**headers, "Content-Encoding": "gzip"}
    return Response(body, status, media_type="text/html; charset=utf-8", headers=dict(headers))


def _problem(request: Request, language: str, error: RongjianError) -> Response:
    """What went wrong, as a page for people."""
    place = Place(language, tuple(p for p in request.url.path.split("/")[2:] if p))
    return refusals.respond(place, error, SECURITY, 410 if error.code == pages.WITHDRAWN else None)


def home(request: Request, language: Language) -> Response:
    """本服务的账本。The ledgers of this service."""
    windows = [Window(log, axes(log, None, None)) for log in open_logs(request).all()]
    return _html(request, pages.home(windows, Place(language, ())))


def compared(request: Request, language: Language) -> Response:
    """各办法对照。The regulations side by side."""
    return _html(request, pages.compared(Place(language, ("rules",))))


def shown(
    request: Request, language: Language, log: str, path: str = "", as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """公众页面及其数据文件。A page of the public window, or a data file beside it."""
    try:
        opened = open_logs(request)[log]
        window = Window(opened, axes(opened, as_of, known_at))
        parts = tuple(p for p in path.split("/") if p)
        file = parts[-1] if parts and parts[-1] in FILES_BESIDE else ""
        parts = parts[:-1] if file else parts
        query = {k: v for k, v in (("as_of", as_of), ("known_at", known_at)) if v is not None}
        place = Place(language, (log, *parts), query)
        if file.startswith("feed"):
            return _feed(window, place, file, _base(request))
        if not file and not request.url.path.endswith("/"):
            return RedirectResponse(f"{request.url.path}/{'?' + request.url.query if request.url.query else ''}", 308)
        wanted = request.headers.get("accept-datetime")
        if wanted is not None and as_of is None and known_at is None and not file:
            return mementos.gate(request.url.path, wanted)
        section, rest = parts[0] if parts else "", parts[1:]
        if file == "timemap.link":
            pages.page(window, place, section, rest)
            body = mementos.timemap(
                window, section, rest, f"{_base(request)}{request.url.path.lstrip('/').removesuffix(file)}"
            )
            return Response(body, media_type="application/link-format; charset=utf-8", headers=SECURITY)
        if file:
            return _data(window, pages.page(window, place, section, rest), file)
        key = (
            opened.ledger.origin,
            request.url.path,
            str(window.at.as_of),
            str(window.at.known_at),
            *(f"{k}={v}" for k, v in query.items()),
            _base(request),
        )
        text = request.app.state.written_pages.get(
            key, lambda: pages.written(window, place, pages.page(window, place, section, rest), _base(request))
        )
        return _html(request, text, memento=as_of)
    except RongjianError as error:
        return _problem(request, language, error)


def _feed(window: Window, place: Place, file: str, base: str) -> Response:
    if file == "feed.atom":
        return Response(
            feeds.atom(window, place, base), media_type="application/atom+xml; charset=utf-8", headers=SECURITY
        )
    return Response(
        json.dumps(feeds.json_feed(window, place, base), ensure_ascii=False),
        media_type="application/feed+json",
        headers=SECURITY,
    )


def data_file(window: Window, found: pages.Shown, file: str) -> bytes:
    """The page's data as JSON or CSV, with log, D, K and tree head."""
    asked = {
        "log": window.log.ledger.origin,
        **window.at.to_json(),
        "checkpoint": head_at(window.log, window.at.known_at),
    }
    if file == "data.csv":
        return to_csv({**asked, "inquiry": "public", "query": {}, "rows": found.rows}).encode()
    return json.dumps({**asked, "data": found.data}, ensure_ascii=False, indent=1).encode()


def _data(window: Window, found: pages.Shown, file: str) -> Response:
    media = "text/csv; charset=utf-8" if file == "data.csv" else "application/json; charset=utf-8"
    return Response(data_file(window, found, file), media_type=media, headers=SECURITY)


for _each in LANGUAGES:
    router.add_api_route(f"/{_each}/", home, methods=["GET"], include_in_schema=False)
    router.add_api_route(f"/{_each}/rules/", compared, methods=["GET"], include_in_schema=False)
    router.add_api_route(f"/{_each}/{{log}}/", shown, methods=["GET"], include_in_schema=False)
    router.add_api_route(f"/{_each}/{{log}}/{{path:path}}", shown, methods=["GET"], include_in_schema=_each == "zh")


@router.get("/data/{log}/{name}")
def data(request: Request, log: str, name: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """公开数据文件：360Giving、OCDS 样式、SQLite。Public data files: grants, releases, records, SQLite."""
    opened: OpenLog = open_logs(request)[log]
    if name not in FILES:
        raise NotFoundError("path_unknown", f"there are {', '.join(FILES)}", f"有 {'、'.join(FILES)}")
    media, make = FILES[name]
    return Response(make(Window(opened, axes(opened, as_of, known_at))), media_type=media, headers=SECURITY)


@router.get("/v1/logs/{log}/document/{sha256}")
def document(request: Request, log: str, sha256: str) -> dict[str, Any]:
    """公开条目中是否有这份文件的哈希。Which public entries hold a document's hash."""
    opened: OpenLog = open_logs(request)[log]
    at = axes(opened, None, None)
    digest = parse_digest(sha256)
    return {
        "sha256": digest,
        "entries": public_pages.document(opened.ledger, public_pages.Corner(at.as_of, at.known_at), digest),
    }
