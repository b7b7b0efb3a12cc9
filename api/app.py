"""The HTTP application: routes, limits, problems, one canonical log line per request."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from urllib.parse import unquote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.head_requests import HeadRequests
from api.home.addresses import check_host, path_of, query_of
from api.home.open_logs import OpenLogs
from api.home.readiness import Readiness
from api.inspector import routes as inspecting
from api.problems import respond_with
from api.public import entrance, reporting
from api.public import routes as public
from api.public.kept import KeptUntilTouched
from api.readers.access import check_reader
from api.readers.reads import record_reading
from api.readers.tokens import ReaderTokens
from api.sentences import sentence, term
from api.v1 import answers, log_paths, statements
from api.v1.asking import tag
from api.v1.turns import Turns, whose
from api.workplace import interface as workplace
from api.workplace import routes as workplace_pages
from api.workplace import uploading
from ledger.errors import InvariantError, MalformedError, RongjianError

_log = structlog.get_logger(__name__)

LIVE = "/health/live"

_NAME = " ".join(sentence("Rongjian"))
_HEALTH = tag(term("tag", "health"))

_ABOUT = sentence("Rongjian: an audit-grade ledger of public honours. Every read takes `as_of` (D) and `known_at` (K).")
_ERRORS = "Errors are RFC 9457 problems with a stable `code`; where a rule refused, with its `rule` and `article`."
_DESCRIPTION = "\n\n".join(_ABOUT) + f"\n{_ERRORS}\n"


def create_app(logs: OpenLogs) -> FastAPI:
    """The application over a process's open logs."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        logs.follow()
        yield
        logs.close()

    # No page that loads scripts from another host: the description is /openapi.json.
    app = FastAPI(title=_NAME, version="1", description=_DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.logs = logs
    app.state.reader_tokens = ReaderTokens(logs.settings)
    app.state.doors = workplace.Doors()
    app.state.report_limit = reporting.report_limit()
    app.state.written_pages = public.WrittenPages()
    app.state.shown_pages = KeptUntilTouched()
    app.include_router(statements.router)
    app.include_router(answers.router)
    app.include_router(log_paths.router)
    app.include_router(inspecting.router)
    # Before the public window, whose second segment is the name of a log.
    app.include_router(workplace.router)
    app.include_router(uploading.router)
    app.include_router(workplace_pages.router)
    app.include_router(entrance.router)
    app.include_router(reporting.router)
    app.include_router(public.router)
    app.add_middleware(_Handled)
    app.add_middleware(HeadRequests)
    app.add_exception_handler(RongjianError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_problem)
    _add_health(app, logs)
    return app


def _add_health(app: FastAPI, logs: OpenLogs) -> None:
    readiness = Readiness(logs)

    @app.get("/", tags=[_HEALTH], response_model=object)
    def index(request: Request, response: Response) -> Response | dict[str, object]:
        """从哪里看起。Where to look: the pages for a browser, the paths for a program."""
        if entrance.wants_page(request):
            return entrance.led_in(request)
        response.headers.update(entrance.VARY)
        return {
            "name": _NAME,
            "description": "/openapi.json",
            "vocabulary": "/v1/vocabulary",
            "logs": [
                {
                    "name": log.home.name,
                    "origin": log.ledger.origin,
                    "awards": f"/v1/logs/{log.home.name}/awards",
                    "checkpoint": f"/logs/{log.home.name}/checkpoint",
                }
                for log in logs.all()
            ],
        }

    @app.get(LIVE, tags=[_HEALTH])
    async def live() -> dict[str, str]:
        """进程在运行。The process runs."""
        return {"status": "live"}

    @app.get("/health/ready", tags=[_HEALTH])
    async def ready() -> dict[str, object]:
        """各账本的数据库、提交、空间、时钟、签名、清单是否正常。Whether database, commits, space, clock, signing and register of each log are
        well.
        """
        return {**await readiness.report()}

    @app.get("/v1/logs", tags=[tag(term("tag", "log"))])
    def list_logs() -> dict[str, object]:
        """本服务的账本。The logs of this service; ``not_served`` are those that are not what they should be."""
        served, refused = logs.served()
        return {
            "logs": [
                {
                    "name": log.home.name,
                    "origin": log.ledger.origin,
                    "size": log.ledger.log.head().size,
                    "vkey": str(log.ledger.evidence.verifier_key),
                    "vkeys": [str(k) for k in log.ledger.heads.signer.all_keys],
                }
                for log in served
            ],
            "not_served": [{"name": name, "code": why.code} for name, why in refused.items()],
        }


class _Handled:
    """Around every request: limits and the reader token before anything else, one log line once it is answered.

    It hands on what the server gave it: a layer that makes a task and a stream of each request costs more than a
    statement's decision.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turns = Turns()

    def _turn(self, request: Request) -> AbstractAsyncContextManager[None]:
        """The turn of a request that submits; any other has none to wait for."""
        if request.method != "POST":
            return nullcontext()
        # What is asked for before anything is admitted has none.
        body: bytes = getattr(request.state, "body", b"")
        logs: OpenLogs = request.app.state.logs

        def keys_of(log: str) -> Callable[[str], bool] | None:
            opened = logs.opened(log)
            return (lambda key: opened.ledger.log.has_tag(f"k:{key}")) if opened is not None else None

        who = whose(path_of(request), body, keys_of)
        return self._turns.turn(who, len(body)) if who is not None else nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = _Answer(request, send)
        try:
            if path_of(request) != LIVE:
                receive = await _admitted(request)
            async with self._turn(request):
                await self._app(scope, receive, answer.send)
        except RongjianError as error:
            if answer.begun:
                raise
            await _refusal(request, error)(scope, receive, answer.send)
        except ClientDisconnect:
            # Nobody is there any more to be answered.
            _log.info("client_left", request_id=answer.request_id, method=request.method)
        except Exception:
            _log.exception("request_failed", request_id=answer.request_id, method=request.method)
            if answer.begun:
                # What has begun cannot be taken back; the server ends the connection.
                raise
            await _bug(request, answer.request_id)(scope, receive, answer.send)


class _Answer:
    """What is sent of an answer: its headers have the number of the request, and it is logged as it begins."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self._started = time.monotonic()
        self.request_id = secrets.token_hex(8)
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            headers["X-Content-Type-Options"] = "nosniff"
            request = self._request
            _log.info(
                "request_served",
                request_id=self.request_id,
                method=request.scope.get("asked_with", request.method),
                route=getattr(request.scope.get("route"), "path", None),
                status=message["status"],
                latency_ms=round((time.monotonic() - self._started) * 1000, 1),
            )
        await self._send(message)


async def _admitted(request: Request) -> Receive:
    """Raise what stands against the request, whatever it asks for; returns where its body is read again."""
    if not path_of(request).startswith("/health/"):
        check_host(request)
    _check_text(request)
    # Who holds a session is asked of the database, off the loop that serves everybody.
    await run_in_threadpool(check_reader, request) if request.cookies else check_reader(request)
    if getattr(request.state, "reader", None) is not None:
        await run_in_threadpool(record_reading, request)
    request.state.body = body = await _body(request)
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return unread.pop() if unread else await request.receive()

    return again


def _refusal(request: Request, error: RongjianError, status: int | None = None) -> Response:
    """Pages say it to people, everything else to programs."""
    if entrance.is_page(request):
        return entrance.problem_page(request, error, status)
    return respond_with(error, request, status)


def _bug(request: Request, request_id: str) -> Response:
    """A fault of ours: nothing about its insides, and a number to ask after."""
    error = RongjianError(
        "internal_error",
        sentence(
            "the service failed, request {request_id}; stored data is unharmed, the same id can be tried again",
            request_id=request_id,
        ),
    )
    return _refusal(request, error)


async def _body(request: Request) -> bytes:
    """The body, read no further than its limit."""
    limit = statements.length_limit(path_of(request))
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise statements.too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _check_text(request: Request) -> None:
    """No id holds a NUL, and PostgreSQL takes none: said here once, before it is the database's refusal."""
    if "\0" in path_of(request) or "\0" in unquote(query_of(request)):
        raise MalformedError("bad_request", sentence("the address holds a NUL character"))


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, RongjianError):
        raise InvariantError(f"error is a {type(error).__name__}, no RongjianError")
    return _refusal(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise InvariantError(f"error is a {type(error).__name__}, no RequestValidationError")
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return _refusal(
        request,
        MalformedError("bad_request", sentence("{field}: {message}", field=where, message=first["msg"]), field=where),
    )


async def _http_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise InvariantError(f"error is a {type(error).__name__}, no HTTPException")
    titles = {404: sentence("no such path"), 405: sentence("method not allowed here")}
    told = titles.get(error.status_code) or sentence("the request is wrong: {detail}", detail=error.detail)
    code = {404: "path_unknown", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    said = RongjianError(code, told)
    if error.status_code == 404 and entrance.wants_page(request):
        return entrance.problem_page(request, said, 404)
    response = _refusal(request, said, error.status_code)
    # Which methods there are instead (RFC 9110, 15.5.6).
    response.headers.update(error.headers or {})
    if "GET" in response.headers.get("allow", ""):
        response.headers["allow"] += ", HEAD"
    return response
