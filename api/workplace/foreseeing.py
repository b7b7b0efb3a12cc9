"""Before signing: what the rules would say of a statement, whom it still needs, what would follow, which flags it would
raise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from api.home.open_logs import OpenLog
from api.inspector.supposing import subjects_of
from api.sentences import sentence
from api.v1.axes import Axes
from api.workplace.names_alike import alike
from api.workplace.visitors import Visitor
from ledger import canonical
from ledger.admission.admit import check_statement
from ledger.clock import shanghai_day
from ledger.disclosure import Opening, parse_opening
from ledger.errors import MalformedError, PermissionRefusedError, RongjianError
from ledger.statement import Statement, parse
from projections.figures import flag_sentence
from projections.inquiry.flag_queue import Wanted, editions_of, flag_queue
from projections.inquiry.hypotheses import Supposed, consequences, suppose

#: What these say changes who may act and under which text, not what follows for a case.
_NO_CONSEQUENCES = frozenset({"identity", "rules"})

#: Rows of a file, and rows in one call: a dry run shows how far it is.
ROWS_MAX = 500
ROWS_AT_ONCE = 25


def foreseen(log: OpenLog, visitor: Visitor, value: Mapping[str, object], now: datetime) -> dict[str, object]:
    """The preview of ``{"statement": {…}, "openings": {…}}``: of an own act, in a role that the visitor holds.

    A visitor who neither inspects nor works for the office is told what follows for the own organisations only, no
    flags: a preview must not show what a page would not. Raises MalformedError where it is no statement.
    """
    statement, openings = _candidate(log, visitor, value, now)
    refusal = log.ledger.submitting.foresee(statement, now, openings)
    seats = [
        {"originator": s.originator, "countersigner": s.countersigner}
        for s in type(statement.payload).SPEC.seats
        if s.originator == statement.role
    ]
    told: dict[str, object] = {
        "type": statement.type,
        "refusal": _said(refusal),
        "seats": seats,
        "consequences": [],
        "flags": [],
        "not_settled": [],
        "names_alike": alike(log.ledger, statement),
    }
    if type(statement.payload).SPEC.phase not in _NO_CONSEQUENCES:
        told |= _followed_by(log, visitor, statement, Axes(shanghai_day(now), log.ledger.size()))
    return told


def foreseen_rows(log: OpenLog, visitor: Visitor, value: Mapping[str, object], now: datetime) -> dict[str, object]:
    """The dry run of ``{"after": [candidate…], "rows": [candidate…]}``: each row as if those before it that may be
    recorded were.

    ``after`` are rows that an earlier call let pass. Per row a refusal or none; then the flags that the rows would
    raise together. A row that is no statement is told with its error, and does not stop the others.
    """
    after, rows = value.get("after"), value.get("rows")
    if value.keys() != {"after", "rows"} or not isinstance(after, list) or not isinstance(rows, list):
        raise MalformedError("malformed_preview", sentence("give after and rows, two lists"), field="rows")
    if len(after) > ROWS_MAX or not 1 <= len(rows) <= ROWS_AT_ONCE:
        raise MalformedError(
            "malformed_preview",
            sentence(
                "up to {rows_max} before, 1 to {rows_at_once} rows at once",
                rows_max=ROWS_MAX,
                rows_at_once=ROWS_AT_ONCE,
            ),
            field="rows",
        )
    size = log.ledger.size()
    accepted = [_candidate(log, visitor, c, now)[0] for c in after]
    before, told = suppose(log.ledger, size, accepted), []
    supposed = before
    for row in rows:
        try:
            statement, openings = _candidate(log, visitor, row, now)
            refusal: RongjianError | None = log.ledger.submitting.foresee(statement, now, openings, supposed.added)
        except MalformedError as error:
            refusal = error
        told.append({"refusal": _said(refusal)})
        if refusal is None:
            accepted.append(statement)
            supposed = suppose(log.ledger, size, accepted)
    tags = {t for s in accepted[len(after) :] for t in s.tags}
    sees = visitor.inspects or visitor.is_office
    return {"rows": told, "flags": _raised(before, supposed, shanghai_day(now), tags) if sees else []}


def _candidate(log: OpenLog, visitor: Visitor, value: object, now: datetime) -> tuple[Statement, dict[str, Opening]]:
    """An own statement with its openings, as a page gives it before it is signed."""
    match value:
        case {"statement": dict(stated), **others} if others.keys() <= {"openings"}:
            given = others.get("openings", {})
        case _:
            given = None
    if not isinstance(given, dict):
        raise MalformedError("malformed_preview", sentence("give statement, and openings"), field="statement")
    openings = {p: parse_opening(p, o) for p, o in given.items()}
    statement = parse(canonical.encode(stated))
    check_statement(statement, log.ledger.origin, openings, now)
    if statement.actor != visitor.principal or statement.role not in visitor.roles:
        raise PermissionRefusedError("not_your_act", sentence("one previews one's own acts only"))
    return statement, openings


def _said(refusal: RongjianError | None) -> dict[str, object] | None:
    if refusal is None:
        return None
    details = {k: v for k, v in refusal.details.items() if v not in (None, "")}
    return {"code": refusal.code, "zh": refusal.zh, "en": refusal.en, **details}


def _followed_by(log: OpenLog, visitor: Visitor, statement: Statement, at: Axes) -> dict[str, object]:
    """What the day's answers become, and flags that were not there before; as far as the visitor may know them."""
    supposed = suppose(log.ledger, at.known_at, [statement])
    if not (visitor.inspects or visitor.is_office):
        own = [("org", o) for o in sorted(visitor.orgs) if f"o:{o}" in statement.tags]
        told = consequences(supposed, at.as_of, own)
        return {"consequences": told["consequences"], "not_settled": told["not_settled"], "flags": []}
    told = consequences(supposed, at.as_of, subjects_of(log, at, statement))
    flags = _raised(suppose(log.ledger, at.known_at, []), supposed, at.as_of, set(statement.tags))
    return {"consequences": told["consequences"], "not_settled": told["not_settled"], "flags": flags}


def _raised(before: Supposed, after: Supposed, on: date, tags: Collection[str]) -> list[dict[str, object]]:
    """Flags of the editions named in ``tags`` that were not there before."""
    raised = []
    earlier, later = editions_of(before, before.end), editions_of(after, after.end)
    for edition in sorted(t[3:] for t in tags if t.startswith("ed:")):
        wanted = Wanted(edition=edition)
        known = {h["id"] for h in flag_queue(before, on, before.end, wanted)["rows"]} if edition in earlier else set()
        found = flag_queue(after, on, after.end, wanted)["rows"] if edition in later else []
        raised += [h for h in found if h["id"] not in known]
    return [
        {
            "flag": h["flag"],
            "severity": h["severity"],
            "name_zh": h["name_zh"],
            "name_en": h["name_en"],
            "articles": h["articles"],
            "zh": flag_sentence(h["flag"], h["zh"]),
            "en": flag_sentence(h["flag"], h["en"]),
        }
        for h in raised
    ]
