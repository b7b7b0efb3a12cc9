"""What readers report of the public pages, for the office to answer and for inspectors to read."""

from __future__ import annotations

from typing import get_args
from urllib.parse import parse_qsl

from api.public.reporting import form_fields, reports_of
from api.rendering.blocks import Content, Link, Members, ReplyForm, Table
from api.rendering.values import moment_in
from api.sentences import sentence, term
from api.workplace.login import check_csrf
from api.workplace.sheets import Desk, Part, Sheet
from api.workplace.visitors import Visitor, require
from ledger.clock import system_clock
from ledger.errors import EvidenceError, MalformedError
from ledger.store.error_reports import Answer, ErrorReport, ErrorReports, Outcome

#: Who answers; they and inspectors read.
ANSWERING = frozenset({"SEC", "SECH"})

#: Reports on one page.
SHOWN = 100

ANSWER_MAX = 2_000

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def reads_reports(visitor: Visitor) -> bool:
    return bool(visitor.roles & ANSWERING) or visitor.inspects


def reports(d: Desk, _: str) -> Sheet:
    """Reports that wait for an answer, each with its form; then those that have one."""
    require(reads_reports(d.visitor), sentence("reports of errors, for the office and inspectors"))
    kept = reports_of(d.log)
    kept.forget(system_clock())
    rows = kept.rows(SHOWN)
    waiting = [_waiting(d, kept, r) for r in rows if r.answer is None]
    answered = [
        (_page(d, r), moment_in(d.place.language, r.received_at), d.word(r.answer.outcome), r.answer.text, r.answer.by)
        for r in rows
        if r.answer is not None
    ]
    heads = [
        sentence("Page"),
        sentence("Received"),
        sentence("Outcome"),
        term("of a report", "Answer"),
        term("who answered", "By"),
    ]
    name = d.say(sentence("Answered"))
    done = [Part(name, Table(name, [d.say(h) for h in heads], answered))] if answered else []
    none = d.none(sentence("No report waits for an answer."))
    return Sheet(
        d.say(sentence("Reports of errors")), [*(waiting or [Part(d.say(sentence("To answer")), none)]), *done]
    )


def _page(d: Desk, report: ErrorReport) -> Content:
    """The page reported, as a link where it is one of this log."""
    path, _, query = report.page.partition("?")
    parts = path.split("/")
    if parts[0] != d.log.home.name:
        return report.page or "—"
    dated = {k: v for k, v in parse_qsl(query) if k in ("as_of", "known_at")}
    return Link(report.page, d.place.to(*parts, **dated))


def _waiting(d: Desk, kept: ErrorReports, report: ErrorReport) -> Part:
    try:
        text, contact = kept.said(report.id)
    except EvidenceError as error:  # One altered row does not hide the others.
        text, contact = d.say((error.zh, error.en)), ""
    body = Members(
        [
            (d.say(sentence("Page")), _page(d, report)),
            (d.say(term("a report", "What it says")), text),
            (d.say(sentence("Contact")), contact or "—"),
        ]
    )
    received = moment_in(d.place.language, report.received_at)
    return Part(
        d.say(sentence("Received {received}, at {known_at} entries", received=received, known_at=report.known_at)),
        (body, _form(d, report)) if d.visitor.roles & ANSWERING else body,
    )


def _form(d: Desk, report: ErrorReport) -> ReplyForm:
    return ReplyForm(
        d.to("reports", report.id),
        d.visitor.session.csrf,
        d.say(sentence("Outcome")),
        [(o, d.word(o)) for o in OUTCOMES],
        d.say(sentence("Answer, as the reporter will read it")),
        ANSWER_MAX,
        d.say(term("of a report", "Answer")),
    )


def settle(d: Desk, report_id: str, body: bytes) -> None:
    """Answer a report. Raises MalformedError, PermissionRefusedError, NotFoundError, ConflictError."""
    given = form_fields(body, ("csrf", "outcome", "answer"))
    check_csrf(d.visitor.session, given["csrf"])
    require(bool(d.visitor.roles & ANSWERING), sentence("answering reports, which is for the secretariat"))
    text, outcome = given["answer"], next((o for o in OUTCOMES if o == given["outcome"]), None)
    if outcome is None or not 0 < len(text) <= ANSWER_MAX:
        raise MalformedError(
            "malformed_answer",
            sentence("an outcome, and an answer of up to {answer_max} characters", answer_max=ANSWER_MAX),
            field="answer",
        )
    reports_of(d.log).settle(report_id, Answer(outcome, text, d.visitor.principal, system_clock()))
