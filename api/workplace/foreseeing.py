"""Before signing: what the rules would say of a statement, whom it still needs, what would follow, which flags it would raise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.inspector.supposing import subjects_of
from api.open_logs import OpenLog
from api.v1.asking import Axes
from api.workplace.visitors import Visitor
from ledger import canonical
from ledger.admission.admit import check_statement
from ledger.admission.guards import check_guards
from ledger.clock import shanghai_day
from ledger.disclosure import Opening, parse_opening
from ledger.errors import MalformedError, PermissionRefusedError, RefusedError, RongjianError
from ledger.signing.envelope import Envelope
from ledger.statement import Statement, parse
from ledger.submission import Submission
from projections.inquiry.flag_queue import Wanted, editions_of, flag_queue
from projections.inquiry.hypotheses import consequences, suppose

#: What these say changes who may act and under which text, not what follows for a case.
_NO_CONSEQUENCES = frozenset({"identity", "rules"})


def foreseen(log: OpenLog, visitor: Visitor, value: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The preview of ``{"statement": {…}, "openings": {…}}``: of an own act, in a role that the visitor holds.

    Whoever neither inspects nor works for the office is told what follows for its own organisations only, and no flags: a
    preview must not show what a page would not. Raises MalformedError where it is no statement.
    """
    given = value.get("openings", {})
    known = {"statement"} <= value.keys() <= {"statement", "openings"}
    if not known or not isinstance(value["statement"], dict) or not isinstance(given, dict):
        raise MalformedError(
            "malformed_preview", "give statement, and openings", "应给出 statement 与 openings", field="statement"
        )
    openings = {p: parse_opening(p, o) for p, o in given.items()}
    statement = parse(canonical.encode(value["statement"]))
    check_statement(statement, log.ledger.origin, openings, now)
    if statement.actor != visitor.principal or statement.role not in visitor.roles:
        raise PermissionRefusedError(
            "not_your_act", "one previews one's own acts only", "只能预览本人以所任岗位作出的行为"
        )
    refusal = _refusal(log, statement, openings, now)
    seats = [
        {"originator": s.originator, "countersigner": s.countersigner}
        for s in type(statement.payload).SPEC.seats
        if s.originator == statement.role
    ]
    told = {
        "type": statement.type,
        "refusal": _said(refusal),
        "seats": seats,
        "consequences": [],
        "flags": [],
        "not_settled": [],
    }
    if type(statement.payload).SPEC.phase not in _NO_CONSEQUENCES:
        told |= _followed_by(log, visitor, statement, Axes(shanghai_day(now), log.ledger.size()))
    return told


def _refusal(log: OpenLog, statement: Statement, openings: dict[str, Opening], now: datetime) -> RefusedError | None:
    try:
        view, _ = log.ledger.view(statement, Submission(Envelope(statement.body, ()), b"", openings), now)
        check_guards(view)
    except RefusedError as refusal:
        return refusal
    return None


def _said(refusal: RongjianError | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    details = {k: v for k, v in refusal.details.items() if v not in (None, "")}
    return {"code": refusal.code, "zh": refusal.zh, "en": refusal.en, **details}


def _followed_by(log: OpenLog, visitor: Visitor, statement: Statement, at: Axes) -> dict[str, Any]:
    """What the day's answers become, and flags that were not there before; as far as the visitor may know them."""
    supposed = suppose(log.ledger, at.known_at, [statement])
    if not (visitor.inspects or visitor.is_office):
        own = [("org", o) for o in sorted(visitor.orgs) if f"o:{o}" in statement.tags]
        told = consequences(supposed, at.as_of, own)
        return {"consequences": told["consequences"], "not_settled": told["not_settled"], "flags": []}
    told = consequences(supposed, at.as_of, subjects_of(log, at, statement))
    known = editions_of(supposed, at.known_at + 1)
    raised = []
    for edition in (t[3:] for t in statement.tags if t.startswith("ed:") and t[3:] in known):
        wanted = Wanted(edition=edition)
        before = (
            {h["id"] for h in flag_queue(log.ledger, at.as_of, at.known_at, wanted)["rows"]}
            if edition in editions_of(log.ledger, at.known_at)
            else set()
        )
        raised += [h for h in flag_queue(supposed, at.as_of, at.known_at + 1, wanted)["rows"] if h["id"] not in before]
    flags = [{k: h[k] for k in ("flag", "severity", "zh", "en", "name_zh", "name_en", "articles")} for h in raised]
    return {"consequences": told["consequences"], "not_settled": told["not_settled"], "flags": flags}
