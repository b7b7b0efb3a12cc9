"""What went wrong, as a page for people: in their language, with what to do, and when to try again where waiting helps."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from api.problems import error_headers, status_of
from api.public import rendering
from api.public.rendering import LANGUAGES, Place
from ledger.errors import RongjianError, try_again


def written(place: Place, error: RongjianError, template: str = "problem.html", **context: Any) -> str:
    """The page of a refusal, as text; ``status`` in the context replaces the error's own."""
    again = try_again(error)
    said = {"status": status_of(error), "zh": error.zh, "en": error.en} | context
    column = LANGUAGES.index(place.language)
    return rendering.render(template, place, again=again[column] if again else "", **said)


def respond(
    place: Place, error: RongjianError, headers: dict[str, str], status: int | None = None, **context: Any
) -> Response:
    """The page with its status and, where waiting helps, ``Retry-After``; nobody keeps it."""
    code = status_of(error) if status is None else status
    kept = headers | error_headers(error) | {"Cache-Control": "no-store"}
    return Response(written(place, error, status=code, **context), code, kept, "text/html; charset=utf-8")
