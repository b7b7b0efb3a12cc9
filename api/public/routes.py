"""The public window over HTTP: ``/zh/…``, ``/en/…`` and each further language, with data files beside each page,
feeds, and pages of the past.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from sys import getsizeof
from typing import Annotated
from urllib.parse import unquote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.cells.writing import MEDIA_TYPE
from api.home.addresses import base_of, path_of, query_of
from api.home.open_logs import OpenLog
from api.inspector.export import to_csv
from api.inspector.inquiry import head_at
from api.json_text import json_text
from api.languages import languages
from api.public import feeds, mementos, pages, refusals
from api.public.assets import MEDIA, assets
from api.public.datafiles import FILES
from api.public.kept import KeptUntilTouched
from api.public.pages import Window
from api.public.ribbon import Ribbon, ribbon
from api.rendering.place import Place
from api.sentences import sentence, term
from api.v1.asking import AsOf, KnownAt, open_logs, tag
from api.v1.axes import axes
from ledger.errors import NotFoundError, RongjianError
from ledger.identifiers import parse_digest
from ledger.room import SHARED, Room, Share
from ledger.sentences import enumeration
from projections import public_pages
from projections.noted import NotedSource

router = APIRouter(tags=[tag(term("tag", "public"))])

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; "
    "base-uri "
    "'none'; form-action 'self'; frame-ancestors *",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


FILES_BESIDE = ("data.json", "data.csv", "feed.atom", "feed.json", "timemap.link")


@router.get("/static/{name}", include_in_schema=False)
def static(request: Request, name: str) -> Response:
    """样式与脚本。Styles and scripts of the pages."""
    content = assets().get(name)
    if content is None:
        raise NotFoundError("path_unknown", sentence("no such file"))
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA[name.rpartition(".")[2]], headers=headers)


def _language(request: Request) -> str:
    return path_of(request).split("/")[1]


Language = Annotated[str, Depends(_language)]


class WrittenPages:
    """Pages by everything that they depend on, so that each is written once: their (D, K), and of a page that is not of
    now also its ribbon, which says what has changed since.
    """

    def __init__(self, room: Room = SHARED) -> None:
        self._pages: Share[tuple[str, ...], Written] = room.share()

    def get(self, key: tuple[str, ...], write: Callable[[], str]) -> Written:
        found = self._pages.get(key)
        if found is None:
            found = Written(write())
            self._pages.put(key, found, 2 * len(found.body) + sum(map(getsizeof, key)))
        return found


class Written:
    """A page as it is sent: its bytes, and what is made of them once, when somebody first asks."""

    def __init__(self, text: str) -> None:
        self.body = text.encode()

    @cached_property
    def tag(self) -> str:
        """Its ETag: that of what it says, however it is sent."""
        return f'W/"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    @cached_property
    def packed(self) -> bytes:
        """Compressed, for whoever takes it."""
        return gzip.compress(self.body, mtime=0)


def _html(request: Request, page: Written, headers: Mapping[str, str] | None = None) -> Response:
    """A page with its ETag, compressed where the browser takes it; 304 where it has it."""
    all_headers = {**SECURITY, "ETag": page.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    all_headers |= headers or {}
    if request.headers.get("if-none-match") == page.tag:
        return Response(status_code=304, headers=all_headers)
    return page_response(request, page, 200, all_headers)


def page_response(request: Request, page: Written, status: int, headers: Mapping[str, str]) -> Response:
    """A page, compressed where the browser takes it."""
    packed = "gzip" in request.headers.get("accept-encoding", "")
    body, also = (page.packed, {"Content-Encoding": "gzip"}) if packed else (page.body, {})
    return Response(body, status, media_type="text/html; charset=utf-8", headers={**headers, **also})


def _problem(place: Place, error: RongjianError, above: Ribbon | None) -> Response:
    """What went wrong, as a page for people; of a day or a knowledge that is not now, with its ribbon."""
    status = 410 if error.code == pages.WITHDRAWN else None
    return refusals.respond(place, error, SECURITY, status, ribbon=above)


def segments(request: Request) -> tuple[str, ...]:
    """Path segments as they stand in the address: an id may hold a slash, written %2F."""
    raw = request.scope.get("raw_path", path_of(request).encode()).decode("ascii", "replace").partition("?")[0]
    return tuple(unquote(p) for p in raw.split("/") if p)


def home(request: Request, language: Language) -> Response:
    """本服务的账本。The ledgers of this service."""
    served, refused = open_logs(request).served()
    windows = [Window(log, axes(log, None, None)) for log in served]
    return _html(request, Written(pages.home(windows, Place(language, ()), sorted(refused))))


def compared(request: Request, language: Language) -> Response:
    """各办法对照。The regulations side by side."""
    return _html(request, Written(pages.compared(Place(language, ("rules",)))))


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of a log as it was asked for: where, what file beside it, at which (D, K)."""

    window: Window
    place: Place
    section: str
    rest: tuple[str, ...]
    file: str
    base: str
    kept: KeptUntilTouched[pages.Shown]

    @property
    def address(self) -> str:
        return f"{self.base}{self.place.path}/"

    @property
    def is_original(self) -> bool:
        """Without a day or a knowledge of its own: the page that mementos are of."""
        return not self.place.query

    def above(self) -> Ribbon | None:
        return ribbon(self.window, self.place, self.section, self.rest)

    def page(self) -> pages.Shown:
        """What the page shows; made again only where something has been recorded that it may rest on."""
        ledger, at = self.window.log.ledger, self.window.at

        def made(noted: NotedSource) -> pages.Shown:
            return pages.page(replace(self.window, noted=noted), self.place, self.section, self.rest)

        if self.section in pages.LIVE:
            return pages.page(self.window, self.place, self.section, self.rest)
        query = tuple(sorted(self.place.query.items()))
        return self.kept.get((ledger.origin, self.place.path, at.as_of, query), ledger, at.known_at, made)


def _asked(request: Request, language: str, log: str, as_of: str | None, known_at: str | None) -> Asked:
    opened = open_logs(request)[log]
    now = axes(opened, None, None)
    window = Window(opened, now if (as_of, known_at) == (None, None) else axes(opened, as_of, known_at), now)
    parts = segments(request)[2:]
    file = parts[-1] if parts and parts[-1] in FILES_BESIDE else ""
    parts = parts[:-1] if file else parts
    query = {k: v for k, v in (("as_of", as_of), ("known_at", known_at)) if v is not None}
    place = Place(language, (log, *parts), query)
    kept = request.app.state.shown_pages
    return Asked(window, place, "".join(parts[:1]), parts[1:], file, base_of(request), kept)


def shown(
    request: Request, language: Language, log: str, path: str = "", as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """公众页面及其数据文件。A page of the public window, or a data file beside it."""
    asked = None
    try:
        asked = _asked(request, language, log, as_of, known_at)
        if asked.file.startswith("feed"):
            return _feed(asked)
        if not asked.file and not path_of(request).endswith("/"):
            return RedirectResponse(f"/{asked.place.path}/{query_of(request)}", 308)
        wanted = request.headers.get("accept-datetime")
        if wanted is not None and asked.is_original and not asked.file:
            return mementos.gate(asked.window, asked.section, asked.rest, asked.address, asked.place.path, wanted)
        if asked.file == "timemap.link":
            asked.page()
            body = mementos.timemap(asked.window, asked.section, asked.rest, asked.address)
            return Response(body, media_type="application/link-format; charset=utf-8", headers=SECURITY)
        if asked.file:
            return _data(asked.window, asked.page(), asked.file)
        return _page(request, asked)
    except RongjianError as error:
        place = asked.place if asked else Place(language, segments(request)[1:])
        above = asked.above() if asked and isinstance(error, NotFoundError) else None
        return _problem(place, error, above)


def _page(request: Request, asked: Asked) -> Response:
    """The page itself, from the pages written before where it is the same."""
    at, above = asked.window.at, asked.above()
    query = tuple(f"{k}={v}" for k, v in asked.place.query.items())
    origin = asked.window.log.ledger.origin
    key = (origin, asked.place.path, str(at.as_of), str(at.known_at), *query, asked.base, repr(above))

    def write() -> str:
        return pages.written(asked.window, asked.place, asked.page(), asked.base, above)

    kept: WrittenPages = request.app.state.written_pages
    page = Written(write()) if asked.section in pages.LIVE else kept.get(key, write)
    return _html(request, page, _memento_headers(asked))


def _memento_headers(asked: Asked) -> dict[str, str]:
    """RFC 7089: an original varies by the date asked for; a page of a day that is over is a memento of that day."""
    if asked.is_original:
        return {"Link": mementos.of_original(asked.address), "Vary": "Accept-Encoding, Accept-Datetime"}
    day, now = asked.window.at.as_of, asked.window.now
    if "as_of" not in asked.place.query or (now is not None and day > now.as_of):
        return {"Link": mementos.of_original(asked.address)}
    link = mementos.of_memento(asked.address, urlencode(asked.place.query), day.isoformat())
    return {"Link": link, "Memento-Datetime": mementos.moment(day.isoformat())}


def _feed(asked: Asked) -> Response:
    if asked.file == "feed.atom":
        content, media = feeds.atom(asked.window, asked.place, asked.base), "application/atom+xml; charset=utf-8"
    else:
        content, media = feeds.json_feed(asked.window, asked.place, asked.base), "application/feed+json"
    return Response(content, media_type=media, headers=SECURITY)


def data_file(window: Window, found: pages.Shown, file: str) -> bytes:
    """The page's data as JSON or CSV, with log, D, K and tree head."""
    asked = {
        "log": window.log.ledger.origin,
        **window.at.to_json(),
        "checkpoint": head_at(window.log, window.at.known_at),
    }
    if file == "data.csv":
        return to_csv({**asked, "inquiry": "public", "query": {}, "rows": found.rows})
    return json_text({**asked, "data": found.data}, indent=1).encode()


def _data(window: Window, found: pages.Shown, file: str) -> Response:
    media = MEDIA_TYPE if file == "data.csv" else "application/json; charset=utf-8"
    return Response(data_file(window, found, file), media_type=media, headers=SECURITY)


for _each in languages():
    router.add_api_route(f"/{_each}/", home, methods=["GET"], include_in_schema=False)
    router.add_api_route(f"/{_each}/rules/", compared, methods=["GET"], include_in_schema=False)
    router.add_api_route(f"/{_each}/{{log}}/", shown, methods=["GET"], include_in_schema=False)
    router.add_api_route(f"/{_each}/{{log}}/{{path:path}}", shown, methods=["GET"], include_in_schema=_each == "zh")


@router.get("/data/{log}/{name}")
def data(request: Request, log: str, name: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """公开数据文件：360Giving、OCDS 样式、SQLite。Public data files: grants, releases, records, SQLite."""
    opened: OpenLog = open_logs(request)[log]
    if name not in FILES:
        raise NotFoundError("path_unknown", sentence("there are {files}", files=enumeration(FILES)))
    media, make = FILES[name]
    return Response(
        make(Window(opened, axes(opened, as_of, known_at)), base_of(request)), media_type=media, headers=SECURITY
    )


@router.get("/v1/logs/{log}/document/{sha256}")
def document(request: Request, log: str, sha256: str) -> dict[str, object]:
    """公开条目中是否有这份文件的哈希。Which public entries hold a document's hash."""
    opened: OpenLog = open_logs(request)[log]
    at = axes(opened, None, None)
    digest = parse_digest(sha256)
    return {
        "sha256": digest,
        "entries": public_pages.document(opened.ledger, public_pages.Corner(at.as_of, at.known_at), digest),
    }
