"""What went wrong, as a page for people: in their language, with what to do, and when to try again where waiting
helps.
"""

from __future__ import annotations

from fastapi import Response

from api.problems import error_headers, status_of
from api.rendering.environment import render
from api.rendering.place import Place
from api.sentences import sentence
from ledger.errors import EvidenceError, RongjianError, UnavailableError, try_again
from ledger.sentences import told_in

#: What a reader is told of a log that is not served; how it is mended is for its operator, in the service's log and
#: /health/ready.
_NOT_SERVED = sentence(
    "This ledger cannot be read at present: its records have to be examined by whoever runs it first. What was "
    "published before is not changed by that; please come back later."
)


def _is_for_operators(error: RongjianError) -> bool:
    """Does it say with which command it is mended?"""
    return error.code == "log_not_served" or (
        isinstance(error, EvidenceError | UnavailableError) and "rongjian " in error.en
    )


def written(place: Place, error: RongjianError, template: str = "problem.html", /, **context: object) -> str:
    """The page of a refusal, as text; ``status`` in the context replaces the error's own."""
    again = try_again(error)
    told = told_in(place.language, _NOT_SERVED if _is_for_operators(error) else error.told)
    said = {"status": status_of(error), "told": told} | context
    return render(template, place, again=again.in_language(place.language) if again else "", **said)


def respond(
    place: Place, error: RongjianError, headers: dict[str, str], status: int | None = None, **context: object
) -> Response:
    """The page with its status and, where waiting helps, ``Retry-After``; nobody keeps it."""
    code = status_of(error) if status is None else status
    kept = headers | error_headers(error) | {"Cache-Control": "no-store"}
    return Response(written(place, error, status=code, **context), code, kept, "text/html; charset=utf-8")
