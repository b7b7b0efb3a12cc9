"""Errors as RFC 9457 problems: one mapping from the tree of errors to HTTP, with stable codes."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse

from api.languages import FALLBACK, asked_for, tag_of
from ledger.errors import (
    ConflictError,
    EvidenceError,
    GuardRefusedError,
    MalformedError,
    MisdirectedError,
    NotFoundError,
    PermissionRefusedError,
    RongjianError,
    SignatureRefusedError,
    SpoiltError,
    TooLargeError,
    TooManyError,
    UnavailableError,
    UnknownCallerError,
)
from ledger.sentences import told_in

MEDIA_TYPE = "application/problem+json"

#: First match wins; the tree is ordered from special to general.
_STATUS: tuple[tuple[type[RongjianError], int], ...] = (
    (TooLargeError, 413),
    (TooManyError, 429),
    (MalformedError, 400),
    (SignatureRefusedError, 403),
    (PermissionRefusedError, 403),
    (UnknownCallerError, 401),
    (MisdirectedError, 421),
    (GuardRefusedError, 422),
    (NotFoundError, 404),
    (ConflictError, 409),
    (SpoiltError, 503),
    (EvidenceError, 422),
    (UnavailableError, 503),
)


def status_of(error: RongjianError) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_of(error: RongjianError, language: str = FALLBACK) -> dict[str, object]:
    """The problem document: its title in one language, Chinese and English beside it, the code, and rule, article,
    reading, remedy where a rule refused.
    """
    return {
        "type": f"urn:rongjian:problem:{error.code}",
        "title": told_in(language, error.told),
        "status": status_of(error),
        "code": error.code,
        "zh": error.zh,
        "en": error.en,
        **{k: v for k, v in error.details.items() if v is not None and v != ""},
    }


def error_headers(error: RongjianError) -> dict[str, str]:
    """When to try again, where waiting helps (RFC 9110, 10.2.3); how to say who calls, where that is not known (RFC
    6750, 3).
    """
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if isinstance(error, UnknownCallerError):
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return headers


def respond_with(error: RongjianError, request: Request, status: int | None = None) -> JSONResponse:
    """The response to a failed request, in the language that it asks for; ``status`` replaces the error's own."""
    language = asked_for(request)
    code = status_of(error) if status is None else status
    said = {"Content-Language": tag_of(language), "Vary": "Accept-Language"}
    return JSONResponse(problem_of(error, language) | {"status": code}, code, error_headers(error) | said, MEDIA_TYPE)
