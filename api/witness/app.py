"""A witness over HTTP (c2sp.org/tlog-witness): ``POST /add-checkpoint``, and the heads it cosigned.

:class:`InThisProcess` answers the same without a network, for a witness that runs within the service that asks it.
"""

from __future__ import annotations

import httpx
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.problems import error_headers
from api.sentences import sentence
from api.witness.home import WitnessHome
from ledger.errors import (
    EvidenceError,
    MalformedError,
    NotFoundError,
    RongjianError,
    SignatureRefusedError,
    TooLargeError,
    UnavailableError,
)
from ledger.tlog.witness import REQUEST_LENGTH_MAX, SIZE_MEDIA_TYPE, StaleSizeError

_log = structlog.get_logger(__name__)
_TEXT = "text/plain; charset=utf-8"


def create_witness_app(home: WitnessHome) -> FastAPI:
    """The application of one witness."""
    app = FastAPI(title=" ".join(sentence("Rongjian witness")), docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    def who() -> Response:
        """名称与验证密钥。Name and verifier key."""
        return Response(f"{home.cosigner}\n", media_type=_TEXT)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        try:
            body = await _body(request)
            lines = await run_in_threadpool(home.add_checkpoint, body)
        except RongjianError as error:
            _log.info("witness_refused", code=error.code)
            return _refusal(error)
        _log.info("witness_cosigned")
        return Response(lines, media_type=_TEXT)

    @app.get("/{origin_hash}/checkpoint")
    def checkpoint(origin_hash: str) -> Response:
        try:
            return Response(home.checkpoint(origin_hash), media_type=_TEXT, headers={"Cache-Control": "no-cache"})
        except RongjianError as error:
            return _refusal(error)

    return app


class InThisProcess(httpx.BaseTransport):
    """Requests of a client answered by a witness of this process: no port, and nothing that could be taken by
    others.
    """

    def __init__(self, home: WitnessHome) -> None:
        self._home = home

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As ``POST /add-checkpoint`` answers; 404 for anything else."""
        if request.method != "POST" or not request.url.path.endswith("/add-checkpoint"):
            return httpx.Response(404)
        try:
            return httpx.Response(200, content=self._home.add_checkpoint(request.read()))
        except RongjianError as error:
            refusal = _refusal(error)
            return httpx.Response(refusal.status_code, content=bytes(refusal.body))


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > REQUEST_LENGTH_MAX:
            raise TooLargeError(
                "request_too_large",
                sentence("a request has at most {request_length_max} bytes", request_length_max=REQUEST_LENGTH_MAX),
            )
    return body


def _refusal(error: RongjianError) -> Response:
    """The status that the protocol gives each reason."""
    if isinstance(error, StaleSizeError):
        return Response(f"{error.size}\n", 409, media_type=SIZE_MEDIA_TYPE)
    match error:
        case TooLargeError():
            status = 413
        case MalformedError():
            status = 400
        case NotFoundError():
            status = 404
        case SignatureRefusedError():
            status = 403
        case EvidenceError():
            status = 422
        case UnavailableError():
            status = 503
        case _:
            status = 500
    text = f"{error.code}\n{error.zh}\n{error.en}\n"
    return Response(text, status, error_headers(error), _TEXT)
